"""Questions to a counter by hand: ``tries < 10``, ``left > 0``, ``not attempts``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow, telling

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.counters import Life, Step

_TALKS = telling.TALKS | {"write"}  # sys.stderr.write(...)
MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
}
# Whether the rounds are over, and whether the one that reaches the limit counts too.
_UP: dict[type[ast.cmpop], tuple[bool, bool]] = {
    ast.Lt: (False, False),
    ast.NotEq: (False, False),
    ast.LtE: (False, True),
    ast.Eq: (True, False),
    ast.GtE: (True, False),
    ast.Gt: (True, True),
}
_DOWN: dict[tuple[type[ast.cmpop], object], tuple[bool, bool]] = {
    (ast.Gt, 0): (False, False),
    (ast.GtE, 1): (False, False),
    (ast.NotEq, 0): (False, False),
    (ast.GtE, 0): (False, True),
    (ast.LtE, 0): (True, False),
    (ast.Lt, 1): (True, False),
    (ast.Eq, 0): (True, False),
    (ast.Lt, 0): (True, True),
}


# What methods of a test case ask: ``self.assertLess(tries, 10)``.
_ASSERTS: dict[str, type[ast.cmpop]] = {
    "assertLess": ast.Lt,
    "assertLessEqual": ast.LtE,
    "assertGreater": ast.Gt,
    "assertGreaterEqual": ast.GtE,
    "assertNotEqual": ast.NotEq,
    "assertNotEquals": ast.NotEq,
}


class Ask(Struct, frozen=True):
    """An expression that asks a counter whether its rounds are ``over``, or not yet.

    A call of a method that asserts is one, too. ``inclusive``: a round at the limit
    still counts. ``exact``: only the limit itself is the end, not what is beyond.
    ``limit`` is None for one that counts down to 0.
    """

    node: ast.expr
    read: ast.Name
    over: bool
    inclusive: bool
    exact: bool
    limit: ast.expr | None = None


def questions(node: ast.AST) -> list[ast.expr]:
    """What a statement or a method that asserts asks."""
    if isinstance(node, ast.While | ast.If | ast.Assert | ast.IfExp):
        return [node.test]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.args[:2] if node.func.attr in _ASSERTS else []
    return []


def ask(module: Module, read: ast.Name, *, down: bool) -> Ask | None:
    """The question that a read of the counter is part of."""
    above = module.parent(read)
    if isinstance(above, ast.Compare) and len(above.ops) == 1:
        sides = above.left, above.comparators[0]
        found = _compared(above, sides, type(above.ops[0]), read, down=down)
        return _turned(module, found)
    if isinstance(above, ast.Call) and isinstance(above.func, ast.Attribute):
        operator = _ASSERTS.get(above.func.attr)
        if operator and read in above.args[:2] and len(above.args) > 1:
            sides = above.args[0], above.args[1]
            return _compared(above, sides, operator, read, down=down)
    if not down:
        return None
    if isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not):
        return Ask(above, read, over=True, inclusive=False, exact=True)
    tests = isinstance(above, ast.While | ast.If | ast.Assert) and above.test is read
    if tests or isinstance(above, ast.BoolOp) or _is_asserted_true(above, read):
        return Ask(read, read, over=False, inclusive=False, exact=True)
    return None


def _turned(module: Module, found: Ask | None) -> Ask | None:
    """The same question where ``not`` stands ahead of it: ``not tries > 0``."""
    above = module.parent(found.node) if found else None
    if found and isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not):
        return replace(found, node=above, over=not found.over)
    return found


def _is_asserted_true(above: ast.AST | None, read: ast.Name) -> bool:
    """``self.assertTrue(left)``."""
    return (
        isinstance(above, ast.Call)
        and isinstance(above.func, ast.Attribute)
        and above.func.attr == "assertTrue"
        and above.args[:1] == [read]
    )


def _compared(
    node: ast.expr,
    sides: tuple[ast.expr, ast.expr],
    operator: type[ast.cmpop],
    read: ast.Name,
    *,
    down: bool,
) -> Ask | None:
    own, other = sides
    if other is read:
        mirrored = MIRRORED.get(operator)
        if mirrored is None:
            return None
        operator, other = mirrored, own
    exact = operator in (ast.Eq, ast.NotEq)
    if not down:
        meant = _UP.get(operator)
        return Ask(node, read, *meant, exact, other) if meant else None
    value = other.value if isinstance(other, ast.Constant) else None
    meant = _DOWN.get((operator, value)) if type(value) is int else None
    return Ask(node, read, *meant, exact) if meant else None


class Asked(Struct, frozen=True):
    """The questions to a counter: in the loop's condition, in its body, after it."""

    test: tuple[Ask, ...]
    inner: tuple[Ask, ...]
    late: tuple[Ask, ...]

    @property
    def all(self) -> tuple[Ask, ...]:
        """Every question."""
        return (*self.test, *self.inner, *self.late)


