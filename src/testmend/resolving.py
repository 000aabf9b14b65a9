"""Resolving: what every file comes to, now that the index knows them all.

One process does it for all files, or, where there are many and the index can be left to
the workers, those do; then each of them rewrites a file on the spot.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec import Struct, field
from msgspec.structs import replace

from testmend.cache.asked import Answers, Asked, Watched
from testmend.engine import peers_of, resolve
from testmend.model import Outcome
from testmend.rewriting import rewrite
from testmend.sending import is_fixable
from testmend.stages import Done, changed_meanwhile, guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from testmend.cache.asked import Trace
    from testmend.examination import Examination
    from testmend.index import Index
    from testmend.selection import Selection
    from testmend.sending import Found
    from testmend.stages import Read, Stages

T = TypeVar("T")

_MANY = 32  # files with something to look at that are worth new workers


class Decided(Struct):
    """What is known of some files; the last four of each when it is resolved.

    ``traces``: what the results depend on; ``of_peers``: whether one does on the
    candidates of other files; ``made``: what became of files that are rewritten.
    """

    outcomes: dict[str, Outcome]
    examined: dict[str, Examination]
    index: Index
    answers: Answers
    suppressed: dict[str, Mapping[str, int]]
    traces: dict[str, Trace | None] = field(default_factory=dict)
    of_peers: bool = False
    made: dict[str, Outcome] = field(default_factory=dict)


class Resolved(Struct, frozen=True):
    """What was found in one file, and what that depends on (see `Decided`).

    ``made``: what became of it, if it was rewritten at once.
    """

    findings: Found
    suppressed: Mapping[str, int]
    trace: Trace | None
    of_peers: bool
    made: Outcome | None = None


class Resolving:
    """The resolving of some files.

    ``ahead`` are files that were resolved before, peers of these; ``traced``: whether
    somebody wants to know what the results depend on.
    """

    def __init__(
        self,
        stages: Stages,
        selection: Selection,
        decided: Decided,
        ahead: Iterable[Examination],
        *,
        traced: bool,
    ) -> None:
        self._stages = stages
        self._selection = selection
        self._decided = decided
        self._peers = peers_of([*ahead, *decided.examined.values()])
        self._traced = traced

    def found(self) -> Iterable[tuple[str, Found]]:
        """The findings of every file, in no order; the rest goes to what is decided.

        A codemod that breaks costs one file alone. They are found one by one as they
        are asked for, unless workers find them.
        """
        examined = self._decided.examined
        asking = [path for path, each in examined.items() if each.surveys]
        if len(asking) < _MANY or not self._stages.bequeath(self._work):
            return self._taken(self._here())
        nothing = Resolved((), {}, (), of_peers=False)
        rest = (Done(path, nothing) for path in examined.keys() - set(asking))
        done = self._stages.resolved(asking, self._decided.outcomes)
        return [*self._taken(rest), *self._taken(done)]

    def _here(self) -> Iterator[Done]:
        for path, _ in self.ordered(self._decided.examined.items()):
            yield guarded(path, partial(self._resolved, path))

    def _taken(self, files: Iterable[Done]) -> Iterator[tuple[str, Found]]:
        """The findings of files; the rest of what is known of them is kept."""
        decided = self._decided
        for done in files:
            path, resolved = done.path, done.value
            if isinstance(resolved, Resolved):
                decided.suppressed[path] = resolved.suppressed
                decided.traces[path] = resolved.trace
                decided.of_peers |= resolved.of_peers
                if resolved.made is not None:
                    decided.made[path] = resolved.made
                yield path, resolved.findings
            elif isinstance(resolved, Outcome):
                decided.outcomes[path] = resolved

    def ordered(self, files: Iterable[tuple[str, T]]) -> Iterable[tuple[str, T]]:
        """Files by their paths, as the workers are done with them soonest."""
        examined = self._decided.examined
        return self._stages.ordered(files, lambda each: _size(examined[each[0]]))

    def _resolved(self, path: str) -> Resolved:
        """All about one file. Raises `SourceError` where a codemod breaks."""
        asking = Asked(self._decided.index)
        watched = {name: Watched(each, asking) for name, each in self._peers.items()}
        findings, suppressed = resolve(
            self._decided.examined[path],
            cast("Index", asking),
            self._selection,
            watched,
        )
        trace = self._decided.answers.trace(asking) if self._traced else None
        return Resolved(findings, suppressed, trace, asking.of_peers)

    def _work(self, file: Read) -> Resolved:
        """In a worker: the same, and rewrite the file."""
        resolved, known = self._resolved(file.path), self._decided.examined[file.path]
        findings, selection = resolved.findings, self._selection
        if not is_fixable(findings, selection.applies):
            return resolved
        made = changed_meanwhile(file, known) or rewrite(
            file.path,
            file.data,
            findings,
            unsafe=selection.unsafe,
            proofs=selection.proofs,
            known=known.outline,
        )
        return replace(resolved, made=made)


def _size(examination: Examination) -> int:
    """About how many bytes a file has that something was found in."""
    return examination.outline[-1].span[1] if examination.outline else 0
