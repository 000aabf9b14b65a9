"""A progress bar on stderr: only on a terminal, only for work that takes a while."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DELAY = 0.5  # seconds before the bar appears
_PERIOD = 0.1  # seconds between two drawings


@contextmanager
def bar(*, wanted: bool) -> Iterator[Callable[[int, int], None]]:
    """A function to call with (files done, files in all). It is quiet if not wanted.

    Drawn from the caller's thread: a thread of its own would keep the worker processes
    from being forked.
    """
    if not wanted or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415  slow to import
    from rich.progress import BarColumn, MofNCompleteColumn, Progress  # noqa: PLC0415

    progress = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
    )
    task = progress.add_task("files", total=None)
    due = time.monotonic() + _DELAY

    def advance(done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            progress.start()
            progress.update(task, completed=done, total=total)
            progress.refresh()
            due = time.monotonic() + _PERIOD

    try:
        yield advance
    finally:
        progress.stop()
