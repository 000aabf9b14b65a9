"""Whether a file is no test of its own project: offered to others, or a program."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.testcode import (
    folder_of_tests,
    is_test_module,
    root_of_tests,
)
from testmend_codemods.sleep_polling.project import settings

if TYPE_CHECKING:
    from testmend.index import Index

_FOR_TESTS = frozenset({"test_base", "test_case", "test_client", "test_utils"})
_PART = 6  # files of a folder of tests, of which one at least is a test
_PAIR = 2  # the same for ``testing`` in a package whose own tests are elsewhere
_WHERE = re.compile(r"^where\s*=\s*(\[[^\]]*\]|[^\n]*)", re.MULTILINE)
_FOLDER = re.compile(r"[\w./-]+")


def is_offered(index: Index, path: str) -> bool:
    """Whether a package offers a file for the tests of its users, as in ``testing``.

    ``shop/testing/client.py``, where no tests stand beside it, or few if ``tests`` is
    beside the package (nor in ``shop/test``, if it is called so); what a command of the
    package starts (``shop.testing.cli:main``); and what is called a test but has tests
    of its own, as a program that tests something: ``bin/disk_test.py`` has
    ``tests/test_disk_test.py``. And what lies where packages are looked for, as in
    ``test/lib``.
    """
    folder = folder_of_tests(path)
    if _is_entry_point(index, path) or _is_packaged(index, path):
        return True
    if is_test_module(path):
        own = f"test_{PurePosixPath(path).stem}"
        stems = {PurePosixPath(each).stem for each, _ in index.importers(path)}
        return own in stems if folder else stems == {own}
    if folder is None or folder.name not in ("testing", "test"):
        return False
    package = index.package(f"{folder}/x.py")
    if len(package) < 2:  # noqa: PLR2004  in no other package
        return False
    outside = folder.parents[len(package) - 1] / "tests"
    apart = folder.name == "testing" and _holds_tests(index.paths, outside, _PAIR)
    return not _holds_tests(index.paths, folder, _PAIR if apart else _PART)


def _is_entry_point(index: Index, path: str) -> bool:
    """Whether the settings of a package name a function of a file as a command."""
    pure = PurePosixPath(path)
    for above, texts in settings.above(index, path):
        parts = pure.relative_to(above).with_suffix("").parts
        name = re.escape(".".join(parts[parts[0] == "src" :]))
        command = re.compile(rf"(?<![\w.]){name} *: *\w")
        if any(map(command.search, texts)):
            return True
    return False


def _is_packaged(index: Index, path: str) -> bool:
    """Whether packages are looked for in a folder below those of tests, above a file.

    A folder of tests that is searched itself may be so for the sake of the tests.
    """
    tests, pure = root_of_tests(path), PurePosixPath(path)
    for above, texts in settings.above(index, path) if tests else ():
        found = "\n".join(each for text in texts for each in _WHERE.findall(text))
        searched = (above / each for each in _FOLDER.findall(found))
        if any(tests in each.parents and each in pure.parents for each in searched):
            return True
    return False


@lru_cache(maxsize=100)
def _holds_tests(paths: frozenset[str], folder: PurePosixPath, part: int) -> bool:
    """Whether one of so many of the files in a folder is called like a test."""
    inside = f"{folder}/"
    files = [each for each in paths if each.startswith(inside)]
    tests = [
        each
        for each in files
        if is_test_module(each) and PurePosixPath(each).stem not in _FOR_TESTS
    ]
    return len(tests) * part > len(files)
