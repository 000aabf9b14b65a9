"""Files whose output the project keeps: what they do must not move by a line."""

from __future__ import annotations

from itertools import product
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index

_INPUTS = frozenset(
    {"source", "sources", "src", "input", "inputs", "in", "cases", "scripts", "before"}
)
_OUTPUTS = ("output", "outputs", "out", "expected", "result", "results", "after")
_SUFFIXES = (".txt", ".out", ".expected", ".exp", ".stdout", ".stderr", ".err", ".log")


def is_recorded(index: Index, path: str) -> bool:
    """Whether another file holds what comes out when this one is run.

    Such a file stands beside it (``cases/raise.py``, ``cases/raise.out``) or at the
    same place below a folder for output (``source/raise.py``, ``output/raise.txt``).
    It tells the numbers of lines, in tracebacks for example.
    """
    return index.is_one_there(*_places(path))


def _places(path: str) -> Iterator[str]:
    """Where the output of a file would be kept."""
    pure = PurePosixPath(path)
    yield from (str(pure.with_suffix(suffix)) for suffix in _SUFFIXES)
    for at, folder in enumerate(pure.parts[:-1]):
        if folder in _INPUTS:
            for output, suffix in product(_OUTPUTS, _SUFFIXES):
                parts = (*pure.parts[:at], output, *pure.parts[at + 1 :])
                yield str(PurePosixPath(*parts).with_suffix(suffix))
