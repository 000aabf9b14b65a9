"""The wait helper on a clock of our own: no run is lost, every wait ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testmend import waits

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock:
    """A clock that moves when something takes time, and a sleep that takes it."""

    def __init__(self, *, frozen: bool = False) -> None:
        self.now = 1000.0
        self.frozen = frozen
        self.slept: list[float] = []

    def take(self, seconds: float) -> None:
        if not self.frozen:
            self.now += seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.take(seconds)

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.delenv("TESTMEND_TIMEOUT_SCALE", raising=False)
    monkeypatch.setattr(time, "sleep", made.sleep)
    monkeypatch.setattr(time, "monotonic", made.monotonic)
    yield made
    monkeypatch.undo()


# -- poll ----------------------------------------------------------------------------


def test_poll_counts_like_range(clock: Clock) -> None:
    assert list(islice(waits.poll(timeout=60, interval=1), 5)) == [0, 1, 2, 3, 4]
    assert clock.slept == [1, 1, 1, 1]


def test_poll_does_not_sleep_before_the_first_try_nor_after_success(
    clock: Clock,
) -> None:
    for _ in waits.poll(timeout=15, interval=0.5):
        break
    assert clock.slept == []


def test_poll_ends_with_a_try_not_with_a_sleep(clock: Clock) -> None:
    polls = waits.poll(timeout=1, interval=0.5)
    events = [(attempt, clock.now) for attempt in polls]
    assert events == [(0, 1000.0), (1, 1000.5), (2, 1001.0)]


def test_else_of_the_loop_runs_when_the_time_is_over(clock: Clock) -> None:
    for _ in waits.poll(timeout=1, interval=0.5):
        if clock.now > 2000:
            break
    else:
        return
    pytest.fail("the else clause did not run")


def test_names_patched_late_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    polls = waits.poll(timeout=0.2, interval=0.1)
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    assert list(polls) == [0, 1, 2]
    assert asked == [0.1, 0.1]


bodies = st.lists(st.floats(0, 5), min_size=1, max_size=30)
intervals = st.sampled_from([0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 1, 2, 5])


@given(bodies, intervals, st.integers(1, 30), st.integers(0, 40), st.booleans())
def test_no_run_that_range_passes_is_lost(
    costs: list[float],
    interval: float,
    rounds: int,
    true_at: int,
    frozen: bool,  # noqa: FBT001  hypothesis passes by position
) -> None:
    """Slow bodies, a condition that comes true at some try, a clock that may stand."""

    def tries(attempts: Iterator[int], clock: Clock) -> int | None:
        for attempt in attempts:
            clock.take(costs[attempt % len(costs)])
            if attempt >= true_at:
                return attempt
        return None

    old = tries(iter(range(rounds)), Clock(frozen=frozen))
    clock = Clock(frozen=frozen)
    new = tries(waits.poll(rounds * interval, interval, sleep=clock.sleep), clock)
    if old is not None:
        assert new == old
    assert len(clock.slept) <= rounds + 1


@given(bodies, intervals, st.integers(1, 30), st.floats(0, 100))
def test_no_run_that_time_decides_is_lost(
    costs: list[float], interval: float, rounds: int, true_from: float
) -> None:
    """What is waited for comes true at a moment, not at a try."""
    old = Clock()
    passed = False
    for attempt in range(rounds):
        old.take(costs[attempt % len(costs)])
        if old.now - 1000 >= true_from:
            passed = True
            break
        old.sleep(interval)
    new = Clock()
    for attempt in waits.poll(rounds * interval, interval, sleep=new.sleep):
        new.take(costs[attempt % len(costs)])
        if new.now - 1000 >= true_from:
            break
    else:
        assert not passed


@pytest.mark.parametrize("rounds", range(1, 60))
@pytest.mark.parametrize("interval", [0.1, 0.3, 0.7])
def test_rounding_costs_no_try(rounds: int, interval: float) -> None:
    clock = Clock()
    polls = waits.poll(round(rounds * interval, 6), interval, sleep=clock.sleep)
    assert len(list(polls)) == rounds + 1


def test_sleeps_of_zero_end_by_the_clock(clock: Clock) -> None:
    tries = 0
    for _ in waits.poll(timeout=2, interval=0):
        clock.take(0.1)
        tries += 1
    assert 20 <= tries <= 22  # floats


def test_an_interval_of_zero_leaves_tries() -> None:
    """``timeout=tries * delay`` where a caller wants no delay."""
    assert len(list(waits.poll(timeout=5 * 0, interval=0))) == 11


def test_sleeps_of_zero_end_on_a_clock_that_stands() -> None:
    assert len(list(waits.poll(5e-5, 0, sleep=lambda _: None))) >= 2


def test_slow_checks_do_not_make_a_wait_longer(clock: Clock) -> None:
    with pytest.raises(waits.WaitTimeout):
        waits.wait_until(lambda: clock.take(1), timeout=30, interval=0.01)
    assert clock.now == pytest.approx(1031, abs=1)


def test_a_pause_of_the_machine_leaves_tries(clock: Clock) -> None:
    answers = iter([False, False, False, True])
    clock.take(-100)

    def is_up() -> bool:
        clock.take(100)
        return next(answers)

    assert waits.wait_until(is_up, timeout=30, interval=0.5)


# -- async -----------------------------------------------------------------------------


def test_apoll(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(asyncio, "sleep", clock.sleep_async)

    async def attempts() -> list[int]:
        return [each async for each in waits.apoll(timeout=1, interval=0.5)]

    assert asyncio.run(attempts()) == [0, 1, 2]
    assert clock.slept == [0.5, 0.5]


def test_leaving_apoll_leaves_nothing_pending() -> None:
    async def first() -> int:
        async for attempt in waits.apoll(timeout=5, interval=1):
            return attempt
        return -1

    assert asyncio.run(first(), debug=True) == 0


def test_wait_until_async() -> None:
    clock = Clock()
    states = iter([0, "", None, "up"])

    async def wait() -> object:
        return await waits.wait_until_async(
            lambda: next(states), timeout=5, interval=1, sleep=clock.sleep_async
        )

    assert asyncio.run(wait()) == "up"
    assert clock.slept == [1, 1, 1]


def test_wait_until_async_awaits_coroutine_functions_only() -> None:
    async def up() -> bool:
        return True

    async def wait() -> object:
        awaited = await waits.wait_until_async(up, timeout=5, interval=1)
        future = asyncio.get_running_loop().create_future()
        kept = await waits.wait_until_async(lambda: future, timeout=5, interval=1)
        return awaited, kept is future

    assert asyncio.run(wait()) == (True, True)


def test_wait_until_async_times_out() -> None:
    clock = Clock()

    async def wait() -> None:
        await waits.wait_until_async(
            lambda: False, timeout=2, interval=1, sleep=clock.sleep_async
        )

    with pytest.raises(waits.WaitTimeout, match="False"):
        asyncio.run(wait())


# -- wait_until ------------------------------------------------------------------------


def test_wait_until_gives_the_value(clock: Clock) -> None:
    states = iter([None, 0, 7])
    assert waits.wait_until(lambda: next(states), timeout=5, interval=0.1) == 7
    assert clock.slept == [0.1, 0.1]


def test_time_out_is_a_failure_and_a_timeout() -> None:
    clock = Clock()
    seen: list[int] = []
    with pytest.raises(waits.WaitTimeout) as caught:
        waits.wait_until(
            lambda: len(seen) == 3, timeout=2, interval=0.5, sleep=clock.sleep
        )
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, TimeoutError)
    assert "len(seen) == 3" in str(caught.value)
    assert "2 s" in str(caught.value)
    assert "5 tries" in str(caught.value)
    assert "last value: False" in str(caught.value)


def test_time_out_names_a_function_or_the_message() -> None:
    def is_up() -> int:
        return 0

    sleep = Clock().sleep
    with pytest.raises(waits.WaitTimeout, match=r"is_up\(\) \(last value: 0\)"):
        waits.wait_until(is_up, timeout=1, interval=1, sleep=sleep)
    with pytest.raises(waits.WaitTimeout, match="the server"):
        waits.wait_until(
            is_up, timeout=1, interval=1, message="the server", sleep=sleep
        )


def test_message_may_be_made_when_the_time_is_over(clock: Clock) -> None:
    with pytest.raises(waits.WaitTimeout, match="slept 2 times"):
        waits.wait_until(
            lambda: False,
            timeout=2,
            interval=1,
            message=lambda: f"slept {len(clock.slept)} times",
        )


def test_time_out_of_code_without_a_file() -> None:
    condition = eval("lambda: False")  # noqa: S307  a source that nobody finds
    with pytest.raises(waits.WaitTimeout, match="<lambda>"):
        waits.wait_until(condition, timeout=1, interval=1, sleep=Clock().sleep)


def test_error_of_the_condition_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        waits.wait_until(lambda: 1 / 0, timeout=1, interval=1)


@given(intervals, st.floats(0.1, 2), st.booleans())
def test_every_wait_ends(
    interval: float,
    timeout: float,
    frozen: bool,  # noqa: FBT001  hypothesis passes by position
) -> None:
    clock = Clock(frozen=frozen)
    with pytest.raises(waits.WaitTimeout):
        waits.wait_until(lambda: False, timeout, interval, sleep=clock.sleep)
    assert timeout / interval - 1 < len(clock.slept) < timeout / interval + 1.001


# -- Deadline --------------------------------------------------------------------------


def test_deadline_sleeps_until_it_has_expired(clock: Clock) -> None:
    deadline = waits.Deadline(timeout=1)
    deadline.sleep(0.4)
    deadline.sleep(0.6)
    with pytest.raises(waits.WaitTimeout, match="after 1 s"):
        deadline.sleep(1)
    assert clock.slept == [0.4, 0.6]


def test_deadline_counts_the_time_of_the_body(clock: Clock) -> None:
    deadline = waits.Deadline(timeout=10)
    clock.take(11)
    assert deadline.expired


def test_deadline_with_an_interval_grants_its_sleeps(clock: Clock) -> None:
    deadline = waits.Deadline(timeout=1, interval=0.5)
    clock.take(11)
    seen = []
    while not deadline.expired:
        deadline.sleep()
        seen.append(clock.slept[-1])
    assert seen == [0.5, 0.5]


def test_deadline_on_a_clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(frozen=True)
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    deadline = waits.Deadline(timeout=3, sleep=clock.sleep)
    while not deadline.expired:
        deadline.sleep(1)
    assert clock.slept == [1, 1, 1]


def test_deadline_in_a_coroutine() -> None:
    clock = Clock()
    deadline = waits.Deadline(timeout=1, interval=0.5, sleep=clock.sleep_async)

    async def wait() -> None:
        for _ in range(3):
            await deadline.sleep_async()

    with pytest.raises(waits.WaitTimeout):
        asyncio.run(wait())
    assert clock.slept == [0.5, 0.5]


# -- scale -----------------------------------------------------------------------------


def test_environment_scales_every_timeout(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTMEND_TIMEOUT_SCALE", "3")
    assert len(list(waits.poll(timeout=1, interval=0.5))) == 7
    assert waits.Deadline(timeout=2).timeout == 6
    assert clock.slept == [0.5] * 6


def test_a_deadline_by_the_clock_leaves_tries(clock: Clock) -> None:
    """One look at a slow service takes longer than the whole timeout."""
    deadline = waits.Deadline(timeout=30)
    for _ in range(10):
        clock.take(60)
        deadline.sleep(1)
    with pytest.raises(waits.WaitTimeout):
        deadline.sleep(1)


def test_a_deadline_tells_what_the_loop_went_on_for(clock: Clock) -> None:
    """The innermost one's condition: not that of a loop around it or beside it."""
    deadline = waits.Deadline(timeout=3, interval=1)
    server = {"state": "BUILD"}
    while server:
        while not server:
            deadline.sleep()
        with pytest.raises(waits.WaitTimeout) as failed:  # noqa: PT012  it is about one
            while server["state"] != "ACTIVE":
                deadline.sleep()
        break
    goal = """the end of 'server["state"] != "ACTIVE"' (server["state"] = 'BUILD')"""
    assert str(failed.value) == f"timed out after 3 s, 4 tries: {goal}"
    assert clock.slept == [1, 1, 1]


