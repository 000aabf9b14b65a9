"""How a file lays out what does not fit on one line."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from testmend.source import Module


_LIMITS = (79, 88, 100, 120)
_BLACK = 88
_FEW = 100  # lines: too few to tell that none is longer
_TEXT = re.compile(r"[\"'#]")


class Place(Struct, frozen=True):
    """Where a call stands.

    ``column`` is that of its statement, ``indent`` the white space to write before
    continued lines, ``around`` the characters that share the line, ``step`` one level.
    """

    column: int
    indent: str
    around: int
    step: str = "    "
    is_header: bool = False


def limit(module: Module) -> int:
    """The line length that the file keeps to."""
    return module.once(_limit)


def _limit(module: Module) -> int:
    """By the lines that are there; a few may be longer.

    A formatter keeps to it but in lines with strings and comments, and joins what fits:
    where one was at work, one long line of plain code tells its limit.
    """
    lines = module.text.splitlines()
    lengths = sorted(map(len, lines))
    longest = lengths[int(len(lengths) * 0.98)] if lengths else 0
    if _is_formatted(module):
        texts = _lines_of_texts(module)
        plain = sorted(
            len(line)
            for number, line in enumerate(lines, 1)
            if number not in texts and not _TEXT.search(line)
        )
        least = _BLACK if lengths[-1] > _LIMITS[0] or len(lines) < _FEW else 0
        longest = max(least, *plain[-2:-1])
    return next((each for each in _LIMITS if longest <= each), _LIMITS[-1])


def _lines_of_texts(module: Module) -> set[int]:
    """The lines that strings of several lines are on."""
    texts = (*module.nodes(ast.Constant), *module.nodes(ast.JoinedStr))
    return {
        line
        for each in texts
        if each.end_lineno and each.end_lineno > each.lineno
        for line in range(each.lineno, each.end_lineno + 1)
    }


def _is_formatted(module: Module) -> bool:
    """Whether a file looks as Black and ruff lay it out."""
    quotes = module.text.count('"') >= module.text.count("'")
    return quotes and closes_alone(module)


def step(indent: str) -> str:
    """One level more, in the kind of white space that ``indent`` is made of."""
    return "\t" if indent.startswith("\t") else "    "


def call(module: Module, function: str, arguments: list[str], place: Place) -> str:
    """The source of a call, broken where its line would be too long.

    Broken after the bracket: with the closing one on a line of its own where the file
    does that, else with all at a hanging indent.
    """
    room = limit(module) - place.column
    joined = f"{function}({', '.join(arguments)})"
    if len(joined) + place.around <= room and "\n" not in joined:
        return joined
    if closes_alone(module):
        short = ", ".join(arguments)
        fits = len(short) + len(place.step) <= room and "\n" not in short
        if fits and not _wants_commas(module):
            return f"{function}(\n{place.indent}{place.step}{short}\n{place.indent})"
        inner = "".join(f"{place.indent}{place.step}{each},\n" for each in arguments)
        return f"{function}(\n{inner}{place.indent})"
    deeper = place.indent + place.step * (2 if place.is_header else 1)
    room -= len(deeper.removeprefix(place.indent)) + place.is_header
    first, rest = arguments[0], ", ".join(arguments[1:])
    if not rest or len(first) + len(rest) + 3 <= room:
        return f"{function}(\n{deeper}{', '.join(arguments)})"
    if len(rest) + 1 <= room:
        return f"{function}(\n{deeper}{first},\n{deeper}{rest})"
    rows = f",\n{deeper}".join(arguments)
    return f"{function}(\n{deeper}{rows})"


def closes_alone(module: Module) -> bool:
    """Whether the file closes the bracket of a long call on a line of its own.

    A file without long calls does as Black does if its quotes are Black's.
    """
    endings = module.once(_endings)
    if endings:
        return endings.count(b"") * 2 <= len(endings)
    return module.text.count('"') >= module.text.count("'")


def _wants_commas(module: Module) -> bool:
    """Whether the last argument of each long call has a comma: linters may ask for it.

    flake8-commas does (COM812); what Black breaks once after the bracket has none.
    """
    alone = [each for each in module.once(_endings) if each]
    return len(alone) > 1 and set(alone) == {b","}


def _endings(module: Module) -> list[bytes]:
    """What ends the arguments of each long call that closes on a line of its own.

    Empty for a call that does not; no comma may stand behind a generator.
    """
    found = []
    for node in module.nodes(ast.Call):
        last = node.end_lineno or node.lineno
        if last <= (node.func.end_lineno or node.lineno):
            continue  # at most what it calls is of several lines
        ahead = module.utf8[module.line_start(last) : module.end(node)]
        if ahead.strip(b" \t)]}"):
            found.append(b"")
        elif node.args and isinstance(node.args[-1], ast.GeneratorExp):
            found.append(b",")
        else:
            inner = module.utf8[: module.end(node) - 1].rstrip()
            found.append(inner[-1:])
    return found
