"""What a run is about to do, on disk before it is done.

A `Move` says how a branch, HEAD, files and index entries go from one state to another.
It is the same value for a commit, for its undoing (the move reversed) and for `apply`
(a move without a branch). While ``run/`` lies in the folder, a run is unfinished.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from testmend.git.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 1
_LOG = b"apply.log"
_PATIENCE = 10.0
_PAUSE = 0.05

Entry = tuple[str, str]
"""Mode and object of an index entry."""


@dataclass(frozen=True, slots=True)
class FileMove:
    """One file: its bytes in the work tree and its index entry, before and after.

    ``dirty``: it holds changes of the user's, which are nowhere else.
    """

    path: bytes
    before: bytes | None
    after: bytes | None
    entry_before: Entry | None = None
    entry_after: Entry | None = None
    dirty: bool = False

    def reversed(self) -> FileMove:
        """The way back."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            entry_before=self.entry_after,
            entry_after=self.entry_before,
        )


@dataclass(frozen=True, slots=True)
class Move:
    """One transaction.

    ``trying``: hooks look at the files in the work tree, the branch can't have moved.
    ``moving``: what counts is whether ``ref`` is at ``new`` (``None``: it does not
    exist). ``head`` values are ``ref:NAME`` or ``commit:ID``. Without ``ref`` only
    files move.
    """

    kind: Literal["apply", "commit", "undo"]
    phase: Literal["trying", "moving"]
    files: tuple[FileMove, ...]
    token: str
    ref: str | None = None
    old: str | None = None
    new: str | None = None
    head_before: str = ""
    head_after: str = ""

    def reversed(self) -> Move:
        """The move that takes this one back."""
        return replace(
            self,
            kind="undo",
            files=tuple(each.reversed() for each in self.files),
            token=secrets.token_hex(8),
            old=self.new,
            new=self.old,
            head_before=self.head_after,
            head_after=self.head_before,
        )


