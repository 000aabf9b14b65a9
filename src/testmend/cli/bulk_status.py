"""``testmend bulk status``: how far each repository is."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from testmend.cli import console, exits
from testmend.cli.bulk_flags import BulkFlags, asked, common
from testmend.escape import printable
from testmend.fleet import counts, journal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.fleet.journal import Row

_WIDTH = 60  # of reasons and messages, in characters
_PARTIAL = frozenset({"files-failed", "request-incomplete"})  # done, but not wholly


@click.command()
@common
def status(flags: BulkFlags) -> int:
    """Show how far each repository is. Exit 2 if any has failed."""
    work = asked(flags)
    with journal.opened(work.state, work.manifest.name, write=False) as opened:
        known = opened.rows()
    rows = [known.get(each.name, journal.Row(each.name)) for each in work.targets]
    if flags.style == "json":
        console.write(json.dumps(plain(r), sort_keys=True) + "\n" for r in rows)
    elif not flags.quiet:
        console.write(table(rows))
    states = Counter(each.state for each in rows)
    summary = ", ".join(f"{states[s]} {s}" for s in journal.STATES if states[s])
    if not flags.quiet:
        console.say(f"{work.manifest.name}: {summary}")
    return exits.FAILED if any(map(failed, rows)) else exits.DONE


def failed(row: Row) -> bool:
    """Whether a row makes the exit code 2."""
    return row.state == "failed" or row.reason in _PARTIAL


def plain(row: Row) -> dict[str, Any]:
    """A row as JSON's own types."""
    return {
        "name": row.name,
        "url": row.url,
        "state": row.state,
        "step": row.step,
        "reason": row.reason,
        "message": row.message,
        "branch": row.branch,
        "base": row.base,
        "tip": row.tip,
        "published": row.published,
        "place": row.place,
        "seconds": row.seconds,
        "counts": counts.decoded(row.counts).plain(),
    }


def table(rows: Sequence[Row]) -> list[str]:
    """A line for each row: name, state, files, and why or where."""
    width = max((len(each.name) for each in rows), default=0)
    lines = []
    for each in rows:
        numbers = counts.decoded(each.counts)
        files = numbers.changed + numbers.created
        what = each.step or each.state
        why = ": ".join(part for part in (each.reason, each.message) if part)
        details = why[:_WIDTH] or each.place or each.tip[:12]
        line = f"{each.name:{width}}  {what:10} {files:5}  {details}"
        lines.append(printable(line.rstrip()) + "\n")
    return lines
