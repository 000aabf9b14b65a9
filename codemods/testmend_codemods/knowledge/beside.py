"""What lies beside a file and shows that it is no test that may be rewritten."""

from __future__ import annotations

from itertools import product
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.testcode import is_test_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index

# Where two of these lie, others lie that are not the project's own either.
_LIBRARIES = (
    *("bs4/__init__.py", "certifi/__init__.py", "chardet/__init__.py", "six.py"),
    *("idna/__init__.py", "pytz/__init__.py", "requests/__init__.py"),
    *("typing_extensions.py", "urllib3/__init__.py", "yaml/__init__.py"),
)
_SEVERAL = 2
# Folders for other projects, and what says that one of them lies below.
_KEEPERS = frozenset({"deps", "ext", "extern", "external", "externals", "vendor"})
_PACKAGES = "packages"  # also in one of those: vendor/packages
_OF_A_PROJECT = (
    *("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENSE.rst", "COPYING"),
    *("setup.py", "pyproject.toml", "CMakeLists.txt", "configure.ac"),
)
_INPUTS = frozenset(
    {"source", "sources", "src", "input", "inputs", "in", "cases", "scripts", "before"}
)
_OUTPUTS = ("output", "outputs", "out", "expected", "result", "results", "after")
_SUFFIXES = (".txt", ".out", ".expected", ".exp", ".stdout", ".stderr", ".err", ".log")


def is_copied(index: Index, path: str) -> bool:
    """Whether a file is another project's, of which this one holds a copy.

    It lies in a folder of well-known packages, or in one with a licence or a build of
    its own below a folder for such (``deps/protobuf/``).
    """
    folders = PurePosixPath(path).parents
    return any(
        index.number_of(*(f"{folder}/{each}" for each in _LIBRARIES)) >= _SEVERAL
        for folder in map(str, folders)
    ) or any(
        index.is_one_there(*(f"{folder}/{each}" for each in _OF_A_PROJECT))
        for folder in folders
        if _keeps(folder.parent)
    )


def _keeps(folder: PurePosixPath) -> bool:
    """Whether a folder is one for other projects."""
    name = folder.parent.name if folder.name == _PACKAGES else folder.name
    return name in _KEEPERS


def is_recorded(index: Index, path: str) -> bool:
    """Whether another file holds what comes out when this one, no test, is run.

    Such a file stands beside it (``cases/raise.py``, ``cases/raise.out``) or at the
    same place below a folder for output (``source/raise.py``, ``output/raise.txt``).
    It tells the numbers of lines, in tracebacks for example: they must not move.
    """
    return not is_test_module(path) and index.is_one_there(*_places(path))


def _places(path: str) -> Iterator[str]:
    """Where the output of a file would be kept."""
    pure = PurePosixPath(path)
    yield from (str(pure.with_suffix(suffix)) for suffix in _SUFFIXES)
    yield from (f"{path}{suffix}" for suffix in _SUFFIXES)  # raise.py.out
    for at, folder in enumerate(pure.parts[:-1]):
        if folder in _INPUTS:
            for output, suffix in product(_OUTPUTS, _SUFFIXES):
                parts = (*pure.parts[:at], output, *pure.parts[at + 1 :])
                yield str(PurePosixPath(*parts).with_suffix(suffix))
