"""Loops that watch that something does not happen: to leave them early is the failure.

::

    for _ in range(15):
        sleep(1)
        if server.has_crashed():
            crashed = True
            break
    assert not crashed
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.source import Module
    from testmend_codemods.sleep_polling.loops.byhand import Counter
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_Fact = tuple[ast.expr, bool]


def holds(module: Module, loop: Loop) -> bool:
    """Whether each break of a loop makes the check right behind the loop fail.

    Or each way out gives the number of a failure, and 0 is given behind the loop.
    """
    ways = flow.exits(loop)
    if ways.returns and not ways.breaks:
        codes = [_code(each) for each in ways.returns]
        after = [_code(each) for each in flow.following(module, loop)[:1]]
        return after == [0] and all(codes)
    if not ways.breaks or ways.returns or loop.orelse:
        return False
    bad = _failure_behind(module, loop)
    if bad is not None and all(_is_bad(module, each, bad) for each in ways.breaks):
        return True
    return all(_is_too_many(module, each, loop) for each in ways.breaks)


def _is_too_many(module: Module, leaving: ast.Break, loop: Loop) -> bool:
    """Whether a break is made at a number that a later assertion does not want.

    ``if len(bodies) >= 2: break``, and then ``assert len(bodies) == 1``. The first
    assertion of the function about it counts.
    """
    function = function_of(module, loop)
    match module.parent(leaving):
        case ast.If(
            test=ast.Compare(
                left=asked,
                ops=[ast.Gt() | ast.GtE() as order],
                comparators=[ast.Constant(value=int() as most)],
            )
        ) if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            behind = (
                each
                for each in flow.own_nodes(function.body)
                if isinstance(each, ast.Assert) and each.lineno > loop.lineno
            )
            wanted = next(_wanted(behind, ast.dump(asked)), None)
            least = most + isinstance(order, ast.Gt)
            return wanted is not None and wanted < least
    return False


def _wanted(checks: Iterable[ast.Assert], asked: str) -> Iterator[int | None]:
    """The numbers that the assertions about an expression want it to be."""
    for check in checks:
        match check.test:
            case ast.Compare(
                left=left,
                ops=[ast.Eq()],
                comparators=[ast.Constant(value=int() as number)],
            ) if ast.dump(left) == asked:
                yield number
            case _ if any(ast.dump(each) == asked for each in ast.walk(check.test)):
                yield None


def _code(node: ast.stmt) -> int | None:
    """The number that a statement returns, as a program's exit code."""
    value = node.value if isinstance(node, ast.Return) else None
    code = value.value if isinstance(value, ast.Constant) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _failure_behind(module: Module, loop: Loop) -> _Fact | None:
    """The fact with which the first check behind a loop fails.

    Between them may be what tidies up, but nothing that makes the fact another one: it
    is about local names then, and none of them is bound anew. A name that is given the
    fact at once keeps it (``failed = not running``).
    """
    bound: set[str] = set()
    given: dict[str, ast.expr] = {}
    for number, node in enumerate(flow.following(module, loop)):
        bad = _fails_if(node)
        if bad:
            parts = list(ast.walk(bad[0]))
            named = {each.id for each in parts if isinstance(each, ast.Name)}
            fact = given.get(dotted(bad[0]))
            if fact:
                return _plain(fact, value=bad[1])
            asks = any(isinstance(each, ast.Call | ast.Attribute) for each in parts)
            return None if number and (asks or named & bound) else bad
        tidies = isinstance(node, ast.Expr | ast.Assign | ast.For)
        if flow.is_check(node) or not tidies:
            return None
        stored = {
            each.id
            for each in ast.walk(node)
            if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
        }
        given = {name: fact for name, fact in given.items() if name not in stored}
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=fact) if not number:
                given[name] = fact
        bound |= stored
    return None


def purpose(module: Module, loop: ast.While, counter: Counter) -> str:
    """Why a loop with a counter by hand waits for nothing; "" if it does.

    It watches that something stays so, or goes round as often as its count says.
    """
    ways = flow.exits(loop)
    alone = any(loop.test is check for check, _ in counter.checks)
    if alone and not (ways.breaks or ways.returns or counter.end):
        return "hold-loop" if ways.asserts or ways.failures else "no-exit"
    return "hold-loop" if _stays(module, loop, counter) else ""


def _stays(module: Module, loop: ast.While, counter: Counter) -> bool:
    """Whether the loop watches that its condition stays true: that is asserted then."""
    if not isinstance(loop.test, ast.BoolOp):
        return False
    bad = _failure_behind(module, loop)
    if bad is None:
        return False
    failing, value = bad
    asked = [check for check, _ in counter.checks]
    watched = (_plain(e, value=True) for e in loop.test.values if e not in asked)
    return any(
        ast.dump(fact) == ast.dump(failing) and truth is not value
        for fact, truth in watched
    )


def _is_bad(module: Module, leaving: ast.Break, bad: _Fact) -> bool:
    """Whether a break is made where a fact holds, or its flag was just set."""
    failing, value = bad
    block = flow.block(module, leaving)
    for node in block[: block.index(leaving)]:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            same = any(dotted(each) == dotted(failing) != "" for each in node.targets)
            if same and isinstance(node.value.value, bool):
                return node.value.value is value
    above = module.parent(leaving)
    if not isinstance(above, ast.If) or leaving not in above.body:
        return False
    asked, truth = _plain(above.test, value=True)
    if ast.dump(asked) == ast.dump(failing):
        return truth is value
    # ``if reply: break``, and then ``assertIsNone(reply)``
    nothing = _plain(_is_none(asked), value=True)[0]
    return truth and not value and ast.dump(nothing) == ast.dump(failing)


def _fails_if(check: ast.stmt) -> _Fact | None:
    """An expression, and the truth of it with which a statement fails."""
    match check:
        case ast.Assert(test=test):
            return _plain(test, value=False)
        case ast.If(test=test, body=[*_, last], orelse=[]) if flow.is_failure(last):
            return _plain(test, value=True)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr=name), args=[first, *rest])
        ):
            return _asserted(name, first, rest)
    return None


def _asserted(name: str, first: ast.expr, rest: list[ast.expr]) -> _Fact | None:
    """The same of a method that asserts something of its first arguments."""
    if name in ("assertTrue", "assertFalse"):
        return _plain(first, value=name == "assertFalse")
    if name in ("assertIsNone", "assertIsNotNone"):
        return _plain(_is_none(first), value=name == "assertIsNotNone")
    if name in ("assertEqual", "assertEquals", "assertNotEqual") and rest:
        same = ast.Compare(first, [ast.Eq()], rest[:1])
        return _plain(same, value=name == "assertNotEqual")
    return None


def _is_none(node: ast.expr) -> ast.Compare:
    return ast.Compare(node, [ast.Is()], [ast.Constant(value=None)])


def _plain(test: ast.expr, *, value: bool) -> _Fact:
    """A test without the ``not`` and ``is False`` around it, and without ``!=``."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return _plain(inner, value=not value)
        case ast.Compare(
            left=inner,
            ops=[ast.Is() | ast.Eq()],
            comparators=[ast.Constant(value=bool() as other)],
        ):
            return _plain(inner, value=value is other)
        case ast.Compare(
            left=left,
            ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as asks],
            comparators=[ast.Constant(value=None)],
        ):
            return _is_none(left), value is isinstance(asks, ast.Is | ast.Eq)
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]):
            return ast.Compare(left, [ast.Eq()], [right]), not value
    return test, value
