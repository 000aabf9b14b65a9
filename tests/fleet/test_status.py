"""How far a campaign is: on a terminal a table, for programs lines."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from typing import TYPE_CHECKING

import console

from testmend.fleet import journal
from testmend.fleet.journal import Row

if TYPE_CHECKING:
    from pathlib import Path

    from campaigns import Fleet

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """testmend on a terminal of 100 columns and 12 lines; ``seen`` is what it wrote."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._leader, follower = pty.openpty()
        self.seen = ""
        self._process = subprocess.Popen(
            [*console.COMMAND, *arguments],
            cwd=folder,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "12"},
            start_new_session=True,
        )
        os.close(follower)

    def until(self, words: str) -> None:
        """Read until it has shown these words, without colours and control codes."""
        end = time.monotonic() + 60
        while words not in CONTROL.sub("", self.seen):
            assert time.monotonic() < end, self.seen
            assert self._read(), self.seen

    def ended(self) -> int:
        while self._read():
            pass
        os.close(self._leader)
        return self._process.wait(60)

    def interrupt(self) -> None:
        os.killpg(self._process.pid, 2)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._leader], [], [], 60)
        try:
            data = os.read(self._leader, 65536) if ready else b""
        except OSError:  # Linux's word for the end
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


def rows(fleet: Fleet, number: int) -> None:
    """A manifest of so many repositories, none of which is there."""
    named = (f"repo-{each:02}" for each in range(number))
    urls = (f'[[repositories]]\nurl = "https://git.example/{each}"\n' for each in named)
    fleet.manifest("".join(urls))


def test_a_terminal_gets_a_table_whose_names_do_nothing(fleet: Fleet) -> None:
    rows(fleet, 3)
    with journal.opened(fleet.path / "waits.campaign", "waits") as opened:
        odd = "bad [red]\x1b[2Jname\x07"
        opened.put(Row("repo-00", state="failed", reason="git", message=odd))
    terminal = Terminal(fleet.path, "bulk", "status", "waits.toml")
    assert terminal.ended() == 2
    shown = CONTROL.sub("", terminal.seen)
    assert "repository" in shown
    assert "waits: 2 queued, 1 failed" in shown
    assert "git: bad [red]\\x1b[2Jname\\x07" in shown
    assert "\x1b[2J" not in terminal.seen


def test_a_watch_follows_a_run_and_ends_with_it(fleet: Fleet) -> None:
    rows(fleet, 30)
    with journal.opened(fleet.path / "waits.campaign", "waits") as opened:
        terminal = Terminal(fleet.path, "bulk", "status", "waits.toml", "--watch")
        terminal.until("waits: 30 queued")
        assert "repo-29" not in terminal.seen
        opened.put(Row("repo-29", state="queued", step="fetched"))
        terminal.until("repo-29")
        opened.put(Row("repo-29", state="pushed"))
        terminal.until("29 queued, 1 pushed")
    assert terminal.ended() == 0


def test_a_watch_that_waits_for_a_run_ends_with_ctrl_c(fleet: Fleet) -> None:
    rows(fleet, 2)
    terminal = Terminal(fleet.path, "bulk", "status", "waits.toml", "--watch")
    terminal.until("waits: 2 queued")
    terminal.interrupt()
    assert terminal.ended() == 0
    assert "interrupted" not in terminal.seen


def test_without_a_terminal_a_watch_is_one_look(fleet: Fleet) -> None:
    rows(fleet, 2)
    done = fleet.bulk("status", "--watch")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert b"\x1b" not in done.stdout + done.stderr
