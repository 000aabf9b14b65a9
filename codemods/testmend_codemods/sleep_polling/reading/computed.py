"""What the body of a loop computes by itself, without a look at anything."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.reading import flow

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = frozenset({"abs", "float", "int", "max", "min", "round"})


def names(loop: ast.While) -> Iterator[ast.Name]:
    """The stored names that the body computes, from themselves or from each other.

    ``top = middle`` of a search does not look at anything; ``state = answer`` does, if
    the answer was asked for in the body.
    """
    assigned = [
        (target, each.value)
        for each in flow.own_nodes(loop.body)
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    ]
    fresh = {
        node.id
        for node in flow.own_nodes(loop.body)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } - {target.id for target, value in assigned if _is_arithmetic(value)}
    for _ in assigned:
        fresh |= {t.id for t, value in assigned if fresh.intersection(_read(value))}
    for target, value in assigned:
        read = set(_read(value))
        plain = read and _is_arithmetic(value) and not read & fresh
        if plain or target.id in read:
            yield target


def _is_arithmetic(value: ast.expr) -> bool:
    """Whether an expression is made of names and numbers."""
    called = {id(e.func) for e in ast.walk(value) if isinstance(e, ast.Call)}
    return all(
        isinstance(
            each,
            ast.Name
            | ast.BinOp
            | ast.UnaryOp
            | ast.operator
            | ast.unaryop
            | ast.Constant
            | ast.expr_context
            | ast.Call,
        )
        and (id(each) not in called or getattr(each, "id", "") in _NUMBERS)
        for each in ast.walk(value)
    )


def _read(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
