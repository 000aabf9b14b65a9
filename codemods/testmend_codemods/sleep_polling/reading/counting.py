"""Whether a loop counts: it raises or lowers a number that it asks about."""

from __future__ import annotations

import ast

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import asks, flow


def counts(loop: ast.While) -> bool:
    """Whether a loop raises or lowers a number that it also asks about."""
    moved = {
        dotted(target) for node in flow.own_nodes(loop.body) for target in _moved(node)
    }
    asked = {
        dotted(name)
        for node in flow.own_nodes([loop])
        for question in asks.questions(node)
        for name in ast.walk(question)
        if isinstance(name, ast.Name | ast.Attribute)
    }
    return bool(moved & asked - {"", _looked_into(loop.test)})


def _looked_into(test: ast.expr) -> str:
    """What is no number: ``out`` of ``while b"ready" not in out``."""
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In | ast.NotIn):
        return dotted(test.comparators[0])
    return ""


def _moved(node: ast.AST) -> list[ast.expr]:
    """The target of ``n += 1`` or ``n = n - 1``."""
    if isinstance(node, ast.AugAssign):
        return [node.target]
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp):
        return []
    read = {dotted(each) for each in ast.walk(node.value)}
    return [each for each in node.targets if dotted(each) in read]
