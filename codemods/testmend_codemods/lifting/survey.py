"""Finding the literals of one file, and deciding which become constants."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from testmend.model import Edit, Finding, Fix, Range, Survey
from testmend_codemods.knowledge.files import is_generated, is_test_data
from testmend_codemods.lifting.contexts import never
from testmend_codemods.lifting.naming import NEUTRAL, elect, numbered, vote
from testmend_codemods.lifting.placing import Block, block
from testmend_codemods.lifting.values import Kind, is_value, neighbourhood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.codemod import Context
    from testmend.source import Module

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Use:
    """One literal: its place, the scope it stands in, its vote, why it must stay."""

    value: str
    start: int
    end: int
    range: Range
    scope: int
    name: str
    reason: str
    early: bool  # evaluated when the module is, before the constants are


@dataclass(frozen=True, slots=True)
class Candidates:
    """All literals of one kind in one file, and what names are taken there."""

    codemod: str
    kind: Kind
    uses: tuple[Use, ...]
    block: Block
    taken: frozenset[str]
    known: tuple[tuple[str, str], ...]  # value, the constant that has it
    private: bool


def survey(module: Module, codemod: str, kind: Kind) -> Survey | None:
    """The literals of one kind in a file; None if there are none."""
    literals = [
        node
        for node in module.nodes(ast.Constant)
        if isinstance(node.value, str) and is_value(kind, node.value)
    ]
    if not literals:
        return None
    literals.sort(key=module.start)
    place = block(module)
    data = is_generated(module.data) or is_test_data(module.path)
    uses = tuple(
        _use(module, node, codemod, kind, place, data=data) for node in literals
    )
    exported = module.scopes.is_bound_anywhere("__all__")
    found = Candidates(
        codemod,
        kind,
        uses,
        place,
        _upper_names(module),
        tuple(_constants(module, kind)),
        exported,
    )
    return Survey(found)


def _use(
    module: Module,
    node: ast.Constant,
    codemod: str,
    kind: Kind,
    place: Block,
    *,
    data: bool,
) -> Use:
    start, end = module.start(node), module.end(node)
    owner = next((n for n in module.ancestors(node) if isinstance(n, _FUNCTIONS)), None)
    top: ast.expr | ast.stmt = owner or next(
        (each for each in module.tree.body if module.end(each) >= end), node
    )
    reason = "data" if data else never(module, node, kind)
    if not reason and module.suppressions.on_line(codemod, node.lineno):
        reason = "suppressed"
    name = "" if reason else vote(module, node, kind)
    return Use(
        value=str(node.value),
        start=start,
        end=end,
        range=module.range(start, end),
        scope=module.start(top),
        name=name,
        reason=reason,
        early=start < place.anchor,
    )


def _upper_names(module: Module) -> frozenset[str]:
    names = {node.id for node in module.nodes(ast.Name)}
    for node in module.nodes(ast.alias):
        names.add((node.asname or node.name).partition(".")[0])
    names |= {node.name for node in module.nodes(ast.ClassDef)}
    names |= {node.name for node in module.nodes(ast.FunctionDef)}
    names |= {node.arg for node in module.nodes(ast.arg)}
    return frozenset(name for name in names if name.isupper())


def _constants(module: Module, kind: Kind) -> Iterator[tuple[str, str]]:
    """Values that a constant of the module has: bound once, and nowhere shadowed."""
    for node in module.tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))
            ) if name.isupper() and is_value(kind, value):
                if len(module.scopes.all_bindings(name)) == 1:
                    yield value, name


def resolve(found: Candidates, context: Context) -> Iterator[Finding]:
    """A finding with a fix for each value that is lifted, one without for the rest."""
    star = any(each.name == "*" for _, each in context.index.importers(context.path))
    names = _Names(found, private=found.private or star)
    by_value: dict[str, list[Use]] = defaultdict(list)
    for use in found.uses:
        by_value[use.value].append(use)
    constants = dict(reversed(found.known))
    for value, uses in by_value.items():
        free = [use for use in uses if not use.reason]
        for use in uses:
            if use.reason not in ("", "suppressed", "named"):
                yield _left(found, use, use.reason)
        if not free:
            continue
        if value in constants:
            yield from _reused(found, free, constants[value])
            continue
        reason = names.why_not(value)
        if reason:
            yield _left(found, free[0], reason)
            continue
        yield _lifted(found, value, free, names.of(value))


def _left(found: Candidates, use: Use, reason: str) -> Finding:
    message = f"{use.value} is hardcoded"
    return Finding(found.codemod, use.range, message, reason=reason)


def _reused(found: Candidates, free: list[Use], name: str) -> Iterator[Finding]:
    usable = [use for use in free if not use.early]
    for use in free:
        if use.early:
            yield _left(found, use, "defined-earlier")
    if usable:
        edits = tuple(Edit(use.start, use.end, name) for use in usable)
        message = f"{usable[0].value} is {name} of this file"
        yield Finding(found.codemod, usable[0].range, message, Fix(edits))


def _lifted(found: Candidates, value: str, free: list[Use], name: str) -> Finding:
    edits = [Edit(use.start, use.end, name) for use in free]
    edits += found.block.edits(name, value, free[0].start)
    times = f" ({len(free)} times)" if len(free) > 1 else ""
    message = f"{value} is hardcoded{times}: {name}"
    return Finding(found.codemod, free[0].range, message, Fix(tuple(edits)))


class _Names:
    """Which values of a file are lifted, and under which names."""

    def __init__(self, found: Candidates, *, private: bool) -> None:
        self._kind = found.kind
        self._private = private
        self._uses: dict[str, list[Use]] = defaultdict(list)
        for use in found.uses:
            if not use.reason:
                self._uses[use.value].append(use)
        known = {value for value, _ in found.known}
        self._best = {
            value: elect(use.name for use in uses)
            for value, uses in self._uses.items()
            if value not in known
        }
        self._reasons = {
            value: self._reason(value, found.taken) for value in self._best
        }
        self._together(found)
        self._chosen = self._choose(found.taken)

    def why_not(self, value: str) -> str:
        """Why a value is not lifted; empty if it is."""
        return self._reasons[value]

    def of(self, value: str) -> str:
        """The constant's name of a value that is lifted."""
        return self._chosen[value]

    def _reason(self, value: str, taken: frozenset[str]) -> str:
        uses = self._uses[value]
        if any(use.early for use in uses):
            return "defined-earlier"
        scopes, enough = {use.scope for use in uses}, 2 if self._kind == "uuid" else 3
        if len(scopes) > 1 and len(uses) >= enough:
            return ""
        name = self._best[value]
        shared = sum(other == name for other in self._best.values()) > 1
        own = name and not shared and self._spelled(name) not in taken
        return "" if own else "single-use"

    def _together(self, found: Candidates) -> None:
        """Addresses of one network are lifted together or not at all."""
        if self._kind != "ip":
            return
        stays: set[str] = {
            neighbourhood(use.value)
            for use in found.uses
            if use.reason not in ("", "well-known", "named", "suppressed")
        }
        stays |= {neighbourhood(v) for v, reason in self._reasons.items() if reason}
        for value, reason in self._reasons.items():
            if not reason and neighbourhood(value) in stays:
                self._reasons[value] = "network-group"

    def _choose(self, taken: frozenset[str]) -> dict[str, str]:
        used = set(taken)
        chosen: dict[str, str] = {}
        for value, reason in self._reasons.items():
            if reason:
                continue
            base = self._spelled(self._best[value] or NEUTRAL[self._kind])
            names = (base, *(numbered(base, n) for n in range(2, len(used) + 3)))
            chosen[value] = next(name for name in names if name not in used)
            used.add(chosen[value])
        return chosen

    def _spelled(self, name: str) -> str:
        return f"_{name}" if self._private else name
