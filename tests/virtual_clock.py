"""A world without real time: loops run in it, before and after they are rewritten."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest
from hypothesis import strategies as st
from msgspec import Struct, field

from testmend import waits


class Endless(Exception):  # noqa: N818  not an error: the bench stops a loop
    """A loop goes on far beyond any limit."""


class World(Struct):
    """A clock, and a server that is up from some try or some moment on."""

    costs: list[float]
    up_at_try: int
    up_from: float
    frozen: bool = False
    mocked: bool = False
    now: float = 0.0
    asked: int = 0
    reads: int = 0
    notes: list[int] = field(default_factory=list)

    @property
    def tries(self) -> int:
        """How often the server was asked whether it is up."""
        self.reads += 1
        if self.reads > 100_000:
            raise Endless
        return self.asked

    def take(self, seconds: float) -> None:
        if not self.frozen:
            self.now += seconds

    def sleep(self, seconds: float) -> None:
        if not self.mocked:
            self.take(seconds)

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def monotonic(self) -> float:
        return self.now

    def is_up(self) -> bool:
        self.take(self.costs[self.asked % len(self.costs)])
        self.asked += 1
        if self.asked > 20_000:
            raise Endless
        return self.asked > self.up_at_try and self.now >= self.up_from

    def poke(self) -> None:
        """What a loop may do while it waits."""

    def note(self) -> None:
        self.notes.append(self.asked)
        if len(self.notes) > 20_000:
            raise Endless

    def __enter__(self) -> None:
        self.note()

    def __exit__(self, *_: object) -> None:
        self.note()


def run(source: str, world: World) -> str:
    """What the loop gives, or how it ends."""
    clock = types.SimpleNamespace(sleep=world.sleep, monotonic=world.monotonic)
    sleeper = types.SimpleNamespace(sleep=world.sleep_async)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "time", clock)
        patch.setitem(sys.modules, "asyncio", sleeper)
        patch.setitem(sys.modules, "testmend_waits", waits)
        patch.setattr(waits, "time", clock)
        namespace: dict[str, Any] = {}
        exec(source, namespace)  # noqa: S102  the fragments above
        try:
            return str(finished(namespace["wait_for"](world)))
        except (AssertionError, Endless) as error:
            return type(error).__name__


def finished(result: object) -> object:
    """What a coroutine returns that never has to wait for anything else."""
    if not isinstance(result, types.CoroutineType):
        return result
    try:
        result.send(None)
    except StopIteration as stopped:
        return stopped.value
    raise AssertionError(result)


worlds = st.builds(
    World,
    costs=st.lists(st.floats(0, 4), min_size=1, max_size=5),
    up_at_try=st.integers(0, 40),
    up_from=st.floats(0, 100),
    frozen=st.booleans(),
    mocked=st.booleans(),
)


def twin(world: World) -> World:
    return World(
        world.costs, world.up_at_try, world.up_from, world.frozen, world.mocked
    )
