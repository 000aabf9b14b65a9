"""``testmend bulk plan``: the dry run over all repositories."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from testmend.cli import bulk_telling as telling
from testmend.cli import console, exits
from testmend.cli.bulk_flags import BulkFlags, asked, common, computing, executor
from testmend.fleet import objects

if TYPE_CHECKING:
    from testmend.fleet.campaign import Settled


@click.command()
@computing
@common
@click.option("--stat", is_flag=True, help="Print statistics instead of the diff.")
def plan(flags: BulkFlags, *, stat: bool) -> int:
    """Print one diff of what would change in all repositories.

    Paths in it begin with the repository's name. The repositories are fetched into
    mirrors; nothing else is written, and nothing is published. Exit 1 if there is
    something to change.
    """
    work = asked(flags, fresh=True)
    ref = work.campaign.refs.plan
    order = [each.name for each in work.targets]
    pieces: dict[str, bytes] = {}
    told = telling.Telling(flags, dry=True)
    active = [each for each in work.targets if not each.skip]
    for each in work.targets:
        if each.skip:
            told.left_out(each)
            pieces[each.name] = b""
    with executor(flags, work.campaign) as execute:
        for settled in work.campaign.worked(active, ref, executor=execute):
            told.add(settled)
            pieces[settled.target.name] = _diff(settled)
            while order and order[0] in pieces:
                _show(pieces.pop(order.pop(0)), flags, stat=stat)
    told.end()
    return exits.FAILED if told.failed else exits.FOUND if told.found else exits.DONE


def _diff(settled: Settled) -> bytes:
    if not settled.commits or settled.fetched is None:
        return b""
    git = settled.fetched.mirror.git
    base, tip = settled.fetched.base, settled.commits[-1]
    return objects.diff(git, base, tip, settled.target.name)


def _show(diff: bytes, flags: BulkFlags, *, stat: bool) -> None:
    if flags.style == "json" or not diff:
        return
    if stat:
        from testmend.reports import stat as statistics  # noqa: PLC0415  unidiff

        console.write(statistics.render(diff))
    else:
        colour = console.coloured(flags.color, sys.stdout)
        console.write_bytes(console.paint_diff(diff) if colour else diff)
