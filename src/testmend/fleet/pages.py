"""What a campaign changed, read from its mirrors, for the page of a report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from testmend.fleet import counts, mirrors
from testmend.git.environment import Trust
from testmend.git.objects import Entry, read_blobs
from testmend.git.runner import Git
from testmend.reports.html.model import Campaign, Number, Repository, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
    failed = [
        Sheet(path, "failed", note=f"{error}: {message}")
        for path, error, message in numbers.troubles
    ]
    why = ": ".join(part for part in (row.reason, row.message) if part)
    return Repository(
        row.name,
        row.state,
        (*failed, *_changed(row, folder)),
        note=why,
        place=row.place,
        numbers=tuple(_numbers(numbers)),
    )


def _numbers(numbers: Counts) -> Iterator[Number]:
    for codemod in sorted({*numbers.fixed, *numbers.left}):
        if fixed := numbers.fixed.get(codemod, 0):
            yield Number(codemod, "fixed", fixed)
        for reason, count in sorted(numbers.left.get(codemod, {}).items()):
            yield Number(codemod, f"left: {reason}", count)


def _changed(row: Row, folder: Path) -> Iterable[Sheet]:
    place = mirrors.place(folder, row.url, row.name)
    if not row.tip or not place.is_dir():
        return
    git = Git(os.fsencode(place), Trust.FOREIGN, os.fsencode(place))
    options = ("-r", "-z", "--raw", "--no-renames", row.base, row.tip)
    listing = git.run("diff-tree", *options, ok=(0, 128))
    if listing.code:  # the mirror was cleared since
        return
    fields = listing.out.split(b"\0")[:-1]
    before, after = [], []
    for head, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old, new, _ = head.decode().lstrip(":").split(" ")
        after.append(Entry(path, new_mode, new))
        if old_mode != _ABSENT:
            before.append(Entry(path, old_mode, old))
    old_data, _ = read_blobs(git, before)
    new_data, _ = read_blobs(git, after)
    for path, data in new_data.items():
        known = old_data.get(path)
        state = "new" if known is None else "changed"
        yield Sheet(os.fsdecode(path), state, known or b"", data)
