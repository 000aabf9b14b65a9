"""Many files: read, examine, index, resolve, rewrite; one result per file.

The coordinator reads and decides, the workers compute: bytes in, values out. Results
do not depend on the number of workers or the order in which they finish.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from testmend import line_length, linters, pool, pytest_settings
from testmend.cache.asked import Answers, Asked, Watched
from testmend.cache.recall import Recall
from testmend.engine import (
    Examination,
    Selection,
    digest,
    examine,
    facts_of,
    narrowed,
    peers_of,
    refusal,
    resolve,
)
from testmend.errors import SourceError
from testmend.facts import ModuleFacts
from testmend.index import Index
from testmend.model import (
    Changed,
    Failed,
    FileResult,
    Finding,
    Outcome,
    Skipped,
    Unchanged,
)
from testmend.rewriting import rewrite
from testmend.surroundings import (
    Mention,
    Signatures,
    mention,
    modules_asked_for,
    modules_of_bases,
    questions,
)

if TYPE_CHECKING:
    from testmend.cache.store import Store
    from testmend.outline import Outline
    from testmend.proofs import Proofs

_BATCH_BYTES = 200_000
_ROUNDS = 8  # how far bases are followed from module to module

Progress = Callable[[int, int], None]
_Found = dict[str, tuple[tuple[Finding, ...], Mapping[str, int]]]


class Reader(Protocol):
    """Where bytes come from: a work tree, or the objects of a mirror."""

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `SourceError`."""


@dataclass(slots=True)
class Memory:
    """What runs over the same files share: each runs some codemods of ``selection``.

    All of it is by path and holds as long as the file's digest is the same.
    ``mentions``: the digest, and which of the words of ``universe`` the file has.
    """

    selection: Selection
    examined: dict[str, Examination] = field(default_factory=dict)
    facts: dict[str, tuple[bytes, ModuleFacts]] = field(default_factory=dict)
    mentions: dict[str, tuple[bytes, Mention]] = field(default_factory=dict)
    universe: set[bytes] = field(default_factory=set)

    def knows(self, path: str, reader: Reader) -> bool:
        """Whether a file was examined as it is now."""
        known = self.examined.get(path)
        try:
            return known is not None and known.digest == digest(reader.read(path))
        except SourceError:
            return False


@dataclass(frozen=True, slots=True)
class _Read:
    """A file on its way to a worker."""

    path: str
    data: bytes
    findings: tuple[Finding, ...] = ()
    outline: Outline | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    """What a worker made of a file."""

    path: str
    value: Examination | ModuleFacts | Outcome


