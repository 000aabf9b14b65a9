"""Loops with a limit that do nothing but wait for one condition.

They are all that one call of a project's own function can stand for: it raises when the
time is over, so the end of the rounds has to fail the test as well.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling import counted, endings, endless

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.byhand import Counter


def counting(module: Module, loop: ast.For, sleep: ast.Expr) -> ast.expr | None:
    """While what a counted loop goes on, as the condition of a ``while``.

    None if it does more than that, or its end does not fail the test.
    """
    if loop.orelse or counted.is_used(module, loop):
        return None
    first = loop.body[0]
    if not isinstance(first, ast.If):
        return None
    leaves = [*map(type, first.body)] == [ast.Break]
    rest = [*first.orelse, *loop.body[1:]]
    goes_on: ast.expr | None = None
    if leaves and rest == [sleep]:
        goes_on = ast.copy_location(ast.UnaryOp(ast.Not(), first.test), first.test)
    elif first.body == [sleep] and [*map(type, rest)] == [ast.Break]:
        goes_on = first.test if len(loop.body) == 1 else None
    return goes_on if goes_on and _fits(module, loop, goes_on) else None


def by_hand(
    module: Module, loop: ast.While, sleep: ast.Expr, counter: Counter
) -> ast.expr | None:
    """The same for a loop with a counter by hand: the condition without the count."""
    test = loop.test
    if not isinstance(test, ast.BoolOp) or counter.told or counter.start is None:
        return None
    asked = [check for check, _ in counter.checks]
    rest = [each for each in test.values if each not in asked]
    only = all(each in (sleep, counter.step) for each in loop.body)
    if len(asked) != 1 or len(rest) != 1 or not only:
        return None
    return rest[0] if _fits(module, loop, rest[0]) else None


def _fits(module: Module, loop: ast.For | ast.While, test: ast.expr) -> bool:
    if any(endless.is_bound_to_loop(each) for each in ast.walk(test)):
        return False
    if endless.is_swallowed(module, loop):
        return False
    return endings.meaning(module, loop) == "fails"
