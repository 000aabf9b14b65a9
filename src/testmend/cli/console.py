"""Writing to the terminal: bytes to stdout, words to stderr, colour where wanted."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import click

from testmend.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

_DIFF_COLOURS = {b"+": b"\x1b[32m", b"-": b"\x1b[31m", b"@": b"\x1b[36m"}
_HEADERS = (b"diff --git ", b"--- ", b"+++ ", b"new file mode ")
_BOLD, _PLAIN = b"\x1b[1m", b"\x1b[0m"


def coloured(choice: str, stream: TextIO) -> bool:
    """Whether to colour: as asked, else ``NO_COLOR``, ``FORCE_COLOR``, a terminal.

    https://no-color.org, https://force-color.org
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def followed(stream: TextIO) -> bool:
    """Whether somebody may read along: in a terminal or a pipe, not in a file."""
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return True  # not of the operating system
    if stream.isatty() or not stat.S_ISCHR(about.st_mode):
        return not stat.S_ISREG(about.st_mode)
    return False  # the null device


class ReaderGoneError(Exception):
    """Nobody reads stdout any more (``| head``)."""


def write_bytes(data: bytes) -> None:
    """Data, untouched, to stdout. Raises `ReaderGoneError`."""
    try:
        sys.stdout.buffer.write(data)
    except BrokenPipeError:  # click would take it for a success of a kind
        raise ReaderGoneError from None


def write(pieces: Iterable[str]) -> None:
    """Text to stdout, in UTF-8."""
    for piece in pieces:
        write_bytes(piece.encode("utf-8", "backslashreplace"))


def say(message: str) -> None:
    """A word to the user on stderr. Colour codes of our own making may be in it."""
    click.echo(message, err=True, color=True)


def complain(*parts: str) -> None:
    """Say what went wrong, from the general to the particular (path, what, why)."""
    said = ": ".join(printable(part) for part in parts if part)
    say(f"testmend: {said}")


def paint_diff(diff: bytes) -> bytes:
    """A unified diff in colours."""
    return b"".join(_painted(line) for line in diff.split(b"\n"))[:-1]


def _painted(line: bytes) -> bytes:
    colour = _BOLD if line.startswith(_HEADERS) else _DIFF_COLOURS.get(line[:1])
    return b"%s%s%s\n" % (colour, line, _PLAIN) if colour else line + b"\n"