def run(  # noqa: PLR0913  two say what, two say on what, three say how
    reader: Reader,
    selected: Iterable[str],
    context: Iterable[str],
    selection: Selection,
    *,
    jobs: int = 0,
    isolated: bool = False,
    progress: Progress | None = None,
    memory: Memory | None = None,
    store: Store | None = None,
) -> Iterator[FileResult]:
    """The result of every selected file, in the order of their paths.

    ``selected`` are the files under work and ``context`` all Python files of the
    project (read only for facts), as paths relative to its root with ``/``. ``jobs`` 0:
    one worker per CPU. ``isolated``: no file is worked on in this process, so that one
    that crashes its process costs itself alone also with one job.
    ``progress`` is called with (files done, files in all). ``memory`` is what runs of
    other codemods over the same files have found out, ``store`` the cache of earlier
    runs: the results are the same without.
    """
    paths = sorted(set(selected))
    workers = min(jobs or os.cpu_count() or 1, max(1, len(paths) // 8))
    said = progress or (lambda _done, _total: None)
    known = memory or Memory(selection)
    step = _Steps(reader, workers, said, known, isolated=isolated)

    everything = sorted({*paths, *context})
    ignored = linters.read(reader.read, paths)
    pytest = pytest_settings.read(reader.read)
    lines = line_length.read(reader.read)
    recall = Recall(store, selection, reader.read) if store else None
    recalled = recall.results(paths) if recall else {}
    project = (
        recall.project(everything, paths, ignored, pytest, lines) if recall else b""
    )
    if recall and len(recalled) == len(paths) and recall.holds(project):
        for path, each in recalled.items():
            yield FileResult(path, each.outcome, each.entry.suppressed)
        return
    step.recall = recall

    outcomes: dict[str, Outcome] = {}
    fresh = [path for path in paths if path not in recalled]
    examined = step.examined(fresh, selection, outcomes)
    known_of = {path: each.examination for path, each in recalled.items()}
    seen = {path: each for path, each in known_of.items() if each} | examined
    facts = {path: each.facts for path, each in seen.items()}
    around, signatures = step.facts(everything, seen, facts)
    facts |= around
    index = Index(
        everything, facts.values(), ignored, pytest, lines, reader.read, signatures
    )

    answers = Answers(index)
    stale = [p for p, each in recalled.items() if not answers.hold(each.entry.trace)]
    examined |= step.examined(stale, selection, outcomes)
    for path in recalled.keys() - set(stale):
        outcomes[path] = recalled[path].outcome

    found, asked = _resolve(examined, index, selection, outcomes)
    if len(examined) < len(seen) and any(each.of_peers for each in asked.values()):
        # Candidates of all files are asked for: those of recalled files are not known.
        examined |= step.examined(sorted(recalled.keys() - set(stale)), selection, {})
        stale = list(recalled)
        found, asked = _resolve(examined, index, selection, outcomes)
    fixable = {
        path: findings
        for path, (findings, _) in found.items()
        if any(_applies(finding, selection) for finding in findings)
    }
    for path, (findings, _) in found.items():
        if path not in fixable:
            outcomes[path] = Unchanged(findings)
    rewriting = partial(_rewrite, unsafe=selection.unsafe, proofs=selection.proofs)
    for done in step.each(rewriting, sorted(fixable), outcomes, fixable, examined):
        if not isinstance(done.value, Examination | ModuleFacts):
            outcomes[done.path] = done.value

    suppressed = {path: each.entry.suppressed for path, each in recalled.items()}
    suppressed |= {path: dict(each) for path, (_, each) in found.items()}
    results = [FileResult(p, outcomes[p], suppressed.get(p, {})) for p in paths]
    if recall:
        _keep(recall, project, results, examined, answers, asked)
    yield from results


def _keep(
    recall: Recall,
    project: bytes,
    results: Iterable[FileResult],
    examined: Mapping[str, Examination],
    answers: Answers,
    asked: Mapping[str, Asked],
) -> None:
    """Write the new results to the cache."""
    whole = True
    for result in results:
        path = result.path
        if path in examined and path in asked:
            trace = answers.trace(asked[path])
            whole &= recall.note(examined[path], result, trace)
        elif not isinstance(result.outcome, Unchanged | Changed):
            whole &= recall.note_refusal(path, result.outcome)
    recall.keep(project if whole else None)


def _resolve(
    examined: Mapping[str, Examination],
    index: Index,
    selection: Selection,
    outcomes: dict[str, Outcome],
) -> tuple[_Found, dict[str, Asked]]:
    """The findings of every file, and what they asked of the others.

    A codemod that breaks costs one file alone.
    """
    found: _Found = {}
    asked: dict[str, Asked] = {}
    peers = peers_of(examined.values())
    for path, examination in examined.items():
        asking = asked[path] = Asked(index)
        watched = {name: Watched(each, asking) for name, each in peers.items()}
        try:
            found[path] = resolve(
                examination, cast("Index", asking), selection, watched
            )
        except SourceError as error:
            outcomes[path] = refusal(error)
    return found, asked


def _applies(finding: Finding, selection: Selection) -> bool:
    return finding.fix is not None and (selection.unsafe or not finding.fix.unsafe)


class _Steps:
    """Reading files and sending them to workers, batch by batch."""

    def __init__(
        self,
        reader: Reader,
        workers: int,
        progress: Progress,
        memory: Memory,
        *,
        isolated: bool,
    ) -> None:
        self.reader = reader
        self.workers = workers
        self.progress = progress
        self.memory = memory
        self.isolated = isolated
        self.recall: Recall | None = None

    def each(
        self,
        function: Callable[[_Read], _Done],
        paths: Sequence[str],
        outcomes: dict[str, Outcome],
        findings: dict[str, tuple[Finding, ...]] | None = None,
        known: dict[str, Examination] | None = None,
    ) -> Iterator[_Done]:
        """``function`` of every file. Files that can't be read go to ``outcomes``."""
        if not paths:
            return  # not even a worker is started
        total = len(paths)
        files = self._read(paths, outcomes, findings or {}, known or {})
        jobs = self.workers if total > 1 else 1
        results = pool.run(function, _batches(files), jobs, isolated=self.isolated)
        for count, done in enumerate(results, 1):
            self.progress(count, total)
            if isinstance(done, pool.Died):
                message = "the worker process died: crash, memory or time"
                outcomes[done.task.path] = Failed("worker-died", message)
            else:
                yield done

    def _read(
        self,
        paths: Sequence[str],
        outcomes: dict[str, Outcome],
        findings: dict[str, tuple[Finding, ...]],
        known: dict[str, Examination],
    ) -> Iterator[_Read]:
        for path in paths:
            try:
                data = self.reader.read(path)
            except SourceError as error:
                outcomes[path] = refusal(error)
                continue
            if path in known and digest(data) != known[path].digest:
                outcomes[path] = Skipped("changed-meanwhile", "it changed meanwhile")
            else:
                blocks = known[path].outline if path in known else None
                yield _Read(path, data, findings.get(path, ()), blocks)

    def examined(
        self, paths: Sequence[str], selection: Selection, outcomes: dict[str, Outcome]
    ) -> dict[str, Examination]:
        """The examinations of all files; ``outcomes`` gets those that have none.

        A file is examined for all codemods of the memory at once; for those of the
        selection alone if one of the others breaks on it.
        """
        memory = self.memory
        fresh = [path for path in paths if not memory.knows(path, self.reader)]
        work = partial(_examine, selection=memory.selection)
        for done in self.each(work, fresh, outcomes):
            if isinstance(done.value, Examination):
                memory.examined[done.path] = done.value
            elif not isinstance(done.value, ModuleFacts):
                outcomes[done.path] = done.value
        examined = {
            path: narrowed(memory.examined[path], selection.codemods)
            for path in paths
            if path not in outcomes
        }
        if selection.codemods == memory.selection.codemods:
            return examined
        broken = [path for path in fresh if path in outcomes]
        again: dict[str, Outcome] = {}
        for done in self.each(partial(_examine, selection=selection), broken, again):
            if isinstance(done.value, Examination):
                examined[done.path] = done.value
                del outcomes[done.path]
            elif not isinstance(done.value, ModuleFacts):
                again[done.path] = done.value
        outcomes |= again
        return examined

    def facts(
        self,
        paths: Sequence[str],
        examined: Mapping[str, Examination],
        have: Mapping[str, ModuleFacts],
    ) -> tuple[dict[str, ModuleFacts], Signatures]:
        """What the files outside the selection can answer.

        The facts of those that may use what the surveys ask about, that hold a marker
        of testmend's, or that a survey names, with the modules of their bases; and the
        parameters of functions, of all others.
        """
        others = [path for path in paths if path not in have]
        asking = {path: each for path, each in examined.items() if each.surveys}
        if not others or not asking:
            return {}, {}
        asked = questions(asking.values())
        universe = questions(self.memory.examined.values()).words | asked.words
        said = {path: self._mention(path, universe) for path in others}
        found = self._facts([p for p, each in said.items() if asked.concern(each)])
        wanted = modules_asked_for(asking)
        index = Index(paths, ())
        for _ in range(_ROUNDS):
            located = {index.locate(name, path) for name, path in wanted}
            fresh = sorted(p for p in located if p and p not in found and p not in have)
            wanted = [
                (name, path)
                for path in located
                if path and (known := found.get(path) or have.get(path))
                for name in modules_of_bases(known)
            ]
            new = self._facts(fresh)
            found |= new
            wanted += [
                (name, path) for path in new for name in modules_of_bases(new[path])
            ]
            if not new:
                break
        parameters: Signatures = {}
        for path, each in said.items():
            if path not in found:
                for name, some in asked.signatures(self._data(path), each).items():
                    parameters.setdefault(name, set()).update(some)
        return found, parameters

    def _facts(self, paths: Sequence[str]) -> dict[str, ModuleFacts]:
        known = self.memory.facts
        unknown = [path for path in paths if not self._current(path, known)]
        recalled = self.recall.facts(unknown) if self.recall else {}
        known |= recalled
        unknown = [path for path in unknown if path not in recalled]
        for done in self.each(_facts, unknown, {}):
            if isinstance(done.value, ModuleFacts):
                known[done.path] = (self._digest(done.path), done.value)
                if self.recall:
                    self.recall.note_facts(done.path, *known[done.path])
        return {path: known[path][1] for path in paths if path in known}

    def _current(self, path: str, known: dict[str, tuple[bytes, ModuleFacts]]) -> bool:
        if path not in known:
            return False
        if known[path][0] == self._digest(path):
            return True
        del known[path]
        return False

    def _digest(self, path: str) -> bytes:
        data = self._data(path)
        return digest(data) if data else b""

    def _data(self, path: str) -> bytes:
        """The bytes of a file; empty if it can't be read."""
        try:
            return self.reader.read(path)
        except SourceError:
            return b""

    def _mention(self, path: str, universe: set[bytes]) -> Mention:
        """Which of the words of a whole universe a file says."""
        memory = self.memory
        if not universe <= memory.universe:
            memory.mentions.clear()
            memory.universe |= universe
        data = self._data(path)
        now = digest(data)
        known = memory.mentions.get(path)
        if known is None or known[0] != now:
            known = memory.mentions[path] = now, mention(data, memory.universe)
        return known[1]


def _batches(files: Iterable[_Read]) -> Iterator[list[_Read]]:
    batch: list[_Read] = []
    size = 0
    for file in files:
        batch.append(file)
        size += len(file.data)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _guarded(
    path: str, compute: Callable[[], Examination | ModuleFacts | Outcome]
) -> _Done:
    """The boundary around one file: whatever goes wrong costs this file alone."""
    try:
        return _Done(path, compute())
    except SourceError as error:
        return _Done(path, refusal(error))
    except (RecursionError, MemoryError) as error:
        return _Done(path, Failed("too-deep", type(error).__name__))
    except Exception as error:  # noqa: BLE001  one file's failure is its outcome
        return _Done(path, Failed("internal-error", f"{type(error).__name__}: {error}"))


def _examine(file: _Read, selection: Selection) -> _Done:
    return _guarded(file.path, lambda: examine(file.path, file.data, selection))


def _facts(file: _Read) -> _Done:
    return _guarded(file.path, lambda: facts_of(file.path, file.data))


def _rewrite(file: _Read, *, unsafe: bool, proofs: Proofs) -> _Done:
    return _guarded(
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
