"""The ways to break a line that a longer name makes too long.

In the style that is already there: a file whose calls have their closing brackets on
lines of their own gets what Black would write (its right-hand split, then one element
a line with a comma behind the last); any other file a break behind a comma, aligned
with the elements around it as PEP 8 has it, else behind the opening bracket.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.literals.model import Break, Cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module

_COMMA = re.compile(rb",[ \t]*")
_BLANK = re.compile(rb"[ \t]*")
_OPENERS, _CLOSERS = b"([{", b")]}"
_STEP = 4  # columns
_TEXT = re.compile(rb""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_HEADERS = (ast.With, ast.AsyncWith, ast.If, ast.While, ast.For, ast.AsyncFor)
# What Black splits at its last bracket without a second thought.
_PLAIN_HEAD = re.compile(
    rb"""(?:return |await )*(?:[\w.]+ = |[\w.]+\["\w+"\] = |\w+=|"[^"]*": )?"""
    rb"""(?:await )?[\w.]*"""
)


class _Bracket(Struct, frozen=True):
    """A bracket around a value: its offsets, and those of its elements."""

    opener: int
    closer: int
    parts: Sequence[tuple[int, int]]
    is_call: bool


def breaks(module: Module, node: ast.expr) -> tuple[Break, ...]:
    """The ways to break the line of a value, the best one first."""
    line = _Line.of(module, node)
    return () if line is None else tuple(line.breaks())


class _Line(Struct, frozen=True):
    """One line with a value in it."""

    module: Module
    node: ast.expr
    statement: ast.stmt
    number: int
    start: int
    end: int
    brackets: tuple[_Bracket, ...]

    @classmethod
    def of(cls, module: Module, node: ast.expr) -> _Line | None:
        """The line of a value; None where a break would tear something apart."""
        number = node.lineno
        start = module.line_start(number)
        text = module.line_text(number).encode()
        rest = module.utf8[module.end(node) : start + len(text)]
        above = list(module.ancestors(node))
        statement = next((each for each in above if isinstance(each, ast.stmt)), None)
        if (
            statement is None
            or node.end_lineno != number
            or b"#" in rest
            or any(sign in text for sign in (b'"""', b"'''", b"\t", b"\f"))
            or text.endswith(b"\\")
            or any(isinstance(each, ast.JoinedStr) for each in above)
        ):
            return None
        inner = above[: above.index(statement)]
        found = tuple(
            each for one in reversed(inner) if (each := _bracket(module, one))
        )
        return cls(module, node, statement, number, start, start + len(text), found)

    def breaks(self) -> Iterator[Break]:
        for bracket in self.brackets:
            yield from self._behind_commas(bracket)
        for bracket in self.brackets:
            yield from self._behind_opener(bracket)
        yield from self._behind_key()
        yield from self._in_parentheses()
        for bracket in self.brackets:
            yield from self._one_below_another(bracket)

    # -- the ways ------------------------------------------------------------------

    def _behind_commas(self, bracket: _Bracket) -> Iterator[Break]:
        indent = self._aligned(bracket)
        if indent is None:
            return
        for (_, end), (start, _) in reversed(list(pairwise(bracket.parts))):
            if (
                self.start < end < start < self.end
                and _COMMA.fullmatch(self._text(end, start))
                and self._is_closed(start)
            ):
                yield self._made([Cut(end + 1, start, *indent)])

    def _behind_opener(self, bracket: _Bracket) -> Iterator[Break]:
        if self._holds(bracket) and self._is_closed(bracket.closer):
            hangs = 2 * _STEP if self._is_header() else _STEP
            indent = self._column(self._first()) + hangs
            cut = Cut(bracket.opener + 1, bracket.parts[0][0], indent)
            yield self._made([cut])

    def _behind_key(self) -> Iterator[Break]:
        """``'key':`` with its value on the next line, where it fills its line."""
        above = self.module.parent(self.node)
        if not isinstance(above, ast.Dict) or self.node not in above.values:
            return
        key = above.keys[above.values.index(self.node)]
        if key is None or self.module.start(key) != self._first():
            return
        start, end = self.module.start(self.node), self.module.end(key)
        rest = self._text(self.module.end(self.node), self.end)
        if self._text(end, start) == b": " and rest.strip() in (b",", b"}"):
            yield self._made([Cut(end + 1, start, self._column(self._first()) + _STEP)])

    def _in_parentheses(self) -> Iterator[Break]:
        """``name = (`` with the value on the next line."""
        statement = self.statement
        if not isinstance(statement, ast.Assign) or statement.value is not self.node:
            return
        start, end = self.module.start(self.node), self.module.end(self.node)
        if self.module.start(statement) != self._first() or end != self.end:
            return
        column = self._column(self._first())
        ahead = Cut(start, start, column + _STEP, before="(")
        yield self._made([ahead, Cut(end, end, None, after=")")])
        closes = Cut(end, end, column, after=")")
        yield self._made([ahead, closes], exploded=True)

    def _one_below_another(self, bracket: _Bracket) -> Iterator[Break]:
        """As Black does it."""
        head = self._text(self._first(), bracket.opener)
        rest = self._text(bracket.closer + 1, self.end)
        whole = (self.module.start(self.statement), self.module.end(self.statement))
        if (
            not self._holds(bracket)
            or not _PLAIN_HEAD.fullmatch(head)
            or rest not in (b"", b",")
            or (not rest and whole != (self._first(), self.end))
        ):
            return
        gaps = [(one[1], other[0]) for one, other in pairwise(bracket.parts)]
        last = bracket.parts[-1][1]
        if not all(_COMMA.fullmatch(self._text(*gap)) for gap in gaps):
            return
        if _BLANK.fullmatch(self._text(last, bracket.closer)) is None:
            return
        column = self._column(self._first())
        opens = Cut(bracket.opener + 1, bracket.parts[0][0], column + _STEP)
        if bracket.is_call or not gaps:
            closes = Cut(last, bracket.closer, column)
            yield self._made([opens, closes], exploded=True)
        between = [Cut(*gap, column + _STEP, before=",") for gap in gaps]
        closes = Cut(last, bracket.closer, column, before=",")
        if gaps:
            yield self._made([opens, *between, closes], exploded=True)

    # -- what they ask -------------------------------------------------------------

    def _made(self, cuts: list[Cut], *, exploded: bool = False) -> Break:
        bounds = [self.start, *(at for cut in cuts for at in (cut.start, cut.end))]
        pieces = zip(bounds[::2], [*bounds[1::2], self.end], strict=True)
        widths = tuple(len(self._text(*piece).decode()) for piece in pieces)
        return Break(tuple(cuts), widths, exploded=exploded)

    def _text(self, start: int, end: int) -> bytes:
        return self.module.utf8[start:end]

    def _first(self) -> int:
        """The offset of the first character of the line that is not blank."""
        return self.start + len(self.module.indent(self.number))

    def _column(self, offset: int) -> int:
        start = self.module.line_start(self.module.line_of(offset))
        return len(self._text(start, offset).decode())

    def _is_header(self) -> bool:
        """Whether a block follows, from which a hanging indent has to differ."""
        return isinstance(self.statement, _HEADERS)

    def _holds(self, bracket: _Bracket) -> bool:
        """Whether a bracket stands on this line as a whole, around something."""
        first, last = bracket.parts[0][0], bracket.parts[-1][1]
        return (
            self.start <= bracket.opener < first < last <= bracket.closer < self.end
            and _BLANK.fullmatch(self._text(bracket.opener + 1, first)) is not None
        )

    def _is_closed(self, start: int) -> bool:
        """Whether no bracket that opens behind ``start`` on this line stays open."""
        depth = 0
        for sign in _TEXT.sub(b"", self._text(start, self.end)):
            if sign in _OPENERS:
                depth += 1
            elif sign in _CLOSERS:
                depth = max(0, depth - 1)
        return depth == 0

    def _aligned(self, bracket: _Bracket) -> tuple[int, int] | None:
        """The column of a bracket's elements, and what moves it (see `Cut.anchor`)."""
        first = bracket.parts[0][0]
        rows = [start for start, _ in bracket.parts if self._is_first(start)]
        opens_here = self.start <= bracket.opener < self.end
        if opens_here and self.start < first < self.end:
            column = self._column(first)
            if rows and self._column(rows[0]) != column:
                return self._column(rows[0]), 0
            return column, first
        if opens_here or not rows:
            return None
        return self._column(rows[0]), 0

    def _is_first(self, offset: int) -> bool:
        line = self.module.line_start(self.module.line_of(offset))
        return not self._text(line, offset).strip()


