"""Form Pc: rounds or seconds counted by hand; the counter becomes the deadline.

::

    tries = 0
    while not done() and tries < 10:        deadline = Deadline(timeout=..., interval=1)
        sleep(1)                            while not done() and not deadline.expired:
        tries += 1                              deadline.sleep()
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from testmend.facts import dotted
from testmend_codemods.sleep_polling import flow
from testmend_codemods.sleep_polling.numbers import Term, is_simple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.source import Module

Check = Literal["over", "under", "spare"]
# A comparison, whether it asks for "over", the counter in it, the limit in it.
_Compared = tuple[ast.Compare, bool, ast.Name, ast.expr]

_OVER = (ast.Eq, ast.Gt, ast.GtE)
_UNDER = (ast.Lt, ast.LtE, ast.NotEq)


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of rounds or seconds.

    ``start`` sets it (None: the caller does), ``step`` raises or lowers it. Each check
    asks whether it is ``over`` or ``under`` its ``limit``; one that is ``spare`` never
    decides, because another fails the test before (``fails``).
    """

    start: ast.Assign | None
    step: ast.AugAssign
    checks: tuple[tuple[ast.expr, Check], ...]
    limit: Term
    limit_node: ast.expr
    by_seconds: bool
    fails: bool


def counts(loop: ast.While) -> bool:
    """Whether a loop raises or lowers a number that it also asks about."""
    moved = {
        dotted(target) for node in flow.own_nodes(loop.body) for target in _moved(node)
    }
    asked = {
        dotted(name)
        for node in flow.own_nodes([loop])
        if isinstance(node, ast.While | ast.If | ast.Assert | ast.IfExp)
        for name in ast.walk(node.test)
        if isinstance(name, ast.Name | ast.Attribute)
    }
    return bool(moved & asked - {""})


def _moved(node: ast.AST) -> list[ast.expr]:
    """The target of ``n += 1`` or ``n = n - 1``."""
    if isinstance(node, ast.AugAssign):
        return [node.target]
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp):
        return []
    read = {dotted(each) for each in ast.walk(node.value)}
    return [each for each in node.targets if dotted(each) in read]


def counter(
    module: Module, loop: ast.While, sleep: ast.Expr, interval: Term
) -> Counter | None:
    """The counter that bounds a loop, if it does nothing else."""
    return only(loop, sleep, partial(_counter, module, loop, interval=interval))


def only(
    loop: ast.While,
    sleep: ast.Expr,
    read: Callable[[ast.AugAssign, ast.Name], Counter | None],
) -> Counter | None:
    """The one counter that ``read`` finds, if every round passes its step."""
    found = []
    for step in flow.own_nodes(loop.body):
        if isinstance(step, ast.AugAssign) and isinstance(step.target, ast.Name):
            made = read(step, step.target)
            if made:
                found.append(made)
    if len(found) != 1 or flow.exits(loop).continues or loop.orelse:
        return None
    single = found[0]
    passes = flow.falls_through(loop.body, sleep)
    passes = passes or flow.falls_through(loop.body, single.step)
    return None if passes else single


def _counter(
    module: Module,
    loop: ast.While,
    step: ast.AugAssign,
    name: ast.Name,
    *,
    interval: Term,
) -> Counter | None:
    if not isinstance(step.op, ast.Add):
        return None
    amount = Term.of(module, step.value)
    by_seconds = is_same(amount, interval)
    start = beginning(module, loop, name)
    checks = tuple(_checks(loop, name.id))
    if start is None or not (amount.value == 1 or by_seconds):
        return None
    limit = _limit(module, loop, name, checks)
    inner = [check for check, _, _, _ in checks if not _in_test(loop, check)]
    if limit is None or not all(_fails_the_test(module, check) for check in inner):
        return None
    kinds: dict[ast.Compare, Check] = {
        check: "over" if over else "under" for check, over, _, _ in checks
    }
    if inner and len(inner) < len(checks):
        if not isinstance(loop.test, ast.Compare):
            return None
        # The deadline expires in the sleep: the condition would be the first to see it.
        kinds[loop.test] = "spare"
    return Counter(
        start,
        step,
        tuple(kinds.items()),
        Term.of(module, limit),
        limit,
        by_seconds,
        bool(inner),
    )


