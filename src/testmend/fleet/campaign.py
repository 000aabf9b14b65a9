"""A campaign under way: fetched, rewritten and committed, repository by repository.

Three lanes: threads fetch, processes rewrite, and this thread alone makes commits and
writes the journal. What a repository does wrong is its own outcome, never an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend import __version__, pool, registry
from testmend.errors import ConfigError, GitError, TestmendError
from testmend.fleet import building, counts, faults
from testmend.fleet.building import Refs
from testmend.fleet.compute import Rewritten, Task, apart, compute
from testmend.fleet.faults import Fault
from testmend.fleet.fetching import Fetched, Fetcher, Missed
from testmend.fleet.journal import State
from testmend.fleet.manifest import Identity, identity
from testmend.git.runner import Git

if TYPE_CHECKING:
    from pathlib import Path

    from testmend.fleet.counts import Counts
    from testmend.fleet.manifest import Manifest
    from testmend.fleet.targets import Target

LARGE = 4 << 20
"""Bytes of Python from which on a repository's files are shared by all processes."""

Executor = Callable[
    [Iterable[Sequence[Task]]], Iterator[Rewritten | pool.Died[Task] | None]
]
"""Runs `compute` on every task, as they finish, in no order (see `pool.stream`)."""

Step = Callable[[str, State], None]


class Known(Struct, frozen=True):
    """What an earlier run found: the base that it looked at, and what came of it.

    ``base`` is empty if it is to be looked at again; ``tip`` and ``change`` are those
    of a commit that stays if it is the same again; if it is not ``published``, the
    mirror must still have it.
    """

    base: str = ""
    tip: str = ""
    change: str = ""
    published: bool = False


class Settled(Struct, frozen=True):
    """What came of a repository. ``commits``: oldest first; empty with a fault.

    ``fetched`` is open: look at the mirror before the next one is asked for. ``same``:
    an earlier commit makes the same change, and stays.
    """

    target: Target
    fault: Fault | None = None
    fetched: Fetched | None = None
    commits: tuple[str, ...] = ()
    counts: Counts | None = None
    change: str = ""
    seconds: float = 0.0
    same: bool = False

    @property
    def unmoved(self) -> bool:
        """Its base was done in an earlier run, so nothing was done now."""
        return self.fetched is not None and self.fetched.task is None


