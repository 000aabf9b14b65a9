"""No import that is needed goes; nearly all of the others do."""

from __future__ import annotations

import ast

import pytest
from labelled import Labelled, cases
from projects import Project

from testmend.model import Changed, Unchanged

KEEP = [case for case in cases() if case.label == "keep"]
REMOVE = [case for case in cases() if case.label == "remove"]


def _imports(case: Labelled, source: bytes) -> list[str]:
    """The labelled names that a source still imports, as often as it does."""
    return [
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        for name in [alias.asname or alias.name.partition(".")[0]]
        if name in {each.partition("@")[0] for each in case.names}
    ]


def _before(case: Labelled) -> bytes:
    return case.files[case.path].encode()


def _after(case: Labelled) -> bytes:
    project = Project({path: text.encode() for path, text in case.files.items()})
    outcome = project.run(["unused-imports"], only=[case.path])[case.path].outcome
    assert isinstance(outcome, Changed | Unchanged), outcome
    return outcome.after if isinstance(outcome, Changed) else _before(case)


@pytest.mark.parametrize("case", KEEP, ids=lambda case: case.id)
def test_what_is_needed_stays(case: Labelled) -> None:
    assert _imports(case, _before(case)), "the label names no import"
    assert _imports(case, _after(case)) == _imports(case, _before(case))


@pytest.mark.parametrize("case", REMOVE, ids=lambda case: case.id)
def test_what_is_not_needed_goes(case: Labelled) -> None:
    before, after = _imports(case, _before(case)), _imports(case, _after(case))
    assert len(before) - len(after) == len(case.names)
