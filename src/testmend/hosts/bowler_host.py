"""Bowler scripts as guests.

A script builds `Query` objects and executes them. Here the execution is recorded
instead; each query is compiled to fixers as Bowler does it, and these work on a string.
The script runs anew for each file, so that no file sees what another one left behind.
"""

from __future__ import annotations

import ast
import importlib.util
import runpy
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bowler import Query
from bowler.tool import diff_texts
from fissix.refactor import RefactoringTool
from moreorless.patch import apply_single_file

from testmend.errors import ConfigError
from testmend.hosts import loading
from testmend.hosts.messages import Answer, Unable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.hosts.messages import Job, Note
    from testmend.hosts.spec import Spec

# Line ends of `str.splitlines`, by which Bowler counts, that are none in Python.
_ODD_ENDS = frozenset("\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def describe(spec: Spec) -> Answer:
    """Run the script, and compile the queries that it builds. Raises `ConfigError`."""
    for query in _queries(spec):
        _Tool(query, "")
    said = ast.get_docstring(ast.parse(_script(spec).read_bytes())) or ""
    first = " ".join(said.partition("\n\n")[0].split())
    return Answer(summary=first or f"bowler: {spec.target}")


def rewrite(job: Job) -> tuple[str, tuple[Note, ...]]:
    """What the script's queries make of a text, one after the other."""
    text = job.text
    if text:
        for query in _queries(job.spec):
            text = _refactor(query, job.path, text)
    return text, ()


def metadata(job: Job) -> dict[str, bytes]:
    """Nothing: a query sees one file at a time."""
    return dict.fromkeys(job.paths, b"")


class _Tool(RefactoringTool):  # type: ignore[misc]  # fissix has no types
    """Bowler's tool without its queues, prompts and files."""

    def __init__(self, query: Query, source: str) -> None:
        self.source = source
        options = {"print_function": True} if query.python_version == 3 else {}  # noqa: PLR2004  the language
        super().__init__(query.compile(), options=options)

    def get_fixers(self) -> tuple[list[Any], list[Any]]:
        fixers = [each(self.options, self.fixer_log) for each in self.fixers]
        pre = [each for each in fixers if each.order == "pre"]
        return pre, [each for each in fixers if each.order == "post"]

    def log_error(self, msg: str, *args: Any, **_kwds: Any) -> NoReturn:
        raise Unable("could-not-read", f"Bowler cannot read it: {msg % args}")

    def refactor_tree(self, tree: Any, name: str) -> bool:
        if str(tree) != self.source:
            message = "Bowler does not give this file back as it was"
            raise Unable("no-round-trip", message)
        return bool(super().refactor_tree(tree, name))


def _refactor(query: Query, path: str, text: str) -> str:
    if query.filename_matcher is not None and not query.filename_matcher(path):
        return text
    tree = _Tool(query, text).refactor_string(text, path)
    if tree is None:
        raise Unable("could-not-read", "Bowler returned nothing for it")
    result = str(tree)
    return _processed(query, path, text, result) if query.processors else result


def _processed(query: Query, path: str, text: str, result: str) -> str:
    """The text with the hunks that the script's processors let through."""
    if not _ODD_ENDS.isdisjoint(text):
        raise Unable("no-round-trip", "Bowler does not count its lines as Python does")
    head, hunks = [f"--- {path}", f"+++ {path}"], list[list[str]]()
    for line in list(diff_texts(text, result, path))[2:]:
        if line.startswith("@@"):
            hunks.append([])
        hunks[-1].append(line)
    kept = [
        line
        for hunk in hunks
        if all([each(path, head + hunk) is not False for each in query.processors])  # noqa: C419  every processor sees every hunk
        for line in hunk
    ]
    if not kept:
        return text
    return str(apply_single_file(text, "\n".join([*head, *kept]) + "\n"))


def _script(spec: Spec) -> Path:
    file = loading.file_of(spec)
    if file is None:
        found = importlib.util.find_spec(spec.target)
        file = Path(found.origin) if found and found.origin else Path(spec.target)
    if not file.is_file():
        raise ConfigError(f"guest {spec.name!r}: there is no script {file}")
    return file


def _queries(spec: Spec) -> list[Query]:
    """The queries that the script executes, else those that it builds.

    As with ``bowler run`` the module is loaded and its ``main()`` called; a script that
    does its work under ``if __name__ == "__main__"`` is run as ``python SCRIPT``.
    """
    script = _script(spec)
    folder = str(script.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    with _recording() as (executed, built), _arguments(script, spec.args):
        for name in (script.stem, "__main__"):
            try:
                names = runpy.run_path(str(script), run_name=name)
                if name != "__main__" and callable(names.get("main")):
                    names["main"]()
            except SystemExit:
                pass
            if built:
                break
    found = executed or [each for each in built if each.transforms]
    if not found:
        message = f"guest {spec.name!r}: {script.name} builds no Query"
        raise ConfigError(message)
    return found


@contextmanager
def _recording() -> Iterator[tuple[list[Query], list[Query]]]:
    executed: list[Query] = []
    built: list[Query] = []
    execute, initialize = Query.execute, Query.__init__

    def record(query: Query, **_options: object) -> Query:
        if query not in executed:
            executed.append(query)
        query.retcode = 0
        return query

    def build(query: Query, *args: Any, **options: Any) -> None:
        initialize(query, *args, **options)
        built.append(query)

    Query.execute, Query.__init__ = record, build
    try:
        yield executed, built
    finally:
        Query.execute, Query.__init__ = execute, initialize


@contextmanager
def _arguments(script: Path, args: tuple[str, ...]) -> Iterator[None]:
    before = sys.argv
    sys.argv = [str(script), *args]
    try:
        yield
    finally:
        sys.argv = before
