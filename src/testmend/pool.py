"""A process pool that a dying worker can't take down: it costs one task alone.

`concurrent.futures.ProcessPoolExecutor` fails every pending task when a worker dies. So
only a few batches are under way at a time, and after a death those are run again one
task at a time, each in a fresh single worker, until the task that kills is known.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

SECONDS_PER_TASK = 30
BYTES_PER_TASK = 1024**3
_PAUSE = 0.1  # seconds until more batches are asked for
_AHEAD = 2  # batches under way per worker: enough that none waits for the coordinator
_more_time: list[Callable[[], None]] = []  # in a worker: starts its clock anew
_bequest: list[Callable[[Any], Any]] = []  # in a worker: see `Crew.bequeath`


class Died(Struct, Generic[T], frozen=True):
    """A task whose worker died (native crash, out of memory or time)."""

    task: T


class Crew:
    """Workers that stay from one stage of a work to the next.

    They are forked when there is first something to do, and anew after one has died.
    With ``jobs`` 1 there are none: everything runs in this process, unless it is to be
    ``isolated``. `close` ends them.
    """

    def __init__(self, jobs: int, *, isolated: bool = False) -> None:
        self.jobs = jobs
        self.isolated = isolated or jobs > 1
        self._executor: ProcessPoolExecutor | None = None
        self._bequest: Callable[[Any], Any] | None = None

    def bequeath(self, function: Callable[[Any], Any]) -> bool:
        """Leave a function to the workers, which are forked anew for it.

        It may be one that can't be sent, or that has much to say: they have all that it
        refers to in memory, as it is now. `inherited` stands for it. False where there
        are no workers, or where they can't be forked.
        """
        self.close()
        if not self.isolated or _method() != "fork":
            return False
        self._bequest = function
        return True

    def run(
        self,
        function: Callable[[T], R],
        batches: Iterable[Sequence[T]],
        *,
        ahead: int = _AHEAD,
    ) -> Iterator[R | Died[T]]:
        """``function`` of every task, as the batches finish; the tasks are in no order.

        ``function`` and the tasks must be picklable; ``function`` does not raise for a
        bad task, it returns a value. ``ahead``: how many batches are under way for each
        worker.
        """
        if not self.isolated:
            for batch in batches:
                yield from map(function, batch)
                gc.collect(0)  # the youngest objects: see `uncollected`
            return
        for each in self.stream(function, batches, ahead=ahead):
            if each is not None:
                yield each

    def stream(
        self,
        function: Callable[[T], R],
        batches: Iterable[Sequence[T]],
        *,
        ahead: int = _AHEAD,
    ) -> Iterator[R | Died[T] | None]:
        """As `run`, always isolated, for batches that are not all there yet.

        An empty batch says that there is none now: None is the answer, so that the
        caller has its turn, and later it is asked for again.
        """
        waiting = iter(batches)
        while True:
            suspects = yield from self._in_parallel(function, waiting, ahead)
            if suspects is None:
                return
            for task in suspects:
                yield alone(function, task, self._bequest)

    def close(self) -> None:
        """End the workers, as soon as they are done with what they have begun."""
        if self._executor:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None

    def _workers(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = _executor(self.jobs, self._bequest)
            # Forks all workers now: a batch may come from threads, beside which it is
            # not safe to fork.
            self._executor.submit(_start).result()
        return self._executor

    def _in_parallel(
        self, function: Callable[[T], R], batches: Iterator[Sequence[T]], ahead: int
    ) -> Generator[R | Died[T] | None, None, list[T] | None]:
        """Run batches until none is left (returns None) or a worker dies.

        In that case: the tasks of the batches that were under way.
        """
        running: deque[tuple[Future[list[R]], Sequence[T]]] = deque()
        finished = False
        try:
            executor = self._workers()
            while True:
                pause = None
                while len(running) < self.jobs * ahead and pause is None:
                    batch = next(batches, None)
                    if batch is None:
                        break
                    if batch:
                        running.append(
                            (executor.submit(limited, function, batch), batch)
                        )
                    else:
                        yield None
                        pause = _PAUSE
                if not running:
                    if pause is None:
                        finished = True
                        return None
                    continue
                futures = [future for future, _ in running]
                wait(futures, timeout=pause, return_when=FIRST_COMPLETED)
                for item in [each for each in running if each[0].done()]:
                    yield from item[0].result()
                    running.remove(item)
        except BrokenProcessPool:
            return [task for _, batch in running for task in batch]
        finally:
            if not finished:
                self.close()


def stream(
    function: Callable[[T], R], batches: Iterable[Sequence[T]], jobs: int
) -> Iterator[R | Died[T] | None]:
    """What a `Crew` makes of batches that are not all there yet, and then is gone."""
    with contextlib.closing(Crew(jobs, isolated=True)) as crew:
        yield from crew.stream(function, batches)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Meanwhile garbage is collected in this process where that is asked for, only.

    Syntax trees are many small objects that die together, and results many that stay:
    Python's own collector would look through them again and again while they grow.
    """
    automatic = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if automatic:
            gc.enable()


