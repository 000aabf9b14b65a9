"""The proof accepts the stated edits and catches every seeded fault."""

from __future__ import annotations

import pytest

from testmend.compose import splice
from testmend.errors import SourceError, VerificationError
from testmend.model import Edit
from testmend.source import parse
from testmend.verify import verify


def prove(before: str, *edits: tuple[str, str]) -> None:
    """Replace the first occurrence of each text by another, and prove the result."""
    module = parse("test_it.py", before.encode())
    made = []
    for old, new in edits:
        start = before.index(old)
        made.append(Edit(start, start + len(old), new))
    _prove(before, *made)
    assert module.text == before


def _prove(before: str, *edits: Edit) -> None:
    module = parse("test_it.py", before.encode())
    ordered = sorted(edits)
    after = parse("test_it.py", splice(module.utf8, ordered).encode())
    verify(module, after, ordered)


def insert(before: str, ahead_of: str, text: str) -> None:
    at = before.index(ahead_of)
    _prove(before, Edit(at, at, text))


LOOP = '''\
"""Docstring."""
import time
import os


def wait(server):
    for attempt in range(10):
        if server.ready():
            return server
        time.sleep(0.5)
    raise AssertionError(server)


class TestIt:
    uuid = "one"

    async def test(self):
        self.assertEqual(uuid, {"id": "one", **rest}, [1, 2])
'''


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([("range(10)", "poll(timeout=5)")], id="expression"),
        pytest.param([("        time.sleep(0.5)\n", "")], id="statement-removed"),
        pytest.param([("import time\n", "")], id="import-removed"),
        pytest.param([("import time\n", ""), ("import os\n", "")], id="both-removed"),
        pytest.param([("import time", "import waits")], id="import-replaced"),
        pytest.param([('"one", **', "ONE, **")], id="dict-value"),
        pytest.param([("[1, 2]", "[2]")], id="list"),
        pytest.param([("1, ", "")], id="list-item-removed"),
        pytest.param([("for attempt in range(10):", "while True:")], id="loop-kind"),
        pytest.param([("\nimport os", "; import os")], id="joined-by-semicolon"),
        pytest.param(
            [
                ("import time\n", ""),
                ("range(10)", "waits.poll(timeout=5)"),
                ("        time.sleep(0.5)\n", ""),
                ("import os\n", "import os\n\nfrom tests import waits\n"),
            ],
            id="several",
        ),
    ],
)
def test_stated_edits_are_proven(edits: list[tuple[str, str]]) -> None:
    prove(LOOP, *edits)


def test_added_statement_is_proven() -> None:
    insert(LOOP, "def wait", 'SERVER_ID = "one"\n\n\n')


@pytest.mark.parametrize(
    ("ahead_of", "text"),
    [
        pytest.param("import time", "if 1: \\\n", id="swallows-the-next-statement"),
        pytest.param("import os", "# ", id="comments-out"),
        pytest.param('"""Docstring', "x = 1\n", id="docstring-lost"),
        pytest.param('"""Docstring', '"""Another."""\n', id="docstring-replaced"),
        pytest.param("server.ready", "not ", id="negates-what-follows"),
        pytest.param(
            "        time.sleep", "            pass\n    ", id="moves-into-block"
        ),
        pytest.param("raise", "else:\n        pass\n    ", id="adds-an-else"),
        pytest.param("[1, 2]", "*", id="stars-what-follows"),
        pytest.param("class TestIt", "@decorated\n", id="decorates"),
        pytest.param("async def", "@decorated\n    ", id="decorates-a-method"),
        pytest.param("(10)", "_of", id="lengthens-a-name"),
        pytest.param("uuid, {", "x.", id="attribute-of"),
        pytest.param("0.5)", "1", id="joins-a-number"),
    ],
)
def test_seeded_fault_is_caught(ahead_of: str, text: str) -> None:
    with pytest.raises((VerificationError, SourceError)):
        insert(LOOP, ahead_of, text)


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([("return server\n", "return server")], id="line-end-lost"),
        pytest.param([("\n        time", "\n            time")], id="indented-deeper"),
        pytest.param([("    raise", "        raise")], id="indented-into-the-loop"),
    ],
)
def test_changed_layout_that_changes_meaning_is_caught(
    edits: list[tuple[str, str]],
) -> None:
    with pytest.raises((VerificationError, SourceError)):
        prove(LOOP, *edits)


def test_a_list_may_grow_at_its_end() -> None:
    text = "from proj import base\nx = 1\n"
    _prove(text, Edit(21, 21, ", waits"))
    with pytest.raises(VerificationError, match="Constant"):
        _prove(text, Edit(27, 27, " + 1"))
