"""Two versions of a file side by side: rows of highlighted lines, folded between."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING

from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from testmend.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    Pieces = list[tuple[str, str]]
    Marks = list[tuple[int, int]]

_CONTEXT = 3
_WORDS = re.compile(r"\w+|\s+|.")
_LONGEST = 1000  # characters of a line that is still compared word by word
_ALIKE = 0.4  # below, two lines have too little in common to mark words
_CLASSES = (
    (Keyword, "k"),
    (Operator.Word, "k"),
    (String, "s"),
    (Comment, "c"),
    (Number, "m"),
    (Name.Decorator, "d"),
    (Name.Function, "f"),
    (Name.Class, "f"),
)


def render(before: bytes, after: bytes) -> Iterator[str]:
    """The rows of the table, as HTML. Everything from the files is escaped."""
    old, new = _lines(before), _lines(after)
    left = ["".join(text for _, text in line) for line in old]
    right = ["".join(text for _, text in line) for line in new]
    matcher = SequenceMatcher(None, left, right)
    for number, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if number or group[0][1]:
            yield '<tr class="gap"><td colspan="4">⋯</td></tr>'
        for tag, a, a_end, b, b_end in group:
            for one, two in zip_longest(range(a, a_end), range(b, b_end)):
                marks: tuple[Marks, Marks] = ([], [])
                if tag == "replace" and one is not None and two is not None:
                    marks = words(left[one], right[two])
                yield (
                    "<tr>"
                    + _cell(old, one, marks[0], "" if tag == "equal" else "del")
                    + _cell(new, two, marks[1], "" if tag == "equal" else "ins")
                    + "</tr>"
                )


def words(old: str, new: str) -> tuple[Marks, Marks]:
    """Where two lines differ: ranges of characters in each. None if all differs."""
    if max(len(old), len(new)) > _LONGEST:
        return [], []
    one, two = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [], []
    marks: tuple[Marks, Marks] = ([], [])
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag != "equal":
            for side, parts, start, end in (
                (marks[0], one, a, a_end),
                (marks[1], two, b, b_end),
            ):
                at = sum(map(len, parts[:start]))
                side.append((at, at + sum(map(len, parts[start:end]))))
    return marks


def _lines(data: bytes) -> list[Pieces]:
    """The lines of a file, each as pieces of text with their CSS class."""
    if not data:
        return []
    text = data.decode("utf-8", "backslashreplace").removeprefix("\ufeff")
    lines: list[Pieces] = [[]]
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    for kind, value in lexer.get_tokens(text):
        style = next((name for of, name in _CLASSES if kind in of), "")
        first, *others = value.split("\n")
        lines[-1].append((style, first))
        lines.extend([(style, each)] for each in others)
    return lines[:-1] if text.endswith(("\n", "\r")) else lines


def _cell(lines: list[Pieces], at: int | None, marks: Marks, style: str) -> str:
    if at is None:
        return '<td class="no"></td><td class="none"></td>'
    code = "".join(_marked(lines[at], marks))
    return f'<td class="no">{at + 1}</td><td class="{style}">{code}</td>'


def _marked(pieces: Pieces, marks: Marks) -> Iterator[str]:
    at = 0
    bounds = sorted({bound for mark in marks for bound in mark})
    for style, text in pieces:
        cuts = [bound - at for bound in bounds if 0 < bound - at < len(text)]
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            if start == end:
                continue
            shown = "\t".join(map(printable, text[start:end].split("\t")))
            code = escape(shown)
            if style:
                code = f'<span class="{style}">{code}</span>'
            if any(a <= at + start < b for a, b in marks):
                code = f"<mark>{code}</mark>"
            yield code
        at += len(text)
