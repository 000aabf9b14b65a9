"""The place of the wait helper: a copy that is there, or where a new one goes.

It depends on the project's paths alone: not on the files under work, nor on their
order.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.testcode import folder_of_tests, root_of_tests
from testmend_codemods.sleep_polling.homes import (
    copies,
    flatness,
    importing,
    loading,
    neighbours,
    places,
    running,
)

if TYPE_CHECKING:
    from testmend.index import Index


def found(index: Index, path: str) -> tuple[str, str] | None:
    """A place from which a file can import the helper, and the import.

    A copy that is there is used before a new one is written. None: nothing shows from
    where the file could import it, or the import would run what did not run before.
    """
    home = _found(index, path)
    return None if home and loading.loads_more(index, path, *home) else home


def _found(index: Index, path: str) -> tuple[str, str] | None:
    within = flatness.bases(index, path)
    start = flatness.start(index, path)
    if neighbours.is_one_of_scripts(index, path):
        return _in_framework(index, path)
    if running.is_script(index, path) and not importing.shows_package(index, path):
        return None  # it may run alone, wherever that is
    if within:
        return _on_the_path(index, path, within)
    if start is not None:
        return _below_start(index, path, start)
    place = _existing(index, path) or _planned(index, path)
    statement = importing.statement(index, path, place) if place else None
    return (place, statement) if place and statement else None


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
    own = root_of_tests(path) or ""
    return min(
        found,
        key=lambda each: (each.count("/"), not each.startswith(f"{own}/"), each),
        default=None,
    )


def _in_framework(index: Index, path: str) -> tuple[str, str] | None:
    """A place in the package beside a script that it imports from, and the import."""
    package = places.package_beside(index, path)
    if package is None:
        return None
    place = _free(index, package, _names(index))
    return place, f"from {package.name} import {PurePosixPath(place).stem}"


def _on_the_path(
    index: Index, path: str, folders: frozenset[PurePosixPath]
) -> tuple[str, str] | None:
    """A place below the one folder of a package that is on the path, and the import.

    It is the folder itself if the file is in it, else the first folder of tests in it
    that leads to the file, or the first one of all.
    """
    folder, *others = folders
    if others:
        return None
    inner = PurePosixPath(path).parent.relative_to(folder).parts
    tests = root_of_tests(path)
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
) -> tuple[str, str] | None:
    """A place in the outermost package below a folder where unittest starts.

    Dots lead there from wherever the tests run. In that folder itself only the bare
    name would do, and that nowhere else.
    """
    parts = PurePosixPath(path).parent.relative_to(start).parts
    if not parts and running.is_run_by_pytest(index):
        return None
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
