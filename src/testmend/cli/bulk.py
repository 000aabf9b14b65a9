"""``testmend bulk``: one manifest, many repositories."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "plan": "testmend.cli.bulk_plan:plan",
    "run": "testmend.cli.bulk_run:run",
    "resume": "testmend.cli.bulk_run:resume",
    "push": "testmend.cli.bulk_push:push",
    "report": "testmend.cli.bulk_report:report",
    "clean": "testmend.cli.bulk_clean:clean",
    "status": "testmend.cli.bulk_status:status",
}


class _Bulk(click.Group):
    """Its commands are imported when they are needed."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Bulk)
def bulk() -> None:
    """One manifest, many repositories: dry run, commits, branches, reports."""
