"""Findings as a SARIF 2.1.0 log, for code scanning services.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from testmend import __version__, registry
from testmend.model import Failed, FileResult
from testmend.reports.shown import findings
from testmend.reports.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from testmend.reports.shown import Shown

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(
    results: Iterable[FileResult], root: Path, names: Iterable[str]
) -> Iterator[str]:
    """The log. Findings without a fix have the level ``note``."""
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    tally = Tally()
    for result in tally.watch(results):
        rows += map(_result, findings(result))
        if isinstance(result.outcome, Failed):
            problems.append(_problem(result.path, result.outcome))
    run = {
        "tool": {"driver": _driver(names)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"uri": f"{root.as_uri()}/"}},
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": problems}
        ],
        "results": rows,
        "properties": {"summary": tally.counts()},
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)
    yield "\n"


def _driver(names: Iterable[str]) -> dict[str, Any]:
    codemods = registry.load()
    rules = [
        {"id": name, "shortDescription": {"text": codemods[name].summary}}
        for name in names
        if name in codemods
    ]
    return {"name": "testmend", "version": __version__, "rules": rules}


def _result(shown: Shown) -> dict[str, Any]:
    finding = shown.finding
    place = finding.range
    reason = f" ({finding.reason})" if finding.reason else ""
    return {
        "ruleId": finding.codemod,
        "level": "warning" if shown.state == "fixable" else "note",
        "message": {"text": finding.message + reason},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _location(shown.path),
                    "region": {
                        "startLine": place.line,
                        "startColumn": place.column,
                        "endLine": place.end_line,
                        "endColumn": place.end_column,
                    },
                }
            }
        ],
        "properties": {"state": shown.state, "reason": finding.reason or None},
    }


def _problem(path: str, outcome: Failed) -> dict[str, Any]:
    return {
        "level": "error",
        "descriptor": {"id": outcome.error},
        "message": {"text": outcome.message},
        "locations": [{"physicalLocation": {"artifactLocation": _location(path)}}],
    }


def _location(path: str) -> dict[str, str]:
    return {"uri": quote(os.fsencode(path)), "uriBaseId": "ROOT"}
