"""The header that the files of a project share: whose they are, under what licence.

Hooks and checks of many projects want it in each file, so in a new one, too.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.index import Index

_FEWEST, _MOST = 3, 30  # files that are asked
_SHARE = 0.8  # of those that say so much
_OF_LICENCE = re.compile(r"copyright|licen[cs]e|spdx", re.IGNORECASE)
_OF_OWNERS = re.compile(r"copyright|\(c\)|author|all rights", re.IGNORECASE)
_BESIDE = re.compile(r"(?:\d|\bpresent\b|[\W_])+")  # years, blanks and marks
_OF_AUTHORS = re.compile(
    r"#\W*(?:authors?|maintainers?|(?:written|created) by)\b", re.IGNORECASE
)
_FOR_TOOLS = re.compile(r"#!|#.*?coding[:=]|#\s*(?:vim?:|-\*-)")


def shared(index: Index, place: str) -> str:
    """The header that most files around a place begin with, as lines; empty if none.

    Of files that differ in their owners, not in their terms, the terms alone.
    """
    heads = [_head(text) for text in _around(index, place)]
    if len(heads) < _FEWEST:
        return ""
    bodies = map(_terms, heads)
    return _usual(heads) or _usual(bodies) or ""


def _around(index: Index, place: str) -> Iterator[str]:
    """The texts of some files in the folder of a place and below, if they have any."""
    inside = f"{PurePosixPath(place).parent}/".removeprefix("./")
    paths = sorted(e for e in index.paths if e.startswith(inside) and e != place)
    texts = (index.text(each) for each in paths[:: len(paths) // _MOST + 1])
    return (each for each in texts if each and not each.isspace())


def _head(text: str) -> str:
    """The comment that a file begins with, but for who wrote it and what tools read."""
    lines: list[str] = []
    for line in text.splitlines():
        if line[:1] != "#" and (line.strip() or lines):
            break
        told = _FOR_TOOLS.match(line) or _OF_AUTHORS.match(line)
        if line[:1] == "#" and not told:
            lines.append(f"{line.rstrip()}\n")
    head = "".join(lines)
    return head if _OF_LICENCE.search(head) else ""


def _terms(head: str) -> str:
    """A header without the lines that name its owners, and what sets them apart."""
    kept = [e for e in head.splitlines(keepends=True) if not _OF_OWNERS.search(e)]
    while kept and not kept[0].strip("#\n\t "):
        del kept[0]
    terms = "".join(kept)
    return terms if _OF_LICENCE.search(terms) else ""


def _usual(heads: Iterable[str]) -> str:
    """The header that is usual among some, whatever its years and blanks, or empty."""
    given = Counter(heads)
    kinds: Counter[str] = Counter()
    for head, number in given.items():
        kinds[_BESIDE.sub("", head)] += number
    usual, number = kinds.most_common(1)[0]
    if number < _SHARE * given.total():
        return ""
    alike = (each for each in given if _BESIDE.sub("", each) == usual)
    return max(alike, key=lambda each: (given[each], each))