def _limit(
    module: Module, loop: ast.While, name: ast.Name, checks: tuple[_Compared, ...]
) -> ast.expr | None:
    """The one limit of all checks, if the counter is read for nothing else."""
    asked = {id(side) for _, _, side, _ in checks}
    if not checks or {id(node) for node in loads(module, name)} != asked:
        return None
    limits = {module.source(limit) for _, _, _, limit in checks}
    limit = checks[0][3]
    plain = len(limits) == 1 and is_simple(limit) and not _is_set_in(loop, limit)
    return limit if plain else None


def is_same(one: Term, other: Term) -> bool:
    """Whether two terms are the same number, or the same text."""
    same = one.value is not None and one.value == other.value
    return same or one.text == other.text


def beginning(
    module: Module, loop: ast.While, name: ast.Name, *, any_value: bool = False
) -> ast.Assign | None:
    """``name = 0`` before the loop, in its block; the step is the only other one.

    ``any_value``: whatever it is set to.
    """
    bindings = module.scopes.bindings(name.id, name)
    if len(bindings) != 2 or any(each.kind == "import" for each in bindings):  # noqa: PLR2004  start and step
        return None
    statements = [module.parent(each.node) for each in bindings]
    start = next((each for each in statements if isinstance(each, ast.Assign)), None)
    holder = module.parent(loop)
    block = next(
        (
            each
            for field in ("body", "orelse", "finalbody")
            if loop in (each := getattr(holder, field, None) or [])
        ),
        [],
    )
    if start is None or start not in block or len(start.targets) != 1:
        return None
    value = start.value
    zero = isinstance(value, ast.Constant) and value.value in (0, 1)
    return (
        start
        if (zero or any_value) and block.index(start) < block.index(loop)
        else None
    )


def loads(module: Module, name: ast.Name) -> list[ast.Name]:
    """Where a name is read, this node apart."""
    binding = module.scopes.bindings(name.id, name)[0]
    return [node for node in module.scopes.loads(binding) if node is not name]


def _checks(loop: ast.While, name: str) -> Iterator[_Compared]:
    """The comparisons of the counter in a loop."""
    for node in flow.own_nodes([loop]):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            continue
        left, right = node.left, node.comparators[0]
        if isinstance(left, ast.Name) and left.id == name:
            if isinstance(node.ops[0], (*_OVER, *_UNDER)):
                yield node, isinstance(node.ops[0], _OVER), left, right
            continue
        ordered = isinstance(node.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE)
        if ordered and isinstance(right, ast.Name) and right.id == name:
            yield node, isinstance(node.ops[0], ast.Lt | ast.LtE), right, left


def _in_test(loop: ast.While, check: ast.Compare) -> bool:
    """Whether the check is the loop's condition, or one of those that must all hold."""
    if check is loop.test:
        return True
    test = loop.test
    return isinstance(test, ast.BoolOp) and (
        isinstance(test.op, ast.And) and check in test.values
    )


def _fails_the_test(module: Module, check: ast.Compare) -> bool:
    """``if tries == 10: self.fail(...)``."""
    above = module.parent(check)
    return (
        isinstance(above, ast.If)
        and above.test is check
        and isinstance(check.ops[0], _OVER)
        and flow.is_failure(above.body[-1])
    )


def holds(module: Module, loop: ast.While, counter: Counter) -> bool:
    """Whether the loop watches that its condition stays true: that is asserted then."""
    test = loop.test
    if not isinstance(test, ast.BoolOp):
        return False
    asked = [check for check, _ in counter.checks]
    watched = {module.source(each) for each in test.values if each not in asked}
    after = flow.following(module, loop)[:1]
    for node in after:
        if isinstance(node, ast.Assert):
            return module.source(node.test) in watched
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and call.args:
            true = dotted(call.func).endswith(".assertTrue")
            return true and module.source(call.args[0]) in watched
    return False


def _is_set_in(loop: ast.While, limit: ast.expr) -> bool:
    names = {node.id for node in ast.walk(limit) if isinstance(node, ast.Name)}
    return any(
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and node.id in names
        for node in flow.own_nodes([loop])
    )
