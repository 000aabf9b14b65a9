"""``testmend bulk clean``: branches and mirrors that are not needed any more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import click

from testmend.cli import bulk_telling as telling
from testmend.cli import console, exits
from testmend.cli.bulk_flags import BulkFlags, asked, common
from testmend.errors import UsageError
from testmend.fleet import journal, mirrors, room
from testmend.fleet.progress import Progress
from testmend.fleet.publish import Publisher

if TYPE_CHECKING:
    from testmend.cli.bulk_flags import Asked


@click.command()
@common
@click.option(
    "--branches",
    is_flag=True,
    help="Delete the campaign's branches that are merged.",
)
@click.option(
    "--withdraw",
    is_flag=True,
    help="Delete all of the campaign's branches, merged or not.",
)
@click.option("--caches", is_flag=True, help="Delete the campaign's mirrors.")
def clean(flags: BulkFlags, *, branches: bool, withdraw: bool, caches: bool) -> int:
    """Delete what a campaign leaves: branches, mirrors.

    A branch that holds anything but commits of this campaign stays.
    """
    if not (branches or withdraw or caches):
        raise UsageError("say what: --branches, --withdraw, --caches")
    work = asked(flags)
    told = telling.Telling(flags)
    with journal.opened(work.state, work.manifest.name) as opened:
        if branches or withdraw:
            _branches(work, Progress(work.campaign, opened), told, all_=withdraw)
        if caches:
            for each in work.targets:
                place = mirrors.place(work.campaign.mirrors, each.url, each.name)
                if place.exists() and not room.remove(place):
                    told.say(each.name, "mirror-busy", "another process works on it")
    if branches or withdraw:
        told.end()
    elif not flags.quiet:
        console.say("mirrors deleted")
    return exits.FAILED if told.failed else exits.DONE


def _branches(
    work: Asked, progress: Progress, told: telling.Telling, *, all_: bool
) -> None:
    publisher = Publisher(work.campaign, progress.journal, threading.Event())
    rows = progress.journal.rows()
    for target in work.targets:
        row = rows.get(target.name)
        if row is None or not (all_ or row.state == "merged"):
            continue
        if target.publish not in ("branch", "request") or not progress.journal.ours(
            target.name
        ):
            continue
        done = publisher.withdraw(target, row)
        if done.fault is not None:
            told.say(target.name, done.fault.reason, done.fault.message)
            continue
        progress.journal.put(done.row)
        what = "no branch" if done.already else "branch deleted"
        told.say(target.name, what, target.branch)
