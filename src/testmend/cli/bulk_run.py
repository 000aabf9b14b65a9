"""``testmend bulk run`` and ``resume``: commits in the mirrors, nothing published."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from testmend.cli import bulk_telling as telling
from testmend.cli import console, exits
from testmend.cli.bulk_flags import (
    Asked,
    BulkFlags,
    asked,
    common,
    computing,
    executor,
)
from testmend.errors import UsageError
from testmend.fleet import journal
from testmend.fleet.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.cli.bulk_telling import Telling
    from testmend.fleet.campaign import Executor, Known
    from testmend.fleet.manifest import Limits
    from testmend.fleet.targets import Target


@click.command()
@computing
@common
@click.option("--failed", is_flag=True, help="Only the repositories that failed.")
@click.option("--fresh", is_flag=True, help="Also those whose base has not moved.")
def run(flags: BulkFlags, *, failed: bool, fresh: bool) -> int:
    """Rewrite all repositories and keep the commits in their mirrors.

    Nothing is published: that is "bulk push". Repositories that are done are looked at
    again, and done anew where their base has moved. Exit 2 if any failed.
    """
    if failed and fresh:
        raise UsageError("--failed and --fresh exclude each other")
    work = asked(flags, fresh=True)
    with journal.opened(work.state, work.manifest.name) as opened:
        progress = Progress(work.campaign, opened)
        targets = progress.enrol(work.targets)
        if failed:
            targets = progress.failed(targets)
        known = {} if fresh else progress.known(targets)
        return work_on(work, flags, progress, targets, known)


@click.command()
@computing
@common
def resume(flags: BulkFlags) -> int:
    """Go on with a run that was interrupted or killed.

    Only repositories that are not done yet; bases of the others are not looked at.
    """
    work = asked(flags)
    with journal.opened(work.state, work.manifest.name) as opened:
        progress = Progress(work.campaign, opened)
        targets = progress.unfinished(progress.enrol(work.targets))
        return work_on(work, flags, progress, targets, progress.known(targets))


def work_on(
    work: Asked,
    flags: BulkFlags,
    progress: Progress,
    targets: tuple[Target, ...],
    known: Mapping[str, Known],
) -> int:
    """Work on the targets, the canary first, until too many fail. Returns the code."""
    told = telling.Telling(flags)
    canary = work.manifest.canary
    groups = [targets[:canary], targets[canary:]]
    with executor(flags, work.campaign) as execute:
        for number, group in enumerate(groups):
            if not _group(work, progress, group, known, told, execute):
                break
            if canary and not number and told.failed and groups[1]:
                console.say("stopped: a repository of the canary failed")
                break
    progress.evict()
    told.end()
    return exits.FAILED if told.failed else exits.DONE


def _group(
    work: Asked,
    progress: Progress,
    targets: tuple[Target, ...],
    known: Mapping[str, Known],
    told: Telling,
    execute: Executor | None,
) -> bool:
    """Work on some; False if too many of them failed."""
    campaign = work.campaign
    results = campaign.worked(
        targets,
        campaign.refs.tip,
        known,
        executor=execute,
        step=progress.journal.step,
    )
    done = failed = 0
    with contextlib.closing(results):
        for settled in results:
            row = progress.record(settled)
            told.add(settled, row)
            done += 1
            failed += row.state == "failed"
            if too_many(failed, done, work.manifest.limits) and done < len(targets):
                console.say(f"stopped: {failed} of {done} repositories failed")
                return False
    return True


def too_many(failed: int, done: int, limits: Limits) -> bool:
    """Whether so many of those that were done failed that the rest had better wait."""
    return done >= limits.failure_floor and failed > done * limits.failure_rate
