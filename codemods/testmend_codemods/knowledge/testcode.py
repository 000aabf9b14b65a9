"""Which files are tests: what their paths say, and what is in those called like one."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

TEST_FOLDERS = frozenset({"test", "tests", "testing", "functional"})
_ROOTS = frozenset({"test", "tests", "functional", "t"})
_ADJECTIVE = "functional"  # code may be so, too, and not only tests
_SPEAKS = re.compile(
    r"(?:^|[_-])(?:tests?|testing|testcases|functional|e2e)(?:[_-]|$)|^t$"
)
_TESTS = re.compile(
    rb"\bdef (?:test|runTest)|\bclass \w*Test\w*\("
    rb"|\b(?:unittest|pytest|nose|testtools)\b"
)
_ASSERTS = re.compile(rb"\bassert\b")


def is_test_module(path: str) -> bool:
    """Whether a test runner takes a file for one of tests, by its name."""
    stem = PurePosixPath(path).stem
    return stem.startswith("test_") or stem.endswith(("_test", "_tests"))


@lru_cache(65_536)
def is_test_code(path: str) -> bool:
    """Whether a file is a test or stands among tests."""
    pure = PurePosixPath(path)
    name = pure.stem
    return (
        name.startswith("test_")
        or name.endswith("_test")
        or name == "conftest"
        or not TEST_FOLDERS.isdisjoint(pure.parts[:-1])
    )


def speaks_of_tests(name: str) -> bool:
    """Whether the name of a folder speaks of tests in any words."""
    return _SPEAKS.search(name) is not None


def folder_of_tests(path: str) -> PurePosixPath | None:
    """The top-most folder above a file whose name speaks of tests in any words.

    ``_tests``, ``integration_tests`` and ``testcases`` hold tests, too.
    """
    folders = path.split("/")[:-1]
    for depth, name in enumerate(folders, 1):
        if speaks_of_tests(name):
            return PurePosixPath(*folders[:depth])
    return None


@lru_cache(maxsize=100_000)  # every file of the project is asked for, often
def root_of_tests(path: str) -> PurePosixPath | None:
    """The top-most folder above a file that is named as tests are."""
    folders = path.split("/")[:-1]
    for depth, name in enumerate(folders, 1):
        if name in _ROOTS:
            return PurePosixPath(*folders[:depth])
    return None


def holds_no_test(path: str, data: bytes) -> bool:
    """Whether just the name of a file, or of its folder, is one that tests have.

    ``series/test_set.py``, ``bench/system_under_test.py``, ``tools/run_tests.py`` and
    ``agents/functional/report.py``. What the root holds is taken for what it says.
    """
    folders = [each for each in path.split("/")[:-1] if speaks_of_tests(each)]
    if is_test_module(path):
        alike = not folders and not path.startswith("test_")
        return alike and not (_TESTS.search(data) or _ASSERTS.search(data))
    alike = folders == [_ADJECTIVE] and not path.startswith(_ADJECTIVE)
    return alike and _TESTS.search(data) is None
