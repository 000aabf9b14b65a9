"""How a file imports the wait helper: as it imports its neighbours."""

from __future__ import annotations

from collections import Counter
from keyword import iskeyword
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.homes import flatness, knowing, places, running
from testmend_codemods.sleep_polling.project.settings import of_pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index


def statement(index: Index, path: str, place: str) -> str | None:
    """The import of the helper at a place; None where nothing shows how to write it."""
    above, stem = PurePosixPath(place).parent, PurePosixPath(place).stem
    package = places.package(index, place)
    folder = PurePosixPath(path).parent
    if not package or not places.reachable(index, path):
        return _plain(index, path, above, stem)
    if _is_bare(index, path, above):
        return f"import {stem}"
    base = _base(index, path, above)
    dotted = _imports_relatively(index, path)
    known = _is_known(index, path, base, place)
    alone = of_pytest(index, path).importlib and not _is_on_path(index, path)
    if not (dotted or known) and alone:
        return None
    by_path = running.is_script(index, path) or running.is_run_by_path(index, path)
    if by_path and not (dotted or _names(index, path, package[0])):
        return None
    inside = index.package(path) and folder.is_relative_to(above)
    anywhere = len(package) == 1 and starts_anywhere(index, path, place)
    dots = _dots(path, above)
    near = len(dots) == 1
    goes = not known or (dotted and near)
    goes = goes or _goes_there_by(dots, index, path, package)
    if len(dots) > 1 and running.is_run_by_pytest(index):
        goes = goes and not flatness.is_known_within(index, path)
    if inside and goes and not anywhere:
        return f"from {dots} import {stem}"
    parts = above.relative_to(base).parts if base else package
    return f"from {'.'.join(parts)} import {stem}"


def _plain(index: Index, path: str, above: PurePosixPath, stem: str) -> str | None:
    """The import of a helper that is in no package, or by a file that is in none."""
    named = _named_from_above(index, path, above)
    if named:
        return f"from {named} import {stem}"
    if _has_dots(index, path):
        beside = above == PurePosixPath(path).parent
        return f"from . import {stem}" if beside else None
    if knowing.is_reached_by_dots(index, path):
        return None
    return _named_by_others(index, path, above, stem)


def _named_by_others(
    index: Index, path: str, above: PurePosixPath, stem: str
) -> str | None:
    """The import of a helper in a plain folder, by the name that others have for it.

    ``from tests.e2e.support import x``, where ``e2e`` has no ``__init__.py``. None for
    a file of several names: by one of them it may not find the helper.
    """
    packages = set(_packages_by_others(index, path))
    bare = "" in packages
    packages.discard("")
    if not packages or PurePosixPath(path).name == "conftest.py":
        return f"import {stem}"
    package = min(packages)
    base = flatness.folder(path, f"{package}.{PurePosixPath(path).stem}")
    runs = running.is_collected(index, path) or running.has_guard(index, path)
    always = str(base).strip(".") in of_pytest(index, path).path
    if len(packages) > 1 or ((bare or runs) and not always):
        return None
    higher = len(PurePosixPath(path).parent.parts) - len(above.parts)
    parts = package.split(".")[: package.count(".") + 1 - higher]
    return f"from {'.'.join(parts)} import {stem}" if parts else None


def _packages_by_others(index: Index, path: str) -> Iterator[str]:
    """The packages from which others import a file; empty for its bare name."""
    own = PurePosixPath(path).stem
    for other, each in index.importers(path):
        whole = f"{each.module}.{each.name}" if each.name else each.module
        for name in (whole, each.module):
            package, _, last = name.rpartition(".")
            if last == own and index.locate(name, other) == path:
                yield package
                break


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
    # A package may be installed, without the tests.
    inside = f"{base / parts[0]}/__init__.py" in index.paths
    shown = ".".join(parts) if inside else f"{parts[0]}."
    dotted = [each for each in names if each.startswith(shown)]
    bare = any(each.rpartition(".")[2] in names for each in dotted)
    named = all(each.isidentifier() and not iskeyword(each) for each in parts)
    return ".".join(parts) if dotted and named and not bare else ""


def _is_bare(index: Index, path: str, folder: PurePosixPath) -> bool:
    """Whether a file imports its siblings, or they import it, as no part of a package.

    ``from common import *`` in a folder with an ``__init__.py``: it is on the path
    itself, and no relative import works there.
    """
    beside = PurePosixPath(path).parent == folder
    package = index.package(path)
    whole = _imports_relatively(index, path) or (
        bool(package) and _names(index, path, package[0])
    )
    return beside and not whole and knowing.knows_siblings(index, path)


def starts_anywhere(index: Index, path: str, place: str) -> bool:
    """Whether nothing shows in which folder the tests of a package start to run.

    ``unittest discover tests`` makes ``tests`` the path, though it is a package: what
    lies there can't be reached with dots then.
    """
    if "unittest" not in knowing.roots(index, path) or not index.package(path):
        return False
    base = _base(index, path, PurePosixPath(place).parent)
    shown = _imports_relatively(index, path) or _is_known(index, path, base, place)
    return not (shown or running.is_run_by_pytest(index))


def shows_package(index: Index, path: str) -> bool:
    """Whether a file is collected as a test, or imports from its own package."""
    package = places.package(index, path)
    named = bool(package) and _names(index, path, package[0])
    return named or _has_dots(index, path) or running.is_collected(index, path)


def _names(index: Index, path: str, top: str) -> bool:
    """Whether a file imports from a package by its whole name."""
    return top in knowing.roots(index, path)


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


def _is_on_path(index: Index, path: str) -> bool:
    """Whether the folder of the top package is on the path that pytest sets."""
    top = places.package(index, path)
    own = PurePosixPath(path).parents[len(top)]
    return str(own).strip(".") in of_pytest(index, path).path


def _base(index: Index, path: str, above: PurePosixPath) -> PurePosixPath | None:
    """The folder from which the file's absolute imports of its own tests start.

    Those of the production code tell nothing: it may be installed.
    """
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
            base = flatness.folder(place, name)
            same = above.is_relative_to(base / name.partition(".")[0])
            if same and above != base and not _is_a_project(index, base, name):
                found[base] += 1
            break
    return max(found, key=lambda b: (found[b], str(b)), default=None)


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


def by_dots(
    index: Index, path: str, place: str, package: tuple[str, ...]
) -> str | None:
    """The import of a place in a package, if a file goes there by nothing but dots."""
    dots = _dots(path, PurePosixPath(place).parent)
    goes = dots and _goes_there_by(dots, index, path, package)
    return f"from {dots} import {PurePosixPath(place).stem}" if goes else None


def _dots(path: str, above: PurePosixPath) -> str:
    """The dots that lead from a file up to a folder; empty where none do."""
    folders = [*PurePosixPath(path).parents]
    return "." * (folders.index(above) + 1) if above in folders else ""


def _goes_there_by(
    dots: str, index: Index, path: str, package: tuple[str, ...]
) -> bool:
    """Whether a file goes so far up by dots, and to a package by nothing else."""
    facts = index.facts(path)
    modules = [each.module for each in facts.imports] if facts else []
    whole = ".".join(package)
    return any(each.startswith(dots) for each in modules) and not any(
        each == whole or each.startswith(f"{whole}.") for each in modules
    )


def _imports_relatively(index: Index, path: str) -> bool:
    """Whether a file imports its neighbours with leading dots, and only so."""
    facts = index.facts(path)
    package = index.package(path)
    if facts is None or not package:
        return False
    top = package[0]
    return _has_dots(index, path) and not any(
        each.module == top or each.module.startswith(f"{top}.")
        for each in facts.imports
    )
