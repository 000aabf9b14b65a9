"""The process that guests run in, seen from inside: read a job, answer, again.

Guests work in memory. What they print goes nowhere, what they would write to disk is
refused, and each job has limits of memory and time.
"""

from __future__ import annotations

import ast
import contextlib
import faulthandler
import importlib
import logging
import os
import signal
import struct
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import msgspec

from testmend import pool
from testmend.errors import ConfigError
from testmend.hosts.messages import Answer, Job, Note, Rubbish, Unable

if TYPE_CHECKING:
    from testmend.hosts.spec import Spec

MODULES = {
    "libcst": "testmend.hosts.libcst_host",
    "fixit": "testmend.hosts.fixit_host",
    "bowler": "testmend.hosts.bowler_host",
}
_GRACE = 5.0  # seconds after which a process that nobody ended ends itself
_LENGTH = struct.Struct("!I")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING = frozenset(
    f"os.{name}"
    for name in (
        *("remove", "rename", "rmdir", "mkdir", "link", "symlink", "truncate"),
        *("chmod", "chown", "setxattr", "removexattr", "utime"),
    )
)
_ready: set[str] = set()


class Host(Protocol):
    """What each host's module offers; all of it runs in here."""

    def describe(self, spec: Spec) -> Answer:
        """Load the guest and say what it is. Raises `ConfigError` if it can't."""

    def rewrite(self, job: Job) -> tuple[str, tuple[Note, ...]]:
        """The text that the guest makes, and its notes. Raises `Unable`, `Rubbish`."""

    def metadata(self, job: Job) -> dict[str, bytes]:
        """What the guest needs to know of each file from the whole repository."""


def main() -> None:
    """Answer until the other side is gone."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.dont_write_bytecode = True
    pool.limit_memory()
    logging.disable(logging.CRITICAL)
    _send(sink, b"")
    with open(nowhere, "w", encoding="utf-8") as trash:  # noqa: PTH123  a descriptor
        while frame := _receive(source):
            job = msgspec.msgpack.decode(frame, type=Job)
            limit = job.seconds + _GRACE
            faulthandler.dump_traceback_later(limit, exit=True, file=trash)
            reply = answer(job)
            faulthandler.cancel_dump_traceback_later()
            _send(sink, msgspec.msgpack.encode(reply))


def answer(job: Job) -> Answer:
    """Do one job. Whatever the guest raises becomes an answer."""
    try:
        if job.kind == "start":
            _ready.discard("job")  # a host that is imported makes caches of its own
            load_host(job.spec)
            return Answer()
        host = load_host(job.spec)
        _forbid_writing()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _done(host, job)
    except Unable as unable:
        note = Note(1, str(unable), reason=unable.reason)
        return Answer(text=job.text, notes=(note,))
    except ConfigError as error:
        return Answer(trouble="config", message=str(error))
    except Rubbish as error:
        return Answer(trouble="rubbish", message=str(error))
    except BaseException as error:  # noqa: BLE001  the boundary to the guest
        return Answer(trouble="raised", message=_told(error))


def _done(host: Host, job: Job) -> Answer:
    if job.kind == "describe":
        return host.describe(job.spec)
    if job.kind == "metadata":
        return Answer(metadata=host.metadata(job))
    text, notes = host.rewrite(job)
    if not isinstance(text, str):
        raise Rubbish(f"it returned {type(text).__name__}, not the text of a module")
    try:
        text.encode()
        if text != job.text:
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Rubbish(f"its result does not parse: {error}") from None
    return Answer(text=text, notes=notes)


def load_host(spec: Spec) -> Host:
    """The module of a guest's host. Raises `ConfigError` when it is not installed."""
    try:
        return cast("Host", importlib.import_module(MODULES[spec.host]))
    except ModuleNotFoundError as error:
        wanted = f"pip install 'testmend[{spec.host}]'"
        message = f"{spec.host} is not installed ({error}); install it with: {wanted}"
        raise ConfigError(message) from None


def _told(error: BaseException) -> str:
    """``ValueError: why (rule.py, line 3)``: the guest's own last line."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})"  # noqa: PTH119  a name for people
    message = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {message}{place if frames else ''}"


def _forbid_writing() -> None:
    """In jobs: a host's own caches are made before, when it starts."""
    if "hook" not in _ready:
        sys.addaudithook(_audit)
    _ready.update({"hook", "job"})


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if "job" not in _ready:
        return
    if event in _CHANGING:
        raise PermissionError(f"a guest must not change files ({event})")
    if event == "open":
        path, mode, flags = arguments
        writes = bool(isinstance(flags, int) and flags & _WRITING) or (
            isinstance(mode, str) and not set(mode).isdisjoint("wax+")
        )
        if writes and not isinstance(path, int) and path != os.devnull:
            raise PermissionError(f"a guest must not write files ({path})")


def _send(sink: BinaryIO, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        sink.write(_LENGTH.pack(len(data)) + data)
        sink.flush()


def _receive(source: BinaryIO) -> bytes:
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return b""
    return source.read(_LENGTH.unpack(head)[0])
