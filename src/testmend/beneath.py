"""Folders beneath a root, opened one by one so that no link leads out of it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def opened(
    root: bytes | os.PathLike[str],
    parts: Sequence[str] | Sequence[bytes],
    *,
    make: bool = False,
) -> Iterator[int]:
    """`folder` for as long as it is needed."""
    descriptor = folder(root, parts, make=make)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def folder(
    root: bytes | os.PathLike[str],
    parts: Sequence[str] | Sequence[bytes],
    *,
    make: bool = False,
) -> int:
    """A descriptor of the folder ``parts`` below ``root``, which may itself be a link.

    With ``make`` the folders that are missing are made. Raises `OSError`, for a link
    among the parts as well.
    """
    descriptor = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    try:
        for part in parts:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=descriptor)
            below = os.open(part, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
