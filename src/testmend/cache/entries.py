"""What is kept, and the keys under which it is found again.

A key is made of everything that a value depends on, but for the index (see `asked`):
the file's path and content, the versions and the very code of testmend and its
codemods, Python, and the options. Values are read by their types: nothing is run.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

import testmend
from testmend.model import (
    Changed,
    Failed,
    Finding,
    NewFile,
    Outcome,
    Skipped,
    Unchanged,
)
from testmend.source import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from testmend.cache.asked import Trace
    from testmend.facts import ModuleFacts
    from testmend.model import Survey
    from testmend.selection import Selection

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Change(msgspec.Struct, frozen=True, array_like=True):
    """A `Changed` without what the file's bytes tell."""

    fixed: tuple[Finding, ...]
    edits: tuple[tuple[int, int, bytes], ...]
    files: tuple[NewFile, ...]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """The result of one file.

    ``surveyed``: whether any codemod had something to say of it; ``modules``,
    ``names``, ``functions``: what its surveys asked for; ``trace``: what it asked of
    the index; ``refusal``: for a file that can't be read as Python, whether that is a
    failure, the reason and the message.
    """

    surveyed: bool
    modules: tuple[str, ...]
    names: tuple[str, ...] | None
    functions: tuple[str, ...]
    trace: tuple[tuple[str, tuple[str, ...], bytes], ...]
    findings: tuple[Finding, ...]
    suppressed: dict[str, int]
    change: Change | None = None
    refusal: tuple[bool, str, str] | None = None

    def outcome(self, data: bytes) -> Outcome:
        """The outcome for a file of these bytes."""
        if self.refusal:
            failed, reason, message = self.refusal
            return (Failed if failed else Skipped)(reason, message)
        if self.change is None:
            return Unchanged(self.findings)
        return Changed(
            fixed=self.change.fixed,
            findings=self.findings,
            before=data,
            edits=self.change.edits,
            files=self.change.files,
        )


_decode_entry = msgspec.msgpack.Decoder(Entry).decode


@cache
def _decode_facts() -> Callable[[bytes], ModuleFacts]:
    from testmend.facts import ModuleFacts  # noqa: PLC0415  if a file changed

    return msgspec.msgpack.Decoder(ModuleFacts).decode


def entry_of(
    outcome: Outcome,
    suppressed: dict[str, int],
    trace: Trace,
    *,
    surveys: Collection[Survey],
) -> Entry | None:
    """What to keep of a result; None for files that were skipped or failed."""
    if not isinstance(outcome, Unchanged | Changed):
        return None
    names = [each.names for each in surveys]
    change = None
    if isinstance(outcome, Changed):
        change = Change(outcome.fixed, outcome.edits, outcome.files)
    return Entry(
        surveyed=bool(surveys),
        modules=_all(each.modules for each in surveys),
        names=None if any(each is None for each in names) else _all(names),
        functions=_all(each.functions for each in surveys),
        trace=trace,
        findings=outcome.findings,
        suppressed=suppressed,
        change=change,
    )


def _all(words: Iterable[frozenset[str] | None]) -> tuple[str, ...]:
    return tuple(sorted({word for some in words for word in some or ()}))


def refusal_of(outcome: Outcome) -> Entry | None:
    """What to keep of a file that has no syntax tree; None if that may change."""
    match outcome:
        case Failed(reason, message) if reason in UNREADABLE:
            refusal = (True, reason, message)
        case Skipped(reason, message) if reason in UNREADABLE:
            refusal = (False, reason, message)
        case _:
            return None
    return Entry(False, (), (), (), (), (), {}, None, refusal)


def packed(value: Entry | ModuleFacts) -> bytes | None:
    """A value as bytes; None if it has no such form (a name that is not UTF-8)."""
    try:
        return _encode(value)
    except ValueError:
        return None


def entry_from(data: bytes | None) -> Entry | None:
    """The entry that bytes hold, if they do."""
    try:
        return None if data is None else _decode_entry(data)
    except (msgspec.MsgspecError, ValueError):
        return None


def facts_from(data: bytes | None) -> ModuleFacts | None:
    """The facts that bytes hold, if they do."""
    try:
        return None if data is None else _decode_facts()(data)
    except (msgspec.MsgspecError, ValueError):
        return None


class Keys:
    """The keys of one run."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        names = selection.codemods
        code = _code(frozenset(selection.codemod(each).module for each in names))
        python = f"{sys.implementation.name} {sys.version}"
        self._facts = _hash(b"facts", python, testmend.__version__, *code)
        codemods = [
            (name, selection.codemod(name).version, selection.options_of(name))
            for name in names
        ]
        self._results = _hash(self._facts, _encode((codemods, selection.unsafe)))

    def facts(self, path: str, digest: bytes) -> bytes:
        """The key of the facts of a file."""
        return _hash(self._facts, os.fsencode(path), digest)

    def result(self, path: str, digest: bytes) -> bytes:
        """The key of the result of a file."""
        own = (
            sorted(self._selection.ignored.get(path, ())),
            self._selection.within.get(path),
        )
        return _hash(self._results, os.fsencode(path), digest, _encode(own))

    @staticmethod
    def project(*parts: bytes) -> bytes:
        """The key of the fact that all results of a project were right together."""
        return _hash(b"project", *parts)


def _hash(*parts: bytes | str) -> bytes:
    state = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8) + data)
    return state.digest()


@cache
def _code(modules: frozenset[str]) -> tuple[str, ...]:
    """The state of the code: a checkout changes without a new version."""
    tops = {"testmend", *(each.partition(".")[0] for each in modules)}
    return tuple(line for top in sorted(tops) for line in _files_of(top))


def _files_of(package: str) -> list[str]:
    """What its files say: installed anew they have other times, and the same code."""
    origin = import_module(package).__file__
    if origin is None:
        return [package]
    top, name = os.path.split(origin)
    if name != "__init__.py":
        return [_hashed(origin)]
    files = (
        os.path.join(folder, name)  # noqa: PTH118  of many: paths cost time
        for folder, _, names in os.walk(top)
        for name in names
        if name.endswith(".py")
    )
    return [f"{each[len(top) :]} {_hashed(each)}" for each in sorted(files)]


def _hashed(file: str) -> str:
    with open(file, "rb") as opened:  # noqa: PTH123
        return _hash(opened.read()).hex()
