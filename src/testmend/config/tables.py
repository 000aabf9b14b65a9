"""The shape of ``[tool.testmend]``, and errors that help to mend one.

Every error names the key, the file and, for an unknown key, the closest valid one.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec

from testmend.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from testmend.codemod import Codemod, Options

S = TypeVar("S", bound=msgspec.Struct)

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*?)`")
_WRONG_CHOICE = re.compile(r"Invalid enum value '(?P<value>.*)'$", re.DOTALL)
_PLACE = re.compile(
    r"^(?P<what>.*?)(?: - at `(?:key in )?\$\.?(?P<where>.*?)`)?$", re.DOTALL
)


class Table(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename="kebab",
    kw_only=True,
):
    """The keys of ``[tool.testmend]`` that are not the table of one codemod."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    extend: str = ""
    required_version: str = ""
    unsafe_fixes: bool = False
    plugins: tuple[str, ...] = ()
    guests: dict[str, Any] = {}
    jobs: Annotated[int, msgspec.Meta(ge=0)] = 0


def decode(
    raw: Mapping[str, Any], codemods: Mapping[str, Codemod], file: Path
) -> tuple[Table, dict[str, Options]]:
    """The checked table, and the options of the codemods that have a table in it.

    Raises `ConfigError`.
    """
    own = {key: value for key, value in raw.items() if key not in codemods}
    table = convert(own, Table, "", file, codemods)
    for key, names in _named(table):
        for name in names:
            if name not in codemods:
                hint = closest(name, codemods)
                raise ConfigError(f"{file}: {key}: no codemod is named {name!r}{hint}")
    options = {
        name: convert(raw[name], codemods[name].options, name, file)
        for name in codemods
        if name in raw
    }
    return table, options


def closest(word: str, words: Iterable[str]) -> str:
    """A hint at the closest of the valid words, or at all of them."""
    words = sorted(words)
    close = get_close_matches(word, words, 1, 0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(words)}" if words else ""


def _named(table: Table) -> Iterable[tuple[str, tuple[str, ...]]]:
    yield "select", table.select or ()
    yield "ignore", table.ignore
    for pattern, names in table.per_file_ignores.items():
        yield f'per-file-ignores."{pattern}"', names


def convert(
    raw: Any, kind: type[S], prefix: str, file: Path, more: Iterable[str] = ()
) -> S:
    """A table as a checked value. Raises `ConfigError` that names key and file."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        match = _PLACE.match(str(error))
        what, where = (match["what"], match["where"]) if match else (str(error), "")
        place = ".".join(part for part in (prefix, where) if part)
        unknown = _UNKNOWN.match(what)
        if unknown:
            key = f"{place}.{unknown['key']}" if place else unknown["key"]
            hint = closest(unknown["key"], {*_keys(kind), *more})
            raise ConfigError(f"{file}: unknown key {key!r}{hint}") from None
        plain = what.replace("`", "").replace("object", "table")
        wrong = _WRONG_CHOICE.match(what)
        if wrong:
            plain += closest(wrong["value"], _choices(kind, where))
        raise ConfigError(f"{file}: {place or 'testmend'}: {plain}") from None


def _choices(kind: type[msgspec.Struct], key: str) -> tuple[str, ...]:
    """The values that a key may have, where there is a list of them."""
    for field in msgspec.structs.fields(kind):
        if field.encode_name == key and get_origin(field.type) is Literal:
            return get_args(field.type)
    return ()


def _keys(kind: type[msgspec.Struct]) -> set[str]:
    """The keys of a table and of the tables in it."""
    found: set[str] = set()
    for field in msgspec.structs.fields(kind):
        found.add(field.encode_name)
        for inner in (field.type, *get_args(field.type)):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                found |= _keys(inner)
    return found


def describe(kind: type[msgspec.Struct]) -> Iterable[str]:
    """The keys of a table with their defaults, a line each."""
    for field in msgspec.structs.fields(kind):
        default = field.default
        if default is msgspec.NODEFAULT and field.default_factory is not None:
            default = field.default_factory()
        shown = msgspec.json.encode(default).decode()
        yield f"{field.encode_name} = {shown}"
