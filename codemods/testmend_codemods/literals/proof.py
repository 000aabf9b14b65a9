"""The proof: without the new constants, with their values back, the tree is the old.

Independent of how the edits were made: it looks at the two trees only.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.errors import VerificationError
from testmend_codemods.literals.sentinels import imported
from testmend_codemods.literals.values import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def prove(before: ast.Module, after: ast.Module) -> None:
    """Check that ``after`` is ``before`` with values as constants.

    The constants of ``before`` are all there, each new one is made once under a name
    that the file did not know, and where a literal was there is the literal, or the
    name of a constant that has its value.
    Raises `VerificationError`. Both trees are left as they are.
    """
    old = {id(node): name for node, name, _ in _constants(before)}
    known = {name for _, name, _ in _constants(before)}
    fresh = [each for each in _constants(after) if each[1] not in known]
    if len({name for _, name, _ in fresh}) < len(fresh):
        raise VerificationError("a constant is made twice")
    if not {name for _, name, _ in fresh}.isdisjoint(_names(before)):
        raise VerificationError("the file has another use for a name")
    made = {id(node) for node, _, _ in fresh}
    rest = [node for node in after.body if id(node) not in made]
    if len(rest) != len(before.body):
        raise VerificationError("statements would come or go")
    values: dict[str, str] = {}
    for _, name, value in (*_constants(before), *fresh):
        if values.setdefault(name, value) != value:
            del values[name]
    sentinels: dict[str, str] = {}
    for one, other in zip(before.body, rest, strict=True):
        # A constant keeps its own literal.
        constants = {} if id(one) in old else values
        _compare(one, other, constants, sentinels, set(imported(before)))
    _check_sentinels(before, after, sentinels)


def _check_sentinels(
    before: ast.Module, after: ast.Module, sentinels: Mapping[str, str]
) -> None:
    """Each new sentinel stands for one value, and nothing is left of that value."""
    if not sentinels:
        return
    if len(set(sentinels.values())) < len(sentinels):
        raise VerificationError("a value would have two sentinels")
    if not sentinels.keys().isdisjoint(_attributes(before)):
        raise VerificationError("a sentinel has another use")
    texts = [
        node.value.lower()
        for node in ast.walk(after)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    if any(value.lower() in text for value in sentinels.values() for text in texts):
        raise VerificationError("a value would be left beside its sentinel")


def _attributes(tree: ast.Module) -> set[str]:
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def _constants(tree: ast.Module) -> list[tuple[ast.stmt, str, str]]:
    """The assignments of values to names at the top of a module."""
    found: list[tuple[ast.stmt, str, str]] = []
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))
            ) if kind_of(value) is not None:
                found.append((node, name, value))
    return found


def _names(tree: ast.Module) -> set[str]:
    """Everything in a file that may be a name, bound or read."""
    found: set[str] = set()
    for node in ast.walk(tree):
        for field in node._fields:
            value = getattr(node, field, None)
            if field != "value" and isinstance(value, str):
                found.add(value.partition(".")[0])
            elif field == "names" and isinstance(value, list):  # of global, nonlocal
                found.update(each for each in value if isinstance(each, str))
    return found


def _compare(
    old: object,
    new: object,
    values: Mapping[str, str],
    sentinels: dict[str, str],
    makers: set[str],
) -> None:
    stack = [(old, new)]
    while stack:
        one, other = stack.pop()
        if isinstance(one, ast.AST) and isinstance(other, ast.AST):
            if type(one) is type(other):
                stack += [
                    (getattr(one, name, None), getattr(other, name, None))
                    for name in one._fields
                    if name != "kind"  # of a string: u'...' or not
                ]
            elif not (
                _stands_for(one, other, values)
                or _is_sentinel(one, other, sentinels, makers)
            ):
                line = getattr(one, "lineno", 0)
                raise VerificationError(f"line {line}: the value would be another one")
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                raise VerificationError("something would come or go")
            stack += zip(one, other, strict=True)
        elif type(one) is not type(other) or one != other:
            raise VerificationError(f"{one!r} would be {other!r}")


def _stands_for(one: ast.AST, other: ast.AST, values: Mapping[str, str]) -> bool:
    return (
        isinstance(one, ast.Constant)
        and isinstance(other, ast.Name)
        and isinstance(other.ctx, ast.Load)
        and isinstance(one.value, str)
        and values.get(other.id) == one.value
    )


def _is_sentinel(
    one: ast.AST, other: ast.AST, sentinels: dict[str, str], makers: set[str]
) -> bool:
    """Whether ``uuids.image`` stands for a UUID, for the same one everywhere."""
    match one, other:
        case (
            ast.Constant(value=str(value)),
            ast.Attribute(value=ast.Name(id=maker), attr=name, ctx=ast.Load()),
        ) if maker in makers and kind_of(value) == "uuid":
            return sentinels.setdefault(f"{maker}.{name}", value) == value
    return False
