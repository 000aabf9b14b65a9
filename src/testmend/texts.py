"""The texts of a project's files, of whatever kind: what rules read of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

NOT_READ = "not-read"
"""The reason of a file that is there, but whose bytes nobody was expected to want."""


class Texts:
    """Files by path relative to the root. ``paths`` are the Python files among them.

    ``read`` gives the bytes of a file, or raises `SourceError`; None: there are none.
    Settings are few, and asked for by many: they are kept.
    """

    def __init__(
        self, paths: Collection[str], read: Callable[[str], bytes] | None
    ) -> None:
        self._paths = paths
        self._read = read
        self._kept: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        """The text of a Python file in UTF-8; None where there is none."""
        return self._text(path) if path in self._paths else None

    def beside(self, path: str) -> str | None:
        """The text of a file of whatever kind, in UTF-8; None where there is none."""
        if path in self._paths:
            return self._text(path)
        if path not in self._kept:
            self._kept[path] = self._text(path)
        return self._kept[path]

    def is_one_there(self, *paths: str) -> bool:
        """Whether one of some files is there, of whatever kind."""
        return any(self._is_there(path) for path in paths)

    def _is_there(self, path: str) -> bool:
        if self._read is None:
            return False
        try:
            self._read(path)
        except SourceError as error:
            return error.reason == NOT_READ
        return True

    def _text(self, path: str) -> str | None:
        if self._read is None:
            return None
        try:
            return self._read(path).decode()
        except (SourceError, UnicodeDecodeError):
            return None
