"""Form Pc: rounds or seconds counted by hand; the counter becomes the deadline.

::

    tries = 0
    while not done() and tries < 10:        deadline = Deadline(timeout=..., interval=1)
        sleep(1)                            while not done() and not deadline.expired:
        tries += 1                              deadline.sleep()
    if tries == 10:                         if deadline.expired:
        self.fail("not done")                   self.fail("not done")
"""

from __future__ import annotations

import ast
import math
import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.reading import (
    asks,
    counters,
    flags,
    flow,
    reckoning,
)
from testmend_codemods.sleep_polling.reading.numbers import Term, is_simple, literal
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.asks import Asked
    from testmend_codemods.sleep_polling.reading.counters import Life, Step

Check = Literal["over", "under", "spare"]

_MANY = 100_000  # rounds


class Counter(Struct, frozen=True):
    """A counter of rounds or seconds.

    ``start`` sets it (None: the caller does), ``step`` raises or lowers it. Each check
    asks whether it is ``over`` or ``under`` its ``limit``; one that is ``spare`` never
    decides, because another one ends the loop before. ``rounds`` is how many the old
    loop made, in seconds if it counts ``by_seconds``. ``end`` is what it means that
    they are over, if the loop itself asks for it. With ``told`` a message
    gives the count: it goes on beside the deadline; with ``left`` the message tells,
    too, how many rounds there are, or are left. ``at_start``: the deadline can be made
    where the counter starts.
    """

    start: ast.Assign | None
    step: ast.stmt
    checks: tuple[tuple[ast.expr, Check], ...]
    limit: Term
    limit_node: ast.expr
    rounds: Term
    by_seconds: bool
    end: str
    told: bool
    left: bool
    at_start: bool

    @property
    def named(self) -> ast.expr:
        """What may tell that it is a time: the limit, and what counts it down."""
        if self.start is None or self.limit_node is not self.start.value:
            return self.limit_node
        return ast.Tuple([*self.start.targets, self.limit_node], ast.Load())


def counter(
    module: Module, loop: ast.While, sleeps: Sequence[ast.Expr], interval: Term
) -> Counter | None:
    """The one counter that bounds a loop, if it steps as often as the loop sleeps.

    Every round passes both, or the two stand together: a round without them does not
    count, before or after.
    """
    found = [
        made
        for step in counters.steps(loop)
        if (made := _counter(module, loop, sleeps[-1], step, interval))
    ]
    if len(found) != 1:
        return None
    single = found[0]
    skips = any(
        not any(flow.is_behind(module, each, sleep) for sleep in sleeps)
        or not flow.is_behind(module, each, single.step)
        for each in flow.exits(loop).continues
    )
    spare = any(kind == "spare" for _, kind in single.checks)
    if skips or (spare and loop.orelse):
        return None
    together = len(sleeps) == 1 and _is_with(module, single.step, sleeps[0])
    if together and not _may_part(module, loop, single.step, sleeps[0]):
        return single
    over = [*flags.last_words(loop), *_asked_again(loop, sleeps)]
    passes = flow.falls_through(loop.body, *sleeps, *over)
    passes = passes or flow.falls_through(loop.body, single.step, *over)
    return None if passes else single


def _asked_again(loop: ast.While, sleeps: Sequence[ast.Expr]) -> list[ast.stmt]:
    """``if busy: sleep(t)`` at the end of a loop that goes on while it is ``busy``.

    A round that does not sleep there is the last one.
    """
    test = loop.test
    joined = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
    parts = test.values if isinstance(test, ast.BoolOp) and joined else [test]
    last = loop.body[-1]
    alone = isinstance(last, ast.If) and not last.orelse and last.body[-1] in sleeps
    if not alone or not isinstance(last, ast.If):
        return []
    return [last] if ast.dump(last.test) in {ast.dump(each) for each in parts} else []


