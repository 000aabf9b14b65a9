"""How control leaves a loop, and whether each way to a new round passes the sleep."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading.sleeps import Loop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")
TRIES = (ast.Try, ast.TryStar)
ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_FAIL = re.compile(r"(?:^|\.)(?:fail|_fail|fail_test|exit|skipTest|skip|xfail)$")
_SKIP = re.compile(r"(?:^|\.)(?:skip(?:Test)?|xfail)$")
_ASSERT = re.compile(
    r"(?:^|[._])(?:assert|fail|verify|check|expect|eq_|ok_)[^.]*$", re.IGNORECASE
)


class Exits(Struct):
    """The statements of a loop that leave it, or cut a round short."""

    breaks: list[ast.Break] = field(default_factory=list)
    continues: list[ast.Continue] = field(default_factory=list)
    returns: list[ast.Return] = field(default_factory=list)
    failures: list[ast.stmt] = field(default_factory=list)
    asserts: list[ast.stmt] = field(default_factory=list)


def own_nodes(nodes: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """All nodes below, without those of nested functions and classes."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def places(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    """The names and attributes that are read, or stored, at a node and below.

    What stands under a key is one with all else there.
    """
    return {
        f"{ast.unparse(each.value)}[]"
        if isinstance(each, ast.Subscript)
        else ast.unparse(each)
        for each in own_nodes([node])
        if isinstance(getattr(each, "ctx", None), context)
    }


def binders(module: Module, name: str, at: ast.AST) -> list[ast.AST | None]:
    """What holds the bindings of a name that is read at a node: assignments, mostly."""
    return [module.parent(each.node) for each in module.scopes.bindings(name, at=at)]


def exits(loop: Loop) -> Exits:
    """How control leaves the body of a loop; nested loops keep their own breaks."""
    found = Exits()
    _collect(loop.body, found, nested=False)
    return found


def goes_round(module: Module, loop: Loop) -> bool:
    """Whether there may be a second round: a loop's last statement may leave it.

    Nor is there a first one of ``while busy:`` right behind ``busy = False``.
    """
    leaves = isinstance(loop.body[-1], ast.Break | ast.Return | ast.Raise)
    found = block(module, loop)
    ahead = found[found.index(loop) - 1] if found and found[0] is not loop else None
    match (ahead, loop):
        case (
            ast.Assign([ast.Name(set_)], ast.Constant(value)),
            ast.While(ast.Name(asked)),
        ) if set_ == asked and not value:
            return False
    return not leaves or bool(exits(loop).continues)


def _collect(body: Sequence[ast.AST], found: Exits, *, nested: bool) -> None:
    for node in body:
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, ast.Return):
            found.returns.append(node)
        elif isinstance(node, ast.Break) and not nested:
            found.breaks.append(node)
        elif isinstance(node, ast.Continue) and not nested:
            found.continues.append(node)
        elif isinstance(node, ast.stmt) and is_failure(node):
            found.failures.append(node)
        elif isinstance(node, ast.stmt) and is_check(node):
            found.asserts.append(node)
        elif isinstance(node, Loop):
            _collect(node.body, found, nested=True)
            _collect(node.orelse, found, nested=nested)
        else:
            _collect(list(ast.iter_child_nodes(node)), found, nested=nested)


def is_failure(node: ast.stmt) -> bool:
    """Whether a statement always raises: ``raise``, ``fail()``, ``assert False``."""
    if isinstance(node, ast.Raise):
        return True
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Constant) and not node.test.value
    said = _called(node)
    return bool(said and _FAIL.search(said))


def is_skip(node: ast.stmt) -> bool:
    """Whether a statement leaves the rest of a test out: no failure, no success."""
    return _SKIP.search(_called(node)) is not None


def is_check(node: ast.stmt) -> bool:
    """Whether a statement asserts something."""
    if isinstance(node, ast.Assert) or is_failure(node):
        return True
    said = _called(node)
    return bool(said and _ASSERT.search(said))


def _called(node: ast.stmt) -> str:
    return called(node.value) if isinstance(node, ast.Expr) else ""


def called(value: ast.expr) -> str:
    """The dotted name of what an expression calls, awaited or not; empty if nothing."""
    call = value.value if isinstance(value, ast.Await) else value
    return dotted(call.func) if isinstance(call, ast.Call) else ""


def falls_through(body: Sequence[ast.stmt], *stops: ast.stmt) -> bool:
    """Whether control can reach the end of ``body`` without passing one of ``stops``.

    Such as the sleep.
    """
    return bool(body) and all(_passes(node, stops) for node in body)


def _passes(node: ast.stmt, stops: Sequence[ast.stmt]) -> bool:
    if node in stops:
        return False
    if isinstance(node, ast.If):
        ways = (node.body, node.orelse)
        return any(not way or falls_through(way, *stops) for way in ways)
    if isinstance(node, ast.With | ast.AsyncWith):
        return falls_through(node.body, *stops)
    if isinstance(node, TRIES):
        return _passes_try(node, stops)
    leaves = isinstance(node, ast.Return | ast.Break | ast.Continue)
    return not (leaves or is_failure(node))


def _passes_try(node: ast.Try | ast.TryStar, stops: Sequence[ast.stmt]) -> bool:
    first = node.body[0]
    if first in stops and isinstance(first, ast.AugAssign):
        return False  # ``tries += 1``: nothing is raised before it
    if node.finalbody and not falls_through(node.finalbody, *stops):
        return False
    done = falls_through(node.body, *stops) and (
        not node.orelse or falls_through(node.orelse, *stops)
    )
    return done or any(falls_through(each.body, *stops) for each in node.handlers)


def is_last(body: Sequence[ast.stmt], sleep: ast.stmt) -> bool:
    """Whether nothing of ``body`` runs after ``sleep`` in the same round."""
    if not body:
        return False
    last = body[-1]
    if last is sleep:
        return True
    if isinstance(last, ast.If):
        return is_last(last.body, sleep) or is_last(last.orelse, sleep)
    if isinstance(last, TRIES) and not last.finalbody:
        blocks = [last.orelse, *(each.body for each in last.handlers)]
        if not last.orelse:
            blocks.append(last.body)
        return any(is_last(block, sleep) for block in blocks)
    return False


def continue_behind(module: Module, node: ast.stmt) -> ast.Continue | None:
    """The ``continue`` right behind a statement."""
    whole = block(module, node)
    behind = whole[whole.index(node) + 1 :]
    return behind[0] if behind and isinstance(behind[0], ast.Continue) else None


def leads_out(module: Module, node: ast.stmt) -> bool:
    """Whether no new round comes after a statement: its block leaves the loop.

    Where a handler may catch what follows it, it has to leave at once.
    """
    whole = block(module, node)
    behind = whole[whole.index(node) + 1 :] if whole else []
    if not behind or any(isinstance(e, ast.Continue) for e in own_nodes(behind)):
        return False
    if isinstance(behind[0], ast.Break):
        return True
    child: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, Loop):
            break
        if isinstance(above, TRIES) and child in above.body and above.handlers:
            return False
        child = above
    return isinstance(behind[-1], ast.Break | ast.Return) or is_failure(behind[-1])


def block(module: Module, node: ast.stmt) -> list[ast.stmt]:
    """The block that a statement stands in."""
    holder = module.parent(node)
    for each in _BLOCKS:
        found = getattr(holder, each, None)
        if isinstance(found, list) and node in found:
            return found
    return []


def is_behind(module: Module, node: ast.AST, first: ast.stmt) -> bool:
    """Whether control passes ``first`` on each way to a node: it stands in front.

    In its own block, or in front of a statement around it.
    """
    whole = block(module, first)
    for each in (node, *module.ancestors(node)):
        if each in whole:
            return whole.index(first) < whole.index(each)
    return False


def following(
    module: Module, node: ast.stmt, *, cleanups: bool = True
) -> list[ast.stmt]:
    """The statements that run after a statement when it ends, to the function's end.

    Within an outer loop they are those to the end of its round. ``cleanups``: with
    those of a ``finally``.
    """
    found: list[ast.stmt] = []
    child: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, _SCOPES):
            found += _after(above, child)
            break
        if isinstance(above, Loop):
            found += _after(above, child)
            break
        if isinstance(above, TRIES) and child in above.body:
            found += _after(above, child)
            found += [*above.orelse, *(above.finalbody if cleanups else ())]
        elif isinstance(above, TRIES):
            found += _after(above, child)
            found += above.finalbody if cleanups else ()
        else:
            found += _after(above, child)
        child = above
    return found


def _after(holder: ast.AST, child: ast.AST) -> list[ast.stmt]:
    for name in _BLOCKS:
        held = getattr(holder, name, None)
        if isinstance(held, list) and child in held:
            return held[held.index(child) + 1 :]
    return []


def handlers_around(module: Module, node: ast.AST) -> Iterator[ast.ExceptHandler]:
    """The handlers that may take what a node of a function raises, innermost first."""
    child = node
    for above in module.ancestors(node):
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if isinstance(above, TRIES) and child in above.body:
            yield from above.handlers
        child = above


def caught(handler: ast.ExceptHandler) -> list[str]:
    """What a handler takes, without its modules; nothing for a bare ``except``."""
    kind = handler.type
    if kind is None:
        return []
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return [dotted(each).rpartition(".")[2] for each in kinds]
