"""Where the names of a file are bound, declared and read, scopes apart."""

from __future__ import annotations

import ast
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

BindingKind = Literal[
    "import", "parameter", "definition", "assignment", "declaration", "deletion"
]

# Python 3.12; looked up by name because testmend runs on 3.11 too.
_TYPE_PARAMETERS: tuple[type[ast.AST], ...] = tuple(
    getattr(ast, name)
    for name in ("TypeVar", "ParamSpec", "TypeVarTuple")
    if hasattr(ast, name)
)


def member(module: str, name: str) -> str:
    """The dotted name of what a module has; the module's own where ``name`` is empty.

    ``module`` may be relative: ``..`` and ``x`` is ``..x``.
    """
    joint = "." if name and not module.endswith(".") else ""
    return f"{module}{joint}{name}"


class Site(NamedTuple):
    """A place that binds a name, and how."""

    name: str
    node: ast.AST
    kind: BindingKind


def bound_by(alias: ast.alias) -> str:
    """The name that an imported name is bound to (``*`` for a star import)."""
    return alias.asname or alias.name.partition(".")[0]


def sites(module: Module) -> dict[str, list[Site]]:
    """Every place that binds a name."""
    found: dict[str, list[Site]] = defaultdict(list)
    for site in chain(_defined(module), _assigned(module), _captured(module)):
        found[site.name].append(site)
    return found


def declarations(module: Module) -> dict[str, list[ast.Global | ast.Nonlocal]]:
    """Every ``global`` and ``nonlocal`` statement by the names in it."""
    found: dict[str, list[ast.Global | ast.Nonlocal]] = defaultdict(list)
    nodes: list[ast.Global | ast.Nonlocal] = [
        *module.nodes(ast.Global),
        *module.nodes(ast.Nonlocal),
    ]
    for node in nodes:
        for name in node.names:
            found[name].append(node)
    return found


def reads(module: Module) -> dict[str, list[ast.Name]]:
    """Every place that reads a name: loads, ``del x``, ``x += 1``."""
    return module.once(_by_context)[0]


def _by_context(module: Module) -> tuple[dict[str, list[ast.Name]], list[ast.Name]]:
    """The reads of every name, and all names that are set or deleted."""
    found: dict[str, list[ast.Name]] = defaultdict(list)
    others: list[ast.Name] = []
    augmented = {node.target for node in module.nodes(ast.AugAssign)}
    for node in module.nodes(ast.Name):
        if node.ctx.__class__ is not ast.Load:
            others.append(node)
            if node.ctx.__class__ is ast.Store and node not in augmented:
                continue
        found[node.id].append(node)
    return found, others


def quoted(module: Module) -> dict[ast.Name, ast.Constant]:
    """The names in annotations that are strings, with the strings.

    Such a name has the position of its string.
    """
    return {
        name: text for text in _quoted_annotations(module) for name in _parsed(text)
    }


def _defined(module: Module) -> Iterator[Site]:
    for alias in module.nodes(ast.alias):
        if alias.name != "*":
            yield Site(bound_by(alias), alias, "import")
    for arg in module.nodes(ast.arg):
        yield Site(arg.arg, arg, "parameter")
    definitions: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = [
        *module.nodes(ast.FunctionDef),
        *module.nodes(ast.AsyncFunctionDef),
        *module.nodes(ast.ClassDef),
    ]
    for node in definitions:
        yield Site(node.name, node, "definition")
    for kind in _TYPE_PARAMETERS:
        for parameter in module.nodes(kind):
            yield Site(getattr(parameter, "name", ""), parameter, "parameter")


def _assigned(module: Module) -> Iterator[Site]:
    bare = {node.target for node in module.nodes(ast.AnnAssign) if node.value is None}
    for name in module.once(_by_context)[1]:
        if type(name.ctx) is ast.Store:
            yield Site(name.id, name, "declaration" if name in bare else "assignment")
        else:
            yield Site(name.id, name, "deletion")


def _captured(module: Module) -> Iterator[Site]:
    captures: list[ast.ExceptHandler | ast.MatchAs | ast.MatchStar] = [
        *module.nodes(ast.ExceptHandler),
        *module.nodes(ast.MatchAs),
        *module.nodes(ast.MatchStar),
    ]
    for node in captures:
        if node.name:
            yield Site(node.name, node, "assignment")
    for mapping in module.nodes(ast.MatchMapping):
        if mapping.rest:
            yield Site(mapping.rest, mapping, "assignment")


def _quoted_annotations(module: Module) -> Iterator[ast.Constant]:
    annotations = [arg.annotation for arg in module.nodes(ast.arg) if arg.annotation]
    annotations += [node.annotation for node in module.nodes(ast.AnnAssign)]
    annotations += [f.returns for f in module.nodes(ast.FunctionDef) if f.returns]
    annotations += [f.returns for f in module.nodes(ast.AsyncFunctionDef) if f.returns]
    for annotation in annotations:
        if not isinstance(annotation, ast.Name):
            yield from _texts(annotation)


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node


def _parsed(text: ast.Constant) -> Iterator[ast.Name]:
    """The names in an annotation that is a string, also in strings within it."""
    try:
        tree = ast.parse(f"({text.value!s})", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield ast.copy_location(node, text)
    for inner in _texts(tree):
        if inner.value != text.value:
            yield from _parsed(ast.copy_location(inner, text))
