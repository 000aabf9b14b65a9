"""Findings as one JSON document. ``docs/formats.md`` describes it.

``version`` rises when a key changes its meaning or goes; new keys may come without.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from testmend import __version__
from testmend.model import Changed, Failed, FileResult, Skipped, Unchanged
from testmend.reports.shown import findings
from testmend.reports.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from testmend.reports.shown import Shown

VERSION = 1
_WORDS = {
    Changed: "changed",
    Unchanged: "unchanged",
    Skipped: "skipped",
    Failed: "failed",
}


def render(results: Iterable[FileResult], root: Path) -> Iterator[str]:
    """The document, piece by piece. All findings are in it, the refused ones too."""
    head = {
        "format": "testmend-check",
        "version": VERSION,
        "testmend": __version__,
        "root": str(root),
    }
    yield json.dumps(head, indent=1)[:-2] + ',\n "files": ['
    comma, tally = "", Tally()
    for result in tally.watch(results):
        yield f"{comma}\n  {json.dumps(_file(result))}"
        comma = ","
    yield f'\n ],\n "summary": {json.dumps(tally.counts())}\n}}\n'


def _file(result: FileResult) -> dict[str, Any]:
    outcome = result.outcome
    row: dict[str, Any] = {"path": result.path, "outcome": _WORDS[type(outcome)]}
    match outcome:
        case Skipped(reason, message) | Failed(reason, message):
            row |= {"reason": reason, "message": message}
        case Changed():
            row["creates"] = [file.path for file in outcome.files if file.is_new]
    row["findings"] = [_finding(each) for each in findings(result)]
    row["suppressed"] = dict(result.suppressed)
    return row


def _finding(shown: Shown) -> dict[str, Any]:
    finding = shown.finding
    place = finding.range
    return {
        "codemod": finding.codemod,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "message": finding.message,
        "state": shown.state,
        "reason": finding.reason or None,
        "unsafe": (finding.fix.unsafe or None) if finding.fix else None,
    }
