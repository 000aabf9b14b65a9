"""``testmend apply``: rewrite in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from testmend.cli import console, exits, running
from testmend.cli.flags import Flags, common
from testmend.cli.preparing import Work, prepare
from testmend.cli.remembering import remembering
from testmend.cli.show_settings import show
from testmend.created import Created
from testmend.errors import SourceError
from testmend.model import Changed, Failed, Skipped

if TYPE_CHECKING:
    from testmend.cli.remembering import Remember
    from testmend.model import FileResult

_LEFT_ALONE = frozenset({"link", "hard-link", "read-only", "foreign-owner"})
"""Reasons for which a file is skipped by design; any other refusal is a failure."""


@click.command()
@common
@click.option(
    "--check", "only_check", is_flag=True,
    help="Write nothing; exit 1 if something would be written.",
)  # fmt: skip
def apply(flags: Flags, *, only_check: bool) -> int:
    """Rewrite files in place.

    PATH is a file, a folder, or - [default: this folder]. With - the new source goes to
    stdout; it is the old one if there is nothing to do.
    """
    work = prepare(flags)
    if flags.show_settings:
        return show(work)
    created = Created(work.workspace.read)
    with (
        running.counted(flags, done=not only_check) as tally,
        remembering(work.root) as remember,
    ):
        for result in running.results(work, flags):
            kept = None if only_check else remember
            final, fresh = _done(result, work, created, kept)
            tally.created += fresh
            tally.add(final)
            running.tell(final, work, flags)
            running.tell_refused(final, work, flags)
        if not work.paths and not only_check:
            for data in work.given.values():  # excluded: it goes out as it came
                console.write_bytes(data)
    if only_check:
        return exits.of_search(tally, strict=flags.strict)
    return exits.of_work(tally, strict=flags.strict)


def _done(
    result: FileResult, work: Work, created: Created, remember: Remember | None
) -> tuple[FileResult, int]:
    """What came of a file, and how many new files it brought. Dry: don't remember."""
    dry = remember is None
    outcome = result.outcome
    given = work.given.get(result.path)
    if given is not None and not dry:
        console.write_bytes(outcome.after if isinstance(outcome, Changed) else given)
    if not isinstance(outcome, Changed):
        return result, 0
    try:
        fresh = list(created.fresh(outcome))
        if remember is not None and given is None:
            remember(result.path, outcome, tuple(fresh))
            work.workspace.write(result.path, outcome)
        elif not dry:
            for file in fresh:
                work.workspace.create(file)
    except SourceError as error:
        kind = Skipped if error.reason in _LEFT_ALONE else Failed
        return replace(result, outcome=kind(error.reason, str(error))), 0
    return result, sum(file.is_new for file in fresh)
