"""Form W2: the clock read by hand around ``while condition: sleep(t)``.

::

    start = time()
    while condition:                        wait_until(lambda: not condition,
        sleep(t)                                       timeout=N, interval=t)
        assert time() < start + N
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, TypeGuard

from msgspec import Struct

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading.numbers import is_simple, literal
from testmend_codemods.sleep_polling.reading.sleeps import Loop, function_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from testmend.source import Module

_CLOCKS = frozenset({"time", "monotonic", "perf_counter", "default_timer"})
_LESS = frozenset({"assertLess", "assertLessEqual"})
_GREATER = frozenset({"assertGreater", "assertGreaterEqual"})
_TRUE = frozenset({"assertTrue", "assert_"})
_LOOPS = re.compile(r"(?:^|\.)get_(?:event|running)_loop$")
_PAIR = 2


class Clocked(Struct, frozen=True):
    """The hand-written limit of a loop.

    ``start`` reads the clock directly before the loop; it stays where it is ``needed``
    later. ``limit`` are the seconds that ``check`` grants, ``message`` is what it says.
    ``clocks`` are the functions that are called for the time. ``looped`` makes the
    event loop that has the clock, if nothing else needs it.
    """

    start: ast.Assign
    limit: ast.expr
    message: ast.expr | None
    clocks: tuple[ast.expr, ...]
    needed: bool
    looped: ast.Assign | None = None


class _Less(Struct, frozen=True):
    """The assertion that one thing is less than another."""

    small: ast.expr
    large: ast.expr
    message: ast.expr | None


def clocked(module: Module, loop: ast.While, sleep: ast.stmt | None) -> Clocked | None:
    """The limit of a loop that holds a sleep and the check of the clock, only."""
    checks = [each for each in loop.body if each is not sleep]
    start = _before(module, loop)
    if len(checks) != 1 or len(loop.body) != _PAIR or loop.orelse or start is None:
        return None
    asserted = _asserted(checks[0])
    if asserted is None or (asserted.message and _awaits(asserted.message)):
        return None
    return _limited(module, loop, start, asserted)


def _before(module: Module, loop: ast.While) -> ast.Assign | None:
    """``name = ...`` directly before a loop in a function."""
    holder = module.parent(loop)
    for field in ("body", "orelse", "finalbody", "handlers"):
        block = getattr(holder, field, None) or []
        if loop in block and block.index(loop):
            before = block[block.index(loop) - 1]
            plain = isinstance(before, ast.Assign) and len(before.targets) == 1
            if plain and isinstance(before.targets[0], ast.Name):
                return before if function_of(module, loop) else None
    return None


def _asserted(check: ast.stmt) -> _Less | None:
    if isinstance(check, ast.Assert):
        return _compared(check.test, check.msg)
    call = check.value if isinstance(check, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    name, given = call.func.attr, call.args
    if name in _TRUE and given:
        return _compared(given[0], _message(call, 1))
    if len(given) < _PAIR or name not in _LESS | _GREATER:
        return None
    small, large = given[:2] if name in _LESS else (given[1], given[0])
    return _Less(small, large, _message(call, _PAIR))


def _message(call: ast.Call, place: int) -> ast.expr | None:
    named = [each.value for each in call.keywords if each.arg == "msg"]
    return next(iter([*call.args[place:], *named]), None)


def _compared(test: ast.expr, message: ast.expr | None) -> _Less | None:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    left, right = test.left, test.comparators[0]
    if isinstance(test.ops[0], ast.Lt | ast.LtE):
        return _Less(left, right, message)
    if isinstance(test.ops[0], ast.Gt | ast.GtE):
        return _Less(right, left, message)
    return None


def _awaits(node: ast.expr) -> bool:
    return any(
        isinstance(each, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)
        for each in ast.walk(node)
    )


def _limited(
    module: Module, loop: ast.While, start: ast.Assign, asserted: _Less
) -> Clocked | None:
    name = ast.unparse(start.targets[0])
    read: ast.expr | None = None
    began: ast.expr | None = start.value
    limit: ast.expr | None = None
    if isinstance(asserted.small, ast.BinOp):  # time() - start < N
        difference = asserted.small
        if isinstance(difference.op, ast.Sub) and _is(difference.right, name):
            read, limit = difference.left, asserted.large
    elif _is(asserted.large, name):  # time() < deadline
        read, (limit, began) = asserted.small, _sum(start.value, _is_clock)
    else:  # time() < start + N
        read = asserted.small
        limit, _ = _sum(asserted.large, lambda each: _is(each, name))
    if read is None or limit is None or not _is_clock(read) or not _is_clock(began):
        return None
    if ast.dump(read) != ast.dump(began) or not is_simple(limit):
        return None
    seconds = literal(limit)
    if seconds is not None and seconds <= 0:
        return None
    needed = _is_needed(module, loop, start, name)
    clocks = (read.func,) if needed else (read.func, began.func)
    looped = None if needed else _event_loop(module, clocks)
    return Clocked(start, limit, asserted.message, clocks, needed, looped)


def _event_loop(module: Module, clocks: Sequence[ast.expr]) -> ast.Assign | None:
    """``loop = asyncio.get_running_loop()``, if ``loop.time()`` alone reads it."""
    owners = [each.value for each in clocks if isinstance(each, ast.Attribute)]
    names = [each for each in owners if isinstance(each, ast.Name)]
    bound = module.scopes.bindings(names[0].id, names[0]) if names else ()
    made = module.parent(bound[0].node) if len(bound) == 1 else None
    if not isinstance(made, ast.Assign) or len(made.targets) != 1:
        return None
    call = made.value
    if not isinstance(call, ast.Call) or not _LOOPS.search(dotted(call.func)):
        return None
    return made if set(module.scopes.loads(bound[0])) <= set(names) else None


def _sum(
    node: ast.expr, is_wanted: Callable[[ast.expr], bool]
) -> tuple[ast.expr | None, ast.expr | None]:
    """Of ``a + b`` the other part, and the part that is wanted."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        if is_wanted(node.left):
            return node.right, node.left
        if is_wanted(node.right):
            return node.left, node.right
    return None, None


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_clock(node: ast.expr | None) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call) or node.args or node.keywords:
        return False
    return dotted(node.func).rpartition(".")[2] in _CLOCKS


