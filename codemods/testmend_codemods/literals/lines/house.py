"""The house style of a file: what its lines tell of the formatter that made them."""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TYPE_CHECKING

from testmend.line_length import BLACK
from testmend_codemods.literals.finding import sites

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.source import Module

_TALL = re.compile(rb"[,)\]}][ \t]*(?:#[^\r\n]*)?\r?\n[ \t]*\Z")
_TAIL = 200  # bytes: a comment behind the last comma, and an indent
_MANY = 500  # strings that tell which quote a file prefers, calls that tell the rest
_MOSTLY = 9  # in ten


def is_exploded(module: Module) -> bool | None:
    """Whether closing brackets of calls stand on lines of their own.

    Where no call has several lines, those of lists and dicts tell. None where nothing
    tells.
    """
    own = hugged = 0
    calls = (
        node
        for node in module.nodes(ast.Call)
        if node.end_lineno != node.func.end_lineno and not _holds_text(node)
    )
    for node in islice(calls, _MANY):
        end = module.end(node)
        ahead = module.utf8[module.line_start(node.end_lineno or 1) : end - 1]
        own, hugged = own + (not ahead.strip()), hugged + bool(ahead.strip())
    if own or hugged:
        return own > _MOSTLY * hugged
    return True if _has_only_tall_displays(module) else None


def _has_only_tall_displays(module: Module) -> bool:
    """Whether lists and dicts of several lines have their closing brackets alone.

    Ahead of them stands a comma, or the closing bracket of what is all they hold.
    """
    ends = [
        module.end(node) - 1
        for kind in (ast.Dict, ast.List, ast.Set)
        for node in module.nodes(kind)
        if node.lineno != node.end_lineno
    ]
    tails = (module.utf8[max(0, end - _TAIL) : end] for end in ends)
    return bool(ends) and all(_TALL.search(tail) for tail in tails)


def _holds_text(node: ast.Call) -> bool:
    """Whether a call has a string of several lines."""
    values = [*node.args, *(each.value for each in node.keywords)]
    texts = (ast.Constant, ast.JoinedStr)
    return any(
        isinstance(each, texts) and each.end_lineno != each.lineno for each in values
    )


def widest(module: Module) -> int:
    """The length of the longest line within Black's own limit."""
    lengths = module.once(_lengths)
    return max((each for each in lengths if each <= BLACK), default=0)


def is_narrow(module: Module) -> bool:
    """Whether no line is longer than Black would have it."""
    return max(module.once(_lengths), default=0) <= BLACK


def _lengths(module: Module) -> list[int]:
    return [len(line) for line in module.text.splitlines()]


def quote(module: Module) -> str:
    """The quote that the file prefers for its other strings, or else for these."""
    single, double = _quotes(module, sites.others(module))
    if single == double:
        single, double = _quotes(module, module.nodes(ast.Constant))
    return "'" if single >= double else '"'


def _quotes(module: Module, strings: Iterable[ast.Constant]) -> tuple[int, int]:
    """How many of the first strings have single quotes, and how many double ones."""
    single = double = 0
    for node in islice(strings, _MANY):
        start = module.start(node)
        token = module.utf8[start : start + 6].lstrip(b"uUrR")
        if token.startswith(b"'"):
            single += not token.startswith(b"'''")
        elif token.startswith(b'"'):
            double += not token.startswith(b'"""')
    return single, double
