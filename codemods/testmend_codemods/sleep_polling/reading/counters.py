"""A counter by hand: where it starts, what it steps by, and who else reads it."""

from __future__ import annotations

import ast
import itertools
import operator
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow, sleeps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module


class Step(Struct, frozen=True):
    """``name += amount``, ``name -= amount`` or ``name = name + amount``."""

    statement: ast.AugAssign | ast.Assign
    name: ast.Name
    amount: ast.expr
    down: bool

    @classmethod
    def of(
        cls,
        statement: ast.AugAssign | ast.Assign,
        target: ast.expr,
        operation: ast.operator,
        amount: ast.expr,
    ) -> Step | None:
        """The step that a statement makes with a name; None for any other."""
        if not isinstance(target, ast.Name):
            return None
        if not isinstance(operation, ast.Add | ast.Sub):
            return None
        return cls(statement, target, amount, isinstance(operation, ast.Sub))


class Life(Struct, frozen=True):
    """A counter from its start to the next one, or to the end of its block.

    ``start`` is None where the caller gives the value, as ``parameter``. ``reads`` are
    all that see a value of this life, those of the step apart.
    """

    start: ast.Assign | None
    parameter: ast.arg | None
    reads: tuple[ast.Name, ...]


def steps(loop: ast.While) -> Iterator[Step]:
    """The statements of a loop that may count its rounds."""
    for node in flow.own_nodes(loop.body):
        if isinstance(node, ast.AugAssign):
            step = Step.of(node, node.target, node.op, node.value)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            sum_ = node.value
            step = Step.of(node, node.targets[0], sum_.op, sum_.right)
            own = sum_.left
            again = isinstance(own, ast.Name) and step and own.id == step.name.id
            if len(node.targets) > 1 or not again:
                continue
        else:
            continue
        if step:
            yield step


def life(module: Module, loop: ast.While, step: Step) -> Life | None:
    """The life of a counter in which a loop stands; None where it can't be told."""
    bindings = module.scopes.bindings(step.name.id, step.name)
    function = sleeps.function_of(module, loop)
    places = [each.node for each in bindings if each.node is not step.name]
    reads = {
        id(read): read for each in bindings for read in module.scopes.loads(each)
    }.values()
    own = [each for each in reads if each not in ast.walk(step.statement)]
    if any(sleeps.function_of(module, each) is not function for each in own):
        return None  # a function in the function reads it, whenever it is called
    if len(places) == 1 and isinstance(places[0], ast.arg):
        # What is read ahead of the loop is what the caller gave.
        within = [each for each in own if module.start(each) >= module.start(loop)]
        turns = any(isinstance(each, sleeps.Loop) for each in _around(module, loop))
        return None if turns else Life(None, places[0], tuple(within))
    found = _start(module, loop, step.name.id)
    if found is None:
        return None
    start, block = found
    first = module.end(start)
    again = _next(block, start, loop, step.name.id)
    last = module.end(block[-1]) if again is None else module.start(again)
    # Another counter of the name may begin below, in a loop of its own.
    offsets = [module.offset(*_place(each)) for each in places]
    last = min([last, *(each for each in offsets if each > module.end(loop))])
    reach = range(first, last)
    if any(each in reach for each in offsets):
        return None
    turns = any(isinstance(each, sleeps.Loop) for each in _around(module, start))
    for read in own:
        position = module.start(read)
        if position in reach:
            continue
        if position < first and not turns:
            continue
        if again is not None and last <= position < module.end(block[-1]):
            continue
        if not _starts_anew(module, read, loop):
            return None
    return Life(start, None, tuple(r for r in own if module.start(r) in reach))


def _outwards(
    module: Module, node: ast.AST
) -> Iterator[tuple[ast.AST, list[ast.stmt], list[ast.stmt]]]:
    """Outwards: what holds a node, the block it is in there, and what is ahead of it.

    The nearest statement comes first.
    """
    for child in (node, *module.ancestors(node)):
        above = module.parent(child)
        if above is not None:
            block = flow.block(module, child) if isinstance(child, ast.stmt) else []
            ahead = itertools.takewhile(partial(operator.is_not, child), block)
            yield above, block, [*ahead][::-1]


def _start(
    module: Module, loop: ast.While, name: str
) -> tuple[ast.Assign, list[ast.stmt]] | None:
    """The last ``name = ...`` before a loop that every way to it passes; its block."""
    for above, block, ahead in _outwards(module, loop):
        for node in ahead:
            if isinstance(node, ast.Assign) and _is_start(node, name):
                return node, block
        if isinstance(above, (*sleeps.Loop.__args__, *sleeps.Function.__args__)):
            return None
    return None


def _starts_anew(module: Module, read: ast.Name, loop: ast.While) -> bool:
    """Whether each way from a loop to a read sets the name in between.

    The last ``name = ...`` that every way to the read passes comes after the loop, or
    before the loop where the read comes before it, too.
    """
    for above, _, ahead in _outwards(module, read):
        for node in ahead:
            if _is_start(node, read.id):
                place = module.start(loop)
                return not module.start(node) <= place < module.start(read)
        turns = isinstance(above, sleeps.Loop) and loop in ast.walk(above)
        if turns or isinstance(above, sleeps.Function):
            return False  # from the loop to the read in the next round of another one
    return False


def _is_start(node: ast.stmt, name: str) -> bool:
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return False
    target = node.targets[0]
    return isinstance(target, ast.Name) and target.id == name and not _uses(node, name)


def _uses(node: ast.Assign, name: str) -> bool:
    read = ast.walk(node.value)
    return any(isinstance(each, ast.Name) and each.id == name for each in read)


def _next(
    block: list[ast.stmt], start: ast.stmt, loop: ast.While, name: str
) -> ast.stmt | None:
    """The statement of the block that starts the counter anew."""
    rest = block[block.index(start) + 1 :]
    after = (each for each in rest if each.lineno > loop.lineno)
    return next((each for each in after if _is_start(each, name)), None)


def _place(node: ast.AST) -> tuple[int, int]:
    """Line and column of what binds a name."""
    return getattr(node, "lineno", 1), getattr(node, "col_offset", 0)


def _around(module: Module, node: ast.AST) -> Iterator[ast.AST]:
    """The nodes around a node, up to its function."""
    for above in module.ancestors(node):
        if isinstance(above, sleeps.Function):
            return
        yield above


def is_set(module: Module, term: ast.expr, start: int, end: int) -> bool:
    """Whether a name or attribute of a term is bound between two offsets."""
    paths = {dotted(each) for each in ast.walk(term)} - {""}
    stored: list[ast.Name | ast.Attribute] = [
        *module.nodes(ast.Name),
        *module.nodes(ast.Attribute),
    ]
    return any(
        isinstance(each.ctx, ast.Store)
        and start <= module.start(each) < end
        and dotted(each) in paths
        for each in stored
    )
