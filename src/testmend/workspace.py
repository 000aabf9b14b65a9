"""Files on disk: read beneath a root, written whole or not at all.

Every path is opened component by component without following links, so that nothing
outside the root is read or written, whatever the tree holds.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend import beneath
from testmend.errors import SourceError
from testmend.source import MAX_BYTES
from testmend.tooling import Above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from testmend.model import Changed, NewFile

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Workspace:
    """The files beneath one root folder. Paths are relative to it, with ``/``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._nearest: tuple[list[str], int] | None = None  # the folder last read from

    def __del__(self) -> None:
        """Close that folder."""
        if self._nearest:
            os.close(self._nearest[1])

    def read(self, path: str) -> bytes:
        """The bytes of a regular file of at most `MAX_BYTES` bytes.

        Raises `SourceError`: ``link``, ``not-a-file``, ``too-large``, ``unreadable``.
        """
        above, name = _split(path)
        with _refusing():
            if self._nearest is None or self._nearest[0] != above:
                descriptor = beneath.folder(self.root, above)
                if self._nearest:
                    os.close(self._nearest[1])
                self._nearest = above, descriptor
            return _read(self._nearest[1], name)

    def listed(self, folder: str) -> Iterable[str]:
        """The names of what is in a folder; none if it is not there."""
        try:
            with beneath.opened(self.root, folder.split("/")) as descriptor:
                return os.listdir(descriptor)  # noqa: PTH208  a descriptor, not a path
        except OSError:
            return ()

    @cached_property
    def top(self) -> Path:
        """The top folder of the repository around the root; the root without one."""
        places = (self.root, *self.root.parents)
        return next((each for each in places if (each / ".git").exists()), self.root)

    def above(self) -> Above:
        """The settings of tools in the folders above the root.

        As far as the top of the repository; there are none without one.
        """
        top = self.top
        if top == self.root:
            return Above()
        above, outside = Above(self.root.relative_to(top).as_posix()), Workspace(top)
        found = {}
        for path in above.names():
            with contextlib.suppress(SourceError):
                found[path] = outside.read(path)
        return replace(above, files=found)

    def write(self, path: str, changed: Changed) -> None:
        """Put a changed file, and the new files it needs, on disk.

        Each goes to a temporary file beside it, is synced, and moved into place. Its
        mode, owner and extended attributes stay. Raises `SourceError`, with the file as
        it was: ``changed-meanwhile`` (its bytes are not those that were read),
        ``link``, ``hard-link``, ``read-only``, ``foreign-owner``, ``unwritable``,
        ``exists`` (a new file's place is taken by something else).
        """
        for file in changed.files:
            self.create(file)
        self._replace(path, changed.before, changed.after)

    def _replace(self, path: str, before: bytes, after: bytes) -> None:
        with _refusing("unwritable"), self._folder(path) as (folder, name):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            _check_writable(folder, name, status)
            if _read(folder, name) != before:
                raise SourceError("changed-meanwhile", "it changed since it was read")
            with _temporary(folder, after, status) as temporary:
                _copy_attributes(folder, name, temporary)
                if _read(folder, name) != before:
                    raise SourceError(
                        "changed-meanwhile", "it changed since it was read"
                    )
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def create(self, file: NewFile) -> None:
        """Put a file that a fix needs on disk, if it does not stand there as it should.

        Raises `SourceError`: ``exists``, ``link``, ``unwritable``; of one that is
        replaced those of `write`.
        """
        text = file.text.encode()
        if file.original is not None:
            if self.read(file.path) != text:
                self._replace(file.path, file.original, text)
            return
        with _refusing("unwritable"), self._folder(file.path, make=True) as opened:
            folder, name = opened
            with _temporary(folder, text, None) as temporary:
                try:
                    os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
                except FileExistsError:
                    if _read(folder, name) != text:
                        message = f"{file.path} stands where a new file is needed"
                        raise SourceError("exists", message) from None
            os.fsync(folder)

    @contextlib.contextmanager
    def _folder(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder that holds ``path``, and its last component."""
        above, name = _split(path)
        with beneath.opened(self.root, above, make=make) as descriptor:
            yield descriptor, name


def _split(path: str) -> tuple[list[str], str]:
    """The folders and the last component of a path."""
    *above, name = path.split("/")
    if not name or any(part in ("", ".", "..") for part in (*above, name)):
        raise SourceError("not-a-file", f"{path!r} is not a path beneath the root")
    return above, name


@contextlib.contextmanager
def _refusing(reason: str = "unreadable") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise SourceError("link", "a link stands in its path") from error
        raise SourceError(reason, error.strerror or str(error)) from error


def _read(folder: int, name: str) -> bytes:
    descriptor = os.open(name, _FILE, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("not-a-file", "it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise SourceError("too-large", f"more than {MAX_BYTES} bytes")
        # Without a file object, and no more room than needed: of thousands it counts.
        data = os.read(descriptor, status.st_size + 1)
        while len(data) != status.st_size:  # it has changed meanwhile
            more = os.read(descriptor, MAX_BYTES + 1 - len(data))
            if not more:
                break
            data += more
        return data
    finally:
        os.close(descriptor)


def _check_writable(folder: int, name: str, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise SourceError("link", "it is a link")
    if status.st_nlink > 1:
        raise SourceError("hard-link", "it has more than one name")
    if status.st_uid != os.geteuid():
        raise SourceError("foreign-owner", "it belongs to another user")
    if not status.st_mode & stat.S_IWUSR:
        raise SourceError("read-only", "it is read-only")
    if not os.access(name, os.W_OK, dir_fd=folder):
        raise SourceError("read-only", "it can't be written")


@contextlib.contextmanager
def _temporary(
    folder: int, data: bytes, status: os.stat_result | None
) -> Iterator[str]:
    """A synced file with these bytes in the folder; gone later if it was not moved."""
    name = f".testmend-{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    mode = 0o666 if status is None else 0o600
    descriptor = os.open(name, flags, mode, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor, not a path
            file.write(data)
            file.flush()
            if status is not None:
                if status.st_gid != os.fstat(descriptor).st_gid:
                    os.fchown(descriptor, -1, status.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
            os.fsync(descriptor)
        yield name
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


def _copy_attributes(folder: int, source: str, target: str) -> None:
    """Extended attributes, where the system has them (Linux)."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.ExitStack() as stack:
        descriptors = []
        for name in (source, target):
            descriptors.append(os.open(name, _FILE, dir_fd=folder))
            stack.callback(os.close, descriptors[-1])
        old, new = descriptors
        try:
            for attribute in os.listxattr(old):
                os.setxattr(new, attribute, os.getxattr(old, attribute))
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM):
                raise
