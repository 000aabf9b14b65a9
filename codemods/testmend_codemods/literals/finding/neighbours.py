"""The strings that stand beside another one: in its list, or in the rows around it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.literals.grammar.things import CONTAINERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module


def beside(module: Module, node: ast.expr) -> Iterator[str]:
    """The other strings of a list or tuple."""
    holder = module.parent(node)
    for each in holder.elts if isinstance(holder, CONTAINERS) else ():
        if each is not node:
            yield from _text(each)


def of_rows(module: Module, node: ast.expr) -> Iterator[str]:
    """The strings at the same place of the rows around: ``[{"id": A}, {"id": B}]``.

    Rows are dicts, or calls of one function, with the same key or argument.
    """
    above = module.parent(node)
    row = module.parent(above) if isinstance(above, ast.keyword) else above
    holder = module.parent(row) if row is not None else None
    if not isinstance(holder, CONTAINERS) or row is None:
        return
    for other in holder.elts:
        if other is not row:
            match row, other:
                case ast.Dict(), ast.Dict():
                    yield from _of_dict(row, other, node)
                case ast.Call(), ast.Call():
                    if ast.dump(row.func) == ast.dump(other.func):
                        yield from _of_call(row, other, node)


def _of_dict(row: ast.Dict, other: ast.Dict, node: ast.expr) -> Iterator[str]:
    if node in row.values:
        key = row.keys[row.values.index(node)]
        for name, value in zip(other.keys, other.values, strict=True):
            if key and name and ast.dump(name) == ast.dump(key):
                yield from _text(value)


def _of_call(row: ast.Call, other: ast.Call, node: ast.expr) -> Iterator[str]:
    if node in row.args:
        index = row.args.index(node)
        for value in other.args[index : index + 1]:
            yield from _text(value)
    name = next((each.arg for each in row.keywords if each.value is node), None)
    for keyword in other.keywords:
        if name and keyword.arg == name:
            yield from _text(keyword.value)


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
