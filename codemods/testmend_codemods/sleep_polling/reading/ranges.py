"""How often a loop over ``range`` goes round."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.sleep_polling.reading.linear import Linear
from testmend_codemods.sleep_polling.reading.numbers import literal
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.numbers import Term

_RANGE = re.compile(r"(?:^|\.)(?:\w*compat\w*|builtins|moves)\.x?range$")


class Rounds(Struct, frozen=True):
    """The rounds of a loop: their number, and the number that the first one has."""

    first: int
    count: Linear

    @property
    def term(self) -> Term:
        """The number of rounds."""
        return self.count.term

    @property
    def sleeps(self) -> Term:
        """How often a loop sleeps that does so between its rounds."""
        return self.count.plus(-1).term

    @property
    def last(self) -> Linear:
        """The number of the last round."""
        return self.count.plus(self.first - 1)


def rounds(module: Module, loop: ast.For) -> Rounds | None:
    """The rounds of a loop over ``range``; None for any other iterable."""
    call = loop.iter
    named = isinstance(loop.target, ast.Name)
    if not named or not isinstance(call, ast.Call) or not is_range(module, call):
        return None
    down = _counts_down(call) and not uses(module, loop)
    terms = [Linear.of(module, each) for each in call.args[: 2 if down else None]]
    if len(terms) == 1 and terms[0] is not None:
        return Rounds(0, terms[0])
    if len(terms) != 2 or terms[0] is None or terms[1] is None:  # noqa: PLR2004  start and stop
        return None
    start, stop = reversed(terms) if down else terms
    if start is None or stop is None:
        raise AssertionError(terms)
    if start.base or start.offset != int(start.offset):
        return None
    return Rounds(0 if down else int(start.offset), stop.plus(-start.offset))


def _counts_down(call: ast.Call) -> bool:
    """Whether a range goes one down in each round: ``range(n, 0, -1)``."""
    step = call.args[-1] if len(call.args) == 3 else None  # noqa: PLR2004  with a step
    down = isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)
    return down and isinstance(step, ast.UnaryOp) and literal(step.operand) == 1


def is_range(module: Module, node: ast.expr) -> bool:
    """Whether an expression is a call of the builtin ``range``.

    Also by the name that a module for old Pythons gives to it (``six.moves.range``).
    """
    if not isinstance(node, ast.Call) or node.keywords:
        return False
    if _RANGE.search(module.scopes.qualified(node.func) or ""):
        return True
    return (
        isinstance(node.func, ast.Name)
        and node.func.id == "range"
        and not module.scopes.bindings("range", node)
    )


def uses(module: Module, loop: ast.For) -> list[ast.Name]:
    """The reads of a loop's variable in its function."""
    name = loop.target.id if isinstance(loop.target, ast.Name) else ""
    function = function_of(module, loop)
    return [
        node
        for node in (ast.walk(function) if function else module.nodes(ast.Name))
        if isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
    ]


def is_read_within(module: Module, loop: ast.For) -> bool:
    """Whether a loop itself reads its variable: elsewhere another loop may bind it."""
    within = range(module.start(loop), module.end(loop))
    return any(module.start(each) in within for each in uses(module, loop))


def reads_underscore(module: Module, loop: ast.For) -> bool:
    """Whether the function around a loop reads ``_``: a loop may not bind it then."""
    function = function_of(module, loop) or module.tree
    return any(
        isinstance(each, ast.Name)
        and each.id == "_"
        and not isinstance(each.ctx, ast.Store)
        for each in ast.walk(function)
    )
