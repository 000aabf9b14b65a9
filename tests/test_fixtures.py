"""Every folder of ``fixtures/<codemod>/`` is a case, as `testmend.testing` says.

The same checks as those that authors of plugins have.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from testmend import testing

CASES = testing.cases(Path(__file__).parent.parent / "fixtures")

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)


def test_result(case: testing.Case) -> None:
    case.check_result()
    ast.parse(case.result())


def test_reasons(case: testing.Case) -> None:
    if case.reasons is None:
        pytest.skip("no reasons stated")
    case.check_reasons()


def test_second_run_changes_nothing(case: testing.Case) -> None:
    case.check_second_run()


@pytest.mark.parametrize("form", testing.FORMS)
def test_same_in_other_bytes(case: testing.Case, form: str) -> None:
    """Line ends, byte order mark and the end of the file stay as they are."""
    case.check_form(form)
