"""A guest as a codemod of testmend: its changes and notes become findings."""

from __future__ import annotations

import re
from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING

from testmend.codemod import Codemod, Options
from testmend.errors import CodemodError
from testmend.hosts import hunks, process
from testmend.hosts.messages import Job
from testmend.hosts.spec import Spec
from testmend.model import Finding, Fix, Survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from testmend.codemod import Context
    from testmend.hosts.hunks import Hunk
    from testmend.hosts.messages import Note
    from testmend.model import Range
    from testmend.registry import Extra
    from testmend.source import Module

REASONS = {
    "no-round-trip": "The host does not give this file back as it was, even without "
    "a change, so the guest is not run on it.",
    "could-not-read": "The host's grammar does not cover this file (Bowler: `match`, "
    "`except*`, positional-only parameters, PEP 695 and 701 syntax).",
    "generated": "The file says that it is generated (LibCST leaves these alone).",
    "skipped": "The guest asked to leave this file alone.",
    "warning": "The guest has a warning for you; it changed nothing for it.",
    "no-autofix": "The rule reports this place and offers no replacement for it.",
    "not-stable": "The rule's replacements kept changing the file after ten rounds.",
    "no-metadata": "The guest needs whole-repository metadata, which this run lacks.",
}
LARGE = 100_000  # characters; so many more get the guest's time limit once more
_BRIEF = 88  # characters
_ANYTHING = re.compile(rb"")


def codemod(extra: Extra) -> Codemod:
    """The codemod of a guest. Nothing of the guest is imported for it."""
    spec = Spec.of(extra)
    summary = spec.summary or f"{spec.host}: {spec.target}"
    return Codemod(
        name=spec.name,
        version="1",
        summary=_brief(summary),
        page=_page(spec, summary),
        trigger=re.compile(spec.trigger.encode()) if spec.trigger else _ANYTHING,
        reasons=REASONS,
        survey=partial(_survey, spec),
        resolve=_resolve,
    )


def _brief(text: str) -> str:
    """The first sentence of what a guest says of itself, on one line."""
    first = re.match(r".*?[.:](?=\s|$)", " ".join(text.split()))
    brief = first[0] if first else text
    return shorten(brief.rstrip(".:"), _BRIEF, placeholder=" ...")


def _page(spec: Spec, summary: str) -> str:
    arguments = f"\nArguments: {' '.join(spec.args)}\n" if spec.args else ""
    together = "all or none" if spec.hunks == "together" else "each on its own"
    return (
        f"{summary}\n\nA guest: {spec.host}, `{spec.target}`.\n{arguments}\n"
        f"The changes that it makes in one file are applied {together}.\n"
    )


def _survey(spec: Spec, module: Module, _options: Options) -> Survey | None:
    text = hunks.plain(module)
    seconds = spec.timeout * (1 + len(text) // LARGE)
    job = Job("rewrite", spec, seconds, module.path, text, module.encoding)
    answer = process.ask(job)
    if answer.trouble:
        message = f"{spec.name}: {answer.message}"
        raise CodemodError(f"guest-{answer.trouble}", message)
    changed = hunks.changed(module, answer.text)
    findings = [
        *_changes(spec, module, changed, answer.notes),
        *_remarks(spec, module, answer.notes),
    ]
    return Survey(tuple(findings)) if findings else None


def _resolve(
    candidates: Iterable[Finding], _context: Context, _options: Options
) -> Iterable[Finding]:
    return candidates


def _changes(
    spec: Spec, module: Module, changed: Sequence[Hunk], notes: Sequence[Note]
) -> Iterator[Finding]:
    """One finding per hunk.

    Where the hunks belong together each carries all edits: a suppressed line or an edit
    of another codemod in one of them leaves out all.
    """
    everything = tuple(edit for hunk in changed for edit in hunk.edits)
    for hunk in changed:
        edits = everything if spec.hunks == "together" else hunk.edits
        said = [
            each.message
            for each in notes
            if not each.reason
            and each.line <= max(hunk.last, hunk.first)
            and hunk.first <= max(each.end_line, each.line)
        ]
        yield Finding(
            spec.name,
            _range(module, hunk),
            "; ".join(dict.fromkeys(said)) or _brief(spec.summary) or spec.target,
            Fix(edits, foreign=True),
        )


def _range(module: Module, hunk: Hunk) -> Range:
    start = module.line_start(hunk.first)
    end = module.line_start(hunk.last + 1) if hunk.last >= hunk.first else start
    stripped = module.utf8[start:end].rstrip(b"\r\n")
    return module.range(start, start + len(stripped))


def _remarks(spec: Spec, module: Module, notes: Iterable[Note]) -> Iterator[Finding]:
    """The notes that stand for no change, at their places."""
    count = max(len(module.line_starts), 1)
    for note in notes:
        if note.reason:
            line = min(max(note.line, 1), count)
            start = module.line_start(line)
            text = module.line_text(line)
            ahead = len(text[: max(note.column - 1, 0)].encode())
            at = module.range(start + ahead, start + len(text.encode()))
            yield Finding(spec.name, at, note.message, reason=note.reason)
