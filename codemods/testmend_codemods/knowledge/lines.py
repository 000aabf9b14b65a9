"""Files that know the numbers of their own lines: no line may come or go in them."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

_NUMBERED = (b".py", b"lineno", b"line_no", b"line_number")
_NUMBERS = frozenset(
    {"co_firstlineno", "f_lineno", "lineno", "line_number", "tb_lineno"}
)
# What makes the line numbers of a file that of the test itself.
_FRAMES = (
    b"__file__",
    b"_getframe",
    b"currentframe",
    b"getframeinfo",
    b"getouterframes",
    b"getsourcelines",
    b"getsourcefile",
    b"extract_tb",
    b"extract_stack",
    b"print_exc",
    b"format_exc",
    b"tb_lineno",
    b"f_lineno",
    b"co_firstlineno",
)
_FRAME = re.compile(rb"\b(?:%s)\b" % b"|".join(_FRAMES))
_FIRST = 2  # a smaller number is that of a snippet


def knows_own_lines(module: Module) -> bool:
    """Whether a test compares line numbers of its own file, or tells one.

    ``assert frame.f_lineno == 42``, ``"test_trace.py:42"``,
    ``'test_trace.py", line 42'``.
    """
    if not any(word in module.utf8 for word in _NUMBERED):
        return False
    name = re.escape(PurePosixPath(module.path).name)
    told = re.compile(rf"{name}[\"']?(?::|, ?lines? )\d")
    if any(".py" in text and told.search(text) for text in module.strings):
        return True
    # The words alone first: a pattern that begins with several is slow.
    if not any(word in module.utf8 for word in _FRAMES):
        return False
    return _FRAME.search(module.utf8) is not None and any(
        any(map(_is_line, pair)) and any(map(_is_number, pair))
        for pair in _pairs(module)
    )


def _pairs(module: Module) -> Iterator[list[ast.expr]]:
    """What the file compares with each other."""
    for compare in module.nodes(ast.Compare):
        yield [compare.left, *compare.comparators]
    for call in module.nodes(ast.Call):
        called = getattr(call.func, "attr", "")
        if called.startswith("assert") and len(call.args) > 1:
            yield call.args[:2]


def _is_line(node: ast.expr) -> bool:
    word = getattr(node, "attr", getattr(node, "id", ""))
    return word in _NUMBERS


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (
        type(node.value) is int and node.value >= _FIRST
    )
