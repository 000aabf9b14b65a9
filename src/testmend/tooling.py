"""What formatters and linters are told of a project's files, and in which folders.

Their settings are read as data, in the root, in the folders below it that hold files
under work, and in those above it up to the top of the repository: where tools look.
"""

from __future__ import annotations

import posixpath
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend import line_length, linters
from testmend.errors import SourceError
from testmend.line_length import Limits, Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from testmend.linters import Ignored

FILES = tuple(dict.fromkeys((*linters.FILES, *line_length.FILES)))


class Above(Struct, frozen=True):
    """What lies around a root in its repository.

    ``folder`` is the root, and ``files`` are the settings in the folders above it, both
    by path from the top. An empty folder: the root is the top, or there is none.
    """

    folder: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)

    def names(self) -> Iterator[str]:
        """The files that there may be, by path from the top."""
        for folder in PurePosixPath(self.folder).parents if self.folder else ():
            yield from (str(folder / name) for name in FILES)


class Tooling(Struct, frozen=True):
    """What the tools are told; ``folder`` as in `Above`, paths from the root."""

    ignored: tuple[Ignored, ...] = ()
    limits: Limits = field(default_factory=Limits)
    folder: str = ""

    def ignores(self, path: str, codes: Iterable[str]) -> bool:
        """Whether one of the codes is off at a path."""
        whole = self._from_top(path)
        return any(each.covers(whole, codes) for each in self.ignored)

    def lines(self, path: str) -> Lines:
        """The lines of a file, as it should have them."""
        return self.limits.of(self._from_top(path))

    def _from_top(self, path: str) -> str:
        return f"{self.folder}/{path}" if self.folder else path


def read(
    reader: Callable[[str], bytes], paths: Iterable[str], above: Above | None = None
) -> Tooling:
    """What the settings say of ``paths``, files under work.

    ``reader`` raises `SourceError` for a file that does not exist.
    """
    around = above or Above()
    found = dict(around.files)
    for folder in _folders(paths):
        for name in FILES:
            path = posixpath.normpath(f"{folder}/{name}")
            with suppress(SourceError):
                data = reader(path)
                found[f"{around.folder}/{path}" if around.folder else path] = data
    return Tooling(linters.ignored(found), line_length.limits(found), around.folder)


def _folders(paths: Iterable[str]) -> list[str]:
    """The folders that hold files, and those above them as far as the root."""
    folders = {"."}
    for path in paths:
        folder = posixpath.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    return sorted(folders)
