"""The proof: without the new constants, with their values back, the tree is the old.

Independent of how the edits were made: it looks at the two trees only.
"""

from __future__ import annotations

import ast
from collections import Counter

from testmend.errors import VerificationError
from testmend_codemods.literals.values import kind_of


def prove(before: ast.Module, after: ast.Module) -> None:
    """Check that ``after`` is ``before`` with values as constants.

    Raises `VerificationError`. Both trees are left as they are.
    """
    old = _constants(before)
    new = Counter(_constants(after)) - Counter(old)
    stripped = _Stripped(dict(new.keys()), dict(_constants(after)))
    if any(count > 1 for count in new.values()) or len(stripped.new) != len(new):
        raise VerificationError("a constant is made twice")
    # What was a load of an old constant becomes its value on both sides.
    one = _Stripped({}, dict(old)).of(before)
    other = stripped.of(after)
    if one != other:
        raise VerificationError("with its values back, the file is not the old one")


def _constants(tree: ast.Module) -> list[tuple[str, str]]:
    """The assignments of values to names at the top of a module."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            if (
                isinstance(target, ast.Name)
                and isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and kind_of(value.value) is not None
            ):
                found.append((target.id, value.value))
    return found


class _Stripped:
    """A tree as text, without some assignments and with values for names."""

    def __init__(self, new: dict[str, str], values: dict[str, str]) -> None:
        self.new = new
        self.values = values

    def of(self, tree: ast.Module) -> list[str]:
        return [self._dump(node) for node in tree.body if not self._is_new(node)]

    def _is_new(self, node: ast.stmt) -> bool:
        return (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
            and self.new.get(node.targets[0].id) == node.value.value
        )

    def _dump(self, node: object) -> str:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            value = self.values.get(node.id)
            if value is not None:
                return repr(value)
        if isinstance(node, ast.Constant):
            return repr(node.value)
        if isinstance(node, ast.AST):
            fields = ", ".join(
                f"{name}={self._dump(getattr(node, name, None))}"
                for name in node._fields
            )
            return f"{type(node).__name__}({fields})"
        if isinstance(node, list):
            return f"[{', '.join(map(self._dump, node))}]"
        return repr(node)
