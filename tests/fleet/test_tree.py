"""The files of a commit are found as those of a work tree are."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from testmend.discover.walk import project_files
from testmend.fleet.tree import Files, python_files
from testmend.git.objects import Entry

FOLDERS = ("src", "Unit", "tests", "venv", "build", "a")
NAMES = ("__init__.py", "test_x.py", "notes.txt", "pyvenv.cfg", ".gitignore")
IGNORED = b"build/\n*_x.py\n!a/test_x.py\n"

paths = st.builds(
    lambda folders, name: "/".join((*folders, name)),
    st.lists(st.sampled_from(FOLDERS), max_size=4),
    st.sampled_from(NAMES),
)


@settings(deadline=None)  # it writes files: a busy disk takes its time
@given(st.sets(paths, max_size=8))
@example({"src/pkg/tests/test_x.py"})
@example({"tests/Unit/test_x.py", "tests/__init__.py"})
@example({"a/src/a/test_x.py", "a/.gitignore"})
def test_the_python_files_of_a_commit_are_those_of_its_checkout(
    names: set[str],
) -> None:
    data = {name: IGNORED if name.endswith("ignore") else b"" for name in names}
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / ".git").mkdir()
        for name, content in data.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        there = project_files(root)
    entries = [Entry(os.fsencode(name), "100644", "") for name in sorted(names)]
    assert python_files(entries, Files(data, {}), "") == there
