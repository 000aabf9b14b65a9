"""The wait helper as a file of a project gets it: from its home, or from testmend."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.model import UNSORTED, NewFile, Sorting
from testmend_codemods.sleep_polling.homes import (
    copies,
    filenames,
    neighbours,
    picking,
    running,
    sorting,
)

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.index import Index


class Home(Struct, frozen=True):
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
    found = picking.found(index, path)
    if found is None:
        return None
    place, statement = found
    fits = filenames.is_allowed(index, place) and neighbours.is_owned(index, place)
    module = statement.rpartition("import ")[0].removeprefix("from ").strip()
    if not fits or running.is_run_elsewhere(index, path, module):
        return None
    stem = PurePosixPath(place).stem
    order = sorting.of_helper(index, path, place, statement)
    return Home(_named(statement, stem, name), _new(index, place), order)


def runtime(name: str) -> Home:
    """The home of style ``import``: the module that comes with testmend."""
    return Home(_imported("testmend.waits", name), None)


def _imported(dotted: str, name: str) -> str:
    package, _, stem = dotted.rpartition(".")
    statement = f"from {package} import {stem}" if package else f"import {stem}"
    return _named(statement, stem, name)


def _new(index: Index, place: str) -> NewFile | None:
    return None if place in index.paths else NewFile(place, copies.text(index, place))


def _named(statement: str, stem: str, name: str) -> str:
    return statement if stem == name else f"{statement} as {name}"
