"""``testmend diff``: the dry run. It is also what ``testmend`` alone does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from testmend.cli import console, exits, running
from testmend.cli.flags import Flags, common
from testmend.cli.preparing import Work, prepare
from testmend.cli.show_settings import show
from testmend.created import Created
from testmend.errors import SourceError, UsageError
from testmend.model import Changed, Failed
from testmend.reports import udiff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.model import FileResult, NewFile
    from testmend.reports.tally import Tally


@click.command()
@common
@click.option("--stat", is_flag=True, help="Print statistics instead of the diff.")
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the diffs and findings as one HTML page instead of the diff.",
)
def diff(flags: Flags, *, stat: bool, html: Path | None) -> int:
    """Print the diff of what apply would do; change nothing. Exit 1 if there is one.

    PATH is a file, a folder, or - for one file on stdin [default: this folder]. The
    paths in the diff count from the top of the git repository, as git's own do; that is
    where "git apply" takes it.
    """
    if stat and html:
        raise UsageError("--stat and --html exclude each other")
    work = prepare(flags)
    if flags.show_settings:
        return show(work)
    with running.counted(flags) as tally:
        pieces = _pieces(work, flags, tally)
        if html:
            _page(html, work, flags, tally)
        elif stat:
            from testmend.reports import stat as statistics  # noqa: PLC0415  unidiff

            console.write(statistics.render(b"".join(pieces)))
        else:
            colour = console.coloured(flags.color, sys.stdout)
            for piece in pieces:
                console.write_bytes(console.paint_diff(piece) if colour else piece)
    return exits.of_search(tally, strict=flags.strict)


def _pieces(work: Work, flags: Flags, tally: Tally) -> Iterator[bytes]:
    """The diffs of the files, each told about and counted once it is known."""
    created = Created(work.workspace.read)
    for result in running.results(work, flags, soon=True):
        final, fresh = _dry(result, created)
        _count(final, fresh, work, flags, tally)
        for file in fresh:
            yield udiff.needed_file(work.in_repository(file.path), file)
        if isinstance(outcome := final.outcome, Changed):
            name = work.in_repository(final.path)
            yield udiff.changed_file(name, outcome.before, outcome.edits)


def _page(target: Path, work: Work, flags: Flags, tally: Tally) -> None:
    """The same as a page on disk."""
    from testmend.reports.html import (  # noqa: PLC0415  pygments takes its time
        model,
        page,
        saving,
    )

    saving.check(target)
    created, sheets = Created(work.workspace.read), list[model.Sheet]()
    for result in running.results(work, flags):
        final, fresh = _dry(result, created)
        _count(final, fresh, work, flags, tally)
        names = [(work.in_repository(file.path), file) for file in fresh]
        sheets += model.sheets(final, work.in_repository(final.path), names)
    state = "failed" if tally.failed else "dry run"
    repository = model.Repository(work.root.name, state, tuple(sheets))
    campaign = model.Campaign(f"testmend: {work.root.name}", (repository,))
    saving.save(target, page.render(campaign))


def _count(
    final: FileResult, fresh: list[NewFile], work: Work, flags: Flags, tally: Tally
) -> None:
    tally.created += sum(file.is_new for file in fresh)
    tally.add(final)
    running.tell(final, work, flags)
    running.tell_refused(final, work, flags)


def _dry(result: FileResult, created: Created) -> tuple[FileResult, list[NewFile]]:
    """What would come of a file, and the new files it needs."""
    if not isinstance(result.outcome, Changed):
        return result, []
    try:
        return result, list(created.fresh(result.outcome))
    except SourceError as error:
        return replace(result, outcome=Failed(error.reason, str(error))), []
