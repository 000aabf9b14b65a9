"""The first lane: many mirrors are brought up to date at a time, each a task then."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import defaultdict, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend.errors import TestmendError
from testmend.fleet import faults, mirrors
from testmend.fleet.compute import Task
from testmend.fleet.manifest import Host
from testmend.fleet.tree import files_of, wanted
from testmend.git.names import branch_ref
from testmend.git.objects import Caps, Entry, list_tree, read_blobs

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from pathlib import Path

    from testmend.fleet.faults import Fault
    from testmend.fleet.manifest import Manifest
    from testmend.fleet.mirrors import Mirror
    from testmend.fleet.targets import Target

_PAUSE = 0.1  # seconds that a wait lasts at most
_FETCHES = 8  # at a time, all hosts together


class Fetched(Struct, frozen=True):
    """A target whose base is in its mirror. ``close`` it: the mirror is locked.

    ``date`` is when the base was committed, in seconds since 1970. ``task`` is None
    where ``wanted`` said that the base needs no work.
    """

    target: Target
    mirror: Mirror
    base_ref: str
    base: str
    date: int
    modes: Mapping[bytes, str]
    task: Task | None
    seconds: float
    _stack: contextlib.ExitStack

    def close(self) -> None:
        """Free the mirror."""
        self._stack.close()


class Missed(Struct, frozen=True):
    """A target that could not be fetched."""

    target: Target
    fault: Fault


class Fetcher(Struct):
    """Fetches targets. ``known``: bases, by target, that need no work any more."""

    manifest: Manifest
    mirrors: Path
    campaign_ref: str
    known: Mapping[str, str] = field(default_factory=dict)
    _lanes: dict[str, threading.Semaphore] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        hosts = self.manifest.hosts
        self._lanes = defaultdict(lambda: threading.Semaphore(Host().lanes))
        for name, host in hosts.items():
            self._lanes[name] = threading.Semaphore(host.lanes)

    def each(
        self, targets: Iterable[Target]
    ) -> Generator[Fetched | Missed | None, None, None]:
        """The targets as they are fetched, a few ahead of who asks for them.

        None: there is none at the moment.
        """
        waiting = iter(targets)
        executor = ThreadPoolExecutor(_FETCHES, "fetch")
        running: set[Future[Fetched | Missed]] = set()
        ready: deque[Fetched | Missed] = deque()
        try:
            while True:
                while len(running) < _FETCHES:
                    target = next(waiting, None)
                    if target is None:
                        break
                    running.add(executor.submit(self._fetch, target))
                if not running:
                    return
                done, running = wait(running, _PAUSE, return_when=FIRST_COMPLETED)
                if not done:
                    yield None
                ready.extend(each.result() for each in done)
                while ready:
                    yield ready.popleft()
        finally:
            self._stop.set()
            for each in running:
                each.cancel()
            executor.shutdown(wait=True)
            ready.extend(each.result() for each in running if not each.cancelled())
            for result in ready:
                if isinstance(result, Fetched):
                    result.close()

    def _fetch(self, target: Target) -> Fetched | Missed:
        retries = self.manifest.hosts.get(target.host, Host()).retries
        with self._lanes[target.host]:
            for attempt in range(retries + 1):
                try:
                    return self._once(target)
                except TestmendError as error:
                    fault = faults.at(target.url, self.manifest.hosts, error)
                except OSError as error:
                    fault = faults.Fault("git", f"{error.filename}: {error.strerror}")
                except Exception as error:  # noqa: BLE001  its own outcome
                    fault = faults.unexpected(error)
                if fault.reason != "unreachable" or attempt == retries:
                    break
                jitter = random.uniform(0, 2**attempt)  # noqa: S311  no secret
                if self._stop.wait(jitter):
                    break
        return Missed(target, fault)

    def _once(self, target: Target) -> Fetched:
        start = time.monotonic()
        with contextlib.ExitStack() as stack:
            opened = mirrors.opened(
                self.mirrors,
                target.url,
                target.name,
                self.manifest.hosts,
                self.manifest.limits.of_transfer(self._stop),
            )
            mirror = stack.enter_context(opened)
            asked = [branch_ref(target.base)] if target.base else []
            seen = mirror.look(*asked)
            ref = mirrors.base_ref(seen, target.base)
            base = seen.refs.get(ref) or seen.refs.get("HEAD", "")
            task, modes, date = None, {}, 0
            if self.known.get(target.name) != base:
                base, date = mirror.fetch(ref, f"{self.campaign_ref}/base")
                entries = list_tree(mirror.git, base, self._caps)
                modes = {each.path: each.mode for each in entries}
                task = self._task(target, mirror, base, entries)
            seconds = time.monotonic() - start
            kept = stack.pop_all()
            return Fetched(target, mirror, ref, base, date, modes, task, seconds, kept)
        raise AssertionError  # the stack swallows nothing

    @property
    def _caps(self) -> Caps:
        limits = self.manifest.limits
        return Caps(entries=limits.files, total=limits.bytes)

    def _task(
        self, target: Target, mirror: Mirror, base: str, entries: tuple[Entry, ...]
    ) -> Task:
        chosen = tuple(wanted(entries, target.root))
        mirror.fetch_blobs(each.oid for each in chosen)
        data, left = read_blobs(mirror.git, chosen, self._caps)
        kinds = {"120000": "link", "160000": "submodule"}
        left |= {e.path: kinds[e.mode] for e in entries if e.mode in kinds}
        files = files_of(target.root, data, left)
        return Task(
            name=target.name,
            base=base,
            entries=entries,
            files=files,
            root=target.root,
            paths=target.paths,
            table=target.table,
        )
