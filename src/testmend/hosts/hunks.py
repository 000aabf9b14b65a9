"""What a guest changed: the smallest edits between its input and its result, by hunk.

The diff anchors on lines that both texts hold exactly once (Bram Cohen's patience diff)
and leaves the gaps to `difflib`: on files of ten thousand lines, of which many are
equal, `difflib` alone takes minutes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module

_LINE_END = re.compile(r"\r\n|\r")
_SMALL = 4_000_000  # lines times lines that are compared without a shortcut


class Hunk(Struct, frozen=True):
    """One changed stretch: 1-based lines ``first`` to ``last`` of the original.

    An insertion has ``last`` one less than ``first``: it stands before ``first``.
    """

    first: int
    last: int
    edits: tuple[Edit, ...]


def plain(module: Module) -> str:
    """The text that a guest gets: LF line ends, and one at the end of the last line."""
    text = _LINE_END.sub("\n", module.text)
    return text if not text or text.endswith("\n") else text + "\n"


def changed(module: Module, result: str) -> tuple[Hunk, ...]:
    """The hunks that turn the file into ``result``, which grew out of `plain`.

    Line ends, encoding and a missing final newline of the file stay as they are.
    """
    before, after = _lines(plain(module)), _lines(_LINE_END.sub("\n", result))
    places = _Places(module, before)
    return tuple(
        Hunk(i1 + 1, i2, tuple(places.edits(i1, i2, after[j1:j2])))
        for i1, i2, j1, j2 in _opcodes(before, after)
    )


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


class _Places:
    """From line numbers (0-based here) to edits of the file."""

    def __init__(self, module: Module, lines: Sequence[str]) -> None:
        self.module = module
        self.lines = lines

    def edits(self, i1: int, i2: int, new: Sequence[str]) -> Iterator[Edit]:
        """The edits that put ``new`` in the place of the lines ``[i1, i2)``."""
        if i1 == i2:
            yield self._insertion(i1, new)
        elif not new:
            yield self._deletion(i1, i2)
        elif len(new) == i2 - i1:
            for number, line in enumerate(new, i1):
                if line != self.lines[number]:
                    yield self._replacement(number, number + 1, [line])
        else:
            yield self._replacement(i1, i2, new)

    def _start(self, number: int) -> int:
        return self.module.line_start(number + 1)

    def _end(self, number: int) -> int:
        """The offset after the last character of a line, before its line end."""
        return self._start(number) + len(self.lines[number].encode())

    def _insertion(self, at: int, new: Sequence[str]) -> Edit:
        start = self._start(at)
        if at == len(self.lines) and self._unended():
            return Edit(start, start, "".join(f"\n{line}" for line in new))
        return Edit(start, start, "".join(f"{line}\n" for line in new))

    def _deletion(self, i1: int, i2: int) -> Edit:
        if i1 and i2 == len(self.lines) and self._unended():
            return Edit(self._end(i1 - 1), self._end(i2 - 1), "")
        return Edit(self._start(i1), self._start(i2), "")

    def _unended(self) -> bool:
        return bool(self.lines) and self._end(len(self.lines) - 1) == len(
            self.module.utf8
        )

    def _replacement(self, i1: int, i2: int, new: Sequence[str]) -> Edit:
        """Only what differs: equal beginnings and ends stay outside, word by word."""
        first, last = self.lines[i1], self.lines[i2 - 1]
        ahead = _shared(first, new[0])
        limit = min(len(last), len(new[-1]))
        if i2 - i1 == 1 or len(new) == 1:
            limit -= ahead
        behind = min(_shared(last[::-1], new[-1][::-1]), max(limit, 0))
        text = "\n".join(new)
        return Edit(
            self._start(i1) + len(first[:ahead].encode()),
            self._end(i2 - 1) - len(last[len(last) - behind :].encode()),
            text[ahead : len(text) - behind],
        )


def _shared(one: str, other: str) -> int:
    """How many characters are equal at the start, without cutting a word in two."""
    pairs = enumerate(zip(one, other, strict=False))
    shortest = min(len(one), len(other))
    size = next((at for at, (a, b) in pairs if a != b), shortest)
    cut = any(size < len(text) and _is_word(text[size]) for text in (one, other))
    while cut and size and _is_word(one[size - 1]):
        size -= 1
    return size


def _is_word(char: str) -> bool:
    return char == "_" or char.isalnum()


def _opcodes(
    before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[int, int, int, int]]:
    """The stretches ``before[i1:i2]`` that became ``after[j1:j2]``, in order."""
    i = j = 0
    for a, b in [*_anchors(before, after), (len(before), len(after))]:
        ours, theirs = before[i:a], after[j:b]
        junk = len(ours) * len(theirs) > _SMALL
        matcher = SequenceMatcher(None, ours, theirs, autojunk=junk)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "equal":
                yield i + i1, i + i2, j + j1, j + j2
        i, j = a, b


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The longest rising run of lines that stand exactly once in both texts."""
    ours, theirs = Counter(before), Counter(after)
    where = {line: j for j, line in enumerate(after) if theirs[line] == 1}
    pairs = [
        (i, where[line])
        for i, line in enumerate(before)
        if ours[line] == 1 and line in where
    ]
    tails: list[int] = []  # the smallest last j of a run of each length
    ends: list[int] = []  # and the pair that it belongs to
    previous: list[int] = []
    for number, (_, j) in enumerate(pairs):
        at = bisect_left(tails, j)
        previous.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [j]
        ends[at : at + 1] = [number]
    run = []
    number = ends[-1] if ends else -1
    while number >= 0:
        run.append(pairs[number])
        number = previous[number]
    return run[::-1]
