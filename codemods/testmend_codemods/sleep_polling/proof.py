"""The proof: each name that is new in the file is bound wherever it is read.

Independent of how the edits were made: it looks at the two trees only.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from testmend.errors import VerificationError
from testmend.questions import says_any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def prove(
    before: ast.Module,
    after: ast.Module,
    files: Mapping[str, str],  # noqa: ARG001  those of a proof
    rest: bytes,
) -> None:
    """Check that what ``before`` does not know is bound in ``after`` where it is read.

    By a statement in the same block further up, or in one around it, which every way to
    the read passes. ``rest`` is what the file holds beside the trees. Raises
    `VerificationError`.
    """
    known = {name for node in ast.walk(before) for name in _bound(node)}
    known |= {*dir(builtins)}
    known |= {node.id for node in ast.walk(before) if isinstance(node, ast.Name)}
    fresh = {
        node.id
        for node in ast.walk(after)
        if isinstance(node, ast.Name) and node.id not in known
    }
    if says_any(rest, fresh):
        raise VerificationError("the rest of the file may know a name")
    for name, line in _reads(after.body, fresh, set()):
        raise VerificationError(f"line {line}: {name} may not be bound yet")


def _reads(
    body: Sequence[ast.AST], fresh: set[str], bound: set[str]
) -> Iterator[tuple[str, int]]:
    """The reads of ``fresh`` names, with their lines, that nothing binds before.

    ``bound`` are the names that are bound ahead of the statements.
    """
    bound = {*bound}
    for node in body:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in fresh and node.id not in bound:
                yield node.id, node.lineno
            continue
        inner = bound | set(_targets(node))
        for field, value in ast.iter_fields(node):
            # What a loop goes over is read before it binds anything.
            seen = bound if field in ("iter", "value", "items") else inner
            nested = value if isinstance(value, list) else [value]
            yield from _reads(
                [e for e in nested if isinstance(e, ast.AST)], fresh, seen
            )
        bound |= {*_bound(node)}
        if not isinstance(node, _Function):
            bound |= {*_targets(node)}


def _targets(node: ast.AST) -> Iterator[str]:
    """The names that a statement binds for its own block, or from itself on."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.For | ast.AsyncFor | ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, _Function):
        given = node.args
        yield from (
            each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)
        )
    for target in targets:
        for each in ast.walk(target):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                yield each.id


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node itself binds."""
    if isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for each in node.names:
            yield from _bound(each)
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
