"""Whether a file is meant to run on Pythons, too, where the helper does not."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted

if TYPE_CHECKING:
    from testmend.source import Module

_FIRST_3 = 3
_VERSIONS = frozenset({"sys.version_info", "_sys.version_info", "version_info"})

# What only MicroPython and CircuitPython have, and how their tests say that they skip.
_ON_BOARDS = re.compile(
    rb"""[.](?:ticks_(?:ms|us|diff)|sleep_(?:ms|us))\( | ["'](?:micro|circuit)python["']
    | ^[ \t]*(?:import|from)[ ]+(?:micropython|utime|uasyncio|pyb)\b
    | print\(["']SKIP["']\)\s+raise[ ]SystemExit""",
    re.VERBOSE | re.MULTILINE,
)


def runs_on_boards(module: Module) -> bool:
    """Whether a file is written for MicroPython, which takes it to a board alone."""
    return _ON_BOARDS.search(module.utf8) is not None


def runs_on_python_2(module: Module) -> bool:
    """Whether a file asks if it runs on Python 2 (``sys.version_info[0] < 3``).

    Or takes there what Python 3 has (``from builtins import str``). Mere traces of
    older days (``six``, ``from __future__``) are not asking.
    """
    if any(
        isinstance(each, ast.ImportFrom)
        and each.module in ("builtins", "past.builtins")
        for each in module.tree.body
    ):
        return True
    if b"version_info" not in module.utf8 and b"PY2" not in module.utf8:
        return False
    named = (*module.nodes(ast.Name), *module.nodes(ast.Attribute))
    if any(dotted(each).rpartition(".")[2] == "PY2" for each in named):
        return True
    return any(_asks(each) for each in module.nodes(ast.Compare))


def _asks(compare: ast.Compare) -> bool:
    left, right = compare.left, compare.comparators[0]
    if isinstance(left, ast.Subscript):
        if not _is_version(left.value):
            return False
        match left.slice:
            case ast.Constant(value=0):
                return isinstance(right, ast.Constant) and right.value in (2, _FIRST_3)
            case ast.Slice():
                return _is_2_or_3(right)
        return False
    if dotted(left).endswith("version_info.major"):
        return isinstance(right, ast.Constant) and right.value in (2, _FIRST_3)
    return _is_version(left) and _is_2_or_3(right)


def _is_version(node: ast.expr) -> bool:
    """Whether an expression is Python's version: other modules have one, too."""
    return dotted(node) in _VERSIONS


def _is_2_or_3(node: ast.expr) -> bool:
    """Whether a tuple is a version 2, or the first of 3: ``(2, 7)``, ``(3,)``."""
    if not isinstance(node, ast.Tuple) or not node.elts:
        return False
    parts = [
        each.value if isinstance(each, ast.Constant) else None for each in node.elts
    ]
    return parts[0] == 2 or (parts[0] == _FIRST_3 and not any(parts[1:]))  # noqa: PLR2004  version 2
