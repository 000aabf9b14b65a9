"""``testmend bulk push``: hand in what ``run`` has made."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import click

from testmend.cli import bulk_telling as telling
from testmend.cli import console, exits
from testmend.cli.bulk_flags import BulkFlags, asked, common
from testmend.cli.bulk_run import too_many
from testmend.fleet import journal, ledger
from testmend.fleet.faults import REASONS
from testmend.fleet.lanes import Lanes
from testmend.fleet.progress import Progress
from testmend.fleet.publish import Publisher

if TYPE_CHECKING:
    from testmend.cli.bulk_flags import Asked
    from testmend.fleet.journal import Row
    from testmend.fleet.targets import Target

    Work = tuple[tuple[Target, Row], ...]


@click.command()
@common
@click.option(
    "--max-changes", type=click.IntRange(min=0), default=None, metavar="N",
    help="Publish at most so many repositories now [default: as the manifest says].",
)  # fmt: skip
@click.option("--no-canary", is_flag=True, help="Don't stop after the canary.")
def push(flags: BulkFlags, *, max_changes: int | None, no_canary: bool) -> int:
    """Publish the commits that "bulk run" has made.

    As branches, change requests, Gerrit changes or mails: the manifest says it. With a
    canary, the first push publishes so many and no more; look at them, then push again.
    Branches that hold anything but commits of this campaign are left alone.
    """
    work = asked(flags)
    with journal.opened(work.state, work.manifest.name) as opened:
        progress = Progress(work.campaign, opened)
        progress.enrol(work.targets)
        ready = progress.publishable(work.targets)
        chosen = _chosen(work, ready, opened, max_changes, all_=no_canary)
        told = telling.Telling(flags)
        _publish(work, progress, chosen, told)
        progress.evict()
        left = len(progress.publishable(work.targets))
    told.end()
    if left and not told.failed:
        word = "repository waits" if left == 1 else "repositories wait"
        console.say(f"{left} {word} for the next push")
    return exits.FAILED if told.failed else exits.DONE


def _chosen(
    work: Asked,
    ready: Work,
    opened: journal.Journal,
    most: int | None,
    *,
    all_: bool,
) -> Work:
    """Those whose turn it is: the canary as long as nothing is published."""
    canary = work.manifest.canary
    if canary and not all_ and not any(r.published for r in opened.rows().values()):
        ready = ready[:canary]
    limit = work.manifest.limits.changes if most is None else most
    return ready[:limit] if limit else ready


def _publish(
    work: Asked, progress: Progress, chosen: Work, told: telling.Telling
) -> None:
    publisher = Publisher(work.campaign, progress.journal, threading.Event())
    tell = (lambda _message: None) if told.quiet else console.say
    done = failed = 0
    with contextlib.ExitStack() as stack:
        paces = stack.enter_context(ledger.opened(work.campaign.mirrors))
        lanes = Lanes(publisher, paces, work.manifest.hosts, tell)
        results = stack.enter_context(contextlib.closing(lanes.each(chosen)))
        for each in results:
            row = progress.published(each)
            done += 1
            failed += each.fault is not None
            if each.fault is not None:
                told.say(row.name, each.fault.reason, each.fault.message)
            elif row.reason in REASONS:
                told.say(row.name, row.reason, f"{row.message}: {row.place}")
            else:
                details = row.message or f"{row.place or row.branch}, {row.tip[:12]}"
                told.say(row.name, row.state, details, place=row.place, tip=row.tip)
            if too_many(failed, done, work.manifest.limits) and done < len(chosen):
                console.say(f"stopped: {failed} of {done} repositories failed")
                return
