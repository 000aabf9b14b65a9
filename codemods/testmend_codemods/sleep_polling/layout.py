"""How a file lays out what does not fit on one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.source import Module

_LIMITS = (79, 88, 100, 120)
_CLOSING = re.compile(r"^[ \t]*\)(?: ->.*)?:?[ \t]*$", re.MULTILINE)


def limit(module: Module) -> int:
    """The line length that the file keeps to (a few lines may be longer)."""
    lengths = sorted(len(line) for line in module.text.splitlines())
    longest = lengths[int(len(lengths) * 0.99)] if lengths else 0
    return next((each for each in _LIMITS if longest <= each), _LIMITS[-1])


def call(
    module: Module, function: str, arguments: list[str], indent: str, around: int
) -> str:
    """The source of a call, broken where its line would be too long.

    ``indent`` is that of the statement, ``around`` the characters that share the
    call's line. Broken after the bracket: with the closing one on a line of its own
    where the file does that, else with all at a hanging indent.
    """
    joined = f"{function}({', '.join(arguments)})"
    if len(indent) + around + len(joined) <= limit(module) and "\n" not in joined:
        return joined
    step = "\t" if indent.startswith("\t") else "    "
    if len(_CLOSING.findall(module.text)) > 1:
        inner = "".join(f"{indent}{step}{each},\n" for each in arguments)
        return f"{function}(\n{inner}{indent})"
    deeper = indent + step * (2 if around > 1 else 1)
    rows = [""]
    for number, each in enumerate(arguments):
        piece = each + ("," if number + 1 < len(arguments) else ")")
        row = f"{rows[-1]} {piece}" if rows[-1] else piece
        if rows[-1] and len(deeper) + len(row) + 1 > limit(module):
            rows.append(piece)
        else:
            rows[-1] = row
    body = f"\n{deeper}".join(rows)
    return f"{function}(\n{deeper}{body}"
