"""A progress bar on stderr: only on a terminal, only for work that takes a while."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.stages import Progress, Step

_DELAY = 0.3  # seconds before the bar appears
_PERIOD = 0.1  # seconds between two drawings


@contextmanager
def bar(*, wanted: bool) -> Iterator[Progress]:
    """A function to call after each file. It is quiet if not wanted.

    Drawn from the caller's thread: a thread of its own would keep the worker processes
    from being forked.
    """
    if not wanted or not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich import progress as parts  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415  slow to import

    progress = parts.Progress(
        parts.TextColumn("{task.description}"),
        parts.BarColumn(),
        parts.MofNCompleteColumn(),
        parts.TextColumn("{task.fields[found]} with something to look at"),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
    )
    task = progress.add_task("", total=None, found=0)
    due = time.monotonic() + _DELAY

    def advance(step: Step) -> None:
        nonlocal due
        if time.monotonic() >= due:
            progress.start()
            progress.update(
                task,
                description=step.doing,
                completed=step.done,
                total=step.total,
                found=step.found,
            )
            progress.refresh()
            due = time.monotonic() + _PERIOD

    try:
        yield advance
    finally:
        progress.stop()
