"""Form P with a question for its last round: it fails there, or does not sleep.

::

    for attempt in range(1, n + 1):         deadline = Deadline(timeout=..., interval=1)
        try:                                while True:
            return connect()                    try:
        except ConnectionError:                     return connect()
            if attempt == n:                    except ConnectionError:
                raise                               if deadline.expired:
            sleep(1)                                    raise
                                                    deadline.sleep()

The old loop never comes to its end then, and the deadline never to raise: it is asked
right before each of its sleeps. Where the last round only leaves out the sleep, at the
end of the loop, a poll does so by itself.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling import (
    asks,
    counted,
    endings,
    flow,
    ranges,
    telling,
)
from testmend_codemods.sleep_polling.linear import Linear
from testmend_codemods.sleep_polling.sleeps import Loop, function_of

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.endings import Limit
    from testmend_codemods.sleep_polling.numbers import Term
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.ranges import Rounds

_UNDER: dict[type[ast.cmpop], int] = {ast.NotEq: 0, ast.Lt: 0, ast.LtE: 1}
_OVER: dict[type[ast.cmpop], int] = {ast.Eq: 0, ast.GtE: 0, ast.Gt: 1}


@dataclass(frozen=True, slots=True)
class LastRound:
    """The question ``check``: whether the last round is there (``over``), or not yet.

    ``holder`` asks it. With ``drops`` that is all around the sleep, as the last act of
    a round. ``end`` is what the last round means, as in `endings.meaning`. ``told``:
    messages give the number of the round; ``exact``: and how many there are. ``open``:
    nothing but the end of the rounds leaves the loop in the last one.
    """

    check: ast.Compare
    over: bool
    holder: ast.If
    rounds: Rounds
    drops: bool
    end: str
    told: bool
    exact: bool
    open: bool = False


@dataclass(frozen=True, slots=True)
class _Question:
    check: ast.Compare
    over: bool
    holder: ast.If
    told: tuple[ast.AST, ...]  # the messages with the number of the round


def find(module: Module, loop: ast.For, sleep: ast.Expr) -> LastRound | None:
    """The question of a loop for its last round, if it can be a deadline's."""
    rounds = ranges.rounds(module, loop)
    asked = _question(module, loop, rounds) if rounds else None
    if rounds is None or asked is None:
        return None
    ways = flow.exits(loop)
    if any(not flow.is_behind(module, each, sleep) for each in ways.continues):
        return None
    drops = _drops(module, loop, sleep, asked)
    runs_out = not drops and _runs_out(loop, sleep, asked)
    end = "" if drops or runs_out else _end(module, loop, sleep, asked)
    after = flow.following(module, loop)
    if end is None or ((drops or runs_out) and counted.purpose(loop, ways, after)):
        return None
    return LastRound(
        asked.check,
        asked.over,
        asked.holder,
        rounds,
        drops,
        end,
        bool(asked.told),
        any(telling.tells_all(module, each, rounds) for each in asked.told),
        runs_out,
    )


def is_asked_for(module: Module, loop: Loop) -> bool:
    """Whether a counted loop asks for its last round."""
    rounds = ranges.rounds(module, loop) if isinstance(loop, ast.For) else None
    if rounds is None or not isinstance(loop, ast.For):
        return False
    return _question(module, loop, rounds) is not None


def _question(module: Module, loop: ast.For, rounds: Rounds) -> _Question | None:
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
    return _Question(check, over, holder, tuple(told))


def limit(
    module: Module,
    loop: ast.For,
    last: LastRound,
    interval: Term,
    options: SleepPollingOptions,
) -> Limit:
    """The timeout of such a loop, which sleeps once less than it goes round."""
    end = last.end or endings.meaning(module, loop)
    if last.exact:
        return endings.exactly(last.rounds.sleeps, interval, end)
    given = (loop.iter, last.rounds.term, interval)
    return endings.limit(
        module, loop, given, options, end=last.end, made=last.rounds.sleeps
    )


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


def _drops(module: Module, loop: ast.For, sleep: ast.Expr, asked: _Question) -> bool:
    """``if attempt < n: sleep(t)`` as the last act of each round."""
    holder = asked.holder
    start, end = module.start(holder), module.end(holder)
    alone = not asked.over and holder.test is asked.check and not holder.orelse
    plain = alone and not any(start < each.start < end for each in module.comments)
    last = plain and holder.body == [sleep] and flow.is_last(loop.body, holder)
    passed = last and not flow.falls_through(loop.body, holder)
    return passed and not flow.exits(loop).continues


def _runs_out(loop: ast.For, sleep: ast.Expr, asked: _Question) -> bool:
    """``if attempt < n: log(...); sleep(t)`` as the last act of each round."""
    holder = asked.holder
    alone = not asked.over and holder.test is asked.check and not holder.orelse
    last = alone and holder.body[-1] is sleep and flow.is_last(loop.body, holder)
    passed = last and not flow.falls_through(loop.body, holder)
    return passed and not loop.orelse and not flow.exits(loop).continues


def _end(
    module: Module, loop: ast.For, sleep: ast.Expr, asked: _Question
) -> str | None:
    """What the last round means when it leaves the loop; None if it may not leave it.

    Every other round passes the sleep, and nothing but the last one leaves by itself.
    """
    if loop.orelse or flow.falls_through(loop.body, sleep):
        return None
    leaving = _leaving(module, sleep, asked)
    if not leaving or flow.falls_through(leaving, sleep):
        return None
    ways = flow.exits(loop)
    # With a second condition the other way out is that of success, too.
    alone = asked.over or not isinstance(asked.holder.test, ast.BoolOp)
    exits = [*ways.breaks, *ways.returns]
    if all(alone and _holds(leaving, each) for each in exits):
        return None
    if any(_holds(leaving, each) for each in ways.continues):
        return None
    if _is_caught(module, loop, leaving[-1]):
        return None
    return _meaning(module, loop, leaving[-1])


def _leaving(
    module: Module, sleep: ast.Expr, asked: _Question
) -> list[ast.stmt] | None:
    """The statements with which the last round leaves, and never sleeps."""
    holder = asked.holder
    sleeps = _holds(holder.body, sleep)
    if not asked.over:
        rest = flow.block(module, holder)
        then = holder.orelse or rest[rest.index(holder) + 1 :]
        return then if sleeps else None
    inside = not sleeps and _holds(holder.orelse, sleep)
    return holder.body if inside or flow.is_behind(module, sleep, holder) else None


def _meaning(module: Module, loop: ast.For, way: ast.stmt) -> str:
    if flow.is_failure(way):
        return "fails"
    if isinstance(way, ast.Return):
        return "silent" if way.value is None else "told"
    return endings.meaning(module, loop)


def _is_caught(module: Module, loop: ast.For, way: ast.stmt) -> bool:
    """Whether a handler within the loop may take the failure of the last round."""
    if isinstance(way, ast.Return | ast.Break):
        return False
    child: ast.AST = way
    for above in module.ancestors(way):
        if above is loop:
            return False
        if isinstance(above, flow.TRIES) and child in above.body and above.handlers:
            return True
        child = above
    return False


def _holds(nodes: list[ast.stmt], wanted: ast.AST) -> bool:
    return any(wanted in ast.walk(each) for each in nodes)


def imports_itertools(module: Module, at: ast.AST) -> bool:
    """Whether the name ``itertools`` is the standard library's module."""
    found = module.scopes.bindings("itertools", at)
    return bool(found) and all(each.target == "itertools" for each in found)
