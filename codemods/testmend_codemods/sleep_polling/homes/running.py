"""How the files of a project come to run: by pytest, by their path, or elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.homes import knowing
from testmend_codemods.sleep_polling.project.settings import of_pytest

if TYPE_CHECKING:
    from testmend.index import Index

_PYTEST = ("pytest", "_pytest")
_COLLECTED = re.compile(r"^tests?[_.]|_test\.py$|^conftest\.py$")
_GUARD = re.compile(
    r"^if __name__ ?== ?[\"']__main__[\"']:"
    r"(?P<body>.*(?:\n[ \t]+.*|\n[ \t\r]*(?=\n))*)",
    re.MULTILINE,
)
_RUNS_TESTS = re.compile(
    r"^#|^import |^from |\b(?:logging\.basicConfig|test_main)\("
    r"|\b(?:absltest|asynctest|googletest|nose|pytest|test|tests|testtools|tst|tt|unittest2?)"
    r"\.(?:\w+\.)?(?:main|run\w*)\("
)
_RUNS = re.compile(r"^(?:\w+\.)?(?:run|main)\w*\(__name__\)", re.MULTILINE)
_STARTS_ITSELF = re.compile(
    r"sys\.executable\b[^\])]{0,80}?(?<!dirname\()\b__file__(?!\)\.parent)"
)
_SETS_PATH = re.compile(
    r"sys\.path\.(?:append|insert)\([^\n]*(?:[\"']\.{1,2}/?[\"']|__file__)"
)
_MAKES_PATH = re.compile(r"^sys\.path\.(?:append|insert)\(", re.MULTILINE)
_LOADS = re.compile(
    r"\b(?:spec_from_file_location|SourceFileLoader|load_source|run_path)\("
)


def is_run_by_pytest(index: Index) -> bool:
    """Whether a project configures pytest, has a conftest, or imports it in a file."""
    return (
        index.pytest.are_there
        or _has_conftest(index.paths)
        or not index.roots.isdisjoint(_PYTEST)
    )


@lru_cache(maxsize=1)
def _has_conftest(paths: frozenset[str]) -> bool:
    return any(PurePosixPath(each).name == "conftest.py" for each in paths)


def is_for_pytest(index: Index, path: str) -> bool:
    """Whether a file imports pytest, or unittest, which pytest runs, too."""
    return not knowing.roots(index, path).isdisjoint((*_PYTEST, "unittest"))


def is_script(index: Index, path: str) -> bool:
    """Whether a file is run by its path: neither collected nor imported, or so made.

    ``testlive_sync.py`` is collected by unittest, not by pytest.
    """
    name = PurePosixPath(path).name
    by_unittest = not is_run_by_pytest(index) and name.startswith("test")
    collected = by_unittest or is_collected(index, path)
    alone = not collected or is_run_by_path(index, path)
    return alone and not index.importers(path)


def is_collected(index: Index, path: str) -> bool:
    """Whether pytest takes a file for one of tests, by its name."""
    name = PurePosixPath(path).name
    return bool(_COLLECTED.search(name)) or of_pytest(index, path).collects(name)


def has_guard(index: Index, path: str) -> bool:
    """Whether a file does something when it is run as a program."""
    return _GUARD.search(index.text(path) or "") is not None


def is_run_by_path(index: Index, path: str) -> bool:
    """Whether a file starts itself, or does more as a program than run its tests."""
    text = index.text(path) or ""
    guard = _GUARD.search(text)
    if guard is None:
        return _RUNS.search(text) is not None
    lines = filter(None, map(str.strip, guard["body"].splitlines()))
    does = not all(_RUNS_TESTS.search(each) for each in lines)
    return does or any(each.search(text) for each in (_STARTS_ITSELF, _SETS_PATH))


def is_run_elsewhere(index: Index, path: str, module: str) -> bool:
    """Whether a file may run where an import of the helper finds nothing.

    ``module``: where it is imported from; empty for its bare name.
    """
    if module:
        lost = _is_program(index, path) or _makes_path(index, path, module)
    else:
        lost = _is_left_out(index, path)
    return lost or _is_loaded_by_path(index, path)


def _is_program(index: Index, path: str) -> bool:
    """Whether a file of a package begins and ends like a program, and needs no package.

    ``#!/usr/bin/env python3``, and at the end ``unittest.main()``; it imports nothing
    of its own package. Run by its path it has none.
    """
    package = index.package(path)[:1]
    knows = not knowing.roots(index, path).isdisjoint(("", *package))
    begins = (index.text(path) or "").startswith("#!")
    return bool(package) and begins and not knows and has_guard(index, path)


def _makes_path(index: Index, path: str, module: str) -> bool:
    """Whether a script makes the path itself on which a module is to be found.

    ``sys.path.insert(0, ROOT)``, and no import from its package below that, beside
    which another one would come.
    """
    text, root = index.text(path) or "", module.partition(".")[0]
    made = _MAKES_PATH.search(text)
    if made is None or not root or not is_script(index, path):
        return False
    below = re.compile(rf"^(?:from|import) {re.escape(root)}\b", re.MULTILINE)
    return below.search(text, made.end()) is None


def _is_left_out(index: Index, path: str) -> bool:
    """Whether pytest looks for no tests where a file is, and nobody says who does.

    A runner of the project's own may load it, from wherever that is.
    """
    skips = of_pytest(index, path).skips(PurePosixPath(path).parent)
    return skips and not (index.importers(path) or has_guard(index, path))


def _is_loaded_by_path(index: Index, path: str) -> bool:
    """Whether another file makes a module of a file by its path, wherever that is."""
    texts = (index.text(facts.path) or "" for facts in knowing.naming(index, path))
    return any(_LOADS.search(each) for each in texts)
