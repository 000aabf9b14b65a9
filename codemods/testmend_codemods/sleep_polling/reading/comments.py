"""The comments of a stretch of code that speak of something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    import re

    from testmend.source import Module


def between(
    module: Module, start: int, end: int, pattern: re.Pattern[str]
) -> list[str]:
    """The comments between two offsets in which a pattern is found.

    Most stretches have no such word, and finding all comments of a file takes its time:
    so their text is asked first.
    """
    if not pattern.search(module.utf8[start:end].decode()):
        return []
    return [
        each.text
        for each in module.comments
        if start <= each.start < end and pattern.search(each.text)
    ]


def at(module: Module, node: ast.expr, pattern: re.Pattern[str]) -> bool:
    """Whether a comment behind an expression, or right above it, says a word."""
    first, last = node.lineno, node.end_lineno or node.lineno
    above = module.line_text(first - 1) if first > 1 else ""
    start = first - above.lstrip().startswith("#")
    end = module.line_start(last + 1)
    return bool(between(module, module.line_start(start), end, pattern))


def below(module: Module, node: ast.stmt) -> str:
    """What the comments say that come next below a statement."""
    said = []
    for number in range((node.end_lineno or node.lineno) + 1, len(module.line_starts)):
        line = module.line_text(number).strip()
        if line and not line.startswith("#"):
            break
        said.append(line.strip("# "))
    return " ".join(said)
