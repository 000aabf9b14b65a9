"""A task that kills, fills or outlives its worker costs itself alone."""

from __future__ import annotations

import os
from functools import partial

import pytest

from testmend import pool


def work(task: int, *, bad: frozenset[int]) -> int:
    if task in bad:
        os._exit(3)
    return task * 2


def batches(count: int) -> list[list[int]]:
    return [list(range(start, start + 5)) for start in range(0, count, 5)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once(jobs: int) -> None:
    function = partial(work, bad=frozenset[int]())
    results = pool.run(function, batches(40), jobs)
    done = sorted(each for each in results if not isinstance(each, pool.Died))
    assert done == [task * 2 for task in range(40)]


def test_only_the_killers_are_lost() -> None:
    bad = frozenset({0, 7, 8, 39})
    function = partial(work, bad=bad)
    results = list(pool.run(function, batches(40), 2))
    died = {each.task for each in results if isinstance(each, pool.Died)}
    done = sorted(each for each in results if not isinstance(each, pool.Died))
    assert died == bad
    assert done == [task * 2 for task in range(40) if task not in bad]


def hang(task: int) -> int:
    if task == 3:
        int("9" * 4000) ** 10**6  # a native loop that no signal handler interrupts
    return task


def test_native_hang_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SECONDS_PER_TASK", 0.2)
    results = list(pool.run(hang, [[1], [2], [3], [4]], 2))
    assert [each for each in results if isinstance(each, pool.Died)] == [pool.Died(3)]
    assert sorted(each for each in results if isinstance(each, int)) == [1, 2, 4]
