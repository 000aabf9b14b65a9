"""Messages that tell the number of a round: ``log.info("attempt %d of 10", attempt)``.

The new loop may go round more often than the old one, which a message may bear, but not
one that also says how many rounds there are.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling import flow

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.ranges import Rounds

_TALKS = frozenset(
    {"debug", "info", "warning", "warn", "error", "log", "print", "exception"}
)


def message(module: Module, use: ast.Name, loop: ast.AST) -> ast.AST | None:
    """The message that a read of the round's number goes into, and nothing else."""
    for above in module.ancestors(use):
        if above is loop or isinstance(above, ast.Compare | ast.Subscript):
            return None
        if isinstance(above, ast.Call):
            called = dotted(above.func).rpartition(".")[2]
            if called in _TALKS:
                return above
        if isinstance(above, ast.Raise):
            return above
        if isinstance(above, ast.stmt) and flow.is_failure(above):
            return above
    return None


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
