"""Remove imports that nothing needs, where that is certain.

In test code an import that no line reads is often needed all the same: pytest finds
fixtures and hooks by the names of a module, runners collect imported test classes,
patches name things in strings, models and options register themselves when they are
imported. Linters know none of that. So this codemod is an ordinary analysis of scopes
inside guards; each import that a guard keeps is reported with the guard as its reason.

Before:

    import os
    import time

    from proj.tests import base
    from proj.tests.fixtures import client, Server


    class TestStart(base.TestCase):
        def test_start(self, client):
            self.assertTrue(client.start())

After:

    from proj.tests import base
    from proj.tests.fixtures import client


    class TestStart(base.TestCase):
        def test_start(self, client):
            self.assertTrue(client.start())

What goes:

- a name that no load in any scope can see; annotations count as loads, also in strings,
- the second of two equal imports of one block,
- ``import a.b`` if nothing uses ``a.b`` and another import binds ``a``.

The statement keeps its layout: one name leaves a list, a line, a bracket. A block that
loses all its statements gets ``pass``, and no blank lines are left over.

When it refuses:

- ``package-file``: an ``__init__.py`` or ``conftest.py``; others find its names there.
- ``test-data``: a file below ``data``, ``samples``, ``templates`` and the like, or one
  that no file imports and another names in a string (``"script.py"``).
- ``generated``: the file says that a program wrote it, or it is one of a pair of which
  a program makes one from the other (``_async/test_x.py``, ``_sync/test_x.py``).
- ``linter-ignored``: a comment switches unused imports off for the file, or flake8's,
  ruff's or pylint's configuration does for its path, at the project's root or in a
  folder above the file.
- ``imports-only``: the file holds nothing but imports.
- ``dynamic``: the file looks names up at run time (``eval``, ``exec``, ``globals()``,
  ``locals()``, ``vars()`` and ``dir()`` of what may be a module, ``timeit``, frames,
  ``sys.modules[__name__]``, ``patch(__name__ + ...)``).
- ``conditional``: the import stands in ``try``, ``with``, ``if``, a loop or a class.
- ``import-is-tested``: its function is there to show that the import works.
- ``comment``: a comment stands on the statement (``noqa`` or any other, but for one
  beside another name of a bracket) or right above.
- ``re-export``: ``from x import y as y``.
- ``parameter``: a parameter has that name; the import may be a pytest fixture.
- ``exported``, ``in-string``, ``in-doctest``, ``in-type-comment``: the name stands in
  ``__all__``, in a string that is not a docstring, in a doctest, in a ``# type:``.
- ``collected``: a runner collects such a name (``TestX``, ``test_x``, ``load_tests``,
  ``setUpModule``, ``pytest_x``), or its definition is a fixture, a hook or a class of
  tests.
- ``submodule-loader``: code reads the module through its dotted name.
- ``used-elsewhere``: another file imports the name from here, reads it as an attribute,
  patches it, or star-imports this module.
- ``re-exported``: the module it comes from has it from somewhere else, for this file
  perhaps (but for what the standard library has).
- ``configured``: ``keep-names`` names it.

Star imports, ``__future__`` and names that are read are no candidates and never
reported.

What is unsafe (``--unsafe-fixes``): the import of a module outside the standard library
(or one like ``readline``) for its own sake, since running the module may be the point:
it registers options, models, plugins or mocks. Also a lower-case name from a package
outside the project, which may be a module. The finding says what may be lost.

Options:

- ``keep-names = []``: names that stay, as globs: fixtures of plugins, say (``"db"``),
  or dotted (``"shop.fixtures.*"``).
- ``harmless-modules = []``: packages whose import has no effect that matters; their
  imports go without ``--unsafe-fixes``. mock, pytest, six and the like are known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from testmend.codemod import Codemod, Context, Options
from testmend.importing import Removal, removal
from testmend.model import Finding, Range, Survey
from testmend_codemods.knowledge.files import is_test_module
from testmend_codemods.unused_imports.candidates import Found, Kind, candidates
from testmend_codemods.unused_imports.guards import Guards
from testmend_codemods.unused_imports.others import kept_by_others, side_effect

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from testmend.source import Module

NAME = "unused-imports"
CODES = ("F401", "W0611", "unused-import")  # of flake8 and ruff, of pylint

REASONS = {
    "package-file": "An __init__.py or conftest.py: others find its names there.",
    "test-data": "The file is a sample or data, not a test.",
    "generated": "A program wrote the file, or writes another one from it.",
    "linter-ignored": "A comment or the project's linter configuration allows it here.",
    "imports-only": "The file holds nothing but imports; they are its purpose.",
    "dynamic": "The file looks names up at run time.",
    "conditional": "The import stands in a try, with, if, loop or class.",
    "import-is-tested": "The function is there to show that the import works.",
    "comment": "A comment stands on the statement or right above it.",
    "re-export": "It is imported under its own name for others: x as x.",
    "parameter": "A parameter has that name; it may be a pytest fixture.",
    "exported": "The name stands in __all__.",
    "in-string": "The name stands in a string.",
    "in-doctest": "The name stands in a doctest.",
    "in-type-comment": "The name stands in a type comment.",
    "collected": "A test runner finds it: a test, a fixture or a hook.",
    "submodule-loader": "Code reads the module through its dotted name.",
    "used-elsewhere": "Another file may take the name from this module.",
    "re-exported": "The module it comes from has it only to pass it on.",
    "configured": "The option keep-names names it.",
}

_MESSAGES: dict[Kind, str] = {
    "unused": "{} is imported and not used",
    "duplicate": "{} is imported twice",
    "submodule": "{} is imported and only its package is used",
}


class UnusedOptions(Options, frozen=True):
    """The table ``[tool.testmend.unused-imports]``."""

    keep_names: tuple[str, ...] = ()
    harmless_modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
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
        joint = "" if not self.imported or self.origin.endswith(".") else "."
        return f"{self.origin}{joint}{self.imported}"

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


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Remove imports that nothing needs",
    page=__doc__ or "",
    trigger=re.compile(rb"\bimport\b"),
    reasons=REASONS,
    survey=survey,
    resolve=resolve,
    options=UnusedOptions,
)
