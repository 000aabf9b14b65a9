"""What a project's own linter configuration ignores, and where.

Read as data from flake8's, ruff's and pylint's files at the root; nothing of them is
run. A file that can't be read ignores nothing.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from testmend.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FILES = (
    ".flake8",
    "setup.cfg",
    "tox.ini",
    "pyproject.toml",
    "ruff.toml",
    ".ruff.toml",
    ".pylintrc",
    "pylintrc",
)
_SEPARATORS = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Ignored:
    """Codes (or names, or beginnings of codes) that are off for matching paths."""

    pattern: str  # a glob; empty: everywhere
    codes: tuple[str, ...]

    def covers(self, path: str, codes: Iterable[str]) -> bool:
        """Whether one of the codes is off at a path relative to the root."""
        return self._matches(path) and any(
            code.startswith(own) if own.isupper() else code == own
            for own in self.codes
            for code in (*codes, "ALL", "all")
        )

    def _matches(self, path: str) -> bool:
        pattern = self.pattern.removeprefix("./").rstrip("/").replace("**/", "*")
        return (
            not pattern
            or fnmatchcase(path, pattern)
            or fnmatchcase(path, f"*/{pattern}")
            or fnmatchcase(path, f"{pattern}/*")
            or fnmatchcase(PurePosixPath(path).name, pattern)
        )


def ignored(files: Mapping[str, bytes]) -> tuple[Ignored, ...]:
    """What the configuration files (by name) ignore."""
    return tuple(rule for name, data in files.items() for rule in _rules(name, data))


def read(reader: Callable[[str], bytes]) -> tuple[Ignored, ...]:
    """What the files at the root ignore. ``reader`` raises `SourceError` for none."""
    found = {}
    for name in FILES:
        with suppress(SourceError):
            found[name] = reader(name)
    return ignored(found)


def _rules(name: str, data: bytes) -> Iterator[Ignored]:
    try:
        text = data.decode()
        if name.endswith(".toml"):
            yield from _toml(tomllib.loads(text), ruff=name != "pyproject.toml")
        else:
            parser = configparser.ConfigParser(interpolation=None, strict=False)
            parser.read_string(text)
            yield from _ini(parser)
    except (ValueError, configparser.Error):
        return


def _ini(parser: configparser.ConfigParser) -> Iterator[Ignored]:
    for section in parser.sections():
        options = parser[section]
        if section in ("flake8", "pycodestyle", "tool:flake8"):
            for key in ("ignore", "extend-ignore"):
                yield Ignored("", _codes(options.get(key, "")))
            for key in ("per-file-ignores", "extend-per-file-ignores"):
                yield from _per_file(options.get(key, ""))
        elif "disable" in options:  # pylint's sections have many names
            yield Ignored("", _codes(options["disable"]))


def _per_file(text: str) -> Iterator[Ignored]:
    """``tests/*:F401,E501 docs/*: F401`` in any layout: patterns end at a colon."""
    pieces = re.split(r"([^\s,:]+(?:\s*,\s*[^\s,:]+)*)\s*:", _without_comments(text))
    for patterns, codes in zip(pieces[1::2], pieces[2::2], strict=True):
        for pattern in _codes(patterns):
            yield Ignored(pattern, _codes(codes))


def _toml(table: Mapping[str, Any], *, ruff: bool) -> Iterator[Ignored]:
    tools = {} if ruff else _table(table, "tool")
    top = table if ruff else _table(tools, "ruff")
    for options in (top, _table(top, "lint")):
        for key in ("ignore", "extend-ignore"):
            yield Ignored("", tuple(map(str, options.get(key) or ())))
        for key in ("per-file-ignores", "extend-per-file-ignores"):
            for pattern, codes in _table(options, key).items():
                yield Ignored(str(pattern), tuple(map(str, codes)))
    flake8 = _table(tools, "flake8")
    for key in ("ignore", "extend-ignore"):
        yield Ignored("", tuple(map(str, flake8.get(key) or ())))
    pylint = _table(tools, "pylint")
    for options in (pylint, *(value for value in pylint.values())):
        if isinstance(options, Mapping):
            yield Ignored("", tuple(map(str, options.get("disable") or ())))


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    return value if isinstance(value, Mapping) else {}


def _codes(text: str) -> tuple[str, ...]:
    return tuple(each for each in _SEPARATORS.split(_without_comments(text)) if each)


def _without_comments(text: str) -> str:
    return re.sub(r"#.*", "", text)
