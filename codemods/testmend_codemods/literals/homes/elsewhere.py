"""What a proof may believe of other modules: constants that a file imports.

It is given texts of other files by path, and believes that they are what those files
say. Whether a name of the file under proof stands for such a module or constant, it
tells from the two trees itself.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Believed(Struct, frozen=True):
    """The constants of other modules by what stands for them in the file.

    ``body`` are the statements of the file without new imports of those modules.
    """

    body: list[ast.stmt]
    values: Mapping[str, str]


class _Import(Struct, frozen=True):
    """The import of a module, or of a constant of it.

    ``bound``: the name that it binds; ``stands``: what stands for the module then;
    empty for that of a constant, whose own name is ``constant``.
    """

    statement: ast.stmt
    bound: str
    stands: str
    constant: str = ""


def constants(tree: ast.Module) -> list[tuple[ast.stmt, str, str]]:
    """The assignments of strings to names at the top of a module."""
    found: list[tuple[ast.stmt, str, str]] = []
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))
            ):
                found.append((node, name, value))
    return found


def believed(
    before: ast.Module, after: ast.Module, files: Mapping[str, str]
) -> Believed:
    """The constants of other modules that a file imports, before or after a change."""
    body: list[ast.stmt] = list(after.body)
    values: dict[str, str] = {}
    for path, text in files.items():
        made = [(name, value) for _, name, value in constants(ast.parse(text))]
        names = Counter(name for name, _ in made)
        own = {name: value for name, value in made if names[name] == 1}
        parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
        for each in _imports(before, parts):
            if not _is_bound(each.bound, before, [each.statement]):
                values |= _values(each, own)
        if own and not any(_names(each, *parts[-2:]) for each in before.body):
            values |= _with_new(before, body, parts, own)
    return Believed(body, values)


def _values(each: _Import, own: Mapping[str, str]) -> dict[str, str]:
    if each.stands:
        return {f"{each.stands}.{name}": value for name, value in own.items()}
    return {each.bound: own[each.constant]} if each.constant in own else {}


def _imports(tree: ast.Module, parts: Sequence[str]) -> Iterator[_Import]:
    """The imports at the top of a file that reach a module, given by its path."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _is_tail(alias.name.split("."), parts):
                    bound = alias.asname or alias.name.partition(".")[0]
                    yield _Import(node, bound, alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom):
            above = node.module.split(".") if node.module else []
            for alias in node.names:
                bound = alias.asname or alias.name
                if _is_tail([*above, alias.name], parts):
                    yield _Import(node, bound, bound)
                elif above and _is_tail(above, parts):
                    yield _Import(node, bound, "", alias.name)


def _is_tail(words: Sequence[str], parts: Sequence[str]) -> bool:
    return list(words) == list(parts[-len(words) :])


def _with_new(
    before: ast.Module, body: list[ast.stmt], parts: Sequence[str], own: dict[str, str]
) -> dict[str, str]:
    """The constants of a module that one new import binds; it leaves ``body``."""
    folder, stem = parts[-2:]
    new = [each for each in body if _names(each, folder, stem)]
    if len(new) != 1 or _is_bound(stem, before, []):
        return {}
    at = body.index(new[0])
    body[at : at + 1] = _without(new[0], stem)
    return {f"{stem}.{name}": value for name, value in own.items()}


def _names(node: ast.stmt, folder: str, stem: str) -> bool:
    """Whether a statement imports a module of that name from a folder of that name."""
    return (
        isinstance(node, ast.ImportFrom)
        and (node.module or folder).rpartition(".")[2] == folder
        and any(each.name == stem and not each.asname for each in node.names)
    )


def _without(node: ast.stmt, stem: str) -> list[ast.stmt]:
    """An import without one of its names; nothing if that is all of it."""
    if not isinstance(node, ast.ImportFrom):
        return [node]
    rest = [each for each in node.names if each.name != stem or each.asname]
    return [ast.ImportFrom(node.module, rest, node.level)] if rest else []


def _is_bound(name: str, tree: ast.Module, imports: Sequence[ast.stmt]) -> bool:
    """Whether a name means anything else in a file than what one import binds."""
    own = [each for node in imports for each in ast.walk(node)]
    if sum(name == _binds(each) for each in own) > 1:
        return True
    for node in ast.walk(tree):
        if node in own or isinstance(node, ast.Attribute | ast.keyword | ast.Constant):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and imports:
            continue
        if isinstance(node, ast.alias):
            bound: list[Any] = [_binds(node)]
        else:
            bound = [getattr(node, field, None) for field in node._fields]
        if any(name == word or _lists(word, name) for word in bound):
            return True
    return False


def _binds(node: ast.AST) -> str:
    if not isinstance(node, ast.alias):
        return ""
    return node.asname or node.name.partition(".")[0]


def _lists(words: object, name: str) -> bool:
    """Whether it is the list of names of a global or nonlocal statement with this."""
    return isinstance(words, list) and name in words
