"""Large things first, so that no worker has one of them alone in the end."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

ROOM = 16_000_000  # bytes that are held back


def large_first(
    things: Iterable[T], size: Callable[[T], int], room: int = ROOM
) -> Iterator[T]:
    """All things, each as the largest of those at hand.

    So many are at hand as have ``room``, by ``size`` (bytes). Small ones are held back
    while larger ones come: they are what is left in the end (longest processing time
    first; R. L. Graham, "Bounds on Multiprocessing Timing Anomalies", 1969).
    """
    held: list[tuple[int, int, T]] = []
    taken, numbers = 0, count()
    for thing in things:
        own = size(thing)
        taken += own
        heapq.heappush(held, (-own, next(numbers), thing))
        while taken > room:
            own, _, largest = heapq.heappop(held)
            taken += own
            yield largest
    while held:
        yield heapq.heappop(held)[2]
