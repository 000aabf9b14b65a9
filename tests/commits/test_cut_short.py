"""After a killed run: what the next command does, and what it says."""

from __future__ import annotations

import pickle
import signal
from typing import TYPE_CHECKING

import checkouts
import console
import pytest
from commits.runs import base, small_plan, start, users_changes

if TYPE_CHECKING:
    from pathlib import Path

    from checkouts import Checkout

BEFORE_THE_COMMIT_POINT = "state.tmp:2"
BEFORE_ANYTHING = "state.tmp:1"
AFTER_THE_COMMIT_POINT = "index.user:1"


def _killed(checkout: Checkout, scratch: Path, kill_at: str) -> None:
    plan = scratch / "plan"
    plan.write_bytes(pickle.dumps(small_plan()))
    _wait(checkout, plan, kill_at)


def _wait(checkout: Checkout, plan: Path | str, kill_at: str) -> None:
    process = start(checkout, plan, kill_at)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL


def _repository(path: Path) -> Checkout:
    """One in which something was applied, and a hook looks at files."""
    checkout = base(path)
    checkout.write("pyproject.toml", b"")
    checkout.write("tests/test_unused.py", console.UNUSED)
    checkout.commit_all()
    checkout.hook("pre-commit", "exit 0")
    users_changes(checkout)
    assert (
        console.run("apply", "tests/test_unused.py", cwd=checkout.path).returncode == 0
    )
    assert checkout.read("tests/test_unused.py") == console.CLEAN
    return checkout


@pytest.mark.parametrize("kill_at", [BEFORE_ANYTHING, BEFORE_THE_COMMIT_POINT])
def test_undo_takes_back_the_killed_run_and_not_the_one_before(
    tmp_path: Path, kill_at: str
) -> None:
    checkout = _repository(tmp_path / "repository")
    before = checkouts.snapshot(checkout)
    _killed(checkout, tmp_path, kill_at)
    undone = console.run("undo", cwd=checkout.path)
    assert undone.returncode == 0
    assert b"cut short" in undone.stderr
    assert checkouts.snapshot(checkout) == before
    assert console.run("undo", cwd=checkout.path).returncode == 0
    assert checkout.read("tests/test_unused.py") == console.UNUSED


def test_undo_takes_back_a_run_that_was_killed_behind_its_commit_point(
    tmp_path: Path,
) -> None:
    checkout = _repository(tmp_path / "repository")
    before = checkouts.snapshot(checkout)
    _killed(checkout, tmp_path, AFTER_THE_COMMIT_POINT)
    assert len(checkout.log()) == 4
    assert console.run("undo", cwd=checkout.path).returncode == 0
    assert checkouts.snapshot(checkout) == before


@pytest.mark.parametrize("kill_at", [BEFORE_ANYTHING, AFTER_THE_COMMIT_POINT])
def test_a_killed_undo_is_brought_to_its_end_by_the_next(
    tmp_path: Path, kill_at: str
) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    before = checkouts.snapshot(checkout)
    plan = tmp_path / "plan"
    plan.write_bytes(pickle.dumps(small_plan()))
    process = start(checkout, plan, 0)
    process.communicate(timeout=120)
    assert process.returncode == 0
    _wait(checkout, "", kill_at)
    console.run("undo", cwd=checkout.path)
    console.run("undo", cwd=checkout.path)
    assert checkouts.snapshot(checkout) == before


def test_apply_settles_a_killed_run_first(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.write("pyproject.toml", b"")
    checkout.commit_all()
    checkout.write("tests/test_unused.py", console.UNUSED)
    checkout.hook("pre-commit", "exit 0")
    before = checkouts.files(checkout)
    _killed(checkout, tmp_path, BEFORE_THE_COMMIT_POINT)
    assert checkouts.files(checkout) != before
    applied = console.run("apply", "tests/test_unused.py", cwd=checkout.path)
    assert applied.returncode == 0
    assert b"taken back" in applied.stderr
    assert checkout.read("tests/test_unused.py") == console.CLEAN
    now = checkouts.files(checkout)
    del now["tests/test_unused.py"], before["tests/test_unused.py"]
    assert now == before


def test_a_killed_apply_leaves_nothing_lying_about(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.write("tests/test_unused.py", console.UNUSED)
    journal = checkout.path / ".git/testmend/run"
    journal.mkdir(parents=True)
    head = b'["tests/test_unused.py", %d, 4]\n' % len(console.UNUSED)
    (journal / "apply.log").write_bytes(head + console.UNUSED + b"new\n" + b'["cut')
    stray = checkout.write("tests/.testmend-0123456789abcdef.tmp", b"half")
    mine = checkout.write("tests/.testmend-mine.tmp", b"mine")
    assert console.run("undo", cwd=checkout.path).returncode == 0
    assert not stray.exists()
    assert mine.exists()
    assert checkout.read("tests/test_unused.py") == console.UNUSED
