"""Names that are read but bound nowhere: what codemods can do to each other.

Each codemod sees the original file. One may take away an import that nothing uses any
more while a guest, in the same run, begins to use it. Both are right alone.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from testmend.errors import VerificationError

if TYPE_CHECKING:
    from testmend.source import Module

_BUILTIN = frozenset(dir(builtins))


def still_bound(before: Module, after: Module) -> None:
    """Check that every name read in ``after`` is bound in it, if it was in ``before``.

    Scopes are not told apart: any binding in the file counts. Raises
    `VerificationError`.
    """
    lost = sorted((_reads(after) - _bindings(after)) & _bindings(before) - _BUILTIN)
    if lost:
        raise VerificationError(f"{lost[0]!r} would be read without being bound")


def _reads(module: Module) -> set[str]:
    return {
        node.id
        for node in module.nodes(ast.Name)
        if not isinstance(node.ctx, ast.Store)
    }


def _bindings(module: Module) -> set[str]:
    names = {n.id for n in module.nodes(ast.Name) if isinstance(n.ctx, ast.Store)}
    names.update(each.arg for each in module.nodes(ast.arg))
    names.update(
        each.asname or each.name.partition(".")[0] for each in module.nodes(ast.alias)
    )
    kinds: tuple[type[ast.AST], ...] = (
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
        *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
    )
    for kind in kinds:
        names.update(each.name for each in module.nodes(kind) if each.name)  # type: ignore[attr-defined]  # all of these have one
    names.update(each.rest for each in module.nodes(ast.MatchMapping) if each.rest)
    return names
