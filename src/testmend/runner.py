"""Many files: read, examine, index, resolve, rewrite; one result per file.

Results do not depend on the number of workers or the order in which they finish.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice, takewhile
from typing import TYPE_CHECKING, cast

from testmend import line_length, linters, pytest_settings
from testmend.cache.asked import Answers, Asked, Watched
from testmend.cache.recall import Recall
from testmend.engine import Examination, Selection, peers_of, refusal, resolve
from testmend.errors import SourceError
from testmend.index import Index
from testmend.model import Changed, FileResult, Finding, Outcome, Unchanged
from testmend.stages import Memory, Progress, Reader, Stages
from testmend.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from testmend.cache.store import Store

_Found = dict[str, tuple[tuple[Finding, ...], Mapping[str, int]]]


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
    ``progress`` is called after each file, in each step. ``memory`` is what runs of
    other codemods over the same files have found out, ``store`` the cache of earlier
    runs: the results are the same without.
    """
    paths = sorted(set(selected))
    workers = min(jobs or os.cpu_count() or 1, max(1, len(paths) // 8))
    said = progress or (lambda _step: None)
    known = memory or Memory(selection)
    stages = Stages(reader, workers, said, known, isolated=isolated)

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
    surroundings = Surroundings(stages, recall)

    outcomes: dict[str, Outcome] = {}
    fresh = [path for path in paths if path not in recalled]
    examined = stages.examined(fresh, selection, outcomes)
    known_of = {path: each.examination for path, each in recalled.items()}
    seen = {path: each for path, each in known_of.items() if each} | examined
    facts = {path: each.facts for path, each in seen.items()}
    around, signatures = surroundings.facts(everything, seen, facts)
    facts |= around
    index = Index(
        everything, facts.values(), ignored, pytest, lines, reader.read, signatures
    )

    answers = Answers(index)
    stale = [p for p, each in recalled.items() if not answers.hold(each.entry.trace)]
    examined |= stages.examined(stale, selection, outcomes)
    for path in recalled.keys() - set(stale):
        outcomes[path] = recalled[path].outcome

    found, asked = _resolve(examined, index, selection, outcomes)
    if len(examined) < len(seen) and any(each.of_peers for each in asked.values()):
        # Candidates of all files are asked for: those of recalled files are not known.
        examined |= stages.examined(sorted(recalled.keys() - set(stale)), selection, {})
        stale = list(recalled)
        found, asked = _resolve(examined, index, selection, outcomes)
    suppressed = {path: each.entry.suppressed for path, each in recalled.items()}
    suppressed |= {path: dict(each) for path, (_, each) in found.items()}
    results: list[FileResult] = []
    for _ in _made(stages, found, examined, selection, outcomes):
        for path in _next(paths, len(results), outcomes):
            results.append(FileResult(path, outcomes[path], suppressed.get(path, {})))
            yield results[-1]
    if recall:
        _keep(recall, project, results, examined, answers, asked)


def _made(
    stages: Stages,
    found: _Found,
    examined: Mapping[str, Examination],
    selection: Selection,
    outcomes: dict[str, Outcome],
) -> Iterator[None]:
    """Put the outcomes of all files with findings into ``outcomes``, bit by bit."""
    fixable: dict[str, tuple[Finding, ...]] = {}
    for path, (findings, _) in found.items():
        if any(_applies(finding, selection) for finding in findings):
            fixable[path] = findings
        else:
            outcomes[path] = Unchanged(findings)
    yield
    yield from stages.rewritten(fixable, examined, selection, outcomes)
    yield


def _next(paths: Sequence[str], start: int, known: Container[str]) -> Iterator[str]:
    """The paths from a place on, up to the first that is not known yet."""
    return takewhile(known.__contains__, islice(paths, start, None))


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
