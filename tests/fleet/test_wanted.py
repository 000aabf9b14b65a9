"""What a bulk run fetches of a repository is enough for what rules read of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from testmend import registry, runner, testing
from testmend.fleet.tree import files_of, wanted
from testmend.git.objects import Entry
from testmend.model import Changed, Unchanged
from testmend.selection import Selection

CASES = testing.cases(Path(__file__).parents[2] / "fixtures")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_bulk_run_finds_what_a_run_in_the_work_tree_finds(case: testing.Case) -> None:
    project = case.project
    entries = [Entry(os.fsencode(each), "100644", "") for each in project.files]
    data = {
        each.path: project.read(os.fsdecode(each.path)) for each in wanted(entries, "")
    }
    files = replace(files_of("", data, {}), others=frozenset(project.files))
    paths = [path for path in project.files if path.endswith(".py")]
    selection = Selection(tuple(registry.load()), {case.codemod.name: case.options})
    here, there = (
        [*runner.run(each, [case.path], paths, selection)] for each in (project, files)
    )
    assert here == there


OTHERS = ("a/b.json", "tests/data.yml", "README.md", "x/ci.yml", ".github/stale.yml")


@given(st.sampled_from(OTHERS))
def test_other_files_are_not_fetched(path: str) -> None:
    assert not [*wanted([Entry(path.encode(), "100644", "")], "")]


def test_settings_above_the_root_count_in_a_bulk_run() -> None:
    test = b"import os\n\n\ndef test_it():\n    pass\n"
    data = {
        b"ruff.toml": b'lint.per-file-ignores."shop/*" = ["F401"]\n',
        b"shop/tests/test_a.py": test,
        b"depot/ruff.toml": b"",
        b"depot/tests/test_a.py": test,
    }
    entries = [Entry(path, "100644", "") for path in data]
    for root, is_kept in (("shop", True), ("depot", False)):
        chosen = {each.path: data[each.path] for each in wanted(entries, root)}
        files = files_of(root, chosen, {})
        assert set(files.data) == {"ruff.toml", "tests/test_a.py"} - {
            "ruff.toml" if is_kept else ""
        }
        paths = ["tests/test_a.py"]
        (done,) = runner.run(files, paths, paths, Selection(("unused-imports",), {}))
        assert isinstance(done.outcome, Unchanged if is_kept else Changed)
