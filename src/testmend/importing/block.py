"""The paragraphs of a block, and what is left of the block without its imports."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from testmend.importing.rows import first_byte, is_import, union
from testmend.importing.sequence import Item, conditions
from testmend.model import Cleanup, Edit

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from testmend.importing.rows import LineRow, Needs


class Block:
    """The paragraphs of a block and the blank lines between them.

    A paragraph is a run of lines without a blank one; it can go if it holds nothing but
    imports.
    """

    def __init__(self, needs: Needs, line: LineRow) -> None:
        self.needs = needs
        self.module = needs.module
        self.line = line

    def cleanups(self) -> Iterator[Cleanup]:
        """When which blank line goes, and when ``pass`` is needed."""
        if self.line.alone:
            yield from self._spacing()
        if self.line.nested:
            tokens = union(map(self.needs.statement, self.line.block))
            if tokens is not None:
                yield Cleanup(tokens, (self._pass(),))

    def _pass(self) -> Edit:
        first = self.module.start(self.line.block[0])
        number = self.line.block[0].lineno
        line = self.module.line_start(number)
        if self.module.utf8[line:first].strip(b" \t\f"):
            return Edit(first, first, "pass")
        return Edit(line, line, f"{self.module.indent(number)}pass\n")

    def _spacing(self) -> Iterator[Cleanup]:
        items = list(self._paragraphs())
        gaps = [(one.end, two.start) for one, two in pairwise(items)]
        line_of, line_start = self.module.line_of, self.module.line_start
        blanks = [line_of(end) - line_of(start) for start, end in gaps]
        for gap, tokens in conditions(items, blanks):
            start, end = gaps[gap]
            # The first blank line apart: a new import may be put behind it.
            middle = line_start(line_of(start) + 1)
            yield Cleanup(tokens, (Edit(start, middle, ""),))
            if middle < end:
                yield Cleanup(tokens, (Edit(middle, end, ""),))

    def _paragraphs(self) -> Iterator[Item]:
        """The paragraphs around the line, up to the next ones that stay."""
        statements = self._neighbours()
        owner: dict[int, list[ast.stmt]] = defaultdict(list)
        for statement in statements:
            last = statement.end_lineno or statement.lineno
            for number in range(self._first_line(statement), last + 1):
                owner[number].append(statement)
        run: list[int] = []
        for number in range(*self._stretch(statements)):
            if number in owner or self.module.line_text(number).strip():
                run.append(number)
            elif run:
                yield self._paragraph(run, owner)
                run = []
        if run:
            yield self._paragraph(run, owner)

    def _neighbours(self) -> list[ast.stmt]:
        """The imports around the line, and the first other statement on each side."""
        block = self.line.block
        first = block.index(self.line.statements[0])
        last = block.index(self.line.statements[-1])
        while first > 0 and is_import(block[first]):
            first -= 1
        while last + 1 < len(block) and is_import(block[last]):
            last += 1
        return block[first : last + 1]

    def _stretch(self, statements: list[ast.stmt]) -> tuple[int, int]:
        """The lines from the first statement to the last, or the ends of the file."""
        block, nested = self.line.block, self.line.nested
        first = self._first_line(statements[0])
        last = statements[-1].end_lineno or statements[-1].lineno
        if statements[0] is block[0]:
            first = self._below_header(first) if nested else 1
        if statements[-1] is block[-1] and not nested:
            last = len(self.module.line_starts)
        return first, last + 1

    def _below_header(self, line: int) -> int:
        """The first comment above the first statement of a nested block, or itself."""
        above = line - 1
        found = line
        while not (text := self.module.line_text(above).strip()) or text[0] == "#":
            found = above if text else found
            above -= 1
        return found

    def _first_line(self, statement: ast.stmt) -> int:
        return self.module.line_of(first_byte(self.module, statement))

    def _paragraph(self, run: list[int], owner: dict[int, list[ast.stmt]]) -> Item:
        start = self.module.line_start(run[0])
        end = self.module.line_start(run[-1] + 1)
        if not all(number in owner for number in run):  # a comment stays
            return Item(start, end, None)
        statements = dict.fromkeys(each for number in run for each in owner[number])
        return Item(start, end, union(map(self.needs.statement, statements)))
