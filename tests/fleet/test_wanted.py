"""What rules read of a project is what a bulk run fetches of a repository."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testmend import registry, runner, testing
from testmend.fleet.tree import files_of, wanted
from testmend.git.objects import Entry
from testmend.model import Changed, Unchanged
from testmend.selection import Selection
from testmend.testing import Project

CASES = testing.cases(Path(__file__).parents[2] / "fixtures")


@dataclass
class Listening(Project):
    """A project that remembers which files it was asked for."""

    asked: set[str] = field(default_factory=set)

    def read(self, path: str) -> bytes:
        self.asked.add(path)
        return super().read(path)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_is_read_that_a_bulk_run_would_not_have(case: testing.Case) -> None:
    project = Listening(case.project.files)
    paths = [path for path in project.files if path.endswith(".py")]
    selection = Selection(tuple(registry.load()), {case.codemod.name: case.options})
    list(runner.run(project, [case.path], paths, selection))
    entries = [Entry(os.fsencode(each), "100644", "") for each in project.asked]
    found = {os.fsdecode(each.path) for each in wanted(entries, "")}
    assert {each for each in project.asked if not _is_output(each)} <= found


def _is_output(path: str) -> bool:
    """Whether it is enough to know that a file is there."""
    return path.endswith(
        (".txt", ".out", ".expected", ".exp", ".stdout", ".stderr", ".err", ".log")
    ) and not path.endswith("CMakeLists.txt")


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
