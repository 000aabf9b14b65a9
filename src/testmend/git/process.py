"""One process, with its own group and a deadline, fed and drained at the same time."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from testmend.git.errors import GitOutputTooLarge, GitTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

_CHUNK = 1 << 16
_STDERR_KEPT = 1 << 16
_GRACE = 2.0
_GLANCE = 0.2  # seconds between two looks at `Limits.stop`


class Ended(Struct, frozen=True):
    """How a process ended, and what it wrote (of stderr at most 64 KiB)."""

    code: int
    out: bytes
    err: bytes


class Limits(Struct, frozen=True):
    """``seconds`` until the process group is ended; ``out`` is in bytes of stdout.

    It is ended too when another thread sets ``stop``. ``file``: no file that it writes
    gets more bytes (0: no limit; where the system can't do it, too).
    """

    seconds: float = 120.0
    out: int = 1 << 30
    file: int = 0
    stop: threading.Event | None = None


def run(
    command: Sequence[str | bytes],
    *,
    env: Mapping[str, str],
    cwd: bytes,
    stdin: bytes = b"",
    limits: Limits,
    keep: Sequence[int] = (),
) -> Ended:
    """Run a command to its end in a session, and so a process group, of its own.

    ``keep`` are descriptors that it inherits. Raises `GitTimeout` and
    `GitOutputTooLarge` after the whole group was ended, `OSError` if it can't start.
    """
    held = _Interrupts()
    try:
        process = subprocess.Popen(  # noqa: S603  callers give lists, never a shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            pass_fds=tuple(keep),
            bufsize=0,
        )
    except BaseException:
        held.let_go()
        raise
    with process:
        try:
            held.let_go()
            _limit(process.pid, limits.file)
            out, err = _exchange(process, stdin, limits)
            code = process.wait()
        except BaseException:  # Ctrl-C too: no child outlives its call
            _end(process)
            raise
    return Ended(code, out, err)


def _limit(pid: int, size: int) -> None:
    """Let a process that has just begun, and its children, write no larger file."""
    if not size:
        return
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource  # noqa: PLC0415  not on every system

        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        if hard == resource.RLIM_INFINITY or size < hard:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


class _Interrupts:
    """Holds back what interrupts Python while a process starts.

    An exception between its start and the first line that knows it would lose it.
    """

    def __init__(self) -> None:
        self._handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._came: list[int] = []
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, lambda came, _frame: self._came.append(came))

    def let_go(self) -> None:
        """Interrupt from now on, and now if something came."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        for number in self._came:
            self._handlers[number](number, None)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a whole group. Git gets a moment first: it takes its lock files away."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            pass
        finally:  # what the leader leaves behind too, and at a second Ctrl-C
            os.killpg(process.pid, signal.SIGKILL)


def _exchange(
    process: subprocess.Popen[bytes], stdin: bytes, limits: Limits
) -> tuple[bytes, bytes]:
    assert process.stdin  # noqa: S101  pipes, as asked for
    assert process.stdout  # noqa: S101
    assert process.stderr  # noqa: S101
    deadline = time.monotonic() + limits.seconds
    out, err = bytearray(), bytearray()
    rest = memoryview(stdin)
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ, out)
        waiting.register(process.stderr, selectors.EVENT_READ, err)
        if stdin:
            os.set_blocking(process.stdin.fileno(), False)
            waiting.register(process.stdin, selectors.EVENT_WRITE)
        else:
            process.stdin.close()
        while waiting.get_map():
            left = deadline - time.monotonic()
            if limits.stop is not None:
                left = min(left, _GLANCE)
            ready = waiting.select(left) if left > 0 else []
            if limits.stop is not None and limits.stop.is_set():
                raise GitTimeout("it was stopped")
            if not ready and time.monotonic() >= deadline:
                raise GitTimeout(f"no end after {limits.seconds:g} s")
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    rest = _feed(process.stdin.fileno(), rest)
                    done = not rest
                else:
                    data = os.read(key.fd, _CHUNK)
                    key.data.extend(data)
                    del err[_STDERR_KEPT:]
                    done = not data
                if done:
                    waiting.unregister(key.fileobj)
                    _close(key.fileobj)
            if len(out) > limits.out:
                raise GitOutputTooLarge(f"more than {limits.out} bytes of output")
    return bytes(out), bytes(err)


def _feed(descriptor: int, rest: memoryview) -> memoryview:
    """What is left to write. A child that stops reading gets no more."""
    try:
        return rest[os.write(descriptor, rest[:_CHUNK]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _close(stream: object) -> None:
    with contextlib.suppress(BrokenPipeError):
        stream.close()  # type: ignore[attr-defined]
