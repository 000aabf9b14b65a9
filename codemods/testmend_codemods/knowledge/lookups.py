"""Whether a file looks names up at run time, so that a name may be used unseen."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.source import Module

_FUNCTIONS = ("eval", "exec", "execfile", "globals", "locals", "vars", "dir")
_ATTRIBUTES = frozenset({"f_globals", "f_locals", "__globals__"})
_MODULES = frozenset({"timeit"})


def looks_names_up(module: Module) -> bool:
    """Whether the file reads names that only a run can tell.

    ``eval``, ``exec``, ``timeit``, ``globals()``, ``locals()``, ``vars()``, ``dir()``,
    frames, and any use of ``__name__`` but the usual two (the main guard, loggers).
    """
    scopes = module.scopes
    for name in _FUNCTIONS:
        if scopes.is_mentioned(name) and not scopes.is_bound_anywhere(name):
            return True
    if any(node.attr in _ATTRIBUTES for node in module.nodes(ast.Attribute)):
        return True
    if any(each.target.partition(".")[0] in _MODULES for each in scopes.imports):
        return True
    return any(
        node.id == "__name__" and not _is_usual(module, node)
        for node in module.nodes(ast.Name)
    )


def _is_usual(module: Module, name: ast.Name) -> bool:
    """``__name__ == "__main__"`` or ``getLogger(__name__)``."""
    holder = module.parent(name)
    if isinstance(holder, ast.Compare):
        return True
    if isinstance(holder, ast.Call) and name in holder.args:
        function = holder.func
        called = getattr(function, "attr", getattr(function, "id", ""))
        return called.lower() in ("getlogger", "get_logger", "logger")
    return False
