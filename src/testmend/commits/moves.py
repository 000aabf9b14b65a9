"""How a branch, HEAD, files and index entries go from one state to another: values.

A `Move` is the same for a commit, for its undoing (the move reversed) and for `apply`
(a move without a branch).
"""

from __future__ import annotations

import secrets
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Entry = tuple[str, str]
"""Mode and object of an index entry."""


class FileMove(Struct, frozen=True):
    """One file: its bytes in the work tree and its index entry, before and after.

    ``dirty``: it holds changes of the user's, which are nowhere else.
    """

    path: bytes
    before: bytes | None
    after: bytes | None
    entry_before: Entry | None = None
    entry_after: Entry | None = None
    dirty: bool = False

    def reversed(self) -> FileMove:
        """The way back."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            entry_before=self.entry_after,
            entry_after=self.entry_before,
        )


class Move(Struct, frozen=True):
    """One transaction.

    ``trying``: hooks look at the files in the work tree, the branch can't have moved.
    ``moving``: what counts is whether ``ref`` is at ``new`` (``None``: it does not
    exist). ``head`` values are ``ref:NAME`` or ``commit:ID``. Without ``ref`` only
    files move.
    """

    kind: Literal["apply", "commit", "undo"]
    phase: Literal["trying", "moving"]
    files: tuple[FileMove, ...]
    token: str
    ref: str | None = None
    old: str | None = None
    new: str | None = None
    head_before: str = ""
    head_after: str = ""

    def reversed(self) -> Move:
        """The move that takes this one back."""
        return replace(
            self,
            kind="undo",
            files=tuple(each.reversed() for each in self.files),
            token=secrets.token_hex(8),
            old=self.new,
            new=self.old,
            head_before=self.head_after,
            head_after=self.head_before,
        )
