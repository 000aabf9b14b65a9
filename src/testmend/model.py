"""The values that travel through testmend. All are frozen and can be pickled.

Offsets are bytes into the *UTF-8 form* of a file: its decoded text without a byte
order mark, encoded as UTF-8 (for nearly every file that is the file itself). That is
the unit in which ``ast`` counts columns; `testmend.source` maps offsets back to the
bytes on disk. Lines and columns shown to people are 1-based, columns in characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Edit(Struct, frozen=True, order=True):
    r"""Replace the bytes ``[start, end)`` with ``text``; equal bounds insert.

    ``text`` has ``\\n`` line ends; they become those of the neighbouring line.
    Equal edits of several fixes are made once. Insertions at one offset stand in
    ascending ``order`` and then by text: that is how the fixes of one file build one
    block of constants together.
    """

    start: int
    end: int
    text: str
    order: tuple[int, ...] = ()


class NewFile(Struct, frozen=True):
    """A file that a fix needs beside the one it edits (the wait helper).

    ``path`` is relative to the project's root, with ``/``. The file is written only
    if it does not exist; it is never overwritten. With ``before`` it exists: it is
    replaced if that is its text, and refused if it is another one. (An equal text only
    has to be there.)
    """

    path: str
    text: str
    before: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether it does not exist yet."""
        return self.before is None

    @property
    def original(self) -> bytes | None:
        """The bytes that stand in its place; None: none."""
        return None if self.before is None else self.before.encode()


class Cleanup(Struct, frozen=True):
    """Edits that become right once every load in ``uses`` has been edited away.

    Example: ``import time`` goes when the fixes that are applied remove all reads of
    ``time``, and stays when one of them is rejected.
    """

    uses: frozenset[int]
    edits: tuple[Edit, ...]


class Sorting(Struct, frozen=True):
    """Where a new import stands, as the project's linters want it.

    Among those of the modules ``beside`` what it imports, by their top-level names
    (unless ``apart``: then among those of other projects). Where linters want all names
    of a module in one statement, ``width`` is how many characters a line may have,
    else 0. ``by_length``: they want the shortest name of a module first.
    ``by_full_name``: the project's files go by what is imported, not by where it is
    imported from.
    """

    beside: frozenset[str] = frozenset()
    apart: bool = False
    width: int = 0
    by_length: bool = False
    by_full_name: bool = False


UNSORTED = Sorting()


class Fix(Struct, frozen=True):
    """The edits that resolve one finding, and what they need. It stands on its own.

    ``removes`` holds the offsets of the name loads that the edits do away with (see
    `Cleanup`). ``imports`` are statements that import one name each: they go where the
    file itself would have them, and ``sorting`` says, unless it has them already.
    ``given`` are statements of other files (path and text) on which the fix relies: its
    proof may take them for granted. An unsafe fix may change what the test means;
    ``unsafe`` says how. A ``foreign`` fix is the work of a guest, which may build
    statements anew around what it keeps: its result must compile, but is not compared
    node by node.
    """

    edits: tuple[Edit, ...]
    removes: frozenset[int] = frozenset()
    cleanups: tuple[Cleanup, ...] = ()
    files: tuple[NewFile, ...] = ()
    unsafe: str = ""
    imports: tuple[str, ...] = ()
    foreign: bool = False
    given: tuple[tuple[str, str], ...] = ()
    sorting: Sorting = UNSORTED


class Range(Struct, frozen=True, order=True):
    """Where something stands: 1-based lines and columns, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Finding(Struct, frozen=True):
    """One place where a codemod has something to say.

    Either ``fix`` or ``reason`` is set: the reason code says why there is no fix.
    """

    codemod: str
    range: Range
    message: str
    fix: Fix | None = None
    reason: str = ""


class Survey(Struct, frozen=True):
    """What one codemod saw in one file, before it knows the other files.

    ``candidates`` is private to the codemod (anything that can be pickled) and comes
    back in its ``resolve``. ``modules`` are dotted names of project modules whose facts
    that step needs (bases, definitions of imported names). ``names`` are those of this
    file about whose users it will ask, in vain for all others (None: any name), and
    ``functions`` those whose parameters it wants, wherever they are defined.
    """

    candidates: Any
    modules: frozenset[str] = frozenset()
    names: frozenset[str] | None = None
    functions: frozenset[str] = frozenset()


class Unchanged(Struct, frozen=True):
    """Nothing to edit; findings without an applicable fix may exist."""

    findings: tuple[Finding, ...] = ()


class Changed(Struct, frozen=True):
    """What was changed in a file, and which findings were ``fixed`` by it.

    ``edits`` are those that were made, on the bytes of the original file: sorted,
    without overlap, each ``(start, end, replacement)``.
    """

    fixed: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    before: bytes
    edits: tuple[tuple[int, int, bytes], ...]
    files: tuple[NewFile, ...] = ()

    @property
    def after(self) -> bytes:
        """The file's new bytes. Made when asked for: many results may wait."""
        return apply_bytes(self.before, self.edits)


def apply_bytes(data: bytes, edits: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The bytes after the edits (sorted, without overlap)."""
    parts, at = [], 0
    for start, end, text in edits:
        parts += [data[at:start], text]
        at = end
    return b"".join([*parts, data[at:]])


class Skipped(Struct, frozen=True):
    """The file was left alone on purpose."""

    reason: str
    message: str


class Failed(Struct, frozen=True):
    """The file could not be worked on; its bytes are as they were."""

    error: str
    message: str


Outcome = Unchanged | Changed | Skipped | Failed


class FileResult(Struct, frozen=True):
    """The outcome of one file. ``path`` is relative to the root, with ``/``."""

    path: str
    outcome: Outcome
    suppressed: Mapping[str, int] = field(default_factory=dict)