def _bracket(module: Module, node: ast.AST) -> _Bracket | None:
    """The bracket that a node makes; None if it makes none, or not around a list."""
    if not isinstance(node, ast.Call | ast.Dict | ast.List | ast.Set | ast.Tuple):
        return None
    parts = _parts(module, node)
    if not parts:
        return None
    ahead = module.utf8[module.start(node) : parts[0][0]].rstrip()
    opener = module.start(node) + len(ahead) - 1
    closer = module.end(node) - 1
    if module.utf8[opener : opener + 1] not in (b"(", b"[", b"{"):
        return None
    if isinstance(node, ast.Call):
        inside = opener < module.end(node.func)
    else:
        inside = opener != module.start(node)
    return (
        None if inside else _Bracket(opener, closer, parts, isinstance(node, ast.Call))
    )


def _parts(
    module: Module, node: ast.Call | ast.Dict | ast.List | ast.Set | ast.Tuple
) -> list[tuple[int, int]]:
    if isinstance(node, ast.Dict):
        if any(key is None for key in node.keys):
            return []
        pairs = zip(node.keys, node.values, strict=True)
        return [(module.start(key), module.end(value)) for key, value in pairs if key]
    if isinstance(node, ast.Call):
        keywords = [
            (module.offset(each.lineno, each.col_offset), module.end(each.value))
            for each in node.keywords
        ]
        plain = [(module.start(each), module.end(each)) for each in node.args]
        return sorted([*plain, *keywords])
    return [(module.start(each), module.end(each)) for each in node.elts]
