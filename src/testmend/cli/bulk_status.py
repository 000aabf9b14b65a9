"""``testmend bulk status``: how far each repository is."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from testmend.cli import console, exits
from testmend.cli.bulk_flags import BulkFlags, asked, common
from testmend.escape import printable
from testmend.fleet import counts, journal
from testmend.fleet.refreshing import refreshed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.cli.bulk_flags import Asked
    from testmend.fleet.journal import Row

_WIDTH = 60  # of reasons and messages, in characters
_PARTIAL = frozenset({"files-failed", "request-incomplete"})  # done, but not wholly


@click.command()
@common
@click.option(
    "--watch", is_flag=True,
    help="Draw it again as it changes, until the run ends (Ctrl-C: until now).",
)  # fmt: skip
@click.option(
    "--refresh", is_flag=True,
    help="Ask the forges first what became of change requests.",
)  # fmt: skip
def status(flags: BulkFlags, *, watch: bool, refresh: bool) -> int:
    """Show how far each repository is.

    While another testmend works on the campaign, too; --watch follows that. Where the
    output is no terminal it is a line for each repository, once. Exit 2 if any has
    failed.
    """
    work = asked(flags)
    name = work.manifest.name
    complaints = _refresh(work) if refresh else 0

    def look() -> list[Row]:
        with journal.opened(work.state, name, write=False) as opened:
            known = opened.rows()
        return [known.get(each.name, journal.Row(each.name)) for each in work.targets]

    rows = look()
    if flags.style == "json":
        console.write(json.dumps(plain(r), sort_keys=True) + "\n" for r in rows)
    elif not flags.quiet and sys.stdout.isatty():
        from testmend.cli import bulk_live  # noqa: PLC0415  slow to import

        if watch:
            bulk_live.watch(name, look, lambda: journal.busy(work.state))
            rows = look()
        else:
            colour = console.coloured(flags.color, sys.stdout)
            bulk_live.show(name, rows, colour=colour)
        return _code(rows, complaints)
    elif not flags.quiet:
        console.write(table(rows))
    states = Counter(each.state for each in rows)
    summary = ", ".join(f"{states[s]} {s}" for s in journal.STATES if states[s])
    if not flags.quiet:
        console.say(f"{name}: {summary}")
    return _code(rows, complaints)


def _code(rows: Sequence[Row], complaints: int) -> int:
    return exits.FAILED if complaints or any(map(failed, rows)) else exits.DONE


def _refresh(work: Asked) -> int:
    """Record what became of change requests; how many could not be asked for."""
    complaints = 0
    with journal.opened(work.state, work.manifest.name) as opened:
        for target, fault in refreshed(work.manifest, opened, work.targets):
            complaints += 1
            console.complain(target.name, fault.reason, fault.message)
    return complaints


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
