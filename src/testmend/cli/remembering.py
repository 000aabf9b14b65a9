"""What `apply` writes, remembered for ``testmend undo``."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from testmend.commits.build import state_folder
from testmend.commits.journal import Journal
from testmend.commits.undo import Recorder
from testmend.git.errors import Refusal
from testmend.git.repository import open_repository, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.model import Changed, NewFile

    Remember = Callable[[str, Changed, tuple[NewFile, ...]], None]


@contextlib.contextmanager
def remembering(root: Path) -> Iterator[Remember]:
    """A function to call before a file is written: path, change, fresh files.

    The record of an earlier run stays as long as this one has written nothing.
    """
    with contextlib.ExitStack() as stack:
        recorder: Recorder | None = None
        prefix = b""

        def remember(path: str, changed: Changed, fresh: tuple[NewFile, ...]) -> None:
            nonlocal recorder, prefix
            if recorder is None:
                journal, prefix = _place(root)
                recorder = stack.enter_context(Recorder.opened(journal))
            for file in fresh:
                name = prefix + os.fsencode(file.path)
                recorder.add(name, None, file.text.encode())
            recorder.add(prefix + os.fsencode(path), changed.before, changed.after)

        yield remember


def _place(root: Path) -> tuple[Journal, bytes]:
    try:
        repository = open_repository(os.fsencode(root))
    except Refusal:
        return outside_git(root), b""
    here = relative(repository, os.fsencode(root / "x"))
    return Journal(state_folder(repository)), here.removesuffix(b"x")


def outside_git(root: Path) -> Journal:
    """The journal of a folder that is in no repository."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    name = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return Journal(os.fsencode(Path(home) / "testmend" / name))
