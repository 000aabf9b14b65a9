"""The findings of a result, in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from testmend.model import Changed, FileResult, Finding, Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

State = Literal["fixable", "unsafe", "refused"]


class Shown(Struct, frozen=True):
    """A finding and what becomes of it.

    ``fixable``: this run fixes it. ``unsafe``: it has a fix that was not asked for.
    ``refused``: it has none, and a reason code.
    """

    path: str
    finding: Finding
    state: State


def findings(result: FileResult, *, refused: bool = True) -> Iterator[Shown]:
    """A file's findings, sorted by place; without ``refused`` only fixable ones."""
    outcome = result.outcome
    fixed = outcome.fixed if isinstance(outcome, Changed) else ()
    left = outcome.findings if isinstance(outcome, Changed | Unchanged) else ()
    shown = [Shown(result.path, each, "fixable") for each in fixed]
    if refused:
        shown += [
            Shown(result.path, each, "refused" if each.reason else "unsafe")
            for each in left
        ]
    yield from sorted(
        shown, key=lambda each: (each.finding.range, each.finding.codemod)
    )
