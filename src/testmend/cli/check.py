"""``testmend check``: findings only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from testmend.cli import exits, running
from testmend.cli.console import write
from testmend.cli.flags import Flags, common
from testmend.cli.preparing import Work, prepare
from testmend.cli.show_settings import show
from testmend.reports import github, json_report, sarif, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.model import FileResult
    from testmend.reports.tally import Tally

FORMATS = ("text", "json", "sarif", "github")


@click.command()
@common
@click.option(
    "--format", "style", type=click.Choice(FORMATS), default="text", show_default=True
)
def check(flags: Flags, style: str) -> int:
    """Report findings; change nothing. Exit 1 if there is something to fix.

    PATH is a file, a folder, or - for one file on stdin [default: this folder].
    """
    work = prepare(flags)
    if flags.show_settings:
        return show(work)
    with running.counted(flags) as tally:
        refused = flags.show_refused or flags.strict
        write(_render(style, _told(work, flags, tally), work, refused=refused))
    return exits.of_search(tally, strict=flags.strict)


def _told(work: Work, flags: Flags, tally: Tally) -> Iterator[FileResult]:
    for result in running.results(work, flags, soon=True):
        tally.add(result)
        running.tell(result, work, flags)
        yield result


def _render(
    style: str, found: Iterable[FileResult], work: Work, *, refused: bool
) -> Iterable[str]:

    match style:
        case "json":
            return json_report.render(found, work.root)
        case "sarif":
            return sarif.render(found, work.root, work.selection.codemods)
        case "github":
            return github.render(found, work.in_repository, refused=refused)
        case _:
            return text.render(found, work.named, refused=refused)
