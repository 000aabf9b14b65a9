"""The settings of the packages that a file may be part of."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index

_FILES = ("pyproject.toml", "setup.cfg", "setup.py")


def above(index: Index, path: str) -> Iterator[tuple[PurePosixPath, list[str]]]:
    """Each folder above a file, the nearest first, and what its settings say.

    The text of a file that is not there is empty.
    """
    for folder in PurePosixPath(path).parents:
        yield folder, [index.beside(str(folder / each)) or "" for each in _FILES]
