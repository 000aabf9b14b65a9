"""Class attributes that hold values: ``TestBoot.IMAGE_ID`` in place of a literal.

By the name of the class, not by ``self``: that is the same value in every subclass.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def attributes(tree: ast.Module) -> dict[str, str]:
    """The strings that attributes of top classes hold for good, by ``Class.NAME``.

    The class is made once, the attribute too, and nothing in the file sets an attribute
    of that name or has its name in a string.
    """
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found = {
        (node.name, name): value
        for node in classes
        for name, value in _strings(node)
        if name.isupper()
    }
    if not found:
        return {}
    bound: Counter[str] = Counter()
    unsure: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] += 1
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            unsure.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            unsure.add(node.value)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            bound[node.name] += 1
        elif isinstance(node, ast.arg):
            bound[node.arg] += 1
        elif isinstance(node, ast.alias):
            bound[node.asname or node.name.partition(".")[0]] += 1
    return {
        f"{owner}.{name}": value
        for (owner, name), value in found.items()
        if bound[owner] == bound[name] == 1 and name not in unsure
    }


def _strings(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for each in node.body:
        match each:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))
            ):
                yield name, value


def in_reach(owner: str, tree: ast.Module, path: Sequence[ast.AST]) -> bool:
    """Whether a class is there when the code at a node runs.

    ``path``: the nodes from that up to the module, without it, innermost first. The
    class has to stand above, or the code in the body of one of its functions.
    """
    top = path[-1]
    for node in tree.body:
        if node is top:
            break
        if isinstance(node, ast.ClassDef) and node.name == owner:
            return True
    if not isinstance(top, ast.ClassDef) or top.name != owner or len(path) < 3:  # noqa: PLR2004  class, function, statement
        return False
    function, statement = path[-2], path[-3]
    return isinstance(function, _FUNCTIONS) and statement in function.body


def pairs(
    one: ast.stmt, other: ast.stmt, values: Mapping[str, str], held: Mapping[str, str]
) -> Iterator[tuple[object, object, Mapping[str, str]]]:
    """A top statement before and after, in parts: which values may stand in each.

    ``values`` anywhere; of ``held`` the attributes of this class in the bodies of its
    functions only.
    """
    if not isinstance(one, ast.ClassDef) or not isinstance(other, ast.ClassDef):
        yield one, other, values
        return
    own = {name: value for name, value in held.items() if _owner(name) == one.name}
    if not own or len(one.body) != len(other.body):
        yield one, other, values
        return
    yield from _but_body(one, other, values)
    for mine, its in zip(one.body, other.body, strict=True):
        if isinstance(mine, _FUNCTIONS) and isinstance(its, type(mine)):
            yield from _but_body(mine, its, values)
            yield mine.body, its.body, {**values, **own}
        else:
            yield mine, its, values


def above(tree: ast.Module, top: ast.stmt, held: Mapping[str, str]) -> dict[str, str]:
    """The attributes of the classes that stand above a top statement."""
    seen: set[str] = set()
    for node in tree.body:
        if node is top:
            break
        if isinstance(node, ast.ClassDef):
            seen.add(node.name)
    return {name: value for name, value in held.items() if _owner(name) in seen}


def _but_body(
    one: ast.AST, other: ast.AST, values: Mapping[str, str]
) -> Iterator[tuple[object, object, Mapping[str, str]]]:
    for name in one._fields:
        if name != "body":
            yield getattr(one, name, None), getattr(other, name, None), values


def _owner(name: str) -> str:
    return name.partition(".")[0]
