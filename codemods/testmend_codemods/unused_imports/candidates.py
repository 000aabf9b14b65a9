"""The analysis: which imported names no code of the file needs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from testmend_codemods.unused_imports.effects import is_settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.namespaces import Binding
    from testmend.source import Module

Statement = ast.Import | ast.ImportFrom
Kind = Literal["unused", "duplicate", "submodule"]


class Found(Struct, frozen=True, eq=False):
    """An imported name that may go, and why: nothing reads it, or it is one too many.

    ``duplicate``: an earlier statement of the same block imports the same.
    ``submodule``: of ``import a.b``, nothing uses ``a.b``, and another import binds
    ``a``.
    """

    binding: Binding
    alias: ast.alias
    statement: Statement
    kind: Kind

    @property
    def origin(self) -> str:
        """The module that is imported (from), with its leading dots."""
        if isinstance(self.statement, ast.Import):
            return self.alias.name
        return "." * self.statement.level + (self.statement.module or "")

    @property
    def imported(self) -> str:
        """The name that is imported from the module; empty for ``import module``."""
        return "" if isinstance(self.statement, ast.Import) else self.alias.name


def candidates(module: Module) -> list[Found]:
    """All imported names of a file that may go."""
    found = []
    for binding in module.scopes.imports:
        alias = binding.node
        statement = module.parent(alias)
        if (
            not isinstance(alias, ast.alias)
            or not isinstance(statement, ast.Import | ast.ImportFrom)
            or (
                isinstance(statement, ast.ImportFrom)
                and statement.module == "__future__"
            )
        ):
            continue
        kind = _kind(module, binding, alias, statement)
        if kind:
            found.append(Found(binding, alias, statement, kind))
    return found


def _kind(
    module: Module, binding: Binding, alias: ast.alias, statement: Statement
) -> Kind | None:
    if not module.scopes.is_read(binding):
        return "unused"
    others = [
        each
        for each in module.scopes.all_bindings(binding.name)
        if each.scope is binding.scope and each is not binding
    ]
    if not others or any(each.kind != "import" for each in others):
        return None
    if _has_earlier_twin(module, alias, statement, others):
        return "duplicate"
    if isinstance(statement, ast.Import) and _is_idle_submodule(
        module, binding, alias, others
    ):
        return "submodule"
    return None


def _has_earlier_twin(
    module: Module, alias: ast.alias, statement: Statement, others: list[Binding]
) -> bool:
    """Whether the same import stands earlier in the same block, and no other one."""
    earlier = False
    for other in others:
        twin = module.parent(other.node)
        if not isinstance(other.node, ast.alias):
            return False
        if not _same((alias, statement), (other.node, twin)):
            if _is_of_one_root((alias, statement), (other.node, twin)):
                continue  # it binds the name to the same package
            return False
        if module.start(other.node) < module.start(alias):
            earlier |= _is_surplus(module, twin, statement)
    return earlier


def _is_surplus(module: Module, twin: ast.AST | None, statement: Statement) -> bool:
    """Whether a statement stands in the block of an earlier one, and adds nothing.

    In a function with nothing but imports between: one that is repeated among other
    code is there to be run again. So it is in a module behind a call, which may have
    loaded or replaced what is imported, but hardly something of the standard library
    or of a package that only defines.
    """
    holder = module.parent(statement)
    if twin is None or holder is not module.parent(twin):
        return False
    if twin is statement:
        return True
    body: list[ast.stmt] = getattr(holder, "body", [])
    places = [place for place, each in enumerate(body) if each in (twin, statement)]
    between = body[places[0] : places[-1]] if places else []
    if isinstance(holder, ast.Module):
        return _is_settled(statement) or not any(map(_calls, between))
    return bool(between) and all(
        isinstance(each, ast.Import | ast.ImportFrom) for each in between
    )


def _is_settled(statement: Statement) -> bool:
    """Whether a statement imports what no call replaces."""
    if isinstance(statement, ast.ImportFrom):
        return not statement.level and is_settled(statement.module or "")
    return all(is_settled(alias.name) for alias in statement.names)


def _calls(statement: ast.stmt) -> bool:
    """Whether a statement of a module calls something, but for one that defines."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(isinstance(each, ast.Call) for each in ast.walk(statement))


def _is_of_one_root(
    one: tuple[ast.alias, Statement], other: tuple[ast.alias, ast.AST | None]
) -> bool:
    """``import os`` and ``import os.path``."""
    (alias, statement), (twin, above) = one, other
    if not isinstance(statement, ast.Import) or not isinstance(above, ast.Import):
        return False
    roots = {alias.name.partition(".")[0], twin.name.partition(".")[0]}
    return len(roots) == 1 and not alias.asname and not twin.asname


def _same(
    one: tuple[ast.alias, Statement], other: tuple[ast.alias, ast.AST | None]
) -> bool:
    names = [(alias.name, alias.asname) for alias, _ in (one, other)]
    if names[0] != names[1] or type(one[1]) is not type(other[1]):
        return False
    if isinstance(one[1], ast.ImportFrom) and isinstance(other[1], ast.ImportFrom):
        return (one[1].module, one[1].level) == (other[1].module, other[1].level)
    return True


def _is_idle_submodule(
    module: Module, binding: Binding, alias: ast.alias, others: list[Binding]
) -> bool:
    """Whether nothing goes through ``a.b`` of ``import a.b.c`` while ``a`` stays."""
    head = alias.name.split(".")[:2]
    if alias.asname or len(head) < 2:  # noqa: PLR2004  a dotted name
        return False
    chains = list(_chains(module, binding))
    if not all(chains) or any(chain[:2] == head for chain in chains):
        return False
    return any(
        isinstance(other.node, ast.alias)
        and _keeps_root(module, other.node, binding.name, chains)
        for other in others
    )


def _keeps_root(
    module: Module, alias: ast.alias, root: str, chains: list[list[str]]
) -> bool:
    statement = module.parent(alias)
    holder = module.parent(statement) if statement else None
    if not isinstance(holder, ast.Module) or alias.asname:
        return False
    return alias.name == root or alias.name.split(".")[:2] in [c[:2] for c in chains]


def _chains(module: Module, binding: Binding) -> Iterator[list[str]]:
    """For each load of a root, the dotted parts read from it; empty for a bare load."""
    for load in module.scopes.loads(binding):
        parts = []
        node: ast.AST = load
        while isinstance(above := module.parent(node), ast.Attribute):
            parts.append(above.attr)
            node = above
        yield [load.id, *parts] if parts else []
