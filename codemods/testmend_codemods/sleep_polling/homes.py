"""Where the wait helper lives in a project.

The place depends on the project's paths alone: not on the files under work, nor on
their order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.model import UNSORTED, NewFile, Sorting
from testmend_codemods.knowledge.testcode import folder_of_tests
from testmend_codemods.sleep_polling import (
    copies,
    filenames,
    flatness,
    importing,
    neighbours,
    places,
    running,
)
from testmend_codemods.sleep_polling.sorting import order

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.index import Index


@dataclass(frozen=True, slots=True)
class Home:
    """The import of the helper, and the file to be written if it is not there yet.

    It is sorted with what is imported from the same folder as the first part of its
    name, or, where linters take that for another project's, apart from what they take
    for this one's.
    """

    statement: str
    file: NewFile | None
    sorting: Sorting = UNSORTED


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
    if neighbours.is_copied(index, path) or neighbours.takes_no_other(index, path):
        return None
    within = flatness.bases(index, path)
    start = flatness.start(index, path)
    if neighbours.is_one_of_scripts(index, path):
        found, statement = _in_framework(index, path)
    elif within:
        found, statement = _on_the_path(index, path, within)
    elif start is not None:
        found, statement = _below_start(index, path, start)
    else:
        found = _existing(index, path) or _planned(index, path)
        statement = importing.statement(index, path, found) if found else None
    if found is None or statement is None:
        return None
    fits = filenames.is_allowed(index, found) and neighbours.is_owned(index, found)
    dotted = statement.removeprefix("from ").partition(" import ")[0]
    alone = statement.startswith("from ") and (
        running.is_program(index, path) or running.makes_path(index, path, dotted)
    )
    if not fits or alone or running.is_loaded_by_path(index, path):
        return None
    stem = PurePosixPath(found).stem
    sorting = _sorting(index, path, found, statement)
    return Home(_named(statement, stem, name), _new(index, found), sorting)


def runtime(name: str) -> Home:
    """The home of style ``import``: the module that comes with testmend."""
    return Home(_imported("testmend.waits", name), None)


def _imported(dotted: str, name: str) -> str:
    package, _, stem = dotted.rpartition(".")
    statement = f"from {package} import {stem}" if package else f"import {stem}"
    return _named(statement, stem, name)


def _sorting(index: Index, path: str, place: str, statement: str) -> Sorting:
    """What the import of the helper is sorted with."""
    found = order(index, path, place)
    own = found.own if found else None
    plain = Sorting(
        width=index.lines.longest if found and not found.one_each else 0,
        by_length=found is not None and found.by_length,
    )
    if statement.startswith("from ."):
        return plain
    package = statement.partition("from ")[2].partition(" import ")[0]
    above = package.count(".") + bool(package)
    around = places.modules_around(index.paths, PurePosixPath(place).parents[above])
    root = package.partition(".")[0] or PurePosixPath(place).stem
    if own is None:
        return replace(plain, beside=around)
    if root in own:
        return replace(plain, beside=own)
    others = around - own
    if not others.isdisjoint(running.roots(index, path)):
        return replace(plain, beside=others)
    return replace(plain, beside=own, apart=True)


def _new(index: Index, place: str) -> NewFile | None:
    return None if place in index.paths else NewFile(place, copies.text(index, place))


def _named(statement: str, stem: str, name: str) -> str:
    return statement if stem == name else f"{statement} as {name}"


def _existing(index: Index, path: str) -> str | None:
    """The nearest copy in the same top package, or in the file's own folder."""
    ours = places.reachable(index, path)[:1]
    folder = places.on_the_path(index, path)
    library = places.is_library(index, path)
    found = []
    for other in index.defining(copies.MARK):
        if other == path or not copies.is_one(index, other):
            continue
        if library and folder_of_tests(other) is not None:
            continue
        above = PurePosixPath(other).parent
        theirs = places.package(index, other)[:1]
        if not (theirs == ours if ours else above == folder):
            continue
        beside = above == PurePosixPath(path).parent
        if beside or not importing.starts_anywhere(index, path, other):
            found.append(other)
    own = places.root_of_tests(path) or ""
    return min(
        found,
        key=lambda each: (each.count("/"), not each.startswith(f"{own}/"), each),
        default=None,
    )


def _in_framework(index: Index, path: str) -> tuple[str | None, str | None]:
    """A place in the package beside a script that it imports from, and the import."""
    package = places.package_beside(index, path)
    if package is None:
        return None, None
    place = _free(index, package, _names(index))
    return place, f"from {package.name} import {PurePosixPath(place).stem}"


def _on_the_path(
    index: Index, path: str, folders: frozenset[PurePosixPath]
) -> tuple[str | None, str | None]:
    """A place below the one folder of a package that is on the path, and the import.

    It is the folder itself if the file is in it, else the first folder of tests in it
    that leads to the file, or the first one of all.
    """
    folder, *others = folders
    if others:
        return None, None
    inner = PurePosixPath(path).parent.relative_to(folder).parts
    tests = places.root_of_tests(path)
    if tests and tests.is_relative_to(folder) and index.package(f"{tests}/x.py"):
        inner = tests.relative_to(folder).parts or inner[:1]
    else:
        inner = inner[:1]
    place = _free(index, folder.joinpath(*inner), _names(index))
    stem = PurePosixPath(place).stem
    if not inner:
        return place, f"import {stem}"
    dotted = importing.by_dots(index, path, place, inner)
    return place, dotted or f"from {'.'.join(inner)} import {stem}"


def _below_start(
    index: Index, path: str, start: PurePosixPath
) -> tuple[str | None, str | None]:
    """A place in the outermost package below a folder where unittest starts.

    Dots lead there from wherever the tests run. In that folder itself only the bare
    name would do, and that nowhere else.
    """
    parts = PurePosixPath(path).parent.relative_to(start).parts
    if not parts and running.is_run_by_pytest(index):
        return None, None
    place = _free(index, start.joinpath(*parts[:1]), _names(index))
    stem = PurePosixPath(place).stem
    return (
        place,
        f"from {'.' * len(parts)} import {stem}" if parts else f"import {stem}",
    )


def _planned(index: Index, path: str) -> str | None:
    """Where a new copy goes: the top-most folder of tests."""
    top = places.reachable(index, path)
    names = _names(index)
    if not top:
        plain = places.on_the_path(index, path)
        return str(plain / f"{names[-1]}.py") if plain is not None else None
    if places.is_library(index, path):
        own = PurePosixPath(path).parents[len(top) - 1]
        return str(own / f"{names[-1]}.py")
    folder = places.of_container(index, path, places.among_tests(index, path))
    if importing.starts_anywhere(index, path, str(folder / "x.py")):
        folder = PurePosixPath(path).parent
    if folder in PurePosixPath(path).parents and places.is_beside_code(index, path):
        names = names[1:]  # among the code it says what it is
    return _free(index, folder, names)


def _names(index: Index) -> tuple[str, ...]:
    """What a copy is called in a package, and elsewhere.

    With ``python_files = *`` plugins such as pytest-relaxed take every function of a
    file for a test, unless its name begins with an underscore.
    """
    mark = "_" if index.pytest.collects("waits.py") else ""
    return f"{mark}waits", f"{mark}testmend_waits"


def _free(index: Index, folder: PurePosixPath, stems: tuple[str, ...]) -> str:
    """The first of some names that no file of a folder has but a copy; or the last."""
    for stem in stems:
        place = str(folder / f"{stem}.py")
        taken = place in index.paths or f"{folder}/{stem}/__init__.py" in index.paths
        if not taken or copies.is_one(index, place):
            break
    return place
