"""Loops that ask a fake of the test's own: it answers by how often it was called."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.reading.flow import own_nodes
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

_Def = ast.FunctionDef | ast.AsyncFunctionDef
_CHOICES = ast.If | ast.IfExp | ast.While | ast.Assert


def asks_a_fake(module: Module, loop: ast.AST) -> bool:
    """Whether a loop calls a function of its own function's that counts its calls.

    Such a loop shows how something is tried again. There is nothing to wait for.
    """
    function = function_of(module, loop)
    if not isinstance(function, _Def):
        return False
    called = {
        each.func.id
        for each in own_nodes([loop])
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
    }
    return any(
        isinstance(each, _Def) and each.name in called and _counts_calls(each)
        for each in own_nodes(function.body)
    )


def _counts_calls(function: _Def) -> bool:
    """Whether what a function does depends on a count that it keeps itself."""
    nodes = list(own_nodes(function.body))
    outside = {
        name
        for each in nodes
        if isinstance(each, ast.Nonlocal | ast.Global)
        for name in each.names
    }
    counts = outside.intersection(_counted(nodes))
    return any(
        isinstance(each, ast.Name) and each.id in counts
        for choice in nodes
        if isinstance(choice, _CHOICES)
        for each in ast.walk(choice.test)
    )


def _counted(nodes: list[ast.AST]) -> Iterator[str]:
    for each in nodes:
        if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            yield each.target.id
