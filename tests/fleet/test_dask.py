"""The same commits from a Dask cluster, also when one of its workers is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import console
import pytest
from campaigns import FOLDER, Fleet
from killed_campaign import made_up, workers

pytest.importorskip("distributed")


def tips(fleet: Fleet, state: str) -> dict[str, str]:
    shown = fleet.bulk("status", "--format", "json", "--state", state).stdout
    rows = [json.loads(line) for line in shown.splitlines()]
    return {row["name"]: row["tip"] for row in rows}


def test_a_killed_worker_changes_nothing(fleet: Fleet) -> None:
    for number, files in enumerate(made_up(12)):
        fleet.repository(f"r{number}", files)
    fleet.manifest(FOLDER)
    assert fleet.bulk("run").returncode == 0
    arguments = ["waits.toml", "--mirrors", "other", "--state", "other.campaign"]
    with subprocess.Popen(
        [*console.COMMAND, "bulk", "run", *arguments, "-j", "2",
         "--executor", "dask", "--format", "json"],
        cwd=fleet.path,
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert first["result"] == "committed"
        killed = workers(process.pid)
        assert killed
        os.kill(killed[0], signal.SIGKILL)
        rest = [json.loads(line) for line in process.stdout]
        assert process.wait(120) == 0
    assert len(rest) == 11
    assert tips(fleet, "other.campaign") == tips(fleet, "waits.campaign")


def test_a_scheduler_that_is_not_there_is_named(fleet: Fleet) -> None:
    fleet.repository("alpha")
    fleet.manifest()
    done = fleet.bulk("plan", "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 2
    assert b"--executor dask" in done.stderr
