"""What keeps an import because of other files: the questions to the index."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from testmend.names import member
from testmend_codemods.knowledge.beside import is_among_libraries, is_recorded
from testmend_codemods.knowledge.files import twins
from testmend_codemods.knowledge.testcode import is_test_module
from testmend_codemods.unused_imports.registering import bases, registers

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.facts import Import, ModuleFacts
    from testmend.index import Index

_TEST_BASE = re.compile(r"Test|Case|Spec|Suite")
_DEPTH = 8  # how far bases are followed

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
    if _is_data(context.index, context.path):
        return "test-data"
    if context.index.users(context.path, name):
        return "used-elsewhere"
    return _kept_by_origin(context, origin, imported) if imported else ""


def _is_data(index: Index, path: str) -> bool:
    """Whether a file is a copy of a library, read by others, or its output is kept."""
    return (
        is_among_libraries(index, path)
        or is_recorded(index, path)
        or (not is_test_module(path) and index.is_read_as_file(path))
    )


def _kept_by_origin(context: Context, origin: str, imported: str) -> str:
    """The reason code for keeping a name because of what it is in its own module."""
    facts = context.index.module(origin, context.path)
    if facts is None:
        return "collected" if "pytest" in origin or "conftest" in origin else ""
    if any(not _is_of_the_library(each) for each in _sources(facts, imported)):
        return "re-exported"
    return "collected" if _is_collected(context.index, facts, imported) else ""


def _sources(facts: ModuleFacts, name: str) -> list[Import]:
    """Where a module itself has a name from."""
    return [each for each in facts.imports if each.bound == name]


def _is_of_the_library(source: Import) -> bool:
    """Whether a name comes from the standard library, which has no fixtures."""
    return source.module.partition(".")[0] in sys.stdlib_module_names


def _is_collected(index: Index, facts: ModuleFacts, name: str) -> bool:
    """Whether a definition is a fixture, a hook, or a class of tests."""
    for function in facts.functions.get(name, ()):
        if any("fixture" in each or "hook" in each for each in function.decorators):
            return True
    return _has_tests(index, facts, name, depth=_DEPTH)


def _has_tests(index: Index, facts: ModuleFacts, name: str, depth: int) -> bool:
    """Whether a class, or one that it is made from, looks like one of tests."""
    found = facts.classes.get(name)
    if found is None:
        return False
    if any(each.startswith("test") for each in found.methods):
        return True
    if any(_TEST_BASE.search(each.rpartition(".")[2]) for each in found.bases):
        return True
    return depth > 0 and any(
        _has_tests(index, above, base, depth - 1)
        for above, base in bases(index, facts, name)
    )


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
    sources = _sources(facts, name) if facts else []
    if sources and all(map(_is_of_the_library, sources)):
        return next(
            filter(None, (side_effect(context, e.module, "") for e in sources)), ""
        )
    if facts and registers(context.index, facts, name):
        return f"{name} may be known by others as soon as {origin} is imported"
    # A class or a constant is no module: only the one it comes from is loaded.
    if name != name.lower() or (facts and _defines(facts, name)):
        return ""
    return f"{path} may be a module, imported for what its import does"


def _defines(facts: ModuleFacts, name: str) -> bool:
    return name in facts.functions or name in facts.classes or name in facts.constants
