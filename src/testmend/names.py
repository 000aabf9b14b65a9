"""Where the names of a file are bound, declared and read, scopes apart."""

from __future__ import annotations

import ast
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


class Site(NamedTuple):
    """A place that binds a name, and how."""

    name: str
    node: ast.AST
    kind: BindingKind


class Read(NamedTuple):
    """A place that reads a name. ``at`` is the node that stands in the file.

    They differ in annotations that are strings: there ``name`` was parsed out of the
    string and has its position, and ``at`` is the string.
    """

    name: ast.Name
    at: ast.AST


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


def reads(module: Module) -> dict[str, list[Read]]:
    """Every place that reads a name: loads, ``del x``, ``x += 1``, annotations."""
    found: dict[str, list[Read]] = defaultdict(list)
    for name in module.nodes(ast.Name):
        if not isinstance(name.ctx, ast.Store) or isinstance(
            module.parent(name), ast.AugAssign
        ):
            found[name.id].append(Read(name, name))
    for text in _quoted_annotations(module):
        for name in _parsed(text):
            found[name.id].append(Read(name, text))
    return found


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
    for name in module.nodes(ast.Name):
        if isinstance(name.ctx, ast.Del):
            yield Site(name.id, name, "deletion")
        elif isinstance(name.ctx, ast.Store):
            holder = module.parent(name)
            bare = isinstance(holder, ast.AnnAssign) and holder.value is None
            yield Site(name.id, name, "declaration" if bare else "assignment")


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
    annotations: Iterable[ast.expr | None] = chain(
        (arg.annotation for arg in module.nodes(ast.arg)),
        (node.annotation for node in module.nodes(ast.AnnAssign)),
        (node.returns for node in module.nodes(ast.FunctionDef)),
        (node.returns for node in module.nodes(ast.AsyncFunctionDef)),
    )
    for annotation in annotations:
        if annotation is not None and not isinstance(annotation, ast.Name):
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