def inherited(task: Any) -> Any:
    """In a worker: what the function makes of a task that was left to the crew."""
    return _bequest[0](task)


def alone(
    function: Callable[[T], R],
    task: T,
    bequest: Callable[[Any], Any] | None = None,
) -> R | Died[T]:
    """``function`` of one task, in a fresh worker (``bequest``: see `inherited`)."""
    with _executor(1, bequest) as executor:
        try:
            return executor.submit(limited, function, [task]).result()[0]
        except BrokenProcessPool:
            return Died(task)


def _method() -> Literal["fork", "forkserver", "spawn"]:
    """How workers are started.

    Forking is fastest, but not safe beside other threads: then a process without any,
    which has all imported, forks for this one.
    """
    if sys.platform != "linux":
        return "spawn"
    return "fork" if threading.active_count() == 1 else "forkserver"


def _executor(
    jobs: int, bequest: Callable[[Any], Any] | None = None
) -> ProcessPoolExecutor:
    method = _method()
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["testmend.warm"])
    # A fork server is the workers' parent itself, and ends with this process.
    parent = 0 if method == "forkserver" else os.getpid()
    return ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_prepare, initargs=(parent, bequest)
    )


def _start() -> None:
    """Nothing to do yet."""


def _prepare(parent: int, bequest: Callable[[Any], Any] | None) -> None:
    """In a new worker: Ctrl-C is the coordinator's to handle; memory has a limit.

    ``parent``: the process that made it, which may be gone by now; 0: not known.
    ``bequest``: what a forked one inherits; no other is given one.
    """
    _bequest[:] = [bequest] if bequest else []
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.disable()  # syntax trees are large and short-lived: once a batch is enough
    limit_memory()
    parent = parent or os.getppid()
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(coordinator: int) -> None:
    """End this worker when the coordinator was killed: else it would wait for ever."""
    while os.getppid() == coordinator:
        time.sleep(1)
    os._exit(1)


def limit_memory() -> None:
    """Let this process take `BYTES_PER_TASK` more than it has now."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415  not on every system

        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            size = int(statm.read().split()[0]) * resource.getpagesize()
        limit = size + BYTES_PER_TASK
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def more_time() -> None:
    """Start this worker's time limit anew.

    For a task that waited on another process, which has a time limit of its own.
    """
    for start_clock in _more_time:
        start_clock()


def limited(function: Callable[[T], R], tasks: Sequence[T]) -> list[R]:
    """Run in a worker, with a time limit for each task.

    A native hang ends the process: that too costs one task.
    """
    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123
        seconds = SECONDS_PER_TASK * len(tasks)
        due = 0.0

        def start_clock() -> None:
            nonlocal due  # starting it makes a thread: not for each file that is done
            if (now := time.monotonic()) >= due:
                due = now + seconds / 30
                faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)

        start_clock()
        _more_time.append(start_clock)
        try:
            return [function(task) for task in tasks]
        finally:
            _more_time.clear()
            faulthandler.cancel_dump_traceback_later()
            gc.collect(0)  # the youngest objects: see `uncollected`
