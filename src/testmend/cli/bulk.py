"""``testmend bulk``: one manifest, many repositories."""

from __future__ import annotations

import click

from testmend.cli.lazy import LazyGroup

COMMANDS = {
    "plan": "testmend.cli.bulk_plan:plan",
    "run": "testmend.cli.bulk_run:run",
    "resume": "testmend.cli.bulk_run:resume",
    "push": "testmend.cli.bulk_push:push",
    "report": "testmend.cli.bulk_report:report",
    "clean": "testmend.cli.bulk_clean:clean",
    "status": "testmend.cli.bulk_status:status",
}


class _Bulk(LazyGroup):
    places = COMMANDS


@click.group(cls=_Bulk)
def bulk() -> None:
    """Work on many repositories at once, as a manifest says.

    First "plan" (a dry run), then "run" (commits, kept in mirrors), look at them, then
    "push".
    """
