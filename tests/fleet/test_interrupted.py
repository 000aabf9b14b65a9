"""Ctrl-C: soon, without processes left behind, and the work goes on later."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import console
import servers
from campaigns import FOLDER, Fleet


def of_git(folder: Path) -> list[bytes]:
    """The git processes that work for a mirror in a folder."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                command = (place / "cmdline").read_bytes()
                where = (place / "environ").read_bytes()
            except OSError:
                continue
            if command and bytes(folder) in where and b"GIT_DIR=" in where:
                found.append(command)
    return found


def test_an_interrupted_run_ends_soon_and_goes_on_later(fleet: Fleet) -> None:
    fleet.repository("alpha")
    with servers.silent() as endless:
        fleet.manifest(
            FOLDER
            + f'[[repositories]]\nurl = "git://{endless}/x.git"\nname = "endless"\n'
            + f'[hosts."{endless}"]\ninsecure = true\n'
        )
        with subprocess.Popen(
            [*console.COMMAND, "bulk", "run", "waits.toml", "--mirrors", "mirrors",
             "-j", "2", "--format", "json"],
            cwd=fleet.path,
            stdout=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["name"] == "alpha"
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        assert not of_git(fleet.path / "mirrors")
    rows = fleet.status()
    assert rows["alpha"]["state"] == "committed"
    assert rows["endless"]["state"] == "queued"
    fleet.repository("beta")
    fleet.manifest(FOLDER)
    assert fleet.bulk("resume").returncode == 0
    assert {row["state"] for row in fleet.status().values()} == {"committed"}


def test_two_runs_of_one_campaign_exclude_each_other(fleet: Fleet) -> None:
    with servers.silent() as endless:
        fleet.repository("alpha")
        fleet.manifest(
            FOLDER
            + f'[[repositories]]\nurl = "git://{endless}/x.git"\nname = "endless"\n'
            + f'[hosts."{endless}"]\ninsecure = true\n'
        )
        with subprocess.Popen(
            [*console.COMMAND, "bulk", "run", "waits.toml", "--mirrors", "mirrors",
             "--format", "json"],
            cwd=fleet.path,
            stdout=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            process.stdout.readline()
            second = fleet.bulk("run")
            assert fleet.bulk("status").returncode == 0
            process.send_signal(signal.SIGINT)
            process.wait(30)
    assert second.returncode == 2
    assert b"another testmend works on this campaign" in second.stderr
