"""Files of which the results are not known yet: examined, resolved, rewritten."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, islice, takewhile
from typing import TYPE_CHECKING, cast

from testmend import additions
from testmend.cache.asked import Answers, Asked, Watched
from testmend.engine import peers_of, refusal, resolve
from testmend.errors import SourceError
from testmend.index import Index
from testmend.model import Changed, FileResult, Finding, Outcome, Unchanged
from testmend.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from testmend.cache.recall import Recall, Recalled
    from testmend.examination import Examination
    from testmend.line_length import Lines
    from testmend.linters import Ignored
    from testmend.pytest_settings import PytestSettings
    from testmend.selection import Selection
    from testmend.stages import Stages

_MANY = 64  # files under work: so many that the first of them go ahead
_AHEAD = 100_000  # bytes of those


@dataclass(frozen=True, slots=True)
class Project:
    """All Python files around those under work, and what the project's tools are told.

    ``paths`` are relative to the root, those under work among them.
    """

    paths: Sequence[str]
    ignored: Sequence[Ignored]
    pytest: PytestSettings
    lines: Lines


@dataclass(slots=True)
class _Decided:
    """What is known of some files before they are rewritten."""

    outcomes: dict[str, Outcome]
    examined: dict[str, Examination]
    answers: Answers
    found: dict[str, tuple[tuple[Finding, ...], Mapping[str, int]]] = field(
        default_factory=dict
    )
    asked: dict[str, Asked] = field(default_factory=dict)

    @property
    def of_peers(self) -> bool:
        """Whether what was found depends on the candidates of other files."""
        return any(each.of_peers for each in self.asked.values())


class Working:
    """The work of one run."""

    def __init__(
        self,
        stages: Stages,
        selection: Selection,
        project: Project,
        recall: Recall | None,
    ) -> None:
        self._stages = stages
        self._selection = selection
        self._project = project
        self._recall = recall
        self._surroundings = Surroundings(stages, recall)
        self._ahead: dict[str, Examination] = {}
        self.is_noted = True
        """Whether all results are in the cache now."""

    def results(
        self, paths: Sequence[str], recalled: Mapping[str, Recalled], *, soon: bool
    ) -> Iterator[FileResult]:
        """The results of files, in this order; ``recalled`` is what is known of some.

        ``soon``: the first few of many go ahead, for a person to see something. They
        get the same results, unless those depend on the candidates of other files.
        """
        ahead = soon and not recalled and len(paths) >= _MANY
        first = self._first(paths) if ahead else []
        if first:
            decided = self._decided(first, {})
            if not decided.of_peers:
                yield from self._made(first, {}, decided)
                self._ahead = decided.examined
                paths = paths[len(first) :]
        yield from self._made(paths, recalled, self._decided(paths, recalled))

    def _first(self, paths: Sequence[str]) -> Sequence[str]:
        sizes = accumulate(len(self._surroundings.data(path)) for path in paths)
        return paths[: sum(1 for _ in takewhile(lambda size: size < _AHEAD, sizes))]

    def _decided(
        self, paths: Sequence[str], recalled: Mapping[str, Recalled]
    ) -> _Decided:
        """Examine files, ask around, and resolve."""
        stages, selection, project = self._stages, self._selection, self._project
        outcomes: dict[str, Outcome] = {}
        fresh = [path for path in paths if path not in recalled]
        examined = stages.examined(fresh, selection, outcomes)
        known_of = {path: each.examination for path, each in recalled.items()}
        seen = {path: each for path, each in known_of.items() if each} | examined
        facts = {path: each.facts for path, each in (seen | self._ahead).items()}
        around, signatures = self._surroundings.facts(project.paths, seen, facts)
        index = Index(
            project.paths,
            (facts | around).values(),
            project.ignored,
            project.pytest,
            project.lines,
            stages.reader.read,
            signatures,
        )
        answers = Answers(index)
        held = {p for p, each in recalled.items() if answers.hold(each.entry.trace)}
        stale = [path for path in recalled if path not in held]
        examined |= stages.examined(stale, selection, outcomes)
        for path in held:
            outcomes[path] = recalled[path].outcome
        decided = _Decided(outcomes, examined, answers)
        self._resolve(decided, index)
        if len(examined) < len(seen) and decided.of_peers:
            # Candidates of all files are asked for; those of recalled ones are gone.
            examined |= stages.examined(sorted(held), selection, {})
            self._resolve(decided, index)
        return decided

    def _resolve(self, decided: _Decided, index: Index) -> None:
        """Put in the findings of every file, and what they asked of the others.

        A codemod that breaks costs one file alone.
        """
        peers = peers_of([*self._ahead.values(), *decided.examined.values()])
        for path, examination in decided.examined.items():
            asking = decided.asked[path] = Asked(index)
            watched = {name: Watched(each, asking) for name, each in peers.items()}
            try:
                decided.found[path] = resolve(
                    examination, cast("Index", asking), self._selection, watched
                )
            except SourceError as error:
                decided.outcomes[path] = refusal(error)
        found = {path: findings for path, (findings, _) in decided.found.items()}
        for path, findings in additions.united(found).items():
            decided.found[path] = findings, decided.found[path][1]

    def _made(
        self,
        paths: Sequence[str],
        recalled: Mapping[str, Recalled],
        decided: _Decided,
    ) -> Iterator[FileResult]:
        """Rewrite the files that have fixes; the results of all."""
        outcomes = decided.outcomes
        suppressed = {path: each.entry.suppressed for path, each in recalled.items()}
        suppressed |= {path: dict(each) for path, (_, each) in decided.found.items()}
        done = 0
        for _ in self._rewritten(decided):
            for path in takewhile(outcomes.__contains__, islice(paths, done, None)):
                # It is not kept: the results of all files would fill the memory.
                each = FileResult(path, outcomes.pop(path), suppressed.get(path, {}))
                done += 1
                if self._recall:
                    self._note(self._recall, each, decided)
                yield each

    def _rewritten(self, decided: _Decided) -> Iterator[None]:
        """Put in the outcomes of all files with findings, bit by bit."""
        fixable: dict[str, tuple[Finding, ...]] = {}
        for path, (findings, _) in decided.found.items():
            if any(self._applies(finding) for finding in findings):
                fixable[path] = findings
            else:
                decided.outcomes[path] = Unchanged(findings)
        yield
        yield from self._stages.rewritten(
            fixable, decided.examined, self._selection, decided.outcomes
        )
        yield

    def _applies(self, finding: Finding) -> bool:
        fix = finding.fix
        return fix is not None and (self._selection.unsafe or not fix.unsafe)

    def _note(self, recall: Recall, result: FileResult, decided: _Decided) -> None:
        """Tell the cache of a new result."""
        path = result.path
        if path in decided.examined and path in decided.asked:
            trace = decided.answers.trace(decided.asked[path])
            self.is_noted &= recall.note(decided.examined[path], result, trace)
        elif not isinstance(result.outcome, Unchanged | Changed):
            self.is_noted &= recall.note_refusal(path, result.outcome)
