"""Wait in tests until something is so: bounded in time, never a try too few.

    wait_until(lambda: server.is_up, timeout=30, interval=0.5)

    for attempt in poll(timeout=15, interval=0.5):
        if server.status == "ACTIVE":
            break
    else:
        raise AssertionError(f"server is still {server.status}")

A poll ends when ``timeout / interval`` sleeps were made, not sooner: where the
checks themselves take long (a slow machine), it takes longer and still makes
all its tries. `wait_until` and a `Deadline` that sleeps without an interval
end by the clock, after ten tries at least. Their last act is a check, not a
sleep. Success returns at once, so a generous timeout costs nothing. A stopped
clock or a replaced sleep does not keep it from ending.

The environment variable ``TESTMEND_TIMEOUT_SCALE`` multiplies every timeout
(for slow machines or runs under coverage).

This module needs Python 3.5 and its standard library only, so that any project
can keep a copy of it, under terms of its own if it likes. It comes with MIT-0:

Permission is hereby granted, free of charge, to any person obtaining a copy of
this file, to deal in it without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or
sell copies of it. It is provided "as is", without warranty of any kind,
express or implied.
"""

import os
import sys
import time
from typing import Any, AsyncIterator, Callable, Iterator, Optional, Union

# asyncio, ast and what they need are imported when they are needed: a program
# that a test starts may import this module as well, and has to be there soon.

__testmend__ = "waits 1"

_SHORTEST = 1e-6  # seconds that a sleep of 0 counts for: it ends on any clock
_FEW = 10  # tries of a wait that ends by the clock: a machine may be paused


class WaitTimeout(AssertionError, TimeoutError):
    """What was waited for did not come true in time."""


class Deadline:
    """The time that a wait may take, and the sleeps within it (in seconds).

    With an ``interval`` it is over after ``timeout / interval`` sleeps;
    without (or one of 0, then not before ten sleeps), when the clock or the
    sum of the sleeps says so. With ``tries`` the clock decides also where
    there is an interval, but not before so many sleeps were made.
    ``sleep`` replaces `time.sleep` and `asyncio.sleep`.
    """

    def __init__(
        self,
        timeout: float,
        interval: Optional[float] = None,
        sleep: Optional[Callable[[float], Any]] = None,
        tries: Optional[int] = None,
    ) -> None:
        scale = os.environ.get("TESTMEND_TIMEOUT_SCALE")
        self.timeout = timeout * float(scale or 1)
        self.interval = interval
        self.tries = tries
        self.sleeps = 0
        self._sleep = sleep
        self._asked = 0.0
        self._start = time.monotonic()

    @property
    def elapsed(self) -> float:
        """The seconds used up: by the clock or the sleeps, what is more."""
        return max(time.monotonic() - self._start, self._asked)

    @property
    def expired(self) -> bool:
        """Whether the time is over."""
        if not self.interval:
            # A timeout that was made with an interval of 0 is over at once.
            few = 0 if self.interval is None else _FEW
            return self.sleeps >= few and self.elapsed >= self.timeout
        # Rounded: 0.3 / 0.1 is less than 3, and 0.7 / 0.1 is less than 7.
        granted = round(self.timeout / self.interval, 6)
        if self.tries is None or self.sleeps < min(self.tries, granted):
            return self.sleeps >= granted
        return self.elapsed >= self.timeout

    def sleep(self, seconds: Optional[float] = None) -> None:
        """Sleep, or raise `WaitTimeout` when expired; by default the interval.

        Without an interval not before ten sleeps, or so many as the timeout
        has room for: one look at a slow service may take longer than all that.
        """
        if self._is_over():
            raise WaitTimeout(self.report(_loop()))
        self.pause(seconds)

    async def sleep_async(self, seconds: Optional[float] = None) -> None:
        """`sleep` in a coroutine."""
        if self._is_over():
            raise WaitTimeout(self.report(_loop()))
        await self.pause_async(seconds)

    def pause(self, seconds: Optional[float] = None) -> None:
        """Sleep, expired or not."""
        (self._sleep or time.sleep)(self._count(seconds))

    async def pause_async(self, seconds: Optional[float] = None) -> None:
        """`pause` in a coroutine."""
        import asyncio

        await (self._sleep or asyncio.sleep)(self._count(seconds))

    def report(self, goal: str) -> str:
        """What to say when the time is over."""
        tries, seconds = self.sleeps + 1, round(self.elapsed, 2)
        said = "timed out after {:g} s, {} tries: {}"
        return said.format(seconds, tries, goal)

    def _is_over(self) -> bool:
        slow = self.interval is None and self._asked < self.timeout
        return self.expired and not (slow and self.sleeps < _FEW)

    def _count(self, seconds: Optional[float]) -> float:
        wanted = (self.interval or 0.0) if seconds is None else seconds
        self.sleeps += 1
        self._asked += max(wanted, _SHORTEST)
        return wanted


