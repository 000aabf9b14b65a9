"""Classes that are known somewhere as soon as their module is imported.

A base with ``__init_subclass__`` or a metaclass may keep a list of its classes, and so
may a decorator or a call in the body of a class (``implements(Renderer)``). A test that
imports such a class and never reads its name needs what that list has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.facts import ModuleFacts
    from testmend.index import Index

_DEPTH = 8  # how far bases are followed
# Decorators and metaclasses that keep no list.
_PLAIN = frozenset(
    """
    ABCMeta EnumMeta EnumType attrs dataclass ddt define expectedFailure final frozen
    implementer mutable python_2_unicode_compatible runtime_checkable s skip skipIf
    skipUnless total_ordering type unique
    """.split()  # noqa: SIM905  words
)
_META = re.compile(
    r"\b(?:metaclass|__metaclass__)[ \t]*=[ \t]*([\w.]+)|\bwith_metaclass\(\s*([\w.]+)"
)
_CALL = re.compile(r"^(?: {2,4}|\t)[A-Za-z_][\w.]*\(", re.MULTILINE)


def registers(index: Index, facts: ModuleFacts, name: str) -> bool:
    """Whether a class of a module may be in a list of classes by being there."""
    found = facts.classes.get(name)
    if found is None:
        return False
    decorated = any(not _is_plain(each) for each in found.decorators)
    called = _CALL.search(_body(index, facts, name)) is not None
    return decorated or called or _is_listed(index, facts, name, _DEPTH)


def _is_plain(dotted: str) -> bool:
    parts = dotted.split(".")
    return parts[-1] in _PLAIN or not {"mark", "patch"}.isdisjoint(parts)


def _is_listed(index: Index, facts: ModuleFacts, name: str, depth: int) -> bool:
    """Whether a metaclass or a base of a class hears of it."""
    made = _META.search(_body(index, facts, name))
    if made and not _is_plain(made[1] or made[2]):
        return True
    return any(
        "__init_subclass__" in above.classes[base].methods
        or (depth > 0 and _is_listed(index, above, base, depth - 1))
        for above, base in bases(index, facts, name)
    )


def bases(
    index: Index, facts: ModuleFacts, name: str
) -> Iterator[tuple[ModuleFacts, str]]:
    """The bases of a class that the project defines, each with its module's facts."""
    for dotted in facts.classes[name].bases:
        for path, base in index.places(facts.path, dotted):
            above = index.facts(path)
            if above and base in above.classes and (path, base) != (facts.path, name):
                yield above, base


def _body(index: Index, facts: ModuleFacts, name: str) -> str:
    """The text of a class of a module, its header among it."""
    text = index.text(facts.path) or ""
    start = re.search(rf"^class[ \t]+{re.escape(name)}\b", text, re.MULTILINE)
    if start is None:
        return ""
    end = re.compile(r"^[^\s#)\]}]", re.MULTILINE).search(text, start.end())
    return text[start.start() : end.start() if end else None]
