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
- ``own-lines``: the file compares the numbers of its own lines.
- ``no-test``: the file is called like a test outside of folders of tests, but nothing
  in it is one (``series/test_set.py``, ``tools/run_tests.py``); nor is one in a folder
  ``functional`` of other code (``agents/functional/report.py``).
- ``test-data``: a file below ``data``, ``samples``, ``templates`` and the like, or in
  ``test_report_data`` without a test's name, or below ``third_party`` or
  ``deps/x`` that has a licence or a build of its own, or one that no
  file imports and another names in a string (``"script.py"``), or whose output
  another file keeps (``source/raise.py``, ``output/raise.txt``), or a copy of another
  project beside other ones (``lib/six.py``).
- ``generated``: the file says that a program wrote it, or it is one of a pair of which
  a program makes one from the other (``_async/test_x.py``, ``_sync/test_x.py``).
- ``linter-ignored``: a comment switches unused imports off for the file, or flake8's,
  ruff's or pylint's configuration does for its path, at the project's root or in a
  folder above the file.
- ``imports-only``: the file holds nothing but imports, or puts them in the place of
  others (``sys.modules["a.b"] = b``) besides.
- ``dynamic``: the file looks names up at run time (``eval``, ``exec``, ``globals()``,
  ``locals()``, ``vars()`` and ``dir()`` of what may be a module, ``timeit``, frames,
  ``sys.modules[__name__]``, ``patch(__name__ + ...)``).
- ``conditional``: the import stands in ``try``, ``with``, ``if``, a loop or a class.
- ``import-is-tested``: its function is there to show that the import works, or whether
  something is available, or says in its docstring that it is about what it imports.
- ``comment``: a comment stands on the statement (``noqa`` or any other, but for one
  beside another name of a bracket) or right above.
- ``re-export``: ``from x import y as y``.
- ``parameter``: a parameter has that name; the import may be a pytest fixture.
- ``exported``, ``in-string``, ``in-doctest``, ``in-type-comment``: the name stands in
  ``__all__``, in a string that is not a docstring, in a doctest, in a ``# type:``.
- ``in-comment``: code that is commented out needs it (``# debug_logger()``), or code
  that was made a string which is a statement.
- ``collected``: a runner collects such a name (``TestX``, ``test_x``, ``load_tests``,
  ``setUpModule``, ``pytest_x``, ``pytestmark``), or its definition is a fixture, a hook
  or a class of tests.
- ``submodule-loader``: code reads the module through its dotted name.
- ``used-elsewhere``: another file imports the name from here, reads it as an attribute,
  patches it, or star-imports this module. Of one that can't be parsed the text counts.
- ``re-exported``: the module it comes from has it from somewhere else, for this file
  perhaps (but for what the standard library has).
- ``configured``: ``keep-names`` names it.

Star imports, ``__future__`` and names that are read are no candidates and never
reported.

What is unsafe (``--unsafe-fixes``): the import of a module outside the standard library
(or one like ``readline``) for its own sake, since running the module may be the point:
it registers options, models, plugins or mocks. Also a lower-case name from a package
outside the project, which may be a module; and a class of the project with a metaclass,
a base with ``__init_subclass__``, a decorator or a call in its body, which may be on a
list of classes as soon as it is there. The finding says what may be lost.

Options:

- ``keep-names = []``: names that stay, as globs: fixtures of plugins, say (``"db"``),
  or dotted (``"shop.fixtures.*"``).
- ``harmless-modules = []``: packages whose import has no effect that matters; their
  imports go without ``--unsafe-fixes``. mock, pytest, six and the like are known.
"""

from __future__ import annotations

import re

from testmend.codemod import Codemod, Later
from testmend_codemods.unused_imports.options import UnusedOptions

REASONS = {
    "package-file": "An __init__.py or conftest.py: others find its names there.",
    "own-lines": "The file compares the numbers of its own lines.",
    "test-data": "The file is a sample, data or another project's, not a test.",
    "no-test": "The file or its folder is called like a test, but is none.",
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
    "in-comment": "Code that is commented out needs it.",
    "collected": "A test runner finds it: a test, a fixture or a hook.",
    "submodule-loader": "Code reads the module through its dotted name.",
    "used-elsewhere": "Another file may take the name from this module.",
    "re-exported": "The module it comes from has it only to pass it on.",
    "configured": "The option keep-names names it.",
}


CODEMOD = Codemod(
    name="unused-imports",
    version="1",
    summary="Remove imports that nothing needs",
    page=__doc__ or "",
    trigger=re.compile(rb"\bimport\b"),
    reasons=REASONS,
    survey=Later("testmend_codemods.unused_imports.steps:survey"),
    resolve=Later("testmend_codemods.unused_imports.steps:resolve"),
    options=UnusedOptions,
)
