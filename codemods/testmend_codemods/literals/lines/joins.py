"""Lines that Black joins when a value on them becomes a name.

::

    result = manager.approve(
        '155d900f-4e14-4e4c-a73d-069cbf4541e6', user
    )

Black takes the three lines for one that was too long: as soon as they fit on one, it
writes ``result = manager.approve(IMAGE_ID, user)``. So it does with every bracket in a
statement, the outermost first, and with what stands in one; it drops those that only
hold an assertion together. Where a comma stands behind the last element it leaves
them, and so does this.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend_codemods.literals.grammar.values import kind_of
from testmend_codemods.literals.model import Join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

_STEP = 4  # columns
_TALLEST = 12  # lines between the brackets of what may fit on one
# What stays as it is: comments, long strings, and lines that end in a comma.
_KEPT = re.compile(rb"#|\\|\"\"\"|'''|,\s*(?:[)\]}]|\n)")
_STRING = re.compile(rb"'[^'\n]*'|\"[^\"\n]*\"")
_BOUNDARY = re.compile(rb"[ \t]*\r?\n[ \t]*")
# The brackets of a call or an index, and those around what is returned or assigned.
_OPENED = re.compile(rb"\s*\)*[(\[]")
_HELD_AHEAD = re.compile(rb"\(\s*\Z")
_HELD_BEHIND = re.compile(rb"\s*\)")
_NEEDED = (ast.Tuple, ast.GeneratorExp, ast.NamedExpr, ast.Yield, ast.YieldFrom)


def joins(module: Module, node: ast.Constant) -> tuple[Join, ...]:
    """The ways to write the lines around a value as fewer, the widest first.

    The value has to be the only one there: then it alone decides.
    """
    found: list[tuple[Join, ...]] = []
    for above in module.ancestors(node):
        if not isinstance(above, ast.expr | ast.keyword | ast.stmt):
            continue
        if isinstance(above, ast.expr) and not _is_alone(node, above):
            break
        found.append(tuple(_around(module, above)))
        if isinstance(above, ast.stmt):
            break
    return tuple(way for ways in reversed(found) for way in ways)


def _is_alone(node: ast.Constant, above: ast.expr) -> bool:
    """Whether what holds a value has a few lines, and no other value of any kind."""
    if _lines(above) > _TALLEST:
        return False
    texts = (each.value for each in ast.walk(above) if isinstance(each, ast.Constant))
    return all(
        text == node.value or kind_of(text) is None
        for text in texts
        if isinstance(text, str)
    )


def _lines(node: ast.expr) -> int:
    return (node.end_lineno or node.lineno) - node.lineno


def _around(module: Module, above: ast.expr | ast.keyword | ast.stmt) -> Iterator[Join]:
    match above:
        case ast.Call(func=ahead) | ast.Subscript(value=ahead) if _lines(above):
            opened = _OPENED.match(module.utf8, module.end(ahead))
            if opened:
                yield from _ways(module, opened.end() - 1, module.end(above) - 1)
        case ast.List() | ast.Dict() | ast.Set() | ast.Tuple() if _lines(above):
            yield from _ways(module, module.start(above), module.end(above) - 1)
        case (
            ast.Assert(test=value)
            | ast.Return(value=ast.expr() as value)
            | ast.Assign(value=value)
        ) if not isinstance(value, _NEEDED):
            opened = _HELD_AHEAD.search(
                module.utf8, module.start(above), module.start(value)
            )
            closed = _HELD_BEHIND.match(module.utf8, module.end(value))
            if opened and closed:
                yield from _ways(
                    module, opened.start(), closed.end() - 1, is_dropped=True
                )


def _ways(
    module: Module, opened: int, closed: int, *, is_dropped: bool = False
) -> Iterator[Join]:
    """What joins the lines between two brackets: with those around, and alone.

    ``is_dropped``: the brackets go where all is one line.
    """
    data = module.utf8
    first, last = module.line_of(opened), module.line_of(closed)
    head = data[module.line_start(first) : opened]
    tail = data[closed + 1 : module.line_start(last + 1)].rstrip()
    bounds = list(_BOUNDARY.finditer(data, opened + 1, closed))
    if (
        not 1 < last - first <= _TALLEST + 1
        or len(bounds) != last - first
        or bounds[0].start() != opened + 1
        or bounds[-1].end() != closed
        or _indents(module, first, last) != [0, _STEP, 0]
        or any(map(_KEPT.search, (head, data[opened : closed + 1], tail)))
        or not (_is_balanced(head) and _is_balanced(tail))
    ):
        return
    middle = [
        (each.start(), each.end(), _blank(data, each.start(), each.end()))
        for each in bounds[1:-1]
    ]
    start, end = bounds[0].end(), bounds[-1].start()
    gone = sum(to - at - len(blank) for at, to, blank in middle)
    width = len(data[start:end].decode()) - gone
    around = len(head.decode()) + len(tail.decode())
    if is_dropped:
        cuts = ((opened, start, ""), *middle, (end, closed + 1, ""))
        yield Join(cuts, (opened, closed), around + width)
    else:
        cuts = ((opened + 1, start, ""), *middle, (end, closed, ""))
        yield Join(cuts, (opened, closed), around + width + 2)
    if middle:
        indent = start - module.line_start(first + 1)
        yield Join(tuple(middle), (opened, closed), indent + width)


def _indents(module: Module, first: int, last: int) -> list[int]:
    """How far the lines of two brackets and the first one between are indented."""
    widths = [len(module.indent(line)) for line in (first, first + 1, last)]
    return [width - widths[0] for width in widths]


def _blank(data: bytes, start: int, end: int) -> str:
    """What stands between two lines when they are one."""
    glued = data[start - 1 : start] in b"([{" or data[end : end + 1] in b")]}."
    return "" if glued else " "


def _is_balanced(text: bytes) -> bool:
    """Whether all brackets of a piece of a line open and close there."""
    depth = 0
    for char in _STRING.sub(b"", text):
        depth += (char in b"([{") - (char in b")]}")
        if depth < 0:
            return False
    return depth == 0
