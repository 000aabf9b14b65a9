"""Which functions of a file another piece of its code may reach, by their names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.source import Module


def names(module: Module, start: ast.AST) -> frozenset[str]:
    """All names that code reads, and those that functions of these names read.

    Over-complete: a method is known by its name alone, whatever its class.
    """
    defined: dict[str, list[ast.AST]] = {}
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = [
        *module.nodes(ast.FunctionDef),
        *module.nodes(ast.AsyncFunctionDef),
    ]
    for each in functions:
        defined.setdefault(each.name, []).append(each)
    found: set[str] = set()
    wanted = [start]
    while wanted:
        read = _read(wanted.pop()) - found
        found |= read
        wanted += [each for name in read for each in defined.get(name, ())]
    return frozenset(found)


def _read(start: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(start):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)  # a fixture
    return found
