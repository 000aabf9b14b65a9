"""From the fixes of one file to one list of edits, and from edits to bytes."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.errors import SourceError
from testmend.model import apply_bytes
from testmend.source import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from testmend.model import Cleanup, Edit, Finding
    from testmend.source import Module

_LINE_END = re.compile(r"\r\n|\n")


class Composition(Struct, frozen=True):
    """Edits without overlap in the order of the file, and the findings they fix.

    ``refused`` are the findings whose edits overlap those of an earlier fix.
    """

    edits: tuple[Edit, ...]
    fixed: tuple[Finding, ...]
    refused: tuple[Finding, ...]


def compose(findings: Iterable[Finding]) -> Composition:
    """Put the fixes of one file together: earlier findings win where edits overlap.

    Equal edits are made once. A `Cleanup` is added when the fixes taken so far remove
    all its uses.
    """
    chosen: set[Edit] = set()
    taken: list[tuple[int, int]] = []  # the ranges of the chosen edits, sorted
    fixed, refused = [], []
    cleanups: dict[Cleanup, None] = {}
    removed: set[int] = set()

    def take(edits: Iterable[Edit]) -> bool:
        fresh = [edit for edit in edits if edit not in chosen]
        if any(_hits(edit, taken) for edit in fresh):
            return False
        for edit in fresh:
            chosen.add(edit)
            insort(taken, (edit.start, edit.end))
        return True

    for finding in findings:
        fix = finding.fix
        if fix is None:
            continue
        if not take(fix.edits):
            refused.append(finding)
            continue
        removed |= fix.removes
        cleanups.update(dict.fromkeys(fix.cleanups))
        fixed.append(finding)
    for cleanup in cleanups:
        if cleanup.uses <= removed:
            take(cleanup.edits)
    edits = sorted(
        chosen, key=lambda edit: (edit.start, edit.end, edit.order, edit.text)
    )
    return Composition(tuple(_trimmed(edits)), tuple(fixed), tuple(refused))


def _trimmed(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Edits (sorted) that leave no blank line where the head of a file goes.

    Blank lines that set something new apart from what stands above go with that.
    """
    head: int | None = 0
    for edit in edits:
        if head is not None and edit.start == head:
            if edit.text.isspace() and edit.start == edit.end > 0:
                continue
            head = None if edit.text else edit.end
        yield edit


def _hits(edit: Edit, taken: Sequence[tuple[int, int]]) -> bool:
    """Whether an edit shares a byte with, or stands strictly inside, one taken."""
    at = bisect_left(taken, (edit.start, edit.start))
    for start, end in taken[max(at - 1, 0) :]:
        if start > edit.end:
            return False
        if start < edit.end and edit.start < end:
            return True
    return False


def localized(module: Module, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The same edits with the line ends of the lines where they are made."""
    return tuple(
        replace(edit, text=_LINE_END.sub(_line_end(module, edit.start), edit.text))
        if "\n" in edit.text
        else edit
        for edit in edits
    )


def _line_end(module: Module, offset: int) -> str:
    line = module.line_of(min(offset, max(len(module.utf8) - 1, 0)))
    for number in (line, line - 1):
        if number >= 1:
            raw = module.utf8[module.line_start(number) : module.line_start(number + 1)]
            for end in (b"\r\n", b"\n", b"\r"):
                if raw.endswith(end):
                    return end.decode()
    return module.newline


def splice(utf8: bytes, edits: Iterable[Edit]) -> str:
    """The text after the edits (sorted, without overlap)."""
    parts, at = [], 0
    for edit in edits:
        parts += [utf8[at : edit.start].decode(), edit.text]
        at = edit.end
    return "".join([*parts, utf8[at:].decode()])


def on_disk(
    module: Module, edits: Sequence[Edit]
) -> tuple[tuple[int, int, bytes], ...]:
    """The edits as ``(start, end, replacement)`` on the bytes of the file itself.

    Raises `SourceError` (``encoding``) when the file's encoding lacks a character or
    gives other bytes when it is written in pieces (it keeps a state).
    """
    bom = len(module.data) - len(module.data.removeprefix(b"\xef\xbb\xbf"))
    if module.encoding == "utf-8":
        return tuple(
            (edit.start + bom, edit.end + bom, edit.text.encode()) for edit in edits
        )
    cuts = sorted({0, *(at for edit in edits for at in (edit.start, edit.end))})
    pieces = [
        to_bytes(b"", module.encoding, module.utf8[start:end].decode())
        for start, end in zip(cuts, [*cuts[1:], len(module.utf8)], strict=True)
    ]
    places, at = {}, 0
    for cut, piece in zip(cuts, pieces, strict=True):
        places[cut] = at
        at += len(piece)
    changes = tuple(
        (
            places[edit.start],
            places[edit.end],
            to_bytes(b"", module.encoding, edit.text),
        )
        for edit in edits
    )
    whole = to_bytes(b"", module.encoding, splice(module.utf8, edits))
    if b"".join(pieces) != module.data or apply_bytes(module.data, changes) != whole:
        raise SourceError("encoding", f"{module.encoding} cannot be cut into pieces")
    return changes
