"""The two steps: which names may go, and which of them no other file needs."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.importing import Removal, removal
from testmend.model import Finding, Range, Survey
from testmend.names import member
from testmend_codemods.knowledge.testcode import is_test_module
from testmend_codemods.unused_imports.candidates import Found, Kind, candidates
from testmend_codemods.unused_imports.effects import side_effect
from testmend_codemods.unused_imports.guards import Guards
from testmend_codemods.unused_imports.others import kept_by_others

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from testmend.codemod import Context
    from testmend.source import Module
    from testmend_codemods.unused_imports.options import UnusedOptions

NAME = "unused-imports"
CODES = ("F401", "W0611", "unused-import")  # of flake8 and ruff, of pylint

_MESSAGES: dict[Kind, str] = {
    "unused": "{} is imported and not used",
    "duplicate": "{} is imported twice",
    "submodule": "{} is imported and only its package is used",
}


class Candidate(Struct, frozen=True):
    """A name that may go: what `resolve` needs to know of it."""

    kind: Kind
    name: str
    origin: str
    imported: str
    range: Range
    reason: str
    removal: Removal | None

    @property
    def dotted(self) -> str:
        """The full name of what is imported."""
        return member(self.origin, self.imported)

    @property
    def message(self) -> str:
        """What the finding says."""
        root = self.origin.partition(".")[0]
        whole = self.kind == "submodule" or (not self.imported and self.name == root)
        return _MESSAGES[self.kind].format(self.origin if whole else self.name)


def survey(module: Module, _options: UnusedOptions) -> Survey | None:
    """All imported names that may go, each with the guard that keeps it, if any."""
    found = candidates(module)
    if not found:
        return None
    guards = Guards(module)
    reasons = {each: guards.reason(each) for each in found}
    spare = frozenset(
        each.alias for each in found if each.kind != "unused" and not reasons[each]
    )
    return Survey(
        candidates=tuple(
            _candidate(module, each, reasons[each], spare) for each in found
        ),
        modules=frozenset(
            each.origin for each in found if each.imported and not reasons[each]
        ),
        names=frozenset(
            each.binding.name
            for each in found
            if each.kind == "unused" and not reasons[each]
        )
        # Of what is no test it is asked who names it as a file ("script.py").
        | (frozenset() if is_test_module(module.path) else {"py"}),
    )


def _candidate(
    module: Module, found: Found, reason: str, spare: frozenset[ast.alias]
) -> Candidate:
    taken = None if reason else removal(module, found.alias, spare)
    return Candidate(
        kind=found.kind,
        name=found.binding.name,
        origin=found.origin,
        imported=found.imported,
        range=module.range_of(found.alias),
        reason=reason or ("" if taken else "comment"),
        removal=taken,
    )


def resolve(
    found: tuple[Candidate, ...], context: Context, options: UnusedOptions
) -> Iterator[Finding]:
    """The findings: a fix where no other file needs the name either."""
    for each in found:
        reason = each.reason or _reason(each, context, options)
        fix = None
        if not reason and each.removal:
            fix = each.removal.fix(_loss(each, context, options))
        yield Finding(NAME, each.range, each.message, fix, reason)


def _reason(each: Candidate, context: Context, options: UnusedOptions) -> str:
    """The first guard outside the file that keeps an import; empty if none."""
    names = (each.name, each.dotted)
    if any(fnmatchcase(name, keep) for name in names for keep in options.keep_names):
        return "configured"
    if context.index.ignores(context.path, *CODES):
        return "linter-ignored"
    if each.kind != "unused":
        return ""
    return kept_by_others(context, each.name, each.origin, each.imported)


def _loss(each: Candidate, context: Context, options: UnusedOptions) -> str:
    """What may be lost with an import, which makes its removal unsafe; or empty."""
    root = each.origin.partition(".")[0]
    if each.kind == "duplicate" or root in options.harmless_modules:
        return ""
    return side_effect(context, each.origin, each.imported)
