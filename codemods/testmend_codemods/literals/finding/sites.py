"""The literals of one file that are values, and the constants that hold values."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.literals.grammar.values import is_near, kind_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.namespaces import Binding
    from testmend.source import Module
    from testmend_codemods.literals.grammar.values import Grammar, Kind

_TOKEN = re.compile(r"""[uUrR]?(?:'[^'\\]*'|"[^"\\]*")""")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Constant(Struct, frozen=True, eq=False):
    """A constant of the module: a name that is bound once, to a value."""

    name: str
    value: str
    node: ast.Constant
    binding: Binding
    end: int


def alike(
    module: Module, kinds: frozenset[Kind], grammar: Grammar
) -> Iterator[tuple[ast.Constant, Kind]]:
    """The strings of a file that are values of some kinds, or look so, with the kind.

    In the order of their first uses. Pieces of f-strings are no strings.
    """
    for text, nodes in module.strings.items():
        kind = grammar.kind_of(text) or is_near(text)
        if kind in kinds:
            yield from ((node, kind) for node in nodes if _is_whole(module, node))


def longer(
    module: Module, kinds: frozenset[Kind]
) -> Iterator[tuple[ast.Constant, str, Kind]]:
    """The strings that hold one value of these kinds, with value and kind."""
    for text, nodes in module.strings.items():
        found = list(within(text))
        if len(found) == 1 and found[0][1] in kinds:
            yield from ((n, *found[0]) for n in nodes if _is_whole(module, n))


def others(module: Module) -> Iterator[ast.Constant]:
    """The strings of a file that are no values."""
    for text, nodes in module.strings.items():
        if kind_of(text) is None:
            yield from (node for node in nodes if _is_whole(module, node))


def _is_whole(module: Module, node: ast.Constant) -> bool:
    return not isinstance(module.parent(node), ast.JoinedStr | ast.FormattedValue)


def is_one_token(module: Module, node: ast.Constant) -> bool:
    """Whether a string is written as one plain token."""
    return _TOKEN.fullmatch(module.source(node)) is not None


def prefix(module: Module, node: ast.expr) -> str:
    """The ``u`` of a string that has it: on Python 2 it is a text, not bytes."""
    return module.source(node)[:1] if getattr(node, "kind", None) else ""


def constants(module: Module, grammar: Grammar) -> list[Constant]:
    """The constants of the module that hold values of any kind."""
    found = []
    for statement in module.tree.body:
        target, value = _assigned(statement)
        if not isinstance(target, ast.Name) or not isinstance(value, ast.Constant):
            continue
        if not isinstance(value.value, str) or grammar.kind_of(value.value) is None:
            continue
        scope = module.scopes.scope(target)
        bindings = [
            each
            for each in module.scopes.all_bindings(target.id)
            if each.scope is scope
        ]
        if len(bindings) == 1:
            end = module.end(statement)
            found.append(Constant(target.id, value.value, value, bindings[0], end))
    return found


def is_named(module: Module, node: ast.Constant) -> bool:
    """Whether the literal is the value of a name of the module or of a class.

    Or of a constant by its looks that a function or a block has for itself.
    """
    statement = module.parent(node)
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return False
    target, _ = _assigned(statement)
    holder = module.parent(statement)
    if not isinstance(target, ast.Name):
        return False
    if outermost(module, node) is not None or target.id.isupper():
        return target.id.isupper()
    return isinstance(holder, ast.Module | ast.ClassDef | ast.If | ast.Try)


def in_class(module: Module, node: ast.Constant) -> bool:
    """Whether the name that `is_named` speaks of is an attribute of a class."""
    statement = module.parent(node)
    return statement is not None and isinstance(module.parent(statement), ast.ClassDef)


def outermost(module: Module, node: ast.AST) -> ast.AST | None:
    """The outermost function in whose body a node is evaluated; None: at import."""
    found: ast.AST | None = None
    below: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, ast.Lambda):
            if below is above.body:
                found = above
        elif isinstance(above, _Function):
            found = above if below in above.body else found
        below = above
    return found


def scope_of(module: Module, node: ast.AST) -> int:
    """A number for the function, or else the top statement, that holds a node."""
    function = outermost(module, node)
    if function is not None:
        return getattr(function, "lineno", 0)
    below: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, ast.Module | ast.ClassDef):
            break
        below = above
    return getattr(below, "lineno", 0)


def _assigned(statement: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.targets[0], statement.value
    if isinstance(statement, ast.AnnAssign):
        return statement.target, statement.value
    return None, None
