"""The pace of a host: so many changes in a time, and none while it wants to be alone.

What was sent and what a host asked for is in a ledger, so that a run that was killed
and starts again keeps to it, and another campaign, too.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.errors import ForgeError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from testmend.fleet.ledger import Ledger

LONGEST = 3600.0
"""Seconds that a host may ask to be left alone."""

_TOLD = 5.0  # a wait from this many seconds on is told to the user


class Speed(Struct, frozen=True):
    """``interval`` seconds between two changes, so many a minute and an hour.

    0 is no limit.
    """

    interval: float = 0.0
    per_minute: int = 0
    per_hour: int = 0


GITHUB = Speed(1.0, 80, 500)
"""What GitHub asks of programs that make content
(docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api)."""


class Pace(Struct, frozen=True):
    """The pace of one host. Call it before each change that is sent there."""

    ledger: Ledger
    host: str
    speed: Speed
    stop: threading.Event
    tell: Callable[[str], None] = lambda _message: None

    def __call__(self) -> None:
        """Wait until the host takes another change, and record that it gets one.

        Raises `ForgeError` when the run is stopped meanwhile.
        """
        while (wait := self._taken()) > 0:
            if wait >= _TOLD:
                self.tell(f"{self.host}: the next change in {wait:.0f} s")
            if self.stop.wait(wait):
                raise ForgeError("unreachable", "interrupted")

    def pause(self, seconds: float) -> None:
        """Leave the host alone for so long; the user is told."""
        if seconds >= _TOLD:
            self.tell(f"{self.host}: wants to be left alone for {seconds:.0f} s")
        self.ledger.pause(self.host, time.time() + min(seconds, LONGEST))

    def _taken(self) -> float:
        now = time.time()
        return self.ledger.take(
            self.host, now, lambda sent, until: self._due(now, sent, until)
        )

    def _due(self, now: float, sent: Sequence[float], until: float) -> float:
        """Seconds to wait. A clock that was set back costs an hour at most."""
        times = [each for each in sent if each > now - LONGEST]
        wait = min(until - now, LONGEST)
        if times and self.speed.interval:
            wait = max(wait, min(times[-1] + self.speed.interval - now, LONGEST))
        for limit, window in (
            (self.speed.per_minute, 60.0),
            (self.speed.per_hour, LONGEST),
        ):
            if limit and len(times) >= limit:
                wait = max(wait, min(times[-limit] + window - now, window))
        return wait
