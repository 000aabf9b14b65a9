"""Kinds of files: what a path or the head of a file says about it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA = frozenset(
    {
        "data",
        "testdata",
        "test_data",
        "sample",
        "samples",
        "example",
        "examples",
        "snippets",
        "templates",
        "resources",
        "assets",
        "golden",
        "expected",
        "cassettes",
    }
)
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "functional"})
_GENERATED = re.compile(
    rb"@generated|\b(?:auto-?)?generated (?:by|from|file|code|automatically)"
    rb"|\bdo not (?:edit|modify)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb'^[ \t]*(?:#|"""|\'\'\').*', re.MULTILINE)
# The mark of code that a script turns from asynchronous to synchronous.
_TURNED = re.compile(rb"\b_IS_SYNC\b")
_ASYNC = ("asynchronous", "_async", "async_", "_asyncio")
_SYNC = ("synchronous", "_sync", "sync_", "sync")
_HEAD = 2000  # bytes: marks of generated files stand at the top


def is_test_data(path: str) -> bool:
    """Whether a file lies among samples and data, not among tests."""
    return not _DATA.isdisjoint(PurePosixPath(path).parts[:-1])


def is_generated(data: bytes) -> bool:
    """Whether a file says of itself that a program wrote it."""
    if b"_IS_SYNC" in data and _TURNED.search(data):
        return True
    comments = b"\n".join(_COMMENT.findall(data[:_HEAD]))
    return _GENERATED.search(comments) is not None


def twins(path: str) -> Iterator[str]:
    """Where the other one of a pair may be, of which one is made from the other.

    Asynchronous code and what a script makes of it: ``tests/_async/test_x.py`` and
    ``tests/_sync/test_x.py``, ``test/asynchronous/test_x.py`` and ``test/test_x.py``,
    ``tests/test_x_async.py`` and ``tests/test_x.py``.
    """
    pure = PurePosixPath(path)
    folders = list(pure.parts[:-1])
    for place, folder in enumerate(folders):
        others: tuple[str, ...] = _ASYNC if folder in _SYNC else ()
        if folder in _ASYNC:
            others = (*_SYNC, "")
        for other in others:
            swapped = (*folders[:place], other, *folders[place + 1 :], pure.name)
            yield "/".join(part for part in swapped if part)
    for place in range(len(folders) + 1):
        for other in _ASYNC:
            yield "/".join((*folders[:place], other, *folders[place:], pure.name))
    stem = pure.stem
    other_stem = stem.removesuffix("_async") if stem.endswith("_async") else ""
    yield str(pure.with_stem(other_stem or f"{stem}_async"))


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
        or not _TEST_FOLDERS.isdisjoint(pure.parts[:-1])
    )


def is_package_file(path: str) -> bool:
    """``__init__.py`` and ``conftest.py``: what they import, others find there."""
    return PurePosixPath(path).name in ("__init__.py", "conftest.py")
