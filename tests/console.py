"""The console script, run for real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCRIPT = Path(sys.executable).with_name("testmend")
_CHECKOUT = Path(__file__).parent.parent / "cli.py"
COMMAND = [str(_SCRIPT)] if _SCRIPT.exists() else [sys.executable, str(_CHECKOUT)]

POLL = b"""\
import time
import unittest


class TestServer(unittest.TestCase):
    def test_starts(self):
        for attempt in range(10):
            if self.server.status == "ACTIVE":
                break
            time.sleep(0.5)
        else:
            self.fail("it did not start")
"""
UNUSED = b"""\
import json
import os


def test_path():
    assert os.sep
"""
CLEAN = b"""\
import os


def test_path():
    assert os.sep
"""
REFUSED = b"""\
import os  # for others


def test_nothing():
    pass
"""
BROKEN = b"def test_nothing(:\n"


def run(
    *arguments: str | bytes,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run it in a folder; ``env`` comes on top of an environment without colour."""
    plain = {key: os.environ[key] for key in os.environ if not key.endswith("_COLOR")}
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        input=stdin,
        env={**plain, **(env or {})},
        capture_output=True,
        check=False,
        timeout=120,
    )


def project(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write a small project, with a project file, and return its folder."""
    for name, data in {"pyproject.toml": b"", **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by path."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
