"""A task that kills, fills or outlives its worker costs itself alone."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testmend import pool

if TYPE_CHECKING:
    from collections.abc import Callable


def work(task: int, *, bad: frozenset[int]) -> int:
    if task in bad:
        os._exit(3)
    return task * 2


def dawdle(task: int) -> int:
    Path(f"worker-{os.getpid()}").touch()
    time.sleep(600)
    return task


def test_workers_do_not_outlive_a_coordinator_that_was_killed(tmp_path: Path) -> None:
    code = "from engine.test_pool import dawdle\nfrom testmend import pool\n"
    code += "list(pool.Crew(2).run(dawdle, [[1], [2]]))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=tmp_path, env=environment) as coordinator:
        _until(lambda: len(list(tmp_path.glob("worker-*"))) == 2)
        coordinator.kill()
    pids = [int(file.name.partition("-")[2]) for file in tmp_path.glob("worker-*")]
    _until(lambda: not any(_runs(pid) for pid in pids))


def run(
    function: Callable[[int], int], batches: list[list[int]], jobs: int
) -> list[int | pool.Died[int]]:
    with contextlib.closing(pool.Crew(jobs)) as crew:
        return list(crew.run(function, batches))


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return state.read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    return False


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def batches(count: int) -> list[list[int]]:
    return [list(range(start, start + 5)) for start in range(0, count, 5)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once(jobs: int) -> None:
    function = partial(work, bad=frozenset[int]())
    results = run(function, batches(40), jobs)
    done = sorted(each for each in results if not isinstance(each, pool.Died))
    assert done == [task * 2 for task in range(40)]


def test_only_the_killers_are_lost() -> None:
    bad = frozenset({0, 7, 8, 39})
    function = partial(work, bad=bad)
    results = run(function, batches(40), 2)
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
    results = run(hang, [[1], [2], [3], [4]], 2)
    assert [each for each in results if isinstance(each, pool.Died)] == [pool.Died(3)]
    assert sorted(each for each in results if isinstance(each, int)) == [1, 2, 4]


def test_workers_inherit_what_cannot_be_sent() -> None:
    cannot_be_sent = threading.Lock()
    bad = frozenset({3})

    def function(task: int) -> int:
        with cannot_be_sent:
            return work(task, bad=bad)

    with contextlib.closing(pool.Crew(2)) as crew:
        assert list(crew.run(abs, [[-1]])) == [1]
        assert crew.bequeath(function)
        results = list(crew.run(pool.inherited, batches(10)))
        assert sorted(each for each in results if not isinstance(each, pool.Died)) == [
            task * 2 for task in range(10) if task != 3
        ]
        assert pool.Died(3) in results
        assert list(crew.run(abs, [[-1]])) == [1]


def test_nothing_is_inherited_where_workers_cannot_be_forked() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()  # nobody knows what it holds
    try:
        assert not pool.Crew(2).bequeath(abs)
    finally:
        done.set()
        other.join()
    assert not pool.Crew(1).bequeath(abs)
