"""Whether it is the caller who says how many rounds a loop makes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import dotted, parameters
from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import Function

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_COMPUTED = (
    ast.Name,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.IfExp,
    ast.Compare,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
    ast.expr_context,
)


def is_given(module: Module, loop: Loop, rounds: ast.expr) -> bool:
    """Whether the caller says how many rounds there are.

    That of the function, of one around it, or of its class: ``self.timeout = timeout``.
    """
    given = {name for each in module.ancestors(loop) for name in _parameters(each)}
    return any(
        (isinstance(node, ast.Name) and _is_of(module, node, given))
        or (isinstance(node, ast.Attribute) and _is_set_by_caller(module, loop, node))
        for node in ast.walk(rounds)
    )


def _parameters(function: ast.AST) -> set[str]:
    if not isinstance(function, Function):
        return set()
    return {*parameters(function.args)} - {"self", "cls"}


def _is_of(module: Module, name: ast.Name, given: set[str]) -> bool:
    """Whether a name is a parameter, or computed from one: ``tries = timeout * 2``."""
    if name.id in given:
        return True
    made = flow.binders(module, name.id, name)
    return any(
        isinstance(each, ast.Assign)
        and all(isinstance(node, _COMPUTED) for node in ast.walk(each.value))
        and any(
            isinstance(node, ast.Name) and node.id in given
            for node in ast.walk(each.value)
        )
        for each in made
    )


def _is_set_by_caller(module: Module, loop: Loop, attribute: ast.Attribute) -> bool:
    """Whether a method keeps a parameter in an attribute, or a data class has it."""
    holders = (e for e in module.ancestors(loop) if isinstance(e, ast.ClassDef))
    holder = next(holders, None)
    if holder is None or dotted(attribute) != f"self.{attribute.attr}":
        return False
    for node in flow.own_nodes(holder.body):
        if isinstance(node, ast.AnnAssign) and dotted(node.target) == attribute.attr:
            return bool(holder.decorator_list)
    return any(
        isinstance(node, ast.Assign | ast.AnnAssign)
        and node.value is not None
        and f"self.{attribute.attr}" in map(dotted, ast.iter_child_nodes(node))
        and any(
            isinstance(each, ast.Name) and each.id in _parameters(method)
            for each in ast.walk(node.value)
        )
        for method in holder.body
        if isinstance(method, Function)
        for node in flow.own_nodes(method.body)
    )
