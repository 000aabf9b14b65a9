"""Every folder of ``fixtures/<codemod>/`` is a case.

``before.py``       the file under work; it stands at the ``path`` of ``options.toml``
                    (default ``test_case.py``)
``after.py``        what it becomes; without it the file must not change
``reasons.txt``     the reason codes of what is left, one a line, in order
``options.toml``    the codemod's options
``after/...``       files that the fix creates
anything else       further files of the project, at their own paths
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from projects import Project

from testmend import registry
from testmend.model import Changed, FileResult, Unchanged

if TYPE_CHECKING:
    from testmend.codemod import Options

ROOT = Path(__file__).parent.parent / "fixtures"
SPECIAL = {"before.py", "after.py", "reasons.txt", "options.toml"}


@dataclass
class Case:
    folder: Path
    codemod: str
    path: str
    options: Options
    project: Project

    @classmethod
    def load(cls, folder: Path) -> Case:
        codemod = folder.parent.name
        table = {}
        if (folder / "options.toml").exists():
            table = tomllib.loads((folder / "options.toml").read_text("utf-8"))
        path = table.pop("path", "test_case.py")
        options = msgspec.convert(table, registry.load()[codemod].options)
        files = {path: (folder / "before.py").read_bytes()}
        for file in folder.rglob("*"):
            name = file.relative_to(folder).as_posix()
            if file.is_file() and name not in SPECIAL and not name.startswith("after/"):
                files[name] = file.read_bytes()
        return cls(folder, codemod, path, options, Project(files))

    def run(self, project: Project) -> FileResult:
        options = {self.codemod: self.options}
        results = project.run([self.codemod], only=[self.path], options=options)
        return results[self.path]

    @property
    def after(self) -> bytes | None:
        file = self.folder / "after.py"
        return file.read_bytes() if file.exists() else None

    @property
    def created(self) -> dict[str, bytes]:
        top = self.folder / "after"
        return {
            file.relative_to(top).as_posix(): file.read_bytes()
            for file in top.rglob("*")
            if file.is_file()
        }


def folders() -> list[Path]:
    found = sorted(file.parent for file in ROOT.glob("*/*/before.py"))
    return [folder for folder in found if folder.parent.name in registry.load()]


@pytest.fixture(
    params=folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}"
)
def case(request: pytest.FixtureRequest) -> Case:
    return Case.load(request.param)


def result_bytes(case: Case, project: Project) -> bytes:
    outcome = case.run(project).outcome
    if isinstance(outcome, Changed):
        return outcome.after
    assert isinstance(outcome, Unchanged), outcome
    return project.files[case.path]


def test_result(case: Case) -> None:
    result = result_bytes(case, case.project)
    assert result.decode() == (case.after or case.project.files[case.path]).decode()
    outcome = case.run(case.project).outcome
    if case.created:
        assert isinstance(outcome, Changed)
        assert {new.path: new.text.encode() for new in outcome.files} == case.created
    ast.parse(result)


def test_reasons(case: Case) -> None:
    file = case.folder / "reasons.txt"
    if not file.exists():
        pytest.skip("no reasons stated")
    outcome = case.run(case.project).outcome
    assert isinstance(outcome, Changed | Unchanged)
    said = [finding.reason or "unsafe" for finding in outcome.findings]
    assert said == file.read_text("utf-8").split()
    known = registry.load()[case.codemod].reasons
    assert {finding.reason for finding in outcome.findings} <= {"", *known}


def test_second_run_changes_nothing(case: Case) -> None:
    first = {case.path: case.run(case.project)}
    project = case.project.apply(first)
    assert result_bytes(case, project) == project.files[case.path]


@pytest.mark.parametrize("form", ["crlf", "bom", "no-final-newline"])
def test_same_in_other_bytes(case: Case, form: str) -> None:
    """Line ends, byte order mark and the end of the file stay as they are."""

    def disguise(data: bytes) -> bytes:
        if form == "crlf":
            return data.replace(b"\n", b"\r\n")
        if form == "bom":
            return b"\xef\xbb\xbf" + data
        return data.rstrip(b"\n")

    if form == "crlf" and b"\r" in case.project.files[case.path]:
        pytest.skip("has carriage returns of its own")
    files = dict(case.project.files)
    files[case.path] = disguise(files[case.path])
    result = result_bytes(case, Project(files))
    expected = disguise(case.after or case.project.files[case.path])
    assert result.decode().rstrip("\r\n") == expected.decode().rstrip("\r\n")
