"""Where the statements of a file stand, without their trees.

An outline is small, can be pickled, and is enough to cut statements out of a file and
to parse them alone (see `testmend.excerpt`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module

Span = tuple[int, int]
"""Whole lines: the offset of the first one, and of the line after the last."""


class Block(Struct, frozen=True):
    """A statement at the top of a file (several, where they share a line).

    ``names_things``: an import, a constant or the docstring, which give meaning to the
    rest. ``members`` are the statements of a class, empty where they can't be told from
    its header.
    """

    span: Span
    names_things: bool = False
    members: tuple[Span, ...] = ()


Outline = tuple[Block, ...]


def outline(module: Module) -> Outline:
    """The outline of a file, in the order of its lines."""
    body = module.tree.body
    return tuple(
        Block(
            span,
            all(_names_things(each, at_top=each is body[0]) for each in statements),
            _members(module, statements),
        )
        for span, statements in _spans(module, body)
    )


def _names_things(statement: ast.stmt, *, at_top: bool) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(value=ast.Constant()) | ast.AnnAssign(value=ast.Constant()):
            return True
        case ast.Expr():
            return at_top
    return False


def _members(module: Module, statements: Sequence[ast.stmt]) -> tuple[Span, ...]:
    match statements:
        case [ast.ClassDef(body=body)] if _starts_line(module, body[0]):
            return tuple(span for span, _ in _spans(module, body))
    return ()


def _starts_line(module: Module, statement: ast.stmt) -> bool:
    """Whether nothing stands ahead of a statement (or its decorator) on its line."""
    if getattr(statement, "decorator_list", None):
        return True
    start = module.line_start(statement.lineno)
    return not module.utf8[start : module.start(statement)].strip()


def _spans(
    module: Module, body: Sequence[ast.stmt]
) -> Iterator[tuple[Span, list[ast.stmt]]]:
    """The lines of statements side by side; those that share a line go together."""
    group: list[ast.stmt] = []
    for statement in body:
        if group and _first_line(statement) > _last_line(group[-1]):
            yield _lines(module, group), group
            group = []
        group.append(statement)
    if group:
        yield _lines(module, group), group


def _lines(module: Module, group: Sequence[ast.stmt]) -> Span:
    first, last = _first_line(group[0]), _last_line(group[-1])
    return module.line_start(first), module.line_start(last + 1)


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


def _last_line(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno
