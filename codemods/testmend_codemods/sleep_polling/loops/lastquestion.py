"""The question of a counted loop for its last round: ``if attempt == n - 1``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.sleep_polling.reading import asks, ranges, telling
from testmend_codemods.sleep_polling.reading.linear import Linear
from testmend_codemods.sleep_polling.reading.sleeps import Loop, function_of

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.ranges import Rounds

_UNDER: dict[type[ast.cmpop], int] = {ast.NotEq: 0, ast.Lt: 0, ast.LtE: 1}
_OVER: dict[type[ast.cmpop], int] = {ast.Eq: 0, ast.GtE: 0, ast.Gt: 1}


class Question(Struct, frozen=True):
    """What a loop asks, in which ``if``, and the messages with the round's number."""

    check: ast.Compare
    over: bool
    holder: ast.If
    told: tuple[ast.AST, ...]  # the messages with the number of the round


def is_asked_for(module: Module, loop: Loop) -> bool:
    """Whether a counted loop asks for its last round."""
    rounds = ranges.rounds(module, loop) if isinstance(loop, ast.For) else None
    if rounds is None or not isinstance(loop, ast.For):
        return False
    return of(module, loop, rounds) is not None


def of(module: Module, loop: ast.For, rounds: Rounds) -> Question | None:
    """The one question; None if the number of the round goes anywhere but in messages.

    A nested function may be called at any time: what it reads is not known.
    """
    checks, told = [], []
    for use in ranges.uses(module, loop):
        if not module.start(loop) <= module.start(use) < module.end(loop):
            return None
        if function_of(module, use) is not function_of(module, loop):
            return None
        check = _compared(module, use)
        message = None if check else telling.message(module, use, loop)
        if check:
            checks.append((use, check))
        elif message:
            told.append(message)
        else:
            return None
    if len(checks) != 1 or _varies(loop, checks[0][1]):
        return None
    use, check = checks[0]
    over = _is_over(module, use, check, rounds)
    holder = None if over is None else asks.holder(module, check, over=over)
    if over is None or holder is None:
        return None
    return Question(check, over, holder, tuple(told))


def _compared(module: Module, use: ast.Name) -> ast.Compare | None:
    """The comparison that a name, or the sum of it and a number, is a side of."""
    above = module.parent(use)
    if isinstance(above, ast.BinOp):
        above = module.parent(above)
    plain = isinstance(above, ast.Compare) and len(above.ops) == 1
    return above if plain and isinstance(above, ast.Compare) else None


def _is_over(
    module: Module, use: ast.Name, check: ast.Compare, rounds: Rounds
) -> bool | None:
    """Whether a comparison is true in the last round alone, or (False) in all others.

    None if it is neither.
    """
    operator = type(check.ops[0])
    left = Linear.of(module, check.left)
    right = Linear.of(module, check.comparators[0])
    if left is None or right is None:
        return None
    if right.base == use.id and left.base != use.id:
        left, right = right, left
        operator = asks.MIRRORED.get(operator, operator)
    if left.base != use.id or right.base == use.id:
        return None
    asked = right.plus(-left.offset)
    if operator in _OVER and asked.plus(_OVER[operator]) == rounds.last:
        return True
    under = operator in _UNDER and asked.plus(_UNDER[operator]) == rounds.last
    return False if under else None


def _varies(loop: ast.For, check: ast.Compare) -> bool:
    """Whether the loop binds what its number of rounds is made of."""
    nodes = [*ast.walk(check), *ast.walk(loop.iter)]
    names = {each.id for each in nodes if isinstance(each, ast.Name)}
    attributes = {each.attr for each in nodes if isinstance(each, ast.Attribute)}
    return any(
        (isinstance(each, ast.Name) and each.id in names)
        or (isinstance(each, ast.Attribute) and each.attr in attributes)
        for node in loop.body
        for each in ast.walk(node)
        if isinstance(getattr(each, "ctx", None), ast.Store)
    )