def test_an_endless_loop_has_no_condition_to_tell(clock: Clock) -> None:
    async def wait() -> None:
        deadline = waits.Deadline(timeout=2, interval=1, sleep=clock.sleep_async)
        while True:
            await deadline.sleep_async()

    with pytest.raises(waits.WaitTimeout, match=r"3 tries: the end of a loop$"):
        asyncio.run(wait())


def test_an_async_loop_tells_its_condition(clock: Clock) -> None:
    async def wait(up: list[bool]) -> None:
        deadline = waits.Deadline(timeout=2, interval=1, sleep=clock.sleep_async)
        while not up:
            await deadline.sleep_async()

    with pytest.raises(
        waits.WaitTimeout, match=r"3 tries: the end of 'not up' \(up = \[\]\)$"
    ):
        asyncio.run(wait([]))


class Server:
    """A server that does not come up."""

    def __init__(self) -> None:
        self.state = "BUILD"
        self.asked = 0

    @property
    def power(self) -> str:
        self.asked += 1
        return "off"


def test_an_endless_loop_tells_what_its_ways_out_saw(clock: Clock) -> None:
    deadline = waits.Deadline(timeout=2, interval=1)
    server, tries = Server(), 0
    with pytest.raises(waits.WaitTimeout) as failed:  # noqa: PT012  it is about one
        while True:
            tries += 1
            if server.state == "ACTIVE":
                break
            if tries > 10:
                return
            if tries < 0:
                clock.take(1)
            deadline.sleep()
    seen = "the end of a loop (server.state = 'BUILD', tries = 3)"
    assert str(failed.value) == f"timed out after 2 s, 3 tries: {seen}"


