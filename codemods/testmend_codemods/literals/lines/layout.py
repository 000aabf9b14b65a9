"""Lines below a value whose indentation follows a bracket behind it.

::

    self.assertEqual('155d900f-...', find(name,
                                          retries=3))

When the value gets shorter the second line has to follow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from testmend.line_length import PEP8
from testmend_codemods.literals.model import Shift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'|#[^\r\n]*|[()\[\]{}]|\r\n|\r|\n",
    re.DOTALL,
)
_FAR = 20_000  # bytes: no statement with aligned lines is longer


def room(module: Module, line: int) -> int:
    """The characters left on a line before it is longer than PEP 8 has it."""
    return PEP8 - len(module.line_text(line))


def shifts(module: Module, end: int) -> tuple[Shift, ...]:
    """The lines that are aligned with a bracket which opens behind ``end``."""
    return tuple(_aligned(module, end))


def _aligned(module: Module, end: int) -> Iterator[Shift]:
    text = module.utf8[end : end + _FAR].decode(errors="ignore")
    opened: list[int] = []  # where the brackets that are open now begin inside
    column = 0  # of the first character in the bracket; 0: still on the first line
    columns: list[int] = []  # those where the first of the lines below may be aligned
    for match in _TOKEN.finditer(text):
        sign = match[0][0]
        if sign in "([{":
            opened.append(match.end())
        elif sign in ")]}" and opened:
            opened.pop()
        elif sign in "\r\n" and opened:
            if not column:
                line = text[: match.end()]
                columns = [_column(module, end, line, inside) for inside in opened]
                column = columns[0]
            following = end + len(text[: match.end()].encode())
            if columns and not _starts_at(module, following, columns):
                return
            columns = []
            yield from _line(module, following, column)
        if not opened and (column or sign in "\r\n"):
            return


def _column(module: Module, end: int, line: str, inside: int) -> int:
    """Where the content of a bracket starts; far off if the line ends there."""
    if not line[inside:].partition("#")[0].strip():
        return _FAR
    offset = end + len(line[:inside].encode())
    start = module.line_start(module.line_of(offset))
    return len(module.utf8[start:offset].decode())


def _starts_at(module: Module, start: int, columns: list[int]) -> bool:
    """Whether a line is aligned with something, not just far to the right."""
    return len(module.indent(module.line_of(start))) in columns


def _line(module: Module, start: int, column: int) -> Iterator[Shift]:
    line = module.line_of(start)
    indent = module.indent(line)
    blank = not module.line_text(line).strip()
    if not blank and len(indent) >= column and indent == " " * len(indent):
        yield Shift(start, len(indent), room(module, line))
