"""What a page shows: a campaign, its repositories, their files, their findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.model import Changed, Failed, FileResult, NewFile, Skipped
from testmend.reports.shown import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Entry(Struct, frozen=True):
    """One finding. ``state`` is that of `testmend.reports.shown.Shown`."""

    codemod: str
    line: int
    message: str
    state: str
    reason: str = ""


class Sheet(Struct, frozen=True):
    """One file. ``before`` equals ``after`` where nothing is changed.

    ``state``: ``changed``, ``new``, ``left``, ``skipped`` or ``failed``; ``note`` says
    why, for the last two.
    """

    path: str
    state: str
    before: bytes = b""
    after: bytes = b""
    entries: tuple[Entry, ...] = ()
    note: str = ""


class Number(Struct, frozen=True):
    """How many findings of a codemod came to what (``fixed``, ``left: REASON``)."""

    codemod: str
    outcome: str
    count: int


class Repository(Struct, frozen=True):
    """One repository: how far it is, and its files that something is to be said about.

    ``note`` says why it is there, ``place`` is the address of its change request.
    ``numbers`` are for a repository whose sheets have no entries. ``read``: its sheets
    have no contents; this gives them, in the same order, when it is their turn on the
    page (all of a campaign at once may be more than fits into memory).
    """

    name: str
    state: str
    sheets: tuple[Sheet, ...]
    note: str = ""
    place: str = ""
    numbers: tuple[Number, ...] = ()
    read: Callable[[], Iterable[Sheet]] | None = None

    def counted(self) -> tuple[Number, ...]:
        """Its findings by codemod and outcome, as given or counted."""
        entries = Counter(
            (entry.codemod, label(entry))
            for sheet in self.sheets
            for entry in sheet.entries
        )
        found = (Number(*key, count) for key, count in sorted(entries.items()))
        return self.numbers or tuple(found)


class Campaign(Struct, frozen=True):
    """All that one page shows."""

    title: str
    repositories: tuple[Repository, ...]


def label(entry: Entry) -> str:
    """What came of a finding, in words."""
    return f"left: {entry.reason}" if entry.reason else entry.state


def sheets(
    result: FileResult, name: str, fresh: Iterable[tuple[str, NewFile]] = ()
) -> tuple[Sheet, ...]:
    """The sheets of a result: those of new files first, none if nothing is to say.

    ``name`` is the file's path as shown; ``fresh`` are the new files, with theirs.
    """
    outcome = result.outcome
    entries = tuple(
        Entry(
            each.finding.codemod,
            each.finding.range.line,
            each.finding.message,
            each.state,
            each.finding.reason,
        )
        for each in findings(result)
    )
    match outcome:
        case Changed(before=before, after=after):
            new = (_needed(path, file) for path, file in fresh)
            return (*new, Sheet(name, "changed", before, after, entries))
        case Skipped(reason, message):
            return (Sheet(name, "skipped", note=f"{reason}: {message}"),)
        case Failed(reason, message):
            return (Sheet(name, "failed", note=f"{reason}: {message}"),)
    return (Sheet(name, "left", entries=entries),) if entries else ()


def _needed(path: str, file: NewFile) -> Sheet:
    text = file.text.encode()
    if file.original is None:
        return Sheet(path, "new", after=text)
    return Sheet(path, "changed", file.original, text)
