"""``testmend bulk report``: what came of a campaign."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from testmend.cli import console, exits
from testmend.cli.bulk_flags import BulkFlags, asked, common
from testmend.cli.bulk_status import failed, plain, table
from testmend.escape import printable
from testmend.fleet import counts, journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.cli.bulk_flags import Asked
    from testmend.fleet.counts import Counts
    from testmend.fleet.journal import Row

VERSION = 1
"""Of the JSON; it grows when a key changes its meaning or goes."""


@click.command()
@common
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE",
    help="Write a page with the diffs there; it loads nothing.",
)  # fmt: skip
def report(flags: BulkFlags, *, html: Path | None) -> int:
    """Report on a campaign: states, files, findings, diffs.

    Findings are counted by codemod and by the reason for which they were left. Exit 2
    if any repository has failed.
    """
    work = asked(flags)
    with journal.opened(work.state, work.manifest.name, write=False) as opened:
        known = opened.rows()
    rows = [known.get(each.name, journal.Row(each.name)) for each in work.targets]
    if html:
        _page(html, work, rows)
    numbers = counts.total([counts.decoded(each.counts) for each in rows])
    states = Counter(each.state for each in rows)
    if flags.style == "json":
        document = {
            "version": VERSION,
            "campaign": work.manifest.name,
            "states": {each: states[each] for each in journal.STATES if states[each]},
            "total": numbers.plain(),
            "repositories": [plain(each) for each in rows],
        }
        console.write([json.dumps(document, indent=2, sort_keys=True), "\n"])
    else:
        console.write(_text(work.manifest.name, rows, numbers))
    return exits.FAILED if any(map(failed, rows)) else exits.DONE


def _page(target: Path, work: Asked, rows: Sequence[Row]) -> None:
    from testmend.fleet import pages  # noqa: PLC0415  pygments takes its time
    from testmend.reports.html import page, saving  # noqa: PLC0415  the same

    saving.check(target)
    shown = pages.campaign(work.manifest.name, rows, work.campaign.mirrors)
    saving.save(target, page.render(shown))


def _text(name: str, rows: Sequence[Row], numbers: Counts) -> Iterator[str]:
    states = Counter(each.state for each in rows)
    word = "repository" if len(rows) == 1 else "repositories"
    yield f"Campaign {printable(name)}: {len(rows):,} {word}\n\n"
    for state in journal.STATES:
        if states[state]:
            yield f"{state:10} {states[state]:6}\n"
    yield f"\nFiles looked at {numbers.files:,}, changed {numbers.changed:,}, "
    yield f"new {numbers.created:,}\n"
    for codemod in sorted({*numbers.fixed, *numbers.left}):
        yield f"\n{codemod}: {numbers.fixed.get(codemod, 0):,} fixed\n"
        reasons = numbers.left.get(codemod, {})
        for reason, many in sorted(reasons.items(), key=lambda item: -item[1]):
            yield f"  {many:6,} left: {reason}\n"
    yield "\n"
    yield from table(rows)
    for row in rows:
        for path, error, message in counts.decoded(row.counts).troubles:
            yield printable(f"{row.name}: {path}: {error}: {message}") + "\n"
