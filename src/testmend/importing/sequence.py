"""What stands between things in a row, when any of the things may go.

Names in an import statement, statements on a line, and paragraphs in a block are all
rows: items with something in between (a comma, a semicolon, blank lines). When items
go, exactly one of the things between two that stay must remain, and none at an end
where everything went. Which items go is not known here, since each fix must stand on
its own; so the answer is a list of conditions: this goes when all of those go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Item(Struct, frozen=True):
    """Bytes ``[start, end)`` that go when all ``tokens`` are removed; None: they stay.

    The tokens of an import are the offsets of the loads that need it, or its own offset
    if there is none (see `testmend.model.Fix.removes`).
    """

    start: int
    end: int
    tokens: frozenset[int] | None


def conditions(
    items: Sequence[Item], worth: Sequence[int]
) -> Iterator[tuple[int, frozenset[int]]]:
    """Gap ``i`` (after item ``i``) goes when all these tokens are removed.

    There is one ``worth`` for each gap. Between two items that stay, the gap of the
    highest worth remains; of equals, the last.
    """
    ranks = [(value, place) for place, value in enumerate(worth)]
    for gap in range(len(items) - 1):
        for ahead in (True, False):
            tokens = _towards(items, ranks, gap, ahead=ahead)
            if tokens is not None:
                yield gap, tokens


def _towards(
    items: Sequence[Item], ranks: Sequence[tuple[int, int]], gap: int, *, ahead: bool
) -> frozenset[int] | None:
    """The tokens of the items from a gap to the nearest one of higher worth, or end."""
    tokens: frozenset[int] = frozenset()
    order = range(gap + 1, len(items)) if ahead else range(gap, -1, -1)
    for place in order:
        own = items[place].tokens
        if own is None:
            return None
        tokens |= own
        following = place if ahead else place - 1  # the gap on the item's other side
        if 0 <= following < len(ranks) and ranks[following] > ranks[gap]:
            break
    return tokens