def test_a_wait_tells_the_variables_behind_a_plain_no(clock: Clock) -> None:
    server, events = Server(), ["created"]
    with pytest.raises(waits.WaitTimeout) as failed:
        waits.wait_until(
            lambda: server.state == "ACTIVE" and len(events) == 2, timeout=2, interval=1
        )
    seen = "False; server.state = 'BUILD', events = ['created']"
    assert str(failed.value).endswith(f"(last value: {seen})")
    with pytest.raises(waits.WaitTimeout, match=r"\(last value: \[\]\)$"):
        waits.wait_until(lambda: events[1:], timeout=2, interval=1)
    assert clock.slept == [1] * 4


def test_a_message_calls_nothing_of_the_test(clock: Clock) -> None:
    """No property, no ``__missing__``, and an object may have no ``__dict__``."""
    server = Server()
    known: dict[str, str] = defaultdict(str)

    class Proxy:
        def __getattribute__(self, name: str) -> object:
            raise RuntimeError(name)

    proxy = Proxy()
    with pytest.raises(waits.WaitTimeout) as failed:
        waits.wait_until(
            lambda: bool(known) and known["a"] and server.power and proxy.up,
            timeout=2,
            interval=1,
        )
    assert (server.asked, dict(known)) == (0, {})
    assert clock.slept == [1, 1]
    seen = "known = defaultdict(<class 'str'>, {})"
    assert str(failed.value).endswith(f"(last value: False; {seen})")


def test_nothing_slow_is_imported_before_it_is_needed() -> None:
    """A program that a test starts may import its tests' package, and be awaited."""
    slow = "'asyncio', 'ast', 'inspect', 'linecache'"
    code = (
        "import sys; before = set(sys.modules); import typing; "
        "import testmend.waits as waits; list(waits.poll(timeout=0, interval=1)); "
        f"print(sorted((set(sys.modules) - before) & {{{slow}}}))"
    )
    run = [sys.executable, "-I", "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_method_is_told_with_its_class(clock: Clock) -> None:
    with pytest.raises(waits.WaitTimeout, match=r": Event\.is_set\(\) \(last"):
        waits.wait_until(threading.Event().is_set, timeout=2, interval=1)
    assert clock.slept != []
