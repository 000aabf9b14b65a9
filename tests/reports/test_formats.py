"""Findings for people and for machines: the same facts in every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from testmend.escape import printable
from testmend.model import (
    Changed,
    Failed,
    FileResult,
    Finding,
    Fix,
    NewFile,
    Range,
    Skipped,
    Unchanged,
)
from testmend.reports import github, json_report, sarif, summary, text
from testmend.reports.tally import Tally

FIXED = Finding("sleep-polling", Range(8, 9, 12, 28), "polls 10 times", Fix(()))
UNSAFE = Finding(
    "unused-imports", Range(2, 1, 2, 9), "a, b: 100%\nsure", Fix((), unsafe="registers")
)
REFUSED = Finding("unused-imports", Range(1, 1, 1, 9), "c is unused", reason="comment")
RESULTS = [
    FileResult(
        "tests/a,b.py",
        Changed(
            (FIXED,), (UNSAFE, REFUSED), b"", ((0, 0, b"x"),),
            (NewFile("tests/waits.py", ""),),
        ),
        {"unused-imports": 2},
    ),
    FileResult("tests/b.py", Unchanged((REFUSED,))),
    FileResult("tests/c.py", Skipped("encoding", "cannot be decoded")),
    FileResult("tests/d.py", Failed("syntax-error", "line 1: no")),
]  # fmt: skip


COUNTED = {
    "fixable": {"sleep-polling": 1},
    "left": {"unused-imports": {"comment": 2, "unsafe": 1}},
}


def test_text() -> None:
    lines = "".join(text.render(RESULTS, str.upper, refused=True)).splitlines()
    assert lines == [
        "TESTS/A,B.PY:1:1: unused-imports: c is unused [left: comment]",
        r"TESTS/A,B.PY:2:1: unused-imports: a, b: 100%\x0asure [unsafe fix: registers]",
        "TESTS/A,B.PY:8:9: sleep-polling: polls 10 times [fix]",
        "TESTS/B.PY:1:1: unused-imports: c is unused [left: comment]",
    ]
    assert list(text.render(RESULTS, str.upper)) == [f"{lines[2]}\n"]


def test_json() -> None:
    document: dict[str, Any] = json.loads(
        "".join(json_report.render(RESULTS, Path("/src")))
    )
    assert (document["format"], document["version"]) == ("testmend-check", 1)
    assert document["root"] == "/src"
    first, second, third, fourth = document["files"]
    assert [each["outcome"] for each in document["files"]] == [
        *("changed", "unchanged", "skipped", "failed"),
    ]
    assert first["creates"] == ["tests/waits.py"]
    assert first["suppressed"] == {"unused-imports": 2}
    assert [each["state"] for each in first["findings"]] == [
        *("refused", "unsafe", "fixable"),
    ]
    assert first["findings"][1]["unsafe"] == "registers"
    assert first["findings"][2] == {
        "codemod": "sleep-polling",
        "line": 8,
        "column": 9,
        "end_line": 12,
        "end_column": 28,
        "message": "polls 10 times",
        "state": "fixable",
        "reason": None,
        "unsafe": None,
    }
    assert second["findings"][0]["reason"] == "comment"
    assert (third["reason"], fourth["reason"]) == ("encoding", "syntax-error")
    assert fourth["message"] == "line 1: no"
    assert document["summary"] == COUNTED


def test_json_of_nothing() -> None:
    assert json.loads("".join(json_report.render([], Path("/src"))))["files"] == []


def test_github() -> None:
    lines = "".join(github.render(RESULTS, str, refused=True)).splitlines()
    assert lines[1] == (
        "::notice file=tests/a%2Cb.py,line=2,endLine=2,col=1,endColumn=9,"
        "title=testmend unused-imports::a, b: 100%25%0Asure"
    )
    assert lines[2].startswith("::warning file=tests/a%2Cb.py,line=8,endLine=12,")
    assert lines[3].endswith("::c is unused (comment)")
    assert list(github.render(RESULTS, str)) == [f"{lines[2]}\n"]


def test_sarif() -> None:
    log = json.loads("".join(sarif.render(RESULTS, Path("/src"), ["sleep-polling"])))
    [single] = log["runs"]
    assert single["properties"] == {"summary": COUNTED}
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in single["tool"]["driver"]["rules"]] == [
        "sleep-polling"
    ]
    assert [each["level"] for each in single["results"]] == [
        *("note", "note", "warning", "note"),
    ]
    place = single["results"][2]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "tests/a%2Cb.py", "uriBaseId": "ROOT"}
    assert place["region"]["startLine"] == FIXED.range.line
    assert single["originalUriBaseIds"] == {"ROOT": {"uri": "file:///src/"}}
    [problem] = single["invocations"][0]["toolExecutionNotifications"]
    assert problem["descriptor"] == {"id": "syntax-error"}


def test_summary() -> None:
    tally = Tally()
    assert list(tally.watch(RESULTS)) == RESULTS
    tally.created = 1
    assert list(summary.render(tally, 1.25, done=True)) == [
        (
            "1 file changed, 1 unchanged, 1 created, 1 skipped (encoding 1), "
            "1 failed (syntax-error 1) [1.2 s]"
        ),
        "1 finding fixed: sleep-polling 1",
        "3 left by unused-imports: comment 2, unsafe 1",
        "2 findings suppressed by comments",
    ]
    assert next(iter(summary.render(Tally(), 0.0, done=False))) == (
        "0 files would change, 0 unchanged [0.0 s]"
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text, caf\u00e9 \u732b", "plain text, caf\u00e9 \u732b"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("two\nlines\r\t", r"two\x0alines\x0d\x09"),
        ("\udcff", r"\xff"),
        ("\x9b2J\u202egnp.exe\u2066", r"\x9b2J\u202egnp.exe\u2066"),
    ],
)
def test_nothing_in_a_name_moves_a_terminal(raw: str, shown: str) -> None:
    assert printable(raw) == shown
