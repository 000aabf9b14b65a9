"""Form P: ``for i in range(n): ...; sleep(t)``, a bounded number of attempts."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.facts import dotted
from testmend_codemods.sleep_polling.limits import endings, stated
from testmend_codemods.sleep_polling.loops import driving, endless, roundnumbers
from testmend_codemods.sleep_polling.reading import flags, flow, ranges
from testmend_codemods.sleep_polling.reading.numbers import (
    Term,
    bare,
    is_simple,
    literal,
)

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.options import SleepPollingOptions

_TRIES = re.compile(
    r"attempt|retr|tries|(?:^|_)(?:polls|rounds|iterations)$", re.IGNORECASE
)
_ROUNDINGS = frozenset({"int", "math.ceil", "math.floor", "round", "ceil", "floor"})


class Plan(Struct, frozen=True):
    """The timeout of the new loop, or the reason why there is none.

    ``exact``: it is the time that the old loop took; ``by_time``: the author gave it,
    and the rounds follow from it. ``unused`` is an assignment that
    nothing needs any more. ``sleeps_first``: the old loop slept before
    each look, also the first. ``sleeps_between``: it slept within each round, so that
    a deadline has to do it there. ``first``: the number of the first round, which a
    message tells.
    """

    timeout: str = ""
    exact: bool = False
    by_time: bool = False
    reason: str = ""
    unsafe: str = ""
    unused: ast.Assign | None = None
    sleeps_first: bool = False
    sleeps_between: bool = False
    first: int = 0


def plan(
    module: Module,
    loop: ast.For,
    sleep: ast.Expr,
    interval: Term,
    options: SleepPollingOptions,
) -> Plan:
    """How long a counted loop may take as a polling loop."""
    rounds = ranges.rounds(module, loop)
    quotient = _quotient(module, loop, interval)
    if rounds is None and quotient is None:
        return Plan(reason=_other_iterable(module, loop))
    ways = flow.exits(loop)
    between = _is_between(module, loop, sleep, ways)
    reason = driving.reason(module, loop, sleep, interval)
    reason = reason or ("" if between else _order(module, loop, sleep, ways))
    reason = reason or roundnumbers.reason(module, loop, rounds)
    if reason:
        return Plan(reason=reason)
    after = flow.following(module, loop)
    reason = purpose(loop, ways, after)
    if ways.breaks and all(_never_comes(module, loop, each) for each in ways.breaks):
        reason = reason or ("" if ways.returns else "no-exit")
    if reason:
        return Plan(reason=reason)
    first = loop.body[0] is sleep
    between = between or (not first and _is_tried_again(module, loop, after))
    if quotient is not None:
        silent = endings.meaning(module, loop) == "silent"
        unsafe = endings.SILENT if silent else ""
        return Plan(
            quotient.timeout,
            exact=True,
            by_time=True,
            unsafe=unsafe,
            unused=quotient.statement,
            sleeps_first=first,
            sleeps_between=between,
        )
    if rounds is None:
        raise AssertionError(ast.dump(loop.iter))
    limit = endings.limit(module, loop, (loop.iter, rounds.term, interval), options)
    few = rounds.term.value is not None and endings.acts(loop)
    if (few or not limit.exact) and driving.tries_again(loop, sleep):
        return Plan(reason="not-a-poll")
    timeout = limit.timeout
    if not between and _is_of_tries(module, loop, rounds, limit, first=first):
        # As many tries, and no sleep after the last one.
        timeout = endings.exactly(rounds.sleeps, interval, "fails").timeout
    return Plan(
        timeout,
        exact=limit.exact,
        unsafe=limit.unsafe,
        sleeps_first=first,
        sleeps_between=between,
        first=rounds.first if ranges.is_read_within(module, loop) else 0,
    )


def _is_of_tries(
    module: Module,
    loop: ast.For,
    rounds: ranges.Rounds,
    limit: endings.Limit,
    *,
    first: bool,
) -> bool:
    """Whether it is the number of tries that counts, not the time that they take."""
    if roundnumbers.tells_all(module, loop, rounds):
        return True
    named = first and _counts_tries(rounds.term, limit)
    return limit.exact and (named or _is_counted(module, loop))


def _counts_tries(rounds: Term, limit: endings.Limit) -> bool:
    """Whether a number of rounds is one of tries: a number, or called so.

    Not where all rounds take a time that has a name: ``sleep(TIMEOUT / TRIES)``.
    """
    named = limit.timeout.isidentifier() and limit.timeout != rounds.text
    return rounds.value is not None or (
        not named and _TRIES.search(rounds.text) is not None
    )


def _is_counted(module: Module, loop: ast.For) -> bool:
    """Whether the number of tries is told, and nobody looks again after the last."""
    at_once = endings.is_over_at_once(module, loop)
    return at_once and stated.tells_tries(module, loop, loop.iter)


class _Given(Struct, frozen=True):
    """A time that the author gives: its source, and the line that it leaves unused."""

    timeout: str
    statement: ast.Assign | None


def _quotient(module: Module, loop: ast.For, interval: Term) -> _Given | None:
    """``timeout`` of ``range(int(timeout / interval))``: the time is given.

    So it is in ``range(0, timeout, interval)``, which counts seconds. The quotient may
    be a local variable that has no other use: then it goes.
    """
    call = loop.iter
    if not isinstance(call, ast.Call) or not ranges.is_range(module, call):
        return None
    node = _stepped(module, loop, call, interval)
    if node is not None:
        return _Given(bare(Term.of(module, node).text), None)
    from_zero = len(call.args) == 2 and literal(call.args[0]) == 0  # noqa: PLR2004  start and stop
    node = call.args[-1] if len(call.args) == 1 or from_zero else None
    statement = _assignment(module, loop, node) if isinstance(node, ast.Name) else None
    if statement:
        node = statement.value
    while isinstance(node, ast.Call) and dotted(node.func) in _ROUNDINGS:
        node = node.args[0] if len(node.args) == 1 and not node.keywords else None
    if not isinstance(node, ast.BinOp) or not is_simple(node.left):
        return None
    divides = isinstance(node.op, ast.Div | ast.FloorDiv)
    if not divides or module.source(node.right) != interval.text:
        return None
    return _Given(module.source(node.left), statement)


def _stepped(
    module: Module, loop: ast.For, call: ast.Call, interval: Term
) -> ast.expr | None:
    """``timeout`` of ``range(0, timeout, interval)``, if the loop's variable is unread.

    To read it is to read the seconds, and not the number of the round.
    """
    if len(call.args) != 3 or is_used(module, loop):  # noqa: PLR2004  with a step
        return None
    first, stop, step = call.args
    by = Term.of(module, step)
    same = by.text == interval.text or None is not by.value == interval.value
    plain = is_simple(stop) and literal(first) == 0
    return stop if plain and same else None


def _assignment(module: Module, loop: ast.For, name: ast.Name) -> ast.Assign | None:
    """The assignment before the loop of a local name that only the loop reads."""
    bindings = module.scopes.bindings(name.id, name)
    if len(bindings) != 1 or module.scopes.loads(bindings[0]) != [name]:
        return None
    statement = module.parent(bindings[0].node)
    holder = module.parent(loop)
    block = getattr(holder, "body", [])
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    together = statement in block and loop in block
    return (
        statement if together and block.index(statement) < block.index(loop) else None
    )


def _other_iterable(module: Module, loop: ast.For) -> str:
    if ranges.is_range(module, loop.iter):
        return "computed-range"
    return "not-a-poll"


def _order(module: Module, loop: ast.For, sleep: ast.Expr, ways: flow.Exits) -> str:
    """Whether the sleep is the last, or first, effect on every way to a new round."""
    if loop.body[0] is sleep:
        return ""
    then = flow.continue_behind(module, sleep)
    if then is None and not flow.is_last(loop.body, sleep):
        return "sleep-not-last"
    if any(each is not then for each in ways.continues):
        return "continue-skips-sleep"
    if flow.falls_through(loop.body, sleep):
        return "conditional-sleep"
    return ""


def _is_between(
    module: Module, loop: ast.For, sleep: ast.Expr, ways: flow.Exits
) -> bool:
    """Whether each round passes the sleep, but acts before and after it.

    A round without the sleep may lower the flag that the next one asks for at once.
    ``status = get()`` may come after the sleep, for the next round to look at. Its
    number must not be told: the new loop does not count.
    """
    if loop.body[0] is sleep or not _order(module, loop, sleep, ways):
        return False
    over = flags.asked_first(loop)
    if is_used(module, loop) or flow.falls_through(loop.body, sleep, *over):
        return False
    return all(flow.is_behind(module, each, sleep) for each in ways.continues)


def _is_tried_again(module: Module, loop: ast.For, after: list[ast.stmt]) -> bool:
    """Whether what each round tries comes once more after the loop: ``return call()``.

    A poll ends with a try, so that there would be two without a sleep between them.
    """
    if not after or not isinstance(after[0], ast.Expr | ast.Return):
        return False
    again = ast.dump(after[0])
    tries = (e for e in flow.own_nodes(loop.body) if isinstance(e, flow.TRIES))
    tried = (part for each in tries for part in each.body)
    calls = any(isinstance(each, ast.Call) for each in ast.walk(after[0]))
    return (
        calls
        and not is_used(module, loop)
        and any(ast.dump(each) == again for each in tried)
    )


def is_used(module: Module, loop: ast.For) -> bool:
    """Whether the function reads the loop's variable."""
    return bool(ranges.uses(module, loop))


def purpose(loop: ast.For, ways: flow.Exits, after: list[ast.stmt]) -> str:
    """Whether the loop waits for something, rather than that nothing happens."""
    fails_after = bool(after) and flow.is_failure(after[0])
    fails_else = bool(loop.orelse) and flow.is_failure(loop.orelse[-1])
    if not ways.breaks and not ways.returns:
        if fails_else or fails_after:
            return ""
        return "hold-loop" if ways.failures or ways.asserts else "no-exit"
    if ways.breaks and fails_after:
        return "hold-loop"  # to leave the loop by break is the failure
    success = loop.orelse[-1:] or after[:1]
    if success and isinstance(success[0], ast.Return) and _gives(success[0], True):
        given = [each for each in ways.returns if _gives(each, False)]
        if given and len(given) == len(ways.returns):
            return "hold-loop"
    return ""


def _never_comes(module: Module, loop: ast.For, leaving: ast.Break) -> bool:
    """Whether a break waits for a flag that nobody sets."""
    above = module.parent(leaving)
    return isinstance(above, ast.If) and endless.never_changes(module, loop, above.test)


def _gives(node: ast.Return, value: object) -> bool:
    return isinstance(node.value, ast.Constant) and node.value.value is value
