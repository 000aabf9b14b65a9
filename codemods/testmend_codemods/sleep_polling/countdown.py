"""Form Pc, counted down: ``while tries > 0 and not done(): sleep(1); tries -= 1``."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling import byhand, sleeps
from testmend_codemods.sleep_polling.byhand import Counter
from testmend_codemods.sleep_polling.numbers import Term, is_simple

if TYPE_CHECKING:
    from testmend.source import Module

_LEFT = frozenset({(ast.Gt, 0), (ast.GtE, 1), (ast.NotEq, 0)})


def counter(
    module: Module, loop: ast.While, sleep: ast.Expr, interval: Term
) -> Counter | None:
    """The counter that bounds a loop, if it does nothing else."""
    read = partial(_counter, module, loop, interval=interval)
    return byhand.only(loop, sleep, read)


def _counter(
    module: Module,
    loop: ast.While,
    step: ast.AugAssign,
    name: ast.Name,
    *,
    interval: Term,
) -> Counter | None:
    amount = Term.of(module, step.value)
    by_seconds = byhand.is_same(amount, interval)
    if not isinstance(step.op, ast.Sub) or not (amount.value == 1 or by_seconds):
        return None
    check = _check(module, loop, name)
    bindings = module.scopes.bindings(name.id, name)
    before = [each.node for each in bindings if each.node is not name]
    if check is None or len(before) != 1:
        return None
    checks: tuple[tuple[ast.expr, byhand.Check], ...] = ((check, "under"),)
    if isinstance(before[0], ast.arg):  # the caller says how often
        if _may_be_none(module, loop, before[0]):
            return None
        return Counter(
            None, step, checks, Term.of(module, name), name, by_seconds, False
        )
    start = byhand.beginning(module, loop, name, any_value=True)
    if start is None or not is_simple(start.value):
        return None
    limit = Term.of(module, start.value)
    return Counter(start, step, checks, limit, start.value, by_seconds, False)


def _check(module: Module, loop: ast.While, name: ast.Name) -> ast.expr | None:
    """The part of the loop's condition that asks the counter, if nothing else does."""
    test = loop.test
    several = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
    parts = test.values if isinstance(test, ast.BoolOp) and several else [test]
    checks = [each for each in parts if _is_left(each, name.id)]
    if len(checks) != 1:
        return None
    asked = {each for each in ast.walk(checks[0]) if isinstance(each, ast.Name)}
    return checks[0] if {*byhand.loads(module, name)} == asked else None


def _may_be_none(module: Module, loop: ast.While, parameter: ast.arg) -> bool:
    function = sleeps.function_of(module, loop)
    given = function.args if function else None
    defaults = [*given.defaults, *given.kw_defaults] if given else []
    return parameter.arg in ("self", "cls") or any(
        isinstance(each, ast.Constant) and each.value is None for each in defaults
    )


def _is_left(test: ast.expr, name: str) -> bool:
    """``tries``, ``tries > 0``, ``tries >= 1`` or ``tries != 0``."""
    if isinstance(test, ast.Name):
        return test.id == name
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    least = test.comparators[0]
    value = least.value if isinstance(least, ast.Constant) else None
    asked = isinstance(test.left, ast.Name) and test.left.id == name
    return asked and (type(test.ops[0]), value) in _LEFT
