"""The survey of one file: every use of every value, with all that decides about it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.facts import callee
from testmend.model import Survey
from testmend.questions import words_of
from testmend_codemods.knowledge.data import is_only_data
from testmend_codemods.knowledge.files import is_generated, is_test_data, is_vendored
from testmend_codemods.knowledge.lines import knows_own_lines
from testmend_codemods.knowledge.testcode import holds_no_test
from testmend_codemods.literals import shared
from testmend_codemods.literals.finding import embedded as embedding
from testmend_codemods.literals.finding import neighbours, sites
from testmend_codemods.literals.finding.attributes import attributes, in_reach
from testmend_codemods.literals.finding.contexts import vote
from testmend_codemods.literals.finding.expected import is_bound, is_expected, spelled
from testmend_codemods.literals.finding.refusals import is_made_of, refusal
from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.values import (
    NETWORKED,
    Grammar,
    is_undashed,
    is_well_known,
)
from testmend_codemods.literals.lines import block, breaks, house, joins, layout
from testmend_codemods.literals.lines.wrapping import unwrapped
from testmend_codemods.literals.model import Positional, Seen, Use, Vote
from testmend_codemods.literals.sentinels import sentinels

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from testmend.source import Module
    from testmend_codemods.literals.finding.sites import Constant
    from testmend_codemods.literals.grammar.values import Kind
    from testmend_codemods.literals.options import LiteralOptions, ValueOptions

_WIDEST = 64  # characters of what may stand for a value, and of a limit below PEP 8's
_UPPER = re.compile(rb"_?[A-Z][A-Z0-9_]*")
_NAMING = ("setattr", "getattr", "delattr", "hasattr", "object", "multiple", "patch")


def survey(
    codemod: str, kinds: frozenset[Kind], module: Module, options: LiteralOptions
) -> Survey | None:
    """What a file says about its values of some kinds; None if it has none.

    Other files are asked for parameters, and for star imports.
    """
    in_code = bool(module.tree.body)  # not in comments alone
    seen = _look(module, kinds, codemod, options) if in_code else None
    if seen is None:
        return None
    votes = (use.vote for use in seen.uses)
    called = (each.callee for each in votes if isinstance(each, Positional))
    return Survey(seen, names=frozenset(), functions=frozenset(called))


def survey_own(module: Module, options: ValueOptions) -> Survey | None:
    """The same for the kinds that a user names."""
    return survey("hardcoded-value", frozenset(options.kinds), module, options)


def _look(
    module: Module, kinds: frozenset[Kind], codemod: str, options: LiteralOptions
) -> Seen | None:
    grammar = options.grammar
    embedded = getattr(options, "embedded", False)
    held = attributes(module.tree) if options.class_attributes else {}
    file = _File(module, codemod, grammar, held)
    uses: list[Use] = []
    near: list[Use] = []
    owned: set[str] = set()
    made: set[tuple[str, int]] = set()
    literals = 0
    for node, kind in sites.alike(module, kinds, grammar):
        if grammar.kind_of(str(node.value)) is None:
            near.append(file.refused(node, kind, "near-value"))
        elif sites.is_named(module, node):
            if sites.in_class(module, node):
                owned.add(str(node.value))
        elif not file.is_other(node):
            literals += 1
            uses.append(file.literal(node, kind))
            if is_made_of(module, node):
                made.add((uses[-1].value, uses[-1].scope))
    if not literals and not near and not embedded:
        return None
    longer = list(sites.longer(module, kinds))
    holders = tuple(file.holders(longer)) if embedded else ()
    if not literals and not near and not holders:
        return None
    told = () if embedded else spelled(module, {use.value for use in uses})
    uses = list(_together(module, uses, made, told))
    wanted = getattr(options, "placement", "") == "sentinel"
    known = sentinels(module, uses) if wanted else None
    uses += file.loads(kinds)
    return Seen(
        uses=tuple(sorted(uses, key=lambda use: use.start)),
        near=tuple(near),
        taken=module.once(_taken),
        constants=(
            *((each.name, each.value) for each in file.constants),
            *held.items(),
        ),
        owned=frozenset(owned),
        place=file.place,
        quote=module.once(house.quote),
        embedded=holders,
        copies=tuple(Counter(value for _, value, _ in longer).items()),
        exports=module.scopes.is_bound_anywhere("__all__"),
        star_below=_star_below(module, file.place.at),
        exploded=module.once(house.is_exploded),
        widest=module.once(house.widest),
        is_narrow=module.once(house.is_narrow),
        knows_shared=module.scopes.is_mentioned(shared.STEM),
        shared_from=shared.imported_from(module),
        sentinels=known,
        only_data=module.once(is_only_data),
    )


def _together(
    module: Module,
    uses: Iterable[Use],
    made: Container[tuple[str, int]],
    told: Iterable[tuple[str, int]],
) -> Iterator[Use]:
    """The uses, of which a function has all of a value's as literals, or none.

    What stays as it is in one place of a function stays in all, for the same reason,
    unless a person says that it stays there. ``made``: the values, with the functions,
    that objects are made of; ``told``: those that longer strings spell out.
    """
    uses = list(uses)
    stays = dict.fromkeys(told, "literal-tested") | {
        (use.value, use.scope): use.reason
        for use in reversed(uses)
        if use.reason not in ("", "suppressed")
    }
    functions = module.once(_functions) if stays else frozenset()
    for use in uses:
        place = use.value, use.scope
        if use.reason or not (place in made or place in stays):
            yield use
        elif place in made or use.scope in functions:
            yield replace(use, reason=stays.get(place, "literal-tested"))
        else:
            yield use


def _functions(module: Module) -> frozenset[int]:
    """The lines at which functions begin."""
    plain, others = module.nodes(ast.FunctionDef), module.nodes(ast.AsyncFunctionDef)
    return frozenset(each.lineno for each in (*plain, *others))


class _File:
    """One file, and what every use of it needs to be judged."""

    def __init__(
        self,
        module: Module,
        codemod: str,
        grammar: Grammar,
        held: Mapping[str, str],
    ) -> None:
        self.module = module
        self.codemod = codemod
        self.grammar = grammar
        self.held = held
        self.place = block.place(module, grammar)
        self.constants = sites.constants(module, grammar)
        self.refuses_all = ""
        if is_test_data(module.path) or is_vendored(module.path):
            self.refuses_all = "test-data"
        elif holds_no_test(module.path, module.utf8):
            self.refuses_all = "no-test"
        elif module.once(knows_own_lines):
            self.refuses_all = "own-lines"
        elif module.once(is_generated):
            self.refuses_all = "generated"

    def literal(self, node: ast.Constant, kind: Kind) -> Use:
        """A literal that is a value."""
        if self.refuses_all:
            return self.refused(node, kind, self.refuses_all)
        if self.module.suppressions.on_line(self.codemod, node.lineno):
            return self.refused(node, kind, "suppressed")
        reason = refusal(self.module, node, kind, self.grammar)
        if not reason and not sites.is_one_token(self.module, node):
            reason = "part-of-string"
        if reason:
            return self.refused(node, kind, reason)
        use = self._use(node, kind, str(node.value), literal=True)
        return unwrapped(self.module, use)

    def refused(self, node: ast.Constant, kind: Kind, reason: str) -> Use:
        """A literal that has to stay."""
        module = self.module
        return Use(
            start=module.start(node),
            end=module.end(node),
            range=module.range_of(node),
            kind=kind,
            value=str(node.value),
            scope=sites.scope_of(module, node),
            literal=True,
            reason=reason,
        )

    def loads(self, kinds: frozenset[Kind]) -> Iterator[Use]:
        """The uses of the constants that hold values: they name them too."""
        for constant in self.constants:
            kind = self.grammar.kind_of(constant.value)
            if kind is None or kind not in kinds:
                continue
            for load in self.module.scopes.loads(constant.binding):
                if isinstance(load.ctx, ast.Load) and self.module.parent(load):
                    yield self._use(load, kind, constant.value, literal=False)

    def _use(self, node: ast.expr, kind: Kind, value: str, *, literal: bool) -> Use:
        module = self.module
        start, end = module.start(node), module.end(node)
        above = module.parent(node)
        at_import = sites.outermost(module, node) is None
        room = layout.room(module, node.lineno)
        tight = literal and room + end - start < _WIDEST
        return Use(
            start=start,
            end=end,
            range=module.range_of(node),
            kind=kind,
            value=value,
            scope=sites.scope_of(module, node),
            literal=literal,
            vote=vote(module, node),
            reuse=tuple(self._reusable(node, value, early=at_import)),
            early=at_import and start < self.place.at,
            mute=isinstance(above, ast.Dict) and node in above.keys,
            expected=literal and is_expected(module, node),
            bound=literal and is_bound(module, node),
            beside=self._company(neighbours.beside, node, kind) if literal else (),
            around=self._company(neighbours.of_rows, node, kind) if literal else (),
            shifts=layout.shifts(module, end) if literal else (),
            row=module.line_start(node.lineno),
            room=room,
            breaks=breaks.breaks(module, node) if tight else (),
            joins=joins.joins(module, node) if isinstance(node, ast.Constant) else (),
            prefix=sites.prefix(module, node) if literal else "",
        )

    def _reusable(self, node: ast.expr, value: str, *, early: bool) -> Iterator[str]:
        start = self.module.start(node)
        for constant in self.constants:
            if constant.value != value or (early and start < constant.end):
                continue
            if self._is_seen(constant, node):
                yield constant.name
        for name, held in self.held.items():
            above = [node, *self.module.ancestors(node)][:-1]
            owner = name.partition(".")[0]
            if held == value and in_reach(owner, self.module.tree, above):
                yield name

    def _is_seen(self, constant: Constant, node: ast.expr) -> bool:
        seen = self.module.scopes.bindings(constant.name, at=node)
        return len(seen) == 1 and seen[0] is constant.binding

    def _company(
        self,
        others: Callable[[Module, ast.expr], Iterator[str]],
        node: ast.expr,
        of: Kind,
    ) -> tuple[str, ...]:
        """Those strings that are values like one of this kind."""
        kinds = NETWORKED if of in NETWORKED else {of}
        return tuple(
            text
            for text in others(self.module, node)
            if (kind := self.grammar.kind_of(text)) in kinds
            and kind is not None
            and not is_well_known(text, kind)
        )

    def is_other(self, node: ast.Constant) -> bool:
        """Whether it is 32 hex digits (most are hashes) that no name calls an id."""
        if not is_undashed(str(node.value)):
            return False
        said = vote(self.module, node)
        return not isinstance(said, Vote) or not words.says_id(said.words)

    def holders(
        self, longer: Iterable[tuple[ast.Constant, str, Kind]]
    ) -> Iterator[Use]:
        """The longer strings that an f-string with a constant can stand for."""
        if self.refuses_all:
            return
        for node, value, kind in longer:
            text = embedding.template(self.module, node, value)
            silent = self.module.suppressions.on_line(self.codemod, node.lineno)
            if text and not silent:
                use = self._use(node, kind, value, literal=True)
                yield replace(use, vote=None, beside=(), around=(), template=text)


def _taken(module: Module) -> frozenset[str]:
    """The names, attributes, keywords and names in strings that look like constants."""
    said = set(words_of(module.utf8))  # faster than one pattern
    upper = {
        word.decode() for word in said if word.isupper() and _UPPER.fullmatch(word)
    }
    named = module.scopes.mentioned(upper)
    rest = upper - named
    if rest:
        owned = {node.attr for node in module.nodes(ast.Attribute)}
        owned |= {str(node.arg) for node in module.nodes(ast.keyword)}
        named |= rest & owned
    return frozenset(named | upper.intersection(_told(module)))


def _told(module: Module) -> set[object]:
    """The strings that may name something of a module: ``setattr(shop, "TILL_ID", x)``.

    No key is one: ``{"TILL_ID": TILL_ID}``.
    """
    return {
        each.value
        for call in module.nodes(ast.Call)
        if callee(call.func) in _NAMING
        for each in call.args
        if isinstance(each, ast.Constant)
    }


def _star_below(module: Module, at: int) -> bool:
    return any(
        alias.name == "*" and module.start(alias) > at
        for alias in module.nodes(ast.alias)
    )
