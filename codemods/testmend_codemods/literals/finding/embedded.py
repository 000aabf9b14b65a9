"""Values inside longer strings: which of those an f-string can stand for.

``'/servers/155d900f-...'`` becomes ``f'/servers/{SERVER_ID}'``, which is the same text.
Only plain strings of one line with one value in them: no escapes, no braces, nothing
that is formatted, and no place that asks for a literal.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend_codemods.literals.finding import sites
from testmend_codemods.literals.model import HOLE

if TYPE_CHECKING:
    from testmend.source import Module

_TOKEN = re.compile(r"""[uU]?((['"])[^'"\\{}\n]*\2)""")


def template(module: Module, node: ast.Constant, value: str) -> str:
    """The f-string for a string, with a hole for the name; empty if it has to stay."""
    token = _TOKEN.fullmatch(module.source(node))
    if token is None or token[1].count(value) != 1 or sites.is_named(module, node):
        return ""
    if _has_to_stay(module, node):
        return ""
    return "f" + token[1].replace(value, f"{{{HOLE}}}")


def _has_to_stay(module: Module, node: ast.Constant) -> bool:
    """Whether the place of a string asks for a literal, or formats it."""
    match module.parent(node):
        case ast.Expr() | ast.MatchValue() | ast.Attribute():
            return True
        case ast.Dict(keys=keys) if node in keys:
            return True
        case ast.BinOp(left=left, op=ast.Mod()) if left is node:
            return True
    below: ast.AST = node
    for above in module.ancestors(node):
        notes = (getattr(above, each, None) for each in ("annotation", "returns"))
        if any(
            below is each for each in (*notes, *getattr(above, "decorator_list", ()))
        ):
            return True
        if isinstance(above, ast.JoinedStr | ast.Subscript):
            return True
        below = above
    return False
