"""Files of the work tree: read and replaced beneath its root, links never followed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from testmend import beneath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SYNCS_AT_ONCE = 16
_OF_APPLY = re.compile(r"\.testmend-[0-9a-f]{16}\.tmp")  # see testmend.workspace


class Replacement(Struct, frozen=True):
    """One file's way: bytes it must have, and bytes it gets; ``None`` is no file.

    ``kept``: the journal has the bytes; so the disk is not waited for.
    """

    path: bytes
    before: bytes | None
    after: bytes | None
    kept: bool = False


class Folders:
    """The folders beneath a root, opened without following links.

    The last one stays open: files that follow each other lie in one folder mostly.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._name: bytes | None = None
        self._last = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._last.close()

    def of(self, path: bytes, *, make: bool = False) -> int:
        """A descriptor of the folder that holds a path, good until the next call."""
        name = os.path.dirname(path)
        if name != self._name:
            self._last.close()
            self._name = None
            parts = path.split(b"/")[:-1]
            opened = beneath.opened(self._root, parts, make=make)
            self._descriptor = self._last.enter_context(opened)
            self._name = name
        return self._descriptor


def read(folders: Folders, path: bytes) -> bytes | None:
    """The bytes of a regular file; ``None`` if there is none. Raises `OSError`."""
    try:
        folder = folders.of(path)
        descriptor = os.open(os.path.basename(path), _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is not a regular file")
        return file.read()


def obstacle(folders: Folders, path: bytes) -> str | None:
    """Why a file can't be replaced, as a reason code, or ``None`` if it can."""
    try:
        folder = folders.of(path)
        status = os.stat(os.path.basename(path), dir_fd=folder, follow_symlinks=False)
        if not os.access(b".", os.W_OK, dir_fd=folder):
            return "read-only"
    except FileNotFoundError:
        return None
    except OSError:
        return "link"
    checks = (
        (stat.S_ISLNK(status.st_mode), "link"),
        (not stat.S_ISREG(status.st_mode), "not-a-file"),
        (status.st_nlink > 1, "hard-link"),
        (status.st_uid != os.geteuid(), "foreign-owner"),
        (not status.st_mode & stat.S_IWUSR, "read-only"),
    )
    return next((reason for found, reason in checks if found), None)


def replace_all(
    root: bytes,
    replacements: Sequence[Replacement],
    token: str,
    ready: bytes | None = None,
) -> dict[bytes, str]:
    """Replace files whose bytes are as expected; the reasons of those that were not.

    All new bytes are written and synced before the first file is moved; files that
    already have them are left. ``ready`` is a folder of the caller's from which files
    that are ``kept`` may be taken, if they have the bytes. Raises `OSError` on a full
    disk, with every file whole, old or new. Running it again after a kill ends what it
    began.
    """
    wanted, left = _as_expected(root, replacements)
    left |= dict.fromkeys(_needed(root, wanted, left), "needed")
    wanted = [each for each in wanted if each.path not in left]
    pending = {each.path for each in wanted if each.after is not None}
    try:
        written = [each for each in wanted if each.path in pending]
        taken = _taken(root, written, token, ready)
        rest = [each for each in written if each.path not in taken]
        _write_all(root, rest, token)
        with Folders(root) as folders:
            for each in wanted:
                if read(folders, each.path) != each.before:
                    left[each.path] = "changed-meanwhile"
                    continue
                _move(folders.of(each.path), each, token)
                if each.before is not None:
                    pending.discard(each.path)
    finally:
        clean(root, pending, token)
    _sync_folders(root, [each for each in wanted if not each.kept])
    return left


def _as_expected(
    root: bytes, replacements: Iterable[Replacement]
) -> tuple[list[Replacement], dict[bytes, str]]:
    """Those to replace, and the reasons of those to leave."""
    wanted: list[Replacement] = []
    left: dict[bytes, str] = {}
    with Folders(root) as folders:
        for each in replacements:
            try:
                now = read(folders, each.path)
            except OSError:
                left[each.path] = "not-a-file"
                continue
            if now == each.after:
                continue
            if now == each.before:
                wanted.append(each)
            else:
                left[each.path] = "changed-meanwhile"
    return wanted, left


def _needed(
    root: bytes, wanted: Iterable[Replacement], left: Iterable[bytes]
) -> Iterator[bytes]:
    """Modules to be removed that are named in a file that is left as it is.

    The wait helper goes when an `apply` is taken back, but not from under a file that
    has changed since.
    """
    staying = []
    with Folders(root) as folders:
        for path in left:
            with contextlib.suppress(OSError):
                staying.append(read(folders, path) or b"")
    for each in wanted:
        stem = re.escape(os.path.basename(each.path).removesuffix(b".py"))
        if each.after is None and any(
            re.search(rb"\b" + stem + rb"\b", data) for data in staying
        ):
            yield each.path


def _write_all(root: bytes, files: Sequence[Replacement], token: str) -> None:
    """Write temporary files. Waiting for the disk is done by many at once."""
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
        for _ in pool.map(lambda each: _write(root, each, token), files):
            pass


def _taken(
    root: bytes, files: Iterable[Replacement], token: str, ready: bytes | None
) -> set[bytes]:
    """Make the temporary files of those that are there already: their paths.

    Writing each file twice is most of what a large commit costs.
    """
    taken: set[bytes] = set()
    if ready is None:
        return taken
    with Folders(ready) as sources, Folders(root) as folders:
        for each in files:
            if each.before is None or not each.kept:
                continue
            # An error: another file system, or it is not there.
            with contextlib.suppress(OSError):
                if read(sources, each.path) == each.after:
                    _take(sources.of(each.path), folders.of(each.path), each, token)
                    taken.add(each.path)
    return taken


def _take(source: int, folder: int, each: Replacement, token: str) -> None:
    name, temporary = os.path.basename(each.path), _temporary(each.path, token)
    os.rename(name, temporary, src_dir_fd=source, dst_dir_fd=folder)
    descriptor = os.open(temporary, _READ, dir_fd=folder)
    try:
        _copy_attributes(folder, name, descriptor)
    finally:
        os.close(descriptor)


def clean(root: bytes, paths: Iterable[bytes], token: str) -> None:
    """Remove temporary files that a run with this token left beside these paths."""
    with Folders(root) as folders:
        for path in paths:
            with contextlib.suppress(OSError):
                os.unlink(_temporary(path, token), dir_fd=folders.of(path))


def sweep(root: bytes, paths: Iterable[bytes]) -> None:
    """Remove temporary files that a killed `apply` left beside these paths."""
    with Folders(root) as folders:
        for path in {os.path.join(os.path.dirname(each), b"x") for each in paths}:
            with contextlib.suppress(OSError):
                folder = folders.of(path)
                for name in os.listdir(folder):
                    if _OF_APPLY.fullmatch(name):
                        os.unlink(name, dir_fd=folder)


def _temporary(path: bytes, token: str) -> bytes:
    # Not built on the name: that could be too long with something added.
    mark = hashlib.blake2b(os.path.basename(path), digest_size=8).hexdigest()
    return f".testmend-{token}-{mark}.tmp".encode()


def _write(root: bytes, each: Replacement, token: str) -> None:
    assert each.after is not None  # noqa: S101  callers take deletions out
    name, temporary = os.path.basename(each.path), _temporary(each.path, token)
    with Folders(root) as folders:
        folder = folders.of(each.path, make=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        descriptor = os.open(temporary, _WRITE, 0o666, dir_fd=folder)
        with open(descriptor, "wb") as file:
            file.write(each.after)
            file.flush()
            with contextlib.suppress(FileNotFoundError):
                _copy_attributes(folder, name, descriptor)
            if not each.kept:
                os.fsync(descriptor)


def _copy_attributes(folder: int, name: bytes, target: int) -> None:
    """Mode, group and extended attributes of the file that is replaced."""
    source = os.open(name, _READ, dir_fd=folder)
    try:
        status = os.fstat(source)
        if status.st_gid != os.fstat(target).st_gid:
            with contextlib.suppress(PermissionError):
                os.fchown(target, -1, status.st_gid)
        os.fchmod(target, stat.S_IMODE(status.st_mode))
        if hasattr(os, "listxattr"):
            with contextlib.suppress(OSError):  # a file system without them
                for attribute in os.listxattr(source):
                    os.setxattr(target, attribute, os.getxattr(source, attribute))
    finally:
        os.close(source)


def _move(folder: int, each: Replacement, token: str) -> None:
    name, temporary = os.path.basename(each.path), _temporary(each.path, token)
    if each.after is None:
        os.unlink(name, dir_fd=folder)
    elif each.before is None:  # a link does not overwrite what came meanwhile
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    else:
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _sync_folders(root: bytes, replaced: Iterable[Replacement]) -> None:
    with Folders(root) as folders:
        for path in {os.path.dirname(each.path) + b"/x" for each in replaced}:
            with contextlib.suppress(OSError):
                os.fsync(folders.of(path.lstrip(b"/")))