def _is_needed(module: Module, loop: ast.While, start: ast.Assign, name: str) -> bool:
    """Whether something but the loop may read what ``start`` sets."""
    function = function_of(module, loop)
    if function is None:
        raise AssertionError(name)
    own, others, sets = set(ast.walk(loop)), [], []
    for node in ast.walk(function):
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return True
        if isinstance(node, ast.Name) and node.id == name and node not in own:
            if isinstance(node.ctx, ast.Load):
                others.append(node)
        elif (
            isinstance(node, ast.Assign)
            and node is not start
            and any(_is(target, name) for target in node.targets)
        ):
            sets.append(node)
    return not all(
        function_of(module, use) is function
        and any(_hides(module, each, start, use) for each in sets)
        for use in others
    )


def _hides(module: Module, other: ast.Assign, start: ast.Assign, use: ast.Name) -> bool:
    """Whether ``use`` reads what an ``other`` assignment sets, never ``start``."""
    place, began = module.start(use), module.start(start)
    again = module.start(other)
    if again > place or again < began < place:
        return False
    above = [use, *module.ancestors(use)]
    holder = module.parent(other)
    if holder not in above:
        return False
    child = above[above.index(holder) - 1]
    blocks = (getattr(holder, name, None) for name in ("body", "orelse", "finalbody"))
    together = any(
        isinstance(block, list) and other in block and child in block
        for block in blocks
    )
    # An earlier use in a loop around both sees what the round before has set.
    rounds = [e for e in module.ancestors(start) if isinstance(e, Loop) and e in above]
    return together and all(each in module.ancestors(other) for each in rounds)