class _Poll:
    """The attempts of a loop, counted from 0, and the sleeps between them."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._attempt = -1

    def __iter__(self) -> "_Poll":
        return self

    def __next__(self) -> int:
        if self._attempt >= 0:
            if self._deadline.expired:
                raise StopIteration
            self._deadline.pause()
        self._attempt += 1
        return self._attempt


class _AsyncPoll:
    """The same for ``async for``. A generator would have to be closed."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._attempt = -1

    def __aiter__(self) -> "_AsyncPoll":
        return self

    async def __anext__(self) -> int:
        if self._attempt >= 0:
            if self._deadline.expired:
                raise StopAsyncIteration
            await self._deadline.pause_async()
        self._attempt += 1
        return self._attempt


def poll(
    timeout: float,
    interval: float,
    sleep: Optional[Callable[[float], Any]] = None,
) -> Iterator[int]:
    """Attempts for a ``for`` loop: 0, 1, 2, ... until the time is over.

    The loop then ends as any loop ends: what follows it, or its ``else``, says
    what went wrong. ``sleep`` is called instead of `time.sleep`.
    """
    return _Poll(Deadline(timeout, interval, sleep))


def apoll(
    timeout: float,
    interval: float,
    sleep: Optional[Callable[[float], Any]] = None,
) -> AsyncIterator[int]:
    """`poll` for ``async for``; ``sleep`` is awaited, not `asyncio.sleep`."""
    return _AsyncPoll(Deadline(timeout, interval, sleep))


def wait_until(
    condition: Callable[[], Any],
    timeout: float,
    interval: float,
    message: Union[str, Callable[[], Any]] = "",
    sleep: Optional[Callable[[float], Any]] = None,
) -> Any:
    """Call ``condition`` until it returns something true, and return that.

    Raises `WaitTimeout`, which says what was waited for: ``message`` (or what
    it returns, called then), or the source of the condition. What the
    condition raises is not caught.
    """
    deadline = Deadline(timeout, interval, sleep, _FEW)
    while True:
        value = condition()
        if value:
            return value
        if deadline.expired:
            raise WaitTimeout(_report(deadline, condition, message, value))
        deadline.pause()


async def wait_until_async(
    condition: Callable[[], Any],
    timeout: float,
    interval: float,
    message: Union[str, Callable[[], Any]] = "",
    sleep: Optional[Callable[[float], Any]] = None,
) -> Any:
    """`wait_until` in a coroutine; ``condition`` may be one, too."""
    import inspect

    deadline = Deadline(timeout, interval, sleep, _FEW)
    awaits = inspect.iscoroutinefunction(condition)
    while True:
        value = (await condition()) if awaits else condition()
        if value:
            return value
        if deadline.expired:
            raise WaitTimeout(_report(deadline, condition, message, value))
        await deadline.pause_async()


def _report(
    deadline: Deadline,
    condition: Callable[[], Any],
    message: Union[str, Callable[[], Any]],
    value: Any,
) -> str:
    given = message() if callable(message) else message
    goal = str(given) if given != "" else _source(condition)
    last = repr(value)
    if value is None or value is False:
        last += _held(condition)
    said = "{} (last value: {})"
    return said.format(deadline.report(goal), last)


