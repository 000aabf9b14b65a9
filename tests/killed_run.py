"""A run of commits that kills itself: at its N-th step that a file system can see.

Started as a process of its own. Every open for writing, rename, link, unlink, folder,
process start and lock is a step; so kills land between any two of them, without a
seam in the code under test.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

_STEPS = {
    *("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"),
    *("subprocess.Popen", "fcntl.flock", "shutil.copyfile", "shutil.rmtree"),
}


def main(checkout: str, plan: str, kill_at: int) -> None:
    from testmend.commits.plan import Wishes
    from testmend.commits.transaction import commit
    from testmend.git.repository import open_repository

    repository = open_repository(os.fsencode(checkout))
    count = 0

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
        if event in _STEPS or writing:
            count += 1
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(step)
    commit(repository, pickle.loads(Path(plan).read_bytes()), Wishes())
    print(count)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
