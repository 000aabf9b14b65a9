"""Kinds of files: what a path or the head of a file says about it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

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
_GENERATED = re.compile(
    rb"@generated|\b(?:auto-?)?generated (?:by|from|file|code|automatically)"
    rb"|\bdo not (?:edit|modify)\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb'^[ \t]*(?:#|"""|\'\'\').*', re.MULTILINE)
_HEAD = 2000  # bytes: marks of generated files stand at the top


def is_test_data(path: str) -> bool:
    """Whether a file lies among samples and data, not among tests."""
    return not _DATA.isdisjoint(PurePosixPath(path).parts[:-1])


def is_generated(data: bytes) -> bool:
    """Whether a file says of itself that a program wrote it."""
    comments = b"\n".join(_COMMENT.findall(data[:_HEAD]))
    return _GENERATED.search(comments) is not None


def is_package_file(path: str) -> bool:
    """``__init__.py`` and ``conftest.py``: what they import, others find there."""
    return PurePosixPath(path).name in ("__init__.py", "conftest.py")
