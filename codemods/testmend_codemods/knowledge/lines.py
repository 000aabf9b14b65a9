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
_FRAMES = re.compile(
    rb"\b(?:__file__|_getframe|currentframe|getframeinfo|getouterframes|getsourcelines"
    rb"|getsourcefile|extract_tb|extract_stack|print_exc|format_exc|tb_lineno|f_lineno"
    rb"|co_firstlineno)\b"
)
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
    return _FRAMES.search(module.utf8) is not None and any(
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
