"""Files of which the results are not known yet: examined, resolved, rewritten."""

from __future__ import annotations

from itertools import accumulate, chain, islice, takewhile
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.cache.asked import Answers
from testmend.index import Index
from testmend.model import Changed, FileResult, Outcome, Unchanged
from testmend.resolving import Decided, Resolving
from testmend.sending import Sending
from testmend.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from testmend.cache.recall import Recall, Recalled
    from testmend.examination import Examination
    from testmend.pytest_settings import PytestSettings
    from testmend.selection import Selection
    from testmend.sending import Found
    from testmend.stages import Stages
    from testmend.tooling import Tooling

_MANY = 64  # files under work: so many that the first of them go ahead
_AHEAD = 100_000  # bytes of those


class Project(Struct, frozen=True):
    """All Python files around those under work, and what the project's tools are told.

    ``paths`` are relative to the root, those under work among them.
    """

    paths: Sequence[str]
    tooling: Tooling
    pytest: PytestSettings
    commands: tuple[str, ...]


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
            resolving = self._resolving(decided)
            found = [*resolving.found()]
            if not decided.of_peers:
                yield from self._made(first, decided, resolving, found)
                self._ahead = decided.examined
                paths = paths[len(first) :]
        decided = self._decided(paths, recalled)
        resolving = self._resolving(decided)
        resolved = resolving.found()
        if recalled:
            resolved = [*resolved]
            gone = sorted(recalled.keys() - decided.examined.keys())
            if gone and decided.of_peers:
                # Candidates of all files are asked for; of recalled ones they are gone.
                stages, selection = self._stages, self._selection
                decided.examined |= stages.examined(gone, selection, {})
                decided.made.clear()
                resolving = self._resolving(decided)
                resolved = resolving.found()
        yield from self._made(paths, decided, resolving, resolved)

    def _resolving(self, decided: Decided) -> Resolving:
        ahead = self._ahead.values()
        traced = self._recall is not None
        return Resolving(self._stages, self._selection, decided, ahead, traced=traced)

    def _first(self, paths: Sequence[str]) -> Sequence[str]:
        sizes = accumulate(len(self._surroundings.data(path)) for path in paths)
        return paths[: sum(1 for _ in takewhile(lambda size: size < _AHEAD, sizes))]

    def _decided(
        self, paths: Sequence[str], recalled: Mapping[str, Recalled]
    ) -> Decided:
        """Examine files, and ask around."""
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
            project.tooling,
            project.pytest,
            stages.reader.read,
            signatures,
            project.commands,
        )
        answers = Answers(index)
        held = {p for p, each in recalled.items() if answers.hold(each.entry.trace)}
        stale = [path for path in recalled if path not in held]
        examined |= stages.examined(stale, selection, outcomes)
        for path in held:
            outcomes[path] = recalled[path].outcome
        suppressed: dict[str, Mapping[str, int]] = {
            path: each.entry.suppressed for path, each in recalled.items()
        }
        return Decided(outcomes, examined, index, answers, suppressed)

    def _made(
        self,
        paths: Sequence[str],
        decided: Decided,
        resolving: Resolving,
        resolved: Iterable[tuple[str, Found]],
    ) -> Iterator[FileResult]:
        """Rewrite the files that have fixes; the results of all."""
        outcomes, suppressed = decided.outcomes, decided.suppressed
        done = 0
        for _ in self._rewritten(decided, resolving, resolved):
            for path in takewhile(outcomes.__contains__, islice(paths, done, None)):
                # It is not kept: the results of all files would fill the memory.
                outcome = outcomes.pop(path)
                each = FileResult(path, outcome, dict(suppressed.get(path, {})))
                done += 1
                if self._recall:
                    self._note(self._recall, each, decided)
                yield each

    def _rewritten(
        self,
        decided: Decided,
        resolving: Resolving,
        resolved: Iterable[tuple[str, Found]],
    ) -> Iterator[None]:
        """Put in the outcomes of all files with findings, bit by bit.

        Workers rewrite some files while others are still resolved.
        """
        made, total = decided.made, len(decided.examined)
        sending = Sending(resolved, self._selection.applies, total, made)

        def files() -> Iterator[tuple[str, Found]]:
            yield from sending.at_once()
            for path, findings in sending.settle():
                decided.outcomes[path] = Unchanged(findings)
            for path in sending.again:
                del made[path]
            yield from resolving.ordered(sending.together())

        for _ in chain(
            self._stages.rewritten(
                files(), lambda: sending.total, decided.examined, self._selection, made
            ),
            [None],
        ):
            if sending.is_settled:
                last = {path: made[path] for path in made.keys() - sending.in_vain}
                decided.outcomes.update(last)
                made.clear()
                yield

    def _note(self, recall: Recall, result: FileResult, decided: Decided) -> None:
        """Tell the cache of a new result."""
        path = result.path
        if path in decided.traces:
            trace = decided.traces[path]
            self.is_noted &= recall.note(decided.examined[path], result, trace)
        elif not isinstance(result.outcome, Unchanged | Changed):
            self.is_noted &= recall.note_refusal(path, result.outcome)
