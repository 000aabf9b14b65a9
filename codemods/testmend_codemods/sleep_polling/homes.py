"""Where the wait helper lives in a project, and how a file imports it from there.

The place depends on the project's paths alone: not on the files under work, nor on
their order.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.model import NewFile
from testmend_codemods.sleep_polling import places

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.index import Index

MARK = "__testmend__"


@dataclass(frozen=True, slots=True)
class Home:
    """The import of the helper, and the file to be written if it is not there yet."""

    statement: str
    file: NewFile | None


def text() -> str:
    """The helper's source: the very module that testmend tests."""
    return resources.files("testmend").joinpath("waits.py").read_text("utf-8")


def is_helper(index: Index, path: str) -> bool:
    """Whether a file is a copy of the wait helper."""
    facts = index.facts(path)
    return facts is not None and facts.constants.get(MARK, "").startswith("waits ")


def home(context: Context, name: str, wanted: str) -> Home | None:
    """The home of the helper for a file, which knows it as ``name``.

    ``wanted`` is the dotted name that the configuration gives, or empty. A copy that
    the file can import is used before a new one is written. None: nothing shows from
    where the file could import it.
    """
    index, path = context.index, context.path
    if wanted:
        place = index.locate(wanted, path) or f"{wanted.replace('.', '/')}.py"
        return Home(_imported(wanted, name), _new(index, place))
    found = _existing(index, path) or _planned(index, path)
    statement = _statement(index, path, found) if found else None
    if found is None or statement is None:
        return None
    stem = PurePosixPath(found).stem
    return Home(_named(statement, stem, name), _new(index, found))


def runtime(name: str) -> Home:
    """The home of style ``import``: the module that comes with testmend."""
    return Home(_imported("testmend.waits", name), None)


def _imported(dotted: str, name: str) -> str:
    package, _, stem = dotted.rpartition(".")
    statement = f"from {package} import {stem}" if package else f"import {stem}"
    return _named(statement, stem, name)


def _new(index: Index, place: str) -> NewFile | None:
    return None if place in index.paths else NewFile(place, text())


def _named(statement: str, stem: str, name: str) -> str:
    return statement if stem == name else f"{statement} as {name}"


def _existing(index: Index, path: str) -> str | None:
    """The nearest copy in the same top package, or in the file's own folder."""
    ours = places.reachable(index, path)[:1]
    folder = places.on_the_path(index, path)
    library = places.is_library(index, path)
    found = []
    for other in index.defining(MARK):
        if other == path or not is_helper(index, other):
            continue
        if library and places.folder_of_tests(other) is not None:
            continue
        above = PurePosixPath(other).parent
        if above != PurePosixPath(path).parent and _starts_anywhere(index, path, other):
            continue
        theirs = places.package(index, other)[:1]
        if (ours and theirs == ours) or (not ours and above == folder):
            found.append(other)
    return min(found, key=lambda each: (each.count("/"), each), default=None)


def _planned(index: Index, path: str) -> str | None:
    """Where a new copy goes: the top-most folder of tests.

    With ``python_files = *`` plugins such as pytest-relaxed take every function of a
    file for a test, unless its name begins with an underscore.
    """
    top = places.reachable(index, path)
    short, long = "waits", "testmend_waits"
    if index.pytest.collects("waits.py"):
        short, long = f"_{short}", f"_{long}"
    if not top:
        plain = places.on_the_path(index, path)
        return str(plain / f"{long}.py") if plain is not None else None
    if places.is_library(index, path):
        own = PurePosixPath(path).parents[len(top) - 1]
        return str(own / f"{long}.py")
    folder = places.among_tests(index, path)
    if _starts_anywhere(index, path, str(folder / "x.py")):
        folder = PurePosixPath(path).parent
    for stem in (short, long):
        place = str(folder / f"{stem}.py")
        taken = place in index.paths or f"{folder}/{stem}/__init__.py" in index.paths
        if not taken or is_helper(index, place):
            return place
    return str(folder / f"{long}.py")


def _statement(index: Index, path: str, place: str) -> str | None:
    above, stem = PurePosixPath(place).parent, PurePosixPath(place).stem
    package = places.package(index, place)
    folder = PurePosixPath(path).parent
    if not package or not places.reachable(index, path):
        named = _named_from_above(index, path, above)
        if not named and _has_dots(index, path):
            return f"from . import {stem}" if above == folder else None
        return f"from {named} import {stem}" if named else f"import {stem}"
    if _is_bare(index, path, above):
        return f"import {stem}"
    base = _base(index, path, above)
    dotted = _imports_relatively(index, path)
    known = _is_known(index, path, base, place)
    if not (dotted or known) and _is_lost(index, path):
        return None
    inside = index.package(path) and folder.is_relative_to(above)
    anywhere = len(package) == 1 and _starts_anywhere(index, path, place)
    if inside and (dotted or not known) and not anywhere:
        dots = "." * (len(folder.parts) - len(above.parts) + 1)
        return f"from {dots} import {stem}"
    parts = above.relative_to(base).parts if base else package
    return f"from {'.'.join(parts)} import {stem}"


