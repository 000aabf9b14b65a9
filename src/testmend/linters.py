"""What a project's own linter configuration ignores, and where.

Read as data from flake8's, ruff's and pylint's files, wherever they are; nothing of
them is run. A file that can't be read ignores nothing.

ruff takes the nearest configuration alone (and what that extends). flake8 and pylint
take the one of the folder they are started in, which may be any above a file: all of
those count.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend import settings_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.settings_files import Table

FILES = (
    ".flake8",
    "setup.cfg",
    "tox.ini",
    "pyproject.toml",
    "ruff.toml",
    ".ruff.toml",
    ".pylintrc",
    "pylintrc",
    ".pylintrc.toml",
    "pylintrc.toml",
)
_RUFF = (".ruff.toml", "ruff.toml", "pyproject.toml")  # the first that exists counts
_SEPARATORS = re.compile(r"[\s,]+")
_EXTENDED = 8  # how far ruff's configurations are followed

_Rule = tuple[str, tuple[str, ...]]  # a pattern (empty: everywhere), and codes


class Ignored(Struct, frozen=True):
    """Codes (or names, or beginnings of codes) that are off for matching paths.

    ``base`` is the folder that the pattern is relative to, ``folder`` the one for which
    the configuration counts, but for the folders ``unless``, which have their own. All
    are paths from the top of the repository.
    """

    pattern: str  # a glob; empty: everywhere; ruff: a leading ! is everywhere else
    codes: tuple[str, ...]
    base: str = ""
    folder: str = ""
    unless: tuple[str, ...] = ()

    def covers(self, path: str, codes: Iterable[str]) -> bool:
        """Whether one of the codes is off at a path from the top."""
        return (
            _is_below(path, self.folder)
            and not any(_is_below(path, other) for other in self.unless)
            and self._matches(path)
            and any(
                code.startswith(own) if own.isupper() else code == own
                for own in self.codes
                for code in (*codes, "ALL", "all")
            )
        )

    def _matches(self, path: str) -> bool:
        if _is_below(path, self.base):
            path = path[len(self.base) :].lstrip("/")
        negated = self.pattern.startswith("!")
        pattern = self.pattern.removeprefix("!").removeprefix("./")
        pattern = pattern.rstrip("/").replace("**/", "*")
        return not pattern or negated != (
            fnmatchcase(path, pattern)
            or fnmatchcase(path, f"*/{pattern}")
            or fnmatchcase(path, f"{pattern}/*")
            or fnmatchcase(PurePosixPath(path).name, pattern)
        )


def ignored(files: Mapping[str, bytes]) -> tuple[Ignored, ...]:
    """What configuration files ignore. The keys are paths from the top."""
    tables = {path: _parsed(path, data) for path, data in files.items()}
    return (*_of_ruff(tables), *_of_others(tables))


def _parsed(path: str, data: bytes) -> Table:
    """A file as a table of tables; empty if it can't be read."""
    try:
        text = data.decode()
        parse = settings_files.toml if path.endswith(".toml") else settings_files.ini
        return parse(text)
    except settings_files.MALFORMED:
        return {}


# -- ruff ----------------------------------------------------------------------


def _of_ruff(tables: Mapping[str, Table]) -> Iterator[Ignored]:
    nearest: dict[str, str] = {}
    for name in reversed(_RUFF):
        for path in tables:
            if PurePosixPath(path).name == name and _ruff(path, tables) is not None:
                nearest[_folder(path)] = path
    for folder, path in nearest.items():
        others = (each for each in nearest if each != folder)
        unless = tuple(each for each in others if _is_below(each, folder))
        for each in _chain(path, tables):
            for pattern, codes in _ruff_rules(_ruff(each, tables) or {}):
                yield Ignored(pattern, codes, _folder(each), folder, unless)


def _ruff(path: str, tables: Mapping[str, Table]) -> Table | None:
    """Ruff's table of a file; None if it has none."""
    table = tables.get(path)
    if table is None or not path.endswith("pyproject.toml"):
        return table
    tools = _table(table, "tool")
    return _table(tools, "ruff") if "ruff" in tools else None


def _chain(path: str, tables: Mapping[str, Table]) -> Iterator[str]:
    """A configuration of ruff's, and those that it extends."""
    for _ in range(_EXTENDED):
        yield path
        extended = (_ruff(path, tables) or {}).get("extend")
        if not isinstance(extended, str):
            return
        path = posixpath.normpath(f"{_folder(path) or '.'}/{extended}")


def _ruff_rules(table: Table) -> Iterator[_Rule]:
    for options in (table, _table(table, "lint")):
        for key in ("ignore", "extend-ignore"):
            yield "", _strings(options.get(key))
        for key in ("per-file-ignores", "extend-per-file-ignores"):
            for pattern, codes in _table(options, key).items():
                yield str(pattern), _strings(codes)


# -- flake8, pylint ------------------------------------------------------------


def _of_others(tables: Mapping[str, Table]) -> Iterator[Ignored]:
    for path, table in tables.items():
        name, folder = PurePosixPath(path).name, _folder(path)
        if name in ("ruff.toml", ".ruff.toml"):
            continue
        rules = _toml(table) if name.endswith(".toml") else _ini(table)
        for pattern, codes in rules:
            yield Ignored(pattern, codes, folder, folder)


def _ini(table: Table) -> Iterator[_Rule]:
    for section, options in table.items():
        if section in ("flake8", "pycodestyle", "tool:flake8"):
            for key in ("ignore", "extend-ignore"):
                yield "", _codes(options.get(key, ""))
            for key in ("per-file-ignores", "extend-per-file-ignores"):
                yield from _per_file(options.get(key, ""))
        elif "disable" in options:  # pylint's sections have many names
            yield "", _codes(options["disable"])


def _per_file(text: str) -> Iterator[_Rule]:
    """``tests/*:F401,E501 docs/*: F401`` in any layout: patterns end at a colon."""
    pieces = re.split(r"([^\s,:]+(?:\s*,\s*[^\s,:]+)*)\s*:", _without_comments(text))
    for patterns, codes in zip(pieces[1::2], pieces[2::2], strict=True):
        for pattern in _codes(patterns):
            yield pattern, _codes(codes)


def _toml(table: Table) -> Iterator[_Rule]:
    tools = _table(table, "tool")
    flake8 = _table(tools, "flake8")  # of its plugin for pyproject.toml
    for key in ("ignore", "extend-ignore"):
        yield "", _strings(flake8.get(key))
    for key in ("per-file-ignores", "extend-per-file-ignores"):
        value = flake8.get(key)
        if isinstance(value, Mapping):
            yield from ((str(each), _strings(codes)) for each, codes in value.items())
        else:
            yield from _per_file(" ".join(_strings(value)))
    pylint = _table(tools, "pylint")
    for options in (pylint, *(value for value in pylint.values())):
        if isinstance(options, Mapping):
            yield "", _strings(options.get("disable"))


# -- values --------------------------------------------------------------------


def _is_below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _table(table: Table, key: str) -> Table:
    value = table.get(key)
    return value if isinstance(value, Mapping) else {}


def _strings(value: object) -> tuple[str, ...]:
    """A list of strings, or one string with several, as a tuple."""
    if isinstance(value, str):
        return _codes(value)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _codes(text: str) -> tuple[str, ...]:
    return tuple(each for each in _SEPARATORS.split(_without_comments(text)) if each)


def _without_comments(text: str) -> str:
    return re.sub(r"#.*", "", text)
