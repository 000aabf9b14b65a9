"""What became of change requests: merged, closed, or opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.errors import TestmendError
from testmend.fleet import faults, proposing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.fleet.faults import Fault
    from testmend.fleet.journal import Journal, Row, State
    from testmend.fleet.manifest import Manifest
    from testmend.fleet.targets import Target

CLOSED = "request-closed"


def refreshed(
    manifest: Manifest, journal: Journal, targets: Iterable[Target]
) -> Iterator[tuple[Target, Fault]]:
    """Ask the forges for the requests that were made, and record what they say.

    Yields those that could not be asked.
    """
    rows = journal.rows()
    for target in targets:
        row = rows.get(target.name)
        if row is None or target.publish != "request" or not _made(row):
            continue
        try:
            journal.put(_now(manifest, target, row))
        except TestmendError as error:
            yield target, faults.at(target.url, manifest.hosts, error)


def _made(row: Row) -> bool:
    return row.state == "proposed" or (row.state, row.reason) == ("closed", CLOSED)


def _now(manifest: Manifest, target: Target, row: Row) -> Row:
    """The row as the forge has it. Raises `TestmendError`."""
    known = proposing.desk(manifest, target, lambda: None).latest()
    if known is None:
        return row
    row = replace(row, place=known.url)
    match known.state:
        case "merged":
            return replace(row, state="merged", reason="", message="")
        case "closed":
            message = f"{known.url} was closed, and stays so"
            return replace(row, state="closed", reason=CLOSED, message=message)
    if row.state == "proposed":
        return row
    state: State = "proposed" if row.tip == row.published else "committed"
    return replace(row, state=state, reason="", message="")
