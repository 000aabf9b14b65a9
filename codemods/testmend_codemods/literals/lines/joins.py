"""Lines that Black joins when the value on them becomes a name.

::

    result = manager.approve(
        '155d900f-4e14-4e4c-a73d-069cbf4541e6', user
    )

Black takes the three lines for one that was too long: as soon as they fit on one, it
writes ``result = manager.approve(IMAGE_ID, user)``. Where a comma stands behind the
last element it leaves them, and so does this.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend_codemods.literals.grammar.values import kind_of
from testmend_codemods.literals.model import Join

if TYPE_CHECKING:
    from testmend.source import Module

# The bracket of a call or of an index, not one that only holds lines together.
_HEAD = re.compile(r"[ \t]*[^#\\]*(?<!assert)(?<!return)(?<! in)[\w\])][(\[]")
_TAIL = re.compile(r"[ \t]*[)\]][^#\\]*")
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.Assert)


def join(module: Module, node: ast.expr) -> Join | None:
    """How the three lines of a statement around a value become one, if they can.

    The value has to be the only one of the statement: then it alone decides.
    """
    row = node.lineno
    statement = next(each for each in module.ancestors(node) if _is_statement(each))
    if not isinstance(statement, _SIMPLE):
        return None
    if (statement.lineno, statement.end_lineno) != (row - 1, row + 1):
        return None
    head, body, tail = (module.line_text(each) for each in (row - 1, row, row + 1))
    if (
        not _HEAD.fullmatch(head)
        or not _TAIL.fullmatch(tail)
        or any(sign in body for sign in "#\\")
        or any(sign in head + body + tail for sign in ('"""', "'''"))
        or body.rstrip().endswith(",")
        or _values(statement) != 1
    ):
        return None
    start, end = module.line_start(row), module.line_start(row + 1)
    opened = module.line_start(row - 1) + len(head.encode())
    indent = len(body) - len(body.lstrip())
    closer = end + len(tail) - len(tail.lstrip())
    closed = start + len(body.rstrip().encode())
    inner = body.strip()
    return Join(
        cuts=((opened, start + indent), (closed, closer)),
        width=len(head) + len(inner) + len(tail.strip()),
    )


def _is_statement(node: ast.AST) -> bool:
    return isinstance(node, ast.stmt)


def _values(statement: ast.stmt) -> int:
    """How many values a statement has, of any kind."""
    return sum(
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and kind_of(each.value) is not None
        for each in ast.walk(statement)
    )
