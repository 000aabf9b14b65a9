"""Bytes under keys in one file of the user's cache folder.

An SQLite database: many testmends may use it at once, and one that is killed leaves it
whole. Nothing in it can be run. Every value has a checksum; what is damaged counts as
missing. No method raises: a cache that can't be used makes a run slower, not wrong.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_BYTES = 512 * 1024 * 1024
_FORMAT = 1  # of the file: another one is another file
_CHECK = 8  # bytes of the checksum before each value
_AT_ONCE = 500  # keys in a query
_SECONDS = 2.0  # to wait for another process that writes
_DAY = 24 * 60 * 60
_TABLE = """
    CREATE TABLE IF NOT EXISTS entries
    (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL)
"""


def folder() -> Path:
    """The folder of the cache: ``$XDG_CACHE_HOME/testmend``, or in ``~/.cache``."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "testmend"


class Store:
    """The cache file in a folder. It is made when something is first put into it."""

    def __init__(self, place: Path, max_bytes: int = MAX_BYTES) -> None:
        self.file = place / f"results-{_FORMAT}.db"
        self._max_bytes = max_bytes

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are known."""
        found: dict[bytes, bytes] = {}
        if not self.file.is_file():
            return found
        with suppress(sqlite3.Error, OSError), self._open() as base:
            for some in _chunks(list(keys)):
                marks = ",".join("?" * len(some))
                query = f"SELECT key, value FROM entries WHERE key IN ({marks})"  # noqa: S608  marks only
                for key, raw in base.execute(query, some):
                    value = _checked(raw)
                    if value is not None:
                        found[key] = value
        return found

    def put(self, values: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        """Keep values, all or none, and note which of the kept ones were used.

        Over the limit, what was not used for longest goes, until half is free.
        """
        today = int(time.time()) // _DAY
        rows = [(key, _check(value) + value, today) for key, value in values.items()]
        seen = [(today, key, today) for key in used]
        try:
            self._write(rows, seen)
        except sqlite3.OperationalError:  # locked for long, full or read-only
            return
        except sqlite3.DatabaseError:  # damaged: the next run makes a new one
            with suppress(OSError):
                self.file.unlink()
        except OSError:
            return

    def _write(
        self,
        rows: Sequence[tuple[bytes, bytes, int]],
        seen: Sequence[tuple[int, bytes, int]],
    ) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._open() as base:
            base.execute(_TABLE)
            with base:
                base.executemany("INSERT OR REPLACE INTO entries VALUES (?,?,?)", rows)
                base.executemany(
                    "UPDATE entries SET used = ? WHERE key = ? AND used < ?", seen
                )
                self._trim(base)

    def _trim(self, base: sqlite3.Connection) -> None:
        def pragma(name: str) -> int:
            return int(base.execute(f"PRAGMA {name}").fetchone()[0])

        pages = pragma("page_count") - pragma("freelist_count")
        if pages * pragma("page_size") <= self._max_bytes:
            return
        sizes = "SELECT rowid, length(value) FROM entries ORDER BY used, rowid"
        surplus = pages * pragma("page_size") - self._max_bytes // 2
        gone = []
        for row, size in base.execute(sizes):
            if surplus <= 0:
                break
            gone.append((row,))
            surplus -= size
        base.executemany("DELETE FROM entries WHERE rowid = ?", gone)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=_SECONDS)) as base:
            base.text_factory = bytes  # a value of another type is damaged: no surprise
            # Losing the last run to a power failure is cheap; the file stays whole.
            base.execute("PRAGMA synchronous = NORMAL")
            yield base

    def clean(self) -> int:
        """Remove the cache, also that of other versions. Returns the bytes freed."""
        freed = 0
        for file in self.file.parent.glob("results-*.db*"):
            with suppress(OSError):
                size = file.stat().st_size
                file.unlink()
                freed += size
        return freed


def _chunks(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _check(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_CHECK).digest()


def _checked(raw: object) -> bytes | None:
    if not isinstance(raw, bytes) or _check(raw[_CHECK:]) != raw[:_CHECK]:
        return None
    return raw[_CHECK:]
