"""``testmend diff``: the dry run. It is also what ``testmend`` alone does."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from testmend.cli import console, exits, running
from testmend.cli.flags import Flags, common
from testmend.cli.preparing import Work, prepare
from testmend.cli.show_settings import show
from testmend.created import Created
from testmend.errors import SourceError
from testmend.model import Changed, Failed
from testmend.reports import udiff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.model import FileResult
    from testmend.reports.tally import Tally


@click.command()
@common
@click.option("--stat", is_flag=True, help="Print statistics instead of the diff.")
def diff(flags: Flags, *, stat: bool) -> int:
    """Print the diff of what apply would do; change nothing. Exit 1 if there is one.

    PATH is a file, a folder, or - for one file on stdin [default: this folder]. The
    paths in the diff count from the top of the git repository, as git's own do; that is
    where "git apply" takes it.
    """
    work = prepare(flags)
    if flags.show_settings:
        return show(work)
    with running.counted(flags) as tally:
        pieces = _pieces(work, flags, tally)
        if stat:
            from testmend.reports import stat as statistics  # noqa: PLC0415  unidiff

            console.write(statistics.render(b"".join(pieces)))
        else:
            colour = console.coloured(flags.color, sys.stdout)
            for piece in pieces:
                console.write_bytes(console.paint_diff(piece) if colour else piece)
    return exits.of_search(tally, strict=flags.strict)


def _pieces(work: Work, flags: Flags, tally: Tally) -> Iterator[bytes]:
    """The diffs of the files, each told about and counted once it is known."""
    created = Created(work.workspace)
    for result in running.results(work, flags):
        final, pieces = _dry(result, work, created)
        tally.created += max(0, len(pieces) - 1)
        tally.add(final)
        running.tell(final, work, flags)
        running.tell_refused(final, work, flags)
        yield from pieces


def _dry(
    result: FileResult, work: Work, created: Created
) -> tuple[FileResult, list[bytes]]:
    """What would come of a file, and its diff after those of the files it needs."""
    outcome = result.outcome
    if not isinstance(outcome, Changed):
        return result, []
    try:
        fresh = list(created.fresh(outcome))
    except SourceError as error:
        return replace(result, outcome=Failed(error.reason, str(error))), []
    pieces = [
        udiff.new_file(work.in_repository(file.path), file.text.encode())
        for file in fresh
    ]
    name = work.in_repository(result.path)
    return result, [*pieces, udiff.changed_file(name, outcome.before, outcome.edits)]
