"""What a lambda in a loop would read of that loop.

pylint (W0640) and flake8-bugbear (B023) warn of it: when a lambda is called, the loop
may have another value there.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import Function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module


def reads_loop_around(module: Module, loop: ast.AST, test: ast.expr) -> bool:
    """Whether ``test`` reads a name that a loop around ``loop`` binds."""
    nodes = list(ast.walk(test))
    read = {
        each.id
        for each in nodes
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
    own = {each.arg for each in nodes if isinstance(each, ast.arg)}
    free = read - own - _stored([test])
    return not free.isdisjoint(_stored(_loops_around(module, loop)))


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
