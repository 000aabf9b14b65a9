"""A diff made from edits is what git takes: its result is the new file, to the byte."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from testmend.model import apply_bytes
from testmend.reports import stat
from testmend.reports.udiff import Edits, changed_file, new_file, quoted

PIECES = [
    b"import os\n", b"x = 1\n", b"\n", b"    y\r\n", b"a\rb", b"\r", b"\r\n", b"\x0c\n",
    b"\x0b", b"caf\xe9\n", b"\xff\xfe", b"no end", b"\xe2\x80\xa8", b"\x1c\x85\n",
    b"-- \n", b"+++ b/x\n", b"@@ -1 +1 @@\n", b"\\ No newline at end of file\n", b"",
]  # fmt: skip
contents = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, Edits]:
    """A file and edits of it: sorted, without overlap."""
    data = draw(contents)
    bounds = sorted(draw(st.lists(st.integers(0, len(data)), max_size=10)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return data, tuple((start, end, draw(contents)) for start, end in pairs)


def git_applied(diff: bytes, path: str, before: bytes | None) -> bytes:
    """What ``git apply`` makes of a file (None: there is none yet)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if before is not None:
            file.write_bytes(before)
        for flag in (["--check"], []):
            command = ["git", "apply", "--whitespace=nowarn", *flag, "-"]
            done = subprocess.run(
                command, cwd=folder, input=diff, capture_output=True, check=False
            )
            assert done.returncode == 0, done.stderr.decode()
        return file.read_bytes()


@settings(max_examples=150, deadline=None)
@given(edited())
@example((b"a", ((1, 1, b"\n"),)))
@example((b"a\n", ((1, 2, b""),)))
@example((b"a\nb\n", ((0, 4, b""),)))
@example((b"", ((0, 0, b"x"),)))
@example((b"a\nb", ((2, 3, b""),)))
@example((b"a\nb", ((3, 3, b"\nc\n"),)))
def test_git_makes_the_new_file_of_it(case: tuple[bytes, Edits]) -> None:
    before, edits = case
    after = apply_bytes(before, edits)
    diff = changed_file("tests/test_a.py", before, edits)
    if before == after:
        return
    assert git_applied(diff, "tests/test_a.py", before) == after


@settings(max_examples=300, deadline=None)
@given(edited())
def test_hunks_say_what_unidiff_reads_in_them(case: tuple[bytes, Edits]) -> None:
    before, edits = case
    diff = changed_file("test_a.py", before, edits)
    if not diff:
        return
    [file] = stat.parse(diff)
    added = sum(line.startswith(b"+") for line in diff.split(b"\n")[3:])
    removed = sum(line.startswith(b"-") for line in diff.split(b"\n")[3:])
    assert (file.added, file.removed) == (added, removed)
    for hunk in file:
        assert hunk.is_valid()


@given(contents.filter(bool))
@settings(max_examples=50, deadline=None)
def test_git_creates_the_new_file(data: bytes) -> None:
    assert git_applied(new_file("tests/waits.py", data), "tests/waits.py", None) == data


def test_no_diff_where_edits_change_nothing() -> None:
    assert changed_file("a.py", b"x\ny\n", ((0, 1, b"x"), (2, 3, b"y"))) == b""


def test_lines_around_an_insertion_are_context() -> None:
    before = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n"
    assert changed_file("a.py", before, ((8, 8, b"new\n"),)).split(b"\n")[3:] == [
        b"@@ -2,6 +2,7 @@",
        *(b" 2", b" 3", b" 4", b"+new", b" 5", b" 6", b" 7"),
        b"",
    ]


def test_an_insertion_before_a_line_end_leaves_the_next_line_alone() -> None:
    diff = changed_file("a.py", b"1\n2\n", ((1, 1, b"\nnew"),))
    assert diff.split(b"\n")[3:] == [b"@@ -1,2 +1,3 @@", b" 1", b"+new", b" 2", b""]


def test_hunks_that_touch_are_one() -> None:
    lines = b"".join(b"%d\n" % number for number in range(10, 40))
    near = changed_file("a.py", lines, ((0, 2, b"a"), (21, 23, b"b")))
    far = changed_file("a.py", lines, ((0, 2, b"a"), (24, 26, b"b")))
    assert (near.count(b"@@ -"), far.count(b"@@ -")) == (1, 2)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("tests/test_a.py", "tests/test_a.py"),
        ("tests/with space.py", "tests/with space.py"),
        ("tests/n\u00e4ive.py", '"tests/n\\303\\244ive.py"'),
        ("tests/\udcff.py", '"tests/\\377.py"'),
        ('a"b\\c.py', '"a\\"b\\\\c.py"'),
        ("a\nb\tc\x1b.py", '"a\\nb\\tc\\033.py"'),
    ],
)
def test_odd_names_are_quoted_as_git_does(path: str, shown: str) -> None:
    assert quoted(path) == shown
    before, edits = b"x = 1\n", ((4, 5, b"2"),)
    assert git_applied(changed_file(path, before, edits), path, before) == b"x = 2\n"
    assert git_applied(new_file(path, b"y\n"), path, None) == b"y\n"


def test_time_is_linear() -> None:
    """A file of 40,000 lines in which every tenth changes: no comparison of texts."""
    before = b"value = 1\n" * 40_000
    edits = tuple((n * 100 + 8, n * 100 + 9, b"2") for n in range(4_000))
    diff = changed_file("a.py", before, edits)
    assert diff.count(b"\n+value = 2\n") == len(edits)
