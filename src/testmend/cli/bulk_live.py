"""How far a campaign is, as a table on a terminal: once, or drawn again and again."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from testmend.escape import printable
from testmend.fleet import counts, journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import RenderableType

    from testmend.fleet.journal import Row

PERIOD = 0.5  # seconds between two looks at the journal
_FRAME = 7  # lines around the rows: headline, bar, head of the table, rest
_STYLES = {
    "failed": "bold red",
    "skipped": "dim",
    "queued": "dim",
    "closed": "yellow",
    "committed": "cyan",
    "pushed": "green",
    "proposed": "green",
    "merged": "bold green",
}
_ORDER = ("failed", "queued")  # of what is not under way: these first


def watch(name: str, look: Callable[[], list[Row]], busy: Callable[[], bool]) -> None:
    """Draw the table until the run that is under way ends, or Ctrl-C.

    If none is under way, it waits for one.
    """
    console = Console()
    started = False
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        try:
            while True:
                running = busy()
                live.update(view(name, look(), console.height), refresh=True)
                if started and not running:
                    return
                started = started or running
                time.sleep(PERIOD)
        except KeyboardInterrupt:  # that is how a watch ends
            return


def show(name: str, rows: Sequence[Row], *, colour: bool) -> None:
    """The table with all rows, once."""
    console = Console(file=sys.stdout, no_color=not colour, highlight=False)
    console.print(view(name, rows, 0))


def view(name: str, rows: Sequence[Row], height: int) -> RenderableType:
    """Counts of states, a bar and the rows; as many as fit into ``height`` lines.

    What is under way comes first then, and what failed. 0: all, in their order.
    """
    states = Counter(each.state for each in rows)
    summary = ", ".join(f"{states[s]} {s}" for s in journal.STATES if states[s])
    headline = Text(printable(name), "bold").append(f": {summary}", "default")
    done = sum(states[each] for each in (*journal.DONE, "skipped", "failed"))
    bar = ProgressBar(total=max(len(rows), 1), completed=done)
    room = max(height - _FRAME, 1) if height else len(rows)
    chosen = list(rows)
    if len(chosen) > room:
        chosen = sorted(chosen, key=_rank)[:room]
    # The bar alone does not end its line.
    parts: list[RenderableType] = [headline, Padding(bar, 0), _table(chosen)]
    if len(rows) > len(chosen):
        parts.append(Text(f"and {len(rows) - len(chosen):,} more", "dim"))
    return Group(*parts)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, expand=True, header_style="dim")
    table.add_column("repository", no_wrap=True, overflow="ellipsis", ratio=2)
    table.add_column("state", no_wrap=True, min_width=10)
    table.add_column("files", justify="right", min_width=5)
    table.add_column("fixes", justify="right", min_width=5)
    table.add_column("details", no_wrap=True, overflow="ellipsis", ratio=5)
    for each in rows:
        table.add_row(*_cells(each))
    return table


def _cells(row: Row) -> Iterator[Text]:
    """What stands in the columns; nothing in it is markup or moves the terminal."""
    numbers = counts.decoded(row.counts)
    files = numbers.changed + numbers.created
    fixes = sum(numbers.fixed.values())
    why = ": ".join(part for part in (row.reason, row.message) if part)
    yield Text(printable(row.name))
    if row.step:
        yield Text(f"{row.step} \N{HORIZONTAL ELLIPSIS}", "bold blue")
    else:
        yield Text(row.state, _STYLES.get(row.state, ""))
    yield Text(f"{files:,}" if files else "")
    yield Text(f"{fixes:,}" if fixes else "")
    yield Text(printable(why or row.place or row.tip[:12]))


def _rank(row: Row) -> tuple[bool, int]:
    known = _ORDER.index(row.state) if row.state in _ORDER else len(_ORDER)
    return not row.step, known
