"""The commands with which a project runs its tests, as its settings have them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index

_DISCOVERS = re.compile(
    r"(?:\bcd[ ]+(?P<folder>[\w./-]+)[ ]*(?:&&|;)[^\n]*?)?"
    r"\bunittest[ ]discover\b(?P<arguments>[^\n&|;#]*)"
)
_SORTS = re.compile(
    r"\b(?:python3? -m )?isort\s+(?:-\S+\s+)*[\w./]"
    r"|\bruff\s+check\b[^\n]*--(?:extend-)?select[ =][\"']?(?:[A-Z0-9]+,)*I(?:001)?\b"
)
_VALUE = re.compile(r"-[a-z]*[kpst]|--(?:pattern|start-directory|top-level-directory)")


def starts_of_unittest(index: Index) -> frozenset[PurePosixPath]:
    """The folders in which the commands let unittest start: no packages to it."""
    texts = (index.beside(each) or "" for each in index.commands)
    return frozenset(chain.from_iterable(map(_starts, texts)))


def sort_imports(index: Index) -> bool:
    """Whether the commands have isort or ruff sort imports, or look whether they are.

    ``ruff check --select I .``, which needs no settings.
    """
    return any(_sorts(index.beside(each) or "") for each in index.commands)


@lru_cache(256)
def _sorts(text: str) -> bool:
    return _SORTS.search(text) is not None


@lru_cache(256)  # workflows may be many, and are asked for with each file
def _starts(text: str) -> tuple[PurePosixPath, ...]:
    return tuple(_found(text))


def _found(text: str) -> Iterator[PurePosixPath]:
    for found in _DISCOVERS.finditer(text):
        options = dict(_options(found["arguments"]))
        if not options.keys() & {"t", "top-level-directory"}:
            start = options.get("s") or options.get("start-directory")
            start = start or options.get("", ".")
            yield PurePosixPath(found["folder"] or "", start)


def _options(text: str) -> Iterator[tuple[str, str]]:
    """The options with a value, by their last letter or long name; "": the folder."""
    words = iter(re.split(r"[ =]+", text.strip()))
    for word in words:
        if _VALUE.fullmatch(word):
            name = word[2:] if word.startswith("--") else word[-1]
            yield name, next(words, "").strip("\"'")
        elif word and not word.startswith("-"):
            yield "", word.strip("\"'")
            return