class Journal:
    """The folder ``testmend`` in a git directory (or in the user's state folder)."""

    def __init__(self, folder: bytes) -> None:
        self.folder = folder
        self.run = os.path.join(folder, b"run")
        self.undo = os.path.join(folder, b"undo")

    @contextlib.contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the lock of this checkout; its descriptor is for children to inherit.

        So a child that outlives a killed run keeps the next one out. Raises `Refusal`
        (``busy``) when another run holds it.
        """
        os.makedirs(self.folder, exist_ok=True)
        path = os.path.join(self.folder, b"lock")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _lock(descriptor)
            try:
                yield descriptor
            finally:  # for every copy of the descriptor, a daemon's too
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        finally:
            os.close(descriptor)

    def begin(self) -> None:
        """Make an empty ``run/``. What an earlier run left there must be settled."""
        shutil.rmtree(self.run, ignore_errors=True)
        os.mkdir(self.run)
        _sync(self.folder)

    def write(self, move: Move) -> None:
        """Put a move on disk, whole or not at all, and durable."""
        data = bytearray()
        files = []
        for each in move.files:
            spans = []
            for content in (each.before, each.after):
                spans.append(None if content is None else [len(data), len(content)])
                data += content or b""
            entries = (each.entry_before, each.entry_after)
            files.append([each.path.decode("latin-1"), *spans, *entries, each.dirty])
        # A name of its own: the state on disk goes on naming the data it was made with.
        name = f"{move.phase}-{secrets.token_hex(4)}.bin"
        _write(os.path.join(self.run, name.encode()), data)
        state = {
            "version": VERSION,
            "kind": move.kind,
            "phase": move.phase,
            "data": name,
            "digest": hashlib.blake2b(data, digest_size=16).hexdigest(),
            "token": move.token,
            "files": files,
            "ref": move.ref,
            "old": move.old,
            "new": move.new,
            "head": [move.head_before, move.head_after],
        }
        temporary = os.path.join(self.run, b"state.tmp")
        _write(temporary, json.dumps(state).encode())
        os.replace(temporary, os.path.join(self.run, b"state.json"))
        _sync(self.run)

    def begun(self) -> bool:
        """Whether a run did not end, be it one that did nothing yet."""
        return os.path.isdir(self.run)

    def unfinished(self) -> Move | None:
        """The move of a run that did not end, if any."""
        return _load(self.run)

    def last(self) -> Move | None:
        """The move of the last run that can be taken back."""
        return _load(self.undo)

    def discard(self) -> None:
        """Forget the run in hand."""
        with contextlib.suppress(FileNotFoundError):  # the state first: it is the truth
            os.unlink(os.path.join(self.run, b"state.json"))
        shutil.rmtree(self.run, ignore_errors=True)

    def finish(self, move: Move) -> None:
        """The run is over: keep its record for `undo`, unless it was an undo itself."""
        if move.kind == "undo":
            shutil.rmtree(self.undo, ignore_errors=True)
            self.discard()
            return
        keep = {b"state.json", os.fsencode(_state(self.run)["data"])}
        for name in set(os.listdir(self.run)) - keep:
            path = os.path.join(self.run, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)
        shutil.rmtree(self.undo, ignore_errors=True)
        os.rename(self.run, self.undo)  # if that gets lost, it is settled once more

    def log(self, file: FileMove) -> None:
        """Add a file to the record of an `apply` that writes file by file."""
        sizes = [
            None if each is None else len(each) for each in (file.before, file.after)
        ]
        head = json.dumps([file.path.decode("latin-1"), *sizes]).encode() + b"\n"
        with open(os.path.join(self.run, _LOG), "ab") as stream:
            stream.write(head + (file.before or b"") + (file.after or b""))
            stream.flush()
            os.fsync(stream.fileno())

    def logged(self) -> tuple[FileMove, ...]:
        """The files in the log of an `apply` that did not end.

        If it was killed, it wrote at most these.
        """
        try:
            with open(os.path.join(self.run, _LOG), "rb") as stream:
                return tuple(_logged(stream.read()))
        except FileNotFoundError:
            return ()

    def close_log(self) -> None:
        """Make the record of what was logged, if anything was: it can be undone now."""
        files = self.logged()
        if not files:
            return
        move = Move("apply", "moving", files, secrets.token_hex(8))
        self.write(move)
        self.finish(move)

    def rescue(self, path: bytes, content: bytes) -> str:
        """Keep bytes that would be lost; says where."""
        folder = os.path.join(self.folder, b"rescued")
        os.makedirs(folder, exist_ok=True)
        name = f"{secrets.token_hex(4)}-".encode() + os.path.basename(path)[-200:]
        _write(os.path.join(folder, name), content)
        return os.fsdecode(os.path.join(folder, name))


def _lock(descriptor: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                message = (
                    "another testmend, or a hook it started, works on this checkout"
                )
                raise Refusal("busy", message) from None
            time.sleep(_PAUSE)
        else:
            return


def _state(folder: bytes) -> dict[str, Any]:
    with open(os.path.join(folder, b"state.json"), "rb") as file:
        state: dict[str, Any] = json.load(file)
    if state["version"] != VERSION:
        message = f"{os.fsdecode(folder)} was left by another version of testmend"
        raise Refusal("journal", message)
    return state


def _load(folder: bytes) -> Move | None:
    try:
        state = _state(folder)
        with open(os.path.join(folder, state["data"].encode()), "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return None
    if hashlib.blake2b(data, digest_size=16).hexdigest() != state["digest"]:
        raise Refusal("journal", f"{os.fsdecode(folder)} is damaged")
    head_before, head_after = state["head"]
    return Move(
        kind=state["kind"],
        phase=state["phase"],
        files=tuple(_file(each, data) for each in state["files"]),
        token=state["token"],
        ref=state["ref"],
        old=state["old"],
        new=state["new"],
        head_before=head_before,
        head_after=head_after,
    )


def _file(row: list[Any], data: bytes) -> FileMove:
    path, before, after, entry_before, entry_after, dirty = row
    return FileMove(
        path.encode("latin-1"),
        _slice(data, before),
        _slice(data, after),
        tuple(entry_before) if entry_before else None,
        tuple(entry_after) if entry_after else None,
        dirty,
    )


def _logged(data: bytes) -> Iterator[FileMove]:
    """The files of a log; the last one may be cut short, and then was not written."""
    at = 0
    while (end := data.find(b"\n", at)) >= 0:
        path, *sizes = json.loads(data[at:end])
        at = end + 1
        contents = []
        for size in sizes:
            contents.append(None if size is None else data[at : at + size])
            at += size or 0
        if at <= len(data):
            yield FileMove(path.encode("latin-1"), contents[0], contents[1])


def _slice(data: bytes, span: list[int] | None) -> bytes | None:
    return None if span is None else data[span[0] : span[0] + span[1]]


def _write(path: bytes, data: bytes | bytearray) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: bytes) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
