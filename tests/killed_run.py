"""A run that kills itself: at its N-th step that a file system can see.

Started as a process of its own. Every open for writing, rename, link, unlink, folder,
process start and lock is a step; so kills land between any two of them, without a
seam in the code under test. ``NAME:N`` kills at the N-th rename of a file of that name.
With a plan its commits are made, without one the last run is taken back.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from testmend.commits.plan import Wishes
from testmend.commits.transaction import commit
from testmend.commits.undo import undo
from testmend.git.repository import open_repository

if TYPE_CHECKING:
    from collections.abc import Callable

_STEPS = {
    *("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"),
    *("subprocess.Popen", "fcntl.flock", "shutil.copyfile", "shutil.rmtree"),
}


def die_at(kill_at: str) -> Callable[[], int]:
    """Kill this process at that step; a function that says how many there were."""
    name, _, number = kill_at.rpartition(":")
    count = 0

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
        if name:
            counts = (
                event == "os.rename" and Path(os.fsdecode(arguments[0])).name == name
            )
        else:
            counts = event in _STEPS or bool(writing)
        if counts:
            count += 1
            if count == int(number):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    return lambda: count


def main(checkout: str, plan: str, kill_at: str) -> None:
    repository = open_repository(os.fsencode(checkout))
    work = pickle.loads(Path(plan).read_bytes()) if plan else None  # noqa: S301  ours
    steps = die_at(kill_at)
    if work is None:
        undo(repository)
    else:
        commit(repository, work, Wishes())
    sys.stdout.write(str(steps()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])