def _counter(
    module: Module, loop: ast.While, sleep: ast.Expr, step: Step, interval: Term
) -> Counter | None:
    amount = Term.of(module, step.amount)
    by_seconds = is_same(amount, interval)
    life = counters.life(module, loop, step)
    if life is None or not (amount.value == 1 or by_seconds):
        return None
    asked = asks.asked(module, loop, step, life)
    if asked is None or (any(each.exact for each in asked.all) and amount.value != 1):
        return None
    limit = _limit(module, loop, step, life, asked)
    checks = _checks(module, loop, (step, sleep), asked)
    if limit is None or checks is None:
        return None
    first = 0 if step.down else _first(life) or 0
    decisive = (*asked.inner, *asked.late) if asked.inner else asked.all
    extra = max(
        reckoning.missing(module, e, (step, sleep), first, asked) for e in decisive
    )
    if by_seconds and amount.value != 1:
        extra = max(0, extra)  # the first second may be part of an interval
        extra = extra or _drift(module, limit, step, strict=not asked.all[0].inclusive)
    reads = {id(each.read) for each in asked.all}
    told = [each for each in life.reads if id(each) not in reads]
    term = Term.of(module, limit)
    if term.value is not None and term.value + asked.all[0].inclusive <= first:
        return None  # it is over before it begins
    rounds = reckoning.more(term, extra, interval if by_seconds else Term("1", 1))
    if rounds.value is not None and rounds.value <= 0:
        return None  # one try, and never a sleep
    return Counter(
        life.start,
        step.statement,
        checks,
        term,
        limit,
        rounds,
        by_seconds,
        _end(module, asked, step.statement),
        bool(told),
        any(step.down or _tells(module, each, term.text) for each in told),
        life.start is not None
        and not _acts(module, module.end(life.start), module.start(loop))
        and not any(
            counters.is_set(module, each, module.end(life.start), module.start(loop))
            for each in (limit, _seconds(sleep))
        ),
    )


def _drift(module: Module, limit: ast.expr, step: Step, *, strict: bool) -> int:
    """One more round, where sums of binary fractions stay below the limit.

    Fifty times 0.1 is less than five: counted so, there are 51 rounds.
    """
    end = endings.value_of(module, limit)
    amount = endings.value_of(module, step.amount)
    if not strict or amount <= 0 or not 0 < end / amount <= _MANY:
        return 0
    spent, left, rounds = 0.0, end, math.ceil(round(end / amount, 6))
    for _ in range(rounds):
        spent, left = spent + amount, left - amount
    return int(left > 0 if step.down else spent < end)


def _acts(module: Module, start: int, end: int) -> bool:
    """Whether something is called between two offsets, which may take its time."""
    return any(
        start <= module.start(each) < end and not asks.talks(each)
        for each in module.nodes(ast.Call)
    )


def _tells(module: Module, read: ast.Name, text: str) -> bool:
    """Whether the message that a count goes into has another text, too: the limit."""
    calls = (each for each in module.ancestors(read) if isinstance(each, ast.Call))
    message = next((module.source(each) for each in calls), "")
    return re.search(rf"(?<![\w.]){re.escape(text)}(?![\w.]*\w)", message) is not None


def _end(module: Module, asked: Asked, step: ast.stmt) -> str:
    """What the end of all rounds means by the loop itself, as in `endings.meaning`."""
    ways = {asks.ends(module, each, step) for each in asked.inner}
    for way, means in (("gives", "told"), ("leaves", "silent"), ("breaks", "")):
        if way in ways:
            return means
    return "fails" if ways else ""


