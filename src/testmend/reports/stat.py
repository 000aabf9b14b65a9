"""Statistics of a diff, as ``git diff --stat`` shows them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from unidiff.patch import PatchSet

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 40  # of the bars, in characters


def parse(diff: bytes) -> PatchSet:
    """The files and hunks of a diff. Bytes stand as the characters of Latin-1."""
    return PatchSet(io.StringIO(diff.decode("latin-1"), newline="\n"))


def render(diff: bytes) -> Iterator[str]:
    """A line per file and a last one for all of them."""
    rows = [(file.path, file.added, file.removed) for file in parse(diff)]
    if not rows:
        return
    width = max(len(path) for path, _, _ in rows)
    most = max(added + removed for _, added, removed in rows)
    scale = min(1.0, _WIDTH / most)
    for path, added, removed in rows:
        bar = "+" * round(added * scale) + "-" * round(removed * scale)
        yield f" {path:{width}} | {added + removed:5} {bar}\n"
    more = sum(added for _, added, _ in rows)
    less = sum(removed for _, _, removed in rows)
    plural = "" if len(rows) == 1 else "s"
    yield f" {len(rows)} file{plural} changed, {more} lines added, {less} removed\n"
