"""The strings that stand beside another one: in its list, or in the rows around it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.literals.grammar.things import CONTAINERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module


def beside(module: Module, node: ast.expr) -> Iterator[str]:
    """The other strings of a list or tuple, and of those that a dict has beside it.

    ``{"red": [A, B], "blue": [C]}``: its lists are one.
    """
    holder = module.parent(node)
    above = module.parent(holder) if isinstance(holder, CONTAINERS) else None
    whole = above.values if isinstance(above, ast.Dict) else [holder]
    for each in whole:
        for other in each.elts if isinstance(each, CONTAINERS) else ():
            if other is not node:
                yield from _text(other)


def of_rows(module: Module, node: ast.expr) -> Iterator[str]:
    """The strings at the same place of the rows around: ``[{"id": A}, {"id": B}]``.

    Rows are dicts, or calls of one function, with the same key or argument; and what
    dicts have for one key: ``[{"sent": {"id": A}}, {"sent": {"id": B}}]``.
    """
    above = module.parent(node)
    row = module.parent(above) if isinstance(above, ast.keyword) else above
    if row is None:
        return
    for other in _rows_around(module, row):
        match row, other:
            case ast.Dict(), ast.Dict():
                yield from (
                    text for each in _same(row, other, node) for text in _text(each)
                )
            case ast.Call(), ast.Call():
                if ast.dump(row.func) == ast.dump(other.func):
                    yield from _of_call(row, other, node)


def _rows_around(module: Module, row: ast.AST) -> Iterator[ast.expr]:
    holder = module.parent(row)
    if isinstance(holder, CONTAINERS):
        yield from (other for other in holder.elts if other is not row)
    elif isinstance(holder, ast.Dict):
        outer = module.parent(holder)
        for other in outer.elts if isinstance(outer, CONTAINERS) else ():
            if other is not holder and isinstance(other, ast.Dict):
                yield from _same(holder, other, row)


def _same(row: ast.Dict, other: ast.Dict, node: ast.AST) -> Iterator[ast.expr]:
    """What another dict has for the key of one."""
    places = (at for at, each in enumerate(row.values) if each is node)
    key = next((row.keys[at] for at in places), None)
    for name, value in zip(other.keys, other.values, strict=True):
        if key and name and ast.dump(name) == ast.dump(key):
            yield value


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
