"""Flags that end a loop: ``done = True`` where it asks ``while not done``."""

from __future__ import annotations

import ast

from testmend_codemods.sleep_polling.reading import flow


def last_words(loop: ast.While) -> list[ast.stmt]:
    """The statements that lower a flag of the loop's condition: ``waiting = False``.

    No further round comes after one, unless the loop may raise its flag again: then
    only after the last statement of the loop.
    """
    test = loop.test
    joined = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
    asked = test.values if isinstance(test, ast.BoolOp) and joined else [test]
    return [each for part in asked for each in _lowered(loop, part)]


def _lowered(
    loop: ast.While | ast.For, test: ast.expr, *, for_good: bool = False
) -> list[ast.stmt]:
    """What lowers a flag; with ``for_good`` only if the loop never raises it again."""
    value = False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, value = test.operand, True
    if not isinstance(test, ast.Name):
        return []
    nodes = list(flow.own_nodes(loop.body))
    bound = [
        node
        for node in nodes
        if isinstance(node, ast.Name)
        and node.id == test.id
        and not isinstance(node.ctx, ast.Load)
    ]
    lowered: list[ast.stmt] = [
        node
        for node in nodes
        if isinstance(node, ast.Assign)
        and any(each in bound for each in node.targets)
        and isinstance(node.value, ast.Constant)
        and node.value.value is value
    ]
    if len(lowered) == len(bound):
        return lowered
    return [each for each in lowered if each is loop.body[-1] and not for_good]


def asked_first(loop: ast.For) -> list[ast.stmt]:
    """``done = True``, where each round of a loop begins with ``if done: break``.

    The round after it is over at once.
    """
    first = loop.body[0]
    if not isinstance(first, ast.If) or first.orelse or len(first.body) != 1:
        return []
    if not isinstance(first.body[0], ast.Break | ast.Return):
        return []
    test = first.test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _lowered(loop, test.operand, for_good=True)
    return _lowered(loop, ast.UnaryOp(ast.Not(), test), for_good=True)
