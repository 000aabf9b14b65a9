"""Modules that hold nothing but data."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.source import Module

_LITERAL = (
    *(ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict),
    *(ast.UnaryOp, ast.unaryop, ast.expr_context),
)


def is_only_data(module: Module) -> bool:
    """Whether a module does nothing but give names to literals, of one piece each.

    ``expected_output = {...}`` and no more: no name is read, nothing is called.
    """
    body = module.tree.body
    assigned = [
        each.value for each in body if isinstance(each, ast.Assign | ast.AnnAssign)
    ]
    prose = sum(isinstance(each, ast.Expr) and _is_text(each.value) for each in body)
    return len(assigned) + prose == len(body) and all(map(_is_literal, assigned))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_literal(value: ast.expr | None) -> bool:
    return value is not None and all(
        isinstance(each, _LITERAL) for each in ast.walk(value)
    )
