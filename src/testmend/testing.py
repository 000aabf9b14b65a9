"""Checks for authors of codemods: fixture folders as test cases.

::

    CASES = testing.cases(Path(__file__).parent.parent / "fixtures", plugins=[...])

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_case(case: testing.Case) -> None:
        case.check()

A case is a folder ``fixtures/<codemod>/<case>/``:

``before.py``       the file under work; it stands at the ``path`` of ``options.toml``
                    (default ``test_case.py``)
``after.py``        what it becomes; without it the file must not change (a near miss)
``reasons.txt``     the reason codes of what is left, one a line, in order of the file
``options.toml``    the codemod's options
``after/...``       files that the fix creates
anything else       further files of the project, at their own paths

Nothing here needs pytest: a check that fails raises `AssertionError` and says why.
"""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from testmend import registry, runner
from testmend.errors import SourceError
from testmend.hosts import catalogue, plugins
from testmend.memory import names_in
from testmend.model import Changed, FileResult, Unchanged
from testmend.rewriting import REASONS
from testmend.selection import Selection
from testmend.tooling import Above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from testmend.cache.store import Store
    from testmend.codemod import Codemod, Options
    from testmend.registry import Extra

SPECIAL = frozenset({"before.py", "after.py", "reasons.txt", "options.toml"})
_BOM = b"\xef\xbb\xbf"


