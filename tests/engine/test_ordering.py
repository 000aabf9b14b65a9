"""The order in which several workers get the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from testmend.ordering import large_first

if TYPE_CHECKING:
    from collections.abc import Iterator


@given(st.lists(st.integers(0, 50)), st.integers(0, 200))
def test_nothing_is_lost_and_no_larger_one_waits(sizes: list[int], room: int) -> None:
    named = list(enumerate(sizes))
    taken: list[tuple[int, int]] = []

    def read() -> Iterator[tuple[int, int]]:
        for each in named:
            taken.append(each)
            yield each

    out: list[tuple[int, int]] = []
    for each in large_first(read(), lambda thing: thing[1], room):
        waiting = [other for other in taken if other not in out]
        assert each[1] == max(size for _, size in waiting)
        assert sum(size for _, size in waiting) - each[1] <= room
        out.append(each)
    assert sorted(out) == named


def test_those_of_one_size_keep_their_order() -> None:
    assert list(large_first("abc", lambda _: 1)) == ["a", "b", "c"]
