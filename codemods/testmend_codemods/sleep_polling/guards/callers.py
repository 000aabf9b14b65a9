"""Who calls a function from other files: whether all do so in their own flow."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.codemod import Context

_MANY = 40  # files: reading more takes its time


def only_call(context: Context, name: str) -> bool:
    """Whether other files use a function of this one, and do nothing but call it.

    Who hands it over (``Thread(target=wait)``) may run it as a worker.
    """
    users = context.index.users(context.path, name)
    if not 0 < len(users) <= _MANY:
        return False
    called = False
    for user in users:
        try:
            tree = ast.parse(context.index.text(user) or "")
        except (SyntaxError, ValueError, RecursionError):
            return False
        nodes = list(ast.walk(tree))
        calls = {each.func for each in nodes if isinstance(each, ast.Call)}
        loads = {each for each in nodes if _reads(each, name)}
        if loads - calls:
            return False
        called = called or bool(loads)
    return called


def _reads(node: ast.AST, name: str) -> bool:
    """Whether a node reads the name, or the attribute of that name of something."""
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Load)
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.ctx, ast.Load)
    )
