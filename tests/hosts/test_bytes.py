"""Line ends, encodings and the end of the file survive every guest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hosts import guests
from hypothesis import given
from hypothesis import strategies as st

from testmend.compose import localized, on_disk
from testmend.hosts import hunks
from testmend.model import apply_bytes
from testmend.source import parse

if TYPE_CHECKING:
    from pathlib import Path

RENAME = """
from bowler import Query
Query(".").select_method("assertEquals").rename("assertEqual").diff()
"""
RULE = """
import libcst as cst
from fixit import LintRule


class AssertEqual(LintRule):
    MESSAGE = "assertEquals is gone"

    def visit_Name(self, node):
        if node.value == "assertEquals":
            self.report(node, replacement=node.with_changes(value="assertEqual"))
"""
COMMAND = """
import libcst as cst
from libcst.codemod import VisitorBasedCodemodCommand


class AssertEqual(VisitorBasedCodemodCommand):
    def leave_Name(self, original_node, updated_node):
        if original_node.value != "assertEquals":
            return updated_node
        return updated_node.with_changes(value="assertEqual")
"""
GUESTS = {
    "bowler": ("bowler:guest.py", RENAME),
    "fixit": ("fixit:guest.py", RULE),
    "libcst": ("libcst:guest.py", COMMAND),
}
SOURCE = """\
import unittest


class TestIt(unittest.TestCase):
    def test_it(self):
        self.assertEquals("h\u00e9", 1)
        text = '''one
        two'''
        self.assertEquals(text,
                          2)
"""
FORMS = {
    "lf": SOURCE.encode(),
    "crlf": SOURCE.replace("\n", "\r\n").encode(),
    "bom": b"\xef\xbb\xbf" + SOURCE.encode(),
    "bom-crlf": b"\xef\xbb\xbf" + SOURCE.replace("\n", "\r\n").encode(),
    "latin-1": ("# -*- coding: latin-1 -*-\n" + SOURCE).encode("latin-1"),
    "cp1252-crlf": ("# coding: cp1252\n" + SOURCE)
    .replace("\n", "\r\n")
    .encode("cp1252"),
    "no-final-newline": SOURCE.rstrip("\n").encode(),
    "no-final-newline-crlf": SOURCE.rstrip("\n").replace("\n", "\r\n").encode(),
    "mixed": SOURCE.replace("\n", "\r\n", 4).encode(),
    "lone-cr": SOURCE.replace("\n", "\r").encode(),
    "form-feed": SOURCE.replace("\n\nclass", "\n\f\nclass").encode(),
    "blank-end": (SOURCE + "\n\n").encode(),
}


@pytest.mark.parametrize("host", GUESTS)
def test_nothing_but_the_change(tmp_path: Path, host: str) -> None:
    guest, script = GUESTS[host]
    (tmp_path / "guest.py").write_text(script, "utf-8")
    files = {f"test_{name.replace('-', '_')}.py": data for name, data in FORMS.items()}
    results = guests.run([guest], files, tmp_path)
    for path, data in files.items():
        result = guests.after(results[path], data)
        left = guests.reasons(results[path])
        if left and host != "bowler":
            assert left == ["no-round-trip"], path
            assert result == data
        else:
            assert result == data.replace(b"assertEquals", b"assertEqual"), path


LINES = st.lists(st.sampled_from(["", "a = 1", "b = 2", "  # c", "if a: b", "é = 3"]))
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(before=LINES, after=LINES, ends=st.lists(ENDS, min_size=9), last=st.booleans())
def test_the_edits_give_the_result(
    before: list[str], after: list[str], ends: list[str], *, last: bool
) -> None:
    """Whatever a guest returns, and whatever line ends the file has."""
    ended = [
        line + ends[at % len(ends)] if at < len(before) - 1 or last else line
        for at, line in enumerate(before)
    ]
    module = parse("a.py", "".join(ended).encode())
    text = hunks.plain(module)
    assert text == "".join(f"{line}\n" for line in text.split("\n")[:-1])
    result = "".join(f"{line}\n" for line in after)
    found = hunks.changed(module, result)
    edits = [edit for hunk in found for edit in hunk.edits]
    assert edits == sorted(edits)
    made = apply_bytes(module.data, on_disk(module, localized(module, edits)))
    assert hunks.plain(parse("a.py", made)).split() == result.split()
    if "\r" not in module.text:
        assert made.decode().rstrip("\n") == result.rstrip("\n") or not text


@given(old=LINES, new=LINES)
def test_untouched_lines_stay_outside(old: list[str], new: list[str]) -> None:
    common = ["x = 1", "y = 2", "z = 3"]
    module = parse("a.py", "".join(f"{line}\n" for line in [*common, *old]).encode())
    result = "".join(f"{line}\n" for line in [*common, *new])
    size = sum(len(line) + 1 for line in common)
    for hunk in hunks.changed(module, result):
        assert all(edit.start >= size - 1 for edit in hunk.edits)
