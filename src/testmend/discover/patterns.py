"""Patterns in the syntax of ``.gitignore``, and the ignore files of a tree."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from msgspec import Struct
from pathspec import GitIgnoreSpec, RegexPattern

from testmend.errors import ConfigError

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_MAX_BYTES = 2**20
_SLASH = "ps_d"  # pathspec's name for the slash after a folder that matched


class Patterns(Struct, frozen=True):
    """Patterns that count from ``base``. One of a folder takes what is in it."""

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

    def match(self, path: Path | str) -> bool:
        """Whether the patterns take a file, given by its absolute path."""
        relative = _relative(path, self.base)
        return relative is not None and self.spec.match_file(relative)


class _Level(Struct, frozen=True):
    """One ignore file. Its patterns are about an entry itself, not what is in it."""

    base: Path
    patterns: tuple[tuple[re.Pattern[str], bool], ...]  # the last that matches decides

    def says(self, path: Path, *, folder: bool) -> bool | None:
        """True: ignored; False: ``!pattern`` takes it back; None: not mentioned."""
        relative = _relative(path, self.base)
        if relative is None:
            return None
        for regex, ignored in reversed(self.patterns):
            if _names(regex, relative) or (folder and _ends(regex, f"{relative}/")):
                return ignored
        return None


def _names(regex: re.Pattern[str], path: str) -> bool:
    """Whether a pattern takes a path, and not a folder above it."""
    found = regex.search(path)
    return found is not None and found.groupdict().get(_SLASH) is None


def _ends(regex: re.Pattern[str], path: str) -> bool:
    """Whether a pattern takes the folder that a path with a slash at its end names."""
    found = regex.search(path)
    if found is None or found.groupdict().get(_SLASH) is None:
        return False
    return found.end(_SLASH) == len(path)


def _relative(path: Path | str, base: Path) -> str | None:
    """A path as seen from a folder above it; None: it is not beneath."""
    whole = path if isinstance(path, str) else path.as_posix()
    above = base.as_posix().rstrip("/") + "/"
    if f"{whole}/" == above:
        return "."
    return whole.removeprefix(above) if whole.startswith(above) else None


class Ignores:
    """The ignore files that count in one folder: its own and those above it."""

    def __init__(self, levels: tuple[_Level, ...] = ()) -> None:
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

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self._levels)

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
        return self.with_lines(base, _lines(file))

    def with_lines(self, base: Path, lines: Iterable[str]) -> Ignores:
        """These and the patterns on these lines, which count from ``base``."""
        patterns = tuple(_compiled(lines))
        return Ignores((*self._levels, _Level(base, patterns))) if patterns else self


def _compiled(lines: Iterable[str]) -> Iterator[tuple[re.Pattern[str], bool]]:
    for line in lines:
        try:
            patterns = GitIgnoreSpec.from_lines([line]).patterns
        except ValueError:  # git skips a bad line too
            continue
        for pattern in patterns:
            if isinstance(pattern, RegexPattern) and pattern.regex is not None:
                yield pattern.regex, bool(pattern.include)


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