def asked(module: Module, loop: ast.While, step: Step, life: Life) -> Asked | None:
    """All questions; None if the counter is read for more than these and messages."""
    test, inner, late = [], [], []
    for read in life.reads:
        found = ask(module, read, down=step.down)
        if found is None:
            if not _is_told(module, read):
                return None
        elif _in_test(loop, found.node):
            test.append(found)
        elif module.start(loop) <= module.start(read) < module.end(loop):
            inner.append(found)
        else:
            late.append(found)
    every = Asked(tuple(test), tuple(inner), tuple(late))
    decisive = [*inner, *late] if inner else [*test, *late]
    if len({each.inclusive for each in decisive}) != 1:
        return None
    if any(each.over for each in test) or not all(
        ends(module, e, step.statement) for e in inner
    ):
        return None
    return every


def talks(call: ast.Call) -> bool:
    """Whether a call only says something: ``log.info(...)``."""
    return dotted(call.func).rpartition(".")[2] in _TALKS


def _is_told(module: Module, read: ast.Name) -> bool:
    """Whether a read only goes into a message."""
    child: ast.AST = read
    for above in module.ancestors(read):
        if isinstance(above, ast.Call):
            if talks(above):
                return True
        elif isinstance(above, ast.Assert):
            return child is above.msg
        elif isinstance(above, ast.stmt):
            return flow.is_failure(above)
        child = above
    return False


def _in_test(loop: ast.While, check: ast.expr) -> bool:
    """Whether the check is the loop's condition, or one of those that must all hold."""
    if check is loop.test:
        return True
    test = loop.test
    return isinstance(test, ast.BoolOp) and (
        isinstance(test.op, ast.And) and check in test.values
    )


def holder(module: Module, question: ast.expr, *, over: bool) -> ast.If | None:
    """The ``if`` that asks; other conditions may make it ask in the same sense.

    ``over``: the question is true when the rounds are over.
    """
    test, above = question, module.parent(question)
    if isinstance(above, ast.BoolOp):
        if not isinstance(above.op, ast.Or if over else ast.And):
            return None
        test, above = above, module.parent(above)
    return above if isinstance(above, ast.If) and above.test is test else None


def _is_asserted(module: Module, ask: Ask) -> bool:
    """Whether ``assert left > 0`` asks, and no handler within a loop takes it."""
    check = module.parent(ask.node)
    called = isinstance(check, ast.Expr) and isinstance(ask.node, ast.Call)
    plain = isinstance(check, ast.Assert) and check.test is ask.node
    if ask.over or check is None or not (plain or called):
        return False
    child: ast.AST = check
    for above in module.ancestors(check):
        if isinstance(above, ast.While | ast.For | ast.AsyncFor):
            return True
        if isinstance(above, flow.TRIES) and above.handlers and child in above.body:
            return False
        child = above
    return True


def ends(
    module: Module, ask: Ask, step: ast.stmt
) -> Literal["fails", "breaks", "gives", "leaves", ""]:
    """How ``if tries == 10: self.fail(...)`` ends a loop: "" if it does not.

    It breaks, fails, gives something back, or just leaves the function. Other
    conditions may end it, too (``if lost or tries == 10``).
    """
    if _is_asserted(module, ask):
        return "fails"
    above = holder(module, ask.node, over=ask.over)
    if above is None:
        return ""
    leaving = above.body if ask.over else above.orelse
    if not leaving and any(each is above for each in module.ancestors(step)):
        rest = flow.block(module, above)  # with it each other way to a new round goes
        leaving = rest[rest.index(above) + 1 :]
    last = leaving[-1] if leaving else above
    if flow.is_failure(last):
        return "fails"
    if isinstance(last, ast.Return):
        return "leaves" if last.value is None else "gives"
    return "breaks" if isinstance(last, ast.Break) else ""
