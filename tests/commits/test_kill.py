"""Killed at any moment, a run is all there or not there after the next start.

``TESTMEND_KILLS=300`` asks for more kills than the suite makes, and
``TESTMEND_KILL_TREE=FOLDER`` for the Python files of a real tree.
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import checkouts
import pytest
from checkouts import Checkout, snapshot
from commits.runs import start

from testmend.commits.plan import Commit, Plan
from testmend.commits.transaction import opened
from testmend.git.repository import open_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLS = int(os.environ.get("TESTMEND_KILLS", "16"))
TREE = os.environ.get("TESTMEND_KILL_TREE", "")
_REFORMAT = """\
for f in $(git diff --cached --name-only); do
    printf '# formatted\\n' >> "$f"; git add -- "$f"
done"""


def _user_at_work(path: Path) -> tuple[Checkout, Plan]:
    """A tree with a stash, staged, unstaged and untracked changes, and a plan."""
    checkout = checkouts.new(path)
    originals: dict[bytes, bytes | None] = {}
    for name, data in _sources():
        checkout.write(name, data)
        originals[name] = data
    for mine in ("mine/staged.py", "mine/dirty.py", "mine/both.py"):
        checkout.write(mine, b"one\n")
    checkout.commit_all()
    checkout.git("gc", "-q")  # as after a clone: objects lie in packs
    checkout.write("mine/dirty.py", b"stashed\n")
    checkout.git("stash")
    checkout.write("mine/staged.py", b"staged\n")
    checkout.write("mine/both.py", b"staged\n")
    checkout.git("add", "mine")
    checkout.write("mine/both.py", b"staged, then dirty\n")
    checkout.write("mine/dirty.py", b"dirty\n")
    checkout.write("mine/untracked.py", b"untracked\n")
    checkout.git("update-index", "--assume-unchanged", _first())
    originals.pop(os.fsencode(_first()))
    half = sorted(originals)[: len(originals) // 2]
    first = {name: b"# first\n" + (originals[name] or b"") for name in half}
    both = {
        name: b"# second\n" + first.get(name, originals[name] or b"")
        for name in originals
    }
    new = {b"tests/helper.py": b"# new\n"}
    originals |= {b"tests/helper.py": None}
    commits = (Commit("first\n", first), Commit("second\n", both | new))
    return checkout, Plan(commits, originals)


def _first() -> str:
    return os.fsdecode(next(name for name, _ in _sources()))


def _sources() -> Iterator[tuple[bytes, bytes]]:
    if not TREE:
        for number in range(9):
            yield b"tests/%d/test_it.py" % (number % 3 + number), b"x = %d\n" % number
        return
    for path in sorted(Path(TREE).rglob("*.py")):
        if path.stat().st_size:
            yield os.fsencode(path.relative_to(TREE)), path.read_bytes()


def _descendants(pid: int) -> list[int]:
    """The children of a process and theirs (they have sessions of their own)."""
    found = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    for child in map(int, children):
        found += [child, *_descendants(child)]
    return found


def _flat(part: object) -> set[str]:
    if isinstance(part, dict):
        return {f"{key}: {value!r:.200}" for key, value in part.items()}
    return set(repr(part).replace("\\x00", "\n").replace("\\n", "\n").split("\n"))


@pytest.mark.parametrize("hook", ["", _REFORMAT], ids=["plain", "hook-reformats"])
def test_a_killed_run_is_all_or_nothing(tmp_path: Path, hook: str) -> None:
    pristine, plan = _user_at_work(tmp_path / "pristine")
    if hook:
        pristine.hook("pre-commit", hook)
    plan_file = tmp_path / "plan"
    plan_file.write_bytes(pickle.dumps(plan))

    def fresh() -> Checkout:
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(pristine.path, work, symlinks=True)
        checkout = Checkout(work)
        checkout.git("status")
        return checkout

    checkout = fresh()
    before = snapshot(checkout)
    whole = start(checkout, plan_file, 0)
    out, err = whole.communicate(timeout=120)
    assert whole.returncode == 0, err
    steps = int(out)
    after = snapshot(checkout)
    assert checkout.log()[:2] == ["second", "first"]
    seen = {"before": 0, "after": 0}
    chance = random.Random(7)  # noqa: S311  no secret
    for number in range(KILLS // 2):
        checkout = fresh()
        if number % 3 == 2:  # at random, git and all
            process = start(checkout, plan_file, 0)
            try:
                process.wait(timeout=chance.uniform(0.1, 0.9) * (4 if TREE else 1))
            except subprocess.TimeoutExpired:
                family = [process.pid, *_descendants(process.pid)]
                for pid in family[: chance.choice([1, len(family)])]:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        continue
        else:
            # Closer to each other towards the end, where the commit point is.
            left = (1 - number / (KILLS // 2)) ** 2
            process = start(checkout, plan_file, 1 + int(steps * (1 - left)))
        process.communicate(timeout=120)
        with opened(open_repository(os.fsencode(checkout.path))):
            pass
        now = snapshot(checkout)
        wrong = {
            key: sorted(_flat(now[key]) ^ _flat(before[key]))[:6]
            for key in now
            if now[key] != before[key]
        }
        assert now in (before, after), f"kill {number} of {steps} steps: {wrong}"
        seen["before" if now == before else "after"] += 1
        checkout.git("fsck", "--strict")
    sys.stdout.write(f"{KILLS // 2} kills in {steps} steps: {seen}\n")
    assert seen["before"]
    assert seen["after"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_kill_while_the_journal_is_written_again(tmp_path: Path, number: int) -> None:
    """The state on disk belongs to the data beside it, even between two states."""
    checkout, plan = _user_at_work(tmp_path / "work")
    checkout.hook("pre-commit", _REFORMAT)
    checkout.git("status")
    before = snapshot(checkout)
    plan_file = tmp_path / "plan"
    plan_file.write_bytes(pickle.dumps(plan))
    process = start(checkout, plan_file, f"state.tmp:{number}")
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    with opened(open_repository(os.fsencode(checkout.path))):
        pass
    assert snapshot(checkout) == before
