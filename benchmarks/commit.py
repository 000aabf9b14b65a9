"""What a large commit costs: testmend's transaction, and ``git add`` + ``git commit``.

    python benchmarks/commit.py --tree FOLDER [--runs 5] [--unsafe-fixes]

FOLDER is a copy of a project (nova 20.0.0, say; it is not changed). Its tests are
rewritten once; then the same files with the same bytes are committed in fresh copies of
the same repository, in turns, by both. testmend's time holds everything from opening
the repository to the settled journal, the writing of the files too; git's time holds
``git add`` and ``git commit`` of files that are written already. Seconds of CPU are
those of all processes; on a busy machine they say more than those of the wall.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from testmend.commits.plan import Commit, Plan, Wishes
from testmend.commits.transaction import commit
from testmend.git.repository import open_repository

if TYPE_CHECKING:
    from collections.abc import Callable

_MESSAGE = "testmend: all of it\n"


def expect(holds: bool, what: str) -> None:  # noqa: FBT001  a condition
    """End the measurement if it would not compare the same."""
    if not holds:
        sys.exit(f"not so: {what}")


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Git's output in a folder."""
    call = ["git", "-c", "user.name=A", "-c", "user.email=a@b", *arguments]
    done = subprocess.run(
        call, cwd=folder, check=True, input=stdin, stdout=subprocess.PIPE
    )
    return done.stdout


def repository(tree: Path, folder: Path) -> None:
    """The tree as a repository with one commit, packed as a clone has it."""
    shutil.copytree(tree, folder)
    git(folder, "init", "-q")
    for name, value in (("user.name", "A"), ("user.email", "a@b"), ("gc.auto", "0")):
        git(folder, "config", name, value)
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "base")
    git(folder, "repack", "-adq")


def rewritten(base: Path, folder: Path, flags: list[str]) -> Plan:
    """What testmend changes there, as one commit."""
    shutil.copytree(base, folder)
    subprocess.run(
        [sys.executable, "-m", "testmend", "apply", "-q", *flags],
        cwd=folder,
        check=True,
    )
    git(folder, "add", "-A", "-N")
    names = git(folder, "diff", "--name-only", "-z", "HEAD").split(b"\0")[:-1]
    after = {name: Path(folder, os.fsdecode(name)).read_bytes() for name in names}
    before = {name: Path(base, os.fsdecode(name)) for name in names}
    originals = {n: p.read_bytes() if p.exists() else None for n, p in before.items()}
    shutil.rmtree(folder)
    return Plan((Commit(_MESSAGE, after),), originals)


def by_testmend(folder: Path, plan: Plan) -> str:
    """Commit the plan; the new tree."""
    made = commit(open_repository(os.fsencode(folder)), plan, Wishes())
    expect(not made.left, f"left: {made.left}")
    return "testmend commit"


def by_git(folder: Path, plan: Plan) -> str:
    """Commit files that are written already."""
    names = b"\0".join(plan.originals)
    git(folder, "add", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=names)
    git(folder, "commit", "-q", "-m", _MESSAGE.strip())
    return "git add + git commit"


def cpu() -> float:
    """Seconds of CPU of this process and the children it waited for."""
    return sum(os.times()[:4])


def measured(
    base: Path, folder: Path, plan: Plan, act: Callable[[Path, Plan], str]
) -> tuple[str, tuple[float, float], bytes]:
    """Who it was, seconds (wall, CPU), and the tree committed, in a fresh copy."""
    shutil.copytree(base, folder, symlinks=True)
    if act is by_git:
        for commit_ in plan.commits:
            for name, data in commit_.files.items():
                path = folder / os.fsdecode(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    git(folder, "status", "--porcelain")
    os.sync()
    start, before = time.perf_counter(), cpu()
    who = act(folder, plan)
    seconds = time.perf_counter() - start, cpu() - before
    tree = git(folder, "rev-parse", "HEAD^{tree}")
    expect(not git(folder, "status", "--porcelain"), "nothing is left over")
    git(folder, "fsck", "--strict")
    shutil.rmtree(folder)
    return who, seconds, tree


def main() -> None:
    """Rewrite once, commit in turns, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tree", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--unsafe-fixes", action="store_true")
    args = parser.parse_args()
    flags = ["--unsafe-fixes"] if args.unsafe_fixes else []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        repository(args.tree, work / "base")
        plan = rewritten(work / "base", work / "rewritten", flags)
        seconds: dict[str, list[tuple[float, float]]] = {}
        for _ in range(args.runs):
            trees = set()
            for act in (by_testmend, by_git):
                who, took, tree = measured(work / "base", work / "copy", plan, act)
                seconds.setdefault(who, []).append(took)
                trees.add(tree)
            expect(len(trees) == 1, "both make the same tree")
    print(f"{len(plan.originals)} files")
    print("| who | median s | median CPU s | each |\n| --- | --- | --- | --- |")
    medians = []
    for who, each in seconds.items():
        wall, busy = (statistics.median(times) for times in zip(*each, strict=True))
        medians.append((wall, busy))
        walls = " ".join(f"{second:.2f}" for second, _ in each)
        print(f"| {who} | {wall:.2f} | {busy:.2f} | {walls} |")
    wall, busy = (ours / theirs for ours, theirs in zip(*medians, strict=True))
    print(f"ratio {wall:.2f}, of CPU {busy:.2f}")


if __name__ == "__main__":
    main()
