"""What a lambda would read, and where none is needed.

pylint (W0640) and flake8-bugbear (B023) warn of one that reads what a loop around it
binds: when it is called, the loop may have another value there. pylint (W0108) warns of
one that does nothing but call a method.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import parameters
from testmend.names import declarations
from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import Function, function_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module


def reads_loop_around(module: Module, loop: ast.While, *, is_async: bool) -> bool:
    """Whether the lambda of a loop's condition would read what one around it binds."""
    test = loop.test
    if called_alone(module, test, is_async=is_async) is not None:
        return False
    nodes = list(ast.walk(test))
    read = {
        each.id
        for each in nodes
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
    own = {each.arg for each in nodes if isinstance(each, ast.arg)}
    free = read - own - _stored([test])
    return not free.isdisjoint(_stored(_loops_around(module, loop)))


def called_alone(module: Module, test: ast.expr, *, is_async: bool) -> ast.expr | None:
    """The function, or the method of a local, that is all of ``not called()``.

    ``is_async``: no method that the file awaits elsewhere, as it did not here.
    """
    if not isinstance(test, ast.UnaryOp) or not isinstance(test.op, ast.Not):
        return None
    call = test.operand
    if not isinstance(call, ast.Call) or call.args or call.keywords:
        return None
    if isinstance(call.func, ast.Name):
        return call.func
    if is_async and _is_awaited(module, call.func):
        return None
    return call.func if _is_of_local(module, call.func) else None


def _is_awaited(module: Module, called: ast.expr) -> bool:
    """Whether a file awaits calls of a method, of whatever object."""
    calls = (each.value for each in module.nodes(ast.Await))
    funcs = (each.func for each in calls if isinstance(each, ast.Call))
    return any(
        isinstance(each, ast.Attribute)
        and isinstance(called, ast.Attribute)
        and each.attr == called.attr
        for each in funcs
    )


def _is_of_local(module: Module, called: ast.expr) -> bool:
    """``job.is_done``, where nobody but the function itself binds ``job``."""
    if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name):
        return False
    name, function = called.value.id, function_of(module, called)
    if function is None or isinstance(function, ast.Lambda):
        return False
    if name in module.once(declarations):
        return False
    return name in parameters(function.args) or name in _stored(function.body)


def _loops_around(module: Module, loop: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for above in module.ancestors(loop):
        if isinstance(above, Function | ast.ClassDef):
            break
        if isinstance(above, ast.For | ast.AsyncFor | ast.While):
            found.append(above)
    return found


def _stored(nodes: Sequence[ast.AST]) -> set[str]:
    return {
        each.id
        for each in flow.own_nodes(nodes)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
