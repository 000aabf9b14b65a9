"""What a campaign changed, read from its mirrors, for the page of a report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from testmend.errors import GitError
from testmend.fleet import counts, mirrors
from testmend.git.environment import Trust
from testmend.git.objects import Entry, read_blobs
from testmend.git.runner import Git
from testmend.reports.html.model import Campaign, Number, Repository, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from testmend.fleet.counts import Counts
    from testmend.fleet.journal import Row

_ABSENT = "000000"


def campaign(name: str, rows: Iterable[Row], folder: Path) -> Campaign:
    """The page of a campaign. ``folder`` holds its mirrors; one that is gone is empty.

    Raises `GitError`.
    """
    return Campaign(name, tuple(_repository(row, folder) for row in rows))


def _repository(row: Row, folder: Path) -> Repository:
    numbers = counts.decoded(row.counts)
    failed = tuple(
        Sheet(path, "failed", note=f"{error}: {message}")
        for path, error, message in numbers.troubles
    )
    change = _change(row, folder)
    why = ": ".join(part for part in (row.reason, row.message) if part)
    return Repository(
        row.name,
        row.state,
        (*failed, *change.sheets()),
        note=why,
        place=row.place,
        numbers=tuple(_numbers(numbers)),
        read=lambda: (*failed, *change.read()),
    )


def _numbers(numbers: Counts) -> Iterator[Number]:
    for codemod in sorted({*numbers.fixed, *numbers.left}):
        if fixed := numbers.fixed.get(codemod, 0):
            yield Number(codemod, "fixed", fixed)
        for reason, count in sorted(numbers.left.get(codemod, {}).items()):
            yield Number(codemod, f"left: {reason}", count)


class _Change(Struct, frozen=True):
    """What a campaign changed in a repository: files before and after, by path."""

    git: Git | None = None
    before: Mapping[bytes, Entry] = field(default_factory=dict)
    after: Mapping[bytes, Entry] = field(default_factory=dict)

    def sheets(self) -> Iterator[Sheet]:
        """Their names and states."""
        for path in self.after:
            yield Sheet(os.fsdecode(path), "changed" if path in self.before else "new")

    def read(self) -> Iterator[Sheet]:
        """The same with contents, read all at once; without, if that fails."""
        if self.git is None:
            return
        try:
            old, _ = read_blobs(self.git, self.before.values())
            new, _ = read_blobs(self.git, self.after.values())
        except GitError as error:
            yield from (replace(each, note=str(error)) for each in self.sheets())
            return
        for path, sheet in zip(self.after, self.sheets(), strict=True):
            yield replace(sheet, before=old.get(path, b""), after=new.get(path, b""))


def _change(row: Row, folder: Path) -> _Change:
    place = mirrors.place(folder, row.url, row.name)
    if not row.tip or not place.is_dir():
        return _Change()
    git = Git(os.fsencode(place), Trust.FOREIGN, os.fsencode(place))
    options = ("-r", "-z", "--raw", "--no-renames", row.base, row.tip)
    listing = git.run("diff-tree", *options, ok=(0, 128))
    if listing.code:  # the mirror was cleared since
        return _Change()
    fields = listing.out.split(b"\0")[:-1]
    before, after = {}, {}
    for head, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old, new, _ = head.decode().lstrip(":").split(" ")
        after[path] = Entry(path, new_mode, new)
        if old_mode != _ABSENT:
            before[path] = Entry(path, old_mode, old)
    return _Change(git, before, after)
