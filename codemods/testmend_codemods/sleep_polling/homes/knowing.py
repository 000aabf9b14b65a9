"""How the files of a project know each other: by imports, and by their names."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.facts import Import, ModuleFacts
    from testmend.index import Index


def roots(index: Index, path: str) -> frozenset[str]:
    """The first parts of the modules that a file imports; empty for leading dots."""
    facts = index.facts(path)
    imports = facts.imports if facts else ()
    return frozenset(each.module.partition(".")[0] for each in imports)


def naming(index: Index, path: str) -> Iterator[ModuleFacts]:
    """The other files with the name of a file in a string."""
    name = PurePosixPath(path).name
    for facts in index.modules:
        if facts.path != path and name in facts.files:
            yield facts


def knows_siblings(index: Index, path: str) -> bool:
    """Whether a file and one beside it import each other by their bare names."""
    folder, own = PurePosixPath(path).parent, PurePosixPath(path).stem
    facts = index.facts(path)
    theirs = (
        each
        for other, each in index.importers(path)
        if PurePosixPath(other).parent == folder
        and each.module == own
        and not is_of_two(index.facts(other), each)
    )
    ours = (
        each
        for each in (facts.imports if facts else ())
        if each.module not in sys.stdlib_module_names
        and f"{folder}/{each.module}.py" in index.paths
        and not is_of_two(facts, each)
    )
    return any(each.name for each in (*theirs, *ours))


def is_reached_by_dots(index: Index, path: str) -> bool:
    """Whether others import a file with leading dots, as part of a package.

    ``from .wake_word_test import run`` in the ``__main__.py`` beside it.
    """
    return any(each.module.startswith(".") for _, each in index.importers(path))


def is_of_two(facts: ModuleFacts | None, bare: Import) -> bool:
    """Whether a file has an import also as one from a package: one of both may fail.

    ``try: from .base import X``, ``except ImportError: from base import X``.
    """
    whole = f".{bare.module}.{bare.name}"
    return facts is not None and any(
        f".{each.module.rstrip('.')}.{each.name}".endswith(whole)
        for each in facts.imports
        if each.module != bare.module
    )
