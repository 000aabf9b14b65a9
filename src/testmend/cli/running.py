"""Running the engine for a command, and telling about it on stderr."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.cache.store import Store, folder
from testmend.cli.console import coloured, complain, followed, say
from testmend.hosts import catalogue
from testmend.model import Failed, Skipped
from testmend.reports import progress, summary, text
from testmend.reports.shown import findings
from testmend.reports.tally import Tally
from testmend.runner import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.cli.flags import Flags
    from testmend.cli.preparing import Work
    from testmend.model import FileResult


def results(work: Work, flags: Flags, *, soon: bool = False) -> Iterator[FileResult]:
    """The result of every file under work, in the order of their paths.

    ``soon``: the first ones are shown as they come, to those who read along (see
    `testmend.runner.run`).
    """
    chosen = work.selection
    with (
        catalogue.prepared(chosen.extras, work.root, work.paths) as extras,
        progress.bar(wanted=not flags.quiet) as advance,
    ):
        yield from run(
            work,
            work.paths,
            work.context,
            replace(chosen, extras=extras),
            jobs=work.settings.jobs,
            soon=soon and followed(sys.stdout),
            progress=advance,
            # What a guest makes depends on code that the cache does not know.
            store=None if flags.no_cache or extras else Store(folder()),
        )


def tell(result: FileResult, work: Work, flags: Flags) -> None:
    """Say on stderr what went wrong with a file, and with -v why it was skipped."""
    outcome = result.outcome
    if isinstance(outcome, Failed):
        name = work.named(result.path)
        complain(name, "failed", outcome.error, outcome.message)
    elif isinstance(outcome, Skipped) and flags.verbose:
        name = work.named(result.path)
        complain(name, "skipped", outcome.reason, outcome.message)


def tell_refused(result: FileResult, work: Work, flags: Flags) -> None:
    """With --show-refused: say on stderr what was left in a file, and why."""
    if flags.show_refused:
        for each in findings(result):
            if each.state != "fixable":
                say(text.line(each, work.named).rstrip("\n"))


@contextmanager
def counted(flags: Flags, *, done: bool = False) -> Iterator[Tally]:
    """A tally whose summary is shown at the end."""
    tally, start = Tally(), time.monotonic()
    yield tally
    if not flags.quiet:
        sys.stdout.flush()
        lines = summary.render(tally, time.monotonic() - start, done=done)
        bold = coloured(flags.color, sys.stderr)
        for number, each in enumerate(lines):
            say(f"\x1b[1m{each}\x1b[0m" if bold and not number else each)
