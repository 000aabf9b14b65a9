"""The last run taken back, as far as things are as it left them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend.commits import worktree
from testmend.commits.finish import Recovered, forward, head_of, settle_log
from testmend.commits.moves import FileMove
from testmend.commits.transaction import move_ref, opened
from testmend.commits.worktree import Replacement
from testmend.git.errors import Refusal
from testmend.git.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from testmend.commits.journal import Journal
    from testmend.commits.moves import Move
    from testmend.git.repository import Repository


class Undone(Struct, frozen=True):
    """What was taken back: the kind of run, its files, those left alone and why."""

    kind: str
    files: tuple[bytes, ...]
    left: Mapping[bytes, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Recorder:
    """The record of an `apply`, one file at a time, each before it is written."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @classmethod
    @contextlib.contextmanager
    def opened(cls, journal: Journal) -> Iterator[Recorder]:
        """A record that is complete at the end; cut short, it holds what was added.

        The lock is held and nothing is unfinished (`transaction.opened`,
        `opened_folder`).
        """
        journal.begin()
        try:
            yield cls(journal)
        finally:
            journal.close_log()
            journal.discard()  # what is left of a run that wrote nothing

    def add(self, path: bytes, before: bytes | None, after: bytes) -> None:
        """Remember one file, durably."""
        self._journal.log(FileMove(path, before, after))


@contextlib.contextmanager
def opened_folder(root: bytes, journal: Journal) -> Iterator[Recovered | None]:
    """Lock a folder that is in no repository and settle what a killed run left."""
    with journal.locked():
        settle_log(root, journal)
        move = journal.unfinished()  # an undo: what else is recorded is a log
        settled = None
        if move is not None:
            settled = Recovered("forward", move, _replaced(root, journal, move))
        yield settled


def undo_files(root: bytes, journal: Journal) -> Undone:
    """Take back the last `apply` where there is no git. Raises `Refusal`."""
    with opened_folder(root, journal) as settled:
        if settled is not None:
            return _undone(settled.move, settled.left, settled.notes)
        move = _last(journal).reversed()
        journal.begin()
        journal.write(move)
        left = _replaced(root, journal, move)
    return _undone(move, left)


def _replaced(root: bytes, journal: Journal, move: Move) -> dict[bytes, str]:
    files = [Replacement(each.path, each.before, each.after) for each in move.files]
    left = worktree.replace_all(root, files, move.token)
    journal.finish(move)
    return left


def undo(repository: Repository) -> Undone:
    """Take back the last `apply` or `commit` in a checkout.

    Files that changed since are left and named. Raises `Refusal`: ``nothing-to-undo``,
    ``moved-on`` (the branch has other commits by now, or another one is checked out).
    """
    with opened(repository) as site:
        if site.settled is not None and _is_undone(site.settled):
            return _undone(site.settled.move, site.settled.left, site.notes)
        last = _last(site.journal)
        if last.ref is not None:
            site.repository.check_state()
            _check_still_there(site.repository, last)
        move = last.reversed()
        site.journal.begin()
        site.journal.write(move)
        move_ref(site.repository, move)
        left = forward(site.repository, site.journal, move)
    return _undone(move, left, site.notes)


def _last(journal: Journal) -> Move:
    last = journal.last()
    if last is None:
        raise Refusal("nothing-to-undo", "no run of testmend is on record here")
    return last


def _check_still_there(repository: Repository, last: Move) -> None:
    name = shown((last.ref or "").removeprefix("refs/heads/"))
    if repository.resolve(last.ref or "") != last.new:
        message = f"{name} is no longer at the commit that testmend made"
        raise Refusal("moved-on", message)
    if last.files and head_of(repository) != last.head_after:
        raise Refusal("moved-on", f"{name} is no longer checked out")
    if last.old is None and not last.files and head_of(repository) == f"ref:{last.ref}":
        raise Refusal("moved-on", f"{name} is checked out; leave it first")


def _is_undone(settled: Recovered) -> bool:
    """Settling was all there is to do: a run taken back, or an undo brought to its end.

    Going on would take back the run before.
    """
    return (settled.direction == "back") != (settled.move.kind == "undo")


def _undone(
    move: Move, left: Mapping[bytes, str], notes: tuple[str, ...] = ()
) -> Undone:
    kind = "apply" if move.ref is None and move.phase == "moving" else "commit"
    files = tuple(each.path for each in move.files if each.path not in left)
    return Undone(kind, files, left, notes)
