"""Form P: ``for i in range(n): ...; sleep(t)``, a bounded number of attempts."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling import endings, flow
from testmend_codemods.sleep_polling.numbers import (
    Term,
    is_simple,
    written,
)
from testmend_codemods.sleep_polling.sleeps import Loop, function_of

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.options import SleepPollingOptions

_RANGES = frozenset({"six.moves.range", "six.moves.xrange"})
_ROUNDINGS = frozenset({"int", "math.ceil", "math.floor", "round", "ceil", "floor"})
_TALKS = ("debug", "info", "warning", "warn", "error", "log", "print", "exception")


@dataclass(frozen=True, slots=True)
class Plan:
    """The timeout of the new loop, or the reason why there is none.

    ``rounds`` is how often the old loop went round, as source. ``unused`` is an
    assignment that nothing needs any more. ``sleeps_first``: the old loop slept before
    each look, also the first.
    """

    timeout: str = ""
    rounds: str = ""
    reason: str = ""
    unsafe: str = ""
    unused: ast.Assign | None = None
    sleeps_first: bool = False


def plan(
    module: Module,
    loop: ast.For,
    sleep: ast.Expr,
    interval: Term,
    options: SleepPollingOptions,
) -> Plan:
    """How long a counted loop may take as a polling loop."""
    rounds = _rounds(module, loop)
    if rounds is None and _quotient(module, loop, interval) is None:
        return Plan(reason=_other_iterable(module, loop))
    ways = flow.exits(loop)
    reason = _order(loop, sleep, ways) or _variable(module, loop)
    if reason:
        return Plan(reason=reason)
    after = flow.following(module, loop)
    reason = _purpose(loop, ways, after)
    if reason:
        return Plan(reason=reason)
    quotient = _quotient(module, loop, interval)
    if quotient is not None:
        silent = endings.meaning(module, loop) == "silent"
        unsafe = endings.SILENT if silent else ""
        return Plan(
            quotient.timeout,
            unsafe=unsafe,
            unused=quotient.statement,
            sleeps_first=loop.body[0] is sleep,
        )
    if rounds is None:
        raise AssertionError(ast.dump(loop.iter))
    limit = endings.limit(module, loop, (loop.iter, rounds, interval), options)
    first = loop.body[0] is sleep
    return Plan(limit.timeout, rounds.text, unsafe=limit.unsafe, sleeps_first=first)


def _rounds(module: Module, loop: ast.For) -> Term | None:
    """How often a loop over ``range`` goes round; None for any other iterable."""
    call = loop.iter
    named = isinstance(loop.target, ast.Name)
    if not named or not isinstance(call, ast.Call) or not is_range(module, call):
        return None
    arguments = call.args
    if len(arguments) == 1 and is_simple(arguments[0]):
        return Term.of(module, arguments[0])
    if len(arguments) != 2 or not all(is_simple(each) for each in arguments):  # noqa: PLR2004  start and stop
        return None
    first, last = (Term.of(module, each) for each in arguments)
    if first.value == 0:
        return last
    if first.value is None or last.value is None or is_used(module, loop):
        return None
    return Term(written(last.value - first.value), last.value - first.value)


@dataclass(frozen=True, slots=True)
class _Given:
    """A time that the author gives: its source, and the line that it leaves unused."""

    timeout: str
    statement: ast.Assign | None


def _quotient(module: Module, loop: ast.For, interval: Term) -> _Given | None:
    """``timeout`` of ``range(int(timeout / interval))``: the time is given.

    The quotient may be a local variable that has no other use: then it goes.
    """
    call = loop.iter
    if not isinstance(call, ast.Call) or not is_range(module, call):
        return None
    node = call.args[0] if len(call.args) == 1 else None
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


def is_range(module: Module, node: ast.expr) -> bool:
    """Whether an expression is a call of the builtin ``range``."""
    if not isinstance(node, ast.Call) or node.keywords:
        return False
    if module.scopes.qualified(node.func) in _RANGES:
        return True
    return (
        isinstance(node.func, ast.Name)
        and node.func.id == "range"
        and not module.scopes.bindings("range", node)
    )


def _other_iterable(module: Module, loop: ast.For) -> str:
    if is_range(module, loop.iter):
        return "computed-range"
    return "not-a-poll"


def _order(loop: Loop, sleep: ast.Expr, ways: flow.Exits) -> str:
    """Whether the sleep is the last, or first, effect on every way to a new round."""
    if loop.body[0] is sleep:
        return ""
    if not flow.is_last(loop.body, sleep):
        return "sleep-not-last"
    if ways.continues:
        return "continue-skips-sleep"
    if flow.falls_through(loop.body, sleep):
        return "conditional-sleep"
    return ""


def is_used(module: Module, loop: ast.For) -> bool:
    """Whether the function reads the loop's variable."""
    return bool(_uses(module, loop))


def _uses(module: Module, loop: ast.For) -> list[ast.Name]:
    name = loop.target.id if isinstance(loop.target, ast.Name) else ""
    function = function_of(module, loop)
    return [
        node
        for node in (ast.walk(function) if function else module.nodes(ast.Name))
        if isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
    ]


def _variable(module: Module, loop: ast.For) -> str:
    """The count may be told, never used: the new loop may go round more often."""
    start, end = module.start(loop), module.end(loop)
    for use in _uses(module, loop):
        if not start <= module.start(use) < end:
            if _is_rebound_first(module, loop, use):
                continue
            return "loop-variable"
        if not _is_told(module, use, loop):
            return "loop-variable"
    return ""


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


def _is_told(module: Module, use: ast.Name, loop: ast.For) -> bool:
    for above in module.ancestors(use):
        if above is loop or isinstance(above, ast.Compare | ast.Subscript):
            return False
        if isinstance(above, ast.Call):
            called = dotted(above.func).rpartition(".")[2]
            if called in _TALKS:
                return True
    return False


def _purpose(loop: ast.For, ways: flow.Exits, after: list[ast.stmt]) -> str:
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


def _gives(node: ast.Return, value: object) -> bool:
    return isinstance(node.value, ast.Constant) and node.value.value is value
