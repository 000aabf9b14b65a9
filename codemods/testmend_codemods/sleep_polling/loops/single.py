"""Loops with a limit that do nothing but wait for one condition.

They are all that one call of a project's own function can stand for: it raises when the
time is over, so the end of the rounds has to fail the test as well.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.facts import dotted
from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.loops import counted, endless
from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import Function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.loops.byhand import Counter
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_FAILURES = frozenset({"AssertionError", "Exception"})


class Single(Struct, frozen=True):
    """While what a loop goes on, as the condition of a ``while``.

    ``message``: what the author says when the time is over, by calling ``fails``.
    ``failure``: the statement behind the loop that says it, which goes with it.
    """

    test: ast.expr
    message: ast.expr | None = None
    fails: ast.expr | None = None
    failure: ast.stmt | None = None


def counting(module: Module, loop: ast.For, sleep: ast.Expr) -> Single | None:
    """The condition of a counted loop.

    None if it does more than that, or its end does not fail the test.
    """
    if counted.is_used(module, loop):
        return None
    return _watching(module, loop, loop.body, sleep)


def by_hand(
    module: Module, loop: ast.While, sleep: ast.Expr, counter: Counter
) -> Single | None:
    """The same for a loop with a counter by hand: the condition without the count."""
    if counter.told or counter.start is None:
        return None
    asked = [check for check, _ in counter.checks]
    if asked == [loop.test]:
        rest = [each for each in loop.body if each is not counter.step]
        return _watching(module, loop, rest, sleep)
    test, plain = loop.test, (sleep, counter.step)
    others = [each for each in loop.body if each not in plain]
    if isinstance(test, ast.BoolOp) and not others and not loop.orelse:
        parts = [each for each in test.values if each not in asked]
        alone = len(asked) == len(parts) == 1
        return _checked(module, loop, parts[0]) if alone else None
    ask = others[0] if len(others) == 1 else None
    if not isinstance(ask, ast.If) or asked != [ask.test] or ask.orelse or loop.orelse:
        return None
    said = _said(ask.body) if counter.checks[0][1] == "over" else None
    constant = isinstance(test, ast.Constant)
    return None if said is None or constant else _single(module, loop, test, said)


def endlessly(module: Module, loop: ast.While, sleep: ast.Expr) -> Single | None:
    """The same for ``while True: if condition: break``, and then the sleep."""
    goes_on = None if loop.orelse else _goes_on(loop.body, sleep, ast.Break)
    forever = isinstance(loop.test, ast.Constant)
    return _single(module, loop, goes_on, _Said()) if goes_on and forever else None


class _Said(Struct, frozen=True):
    """How a test is failed: with a message or without, by a function or otherwise."""

    message: ast.expr | None = None
    function: ast.expr | None = None


def _watching(
    module: Module, loop: ast.For | ast.While, body: Sequence[ast.stmt], sleep: ast.Expr
) -> Single | None:
    """``if condition: break`` and then the sleep, or the other way round.

    Or ``if condition: return``, and behind the loop nothing but the failure.
    """
    goes_on = _goes_on(body, sleep, ast.Break)
    if goes_on is not None and loop.orelse:
        said = _said(loop.orelse)
        return None if said is None else _single(module, loop, goes_on, said)
    if goes_on is not None:
        return _checked(module, loop, goes_on)
    goes_on = _goes_on(body, sleep, ast.Return)
    block = flow.block(module, loop)
    behind = block[block.index(loop) + 1 :]
    said = _said(behind)
    last = isinstance(module.parent(loop), Function) and not loop.orelse
    if goes_on is None or said is None or not last:
        return None
    return _single(module, loop, goes_on, said, behind[0])


def _goes_on(
    body: Sequence[ast.stmt], sleep: ast.Expr, leaving: type[ast.Break | ast.Return]
) -> ast.expr | None:
    first = body[0] if body else None
    if not isinstance(first, ast.If):
        return None
    rest = [*first.orelse, *body[1:]]
    if _leaves(first.body, leaving) and rest == [sleep]:
        return ast.copy_location(ast.UnaryOp(ast.Not(), first.test), first.test)
    turned = first.body == [sleep] and _leaves(rest, leaving) and len(body) == 1
    return first.test if turned else None


def _leaves(block: Sequence[ast.stmt], leaving: type[ast.Break | ast.Return]) -> bool:
    """Whether a block is nothing but ``break``, or ``return`` without a value."""
    return (
        len(block) == 1
        and isinstance(block[0], leaving)
        and getattr(block[0], "value", None) is None
    )


def _said(block: Sequence[ast.stmt]) -> _Said | None:
    """What a block that is one failure says; None for any other block."""
    if len(block) != 1:
        return None
    node = block[0]
    if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant):
        return None if node.test.value else _Said(node.msg)
    if isinstance(node, ast.Raise) and node.cause is None:
        raised = node.exc
        if isinstance(raised, ast.Call) and dotted(raised.func) in _FAILURES:
            return _first(raised)
        return _Said() if raised and dotted(raised) in _FAILURES else None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        fails = dotted(node.value.func).rpartition(".")[2] == "fail"
        return _first(node.value) if fails else None
    return None


def _first(call: ast.Call) -> _Said | None:
    if len(call.args) > 1 or call.keywords:
        return None
    return _Said(call.args[0] if call.args else None, call.func)


def _checked(module: Module, loop: Loop, test: ast.expr) -> Single | None:
    """The loop whose end a check behind it finds out, which stays.

    Now the call fails first, so it has to say what the check did.
    """
    if endings.meaning(module, loop) != "fails":
        return None
    behind = flow.following(module, loop)
    checks = (e for e in behind if isinstance(e, ast.If) or flow.is_check(e))
    check = next(checks, None)
    said: _Said | None = _Said()
    if isinstance(check, ast.Assert):
        said = _Said(check.msg)
    elif isinstance(check, ast.If):
        said = _said(check.body) or _said(check.orelse)
    elif isinstance(check, ast.Expr) and isinstance(check.value, ast.Call):
        given = [e.value for e in check.value.keywords if e.arg in ("msg", "message")]
        said = _Said(given[0] if given else None)
    if said is None:
        return None
    return _single(module, loop, test, _Said(said.message))


def _single(
    module: Module,
    loop: Loop,
    test: ast.expr,
    said: _Said,
    failure: ast.stmt | None = None,
) -> Single | None:
    if any(endless.is_bound_to_loop(each) for each in ast.walk(test)):
        return None
    if endless.is_swallowed(module, loop):
        return None
    return Single(test, said.message, said.function, failure)
