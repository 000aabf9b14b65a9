"""What keeps an import because of other files: the questions to the index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.beside import is_copied, is_recorded
from testmend_codemods.knowledge.files import twins
from testmend_codemods.knowledge.testcode import is_test_module
from testmend_codemods.unused_imports.collecting import is_plainly_known
from testmend_codemods.unused_imports.registering import bases

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.facts import ModuleFacts
    from testmend.index import Index

_TEST_BASE = re.compile(r"Test|Case|Spec|Suite")
_DEPTH = 8  # how far bases are followed


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
        is_copied(index, path)
        or is_recorded(index, path)
        or (not is_test_module(path) and index.is_read_as_file(path))
    )


def _kept_by_origin(context: Context, origin: str, imported: str) -> str:
    """The reason code for keeping a name because of what it is in its own module."""
    facts = context.index.module(origin, context.path)
    if facts is None:
        collects = "pytest" in origin or "conftest" in origin
        known = is_plainly_known(origin, imported)
        return "collected" if collects and not known else ""
    if any(not each.is_of_library for each in facts.sources(imported)):
        return "re-exported"
    return "collected" if _is_collected(context.index, facts, imported) else ""


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
