"""The parameters of functions, read from the text of a file that is not parsed.

They help to name things, and are asked of many files: a definition's header is cut out
of the text and parsed alone. What only looks like one (in a string) counts as one.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from testmend.facts import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFINITION = re.compile(
    rb"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\(", re.MULTILINE
)
_PIECE = re.compile(
    rb"#[^\r\n]*|'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\r\n])*'|\"(?:\\.|[^\"\\\r\n])*\""
    rb"|[()\[\]{}]",
    re.DOTALL,
)
_LONGEST = 10_000  # bytes of a header


def signatures(
    data: bytes, names: frozenset[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The functions of some names that a file defines, with their parameters."""
    for found in _DEFINITION.finditer(data):
        name = found[1].decode(errors="replace")
        if name in names:
            header = _header(data, found.end() - 1)
            arguments = _parsed(header) if header else None
            if arguments is not None:
                yield name, parameters(arguments)


def _header(data: bytes, start: int) -> bytes:
    """The bytes from an opening bracket to the one that closes it; empty if none."""
    depth = 0
    for piece in _PIECE.finditer(data, start, start + _LONGEST):
        depth += (piece[0] in b"([{") - (piece[0] in b")]}")
        if depth == 0:
            return data[start : piece.end()]
    return b""


def _parsed(header: bytes) -> ast.arguments | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(b"def _" + header + b": pass")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    match tree.body:
        case [ast.FunctionDef(args=arguments)]:
            return arguments
    return None
