"""How long a line may be, by the project's own formatter and linters, and which it is.

Read as data from the files at the root; nothing of them is run. Where several tools
have a limit, the lowest counts; where none has, PEP 8's does. A hook of the pre-commit
framework shows the formatter as well as its own configuration.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from testmend.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PEP8 = 79
BLACK = 88  # characters, if it is not told otherwise
_USUAL = {
    "black": BLACK,
    "ruff": BLACK,
}  # what a tool takes that is there without a limit
_INI = (".flake8", "setup.cfg", "tox.ini", ".pylintrc", "pylintrc")
_TOML = ("pyproject.toml", "ruff.toml", ".ruff.toml")
_HOOKS = ".pre-commit-config.yaml"
_HOOK = re.compile(r"^[ \t]*-?[ \t]*id:[ \t]*[\"']?(black|ruff-format)\b", re.MULTILINE)
_LENGTH = re.compile(r"--line-length[=\s\"',]+(\d{2,3})\b")
FILES = (*_INI, *_TOML, _HOOKS)
_SECTIONS = ("flake8", "tool:flake8", "pycodestyle", "FORMAT", "MASTER", "MAIN")
_TABLES = (
    *(("black",), ("ruff",), ("flake8",), ("pycodestyle",)),
    *(("pylint", "format"), ("pylint", "main"), ("pylint", "FORMAT")),
)
_KEYS = ("line-length", "max-line-length", "max_line_length")
_SANE = range(60, 400)


@dataclass(frozen=True, slots=True)
class Lines:
    """The limit in characters; whether Black, or ruff in its place, breaks lines."""

    longest: int = PEP8
    black: bool = False


def read(reader: Callable[[str], bytes]) -> Lines:
    """The lines as the project has them. ``reader`` raises `SourceError`."""
    found: list[int] = []
    black = False
    for name in (*_INI, *_TOML):
        with suppress(SourceError, ValueError, RecursionError, configparser.Error):
            text = reader(name).decode()
            found += _toml(name, text) if name in _TOML else _ini(text)
            black |= name in _TOML and _formats(name, text)
    with suppress(SourceError, ValueError):
        hook = _HOOK.search(hooks := reader(_HOOKS).decode())
        if hook:
            known = found if hook[1] == "ruff-format" else black
            found += _lengths(hooks) or ([] if known else [BLACK])
            black = True
    return Lines(min((each for each in found if each in _SANE), default=PEP8), black)


def _lengths(hooks: str) -> list[int]:
    return [int(length) for length in _LENGTH.findall(hooks)]


def _formats(name: str, text: str) -> bool:
    """Whether Black or ruff's formatter is configured."""
    table: Any = tomllib.loads(text)
    tools = table.get("tool", {}) if name == "pyproject.toml" else {"ruff": table}
    return "black" in tools or "format" in tools.get("ruff", {})


def _ini(text: str) -> Iterator[int]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    for section in parser.sections():
        if section in _SECTIONS:
            yield from _limits(dict(parser[section]))


def _toml(name: str, text: str) -> Iterator[int]:
    table: Any = tomllib.loads(text)
    if name != "pyproject.toml":
        yield from _limits(table) or [_USUAL["ruff"]]
        return
    for path in _TABLES:
        inner = table.get("tool", {})
        for key in path:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            usual = [_USUAL[path[0]]] if path[0] in _USUAL else []
            yield from _limits(inner) or usual


def _limits(options: Mapping[str, Any]) -> list[int]:
    values = (str(options[key]) for key in _KEYS if key in options)
    return [int(value) for value in values if value.strip().isdecimal()]