def _named_from_above(index: Index, path: str, folder: PurePosixPath) -> str:
    """The name by which a file knows a plain folder of modules; empty if by none.

    ``from tests.common import x``: what is beside ``common`` goes by ``tests``, too,
    whether or not pytest puts that folder on the path. Not where the file would also
    take a bare ``common``.
    """
    facts, base = index.facts(path), _base(index, path, folder)
    if facts is None or base is None:
        return ""
    parts = folder.relative_to(base).parts
    names = [each.module for each in facts.imports]
    dotted = [each for each in names if each.startswith(f"{parts[0]}.")]
    bare = any(each.rpartition(".")[2] in names for each in dotted)
    return ".".join(parts) if dotted and not bare else ""


def _is_bare(index: Index, path: str, folder: PurePosixPath) -> bool:
    """Whether a file imports its siblings, or they import it, as no part of a package.

    ``from common import *`` in a folder with an ``__init__.py``: it is on the path
    itself, and no relative import works there.
    """
    if PurePosixPath(path).parent != folder or _imports_relatively(index, path):
        return False
    facts, own = index.facts(path), PurePosixPath(path).stem
    theirs = (
        each
        for other, each in index.importers(path)
        if PurePosixPath(other).parent == folder and each.module == own
    )
    ours = (
        each
        for each in (facts.imports if facts else ())
        if each.module not in sys.stdlib_module_names
        and f"{folder}/{each.module}.py" in index.paths
    )
    return any(each.name for each in (*theirs, *ours))


def _starts_anywhere(index: Index, path: str, place: str) -> bool:
    """Whether nothing shows in which folder the tests of a package start to run.

    ``unittest discover tests`` makes ``tests`` the path, though it is a package: what
    lies there can't be reached with dots then.
    """
    facts = index.facts(path)
    roots = {each.module.partition(".")[0] for each in facts.imports} if facts else ()
    if "unittest" not in roots or not index.package(path):
        return False
    base = _base(index, path, PurePosixPath(place).parent)
    shown = _imports_relatively(index, path) or _is_known(index, path, base, place)
    return not (shown or places.is_run_by_pytest(index))


def _is_known(index: Index, path: str, base: PurePosixPath | None, place: str) -> bool:
    """Whether the file, or one beside it, imports the top package by its name."""
    package = places.package(index, place)
    own = PurePosixPath(place).parents[len(package)]
    top = PurePosixPath(place).parent.relative_to(base or own).parts[0]
    files = [index.facts(path), *index.modules]
    return any(
        each.module.partition(".")[0] == top
        for facts in files
        if facts and PurePosixPath(facts.path).is_relative_to(own / package[0])
        for each in facts.imports
    )


def _is_lost(index: Index, path: str) -> bool:
    """Whether no dots work in a file of a package, for it is imported by itself.

    That is, run by its path, or by pytest with ``import-mode=importlib``.
    """
    alone = index.pytest.importlib and not _is_on_path(index, path)
    return alone or places.is_script(index, path)


def _is_on_path(index: Index, path: str) -> bool:
    """Whether the folder of the top package is on the path that pytest sets."""
    top = places.package(index, path)
    own = PurePosixPath(path).parents[len(top)]
    return str(own).strip(".") in index.pytest.path


def _base(index: Index, path: str, above: PurePosixPath) -> PurePosixPath | None:
    """The folder from which the file's own absolute imports of the project start."""
    facts = index.facts(path)
    found: Counter[PurePosixPath] = Counter()
    for each in facts.imports if facts else ():
        if not each.module or each.module.startswith("."):
            continue
        names = [f"{each.module}.{each.name}", each.module] if each.name else []
        for name in names or [each.module]:
            place = index.locate(name, path)
            if place is None:
                continue
            parents = PurePosixPath(place).parents
            depth = name.count(".") + place.endswith("/__init__.py")
            if depth < len(parents) and not _is_a_project(index, parents[depth], name):
                found[parents[depth]] += 1
            break
    fitting = [b for b in found if above.is_relative_to(b) and above != b]
    return max(fitting, key=lambda b: (found[b], str(b)), default=None)


def _is_a_project(index: Index, base: PurePosixPath, name: str) -> bool:
    """Whether the folder of a top package is a project's, with the package inside.

    ``shop/shop/__init__.py``: the name ``shop`` is that of the inner folder.
    """
    top = base / name.partition(".")[0]
    inner = f"{top / top.name}/__init__.py"
    return inner in index.paths and f"{top}/__init__.py" not in index.paths


def _has_dots(index: Index, path: str) -> bool:
    """Whether a file has relative imports: it is part of a package, however marked."""
    facts = index.facts(path)
    return facts is not None and any(
        each.module.startswith(".") for each in facts.imports
    )


def _imports_relatively(index: Index, path: str) -> bool:
    """Whether a file imports its neighbours with leading dots, and only so."""
    facts = index.facts(path)
    package = index.package(path)
    if facts is None or not package:
        return False
    dotted = any(each.module.startswith(".") for each in facts.imports)
    top = package[0]
    return dotted and not any(
        each.module == top or each.module.startswith(f"{top}.")
        for each in facts.imports
    )
