"""Reads ``fixtures/unused-imports-labelled``."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parent.parent / "fixtures" / "unused-imports-labelled"
_MARK = re.compile(r"^#### (case|at|file) ?(.*)\n", re.MULTILINE)


class Labelled(Struct, frozen=True):
    """A small project and the imports that its label is about.

    ``names`` are bound names of the file at ``path``; ``name@3`` is the one of line 3.
    """

    label: str
    family: str
    name: str
    names: tuple[str, ...]
    path: str
    files: dict[str, str]

    @property
    def id(self) -> str:
        return f"{self.label}/{self.family}/{self.name}"

    def is_about(self, name: str, line: int) -> bool:
        return name in self.names or f"{name}@{line}" in self.names


def cases() -> list[Labelled]:
    files = sorted(ROOT.glob("*/*.txt"))
    return [case for file in files for case in _cases(file)]


def _cases(file: Path) -> list[Labelled]:
    found: list[Labelled] = []
    pieces = _MARK.split(file.read_text("utf-8"))[1:]
    for kind, words, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if kind == "case":
            name, _, names = words.partition(": ")
            place = (file.parent.name, file.stem, name, tuple(names.split()))
            found.append(Labelled(*place, "tests/test_case.py", {}))
        last = found[-1]
        path = last.path if kind == "case" else words
        if kind == "at":
            found[-1] = Labelled(
                last.label, last.family, last.name, last.names, words, {words: text}
            )
        else:
            last.files[path] = text
    return found
