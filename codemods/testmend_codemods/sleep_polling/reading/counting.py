"""Whether a loop counts: it raises or lowers a number that it asks about."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import asks, flow, telling

if TYPE_CHECKING:
    from testmend.source import Module


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
    """The target of ``n += 1``, ``n = n - 1`` or ``x, n = f(), n + 1``."""
    if isinstance(node, ast.AugAssign):
        return [node.target]
    if not isinstance(node, ast.Assign):
        return []
    pairs = [(each, node.value) for each in node.targets]
    match node:
        case ast.Assign([ast.Tuple(targets)], ast.Tuple(values)):
            pairs = list(zip(targets, values, strict=False))
    return [
        target
        for target, value in pairs
        if isinstance(value, ast.BinOp)
        and dotted(target) in {dotted(each) for each in ast.walk(value)}
    ]


def goes_on(module: Module, loop: ast.For) -> bool:
    """Whether each round does the next thing: a step by hand, and a use of it.

    ``send(socket, stream); stream += 2``. One round more would send one more.
    """
    nodes = list(flow.own_nodes(loop.body))
    stepped = {
        node.target.id
        for node in nodes
        if isinstance(node, ast.AugAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, int)
    }
    for node in nodes:  # what each round begins anew
        if isinstance(node, ast.Assign):
            stepped -= {dotted(each) for each in node.targets}
    return any(
        isinstance(node, ast.Name)
        and node.id in stepped
        and _is_used(module, node, loop)
        for node in nodes
    )


def _is_used(module: Module, name: ast.Name, loop: ast.For) -> bool:
    """Whether a name is used, other than to say, to ask or to return something."""
    if not isinstance(name.ctx, ast.Load) or telling.message(module, name, loop):
        return False
    for above in module.ancestors(name):
        if isinstance(above, ast.Compare | ast.Return):
            return False
        if above is loop:
            break
    return True
