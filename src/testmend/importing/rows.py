"""The names of an import statement and the statements of a line, as rows."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from testmend.importing.sequence import Item, conditions
from testmend.model import Cleanup, Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.source import Module

_SEMICOLON = re.compile(rb"(?:[ \t\f]|\\(?:\r\n|\n|\r))*;(?:[ \t\f]|\\(?:\r\n|\n|\r))*")
_COMMENT = re.compile(rb"[ \t\f;]*#")
_OPENING = re.compile(rb"(?<=[ \t])\([ \t]*\Z")
# What linters are told of the place of an import goes with it; of its use, it does not.
_OF_PLACE = (
    rb"(?:#[ \t]*(?:noqa:[ \t]*E40[12]|isort:[ \t]*skip"
    rb"|pylint:[ \t]*disable=wrong-import-(?:order|position))[ \t\f]*)+(?=[\r\n]|\Z)"
)
_PLACED = re.compile(rb"[ \t\f;]*" + _OF_PLACE)
_LINE_END = re.compile(rb"[ \t\f]*;?[ \t\f]*(?:" + _OF_PLACE + rb")?(?:\r\n|\n|\r|\Z)")


def _ends(gap: bytes) -> bool:
    """Whether a line ends in what stands between two names."""
    return b"\n" in gap or b"\r" in gap


class Needs:
    """What must go before an imported name can: its tokens.

    ``spare`` are names that can go although loads see them: imported twice.
    """

    def __init__(self, module: Module, spare: frozenset[ast.alias]) -> None:
        self.module = module
        self.spare = spare

    def name(self, alias: ast.alias) -> frozenset[int]:
        """The offsets of the loads that need a name; its own if there are none."""
        own = frozenset({self.module.start(alias)})
        if alias.name == "*" or alias in self.spare:
            return own
        scopes = self.module.scopes
        loads = scopes.loads(scopes.binding(alias))
        return frozenset(self.module.start(load) for load in loads) or own

    def statement(self, node: ast.stmt) -> frozenset[int] | None:
        """The tokens of all names of an import; None for other statements."""
        if not isinstance(node, ast.Import | ast.ImportFrom):
            return None
        return frozenset().union(*(self.name(alias) for alias in node.names))


def is_import(node: ast.stmt) -> bool:
    """Whether a statement imports."""
    return isinstance(node, ast.Import | ast.ImportFrom)


def union(each: Iterable[frozenset[int] | None]) -> frozenset[int] | None:
    """All tokens; None if something has none because it stays."""
    found: set[int] = set()
    for tokens in each:
        if tokens is None:
            return None
        found |= tokens
    return frozenset(found)


def first_byte(module: Module, node: ast.stmt) -> int:
    """The offset of a statement's first byte, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([module.start(node), *(module.start(each) for each in decorators)])


class NamesRow:
    """The names of one statement and the commas between them."""

    def __init__(
        self,
        needs: Needs,
        statement: ast.Import | ast.ImportFrom,
    ) -> None:
        self.module = module = needs.module
        self.start, self.end = module.start(statement), module.end(statement)
        self.items = [
            Item(module.start(alias), module.end(alias), needs.name(alias))
            for alias in statement.names
        ]
        cuts = [
            self.start,
            *(at for each in self.items for at in (each.start, each.end)),
        ]
        edges = [*cuts, self.end]
        self.between = [
            module.utf8[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)
        ]

    def has_comment_at(self, place: int) -> bool:
        """Whether a comment stands beside a name, or behind the statement."""
        utf8 = self.module.utf8
        behind = bool(_COMMENT.match(utf8, self.end)) and not _PLACED.match(
            utf8, self.end
        )
        beside = self.between[place] + self.between[place + 1]
        return behind or b"#" in beside

    def cleanups(self) -> Iterator[Cleanup]:
        """When which comma goes, and when the rest of the statement."""
        worth = [int(_ends(gap)) for gap in self.between[1:-1]]
        for gap, tokens in conditions(self.items, worth):
            edit = Edit(self.items[gap].end, self.items[gap + 1].start, "")
            yield Cleanup(tokens, (edit,))
        everything = union(each.tokens for each in self.items) or frozenset()
        first, bracket = self.items[0].start, self._bracket()
        ahead, opening = Edit(self.start, bracket, ""), Edit(bracket, first, "")
        behind = Edit(self.items[-1].end, self.end, "")
        edits = (each for each in (ahead, opening, behind) if each.start < each.end)
        yield Cleanup(everything, tuple(edits))
        for others in self._others() if bracket < first else ():
            yield Cleanup(others, (opening, behind))

    def _bracket(self) -> int:
        """The offset of a bracket beside the first name; that of the name if none."""
        opening = _OPENING.search(self.between[0])
        return self.start + opening.start() if opening else self.items[0].start

    def _others(self) -> Iterator[frozenset[int]]:
        """For each line, the tokens of the names that stand on others.

        Without those the statement needs no brackets.
        """
        ends = [at for at, gap in enumerate(self.between[1:-1], 1) if _ends(gap)]
        for start, end in pairwise([0, *ends, len(self.items)]) if ends else ():
            others = union(e.tokens for e in (*self.items[:start], *self.items[end:]))
            if others is not None:
                yield others


class LineRow:
    """The statements on one logical line and the semicolons between them."""

    def __init__(self, needs: Needs, statement: ast.stmt) -> None:
        self.module = module = needs.module
        parent = module.parent(statement)
        self.block = next(
            value
            for _, value in ast.iter_fields(parent or module.tree)
            if isinstance(value, list) and statement in value
        )
        self.nested = not isinstance(parent, ast.Module)
        first = last = self.block.index(statement)
        while first > 0 and self._joins(first - 1):
            first -= 1
        while last + 1 < len(self.block) and self._joins(last):
            last += 1
        self.statements: list[ast.stmt] = self.block[first : last + 1]
        self.items = [
            Item(module.start(each), module.end(each), needs.statement(each))
            for each in self.statements
        ]
        line = module.line_start(self.statements[0].lineno)
        ahead = module.utf8[line : self.items[0].start]
        self.alone = not ahead.strip(b" \t\f")
        self.start = line + ahead.rfind(b"\f") + 1

    def _joins(self, place: int) -> bool:
        start = self.module.end(self.block[place])
        end = first_byte(self.module, self.block[place + 1])
        return _SEMICOLON.fullmatch(self.module.utf8, start, end) is not None

    def cleanups(self) -> Iterator[Cleanup]:
        """When which semicolon goes, and when the rest of the line."""
        for gap, tokens in conditions(self.items, [0] * (len(self.items) - 1)):
            edit = Edit(self.items[gap].end, self.items[gap + 1].start, "")
            yield Cleanup(tokens, (edit,))
        everything = union(each.tokens for each in self.items)
        behind = _LINE_END.match(self.module.utf8, self.items[-1].end)
        if everything is None or not self.alone or behind is None:
            return
        edits = [Edit(self.items[-1].end, behind.end(), "")]
        if self.start < self.items[0].start:
            edits.append(Edit(self.start, self.items[0].start, ""))
        yield Cleanup(everything, tuple(edits))
