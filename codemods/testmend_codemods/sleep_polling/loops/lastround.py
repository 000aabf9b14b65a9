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
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.loops import counted, lastquestion
from testmend_codemods.sleep_polling.reading import flow, ranges, telling

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.limits.endings import Limit
    from testmend_codemods.sleep_polling.loops.lastquestion import Question
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.reading.numbers import Term
    from testmend_codemods.sleep_polling.reading.ranges import Rounds

_OF_LAST = re.compile(
    r"#\s*(?:do not|don'?t|never|no|skip)\b.*\b(?:sleep|wait)\w*\b.*\b(?:last|final)\b",
    re.IGNORECASE,
)  # a comment that goes with the question


class LastRound(Struct, frozen=True):
    """The question ``check``: whether the last round is there (``over``), or not yet.

    ``holder`` asks it. With ``drops`` that is all around the sleep, as the last act of
    a round. ``end`` is what the last round means, as in `endings.meaning`. ``told``:
    messages give the number of the round; ``exact``: and how many there are. ``open``:
    nothing but the end of the rounds leaves the loop in the last one. ``late``: it
    sleeps, too, before it leaves.
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
    late: bool = False

    @property
    def sleeps(self) -> Term:
        """How often the old loop sleeps."""
        return self.rounds.term if self.late else self.rounds.sleeps


def find(module: Module, loop: ast.For, sleep: ast.Expr) -> LastRound | None:
    """The question of a loop for its last round, if it can be a deadline's."""
    rounds = ranges.rounds(module, loop)
    asked = lastquestion.of(module, loop, rounds) if rounds else None
    if rounds is None or asked is None:
        return None
    ways = flow.exits(loop)
    drops = _drops(module, loop, sleep, asked)
    runs_out = not drops and _runs_out(module, loop, sleep, asked)
    skip = any(not flow.is_behind(module, each, sleep) for each in ways.continues)
    if skip and not (drops or runs_out):
        return None
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
        _is_late(module, loop, sleep, asked),
    )


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
        return endings.exactly(last.sleeps, interval, end)
    given = (loop.iter, last.rounds.term, interval)
    return endings.limit(module, loop, given, options, end=last.end, made=last.sleeps)


def _drops(module: Module, loop: ast.For, sleep: ast.Expr, asked: Question) -> bool:
    """``if attempt < n: sleep(t)`` as the last act of each round."""
    holder = asked.holder
    start, end = module.start(holder), module.end(holder)
    said = [each.text for each in module.comments if start < each.start < end]
    plain = all(_OF_LAST.match(each) for each in said)
    return plain and holder.body == [sleep] and _ends_rounds(module, loop, asked)


def _runs_out(module: Module, loop: ast.For, sleep: ast.Expr, asked: Question) -> bool:
    """``if attempt < n: log(...); sleep(t)`` as the last act of each round."""
    last = asked.holder.body[-1] is sleep and not loop.orelse
    return last and _ends_rounds(module, loop, asked)


def _ends_rounds(module: Module, loop: ast.For, asked: Question) -> bool:
    """Whether each round ends with ``if attempt < n:``, and perhaps ``continue``."""
    holder = asked.holder
    alone = not asked.over and holder.test is asked.check and not holder.orelse
    then = flow.continue_behind(module, holder)
    if not alone or not (then or flow.is_last(loop.body, holder)):
        return False
    again = any(each is not then for each in flow.exits(loop).continues)
    return not again and not flow.falls_through(loop.body, holder)


def _end(module: Module, loop: ast.For, sleep: ast.Expr, asked: Question) -> str | None:
    """What the last round means when it leaves the loop; None if it may not leave it.

    Every other round passes the sleep, and nothing but the last one leaves by itself.
    """
    if loop.orelse or flow.falls_through(loop.body, sleep):
        return None
    late = _is_late(module, loop, sleep, asked)
    leaving = asked.holder.body if late else _leaving(module, sleep, asked)
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
    return _meaning(module, loop, leaving)


def _is_late(module: Module, loop: ast.For, sleep: ast.Expr, asked: Question) -> bool:
    """Whether each round sleeps first, and asks then if it was the last."""
    holder = asked.holder
    passes = flow.falls_through(loop.body, holder) or not all(
        flow.is_behind(module, each, holder) for each in flow.exits(loop).continues
    )
    return asked.over and flow.is_behind(module, holder, sleep) and not passes


def _leaving(module: Module, sleep: ast.Expr, asked: Question) -> list[ast.stmt] | None:
    """The statements with which the last round leaves, and never sleeps."""
    holder = asked.holder
    sleeps = _holds(holder.body, sleep)
    if not asked.over:
        rest = flow.block(module, holder)
        then = holder.orelse or rest[rest.index(holder) + 1 :]
        return then if sleeps else None
    inside = not sleeps and _holds(holder.orelse, sleep)
    return holder.body if inside or flow.is_behind(module, sleep, holder) else None


def _meaning(module: Module, loop: ast.For, leaving: list[ast.stmt]) -> str:
    """What it means to leave by these statements, the last of which always leaves.

    No failure if another way out stands before it: ``if is_conflict(e): break``.
    """
    way = leaving[-1]
    if flow.is_failure(way):
        others = (each for part in leaving for each in flow.own_nodes([part]))
        ways_out = (ast.Break, ast.Return)
        return "told" if any(isinstance(each, ways_out) for each in others) else "fails"
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
