r"""Unified diffs, made from the edits themselves.

No comparison of texts: the edits say what changed, so the work is linear in the size of
the file. Lines end at LF and at nothing else, as for git; the bytes of the file pass
through, whatever their encoding. ``git apply`` makes exactly the new bytes of it.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from testmend.model import NewFile

Edits = tuple[tuple[int, int, bytes], ...]

CONTEXT = 3
_NO_END = b"\n\\ No newline at end of file\n"
_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r"}


class _Block(Struct, frozen=True):
    """The old lines ``[first, last)`` (0-based) become ``new``."""

    first: int
    last: int
    new: tuple[bytes, ...]


def changed_file(path: str, before: bytes, edits: Edits) -> bytes:
    """The diff of one file. ``edits`` are sorted and don't overlap.

    ``path`` has ``/``; bytes that are not UTF-8 stand in it as surrogates.
    """
    old = _lines(before)
    blocks = _blocks(before, old, edits)
    if not blocks:
        return b""
    header = (
        b"diff --git %s %s\n" % (_quoted("a/", path), _quoted("b/", path))
        + b"--- %s\n" % _labelled("a/", path)
        + b"+++ %s\n" % _labelled("b/", path)
    )
    return header + b"".join(_hunks(old, blocks))


def new_file(path: str, data: bytes) -> bytes:
    """The diff that creates a file."""
    header = (
        b"diff --git %s %s\n" % (_quoted("a/", path), _quoted("b/", path))
        + b"new file mode 100644\n"
        + b"--- /dev/null\n"
        + b"+++ %s\n" % _labelled("b/", path)
    )
    block = _Block(0, 0, tuple(_lines(data)))
    return header + b"".join(_hunks([], [block]))


def needed_file(path: str, file: NewFile) -> bytes:
    """The diff that creates or extends a file which a fix needs."""
    before, after = file.original, file.text.encode()
    if before is None:
        return new_file(path, after)
    if after.startswith(before):
        at = len(before)
        return changed_file(path, before, ((at, at, after[at:]),))
    return changed_file(path, before, ((0, len(before), after),))


def quoted(path: str) -> str:
    """A path as git shows it: in quotes with escapes if it holds odd characters."""
    return _quoted("", path).decode("ascii")


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _blocks(before: bytes, old: Sequence[bytes], edits: Edits) -> list[_Block]:
    """The stretches of lines that edits touch, without equal lines at their ends."""
    starts = [0, *accumulate(map(len, old))]
    spans: list[tuple[int, int, list[tuple[int, int, bytes]]]] = []
    for edit in edits:
        first, last = _span(before, starts, edit)
        if spans and first <= spans[-1][1]:
            begin, end, group = spans[-1]
            spans[-1] = (begin, max(end, last), [*group, edit])
        else:
            spans.append((first, last, [edit]))
    blocks = [
        _trimmed(old, first, last, _lines(_spliced(before, starts, first, last, group)))
        for first, last, group in spans
    ]
    return [each for each in blocks if each.first < each.last or each.new]


def _span(
    before: bytes, starts: Sequence[int], edit: tuple[int, int, bytes]
) -> tuple[int, int]:
    """The old lines that an edit touches: from that of its start to that of its end."""
    start, end, text = edit
    first = _line_at(before, starts, start)
    last = _line_at(before, starts, end)
    whole = end == starts[last] and (
        text.endswith(b"\n") or (not text and start == starts[first])
    )
    return first, last if whole else min(last + 1, len(starts) - 1)


def _line_at(before: bytes, starts: Sequence[int], offset: int) -> int:
    """The 0-based line of an offset.

    The end of the file belongs to its last line, if that has no line end.
    """
    if offset == len(before) and before and not before.endswith(b"\n"):
        return len(starts) - 2
    return bisect_right(starts, offset) - 1


def _spliced(
    before: bytes,
    starts: Sequence[int],
    first: int,
    last: int,
    edits: Iterable[tuple[int, int, bytes]],
) -> bytes:
    at = starts[first]
    parts = []
    for start, end, text in edits:
        parts += [before[at:start], text]
        at = end
    return b"".join([*parts, before[at : starts[last]]])


def _trimmed(old: Sequence[bytes], first: int, last: int, new: list[bytes]) -> _Block:
    low, high = 0, len(new)
    while first < last and low < high and old[first] == new[low]:
        first, low = first + 1, low + 1
    while first < last and low < high and old[last - 1] == new[high - 1]:
        last, high = last - 1, high - 1
    return _Block(first, last, tuple(new[low:high]))


def _hunks(old: Sequence[bytes], blocks: Sequence[_Block]) -> Iterator[bytes]:
    group: list[_Block] = []
    shift = 0  # how many lines earlier hunks have added
    for block in blocks:
        if group and block.first - group[-1].last > 2 * CONTEXT:
            yield _hunk(old, group, shift)
            shift += sum(len(each.new) - (each.last - each.first) for each in group)
            group = []
        group.append(block)
    if group:
        yield _hunk(old, group, shift)


def _hunk(old: Sequence[bytes], blocks: Sequence[_Block], shift: int) -> bytes:
    first = max(0, blocks[0].first - CONTEXT)
    last = min(len(old), blocks[-1].last + CONTEXT)
    body: list[bytes] = []
    at, added = first, 0
    for block in blocks:
        body += [_row(b" ", line) for line in old[at : block.first]]
        body += [_row(b"-", line) for line in old[block.first : block.last]]
        body += [_row(b"+", line) for line in block.new]
        added += len(block.new) - (block.last - block.first)
        at = block.last
    body += [_row(b" ", line) for line in old[at:last]]
    size = last - first
    head = f"@@ -{_place(first, size)} +{_place(first + shift, size + added)} @@\n"
    return head.encode() + b"".join(body)


def _row(mark: bytes, line: bytes) -> bytes:
    return mark + line + (b"" if line.endswith(b"\n") else _NO_END)


def _place(first: int, size: int) -> str:
    """The ``line,count`` of a hunk header; an empty side names the line before it."""
    if size == 1:
        return f"{first + 1}"
    return f"{first + 1 if size else first},{size}"


def _quoted(prefix: str, path: str) -> bytes:
    raw = os.fsencode(prefix + path)
    if all(32 <= byte < 127 and byte not in b'"\\' for byte in raw):  # noqa: PLR2004
        return raw  # printable ASCII
    return ('"' + "".join(map(_escaped, raw)) + '"').encode("ascii")


def _escaped(byte: int) -> str:
    if byte in _ESCAPES:
        return f"\\{_ESCAPES[byte]}"
    if byte in b'"\\':
        return f"\\{chr(byte)}"
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"  # noqa: PLR2004  ASCII


def _labelled(prefix: str, path: str) -> bytes:
    """The name in a header line; git marks its end where it holds a space."""
    name = _quoted(prefix, path)
    return name + b"\t" if b" " in name else name
