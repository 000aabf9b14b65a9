"""The last lane: one repository at a time for each host, at the pace that it allows."""

from __future__ import annotations

import queue
import random
import threading
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend.fleet import hosting
from testmend.fleet.manifest import Host
from testmend.fleet.pace import LONGEST, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from testmend.fleet.journal import Row
    from testmend.fleet.ledger import Ledger
    from testmend.fleet.publish import Published, Publisher
    from testmend.fleet.targets import Target


class Lanes(Struct):
    """Publishes rows, host by host; hosts don't wait for each other."""

    publisher: Publisher
    ledger: Ledger
    hosts: Mapping[str, Host]
    tell: Callable[[str], None] = lambda _message: None
    _done: queue.SimpleQueue[Published | Exception | None] = field(
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
                elif isinstance(result, Exception):
                    raise result
                else:
                    yield result
        finally:
            self.publisher.stop.set()
            for thread in threads:
                thread.join()

    def _lane(self, name: str, work: list[tuple[Target, Row]]) -> None:
        retries = self.hosts.get(name, Host()).retries
        speed = hosting.speed(name, self.hosts)
        stop = self.publisher.stop
        pace = Pace(self.ledger, name, speed, stop, self.tell)
        try:
            for target, row in work:
                self._done.put(self._tried(pace, retries, target, row))
                if stop.is_set():
                    return
        except Exception as error:  # noqa: BLE001  for the thread that waits for us
            self._done.put(error)
        finally:
            self._done.put(None)

    def _tried(self, pace: Pace, retries: int, target: Target, row: Row) -> Published:
        """Hand in a row; again, later and later, while the host does not answer."""
        for attempt in range(retries + 1):
            done = self.publisher.hand_in(target, row, pace)
            fault = done.fault
            if fault is None or fault.reason != "unreachable":
                break
            if fault.wait:  # for all that comes to this host, now and in later runs
                pace.pause(fault.wait)
            wait = fault.wait or random.uniform(0, 2**attempt)  # noqa: S311  full jitter
            if attempt == retries or self.publisher.stop.wait(min(wait, LONGEST)):
                break
        return done
