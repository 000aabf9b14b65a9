"""Messages that tell the number of a round: ``log.info("attempt %d of 10", attempt)``.

The new loop may go round more often than the old one, which a message may bear, but not
one that also says how many rounds there are.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.ranges import Rounds

_VALUE = re.compile(r"%\(?\w*\)?[.\d]*[dfgsr]|\{[^{}]*\}")
TALKS = frozenset(
    """
    critical debug error exception info log notice print success trace warn warning
    """.split()  # noqa: SIM905  words
)


def message(module: Module, use: ast.Name, loop: ast.AST) -> ast.AST | None:
    """The message that a read of the round's number goes into, and nothing else."""
    for above in module.ancestors(use):
        if isinstance(above, ast.Compare):
            return _only_tells(module, above)
        if above is loop or isinstance(above, ast.Subscript):
            return None
        if isinstance(above, ast.Call):
            called = dotted(above.func).rpartition(".")[2]
            if called in TALKS:
                return above
        if isinstance(above, ast.Raise):
            return above
        if isinstance(above, ast.stmt) and flow.is_failure(above):
            return above
    return None


def _only_tells(module: Module, question: ast.Compare) -> ast.If | None:
    """``if attempt % 10 == 0: log.info(...)``: a question whether to say something."""
    holder = module.parent(question)
    if not isinstance(holder, ast.If) or holder.test is not question:
        return None
    divides = isinstance(question.left, ast.BinOp) and isinstance(
        question.left.op, ast.Mod
    )
    inner = [*holder.body, *holder.orelse]
    return holder if divides and all(_talks(each) for each in inner) else None


def _talks(node: ast.stmt) -> bool:
    """Whether a statement only says something."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    return dotted(call.func).rpartition(".")[2] in TALKS


def tells_all(module: Module, node: ast.AST, rounds: Rounds) -> bool:
    """Whether a message tells, beside the number of the round, how many there are."""
    count = rounds.count
    words = {count.term.text, count.base} if count.base else {count.term.text}
    if not isinstance(node, ast.expr | ast.stmt):
        return False
    text = module.source(node)
    return any(
        re.search(rf"(?<![\w.]){re.escape(each)}(?![\w.]*\w)", text) for each in words
    )


def said(node: ast.stmt) -> list[ast.AST]:
    """The parts of a failing statement that are its message, or make it."""
    if isinstance(node, ast.Assert):
        return [node.msg] if node.msg else []
    return [each for each in ast.walk(node) if _makes_text(each)]


def _makes_text(node: ast.AST) -> bool:
    """Whether an expression puts values into a text."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod)
    called = node.func if isinstance(node, ast.Call) else None
    formats = isinstance(called, ast.Attribute) and called.attr == "format"
    return formats or isinstance(node, ast.JoinedStr)


def names(nodes: Sequence[ast.AST]) -> set[str]:
    """The names and attributes that are read in code, and the keys of what is taken."""
    found = set()
    for each in (inner for node in nodes for inner in ast.walk(node)):
        if isinstance(each, ast.Name | ast.Attribute):
            found.add(dotted(each))
        if isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Constant):
            found.add(str(each.slice.value))
    return found - {""}


def words(node: ast.stmt) -> str:
    """The words of a statement, with a number for each value that goes into them."""
    words = []
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            words.append(_VALUE.sub("0", each.value))
        elif isinstance(each, ast.JoinedStr):
            parts = (getattr(part, "value", None) for part in each.values)
            words.append("".join(p if isinstance(p, str) else "0" for p in parts))
    return "\n".join(words)
