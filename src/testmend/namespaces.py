"""What scopes and bindings are, and which scope a node opens."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from testmend.names import BindingKind

ScopeKind = Literal["module", "class", "function", "comprehension", "type"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Python 3.12; looked up by name because testmend runs on 3.11 too.
_TYPE_ALIAS: type[ast.AST] | None = getattr(ast, "TypeAlias", None)


class Scope(Struct, frozen=True, eq=False):
    """A namespace: the node that makes it (two for a generic function) and its kind."""

    kind: ScopeKind
    node: ast.AST
    parent: Scope | None


class Binding(Struct, frozen=True, eq=False):
    """One place that binds a name.

    ``node`` is the `ast.alias`, `ast.arg`, `ast.Name`, function, class, handler,
    pattern or type parameter. ``scope`` is where the name lives (for ``global x``:
    the module). ``target`` is the dotted name that an import gives to it (``a`` for
    ``import a.b``, ``a.b`` for ``from a import b``; relative ones keep their dots).
    """

    name: str
    node: ast.AST
    kind: BindingKind
    scope: Scope
    target: str = ""


def entered(above: ast.AST, child: ast.AST, below: ast.AST | None) -> ScopeKind | None:
    """The kind of scope in which ``child`` of ``above`` is evaluated, if above's own.

    ``below`` is the child of ``child`` on the way to the node in question.
    """
    if isinstance(above, (*_FUNCTIONS, ast.ClassDef)):
        if isinstance(child, ast.stmt):
            return "class" if isinstance(above, ast.ClassDef) else "function"
        return _generic(above, child, below)
    if isinstance(above, ast.Lambda):
        return "function" if child is above.body else None
    if isinstance(above, _COMPREHENSIONS):
        first = above.generators[0]
        outside = child is first and below is first.iter
        return None if outside else "comprehension"
    if _TYPE_ALIAS is not None and isinstance(above, _TYPE_ALIAS):
        return None if child is above.name else "type"  # type: ignore[attr-defined]  # 3.12
    return None


def _generic(
    above: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    child: ast.AST,
    below: ast.AST | None,
) -> ScopeKind | None:
    """Annotations, bases and bounds see type parameters; decorators, defaults don't."""
    if not getattr(above, "type_params", None) or child in above.decorator_list:
        return None
    if isinstance(child, ast.arguments):
        return None if isinstance(below, ast.expr) else "type"
    return "type"
