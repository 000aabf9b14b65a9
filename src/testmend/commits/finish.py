"""A move brought to its end, or taken back: after the commit point, and after a kill.

Everything here looks first how things are and changes only what is as the move expects
it, so that it can be repeated, and so that nothing that the user did meanwhile is lost.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend.commits import userindex, worktree
from testmend.commits.moves import Move
from testmend.commits.worktree import Replacement
from testmend.git.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from testmend.commits.journal import Journal
    from testmend.git.repository import Repository

NOTHING = Move("commit", "trying", (), "")
"""The move of a run that was cut short before it put one on disk."""


class Recovered(Struct, frozen=True):
    """What became of an unfinished run: ``forward`` or ``back``, and what to know."""

    direction: str
    move: Move
    left: Mapping[bytes, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell the user."""
        ended = {"forward": "was brought to its end", "back": "was taken back"}
        return (
            f"a run that was cut short {ended[self.direction]}",
            *(
                f"{shown(path)} was left: {reason}"
                for path, reason in self.left.items()
            ),
            *self.kept,
        )


def recover(repository: Repository, journal: Journal) -> Recovered | None:
    """Settle a run that did not end; the lock is held. ``None``: there was none."""
    userindex.release(repository, journal.run)
    settle_log(repository.top, journal)
    move = journal.unfinished()
    if move is None:
        begun = journal.begun()
        journal.discard()
        return Recovered("back", NOTHING) if begun else None
    paths = [each.path for each in move.files]
    worktree.clean(repository.top, paths, move.token)
    if arrived(repository, move):
        return Recovered("forward", move, forward(repository, journal, move))
    return Recovered("back", move, kept=tuple(back(repository, journal, move)))


def settle_log(root: bytes, journal: Journal) -> None:
    """Settle an `apply` that was killed: it can be undone, and left no other files."""
    worktree.sweep(root, [each.path for each in journal.logged()])
    journal.close_log()


def arrived(repository: Repository, move: Move) -> bool:
    """Whether the commit point is behind: the branch has, or is built on, its end."""
    if move.phase != "moving":
        return False
    if move.ref is None:
        return True
    now = repository.resolve(move.ref)
    if now is None or move.new is None or now == move.new:
        return now == move.new
    command = ("merge-base", "--is-ancestor", move.new, now)
    return repository.git.run(*command, ok=(0, 1)).code == 0 and move.kind == "commit"


def forward(repository: Repository, journal: Journal, move: Move) -> dict[bytes, str]:
    """Bring HEAD, work tree and index to where the branch is; what was left and why."""
    left: dict[bytes, str] = {}
    if move.ref is None or _switched(repository, move):
        left = _replace(repository.top, move, journal)
        if move.ref is not None and move.files:
            userindex.update(repository, journal.run, move.files)
    journal.finish(move)
    return left


def _replace(top: bytes, move: Move, journal: Journal) -> dict[bytes, str]:
    in_git = move.ref is not None  # so both states are commits, and in the journal
    files = [
        Replacement(each.path, each.before, each.after, kept=in_git and not each.dirty)
        for each in move.files
    ]
    ready = os.path.join(journal.run, b"tree")
    return worktree.replace_all(top, files, move.token, ready)


def back(repository: Repository, journal: Journal, move: Move) -> list[str]:
    """Give files back the bytes they had before a hook was asked about new ones.

    What stands there and is neither old nor ours (a hook's work, most likely) is kept
    aside; the result says where.
    """
    notes = []
    restored = []
    for each, now in zip(move.files, _now(repository.top, move), strict=True):
        known = now in (each.before, each.after)
        if now == each.before or not (known or move.phase == "trying"):
            continue
        if not known and now is not None:
            place = journal.rescue(each.path, now)
            notes.append(f"{shown(each.path)}: what a hook left is kept in {place}")
        restored.append(Replacement(each.path, now, each.before))
    worktree.replace_all(repository.top, restored, move.token)
    journal.discard()
    return notes


def _now(top: bytes, move: Move) -> Iterator[bytes | None]:
    """The bytes of the move's files as they stand, ``None`` for what is no file."""
    with worktree.Folders(top) as folders:
        for each in move.files:
            now = None
            with contextlib.suppress(OSError):
                now = worktree.read(folders, each.path)
            yield now


def _switched(repository: Repository, move: Move) -> bool:
    """Put HEAD where the move wants it; whether it stands there now."""
    now = head_of(repository)
    if now == move.head_after:
        return True
    if now != move.head_before:
        return False
    kind, _, value = move.head_after.partition(":")
    message = f"testmend {move.kind}: to {value.removeprefix('refs/heads/')}"
    if kind == "ref":
        repository.git.run("symbolic-ref", "-m", message, "HEAD", value)
    else:
        detach = ("update-ref", "--no-deref", "-m", message, "HEAD", value)
        repository.git.run(*detach)
    return True


def head_of(repository: Repository) -> str:
    """HEAD as a move names it."""
    ended = repository.git.run("symbolic-ref", "-q", "HEAD", ok=(0, 1))
    if ended.code == 0:
        ref = os.fsdecode(ended.out.removesuffix(b"\n"))
        return f"ref:{ref}"
    return f"commit:{repository.resolve('HEAD')}"
