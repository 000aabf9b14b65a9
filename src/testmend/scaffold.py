"""A new codemod to start from: its module with its page, its fixtures, its tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from testmend.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")

MODULE = '''\
"""assertEquals is assertEqual.

``unittest`` removed the alias in Python 3.12. Say here what is changed, and why.

Before::

    self.assertEquals(1, answer)

After::

    self.assertEqual(1, answer)

Left alone, with the reason:

``own-method``
    the file defines a function ``assertEquals`` of its own.

Nothing that it does is unsafe. It has no options.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.codemod import Codemod, Context, Options
from testmend.model import Edit, Finding, Fix, Survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.source import Module

NAME = "@NAME@"
OLD, NEW = "assertEquals", "assertEqual"


def survey(module: Module, _options: Options) -> Survey | None:
    """What this file has to say; it sees no other file."""
    own = any(each.name == OLD for each in module.nodes(ast.FunctionDef))
    found = []
    for call in module.nodes(ast.Call):
        method = call.func
        if not isinstance(method, ast.Attribute) or method.attr != OLD:
            continue
        if not isinstance(method.value, ast.Name) or method.value.id != "self":
            continue
        end = module.end(method)
        edit = Edit(end - len(OLD), end, NEW)
        found.append(
            Finding(
                NAME,
                module.range_of(method),
                f"{OLD} is gone in Python 3.12",
                fix=None if own else Fix((edit,)),
                reason="own-method" if own else "",
            )
        )
    return Survey(tuple(found)) if found else None


def resolve(
    candidates: tuple[Finding, ...], _context: Context, _options: Options
) -> Iterable[Finding]:
    """The findings, now that all files are known (``context.index``)."""
    return candidates


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="assertEquals is assertEqual",
    page=__doc__ or "",
    trigger=re.compile(rb"\\bassertEquals\\b"),
    reasons={"own-method": "The file defines a function of that name."},
    survey=survey,
    resolve=resolve,
)
'''

TESTS = '''\
"""Every folder of fixtures/@NAME@ is a case."""

from pathlib import Path

import pytest
from testmend import testing

HERE = Path(__file__).parent.parent
CASES = testing.cases(
    HERE / "fixtures", plugins=[HERE / "@MODULE@.py"], names=["@NAME@"]
)


def test_there_are_cases() -> None:
    assert CASES


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: testing.Case) -> None:
    case.check()
'''

BEFORE = """\
import unittest


class TestAnswer(unittest.TestCase):
    def test_answer(self):
        answer = 42
        self.assertEquals(42, answer)  # the comment stays
"""

OWN_METHOD = """\
import unittest


class TestAnswer(unittest.TestCase):
    def assertEquals(self, one, other):
        self.assertEqual(one, other, "not the same")

    def test_answer(self):
        self.assertEquals(42, 42)
"""

OTHER_OBJECT = """\
def test_answer(checker):
    checker.assertEquals(42, 42)
"""


def files(name: str) -> dict[str, str]:
    """The files of a new codemod by their path in the plugin folder.

    Raises `UsageError` for a name that is none.
    """
    if not _NAME.fullmatch(name):
        message = f"{name!r}: a name has small letters, digits and dashes"
        raise UsageError(message)
    module = name.replace("-", "_")
    fixtures = f"fixtures/{name}"
    texts = {
        f"{module}.py": MODULE,
        f"{fixtures}/renames-the-method/before.py": BEFORE,
        f"{fixtures}/renames-the-method/after.py": BEFORE.replace("Equals", "Equal"),
        f"{fixtures}/renames-the-method/reasons.txt": "",
        f"{fixtures}/leaves-a-method-of-its-own/before.py": OWN_METHOD,
        f"{fixtures}/leaves-a-method-of-its-own/reasons.txt": "own-method\n",
        f"{fixtures}/leaves-other-objects/before.py": OTHER_OBJECT,
        f"{fixtures}/leaves-other-objects/reasons.txt": "",
        f"tests/test_{module}.py": TESTS,
    }
    return {
        path: text.replace("@NAME@", name).replace("@MODULE@", module)
        for path, text in texts.items()
    }


def write(name: str, folder: Path) -> list[Path]:
    """Write a new codemod into a plugin folder; returns its files.

    Raises `UsageError`, with nothing written, when one of them is there already.
    """
    texts = {folder / path: text for path, text in files(name).items()}
    for path in texts:
        if path.exists():
            raise UsageError(f"{path} is there already")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(texts)
