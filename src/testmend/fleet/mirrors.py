"""Mirrors: bare repositories in the cache that hold one commit of each base.

A mirror is shallow and, where the server can do it, has no file contents but those
that were asked for, in one request. Nothing is checked out, and git's promise to fetch
what is missing later is never kept: reading has no transport (`Trust.FOREIGN`).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.fleet.access import connected
from testmend.git.environment import Trust
from testmend.git.errors import Refusal
from testmend.git.names import branch_ref, check_ref, shown
from testmend.git.runner import Git

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from testmend.fleet.manifest import Host
    from testmend.git.process import Limits

_LOCK_SECONDS = 60.0
_SHOWN = 1 << 20  # bytes of a server's answer, where a few lines are asked for
_WHOLE = "whole"
_STALE = ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*", "objects/*/tmp_obj_*")
_FETCH_ALL = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
    *("--recurse-submodules=no", "--no-auto-maintenance"),
)
_FETCH = (*_FETCH_ALL, "--filter=blob:none")


class Seen(Struct, frozen=True):
    """What a server shows: its branches of interest, by full ref.

    ``head`` is the ref that its HEAD names; empty if it does not tell.
    """

    head: str
    refs: Mapping[str, str]


class Mirror(Struct, frozen=True):
    """The mirror of one address, locked for this process while it is open.

    ``name`` is the remote that ``remote`` reaches.
    """

    git: Git
    remote: Git
    folder: Path
    name: str = "origin"

    def towards(self, url: str, hosts: Mapping[str, Host], limits: Limits) -> Mirror:
        """The same with another address to talk to: that of a fork."""
        remote = connected(self.git, url, hosts, limits)
        remote = remote.with_settings(f"remote.fork.url={url}")
        return replace(self, remote=remote, name="fork")

    @contextlib.contextmanager
    def complete(self, ref: str) -> Iterator[Mirror]:
        """The same with all of the past of a ref, for as long as it is needed.

        A server that lacks the base's past takes nothing from a shallow repository.
        """
        folder = self.folder / _WHOLE
        place, url = os.fsencode(folder), self.git.config("remote.origin.url")
        folder.mkdir(mode=0o700)
        try:
            git = replace(self.git, cwd=place, git_dir=None)
            git.run("init", "--quiet", "--bare", "--template=", ".")
            ours = str(self.folder / "objects")
            quoted = ours.replace("\\", "\\\\").replace('"', '\\"')
            known = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}
            git = replace(git, git_dir=place, variables=known)
            fetching = replace(self.remote, cwd=place, git_dir=place)
            fetching = fetching.with_settings(f"remote.origin.url={url}")
            fetching.run(*_FETCH_ALL, "origin", f"+{ref}:refs/testmend/base")
            yield replace(self, git=git, remote=fetching)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def look(self, *refs: str) -> Seen:
        """Ask the server where HEAD and some refs are."""
        limited = replace(self.remote, limits=replace(self.remote.limits, out=_SHOWN))
        listing = limited.run("ls-remote", "--symref", self.name, "HEAD", *refs).out
        head, found = "", {}
        for line in os.fsdecode(listing).split("\n"):
            value, _, name = line.partition("\t")
            if value.startswith("ref: ") and name == "HEAD":
                head = value.removeprefix("ref: ")
            elif name:
                found[name] = value
        return Seen(head, found)

    def fetch(self, ref: str, into: str) -> tuple[str, int]:
        """Fetch the commit of a ref, without its past: its id, and when it was made.

        ``into`` is a ref of the mirror that keeps it. Seconds since 1970.
        """
        self.remote.run(*_FETCH, "--depth=1", "--force", "origin", f"+{ref}:{into}")
        shown = self.git.line("log", "-1", "--format=%H %ct", "--end-of-options", into)
        commit, seconds = shown.decode().split(" ")
        return commit, int(seconds)

    def fetch_blobs(self, oids: Iterable[str]) -> None:
        """Fetch the file contents that are not there yet, all in one request."""
        have = self._objects()
        missing = sorted({each for each in oids if each not in have})
        if missing:
            wanted = "".join(f"{each}\n" for each in missing).encode()
            negotiation = self.remote.with_settings("fetch.negotiationAlgorithm=noop")
            negotiation.run(*_FETCH, "--stdin", "origin", stdin=wanted)

    def _objects(self) -> frozenset[str]:
        """All objects that are there. To ask for one that is not would fetch it."""
        format_ = "--batch-check=%(objectname)"
        listing = self.git.run(
            "cat-file", "--batch-all-objects", "--unordered", format_
        )
        return frozenset(listing.out.decode().split("\n"))

    def at(self, ref: str) -> str:
        """The object that a ref of the mirror names; empty if there is none."""
        ended = self.git.run("rev-parse", "--verify", "-q", ref, ok=(0, 1, 128))
        return ended.out.decode().strip()


def place(mirrors: Path, url: str, name: str) -> Path:
    """The folder of the mirror of an address, for what is called ``name``.

    An address that stands twice in a manifest has two mirrors: with one, the second
    would wait for the lock of the first.
    """
    identity = os.fsencode(f"{name}\0{url}")
    digest = hashlib.blake2b(identity, digest_size=10).hexdigest()
    return mirrors / f"{name[:60]}-{digest}.git"


@contextlib.contextmanager
def opened(
    mirrors: Path, url: str, name: str, hosts: Mapping[str, Host], limits: Limits
) -> Iterator[Mirror]:
    """The mirror of an address, made if need be, for this process alone.

    Git's own processes inherit the lock: one that outlives a killed run is waited for.
    Raises `Refusal` (``url``, ``mirror-busy``) and `ConfigError`.
    """
    folder = place(mirrors, url, name)
    mirrors.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(
        folder.with_suffix(".lock"), min(limits.seconds, _LOCK_SECONDS)
    ) as lock:
        git = Git(os.fsencode(folder), Trust.FOREIGN, os.fsencode(folder), keep=(lock,))
        remote = connected(git, url, hosts, limits)
        _prepare(folder, url, lock)
        os.utime(folder)
        try:
            yield Mirror(git, remote, folder)
        except BaseException:
            _sweep(folder)  # half of a transfer may be large
            raise


def _prepare(folder: Path, url: str, lock: int) -> None:
    if (folder / "testmend").is_file():
        _sweep(folder)
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    git = Git(os.fsencode(folder), Trust.FOREIGN, keep=(lock,))
    git.run("init", "--quiet", "--bare", "--template=", ".")
    git = replace(git, git_dir=os.fsencode(folder))
    git.run("config", "remote.origin.url", url)
    (folder / "testmend").write_text("complete\n")


def _sweep(folder: Path) -> None:
    """Take away what a process left that was killed or failed; the lock is ours."""
    for pattern in _STALE:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    shutil.rmtree(folder / _WHOLE, ignore_errors=True)


@contextlib.contextmanager
def locked(path: Path, seconds: float) -> Iterator[int]:
    """A lock file, held; its descriptor. Raises `Refusal` (``mirror-busy``)."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + seconds
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    message = f"{shown(str(path))} is held by another process"
                    raise Refusal("mirror-busy", message) from None
                time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)


def base_ref(seen: Seen, wanted: str) -> str:
    """The full ref of the base. Raises `Refusal` (``no-base``)."""
    ref = branch_ref(wanted) if wanted else seen.head
    if wanted and ref not in seen.refs:
        raise Refusal("no-base", f"there is no branch {shown(wanted)!r}")
    if not wanted and (not ref or "HEAD" not in seen.refs):
        raise Refusal("no-base", "its HEAD is at no branch, or there is no commit yet")
    return check_ref(ref)
