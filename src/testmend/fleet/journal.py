"""The journal of a campaign: how far each repository is, whatever happens.

SQLite with a write-ahead log and ``synchronous=FULL``: what was recorded stays so after
a crash. One process at a time works on a campaign; a killed one frees the lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Literal, get_args

from msgspec import Struct
from msgspec.structs import astuple, fields

from testmend.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

State = Literal[
    "queued",  # nothing was done yet
    "fetched",  # its base is in the mirror
    "rewritten",  # the codemods have run
    "verified",  # the commits hold what the codemods made, and nothing else
    "committed",  # a ref of the mirror keeps them
    "pushed",  # the branch is on the server
    "proposed",  # there is a change request
    "merged",  # the base has it all
    "closed",  # somebody closed it, or deleted its branch
    "failed",  # for a reason; the next run tries again
    "skipped",  # for a reason that is no failure
]
STATES: tuple[State, ...] = get_args(State)
DONE: frozenset[State] = frozenset(
    {"committed", "pushed", "proposed", "merged", "closed"}
)
VERSION = 1
_GLANCE = 0.05  # seconds; one that only looks (`busy`) holds the lock for less


class Row(Struct, frozen=True):
    """One repository in the journal.

    ``base_ref`` and ``base``: on what ``tip`` was made; ``looked`` is the base that was
    last looked at, which may be a later one. ``work`` is the fingerprint of what was
    asked for, ``change`` that of what came of it. ``published`` is the commit that the
    server has, ``place`` where to look at it. ``counts`` is JSON (see
    `testmend.fleet.counts`). ``step`` is how far a run is that is under way.
    """

    name: str
    url: str = ""
    state: State = "queued"
    reason: str = ""
    message: str = ""
    branch: str = ""
    base_ref: str = ""
    base: str = ""
    looked: str = ""
    tip: str = ""
    work: str = ""
    change: str = ""
    published: str = ""
    place: str = ""
    counts: str = "{}"
    seconds: float = 0.0
    step: str = ""


_COLUMNS = tuple(each.name for each in fields(Row))
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS campaign (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS repository (
    {", ".join(f"{each} NOT NULL" for each in _COLUMNS)}, PRIMARY KEY (name)
);
CREATE TABLE IF NOT EXISTS intention (
    name TEXT NOT NULL, tip TEXT NOT NULL, PRIMARY KEY (name, tip)
);
"""


class Journal:
    """The open journal of one campaign."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()  # one statement at a time, from any thread

    def row(self, name: str) -> Row:
        """What is known of a repository; a queued row if nothing is."""
        query = f"SELECT {', '.join(_COLUMNS)} FROM repository WHERE name = ?"  # noqa: S608  column names are ours
        found = self._connection.execute(query, (name,)).fetchone()
        return Row(*found) if found else Row(name)

    def rows(self) -> dict[str, Row]:
        """All rows, by name."""
        query = f"SELECT {', '.join(_COLUMNS)} FROM repository"  # noqa: S608  the same
        return {row[0]: Row(*row) for row in self._connection.execute(query)}

    def put(self, row: Row) -> None:
        """Record a row. It is on disk when this returns."""
        columns, marks = ", ".join(_COLUMNS), ", ".join("?" * len(_COLUMNS))
        command = f"REPLACE INTO repository ({columns}) VALUES ({marks})"  # noqa: S608  the same
        with self._lock, self._connection:
            self._connection.execute(command, astuple(row))

    def step(self, name: str, step: State) -> None:
        """Record how far a repository is in the run that is under way.

        That is to be looked at; nothing depends on it, so the disk is not waited for.
        """
        with self._lock:
            self._connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._connection:
                    command = "UPDATE repository SET step = ? WHERE name = ?"
                    self._connection.execute(command, (step, name))
            finally:
                self._connection.execute("PRAGMA synchronous = FULL")

    def intend(self, name: str, tip: str) -> None:
        """Record that a commit is about to be published: from now on it is ours."""
        with self._lock, self._connection:
            command = "INSERT OR IGNORE INTO intention VALUES (?, ?)"
            self._connection.execute(command, (name, tip))

    def ours(self, name: str) -> frozenset[str]:
        """The commits that this campaign has published, or was about to."""
        query = "SELECT tip FROM intention WHERE name = ?"
        with self._lock:
            found = self._connection.execute(query, (name,)).fetchall()
        return frozenset(tip for (tip,) in found)


@contextlib.contextmanager
def opened(folder: Path, campaign: str, *, write: bool = True) -> Iterator[Journal]:
    """The journal in a folder, made if need be. ``write``: nobody else may have it.

    Raises `UsageError` when another process works on it, or when it is that of another
    campaign.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.ExitStack() as stack:
        if write:
            stack.enter_context(_locked(folder))
        place = folder / "journal.sqlite"
        connection = sqlite3.connect(place, timeout=30, check_same_thread=False)
        stack.callback(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        with connection:
            connection.executescript(_SCHEMA)
        _check(connection, folder, {"name": campaign, "version": str(VERSION)})
        yield Journal(connection)


def busy(folder: Path) -> bool:
    """Whether another process works on the campaign."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Of this process alone: workers that outlive it for a moment do not hold it.
        for last in (False, False, True):
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except (BlockingIOError, PermissionError):
                if last:
                    message = "another testmend works on this campaign"
                    raise UsageError(f"{folder}: {message}") from None
                time.sleep(_GLANCE)
        yield
    finally:
        os.close(descriptor)


def _check(
    connection: sqlite3.Connection, folder: Path, expected: dict[str, str]
) -> None:
    with connection:
        connection.executemany(
            "INSERT OR IGNORE INTO campaign VALUES (?, ?)", expected.items()
        )
    found = dict(connection.execute("SELECT key, value FROM campaign"))
    for key, value in expected.items():
        if found[key] != value:
            message = f"its journal has {key} {found[key]!r}, not {value!r}"
            raise UsageError(f"{folder}: {message}; --state names another folder")