class Project(Struct):
    """A small project in memory: files by their path relative to its root."""

    files: dict[str, bytes]
    extras: tuple[Extra, ...] = ()

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `SourceError`."""
        if path not in self.files:
            raise SourceError("unreadable", path)
        return self.files[path]

    def listed(self, folder: str) -> Iterable[str]:
        """The names of what is in a folder; none if it is not there."""
        return names_in(self.files, folder)

    def above(self) -> Above:
        """Nothing is above."""
        return Above()

    def run(
        self,
        codemods: Iterable[str] = (),
        *,
        only: Iterable[str] = (),
        options: Mapping[str, Options] | None = None,
        unsafe: bool = False,
        jobs: int = 1,
        store: Store | None = None,
    ) -> dict[str, FileResult]:
        """The results by path: of all codemods or these, on all files or ``only``.

        ``store``: the cache to use.
        """
        names = tuple(codemods) or tuple(registry.load())
        selection = Selection(names, options or {}, unsafe=unsafe, extras=self.extras)
        paths = [path for path in self.files if path.endswith(".py")]
        results = runner.run(
            self, tuple(only) or paths, paths, selection, jobs=jobs, store=store
        )
        return {result.path: result for result in results}

    def apply(self, results: Mapping[str, FileResult]) -> Project:
        """The project after the changes, as ``testmend apply`` would leave it."""
        files = dict(self.files)
        for path, result in results.items():
            if isinstance(result.outcome, Changed):
                files[path] = result.outcome.after
                for new in result.outcome.files:
                    if files.get(new.path) in (None, new.original):
                        files[new.path] = new.text.encode()
        return Project(files, self.extras)


def cases(
    fixtures: Path, plugins: Iterable[Path] = (), names: Iterable[str] = ()
) -> list[Case]:
    """The cases of a fixture folder whose codemod is known, in the order of names.

    ``plugins`` are plugin files or folders; ``names`` limits the codemods.
    """
    extras = _found(plugins)
    known = set(names) or set(catalogue.available(extras))
    folders = sorted(file.parent for file in fixtures.glob("*/*/before.py"))
    return [Case.load(each, extras) for each in folders if each.parent.name in known]


def _found(places: Iterable[Path]) -> tuple[Extra, ...]:
    return plugins.found(places)


class Case(Struct, frozen=True):
    """One fixture folder, loaded."""

    name: str
    codemod: Codemod
    path: str
    options: Options
    project: Project
    after: bytes | None
    created: Mapping[str, bytes] = field(default_factory=dict)
    reasons: tuple[str, ...] | None = None

    @classmethod
    def load(cls, folder: Path, extras: tuple[Extra, ...] = ()) -> Case:
        """A case from its folder. Raises `KeyError` for an unknown codemod."""
        codemod = registry.find(folder.parent.name, extras)
        own = {name: _bytes(folder / name) for name in SPECIAL}
        table: dict[str, Any] = tomllib.loads((own["options.toml"] or b"").decode())
        path = table.pop("path", "test_case.py")
        files, created = {path: own["before.py"] or b""}, {}
        for file in sorted(folder.rglob("*")):
            name = file.relative_to(folder).as_posix()
            if not file.is_file() or name in SPECIAL or "__pycache__" in name:
                continue
            if name.startswith("after/"):
                created[name.removeprefix("after/")] = file.read_bytes()
            else:
                files[name] = file.read_bytes()
        reasons = own["reasons.txt"]
        return cls(
            name=f"{folder.parent.name}/{folder.name}",
            codemod=codemod,
            path=path,
            options=msgspec.convert(table, codemod.options),
            project=Project(files, extras),
            after=own["after.py"],
            created=created,
            reasons=None if reasons is None else tuple(reasons.decode().split()),
        )

    def __str__(self) -> str:
        return self.name

    def run(self, project: Project | None = None) -> FileResult:
        """The result of the file under work."""
        codemod = self.codemod.name
        options = {codemod: self.options}
        project = project or self.project
        return project.run([codemod], only=[self.path], options=options)[self.path]

    @property
    def expected(self) -> bytes:
        """The bytes that the file must have in the end."""
        return self.project.files[self.path] if self.after is None else self.after

    def result(self, project: Project | None = None) -> bytes:
        """The bytes that it has in the end."""
        project = project or self.project
        outcome = self.run(project).outcome
        if isinstance(outcome, Changed):
            return outcome.after
        if isinstance(outcome, Unchanged):
            return project.files[self.path]
        raise AssertionError(f"{self}: {outcome.message}")

    # -- checks: each raises AssertionError ------------------------------------

    def check(self) -> None:
        """All of them."""
        self.check_result()
        self.check_reasons()
        self.check_second_run()
        for form in FORMS:
            self.check_form(form)

    def check_result(self) -> None:
        """The file becomes ``after.py``; the new files are those of ``after/``."""
        self._same(self.result(), self.expected, "result")
        outcome = self.run().outcome
        new = outcome.files if isinstance(outcome, Changed) else ()
        created = {each.path: each.text.encode() for each in new}
        if self.created and created != self.created:
            raise AssertionError(f"{self}: it creates {sorted(created)}")

    def check_reasons(self) -> None:
        """What is left has the stated reasons, and each is a documented one."""
        outcome = self.run().outcome
        left = outcome.findings if isinstance(outcome, Changed | Unchanged) else ()
        known = {"", *self.codemod.reasons, *REASONS}
        for finding in left:
            if finding.reason not in known:
                raise AssertionError(f"{self}: {finding.reason!r} is not documented")
        said = tuple(finding.reason or "unsafe" for finding in left)
        if self.reasons is not None and said != self.reasons:
            raise AssertionError(f"{self}: reasons {said}, expected {self.reasons}")

    def check_second_run(self) -> None:
        """A second run changes nothing."""
        again = self.project.apply({self.path: self.run()})
        self._same(self.result(again), again.files[self.path], "second run")

    def check_form(self, form: str) -> None:
        """The same file with other bytes (one of `FORMS`) gives the same result."""
        disguise = FORMS[form]
        before = self.project.files[self.path]
        if form == "crlf" and b"\r" in before:
            return  # it has carriage returns of its own
        files = {**self.project.files, self.path: disguise(before)}
        result = self.result(Project(files, self.project.extras))
        expected = disguise(self.expected)
        self._same(result.rstrip(b"\r\n"), expected.rstrip(b"\r\n"), form)

    def _same(self, result: bytes, expected: bytes, what: str) -> None:
        if result != expected:
            lines = difflib.unified_diff(
                expected.decode("utf-8", "backslashreplace").splitlines(),
                result.decode("utf-8", "backslashreplace").splitlines(),
                "expected",
                what,
                lineterm="",
            )
            raise AssertionError("\n".join([f"{self}: {what}", *lines]))


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "bom": lambda data: _BOM + data,
    "no-final-newline": lambda data: data.rstrip(b"\n"),
}
"""Other bytes for the same file, in which a codemod must do the same."""


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None
