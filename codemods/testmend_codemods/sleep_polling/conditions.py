"""The opposite of a condition, with the author's bytes kept."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.source import Module

_OPPOSITES: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
# Safe beside a whole number only: a set is neither less nor greater than another.
_ORDERINGS: dict[type[ast.cmpop], str] = {
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
}
_OPERATOR = re.compile(
    r"(?P<ahead>[)\s]*)(?:==|!=|is\s+not|is|not\s+in|in|<=|>=|<|>)(?P<behind>[(\s]*)"
)
_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)


def opposite(module: Module, test: ast.expr) -> str:
    """The source of an expression that is true when ``test`` is not.

    ``not x`` gives ``x``; equality, identity and membership turn round; orderings only
    where one side is seen to be a whole number; all else is ``not (...)``.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return module.source(test.operand)
    turned = _turned(module, test)
    if turned is not None:
        return turned
    plain = module.source(test)
    return f"not {plain}" if isinstance(test, _ATOMS) else f"not ({plain})"


def _turned(module: Module, test: ast.expr) -> str | None:
    if isinstance(test, ast.BoolOp):
        return _each_denied(module, test)
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    operator = _OPPOSITES.get(type(test.ops[0]))
    if operator is None and (_is_whole(test.left) or _is_whole(test.comparators[0])):
        operator = _ORDERINGS.get(type(test.ops[0]))
    if operator is None:
        return None
    start, end = module.end(test.left), module.start(test.comparators[0])
    between = _OPERATOR.fullmatch(module.utf8[start:end].decode())
    if between is None:
        return None
    ahead = module.utf8[module.start(test) : start].decode()
    behind = module.utf8[end : module.end(test)].decode()
    return f"{ahead}{between['ahead']}{operator}{between['behind']}{behind}"


def _each_denied(module: Module, test: ast.BoolOp) -> str | None:
    """``not a or b == 1`` is the opposite of ``a and b != 1``.

    Only on one line, and where it takes fewer denials than ``not (a and b != 1)``.
    """
    if test.lineno != test.end_lineno:
        return None
    parts = []
    for value in test.values:
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
            plain = isinstance(value.operand, _ATOMS)
            part = module.source(value.operand) if plain else None
        elif isinstance(value, ast.Compare):
            part = _turned(module, value)
        else:
            part = None
        if part is None:
            if not isinstance(value, _ATOMS):
                return None
            part = f"not {module.source(value)}"
        parts.append(part)
    if sum(each.startswith("not ") for each in parts) * 2 > len(parts):
        return None
    word = " and " if isinstance(test.op, ast.Or) else " or "
    return word.join(parts)


def _is_whole(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "len"
    )
