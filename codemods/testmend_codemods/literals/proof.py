"""The proof: without the new constants, with their values back, the tree is the old.

Independent of how the edits were made: it looks at the two trees only.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from testmend.errors import VerificationError
from testmend.questions import says_any
from testmend_codemods.literals.finding.attributes import above, attributes, pairs
from testmend_codemods.literals.grammar.values import kind_of
from testmend_codemods.literals.homes.elsewhere import believed, constants
from testmend_codemods.literals.sentinels import imported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ATOMS = frozenset({str, int, type(None)})
_LEAVES = _ATOMS | {ast.Load, ast.Store, ast.Del}  # no fields, or no parts

_NO_FILES: Mapping[str, str] = {}


def prove(
    before: ast.Module,
    after: ast.Module,
    files: Mapping[str, str] = _NO_FILES,
    rest: bytes = b"",
) -> None:
    """Check that ``after`` is ``before`` with values as constants.

    The constants of ``before`` are all there, each new one is made once under a name
    that the file did not know, and where a literal was there is the literal, or the
    name of a constant that has its value. ``files`` are the texts of other modules (by
    path) whose constants count as well, where ``after`` imports them. ``rest`` is
    what the file holds beside the trees: no new name may stand in it.
    Raises `VerificationError`. Both trees are left as they are.
    """
    old = {id(node): name for node, name, _ in constants(before)}
    known = {name for _, name, _ in constants(before)}
    fresh = [each for each in constants(after) if each[1] not in known]
    if len({name for _, name, _ in fresh}) < len(fresh):
        raise VerificationError("a constant is made twice")
    if not {name for _, name, _ in fresh}.isdisjoint(_names(before)):
        raise VerificationError("the file has another use for a name")
    if says_any(rest, [name for _, name, _ in fresh]) or (files and rest):
        raise VerificationError("the rest of the file may have a use for a name")
    made = {id(node) for node, _, _ in fresh}
    shared = believed(before, after, files)
    body = [node for node in shared.body if id(node) not in made]
    if len(body) != len(before.body):
        raise VerificationError("statements would come or go")
    values = _values([*constants(before), *fresh]) | dict(shared.values)
    held = {} if rest else attributes(before)
    sentinels: dict[str, str] = {}
    makers = set(imported(before))
    for one, other in zip(before.body, body, strict=True):
        # A constant keeps its own literal.
        standing = {} if id(one) in old else {**values, **above(before, one, held)}
        for mine, its, known_here in pairs(one, other, standing, held):
            _compare(mine, its, known_here, sentinels, makers)
    _check_sentinels(before, after, sentinels)
    if sentinels and rest:
        raise VerificationError("the rest of the file may know a sentinel or its value")


def _values(constants: Sequence[tuple[ast.stmt, str, str]]) -> dict[str, str]:
    """The value by name, of names that are given one value only."""
    several: dict[str, set[str]] = {}
    for _, name, value in constants:
        several.setdefault(name, set()).add(value)
    return {name: min(all_) for name, all_ in several.items() if len(all_) == 1}


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


def _names(tree: ast.Module) -> set[str]:
    """Everything in a file that may be a name, bound or read."""
    found: set[str] = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.alias) and node.asname:
            found.add(node.asname)
            continue
        for field in node.__class__._fields:
            value: Any = getattr(node, field, None)
            kind = value.__class__
            if kind is str:
                if field != "value":
                    found.add(value.partition(".")[0])
            elif kind is list:
                # Words are those of global and nonlocal.
                found.update(each for each in value if each.__class__ is str)
                stack += [each for each in value if isinstance(each, ast.AST)]
            elif kind not in _LEAVES and isinstance(value, ast.AST):
                stack.append(value)
    return found


def _compare(  # noqa: C901  one loop for every node of a file: calls would cost
    old: object,
    new: object,
    values: Mapping[str, str],
    sentinels: dict[str, str],
    makers: set[str],
) -> None:
    """Compare two trees, or lists of them, field by field; a stack holds what waits.

    It visits every node of a file: leaves are done with at once.
    """
    stack: list[tuple[Any, Any]] = [(old, new)]
    while stack:
        one, other = stack.pop()
        kind = one.__class__
        if kind is not other.__class__:
            if not (
                _stands_for(one, other, values)
                or _is_sentinel(one, other, sentinels, makers)
            ):
                line = getattr(one, "lineno", 0)
                raise VerificationError(f"line {line}: the value would be another one")
        elif kind is list:
            if len(one) != len(other):
                raise VerificationError("something would come or go")
            stack += zip(one, other, strict=True)
        elif issubclass(kind, ast.AST):
            for name in kind._fields:
                if name == "kind":  # of a string: u'...' or not
                    continue
                mine = getattr(one, name, None)
                its = getattr(other, name, None)
                if mine.__class__ not in _LEAVES or its.__class__ is not mine.__class__:
                    stack.append((mine, its))
                elif mine.__class__ in _ATOMS and mine != its:
                    raise VerificationError(f"{mine!r} would be {its!r}")
        elif one != other:
            raise VerificationError(f"{one!r} would be {other!r}")


def _stands_for(one: object, other: object, values: Mapping[str, str]) -> bool:
    """Whether a constant, or a string with one in it, takes the place of a literal."""
    if not isinstance(one, ast.Constant) or not isinstance(one.value, str):
        return False
    if isinstance(other, ast.JoinedStr):
        parts = [_part(each, values) for each in other.values]
        return None not in parts and "".join(filter(None, parts)) == one.value
    return _value(other, values) == one.value


def _part(node: ast.expr, values: Mapping[str, str]) -> str | None:
    """What a part of an f-string comes to."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
            return _value(inner, values)
    return None


def _value(node: object, values: Mapping[str, str]) -> str | None:
    """What a constant is worth."""
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        return values.get(ast.unparse(node))
    return None


def _is_sentinel(
    one: object, other: object, sentinels: dict[str, str], makers: set[str]
) -> bool:
    """Whether ``uuids.image`` stands for a UUID, for the same one everywhere."""
    match one, other:
        case (
            ast.Constant(value=str(value)),
            ast.Attribute(value=ast.Name(id=maker), attr=name, ctx=ast.Load()),
        ) if maker in makers and kind_of(value) == "uuid":
            return sentinels.setdefault(f"{maker}.{name}", value) == value
    return False
