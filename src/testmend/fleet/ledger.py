"""What hosts were sent and what they asked for: one for all campaigns of a user.

It stands beside the mirrors, in SQLite as the journal: two campaigns that publish at
the same time, and a run after one that was killed, keep to the pace of a host together.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

FILE = "pace.sqlite"
_DAY = 86400.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sent (host TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sent_to ON sent (host, at);
CREATE TABLE IF NOT EXISTS pause (host TEXT PRIMARY KEY, until REAL NOT NULL);
"""


class Ledger:
    """The open ledger. Times are seconds, Unix time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()  # one transaction at a time, from any thread

    def take(
        self, host: str, now: float, due: Callable[[Sequence[float], float], float]
    ) -> float:
        """How long a change has to wait; 0: it may be made, and is recorded as made.

        ``due`` says so from when the host got changes in the last day, oldest first,
        and until when it wants to be left alone. Nobody else can take the same turn.
        """
        with self._transaction() as run:
            run("DELETE FROM sent WHERE at < ?", (now - _DAY,))
            query = "SELECT at FROM sent WHERE host = ? ORDER BY at"
            times = [at for (at,) in run(query, (host,))]
            wait = max(due(times, self._until(host)), 0.0)
            if not wait:
                run("INSERT INTO sent VALUES (?, ?)", (host, now))
        return wait

    def pause(self, host: str, until: float) -> None:
        """Record that a host wants to be left alone."""
        with self._transaction() as run:
            run("REPLACE INTO pause VALUES (?, ?)", (host, until))

    def paused(self, host: str) -> float:
        """Until when a host wants to be left alone; 0 if it never said."""
        with self._lock:
            return self._until(host)

    def _until(self, host: str) -> float:
        query = "SELECT until FROM pause WHERE host = ?"
        found = self._connection.execute(query, (host,)).fetchone()
        return float(found[0]) if found else 0.0

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Ledger]:
    """The ledger in a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection = sqlite3.connect(
        folder / FILE, timeout=30, isolation_level=None, check_same_thread=False
    )
    with contextlib.closing(connection):
        connection.executescript(_SCHEMA)
        yield Ledger(connection)
