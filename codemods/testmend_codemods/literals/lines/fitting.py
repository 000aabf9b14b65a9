"""Which lines become too long, and how each is broken.

All values of a line count together, and so do the lines below that follow a value
(`testmend_codemods.literals.lines.layout`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from testmend.line_length import PEP8
from testmend.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from testmend_codemods.literals.model import Break, Join, Use


_start = attrgetter("start")


class Fitting:
    """The lines of a file after each use got its text. ``limit``: of a line.

    ``exploded``: whether lines are broken as Black does it. ``joins``: the longest line
    for which others are joined as it does that; 0: none is.
    """

    def __init__(
        self,
        texts: Iterable[tuple[Use, str]],
        limit: int,
        *,
        exploded: bool,
        joins: int = 0,
    ) -> None:
        self.limit = limit
        self.exploded = exploded
        self.joins = joins
        self._grows: dict[int, dict[Use, int]] = defaultdict(dict)
        self._moves: dict[int, int] = defaultdict(int)
        self._widths: dict[int, int] = {}
        texts = list(texts)
        self._uses = sorted((use for use, _ in texts), key=_start)
        for use, text in texts:
            growth = len(text) - (use.end - use.start)
            self._grows[use.row][use] = growth
            self._widths[use.row] = PEP8 - use.room
            for shift in use.shifts:
                self._moves[shift.start] += growth
                self._widths[shift.start] = PEP8 - shift.room

    def misfits(self) -> frozenset[Use]:
        """The uses that make a line too long which can't be broken."""
        found: set[Use] = set()
        for row in self._widths:
            if self._is_long(row) and self._way(row) is None:
                found.update(use for use, grew in self._grows[row].items() if grew > 0)
                found.update(self._behind(row))
        return frozenset(found)

    def edits(self, use: Use) -> Iterator[Edit]:
        """What breaks the line of a use, if that is too long."""
        for join in use.joins:
            if self._is_joined(join):
                if use.start == self._within(join)[0].start:
                    yield from (Edit(*cut) for cut in join.cuts)
                break
        way = self._way(use.row) if self._is_long(use.row) else None
        for cut in way.cuts if way else ():
            text = cut.before
            if cut.indent is not None:
                text += "\n" + " " * self._indent(use.row, cut.indent, cut.anchor)
            yield Edit(cut.start, cut.end, text + cut.after)

    def _is_joined(self, join: Join) -> bool:
        """Whether Black would have these lines as one, and had several before."""
        grows = sum(self._grows[use.row].get(use, 0) for use in self._within(join))
        return join.width > self.joins >= join.width + grows

    def _within(self, join: Join) -> list[Use]:
        """The uses between the brackets of lines that are joined."""
        start, end = (bisect_left(self._uses, at, key=_start) for at in join.span)
        return self._uses[start:end]

    # -- the lines -----------------------------------------------------------------

    def _is_long(self, row: int) -> bool:
        grows = sum(self._grows[row].values()) + self._moves[row]
        return grows > 0 and self._widths[row] + grows > self.limit

    def _behind(self, row: int) -> Iterator[Use]:
        """The uses that a line follows, where they grow."""
        for uses in list(self._grows.values()):
            for use, grows in uses.items():
                if grows > 0 and any(shift.start == row for shift in use.shifts):
                    yield use

    def _way(self, row: int) -> Break | None:
        uses = self._grows[row]
        for way in (way for use in uses for way in use.breaks):
            if way.exploded == self.exploded and self._fits(row, way, uses):
                return way
        return None

    def _fits(self, row: int, way: Break, uses: Mapping[Use, int]) -> bool:
        """Whether all the lines of a broken line are short enough."""
        widths = list(way.widths)
        for use, grows in uses.items():
            widths[sum(cut.end <= use.start for cut in way.cuts)] += grows
        width = widths[0] + self._moves[row]
        for cut, piece in zip(way.cuts, widths[1:], strict=True):
            width += len(cut.before)
            if cut.indent is not None:
                if width > self.limit:
                    return False
                width = self._indent(row, cut.indent, cut.anchor)
            width += len(cut.after) + piece
        return width <= self.limit

    def _indent(self, row: int, column: int, anchor: int) -> int:
        ahead = (grows for use, grows in self._grows[row].items() if use.start < anchor)
        return column + self._moves[row] + sum(ahead)
