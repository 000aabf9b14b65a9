"""A move as it is written down, and read again: a table of values, and bytes.

A file's bytes are the larger part of a record, and most of them are in git already. So
where they are, byte for byte, those of the index entry, and lie in a pack, which git
synced when it made it, the object is named. What went through a filter, holds changes
of the user's or is a loose object (which git does not wait for) is written down.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from testmend.commits.moves import FileMove, Move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from testmend.commits.moves import Entry

VERSION = 2
_READABLE = (1, VERSION)  # the first one named no objects
_HASHES = {40: "sha1", 64: "sha256"}

Place = list[int] | str | None
"""Where bytes are: from where and how many in the data, or an object; or no file."""


def unreadable(state: Mapping[str, Any]) -> bool:
    """Whether a table is of a version that is not known here."""
    return state["version"] not in _READABLE


def table(move: Move, packed: Callable[[str], bool]) -> tuple[dict[str, Any], bytes]:
    """A move as values for JSON, and the bytes that they point into.

    ``packed`` says whether an object is in a pack.
    """
    data = bytearray()

    def place(content: bytes | None, entry: Entry | None) -> Place:
        if content is None:
            return None
        if entry is not None and packed(entry[1]) and entry[1] == _oid(content, entry):
            return entry[1]
        data.extend(content)
        return [len(data) - len(content), len(content)]

    files = [
        [
            each.path.decode("latin-1"),
            place(each.before, each.entry_before),
            place(each.after, each.entry_after),
            each.entry_before,
            each.entry_after,
            each.dirty,
        ]
        for each in move.files
    ]
    state = {
        "version": VERSION,
        "kind": move.kind,
        "phase": move.phase,
        "token": move.token,
        "files": files,
        "ref": move.ref,
        "old": move.old,
        "new": move.new,
        "head": [move.head_before, move.head_after],
    }
    return state, bytes(data)


def objects(state: Mapping[str, Any]) -> tuple[str, ...]:
    """The objects that a table names."""
    places = (place for row in state["files"] for place in row[1:3])
    return tuple(dict.fromkeys(each for each in places if isinstance(each, str)))


def move_of(
    state: Mapping[str, Any], data: bytes, contents: Mapping[str, bytes]
) -> Move:
    """The move of a table; ``contents`` are the bytes of its `objects`."""

    def found(place: Place) -> bytes | None:
        if place is None:
            return None
        if isinstance(place, str):
            return contents[place]
        start, size = place
        return data[start : start + size]

    head_before, head_after = state["head"]
    files = (
        FileMove(
            path.encode("latin-1"),
            found(before),
            found(after),
            tuple(entry_before) if entry_before else None,
            tuple(entry_after) if entry_after else None,
            dirty,
        )
        for path, before, after, entry_before, entry_after, dirty in state["files"]
    )
    return Move(
        kind=state["kind"],
        phase=state["phase"],
        files=tuple(files),
        token=state["token"],
        ref=state["ref"],
        old=state["old"],
        new=state["new"],
        head_before=head_before,
        head_after=head_after,
    )


def log_line(file: FileMove) -> bytes:
    """A file as a record of its own, for a log that grows file by file."""
    sizes = [None if each is None else len(each) for each in (file.before, file.after)]
    head = json.dumps([file.path.decode("latin-1"), *sizes]).encode() + b"\n"
    return head + (file.before or b"") + (file.after or b"")


def log_lines(data: bytes) -> Iterator[FileMove]:
    """The files of a log; the last one may be cut short, and then was not written."""
    at = 0
    while (end := data.find(b"\n", at)) >= 0:
        path, *sizes = json.loads(data[at:end])
        at = end + 1
        contents = []
        for size in sizes:
            contents.append(None if size is None else data[at : at + size])
            at += size or 0
        if at <= len(data):
            yield FileMove(path.encode("latin-1"), contents[0], contents[1])


def loose(folder: bytes, oid: str) -> bool:
    """Whether an object is a file of its own in an object folder."""
    return os.path.lexists(os.path.join(folder, oid[:2].encode(), oid[2:].encode()))


def _oid(content: bytes, entry: Entry) -> str:
    """The object that these bytes are if no filter changes them."""
    made = hashlib.new(_HASHES[len(entry[1])], usedforsecurity=False)
    made.update(b"blob %d\0" % len(content))
    made.update(content)
    return made.hexdigest()
