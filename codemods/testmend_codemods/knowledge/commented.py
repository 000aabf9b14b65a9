"""Code that is commented out: somebody may want it back, with what it needs."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"^[ \t]*#+(?!:)[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)
_CODE = re.compile(r"^@|[=(\[.:]")  # what a line of code has that reads a name
_LONGEST = 40  # lines of one statement
# What makes code of an expression, a condition or a value: prose has none of it.
_SHOWS_CODE = ast.Call | ast.Attribute | ast.Subscript


def names(text: str) -> frozenset[str]:
    """The names that statements read that stand in comments of their own lines.

    A statement may go on over several lines. What reads like prose (``# time in
    seconds``) is none: a statement calls something, reads an attribute, or assigns.
    """
    found: set[str] = set()
    for block in _blocks(text):
        number = 0
        while number < len(block):
            size, tree = _statement(block[number : number + _LONGEST])
            if tree is not None and _is_code(tree):
                found.update(_read(tree))
            number += size
    return frozenset(found)


def _blocks(text: str) -> Iterator[list[str]]:
    """The lines of comments that follow each other, without their hashes."""
    end, block = -1, list[str]()
    for match in _LINE.finditer(text):
        if match.start() != end + 1 and block:
            yield block
            block = []
        block.append(match[1])
        end = match.end()
    if block:
        yield block


def _statement(lines: list[str]) -> tuple[int, ast.stmt | None]:
    """How many lines a statement takes at the start of a block, and what it is.

    One line that is no statement if none is found.
    """
    if not _CODE.search(lines[0]):
        return 1, None
    for size in range(1, len(lines) + 1):
        code = "\n".join(lines[:size])
        if tree := _parsed(code):
            return size, tree
        if sum(map(code.count, "([{")) <= sum(map(code.count, ")]}")):
            break
    return 1, None


def _parsed(code: str) -> ast.stmt | None:
    """A statement, one of several lines without what it holds; None if it is none."""
    if code.startswith("@"):
        code += "\ndef decorated(): pass"
    elif code.endswith(":"):
        code = f"if ...: pass\n{code}" if code.startswith("el") else code
        code += " pass"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[-1] if body else None


def _is_code(tree: ast.stmt) -> bool:
    if isinstance(tree, ast.FunctionDef):
        return True
    if isinstance(tree, ast.Assign | ast.AugAssign):
        return True
    return any(isinstance(node, _SHOWS_CODE) for node in ast.walk(tree))


def _read(tree: ast.stmt) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
