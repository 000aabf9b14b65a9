"""Patterns in the syntax of ``.gitignore``, and the ignore files of a tree."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from testmend.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MAX_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns that count from the folder ``base``."""

    base: Path
    spec: GitIgnoreSpec

    @classmethod
    def of(cls, base: Path, lines: Iterable[str]) -> Patterns:
        """From lines as they stand in a ``.gitignore``. Raises `ConfigError`."""
        lines = list(lines)
        try:
            return cls(base, GitIgnoreSpec.from_lines(lines))
        except ValueError as error:
            raise ConfigError(f"{lines}: not valid patterns: {error}") from None

    def says(self, path: Path, *, folder: bool = False) -> bool | None:
        """True: a pattern takes the path; False: ``!pattern`` frees it; None: neither.

        ``path`` is absolute.
        """
        try:
            relative = path.relative_to(self.base).as_posix()
        except ValueError:
            return None
        return self.spec.check_file(f"{relative}/" if folder else relative).include

    def match(self, path: Path) -> bool:
        """Whether the patterns take a file."""
        return bool(self.says(path))


class Ignores:
    """The ignore files that count in one folder: its own and those above it."""

    def __init__(self, levels: tuple[Patterns, ...] = ()) -> None:
        self._levels = levels  # the deepest last

    @classmethod
    def above(cls, folder: Path) -> Ignores:
        """Those that count in ``folder``, from the top of its git repository down."""
        places = [folder]
        while not (places[-1] / ".git").exists():
            if places[-1] == places[-1].parent:
                return cls().enter(folder)
            places.append(places[-1].parent)
        top = places[-1]
        ignores = cls().reading(top, top / ".git" / "info" / "exclude")
        for place in reversed(places):
            ignores = ignores.enter(place)
        return ignores

    def enter(self, folder: Path) -> Ignores:
        """Those that count in a folder beneath."""
        return self.reading(folder, folder / ".gitignore")

    def ignored(self, path: Path, *, folder: bool = False) -> bool:
        """Whether git ignores the path. The deepest file that says something decides.

        It is taken for granted that no folder above the path is ignored.
        """
        for level in reversed(self._levels):
            said = level.says(path, folder=folder)
            if said is not None:
                return said
        return False

    def reading(self, base: Path, file: Path) -> Ignores:
        """These and those of a file, whose patterns count from ``base``."""
        lines = _lines(file)
        if not lines:
            return self
        # One bad line must not stop the others: git skips it too.
        good = [line for line in lines if _is_pattern(line)]
        return Ignores((*self._levels, Patterns.of(base, good)))


def _lines(file: Path) -> list[str]:
    """The lines of a small regular file; nothing for anything else."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return []
    with open(descriptor, "rb") as opened:  # noqa: PTH123  a descriptor, not a path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return []
        return os.fsdecode(opened.read(_MAX_BYTES)).split("\n")


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
