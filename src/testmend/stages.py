"""Reading files and sending them to workers: one stage of a run after the other.

The coordinator reads and decides, the workers compute: bytes in, values out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal, TypeVar

from msgspec import Struct

from testmend import pool
from testmend.engine import examine, facts_of, refusal
from testmend.errors import SourceError
from testmend.examination import Examination, digest, narrowed
from testmend.facts import ModuleFacts
from testmend.model import Failed, Finding, Outcome, Skipped
from testmend.ordering import large_first
from testmend.questions import Mention, mention
from testmend.rewriting import rewrite

if TYPE_CHECKING:
    from testmend.memory import Memory, Reader
    from testmend.outline import Outline
    from testmend.proofs import Proofs
    from testmend.selection import Selection

T = TypeVar("T")
Doing = Literal["reading", "looking around", "rewriting"]
_SMALLEST = 25_000  # bytes of a batch
_PORTIONS: dict[Doing, tuple[int, int]] = {
    "reading": (200_000, 2),
    "looking around": (200_000, 2),
    "rewriting": (50_000, 8),
}
"""Bytes of the largest batches, and how many of them are under way for a worker.

Files that are rewritten cost most, and the coordinator, who resolves them, is not to
wait.
"""


class Step(Struct, frozen=True):
    """How far a run is: what it is doing, of how many files, how many are done.

    ``found``: files in which there is something to look at, so far.
    """

    doing: Doing
    done: int
    total: int
    found: int


Progress = Callable[[Step], None]


class Read(Struct, frozen=True):
    """A file on its way to a worker."""

    path: str
    data: bytes
    findings: tuple[Finding, ...] = ()
    outline: Outline | None = None


class Done(Struct, frozen=True):
    """What a worker made of a file."""

    path: str
    value: object


class Stages:
    """The stages of one run over ``total`` files.

    A stage may be passed by some of the files first. ``found`` counts the files with
    something to look at.
    """

    def __init__(
        self,
        reader: Reader,
        workers: int,
        progress: Progress,
        memory: Memory,
        *,
        isolated: bool,
        total: int = 0,
    ) -> None:
        self.reader = reader
        self._crew = pool.Crew(workers, isolated=isolated)
        self._alone = pool.Crew(1, isolated=isolated)
        self.progress = progress
        self.memory = memory
        self.total = total
        self.found = 0
        self._read_so_far = 0

    def ordered(self, things: Iterable[T], size: Callable[[T], int]) -> Iterable[T]:
        """Things in the order in which the workers are done with them soonest.

        ``size``: of one of them, in bytes.
        """
        return large_first(things, size) if self._crew.jobs > 1 else things

    def close(self) -> None:
        """End the workers."""
        self._crew.close()
        self._alone.close()

    def _each(
        self,
        doing: Doing,
        function: Callable[[Read], Done],
        files: Iterable[Read],
        total: Callable[[], int],
        outcomes: dict[str, Outcome],
        before: int = 0,
    ) -> Iterator[Done]:
        """``function`` of every file; of one that kills a worker ``outcomes`` tells.

        ``total`` may still change. ``before``: how many of them are done already.
        """
        size, ahead = _PORTIONS[doing]
        batches = _batches(files, size)
        first = list(islice(batches, 2))
        if not first:
            return  # not even a worker is started
        is_one = sum(map(len, first)) == 1 and function is not pool.inherited
        crew = self._alone if is_one else self._crew
        results = crew.run(function, chain(first, batches), ahead=ahead)
        for count, done in enumerate(results, before + 1):
            if isinstance(done, pool.Died):
                message = "the worker process died: crash, memory or time"
                outcomes[done.task.path] = Failed("worker-died", message)
            else:
                if isinstance(done.value, Examination):
                    self.found += bool(done.value.surveys)
                yield done
            self.progress(Step(doing, count, total(), self.found))

    def _read(
        self, paths: Iterable[str], outcomes: dict[str, Outcome]
    ) -> Iterator[Read]:
        """The files that can be read; ``outcomes`` gets the others."""
        for path in paths:
            try:
                yield Read(path, self.reader.read(path))
            except SourceError as error:
                outcomes[path] = refusal(error)

    def _all(
        self, paths: Iterable[str], outcomes: dict[str, Outcome]
    ) -> Iterable[Read]:
        """The files that can be read, in the order in which workers get them."""
        files = self._read(paths, outcomes)
        return self.ordered(files, lambda each: len(each.data))

    def examined(
        self, paths: Sequence[str], selection: Selection, outcomes: dict[str, Outcome]
    ) -> dict[str, Examination]:
        """The examinations of all files; ``outcomes`` gets those that have none.

        A file is examined for all codemods of the memory at once; for those of the
        selection alone if one of the others breaks on it.
        """
        memory = self.memory
        fresh = [path for path in paths if not memory.knows(path, self.reader)]
        memory.examined |= self._examined(fresh, memory.selection, outcomes)
        examined = {
            path: narrowed(memory.examined[path], selection.codemods)
            for path in paths
            if path not in outcomes
        }
        if selection.codemods == memory.selection.codemods:
            return examined
        broken = [path for path in fresh if path in outcomes]
        alone: dict[str, Outcome] = {}
        examined |= self._examined(broken, selection, alone)
        for path in broken:
            del outcomes[path]
        outcomes |= alone
        return examined

    def _examined(
        self, paths: Sequence[str], selection: Selection, outcomes: dict[str, Outcome]
    ) -> dict[str, Examination]:
        if paths and self._crew.isolated:
            selection.ready()  # once for all workers
        work = partial(_examine, selection=selection)
        files = self._all(paths, outcomes)
        found: dict[str, Examination] = {}
        before = self._read_so_far
        self._read_so_far += len(paths)
        total = partial(max, self.total, self._read_so_far)
        for done in self._each("reading", work, files, total, outcomes, before):
            if isinstance(done.value, Examination):
                found[done.path] = done.value
            elif isinstance(done.value, Outcome):
                outcomes[done.path] = done.value
        return found

    def facts(self, paths: Sequence[str]) -> Iterator[ModuleFacts]:
        """The facts of files that are not under work; none of those that have none."""
        files = self._all(paths, {})
        total = partial(len, paths)
        for done in self._each("looking around", _facts, files, total, {}):
            if isinstance(done.value, ModuleFacts):
                yield done.value

    def mentions(
        self, paths: Sequence[str], words: frozenset[bytes]
    ) -> Iterator[tuple[str, Mention]]:
        """Which of some words each of the files says, of those that can be read.

        In this process: to send the files would take longer.
        """
        for count, file in enumerate(self._read(paths, {}), 1):
            yield file.path, mention(file.data, words)
            self.progress(Step("looking around", count, len(paths), self.found))

    def bequeath(self, work: Callable[[Read], object]) -> bool:
        """Leave to the workers how files are resolved, for `resolved`.

        False where they can't have the index that it needs.
        """
        return self._crew.bequeath(partial(_resolve, work=work))

    def resolved(
        self, paths: Sequence[str], outcomes: dict[str, Outcome]
    ) -> Iterator[Done]:
        """What the workers make of files, in no order; ``outcomes`` tells of others."""
        files = self._all(paths, outcomes)
        total = partial(len, paths)
        return self._each("rewriting", pool.inherited, files, total, outcomes)

    def rewritten(
        self,
        found: Iterable[tuple[str, tuple[Finding, ...]]],
        total: Callable[[], int],
        examined: Mapping[str, Examination],
        selection: Selection,
        outcomes: dict[str, Outcome],
    ) -> Iterator[None]:
        """Put the outcomes of files with fixes into ``outcomes``, one after the other.

        ``found`` has those files with their findings, and need not know all of them
        yet; ``total`` is how many there may be, those in ``outcomes`` already among
        them. One that is not any more what was examined is skipped.
        """
        work = partial(_rewrite, unsafe=selection.unsafe, proofs=selection.proofs)
        files = self._unchanged(found, examined, outcomes)
        before = len(outcomes)
        for done in self._each("rewriting", work, files, total, outcomes, before):
            if isinstance(done.value, Outcome):
                outcomes[done.path] = done.value
                yield

    def _unchanged(
        self,
        found: Iterable[tuple[str, tuple[Finding, ...]]],
        examined: Mapping[str, Examination],
        outcomes: dict[str, Outcome],
    ) -> Iterator[Read]:
        for path, findings in found:
            known = examined[path]
            for file in self._read([path], outcomes):
                if changed := changed_meanwhile(file, known):
                    outcomes[path] = changed
                else:
                    yield Read(path, file.data, findings, known.outline)


def changed_meanwhile(file: Read, known: Examination) -> Skipped | None:
    """The outcome of a file that is not what was examined any more."""
    if digest(file.data) == known.digest:
        return None
    return Skipped("changed-meanwhile", "it changed meanwhile")


def _batches(files: Iterable[Read], largest: int) -> Iterator[list[Read]]:
    """Files in the portions that workers get: small ones first.

    So few files are work for all workers, and a stage has results at once; many files
    don't pay for each portion.
    """
    batch: list[Read] = []
    size, enough = 0, _SMALLEST
    for file in files:
        if batch and len(file.data) >= enough:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += len(file.data)
        if size >= enough:
            yield batch
            batch, size, enough = [], 0, min(2 * enough, largest)
    if batch:
        yield batch


def guarded(path: str, compute: Callable[[], object]) -> Done:
    """The boundary around one file: whatever goes wrong costs this file alone."""
    try:
        return Done(path, compute())
    except SourceError as error:
        return Done(path, refusal(error))
    except (RecursionError, MemoryError) as error:
        return Done(path, Failed("too-deep", type(error).__name__))
    except Exception as error:  # noqa: BLE001  one file's failure is its outcome
        return Done(path, Failed("internal-error", f"{type(error).__name__}: {error}"))


def _examine(file: Read, selection: Selection) -> Done:
    return guarded(file.path, lambda: examine(file.path, file.data, selection))


def _facts(file: Read) -> Done:
    return guarded(file.path, lambda: facts_of(file.path, file.data))


def _resolve(file: Read, work: Callable[[Read], object]) -> Done:
    return guarded(file.path, lambda: work(file))


def _rewrite(file: Read, *, unsafe: bool, proofs: Proofs) -> Done:
    return guarded(
        file.path,
        lambda: rewrite(
            file.path,
            file.data,
            file.findings,
            unsafe=unsafe,
            proofs=proofs,
            known=file.outline,
        ),
    )