def _checks(
    module: Module,
    loop: ast.While,
    steps: tuple[Step, ast.Expr],
    asked: Asked,
) -> tuple[tuple[ast.expr, Check], ...] | None:
    """What becomes of the questions; None where the deadline has no answer to one."""
    step, sleep = steps
    kinds: dict[ast.expr, Check] = {
        each.node: "over" if each.over else "under" for each in asked.all
    }
    if asked.test and asked.inner:
        only = len(asked.test) == 1 and loop.test is asked.test[0].node
        first = all(
            reckoning.is_first(module, each, steps, asked) for each in asked.inner
        )
        if not (first and only and not asked.late):
            return None
        # The deadline expires in the sleep: the condition would be the first to see it.
        kinds[loop.test] = "spare"
    if asked.late and not _is_with(module, step.statement, sleep):
        return None  # it may leave the loop between the two
    block = flow.block(module, loop)
    for each in asked.late:
        if not any(each.node in ast.walk(node) for node in block):
            return None
    return tuple(kinds.items())


def _limit(
    module: Module, loop: ast.While, step: Step, life: Life, asked: Asked
) -> ast.expr | None:
    """The one limit of all questions, or where it counts down from."""
    if step.down:
        if life.parameter is not None:
            return None if _may_be_none(module, loop, life.parameter) else step.name
        value = life.start.value if life.start else None
        return value if value is not None and is_simple(value) else None
    limits = [each.limit for each in asked.all if each.limit is not None]
    texts = {module.source(each) for each in limits}
    last = max(module.end(each.node) for each in asked.all)
    plain = len(texts) == 1 and is_simple(limits[0]) and _first(life) is not None
    set_ = plain and counters.is_set(module, limits[0], module.start(loop), last)
    return limits[0] if plain and not set_ else None


def _first(life: Life) -> float | None:
    """Where a counter starts that counts up: -1, 0 or 1."""
    first = literal(life.start.value) if life.start else None
    return first if first in (-1, 0, 1) else None


def is_same(one: Term, other: Term) -> bool:
    """Whether two terms are the same number, or the same text."""
    same = one.value is not None and one.value == other.value
    return same or one.text == other.text


def _is_with(module: Module, step: ast.stmt, sleep: ast.stmt) -> bool:
    """Whether step and sleep stand in one block, and no way out between them."""
    if sleep not in flow.block(module, step):
        return False
    leaving = (ast.Break, ast.Return, ast.Continue)
    between = flow.own_nodes(_between(module, step, sleep))
    return not any(isinstance(each, leaving) for each in between)


def _may_part(module: Module, loop: ast.While, step: ast.stmt, sleep: ast.stmt) -> bool:
    """Whether what stands between the two may raise, and a handler goes on.

    ``try: tries += 1; look(); sleep(1)``: a round that fails counts, and never sleeps.
    """
    between = flow.own_nodes(_between(module, step, sleep))
    if not any(isinstance(e, ast.Call) and not asks.talks(e) for e in between):
        return False
    inner: ast.AST = step
    for above in module.ancestors(step):
        if above is loop:
            break
        if isinstance(above, ast.Try) and above.handlers and inner in above.body:
            return True
        inner = above
    return False


def _between(module: Module, step: ast.stmt, sleep: ast.stmt) -> list[ast.stmt]:
    """The statements between two of one block."""
    block = flow.block(module, step)
    places = sorted((block.index(step), block.index(sleep)))
    return block[places[0] + 1 : places[1]]


def _may_be_none(module: Module, loop: ast.While, parameter: ast.arg) -> bool:
    """Whether a parameter has no number by default."""
    function = function_of(module, loop)
    if function is None or parameter.arg in ("self", "cls"):
        return True
    given = function.args
    named = [*given.posonlyargs, *given.args]
    defaults = dict(zip(reversed(named), reversed(given.defaults), strict=False))
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    defaults |= {name: value for name, value in pairs if value is not None}
    default = defaults.get(parameter)
    return isinstance(default, ast.Constant) and default.value is None


def _seconds(sleep: ast.Expr) -> ast.expr:
    value = sleep.value
    call = value.value if isinstance(value, ast.Await | ast.Yield) else value
    arguments = call.args if isinstance(call, ast.Call) else []
    return arguments[0] if arguments else ast.Constant(0)
