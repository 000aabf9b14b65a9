"""What may be lost with an import: what running the module does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from testmend.names import member
from testmend_codemods.unused_imports.registering import registers

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.facts import ModuleFacts

_LONG = 5  # capitals: MPI (of mpi4py) and GL (of OpenGL) are modules
# Modules of the standard library that are imported for what the import does.
_ACTIVE = frozenset(
    {
        "readline",
        "rlcompleter",
        "this",
        "antigravity",
        "site",
        "sitecustomize",
        "usercustomize",
        "encodings",
        "distutils",
        "turtledemo",
        "idlelib",
        "tkinter",
        "turtle",
        "lib2to3",
        "cgitb",
    }
)
# Well-known packages whose import has no effect that a test could need.
_PASSIVE = frozenset(
    {
        "attr",
        "attrs",
        "ddt",
        "hamcrest",
        "iso8601",
        "jsonschema",
        "mock",
        "netaddr",
        "nose",
        "numpy",
        "parameterized",
        "pytest",
        "pytz",
        "requests",
        "responses",
        "simplejson",
        "six",
        "testtools",
        "webob",
        "yaml",
    }
)


def is_settled(module: str) -> bool:
    """Whether a module is known to be the same whenever it is imported."""
    root = module.partition(".")[0]
    return root in sys.stdlib_module_names or root in _PASSIVE


def side_effect(context: Context, origin: str, imported: str) -> str:
    """What may be lost with an import: the effects of running a module; or empty."""
    root = origin.partition(".")[0]
    if root in sys.stdlib_module_names:
        active = root in _ACTIVE or root.startswith("_")
        return f"{root} is imported for what its import does" if active else ""
    if root in _PASSIVE:
        return ""
    if not imported:
        return f"what importing {origin} does may be needed"
    return _effect_of_name(context, origin, imported)


def _effect_of_name(context: Context, origin: str, name: str) -> str:
    """What may be lost with a name, if it is a module of its own."""
    path = member(origin, name)
    if context.index.locate(path, context.path) is not None:
        return f"what importing {path} does may be needed"
    facts = context.index.module(origin, context.path)
    sources = facts.sources(name) if facts else []
    if sources and all(each.is_of_library for each in sources):
        return next(
            filter(None, (side_effect(context, e.module, "") for e in sources)), ""
        )
    if facts and registers(context.index, facts, name):
        return f"{name} may be known by others as soon as {origin} is imported"
    # A class or a constant is no module: only the one it comes from is loaded.
    if facts and _defines(facts, name):
        return ""
    short = len(name) < _LONG and name.isupper() and not origin.startswith(".")
    if name != name.lower() and not (short and facts is None):
        return ""
    return f"{path} may be a module, imported for what its import does"


def _defines(facts: ModuleFacts, name: str) -> bool:
    kinds = (facts.functions, facts.classes, facts.constants, facts.data)
    return any(name in each for each in kinds)
