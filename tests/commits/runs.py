"""Runs of commits for tests, and git's own doing to compare them with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from checkouts import ENVIRONMENT, Checkout, new

from testmend.commits.plan import Commit, Committed, Plan, Wishes
from testmend.commits.transaction import commit
from testmend.git.repository import open_repository

if TYPE_CHECKING:
    from collections.abc import Mapping

A, B, NEW = b"tests/test_a.py", b"tests/sub/test_b.py", b"tests/helper.py"
BEFORE = {A: b"import os\n\nx = 1\n", B: b"y = 1\n"}


def base(path: Path, *options: str) -> Checkout:
    """A repository with the plan's files and others."""
    checkout = new(path, *options)
    for name, data in BEFORE.items():
        checkout.write(name, data)
    checkout.write("other/far.py", b"far\n")
    checkout.write("mine.py", b"one\n")
    checkout.commit_all()
    return checkout


def users_changes(checkout: Checkout) -> None:
    """What a user has in the works: staged, dirty and untracked."""
    checkout.write("mine.py", b"staged\n")
    checkout.git("add", "mine.py")
    checkout.write("mine.py", b"staged, then dirty\n")
    checkout.write("untracked.py", b"untracked\n")


def small_plan(end: bytes = b"\n", before: Mapping[bytes, bytes] | None = None) -> Plan:
    """Two commits: one file, then both and a new one."""
    before = BEFORE if before is None else before
    first = {A: before[A].replace(b"import os" + end + end, b"")}
    second = {A: first[A] + b"z = 2" + end, B: b"y = 2" + end, NEW: b"h = 1\n"}
    commits = (Commit("one: first\n\nbody\n", first), Commit("two: second\n", second))
    return Plan(commits, {**before, NEW: None})


def run(checkout: Checkout, plan: Plan, wishes: Wishes | None = None) -> Committed:
    repository = open_repository(os.fsencode(checkout.path))
    return commit(repository, plan, wishes or Wishes())


def by_git(checkout: Checkout, plan: Plan) -> list[str]:
    """The same with ``git add`` and ``git commit``: the commits' ids, oldest first."""
    made = []
    for each in plan.commits:
        for path, data in each.files.items():
            checkout.write(path, data)
        names = [os.fsdecode(path) for path in each.files]
        checkout.git("add", "--", *names)
        message = each.message.encode()
        checkout.git("commit", "-q", "-F", "-", "--", *names, stdin=message)
        made.append(checkout.git("rev-parse", "HEAD").decode().strip())
    return made


def copied(checkout: Checkout, where: Path) -> Checkout:
    shutil.copytree(checkout.path, where, symlinks=True)
    return Checkout(where)


def start(
    checkout: Checkout, plan: Path | str, kill_at: int | str
) -> subprocess.Popen[bytes]:
    """A process of its own that makes a plan's commits (or undoes) and kills itself."""
    driver = Path(__file__).parent.parent / "killed_run.py"
    return subprocess.Popen(
        [sys.executable, driver, checkout.path, plan, str(kill_at)],
        env={**ENVIRONMENT, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