def _loop() -> str:
    """What the innermost ``while`` around the caller's caller goes on for.

    And what its conditions, and those that leave it, see.
    """
    import ast
    import linecache

    frame = sys._getframe(2)  # noqa: SLF001  as logging and warnings do
    text = "".join(linecache.getlines(frame.f_code.co_filename))
    line, goal, seen = frame.f_lineno, "", ""
    try:
        for node in ast.walk(ast.parse(text)):  # inner ones come last
            if isinstance(node, ast.While) and node.lineno <= line:
                inner = list(ast.walk(node))
                if line <= max(getattr(each, "lineno", 0) for each in inner):
                    endless = isinstance(node.test, ast.Constant)
                    goal = "" if endless else _segment(text, node.test)
                    tests = [node.test, *filter(None, map(_way_out, inner))]
                    seen = _seen(text, tests, frame.f_locals)
    except (SyntaxError, ValueError, AttributeError):
        pass
    said = "the end of {}{}"
    what = repr(goal) if goal else "a loop"
    return said.format(what, seen and " (" + seen + ")")


def _way_out(node: Any) -> Any:
    """The test of an ``if`` with a ``break`` or ``return``; else None."""
    import ast

    inner = node.body if isinstance(node, ast.If) else []
    parts = (part for each in inner for part in ast.walk(each))
    leaves = any(isinstance(each, (ast.Break, ast.Return)) for each in parts)
    return node.test if leaves else None


def _source(condition: Callable[[], Any]) -> str:
    """The source of a lambda's body; the name of any other callable.

    That of a method has the class of its object.
    """
    import linecache

    name = getattr(condition, "__name__", None) or repr(condition)
    code = getattr(condition, "__code__", None)
    if name != "<lambda>" or code is None:
        owner = type(getattr(condition, "__self__", None)).__name__
        is_method = owner not in ("NoneType", "module")
        return "{}{}()".format(owner + "." if is_method else "", name)
    try:
        source = _segment(*_lambda(condition))
    except (SyntaxError, ValueError, StopIteration, AttributeError):
        source = linecache.getline(code.co_filename, code.co_firstlineno)
    return " ".join((source or name).split())


def _held(condition: Any) -> str:
    """What a lambda sees of the variables around it."""
    try:
        text, body = _lambda(condition)
        cells = condition.__closure__ or ()
        names = condition.__code__.co_freevars
        held = {name: cells[at].cell_contents for at, name in enumerate(names)}
        seen = _seen(text, [body], held)
    except (SyntaxError, ValueError, StopIteration, AttributeError):
        seen = ""
    return seen and "; " + seen


def _lambda(condition: Any) -> Any:
    """The source of a lambda's file, and the node of its body."""
    import ast
    import linecache

    code = condition.__code__
    text = "".join(linecache.getlines(code.co_filename))
    nodes = ast.walk(ast.parse(text))
    lambdas = (node for node in nodes if isinstance(node, ast.Lambda))
    line = code.co_firstlineno
    return text, next(each.body for each in lambdas if each.lineno == line)


def _seen(text: str, asked: Any, names: Any) -> str:
    """``state = 'down', server.port = 80``: what some expressions can see.

    Nothing is called for it, and no property; objects are not told.
    """
    import ast
    import enum
    import reprlib

    plain = (str, bytes, int, float, list, tuple, dict, set, frozenset)
    told = (*plain, type(None), enum.Enum, BaseException)
    short = reprlib.Repr()
    short.maxstring = short.maxother = 200
    rest = list(asked)
    found = {}  # type: Any
    while rest:
        node = rest.pop(0)
        try:
            value = _value(text, node, names)
            said = short.repr(value) if isinstance(value, told) else ""
        except Exception:  # noqa: BLE001  a message may say less, but not fail
            said = ""
        if said:
            found[_segment(text, node)] = said
        else:
            rest = list(ast.iter_child_nodes(node)) + rest
    return ", ".join(" = ".join(each) for each in found.items())


def _value(text: str, node: Any, names: Any) -> Any:
    """What a variable holds, or what lies open in it: a key, an attribute."""
    import ast

    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.Attribute):
        return vars(_value(text, node.value, names))[node.attr]
    if not isinstance(node, ast.Subscript):
        raise TypeError(node)
    holder = _value(text, node.value, names)
    if type(holder) not in (dict, list, tuple):  # others may do something
        raise TypeError(node)
    return holder[ast.literal_eval(_segment(text, node.slice))]


def _segment(text: str, node: Any) -> str:
    """The source of a node, on one line; needs Python 3.8."""
    import ast

    return " ".join((ast.get_source_segment(text, node) or "").split())
