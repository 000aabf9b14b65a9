"""How long a line may be, by the project's own formatter and linters, and which it is.

Read as data from their files; nothing of them is run. Each tool is told by the nearest
folder above a file that has settings of it. Where several have a limit, the lowest
counts; where none has, PEP 8's does. A hook of the pre-commit framework, a command of
tox and what Pants is told show the formatter as well as its own configuration.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from testmend import settings_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PEP8 = 79
BLACK = 88  # characters, if it is not told otherwise
_USUAL = {"black": BLACK, "ruff": BLACK}  # of a tool that is there without a limit
_INI = (".flake8", "setup.cfg", "tox.ini", ".pylintrc", "pylintrc")
_TOML = ("pyproject.toml", "ruff.toml", ".ruff.toml")
_HOOKS = ".pre-commit-config.yaml"
_PANTS = "pants.toml"
_HOOK = re.compile(r"^[ \t]*-?[ \t]*id:[ \t]*[\"']?(black|ruff-format)\b", re.MULTILINE)
_LENGTH = re.compile(r"(?:--line-length|(?<![\w-])-l)[=\s\"',]+(\d{2,3})\b")
_COMMAND = re.compile(
    r"^[ \t]*(?:commands[ \t]*=[ \t]*)?(?:python[\d.]*[ \t]+-m[ \t]+)?"
    r"black[ \t]+[^\s=].*",
    re.MULTILINE,
)
FILES = (*_INI, *_TOML, _HOOKS, _PANTS)
_SECTIONS = {
    **dict.fromkeys(("flake8", "tool:flake8", "pycodestyle"), "flake8"),
    **dict.fromkeys(("FORMAT", "MASTER", "MAIN"), "pylint"),
}
_TABLES = (
    *(("black",), ("ruff",), ("flake8",), ("pycodestyle",)),
    *(("pylint", "format"), ("pylint", "main"), ("pylint", "FORMAT")),
)
_KEYS = ("line-length", "max-line-length", "max_line_length")
_SANE = range(60, 400)


class Lines(Struct, frozen=True):
    """The limit in characters; whether Black, or ruff in its place, breaks lines.

    ``formatted``: where that breaks them; 0 if no formatter is known.
    """

    longest: int = PEP8
    black: bool = False
    formatted: int = 0


class _Told(NamedTuple):
    """What one file says of one tool; ``formats``: that it breaks lines."""

    tool: str
    lengths: tuple[int, ...]
    formats: bool = False


class Limits(Struct, frozen=True):
    """What the settings in each folder say, by path from the top."""

    told: Mapping[str, tuple[_Told, ...]] = field(default_factory=dict)

    def of(self, path: str) -> Lines:
        """The lines of the file at a path."""
        nearest: dict[str, list[_Told]] = {}
        for folder in PurePosixPath(path).parents if self.told else ():
            here: dict[str, list[_Told]] = {}
            for each in self.told.get(str(folder), ()):
                here.setdefault(each.tool, []).append(each)
            nearest = here | nearest
        hooks = nearest.pop(_HOOKS, [])
        told = [each for several in nearest.values() for each in several]
        found = [length for each in told for length in each.lengths]
        broken = [length for each in told if each.formats for length in each.lengths]
        black = any(each.formats for each in told)
        for hook in hooks:
            known = found if hook.formats else black
            added = hook.lengths or (() if known else (BLACK,))
            found += added
            broken += added or (found if hook.formats else ())
            black = True
        longest = min((each for each in found if each in _SANE), default=PEP8)
        formatted = min((each for each in broken if each in _SANE), default=0)
        return Lines(longest, black, formatted)


def limits(files: Mapping[str, bytes]) -> Limits:
    """What settings say. The keys are paths from the top."""
    told: dict[str, list[_Told]] = {}
    for path, data in files.items():
        pure = PurePosixPath(path)
        with suppress(*settings_files.MALFORMED):
            found = [*_told(pure.name, data.decode())]
            told.setdefault(str(pure.parent), []).extend(found)
    return Limits({folder: tuple(found) for folder, found in told.items() if found})


def _told(name: str, text: str) -> Iterator[_Told]:
    if name == _HOOKS:
        hook = _HOOK.search(text)
        if hook:
            lengths = tuple(int(length) for length in _LENGTH.findall(text))
            yield _Told(_HOOKS, lengths, formats=hook[1] == "ruff-format")
    elif name == _PANTS:
        black = settings_files.toml(text).get("black")
        if isinstance(black, dict):
            yield _called(str(black.get("args", "")))
    elif name in _TOML:
        yield from _toml(name, text)
    elif name in _INI:
        yield from _ini(text)
        yield from map(_called, _COMMAND.findall(text) if name == "tox.ini" else ())


def _called(arguments: str) -> _Told:
    """What Black is told on a command line."""
    lengths = tuple(int(length) for length in _LENGTH.findall(arguments))
    return _Told(_HOOKS, lengths)


def _ini(text: str) -> Iterator[_Told]:
    for section, options in settings_files.ini(text).items():
        if section in _SECTIONS:
            yield _Told(_SECTIONS[section], _lengths(options))


def _toml(name: str, text: str) -> Iterator[_Told]:
    table = settings_files.toml(text)
    tools = table.get("tool", {}) if name == "pyproject.toml" else {"ruff": table}
    for path in _TABLES:
        inner = tools
        for key in path:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            if "extend" in inner and not _lengths(inner):
                continue  # ruff's, most often of a folder above
            tool = path[0].replace("pycodestyle", "flake8")
            usual = (_USUAL[tool],) if tool in _USUAL else ()
            formats = tool == "black" or (tool == "ruff" and "format" in inner)
            yield _Told(tool, _lengths(inner) or usual, formats)


def _lengths(options: Mapping[str, Any]) -> tuple[int, ...]:
    values = (str(options[key]) for key in _KEYS if key in options)
    return tuple(int(value) for value in values if value.strip().isdecimal())
