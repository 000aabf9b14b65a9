"""A page on disk: whole or not at all, and never over something that is none."""

from __future__ import annotations

import os
from secrets import token_hex
from typing import TYPE_CHECKING

from testmend.errors import UsageError
from testmend.reports.html.page import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def check(target: Path) -> None:
    """Raise `UsageError` unless a page may be written there.

    It may where nothing is, and over an earlier page.
    """
    try:
        if not os.path.lexists(target):
            if not target.parent.is_dir():
                raise UsageError(f"--html: no such folder: {target.parent}")
            return
        if target.is_symlink() or not target.is_file():
            raise UsageError(f"--html: not a regular file: {target}")
        with target.open("rb") as stream:
            if stream.read(len(HEAD)) != HEAD.encode():
                raise UsageError(f"--html: not a page of testmend, left: {target}")
    except OSError as error:
        raise UsageError(f"--html: {target}: {error.strerror}") from error


def save(target: Path, pieces: Iterable[str]) -> None:
    """Write a page beside its place, then move it there. Raises `UsageError`."""
    temporary = target.parent / f".testmend-{token_hex(8)}.tmp"
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except OSError as error:
        raise UsageError(f"--html: {target}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        check(target)
        temporary.replace(target)
    except OSError as error:
        raise UsageError(f"--html: {target}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
