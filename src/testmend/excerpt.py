"""A small file that stands for a large one: the statements that edits touch, alone.

What edits do to a file can be told from the statements they touch: the bytes of all
others are equal, and so are their trees. An excerpt holds those statements before and
after the edits, whole lines each, members of classes below a class statement of its
own, and what gives meaning to them (imports, constants). Each stretch with edits is
followed by a statement that no edit made, at the same depth: where the new text leaves
anything open (a bracket, a block, a decorator), or ends its block, the excerpt is no
Python, or another tree than expected, as the whole file would be. At the end of the
file nothing follows, in the excerpt too.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.compose import splice
from testmend.errors import VerificationError
from testmend.source import Module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from testmend.model import Edit
    from testmend.outline import Outline, Span

_TEXT = re.compile(rb"[ \t\f]*\(*[rRuUbBfF]{0,2}['\"]")
_HEADER, _FOOTER = b"class _:\n", b"pass\n"


class _Stretch(Struct, frozen=True):
    """Whole lines of the file. ``indent``: of the members of a class, else empty."""

    start: int
    end: int
    indent: bytes = b""


class Excerpt(Struct, frozen=True, dict=True):
    """The excerpts before and after, the edits that lead from one to the other.

    ``rest``: the bytes of the original that are in neither.
    """

    before: Module
    edits: tuple[Edit, ...]
    rest: bytes

    @cached_property
    def after(self) -> Module:
        """The excerpt with the edits made. Its tree raises `SourceError`."""
        text = splice(self.before.utf8, self.edits)
        return Module(self.before.path, text.encode(), text, "utf-8")


def excerpt(module: Module, outline: Outline, edits: Sequence[Edit]) -> Excerpt:
    """The excerpt of a file for edits (sorted, without overlap).

    Raises `VerificationError` where there can be none: at the end of a last line that
    has no line end, and ahead of a string, which is the docstring if it is left first.
    """
    size = len(module.utf8)
    if any(edit.end == size for edit in edits) and not _ends(module.utf8):
        raise VerificationError("the last line has no end")
    spans = [block.span for block in outline]
    wanted = [_around(module, outline, spans, edit) for edit in edits]
    if any(_is_ahead_of_text(module, spans, each) for each in wanted):
        raise VerificationError("what follows may become a docstring")
    wanted += [_Stretch(*block.span) for block in outline if block.names_things]
    pieces: list[bytes] = []
    rest: list[bytes] = []
    moved: list[Edit] = []
    at = length = 0
    for stretch in _merged(wanted):
        rest.append(module.utf8[at : stretch.start])
        at = stretch.end
        text = module.utf8[stretch.start : stretch.end]
        ahead = _HEADER if stretch.indent else b""
        shift = length + len(ahead) - stretch.start
        own = edits[len(moved) : _taken(stretch, edits, size)]
        moved += [
            replace(each, start=each.start + shift, end=each.end + shift)
            for each in own
        ]
        end = b"" if _ends(text) else b"\n"
        foot = stretch.indent + _FOOTER if own and stretch.end < size else b""
        pieces.append(ahead + text + end + foot)
        length += len(pieces[-1])
    rest.append(module.utf8[at:])
    data = b"".join(pieces)
    before = Module(module.path, data, data.decode(), "utf-8")
    return Excerpt(before, tuple(moved), b"\n".join(rest))


def _taken(stretch: _Stretch, edits: Sequence[Edit], size: int) -> int:
    """How many edits there are up to the end of a stretch."""
    if stretch.end == size:
        return len(edits)
    return bisect_left(edits, stretch.end, key=lambda each: each.start)


def _ends(text: bytes) -> bool:
    return not text or text.endswith((b"\n", b"\r"))


def _around(
    module: Module, outline: Outline, spans: Sequence[Span], edit: Edit
) -> _Stretch:
    """The lines that have to be looked at for one edit."""
    touched = _touched(spans, edit)
    if len(touched) == 1:
        members = outline[touched[0]].members
        if members and members[0][0] <= edit.start and edit.end < spans[touched[0]][1]:
            line = module.utf8[members[0][0] : members[0][1]]
            indent = line[: len(line) - len(line.lstrip(b" \t\f"))]
            lines = _lines(module, members, edit)
            return _Stretch(*lines, indent)
    return _Stretch(*_lines(module, spans, edit))


def _is_ahead_of_text(module: Module, spans: Sequence[Span], stretch: _Stretch) -> bool:
    """Whether a string is the next statement of the module behind a stretch."""
    behind = bisect_left(spans, stretch.end, key=_start)
    inside = bool(stretch.indent) or behind == len(spans)
    return not inside and _TEXT.match(module.utf8, spans[behind][0]) is not None


def _touched(spans: Sequence[Span], edit: Edit) -> range:
    """The numbers of the spans that an edit touches; none: it stands between two."""
    low = bisect_right(spans, edit.start, key=_start) - 1
    high = bisect_right(spans, edit.end, key=_start) - 1
    if low == high and (low < 0 or edit.start >= spans[low][1]):
        return range(0)
    return range(max(low, 0), high + 1)


def _start(span: Span) -> int:
    return span[0]


def _lines(module: Module, spans: Sequence[Span], edit: Edit) -> Span:
    """The lines of an edit, and of the spans that it touches."""
    start = module.line_start(module.line_of(edit.start))
    end = module.line_start(module.line_of(edit.end) + 1)
    touched = _touched(spans, edit)
    if touched:
        start = min(spans[touched[0]][0], start)
        end = max(spans[touched[-1]][1], end)
    return start, end


def _merged(stretches: Iterable[_Stretch]) -> Iterator[_Stretch]:
    """The stretches in order; those that share lines as one."""
    held: _Stretch | None = None
    for each in sorted(stretches, key=lambda one: (one.start, -one.end)):
        if held is None:
            held = each
        elif each.start < held.end:
            held = replace(held, end=max(held.end, each.end))
        else:
            yield held
            held = each
    if held is not None:
        yield held
