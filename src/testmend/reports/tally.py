"""Counting outcomes and findings: what the summary and the exit code are made of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from testmend.model import Changed, Failed, FileResult, Skipped, Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.model import Finding

UNSAFE = "unsafe"


class Tally(Struct):
    """Counts of one run.

    ``fixed`` counts by codemod, ``left`` by codemod and reason code (`UNSAFE`: there is
    a fix, but it was not asked for), ``skipped`` and ``failed`` by reason.
    """

    files: int = 0
    changed: int = 0
    created: int = 0
    fixed: Counter[str] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    suppressed: int = 0

    def watch(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        """The same results, counted on their way."""
        for result in results:
            self.add(result)
            yield result

    def add(self, result: FileResult) -> None:
        """Count one file."""
        self.files += 1
        self.suppressed += sum(result.suppressed.values())
        match result.outcome:
            case Changed() as outcome:
                self.changed += 1
                self.fixed.update(each.codemod for each in outcome.fixed)
                self._leave(outcome.findings)
            case Unchanged() as outcome:
                self._leave(outcome.findings)
            case Skipped() as outcome:
                self.skipped[outcome.reason] += 1
            case Failed() as outcome:
                self.failed[outcome.error] += 1

    def counts(self) -> dict[str, Any]:
        """What documents tell: ``fixable`` by codemod, ``left`` by it and by reason."""
        left: dict[str, dict[str, int]] = {}
        for (codemod, reason), number in sorted(self.left.items()):
            left.setdefault(codemod, {})[reason] = number
        return {"fixable": dict(sorted(self.fixed.items())), "left": left}

    def _leave(self, findings: Iterable[Finding]) -> None:
        self.left.update((each.codemod, each.reason or UNSAFE) for each in findings)