class Campaign(Struct, frozen=True):
    """What a run goes by."""

    manifest: Manifest
    file: Path
    mirrors: Path
    who: Identity
    jobs: int

    @property
    def refs(self) -> Refs:
        """Where its commits are kept."""
        return Refs(self.manifest.name)

    def worked(
        self,
        targets: Iterable[Target],
        ref: str,
        known: Mapping[str, Known] | None = None,
        executor: Executor | None = None,
        step: Step = lambda _name, _step: None,
    ) -> Generator[Settled, None, None]:
        """Fetch and rewrite the targets and make their commits, kept by ``ref``.

        In no order. ``known`` is what earlier runs found, by target; ``step`` is told
        how far a target is.
        """
        known = known or {}
        bases = {name: each.base for name, each in known.items()}
        fetcher = Fetcher(self.manifest, self.mirrors, self.refs.folder, bases)
        large = LARGE if executor is None else sys.maxsize  # a cluster takes it whole
        lanes = _Lanes(fetcher.each(targets), step, large)
        results = lanes.run(executor or self._locally, self._large)
        with contextlib.closing(results):
            for each in results:
                if not isinstance(each, tuple):
                    yield each
                    continue
                fetched, rewritten, seconds = each
                step(fetched.target.name, "rewritten")
                try:
                    earlier = known.get(fetched.target.name)
                    yield self._built(fetched, rewritten, ref, seconds, earlier)
                finally:
                    fetched.close()

    def _locally(
        self, tasks: Iterable[Sequence[Task]]
    ) -> Iterator[Rewritten | pool.Died[Task] | None]:
        return pool.stream(compute, tasks, self.jobs)

    def _large(self, task: Task) -> Rewritten:
        """A large repository, or one that killed its worker: file by file."""
        return apart(replace(task, jobs=max(2, self.jobs)))

    def _built(
        self,
        fetched: Fetched,
        rewritten: Rewritten,
        ref: str,
        seconds: float,
        earlier: Known | None,
    ) -> Settled:
        target = fetched.target
        if rewritten.fault is not None:
            return Settled(target, rewritten.fault, fetched, seconds=seconds)
        numbers = counts.of(rewritten)
        change = building.change_digest(rewritten, fetched)
        done = Settled(target, None, fetched, (), numbers, change, seconds)
        if earlier and earlier.tip and earlier.change == change:
            kept = earlier.published or fetched.mirror.at(ref) == earlier.tip
        else:
            kept = False
        if earlier and kept:
            return replace(done, commits=(earlier.tip,), same=True)
        try:
            commits = building.build(self.manifest, self.who, fetched, rewritten, ref)
        except TestmendError as error:
            return replace(done, fault=faults.of(error))
        except Exception as error:  # noqa: BLE001  its own outcome
            return replace(done, fault=faults.unexpected(error))
        if not commits:
            what = "no codemod has anything to fix"
            return replace(done, fault=Fault("nothing-to-do", what))
        return replace(done, commits=commits)

    def fingerprint(self, target: Target) -> str:
        """What is asked for, in short: another one means that it is done anew."""
        codemods = registry.load()
        asked = {
            "testmend": __version__,
            "codemods": {name: codemods[name].version for name in codemods},
            "target": [target.url, target.base, target.branch, target.root],
            "paths": target.paths,
            "message": [target.message, target.per, target.publish],
            "table": target.table,
            "who": [self.who.name, self.who.mail, str(self.manifest.date)],
            "signoff": self.manifest.signoff,
        }
        text = json.dumps(asked, sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class _Lanes:
    """What is fetched goes to the processes; both ends meet in this thread."""

    def __init__(
        self,
        fetched: Generator[Fetched | Missed | None, None, None],
        step: Step,
        large: int,
    ) -> None:
        self._size = large
        self._fetched = fetched
        self._step = step
        self._open: dict[str, tuple[Fetched, float]] = {}
        self._aside: deque[Settled] = deque()
        self._large: deque[Fetched] = deque()

    def run(
        self, execute: Executor, alone: Callable[[Task], Rewritten]
    ) -> Generator[Settled | tuple[Fetched, Rewritten, float], None, None]:
        """Results as they come: settled ones, and rewritten ones that stay open."""
        tasks = self._tasks()
        results = execute(tasks)
        try:
            for done in results:
                if isinstance(done, pool.Died):
                    fetched, start = self._open.pop(done.task.name)
                    yield fetched, alone(done.task), time.monotonic() - start
                elif done is not None:
                    fetched, start = self._open.pop(done.task)
                    yield fetched, done, time.monotonic() - start
                yield from self._others(alone)
            yield from self._others(alone)
        finally:
            for fetched, _ in self._open.values():
                fetched.close()
            for fetched in self._large:
                fetched.close()
            tasks.close()
            self._fetched.close()

    def _tasks(self) -> Generator[list[Task], None, None]:
        for each in self._fetched:
            if isinstance(each, Fetched):
                self._step(each.target.name, "fetched")
            if isinstance(each, Missed):
                self._aside.append(Settled(each.target, each.fault))
            elif each is None:
                pass
            elif each.task is None:
                each.close()
                self._aside.append(Settled(each.target, None, each))
            elif each.task.size >= self._size:
                self._large.append(each)
            else:
                self._open[each.target.name] = (each, time.monotonic() - each.seconds)
                yield [each.task]
                continue
            yield []  # not for the processes, or nothing is fetched yet

    def _others(
        self, alone: Callable[[Task], Rewritten]
    ) -> Iterator[Settled | tuple[Fetched, Rewritten, float]]:
        while self._aside:
            yield self._aside.popleft()
        while self._large:
            fetched = self._large.popleft()
            if fetched.task is not None:
                start = time.monotonic() - fetched.seconds
                done = alone(fetched.task)
                yield fetched, done, time.monotonic() - start


def author(manifest: Manifest, file: Path) -> Identity:
    """Who commits: as the manifest says, else the user of this machine's git.

    Raises `ConfigError` if neither says.
    """
    if manifest.author:
        return identity(manifest.author, file)
    git = Git(os.fsencode(file.parent.resolve()))
    strict = git.with_settings("user.useConfigOnly=true")
    try:
        said = os.fsdecode(strict.line("var", "GIT_AUTHOR_IDENT"))
    except GitError:
        message = "author: it is not set, and git knows no user.name and user.email"
        raise ConfigError(f"{file}: {message}") from None
    return identity(said.rpartition("> ")[0] + ">", file)
