"""The user's index brought up to date, entry by entry, under its own lock.

A copy is changed and moved into place while ``index.lock`` is held. The lock is a
second name of a file in the journal: so a later run knows a lock of ours from others.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from typing import TYPE_CHECKING

from testmend.git.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.commits.moves import FileMove
    from testmend.git.repository import Repository

_PATIENCE = 10.0
_PAUSE = 0.05


def release(repository: Repository, folder: bytes) -> None:
    """Remove the lock of the user's index if a killed run of ours left it."""
    lock, ours = repository.index + b".lock", os.path.join(folder, b"user.lock")
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.lstat(lock), os.lstat(ours)):
            os.unlink(lock)


def update(repository: Repository, folder: bytes, files: Sequence[FileMove]) -> None:
    """Move the entries that are as expected; all others stay what they are.

    Raises `Refusal` (``index-locked``) when another git command does not let go.
    """
    with _locked(repository, folder):
        now = repository.tracked({each.path for each in files})
        lines = []
        for each in files:
            entry = now.get(each.path)
            if (
                None if entry is None else (entry.mode, entry.oid)
            ) != each.entry_before:
                continue
            if each.entry_after != each.entry_before:
                null = ("0", "0" * len((each.entry_before or ("", "0" * 40))[1]))
                mode, oid = each.entry_after or null
                lines.append(f"{mode} {oid} 0\t".encode() + each.path + b"\0")
        copy = os.path.join(folder, b"index.user")
        for name in (copy, copy + b".lock"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
        if os.path.exists(repository.index):
            shutil.copy(repository.index, copy)
        git = repository.git.with_index(copy)
        git.run("update-index", "-z", "--add", "--index-info", stdin=b"".join(lines))
        git.run("update-index", "-q", "--refresh", ok=(0, 1))
        descriptor = os.open(copy, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        os.replace(copy, repository.index)


@contextlib.contextmanager
def _locked(repository: Repository, folder: bytes) -> Iterator[None]:
    lock, ours = repository.index + b".lock", os.path.join(folder, b"user.lock")
    with open(ours, "ab"):
        pass
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            os.link(ours, lock)
        except FileExistsError:
            if time.monotonic() > deadline:
                message = (
                    "another git command holds the index; run testmend again later"
                )
                raise Refusal("index-locked", message) from None
            time.sleep(_PAUSE)
        else:
            break
    try:
        yield
    finally:
        os.unlink(lock)
