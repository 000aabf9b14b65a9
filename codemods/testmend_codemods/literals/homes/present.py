"""The shared module as it stands: what it holds, and the style of its constants.

New constants look like those that are there: their quotes, a word that all of them
begin with (``FAKE_IMAGE_ID``), the place of the number (``IMAGE_ID_2``).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.values import kind_of
from testmend_codemods.literals.grammar.vocabulary import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from testmend.index import Index

_NAME = re.compile(r"[^\W\d]\w*")
_HEAD = '"""Values that several tests beside this folder know."""\n\n'
_PREFIXES = listed("FAKE MOCK TEST DUMMY SAMPLE EXAMPLE STUB DEFAULT")
_MOST = 3 / 4  # of the constants, to be their style
_VERSIONS = re.compile(r"(?:IP)?V?[46](?![0-9])")
# Where the number stands in the name of a second one, by style.
_NUMBERS = {
    "{name}_{number}": re.compile(r"[A-Z]_\d+$"),
    "{name}{number}": re.compile(r"[A-Z]\d+$"),
    "{thing}_{number}_{last}": re.compile(r"[A-Z]_\d+_[A-Z]"),
    "": re.compile(r"[A-Z]\d+_[A-Z]"),
}


class Present(Struct, frozen=True):
    """What stands in the place of the shared module; ``text`` None: nothing.

    ``names``: its constants by value, of the kinds that were asked for; ``taken``: all
    its words. ``at``: where new lines go in its text.
    """

    text: str | None
    quote: str
    taken: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    numbers: str = ""
    at: int = 0

    def named(self, name: str, number: int) -> str:
        """The name of the first, second, ... constant of a name, in its style."""
        if self.prefix and not name.startswith(f"{self.prefix}_"):
            name = f"{self.prefix}_{name}"
        thing, _, last = name.rpartition("_")
        if number == 1 or not self.numbers or not thing:
            return words.numbered(name, number)
        return self.numbers.format(name=name, thing=thing, last=last, number=number)

    def with_(self, constants: Mapping[str, str]) -> str:
        """The text with more constants (names by value)."""
        lines = "".join(
            f"{name} = {self.quote}{value}{self.quote}\n"
            for value, name in constants.items()
        )
        if self.text is None:
            return _HEAD + lines
        ahead, behind = self.text[: self.at], self.text[self.at :]
        joint = "\n" if lines and ahead and not ahead.endswith("\n") else ""
        return ahead + joint + lines + behind


def present(
    index: Index, place: str, kinds: Iterable[str], quote: str
) -> Present | None:
    """What stands in a place; None if it can't be read or added to.

    ``quote``: the one that a new module gets.
    """
    if place not in index.paths:
        return Present(None, quote)
    text = index.text(place)
    try:
        tree = None if text is None else ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        tree = None
    if text is None or tree is None or "\r" in text:
        return None
    made = [found for node in tree.body if (found := _made(node))]
    bound = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    names: dict[str, str] = {}
    for name, value, _ in made:
        if kind_of(value.value) in set(kinds) and bound[name] == 1:
            names.setdefault(value.value, name)
    alike = [name for name, value, _ in made if kind_of(value.value)]
    return Present(
        text,
        _quote(text, [value for _, value, _ in made]) or quote,
        frozenset(_NAME.findall(text)),
        names,
        _prefix(alike or [name for name, _, _ in made]),
        _numbers([name for name, _, _ in made]),
        _end(text, tree, [end for name, _, end in made if name in alike]),
    )


class _Text(Struct, frozen=True):
    value: str
    line: int
    column: int


def _made(node: ast.stmt) -> tuple[str, _Text, int] | None:
    """Name, string and last line of a constant."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Constant(value=str(value)) as string
        ) if name.isupper():
            text = _Text(value, string.lineno, string.col_offset)
            return name, text, node.end_lineno or node.lineno
    return None


def _quote(text: str, strings: Sequence[_Text]) -> str:
    lines = text.encode().split(b"\n")
    seen = Counter(
        lines[each.line - 1][each.column : each.column + 1].decode() for each in strings
    )
    known = [each for each, _ in seen.most_common() if each in ("'", '"')]
    return known[0] if known else ""


def _prefix(names: Sequence[str]) -> str:
    """The word that most of some constants begin with."""
    first = Counter(name.strip("_").partition("_")[0] for name in names)
    for word, count in first.most_common(1):
        if word in _PREFIXES and len(names) > 1 and count >= _MOST * len(names):
            return word
    return ""


def _numbers(names: Iterable[str]) -> str:
    """Where numbers stand in the names, in most of those that have any."""
    seen: Counter[str] = Counter()
    for name in names:
        bare = _VERSIONS.sub("X", name)
        for style, pattern in _NUMBERS.items():
            if pattern.search(bare):
                seen[style] += 1
                break
    return seen.most_common(1)[0][0] if seen else ""


def _end(text: str, tree: ast.Module, ends: Sequence[int]) -> int:
    """Where new constants stand: at the end, or below the last one of their kind.

    The latter where functions or classes follow.
    """
    defines = any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        for node in tree.body
    )
    if not defines or not ends:
        return len(text)
    lines = text.split("\n")
    return len("\n".join(lines[: max(ends)])) + 1
