"""What a process and the process for guests say to each other, in MessagePack.

Plain data and no pickles: whatever a guest does, its answer is checked when it is read.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from testmend.hosts.spec import Spec  # noqa: TC001  a Struct needs it at run time

Trouble = Literal["", "config", "raised", "rubbish", "timeout", "died"]


class Note(Struct, frozen=True):
    """Something a guest says about a place: 1-based lines and columns, end exclusive.

    With a ``reason`` it is a finding without a fix; else it tells what a change in
    these lines is about.
    """

    line: int
    message: str
    column: int = 1
    end_line: int = 0
    end_column: int = 1
    reason: str = ""


class Job(Struct, frozen=True):
    """A question: describe the guest, run it on a text, or collect metadata.

    ``start`` only imports the host, so that this is not part of a guest's time. The
    answer must come within ``seconds``.
    """

    kind: Literal["start", "describe", "rewrite", "metadata"]
    spec: Spec
    seconds: float
    path: str = ""
    text: str = ""
    encoding: str = "utf-8"
    paths: tuple[str, ...] = ()


class Answer(Struct, frozen=True):
    """What came of it. ``trouble`` says that the guest broke, ``message`` how."""

    text: str = ""
    notes: tuple[Note, ...] = ()
    summary: str = ""
    whole_repository: bool = False
    metadata: dict[str, bytes] = {}
    trouble: Trouble = ""
    message: str = ""


class Unable(Exception):  # noqa: N818  it is an answer more than an error
    """The guest leaves this file alone, or can't take it; ``reason`` is a code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Rubbish(Exception):  # noqa: N818  it says what was returned
    """The guest returned what is not the text of a module."""
