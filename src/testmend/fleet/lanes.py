"""The last lane: one repository at a time for each host, at the pace that it allows."""

from __future__ import annotations

import queue
import random
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from testmend.fleet.manifest import Host

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from testmend.fleet.journal import Row
    from testmend.fleet.publish import Published, Publisher
    from testmend.fleet.targets import Target

_LONGEST = 3600.0  # seconds that a host may ask to be left alone


@dataclass(slots=True)
class Lanes:
    """Publishes rows, host by host; hosts don't wait for each other."""

    publisher: Publisher
    hosts: Mapping[str, Host]
    _done: queue.SimpleQueue[Published | None] = field(
        default_factory=queue.SimpleQueue
    )

    def each(
        self, work: Iterable[tuple[Target, Row]]
    ) -> Generator[Published, None, None]:
        """The rows as they are published."""
        lanes: dict[str, list[tuple[Target, Row]]] = defaultdict(list)
        for target, row in work:
            lanes[target.host].append((target, row))
        threads = [
            threading.Thread(target=self._lane, args=(host, each), name=f"push {host}")
            for host, each in lanes.items()
        ]
        for thread in threads:
            thread.start()
        running = len(threads)
        try:
            while running:
                result = self._done.get()
                if result is None:
                    running -= 1
                else:
                    yield result
        finally:
            self.publisher.stop.set()
            for thread in threads:
                thread.join()

    def _lane(self, name: str, work: list[tuple[Target, Row]]) -> None:
        host = self.hosts.get(name, Host())
        try:
            for number, (target, row) in enumerate(work):
                if number and self.publisher.stop.wait(host.interval):
                    return
                self._done.put(self._tried(host, target, row))
                if self.publisher.stop.is_set():
                    return
        finally:
            self._done.put(None)

    def _tried(self, host: Host, target: Target, row: Row) -> Published:
        """Hand in a row; again, later and later, while the host does not answer."""
        for attempt in range(host.retries + 1):
            done = self.publisher.hand_in(target, row)
            fault = done.fault
            if fault is None or fault.reason != "unreachable":
                break
            wait = fault.wait or random.uniform(0, 2**attempt)  # noqa: S311  full jitter
            last = attempt == host.retries
            if last or self.publisher.stop.wait(min(wait, _LONGEST)):
                break
        return done
