"""The sleeps of a file: which calls they are, and in which loops they stand."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.facts import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

Loop = ast.For | ast.AsyncFor | ast.While
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

BLOCKING = frozenset(
    {
        "time.sleep",
        "gevent.sleep",
        "eventlet.sleep",
        "eventlet.greenthread.sleep",
        "gevent.hub.sleep",
    }
)
AWAITED = frozenset(
    {
        "asyncio.sleep",
        "anyio.sleep",
        "trio.sleep",
        "curio.sleep",
        "tornado.gen.sleep",
    }
)
KNOWN = BLOCKING | AWAITED
DEFAULTS = frozenset({"time.sleep", "asyncio.sleep"})  # those of the wait helper
_COROUTINES = frozenset({"tornado.gen.coroutine", "tornado.testing.gen_test"})
_BOUNDARIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Sleep(Struct, frozen=True):
    """A call of a sleep function. ``target`` is its dotted name, if it resolves."""

    call: ast.Call
    target: str

    @property
    def is_async(self) -> bool:
        """Whether the call has to be awaited."""
        return self.target in AWAITED


def sleeps(module: Module) -> Iterator[Sleep]:
    """Every call of something named sleep, in order of the source."""
    names = {each.name for each in module.scopes.imports if each.target in KNOWN}
    for call in module.nodes(ast.Call):
        function = call.func
        if isinstance(function, ast.Attribute):
            if function.attr != "sleep":
                continue
        elif not isinstance(function, ast.Name) or (
            function.id != "sleep" and function.id not in names
        ):
            continue
        if _is_deadline(module, function):
            continue
        target = module.scopes.qualified(function) or _of_module(module, function)
        yield Sleep(call, target if target in KNOWN else "")


def _of_module(module: Module, function: ast.expr) -> str:
    """``asyncio.sleep`` where a star import stands below ``import asyncio``.

    It might bring in another ``time``, such as a green one, but not another asyncio
    with a sleep to await.
    """
    owner = function.value if isinstance(function, ast.Attribute) else None
    if not isinstance(owner, ast.Name) or owner.id not in ("anyio", "asyncio", "trio"):
        return ""
    found = module.scopes.bindings(owner.id, owner)
    plain = found and all(e.kind == "import" and e.target == owner.id for e in found)
    return f"{owner.id}.sleep" if plain else ""


def _is_deadline(module: Module, function: ast.expr) -> bool:
    """Whether a sleep is the wait helper's: ``deadline = waits.Deadline(...)``."""
    owner = function.value if isinstance(function, ast.Attribute) else None
    if not isinstance(owner, ast.Name):
        return False
    made = [module.parent(e.node) for e in module.scopes.bindings(owner.id, owner)]
    return bool(made) and all(
        isinstance(each, ast.Assign)
        and isinstance(each.value, ast.Call)
        and dotted(each.value.func).rpartition(".")[2] == "Deadline"
        for each in made
    )


def loops(module: Module) -> tuple[dict[Loop, list[Sleep]], list[Sleep]]:
    """The innermost loop around each sleep, with all sleeps in it; those in none."""
    found: dict[Loop, list[Sleep]] = {}
    others = []
    for sleep in sleeps(module):
        loop = _innermost(module, sleep.call)
        if loop is None:
            others.append(sleep)
        else:
            found.setdefault(loop, []).append(sleep)
    return found, others


def _innermost(module: Module, call: ast.Call) -> Loop | None:
    child: ast.AST = call
    for above in module.ancestors(call):
        if isinstance(above, _BOUNDARIES):
            return None
        if isinstance(above, Loop) and child in above.body:
            return above
        child = above
    return None


def paced(module: Module, loop: Loop, found: list[Sleep]) -> list[Sleep]:
    """The sleeps of a loop without those that stop an event loop beside an awaited one.

    In a coroutine these are no waiting: they are what each round does.
    """
    awaited = [each for each in found if each.is_async]
    coroutine = isinstance(function_of(module, loop), ast.AsyncFunctionDef)
    known = all(each.target for each in found)
    return awaited if coroutine and known and len(awaited) == 1 else found


def statement(module: Module, sleep: Sleep) -> ast.Expr | None:
    """The statement that is nothing but this sleep, awaited if it has to be."""
    above = module.parent(sleep.call)
    if isinstance(above, ast.Await) or (
        isinstance(above, ast.Yield) and is_coroutine(module, above)
    ):
        if not sleep.is_async:
            return None
        above = module.parent(above)
    elif sleep.is_async:
        return None
    return above if isinstance(above, ast.Expr) else None


def word(module: Module, sleep: Sleep) -> str:
    """What awaits this sleep, with a space: ``await``, ``yield`` or nothing."""
    if not sleep.is_async:
        return ""
    return "await " if isinstance(module.parent(sleep.call), ast.Await) else "yield "


def is_coroutine(module: Module, node: ast.AST) -> bool:
    """Whether a node stands in a generator in which ``yield`` is tornado's await."""
    function = function_of(module, node)
    if not isinstance(function, ast.FunctionDef):
        return False
    names = (
        module.scopes.qualified(each.func if isinstance(each, ast.Call) else each)
        for each in function.decorator_list
    )
    return any(name in _COROUTINES for name in names)


def function_of(module: Module, node: ast.AST) -> Function | None:
    """The innermost function around a node."""
    for above in module.ancestors(node):
        if isinstance(above, Function):
            return above
    return None
