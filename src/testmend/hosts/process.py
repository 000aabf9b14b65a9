"""The process that guests run in, seen from the one that asks.

Each process of testmend has at most one, started when it is first needed. A guest that
crashes, takes too long or fills the memory ends that process and nothing else: with one
worker as with many.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import sys
import time
from multiprocessing import util
from typing import TYPE_CHECKING

import msgspec

from testmend import pool
from testmend.hosts.messages import Answer, Job

if TYPE_CHECKING:
    from collections.abc import Iterator

START = "import sys; sys.path[:] = sys.argv[1:]; import testmend.hosts.sandbox as s"
SECONDS_TO_START = 60.0
_LENGTH = struct.Struct("!I")
_CHUNK = 1 << 20


def ask(job: Job) -> Answer:
    """The guest's answer. It never raises for what a guest does."""
    try:
        sandbox = _Sandbox.of_this_process()
        if job.spec.host not in sandbox.hosts:
            started = sandbox.ask(Job("start", job.spec, SECONDS_TO_START))
            if started.trouble:
                return started
            sandbox.hosts.add(job.spec.host)
        return sandbox.ask(job)
    finally:
        pool.more_time()


def close() -> None:
    """End the guests' process of this process, if there is one."""
    _Sandbox.close_this()


class _Sandbox:
    """A running guests' process."""

    current: _Sandbox | None = None

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.hosts: set[str] = set()  # that it has imported
        self.process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-P", "-c", f"{START}; s.main()", *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self.process.stdin is None or self.process.stdout is None:
            raise AssertionError(self.process)
        self.input = self.process.stdin.fileno()
        self.output = self.process.stdout.fileno()
        os.set_blocking(self.input, False)
        # A worker of a pool runs no `atexit`, but it runs these.
        self.finalizer = util.Finalize(self, _end, (self.process,), exitpriority=10)

    @classmethod
    def of_this_process(cls) -> _Sandbox:
        found = cls.current
        if found is None or found.owner != os.getpid():  # a fork: it is another's
            found = cls.current = cls()
            ready = found.receive(time.monotonic() + SECONDS_TO_START)
            if ready is None:
                cls.close_this()
                raise RuntimeError("the process for guests did not start")
        return found

    @classmethod
    def close_this(cls) -> None:
        found, cls.current = cls.current, None
        if found is not None and found.owner == os.getpid():
            found.finalizer()

    def ask(self, job: Job) -> Answer:
        deadline = time.monotonic() + job.seconds
        frame = None
        if self.send(msgspec.msgpack.encode(job), deadline):
            frame = self.receive(deadline)
        if frame is not None:
            with contextlib.suppress(msgspec.MsgspecError):
                return msgspec.msgpack.decode(frame, type=Answer)
        late = time.monotonic() >= deadline
        self.close_this()
        if late:
            message = f"no answer within {job.seconds:g} seconds"
            return Answer(trouble="timeout", message=message)
        return Answer(trouble="died", message=_death(self.process.wait()))

    def send(self, data: bytes, deadline: float) -> bool:
        view = memoryview(_LENGTH.pack(len(data)) + data)
        while view:
            left = deadline - time.monotonic()
            if not _ready(self.input, select.POLLOUT, left):
                return False
            try:
                view = view[os.write(self.input, view[:_CHUNK]) :]
            except BrokenPipeError:
                return False
        return True

    def receive(self, deadline: float) -> bytes | None:
        """The next frame; None when the process ended or the time is over."""
        data = bytearray()
        wanted = _LENGTH.size
        while len(data) < wanted:
            chunk = next(self._chunks(wanted - len(data), deadline), b"")
            if not chunk:
                return None
            data += chunk
            if len(data) == wanted == _LENGTH.size:
                wanted += _LENGTH.unpack(data)[0]
        return bytes(data[_LENGTH.size :])

    def _chunks(self, size: int, deadline: float) -> Iterator[bytes]:
        left = deadline - time.monotonic()
        if _ready(self.output, select.POLLIN, left):
            yield os.read(self.output, min(size, _CHUNK))


def _ready(descriptor: int, event: int, seconds: float) -> bool:
    """Wait until a pipe can be read or written, or its other end is closed."""
    if seconds <= 0:
        return False
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(seconds * 1000))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a guests' process with everything that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()


def _death(code: int) -> str:
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"
