"""The bundled project: what the README shows is true, and its tests still pass."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from console import contents, run

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "live_migration"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    clean = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(EXAMPLE, tmp_path / "live_migration", ignore=clean)


def suite_passes(folder: Path) -> bool:
    command = [sys.executable, "-B", "-m", "unittest", "discover", "-q", "-t", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert b"Ran 2 tests" in done.stderr, done.stderr.decode()
    return done.returncode == 0


def test_its_suite_passes_before_and_after(example: Path) -> None:
    assert suite_passes(example)
    assert run("apply", cwd=example).returncode == 0
    assert (example / "tests/waits.py").exists()
    assert suite_passes(example)
    after = contents(example)
    assert run("apply", "--check", cwd=example).returncode == 0
    assert contents(example) == after


def test_the_readme_shows_what_happens(example: Path) -> None:
    match = re.search(r"```diff\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert match is not None
    shown = [line for line in match[1].splitlines() if line[:1] in ("+", "-")]
    printed = run("diff", "--exclude", "waits.py", cwd=example).stdout.decode()
    lines = iter(printed.partition("test_live_migration.py\n@@")[2].splitlines())
    assert [line for line in shown if line not in lines] == []  # in this order
