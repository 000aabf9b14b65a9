"""What a counted loop does with the number of its round: whether it only tells it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.reading import counting, ranges, telling

if TYPE_CHECKING:
    from testmend.source import Module


def reason(module: Module, loop: ast.For, rounds: ranges.Rounds | None) -> str:
    """Why the number of rounds has to stay what it is; empty if it has not.

    The count may be told, never used: the new loop may go round more often. Where it is
    told with how many there are, the new one leaves out the last sleep: not if the test
    then goes on, or looks once more.
    """
    told = _told(module, loop)
    if None in told or counting.goes_on(module, loop):
        return "loop-variable"
    exact = rounds is not None and tells_all(module, loop, rounds)
    if exact and endings.meaning(module, loop) == "fails":
        exact = not endings.is_over_at_once(module, loop)
    return "loop-variable" if exact else ""


def tells_all(module: Module, loop: ast.For, rounds: ranges.Rounds) -> bool:
    """Whether a message tells the number of a round and how many there are."""
    return any(
        each is not None and telling.tells_all(module, each, rounds)
        for each in _told(module, loop)
    )


def _told(module: Module, loop: ast.For) -> list[ast.AST | None]:
    """The messages that tell the count; None for each other use of it."""
    start, end = module.start(loop), module.end(loop)
    return [
        telling.message(module, use, loop) if start <= module.start(use) < end else None
        for use in ranges.uses(module, loop)
        if start <= module.start(use) < end or not _is_rebound_first(module, loop, use)
    ]


def _is_rebound_first(module: Module, loop: ast.For, use: ast.Name) -> bool:
    """Whether a use outside of the loop sees another loop's count."""
    for above in module.ancestors(use):
        if isinstance(above, ast.comprehension | ast.GeneratorExp | ast.ListComp):
            return True
        if isinstance(above, ast.For) and above is not loop:
            names = [n.id for n in ast.walk(above.target) if isinstance(n, ast.Name)]
            if use.id in names:
                return True
    return False
