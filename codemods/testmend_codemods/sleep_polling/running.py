"""How the files of a project come to run: by pytest, by their path, or elsewhere."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.index import Index

_COLLECTED = re.compile(r"^tests?[_.]|_test\.py$|^conftest\.py$")
_BUILDS = ("CMakeLists.txt", "BUILD", "BUILD.bazel", "Makefile.am", "meson.build")
_COPIES = re.compile(r"copy(?!right)|\bscp\b|sftp|upload|put_file", re.IGNORECASE)


def is_run_by_pytest(index: Index) -> bool:
    """Whether a project configures pytest, has a conftest, or imports it in a file."""
    return (
        index.pytest.are_there
        or _has_conftest(index.paths)
        or any(
            each.module.partition(".")[0] in ("pytest", "_pytest")
            for facts in index.modules
            for each in facts.imports
        )
    )


@lru_cache(maxsize=1)
def _has_conftest(paths: frozenset[str]) -> bool:
    return any(PurePosixPath(each).name == "conftest.py" for each in paths)


def is_for_pytest(index: Index, path: str) -> bool:
    """Whether a file imports pytest, or unittest, which pytest runs, too."""
    facts = index.facts(path)
    return facts is not None and any(
        each.module.partition(".")[0] in ("pytest", "_pytest", "unittest")
        for each in facts.imports
    )


def is_script(index: Index, path: str) -> bool:
    """Whether a file is neither collected nor imported: it is run by its path.

    ``testlive_sync.py`` is collected by unittest, not by pytest.
    """
    name = PurePosixPath(path).name
    by_unittest = not is_run_by_pytest(index) and name.startswith("test")
    collected = by_unittest or _COLLECTED.search(name) or index.pytest.collects(name)
    return not collected and not index.importers(path)


def is_copied(index: Index, path: str) -> bool:
    """Whether a file may run elsewhere, without what lies beside it.

    A build lists it (``configure_file(cli_test.py ... COPYONLY)``), a runner reads it
    (``sync.test.py`` is no module's name), or it is a script, and a file names it that
    copies files: ``Setup.CopyAs("clients/sender.py", ...)``.
    """
    folder, name = PurePosixPath(path).parent, PurePosixPath(path).name
    if "." in PurePosixPath(path).stem:
        return True
    builds = (index.beside(str(folder / each)) for each in _BUILDS)
    if any(re.search(rf"\b{re.escape(name)}\b", each) for each in builds if each):
        return True
    return is_script(index, path) and any(
        name in facts.files and _COPIES.search(index.text(facts.path) or "")
        for facts in index.modules
        if facts.path != path
    )


def knows_siblings(index: Index, path: str) -> bool:
    """Whether a file and one beside it import each other by their bare names."""
    folder, own = PurePosixPath(path).parent, PurePosixPath(path).stem
    facts = index.facts(path)
    theirs = (
        each
        for other, each in index.importers(path)
        if PurePosixPath(other).parent == folder and each.module == own
    )
    ours = (
        each
        for each in (facts.imports if facts else ())
        if each.module not in sys.stdlib_module_names
        and f"{folder}/{each.module}.py" in index.paths
    )
    return any(each.name for each in (*theirs, *ours))
