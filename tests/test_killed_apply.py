"""Invariant 5: killed at any moment, ``apply`` leaves each file whole, old or new.

``TESTMEND_KILLS=300`` asks for more kills than the suite makes.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import checkouts
import console
import pytest

KILLS = int(os.environ.get("TESTMEND_KILLS", "16"))
FILES = 6
_DRIVER = Path(__file__).parent / "killed_command.py"


def _project(path: Path) -> Path:
    """Files that lose an import or get the wait helper, with modes of their own."""
    files = {f"tests/{n % 3}/test_{n}.py": console.UNUSED for n in range(FILES)}
    files |= {f"tests/poll/test_{n}.py": console.POLL for n in range(2)}
    console.project(path, files)
    (path / "tests/0/test_0.py").chmod(0o755)
    (path / "tests/1/test_1.py").chmod(0o640)
    return path


def _start(folder: Path, state: Path, kill_at: int | str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, _DRIVER, str(kill_at), "apply", "-q", "-j", "1"],
        cwd=folder,
        env={
            **checkouts.ENVIRONMENT,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "XDG_STATE_HOME": str(state),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return checkouts.files(checkouts.Checkout(folder))


@pytest.mark.parametrize("git", [True, False], ids=["git", "no-git"])
def test_each_file_is_whole_old_or_new(tmp_path: Path, *, git: bool) -> None:
    whole = _project(tmp_path / "whole")
    before = _files(whole)
    if git:
        checkouts.new(whole)
    process = _start(whole, tmp_path / "state", 0)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    steps = int(err.split()[-1])
    after = _files(whole)
    assert {name for name in after if after[name] != before.get(name)} == {
        *(name for name in before if "test_" in name),
        "tests/poll/testmend_waits.py",
    }
    chance = random.Random(5)  # noqa: S311  no secret
    mixed = 0
    for number in range(KILLS // 2):
        folder = _project(tmp_path / str(number))
        if git:
            checkouts.new(folder)
        process = _start(folder, tmp_path / "state", chance.randint(1, steps))
        process.communicate(timeout=120)
        assert process.returncode in (0, -signal.SIGKILL)
        now = _files(folder)
        strays = {name for name in now if name.endswith(".tmp")}
        for name in now.keys() - strays:
            assert now[name] in (before.get(name), after.get(name)), name
        assert now.keys() - strays >= before.keys()
        changed = {
            name for name in now.keys() - strays if now[name] != before.get(name)
        }
        mixed += 0 < len(changed) < FILES
        # Taken back, or brought to its end, nothing is left of the kill.
        again = "undo" if number % 2 else "apply"
        state = {"XDG_STATE_HOME": str(tmp_path / "state")}
        done = console.run(again, cwd=folder, env=state)
        if again == "apply":
            assert done.returncode == 0, done.stderr
            assert _files(folder) == after
        elif done.returncode == 0:
            assert _files(folder) == before
        else:  # it was killed before it had written anything
            assert b"no run of testmend" in done.stderr
            assert not changed
            assert not strays
    assert mixed
