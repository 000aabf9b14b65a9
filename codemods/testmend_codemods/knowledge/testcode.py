"""Which files are tests: what their paths say, and what is in those called like one."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

TEST_FOLDERS = frozenset({"test", "tests", "testing", "functional"})
_ROOTS = frozenset({"test", "tests", "functional", "t"})
_SPEAKS = re.compile(
    r"(?:^|[_-])(?:tests?|testing|testcases|functional|e2e)(?:[_-]|$)|^t$"
)
_TESTS = re.compile(
    rb"\bdef (?:test|runTest)|\bclass \w*Test\w*\("
    rb"|\b(?:unittest|pytest|nose|testtools|assert)\b"
)


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
    """Whether a file outside of folders of tests is just called like a test.

    ``series/test_set.py``, ``bench/system_under_test.py``, ``tools/run_tests.py``. One
    at the root that begins as tests do is taken for what it says.
    """
    if not is_test_module(path) or folder_of_tests(path) or path.startswith("test_"):
        return False
    return _TESTS.search(data) is None
