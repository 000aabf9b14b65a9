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
    idle = sum(_is_idle(each) for each in body)
    return len(assigned) + idle == len(body) and all(map(_is_literal, assigned))


def _is_idle(node: ast.stmt) -> bool:
    """Whether a statement is a text, or an import that no literal can need."""
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text or isinstance(node, ast.Import | ast.ImportFrom)


def _is_literal(value: ast.expr | None) -> bool:
    return value is not None and all(
        isinstance(each, _LITERAL) for each in ast.walk(value)
    )
