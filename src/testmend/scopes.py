"""Which binding each name of a file refers to, by Python's scope rules.

The analysis is made per name and only for names that are asked about: test files are
large, and codemods ask about few of their names. It knows nothing of the order in which
code runs: a load sees every binding of its name in the scope that holds the name.

Covered: nested functions, lambdas, comprehensions (whose first iterable belongs
outside) and classes (which inner functions can't see), ``global`` and ``nonlocal``,
``del``, augmented assignment, walrus, match patterns, handlers, decorators and defaults
(which belong to the enclosing scope), annotations, also in strings, and the scopes of
type parameters (PEP 695). Not covered: the mangling of ``__private`` names in classes.

Source of the rules: the Python reference, "Naming and binding"; tests compare them with
the ``symtable`` module.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from testmend.names import bound_by, declarations, member, quoted, reads, sites
from testmend.namespaces import Binding, Scope, entered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from testmend.names import BindingKind, Site
    from testmend.namespaces import ScopeKind
    from testmend.source import Module


class _Name(Struct, frozen=True):
    """Everything in the file about one name, resolved."""

    bindings: tuple[Binding, ...]
    by_scope: dict[Scope, list[Binding]]
    declared: dict[Scope, Literal["global", "nonlocal"]]


_Read = tuple[ast.Name, list[Binding]]


class Scopes:
    """The scopes of one file. Ask `Module.scopes` for it."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._top = Scope("module", module.tree, None)
        self._made: dict[tuple[ast.AST, ScopeKind], Scope] = {}
        self._resolved: dict[str, _Name] = {}
        self._looked_up: dict[str, tuple[list[_Read], Iterator[ast.Name]]] = {}

    # -- questions ---------------------------------------------------------------

    def qualified(self, expr: ast.expr) -> str | None:
        """The dotted name that an expression refers to through imports.

        ``time.sleep`` for ``sleep`` after ``from time import sleep`` and for
        ``t.sleep`` after ``import time as t``. None if the name is not imported, or
        may be something else: rebound where it is visible, deleted, or replaced by a
        later star import.
        """
        parts: list[str] = []
        while isinstance(expr, ast.Attribute):
            parts.append(expr.attr)
            expr = expr.value
        if not isinstance(expr, ast.Name):
            return None
        seen = self.bindings(expr.id, at=expr)
        targets = {each.target for each in seen}
        if len(targets) != 1 or any(each.kind != "import" for each in seen):
            return None
        if any(self._replaced_by_star(each) for each in seen):
            return None
        return ".".join([*targets, *reversed(parts)])

    def bindings(self, name: str, at: ast.AST) -> tuple[Binding, ...]:
        """The bindings of a name that code at a node may see."""
        return tuple(self._visible(name, self.scope(at)))

    def all_bindings(self, name: str) -> tuple[Binding, ...]:
        """The bindings of a name in every scope, in order of the source."""
        return self._resolve(name).bindings

    def binding(self, alias: ast.alias) -> Binding:
        """The binding that an imported name makes (not for a star import)."""
        found = self._resolve(bound_by(alias)).bindings
        return next(each for each in found if each.node is alias)

    def loads(self, binding: Binding) -> list[ast.Name]:
        """The names that may read a binding, in order of the source.

        ``del x`` and ``x += 1`` read it too. Names in annotations that are strings
        are counted; their position is that of the string.
        """
        return list(self._loads(binding))

    def is_read(self, binding: Binding) -> bool:
        """Whether any name may read a binding."""
        return next(self._loads(binding), None) is not None

    def _loads(self, binding: Binding) -> Iterator[ast.Name]:
        for name, seen in self._read_so_far(binding.name):
            if binding in seen:
                yield name

    def _read_so_far(self, name: str) -> Iterator[_Read]:
        """Where a name is read, with the bindings that are seen from there.

        Each place is looked at once, when first asked for: most are never asked for,
        and some names are bound hundreds of times.
        """
        known, rest = self._looked_up.setdefault(
            name, ([], iter(self._reads.get(name, ())))
        )
        for number in count():
            if number == len(known):
                node = next(rest, None)
                if node is None:
                    return
                scope = self.scope(self._quoted.get(node, node))
                known.append((node, self._visible(name, scope)))
            yield known[number]

    def is_bound_anywhere(self, name: str) -> bool:
        """Whether any scope binds the name or declares it global or nonlocal."""
        return name in self._sites or name in self._declarations

    def is_mentioned(self, name: str) -> bool:
        """Whether the name is bound or read anywhere in the file."""
        return bool(self.mentioned({name}))

    def mentioned(self, names: AbstractSet[str]) -> set[str]:
        """Those of some names that are bound or read anywhere in the file."""
        everywhere = (self._sites, self._declarations, self._reads)
        return {name for each in everywhere for name in names & each.keys()}

    @cached_property
    def imports(self) -> tuple[Binding, ...]:
        """All names bound by imports, in order of the source."""
        aliases = self._module.nodes(ast.alias)
        names = {bound_by(alias) for alias in aliases} - {"*"}
        found = {
            each.node: each
            for name in names
            for each in self._resolve(name).bindings
            if each.kind == "import"
        }
        return tuple(found[alias] for alias in aliases if alias in found)

    def scope(self, node: ast.AST) -> Scope:
        """The scope in which a node is evaluated (a function: where it is defined)."""
        child: ast.AST = node
        below: ast.AST | None = None
        for above in self._module.ancestors(node):
            kind = entered(above, child, below)
            if kind:
                return self._scope(kind, above)
            child, below = above, child
        return self._top

    # -- resolution --------------------------------------------------------------

    def _scope(self, kind: ScopeKind, node: ast.AST) -> Scope:
        if kind == "module":
            return self._top
        found = self._made.get((node, kind))
        if found is None:
            generic = kind != "type" and getattr(node, "type_params", None)
            parent = self._scope("type", node) if generic else self.scope(node)
            found = self._made[node, kind] = Scope(kind, node, parent)
        return found

    def _resolve(self, name: str) -> _Name:
        found = self._resolved.get(name)
        if found is None:
            found = self._resolved[name] = self._analysed(name)
        return found

    def _analysed(self, name: str) -> _Name:
        declared: dict[Scope, Literal["global", "nonlocal"]] = {}
        for statement in self._declarations.get(name, ()):
            kind: Literal["global", "nonlocal"] = (
                "global" if isinstance(statement, ast.Global) else "nonlocal"
            )
            declared[self.scope(statement)] = kind
        placed: list[tuple[ast.AST, BindingKind, Scope]] = [
            (node, kind, self._bound_in(node))
            for _, node, kind in self._sites.get(name, ())
        ]
        own = {scope for _, _, scope in placed if scope not in declared}
        by_scope: dict[Scope, list[Binding]] = defaultdict(list)
        bindings = []
        for node, kind_of, scope in placed:
            home = self._owner(scope, own, declared)
            target = self._target(node) if isinstance(node, ast.alias) else ""
            binding = Binding(name, node, kind_of, home, target)
            bindings.append(binding)
            by_scope[home].append(binding)
        return _Name(tuple(bindings), dict(by_scope), declared)

    def _bound_in(self, node: ast.AST) -> Scope:
        """The scope that a binding at a node belongs to, before declarations."""
        if isinstance(node, ast.arg):
            holder = self._module.parent(node)
            function = holder and self._module.parent(holder)
            if function is None:
                raise AssertionError(node.arg)
            return self._scope("function", function)
        scope = self.scope(node)
        if isinstance(self._module.parent(node), ast.NamedExpr):
            while scope.kind == "comprehension" and scope.parent:
                scope = scope.parent
        return scope

    def _owner(
        self,
        scope: Scope,
        own: set[Scope],
        declared: dict[Scope, Literal["global", "nonlocal"]],
    ) -> Scope:
        """Where a binding in ``scope`` really lives, given the declarations there."""
        if declared.get(scope) == "global":
            return self._top
        if scope not in declared:
            return scope
        above = scope.parent
        while above and not (above.kind == "function" and above in own):
            above = above.parent
        return above or scope

    def _visible(self, name: str, start: Scope) -> list[Binding]:
        known = self._resolve(name)
        top = known.by_scope.get(self._top, [])
        scope: Scope | None = start
        direct = True  # a class is seen from its own body only
        while scope:
            bound = known.by_scope.get(scope)
            if known.declared.get(scope) == "global":
                return top
            if scope.kind == "class":
                if direct and bound:
                    # Where the class has not bound it yet, the module's is read.
                    return [*bound, *top]
            elif bound:
                return bound
            direct = direct and scope.kind == "type"
            scope = scope.parent
        return []

    def _target(self, alias: ast.alias) -> str:
        statement = self._module.parent(alias)
        if isinstance(statement, ast.ImportFrom):
            origin = "." * statement.level + (statement.module or "")
            return member(origin, alias.name)
        return alias.name if alias.asname else alias.name.partition(".")[0]

    def _replaced_by_star(self, binding: Binding) -> bool:
        line = getattr(binding.node, "lineno", 0)
        return binding.scope is self._top and any(
            star.lineno > line for star in self._stars
        )

    # -- sites -------------------------------------------------------------------

    @cached_property
    def _sites(self) -> dict[str, list[Site]]:
        return sites(self._module)

    @cached_property
    def _declarations(self) -> dict[str, list[ast.Global | ast.Nonlocal]]:
        return declarations(self._module)

    @cached_property
    def _reads(self) -> dict[str, list[ast.Name]]:
        found = defaultdict(list, reads(self._module))
        for name in self._quoted:
            found[name.id] = [*found[name.id], name]
        return found

    @cached_property
    def _quoted(self) -> dict[ast.Name, ast.Constant]:
        return quoted(self._module)

    @cached_property
    def _stars(self) -> list[ast.alias]:
        return [each for each in self._module.nodes(ast.alias) if each.name == "*"]
