"""Codemods in files of a project, and the checks that their authors have."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from projects import Project

from testmend import scaffold, testing
from testmend.errors import ConfigError, UsageError
from testmend.hosts import catalogue, plugins
from testmend.model import Changed, Failed

if TYPE_CHECKING:
    from pathlib import Path

OLD = b"class T:\n    def test(self):\n        self.assertEquals(1, 2)\n"
NEW = OLD.replace(b"Equals", b"Equal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scaffold.write("assert-names", tmp_path)
    return tmp_path


def test_a_plugin_folder_is_found_and_runs(folder: Path) -> None:
    (extra,) = plugins.found([folder])
    assert extra.name == "assert-names"
    project = Project({"test_a.py": OLD}, (extra,))
    outcome = project.run(["assert-names"])["test_a.py"].outcome
    assert isinstance(outcome, Changed)
    assert outcome.after == NEW


def test_it_runs_in_workers_too(folder: Path) -> None:
    files = {f"test_{number}.py": OLD for number in range(40)}
    project = Project(files, plugins.found([folder]))
    results = project.run(["assert-names"], jobs=2)
    assert project.apply(results).files == dict.fromkeys(files, NEW)


def test_plugins_share_knowledge_by_relative_imports(folder: Path) -> None:
    module = folder / "assert_names.py"
    (folder / "_words.py").write_text('OLD, NEW = "assertEquals", "assertEqual"\n')
    text = module.read_text("utf-8")
    own = 'OLD, NEW = "assertEquals", "assertEqual"\n'
    module.write_text(text.replace(own, "from ._words import NEW, OLD\n"), "utf-8")
    project = Project({"test_a.py": OLD}, plugins.found([folder]))
    results = project.run(["assert-names"])
    assert project.apply(results).files["test_a.py"] == NEW
    assert str(folder) not in sys.path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no"),
        ("", "no module with a CODEMOD"),
        ("CODEMOD = 3", "no module with a CODEMOD"),
        ("raise ValueError('why')", "ValueError: why"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
    ],
)
def test_a_broken_plugin_is_a_configuration_error(
    tmp_path: Path, text: str | None, message: str
) -> None:
    file = tmp_path / "mine.py"
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        plugins.found([file])


def test_two_codemods_of_a_name_are_refused(tmp_path: Path) -> None:
    scaffold.write("unused-imports", tmp_path)
    with pytest.raises(ConfigError, match="two codemods of the name 'unused-imports'"):
        catalogue.available(plugins.found([tmp_path]))


BREAKS = {
    "survey-raises": ("    own = any(", "    1 / 0\n    own = any(", "raised"),
    "resolve-raises": ("    return candidates", "    1 / 0", "raised"),
    "rubbish": ("    return candidates", "    return [42]", "rubbish"),
    "foreign-name": ("\n                NAME,", "\n                'x',", "rubbish"),
    "edit-outside": ("end - len(OLD), end", "end, end + 10_000", "rubbish"),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_plugin_that_breaks_costs_one_file_and_is_named(
    folder: Path, fault: str
) -> None:
    old, new, error = BREAKS[fault]
    module = folder / "assert_names.py"
    text = module.read_text("utf-8")
    assert old in text
    module.write_text(text.replace(old, new), "utf-8")
    files = {"test_a.py": OLD, "test_b.py": b"import os\n\nos.sep\n"}
    results = Project(files, plugins.found([folder])).run(["assert-names"])
    bad = results["test_a.py"].outcome
    assert isinstance(bad, Failed)
    assert bad.error == f"codemod-{error}"
    assert bad.message.startswith("assert-names: ")
    assert not isinstance(results["test_b.py"].outcome, Failed)


def test_what_new_writes_passes_its_own_tests(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(folder)]
    done = subprocess.run(
        [*command, "-c", "/dev/null", "-p", "no:cacheprovider", str(folder / "tests")],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        check=False,
        text=True,
    )
    assert "4 passed" in done.stdout, done.stdout + done.stderr


def test_what_new_writes_is_clean(folder: Path) -> None:
    for command in (["ruff", "check", "--isolated"], ["ruff", "format", "--check"]):
        files = [
            str(each) for each in folder.rglob("*.py") if "fixtures" not in str(each)
        ]
        done = subprocess.run(
            [sys.executable, "-m", *command, *files],
            cwd=folder,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_new_overwrites_nothing(folder: Path) -> None:
    before = {file: file.read_bytes() for file in folder.rglob("*.py")}
    with pytest.raises(UsageError, match="is there already"):
        scaffold.write("assert-names", folder)
    assert {file: file.read_bytes() for file in folder.rglob("*.py")} == before


@pytest.mark.parametrize("name", ["", "Camel", "a_b", "../x", "1st", "a--b"])
def test_new_wants_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="a name has small letters"):
        scaffold.write(name, tmp_path)


# -- testmend.testing notices what is wrong -----------------------------------


def test_all_cases_pass(folder: Path) -> None:
    found = testing.cases(folder / "fixtures", [folder])
    assert len(found) == 3
    for each in found:
        each.check()


BOTH = '"assertEquals", "assertEqual"'
EDIT = "Edit(end - len(OLD), end, NEW)"
FAULTS = {
    "wrong-result": ("check_result", BOTH, '"assertEquals", "assertIs"'),
    "undocumented": ("check_reasons", 'reasons={"own-method"', 'reasons={"other"'),
    "other-reason": ("check_reasons", 'reason="own-method"', 'reason="overlap"'),
    "not-idempotent": ("check_second_run", EDIT, 'Edit(0, 0, "# again\\n")'),
    "no-crlf": ("check_form", EDIT, 'Edit(end - len(OLD), end, "assertEqual\\r")'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_codemod_fails_its_check(folder: Path, fault: str) -> None:
    check, old, new = FAULTS[fault]
    module = folder / "assert_names.py"
    text = module.read_text("utf-8")
    assert old in text
    text = text.replace(old, new)
    module.write_text(text, "utf-8")
    form = ["crlf"] if check == "check_form" else []

    def checked() -> None:
        for each in testing.cases(folder / "fixtures", [folder]):
            getattr(each, check)(*form)

    with pytest.raises(AssertionError, match="assert-names/"):
        checked()
