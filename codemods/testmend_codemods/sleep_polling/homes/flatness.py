"""Packages whose folders are on the path themselves.

An ``__init__.py`` makes a package of a folder, and yet its modules may be known by bare
names (``from pool_utils import Pool``): whoever runs them puts the folder on the path.
No leading dot works there.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.homes import knowing
from testmend_codemods.sleep_polling.project import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.facts import Import
    from testmend.index import Index


def bases(index: Index, path: str) -> frozenset[PurePosixPath]:
    """The folders on the path by which a file goes or that its own imports name.

    Empty if all of them name the whole package.
    """
    inner = PurePosixPath(path).parents[: len(index.package(path))]
    if not inner:
        return frozenset()
    found = {*_of_imports(index, path)}
    # A conftest pytest knows by its whole name.
    whole = PurePosixPath(path).name == "conftest.py"
    if not whole and not knowing.is_reached_by_dots(index, path):
        found |= {*_of_importers(index, path)}
    top = inner[-1].parent
    shown = frozenset(found & {*inner, top})
    return frozenset() if shown <= {top} else shown


def is_known_within(index: Index, path: str) -> bool:
    """Whether others know a file of a package by less than its whole name."""
    inner = PurePosixPath(path).parents[: len(index.package(path))]
    return not {*_of_importers(index, path)}.isdisjoint(inner)


def start(index: Index, path: str) -> PurePosixPath | None:
    """The folder of a package in which a command lets unittest start, if it does so.

    None for a file that knows the whole package by its name, or that others know so: it
    runs from above.
    """
    package, facts = index.package(path), index.facts(path)
    inner = PurePosixPath(path).parents[: len(package)]
    imports = [each for _, each in index.importers(path)]
    imports += facts.imports if facts else ()
    if not inner or package[0] in {e.module.partition(".")[0] for e in imports}:
        return None
    starts = commands.starts_of_unittest(index)
    return next((each for each in inner if each in starts), None)


def _of_importers(index: Index, path: str) -> Iterator[PurePosixPath]:
    """The folders by which others import a file.

    Of several modules by one bare name it is the one beside who asks, and else any.
    """
    for other, each in index.importers(path):
        if knowing.is_of_two(index.facts(other), each):
            continue
        beside = PurePosixPath(other).parent == PurePosixPath(path).parent
        for name in _absolute(each):
            if index.locate(name, other) == path:
                if beside or "." in name or _stems(index.paths)[name] == 1:
                    yield folder(path, name)
                break


@lru_cache(maxsize=1)
def _stems(paths: frozenset[str]) -> Counter[str]:
    """How many modules there are by each bare name."""
    return Counter(PurePosixPath(each).stem for each in paths)


def _of_imports(index: Index, path: str) -> Iterator[PurePosixPath]:
    facts = index.facts(path)
    for each in facts.imports if facts else ():
        if knowing.is_of_two(facts, each):
            continue
        for name in _absolute(each):
            place = index.locate(name, path)
            if place is None:
                continue
            # Of two packages by one name it may be the installed one.
            if name != each.module or _defines(index, place, each.name):
                yield folder(place, name)
            break


def _absolute(each: Import) -> Iterator[str]:
    """The names that the module of an import may have, the longest first."""
    root = each.module.partition(".")[0]
    if not root or root in sys.stdlib_module_names:
        return
    if each.name and each.name != "*":
        yield f"{each.module}.{each.name}"
    yield each.module


def folder(place: str, name: str) -> PurePosixPath:
    """The folder on the path from which a file goes by a dotted name."""
    parts = name.count(".") + place.endswith("/__init__.py")
    above = PurePosixPath(place).parents
    return above[min(parts, len(above) - 1)]


def _defines(index: Index, place: str, name: str) -> bool:
    """Whether a file has a class, a function or a value of a name."""
    if not name.isidentifier():
        return False
    text = index.text(place) or ""
    defined = rf"^(?:(?:class|(?:async )?def) {name}\b|{name}(?::[^=\n]+)? = )"
    return re.search(defined, text, re.MULTILINE) is not None
