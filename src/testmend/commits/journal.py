"""What a run is about to do, on disk before it is done.

A folder with a lock, the `Move` of the run in hand (``run/``) and that of the last one,
for `undo`. While ``run/`` lies there, a run is unfinished.
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
from typing import TYPE_CHECKING, Any

from testmend.commits import record
from testmend.commits.moves import FileMove, Move
from testmend.errors import GitError
from testmend.git.errors import Refusal
from testmend.git.objects import contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from testmend.git.repository import Repository

_LOG = b"apply.log"
_PATIENCE = 10.0
_PAUSE = 0.05


class Journal:
    """The folder ``testmend`` in a git directory (or in the user's state folder).

    ``repository`` is where the objects are that a record names.
    """

    def __init__(self, folder: bytes, repository: Repository | None = None) -> None:
        self._repository = repository
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
        state, data = record.table(move, self._packed)
        # A name of its own: the state on disk goes on naming the data it was made with.
        state["data"] = f"{move.phase}-{secrets.token_hex(4)}.bin"
        state["digest"] = _digest(data)
        _write(os.path.join(self.run, state["data"].encode()), data)
        temporary = os.path.join(self.run, b"state.tmp")
        _write(temporary, json.dumps(state).encode())
        os.replace(temporary, os.path.join(self.run, b"state.json"))
        _sync(self.run)

    def begun(self) -> bool:
        """Whether a run did not end, be it one that did nothing yet."""
        return os.path.isdir(self.run)

    def unfinished(self) -> Move | None:
        """The move of a run that did not end, if any."""
        return self._load(self.run)

    def last(self) -> Move | None:
        """The move of the last run that can be taken back."""
        return self._load(self.undo)

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
        with open(os.path.join(self.run, _LOG), "ab") as stream:
            stream.write(record.log_line(file))
            stream.flush()
            os.fsync(stream.fileno())

    def logged(self) -> tuple[FileMove, ...]:
        """The files in the log of an `apply` that did not end.

        If it was killed, it wrote at most these.
        """
        try:
            with open(os.path.join(self.run, _LOG), "rb") as stream:
                return tuple(record.log_lines(stream.read()))
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

    def _load(self, folder: bytes) -> Move | None:
        try:
            state = _state(folder)
            with open(os.path.join(folder, state["data"].encode()), "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return None
        if _digest(data) != state["digest"]:
            raise Refusal("journal", f"{os.fsdecode(folder)} is damaged")
        return record.move_of(state, data, self._contents(record.objects(state)))

    def _packed(self, oid: str) -> bool:
        if self._repository is None:
            return False
        folder = os.path.join(self._repository.common_dir, b"objects")
        return not record.loose(folder, oid)

    def _contents(self, oids: tuple[str, ...]) -> Mapping[str, bytes]:
        if self._repository is None or not oids:
            return {}
        try:
            return contents(self._repository.git, oids)
        except GitError as error:
            where = os.fsdecode(self.folder)
            message = f"the record in {where} names what git no longer has: {error}"
            raise Refusal("journal", message) from None


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
    if record.unreadable(state):
        message = f"{os.fsdecode(folder)} was left by another version of testmend"
        raise Refusal("journal", message)
    return state


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _write(path: bytes, data: bytes) -> None:
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
