"""Sleeps whose length changes from round to round, in loops without a limit.

A deadline takes such a sleep as it stands, whatever its length (``delay *= 2`` goes on
below it); only the limit of the loop has to fit the longest of them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow, ranges
from testmend_codemods.sleep_polling.reading.numbers import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_OPEN = 2.0  # seconds: what grows without an end is soon longer than a second
_ARITHMETIC = (
    ast.Name,
    ast.Attribute,
    ast.Constant,
    ast.BinOp,
    ast.Call,
    ast.operator,
    ast.expr_context,
)
_CALLS = frozenset({"float", "int", "max", "min", "pow", "round"})
_RANDOM = frozenset({"randint", "random", "randrange", "triangular", "uniform"})
_ASKS = ast.If | ast.IfExp | ast.While | ast.Assert


def length(module: Module, loop: ast.While, sleep: ast.Call) -> float | None:
    """The longest sleep of a loop, in seconds; `_OPEN` where it grows without an end.

    None where its length says when to give up (``if delay > 60: break``), or comes
    from somewhere else: a list of delays has an end.
    """
    if len(sleep.args) != 1 or sleep.keywords:
        return None
    made = list(_made(loop, sleep.args[0]))
    if not all(each and _is_arithmetic(module, each) for each in made):
        return None
    known = [each for each in made if each]
    read = {name for each in known for name in _names(each)}
    moved = read & {name for name, _ in _given(loop)}
    if any(moved & set(_names(test)) for test in _asked(loop)):
        return None
    caps = [cap for each in known if (cap := _cap(each)) is not None]
    if caps:
        return max(caps)
    numbers = [
        literal(each) or 0 for each in ast.walk(sleep) if isinstance(each, ast.Constant)
    ]
    fixed = numbers and not read - set(_functions(sleep.args[0]))
    return max(numbers) if fixed else _OPEN


def _made(loop: ast.While, seconds: ast.expr) -> Iterator[ast.expr | None]:
    """A sleep's length, and all that it is computed from; None for what is unknown."""
    yield seconds
    wanted, seen = set(_names(seconds)), set[str]()
    while wanted - seen:
        name = (wanted - seen).pop()
        seen.add(name)
        for value in (value for target, value in _given(loop) if target == name):
            yield value
            wanted |= set(_names(value)) if value else set()


def _given(loop: ast.While) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that a loop binds, and what it gives to each; None if not assigned."""
    assigned: dict[ast.AST, ast.expr] = {}
    for node in flow.own_nodes(loop.body):
        if isinstance(node, ast.Assign):
            assigned |= dict.fromkeys(node.targets, node.value)
        elif isinstance(node, ast.AugAssign):
            assigned[node.target] = node.value
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, assigned.get(node)


def _asked(loop: ast.While) -> Iterator[ast.AST]:
    """What decides how a loop goes on."""
    for node in flow.own_nodes([loop]):
        if isinstance(node, ast.Match):
            yield node.subject
        elif isinstance(node, _ASKS):
            yield node.test


def _is_arithmetic(module: Module, node: ast.expr) -> bool:
    return all(
        _is_known(module, each) if isinstance(each, ast.Call) else _is_plain(each)
        for each in ast.walk(node)
    )


def _is_plain(node: ast.AST) -> bool:
    return isinstance(node, _ARITHMETIC)


def _is_known(module: Module, call: ast.Call) -> bool:
    """Whether a call computes a number from its arguments, or draws one."""
    name = module.scopes.qualified(call.func) or dotted(call.func)
    owner, _, last = name.rpartition(".")
    return (name in _CALLS or (owner == "random" and last in _RANDOM)) and not (
        call.keywords
    )


def _cap(node: ast.expr) -> float | None:
    """The number that ``min(delay * 2, 5)`` never exceeds."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and dotted(each.func) == "min":
            numbers = [literal(argument) for argument in each.args]
            known = [number for number in numbers if number is not None]
            return min(known) if known else None
    return None


def _names(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _functions(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            yield from _names(each.func)


def why_not(module: Module, loop: Loop, sleep: ast.Call) -> str:
    """Why a loop whose sleep is computed is left alone: it may go over things."""
    if not isinstance(loop, ast.For) or ranges.is_range(module, loop.iter):
        return "backoff"
    given = flow.places(loop.target, ast.Store)
    return "backoff" if given & flow.places(sleep, ast.Load) else "not-a-poll"
