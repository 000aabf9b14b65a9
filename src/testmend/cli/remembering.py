"""What `apply` writes, remembered for ``testmend undo``."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from testmend.cli import console
from testmend.commits.journal import Journal
from testmend.commits.transaction import opened
from testmend.commits.undo import Recorder, opened_folder
from testmend.git.errors import Refusal
from testmend.git.names import shown
from testmend.git.repository import open_repository, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.commits.finish import Recovered
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
                journal, prefix = stack.enter_context(_opened(root))
                recorder = stack.enter_context(Recorder.opened(journal))
            for file in fresh:
                name = prefix + os.fsencode(file.path)
                recorder.add(name, file.original, file.text.encode())
            recorder.add(prefix + os.fsencode(path), changed.before, changed.after)

        yield remember


@contextlib.contextmanager
def _opened(root: Path) -> Iterator[tuple[Journal, bytes]]:
    """The journal for a folder, locked and settled, and the folder's path in it."""
    try:
        repository = open_repository(os.fsencode(root))
    except Refusal:
        journal = outside_git(root)
        with opened_folder(os.fsencode(root), journal) as settled:
            _tell(settled)
            yield journal, b""
    else:
        here = relative(repository, os.fsencode(root / "x"))
        with opened(repository) as site:
            _tell(site.settled)
            yield site.journal, here.removesuffix(b"x")


def _tell(settled: Recovered | None) -> None:
    for note in settled.notes if settled else ():
        console.say(f"testmend: {shown(note)}")


def outside_git(root: Path) -> Journal:
    """The journal of a folder that is in no repository."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    name = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return Journal(os.fsencode(Path(home) / "testmend" / name))
