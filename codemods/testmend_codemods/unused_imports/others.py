"""What keeps an import because of other files: the questions to the index."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.files import twins

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.facts import ModuleFacts

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
        "parameterized",
        "pytest",
        "pytz",
        "simplejson",
        "six",
        "testtools",
        "webob",
        "yaml",
    }
)


def kept_by_others(context: Context, name: str, origin: str, imported: str) -> str:
    """The reason code for keeping an unread name because of other files, or empty."""
    if not context.index.paths.isdisjoint(twins(context.path)):
        return "generated"
    if context.index.users(context.path, name):
        return "used-elsewhere"
    if not imported:
        return ""
    facts = context.index.module(origin, context.path)
    if facts is None:
        return "collected" if "pytest" in origin or "conftest" in origin else ""
    if any(each.bound == imported for each in facts.imports):
        return "re-exported"
    return "collected" if _is_collected(facts, imported) else ""


def _is_collected(facts: ModuleFacts, name: str) -> bool:
    """Whether a definition is a fixture, a hook, or a class of tests."""
    for function in facts.functions.get(name, ()):
        if any("fixture" in each or "hook" in each for each in function.decorators):
            return True
    found = facts.classes.get(name)
    return found is not None and any(each.startswith("test") for each in found.methods)


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
    joint = "" if origin.endswith(".") else "."
    path = f"{origin}{joint}{imported}"
    if context.index.locate(path, context.path) is not None:
        return f"what importing {path} does may be needed"
    facts = context.index.module(origin, context.path)
    # A class or a constant is no module: only the one it comes from is loaded.
    if imported != imported.lower() or (facts and _defines(facts, imported)):
        return ""
    return f"{path} may be a module, imported for what its import does"


def _defines(facts: ModuleFacts, name: str) -> bool:
    return name in facts.functions or name in facts.classes or name in facts.constants
