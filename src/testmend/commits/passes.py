"""One codemod after the other over the files of a run, each seeing what came before.

Nothing is written: what a codemod changes is laid over the files for the next one.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from testmend.commits.plan import Pass
from testmend.created import Created
from testmend.errors import SourceError
from testmend.model import Changed, Failed, FileResult, Skipped, Unchanged
from testmend.selection import Selection

if TYPE_CHECKING:
    from testmend.memory import Reader
    from testmend.model import Outcome
    from testmend.reports.tally import Tally

Run = Callable[[Selection, Mapping[str, bytes]], Iterable[FileResult]]
"""Runs a selection over the files, with some bytes laid over them, by path."""

Tell = Callable[[FileResult], None]
"""Is told what becomes of a file in each pass."""

Refuse = Callable[[bytes, bytes | None], str | None]
"""Why a file, read with these bytes (``None``: it is new), can't be committed."""

FAILURES = frozenset({"exists", "changed-meanwhile", "collision", "path"})
"""Reasons that are failures; for any other a file is left by design."""


class Passes:
    """What each codemod does to the files of a repository.

    A file that can't be committed is left before the next codemod sees it: nothing may
    build on a change that stays out. ``originals`` are the bytes that were read, by
    path from the top of the repository (``None``: a new file), ``left`` are reasons.
    ``reader`` gives the files as they stand; ``prefix`` is the way from the top of the
    repository to the root of their paths.
    """

    def __init__(
        self,
        reader: Reader,
        selection: Selection,
        run: Run,
        tell: Tell,
        refuse: Refuse = lambda _path, _before: None,
        prefix: bytes = b"",
    ) -> None:
        self.originals: dict[bytes, bytes | None] = {}
        self.left: dict[bytes, str] = {}
        self._reader = reader
        self._selection = selection
        self._run = run
        self._tell = tell
        self._refuse = refuse
        self._prefix = prefix
        self._laid: dict[str, bytes] = {}
        self._results: dict[str, list[FileResult]] = {}

    def make(self, tally: Tally) -> tuple[Pass, ...]:
        """Run all codemods of the selection; count each file once."""
        made = tuple(self._make(name) for name in self._selection.codemods)
        for results in self._results.values():
            tally.add(_whole(results))
        tally.created += sum(data is None for data in self.originals.values())
        return made

    def _make(self, name: str) -> Pass:
        selection = replace(self._selection, codemods=(name,))
        created = Created(self.read)
        files: dict[bytes, bytes] = {}
        needs: dict[bytes, frozenset[bytes]] = {}
        changed = fixes = 0
        for result in self._run(selection, dict(self._laid)):
            final = self._taken(result, created, files, needs)
            self._results.setdefault(result.path, []).append(final)
            self._tell(final)
            if isinstance(final.outcome, Changed):
                changed += 1
                fixes += len(final.outcome.fixed)
        return Pass(
            name,
            files,
            needs,
            summary=f"{_count(fixes, 'fix')} in {_count(changed, 'file')}",
            about=f"{selection.codemod(name).summary}.",
            version=selection.codemod(name).version,
            options=self._options(name),
        )

    def _taken(
        self,
        result: FileResult,
        created: Created,
        files: dict[bytes, bytes],
        needs: dict[bytes, frozenset[bytes]],
    ) -> FileResult:
        outcome = result.outcome
        if not isinstance(outcome, Changed):
            return result
        name = self._name(result.path)
        reason = self._reason(name, outcome.before)
        if reason is not None:
            return self._leave(result, name, reason)
        try:
            list(created.fresh(outcome))
        except SourceError as error:
            return replace(result, outcome=Failed(error.reason, str(error)))
        texts = {each.path: each.text.encode() for each in outcome.files}
        given = {
            path for each in outcome.fixed if each.fix for path, _ in each.fix.given
        }
        for path in sorted({*texts, *given}):
            reason = self._reason(self._name(path), self._on_disk(path))
            if reason is not None:
                self.left[self._name(path)] = reason
                return self._leave(result, name, "helper")
        for path, text in texts.items():
            before = self._on_disk(path)
            if self._laid.get(path, before) != text:
                self._lay(path, before, text, files)
        needs[name] = frozenset(map(self._name, texts)) & self.originals.keys()
        self._lay(result.path, outcome.before, outcome.after, files)
        return result

    def read(self, path: str) -> bytes:
        """The bytes of a file after the passes so far. Raises `SourceError`."""
        laid = self._laid.get(path)
        return self._reader.read(path) if laid is None else laid

    def _on_disk(self, path: str) -> bytes | None:
        """What stands in the place of a file that a fix needs."""
        try:
            return self._reader.read(path)
        except SourceError:
            return None

    def _name(self, path: str) -> bytes:
        return self._prefix + os.fsencode(path)

    def _reason(self, name: bytes, before: bytes | None) -> str | None:
        if name in self.originals:
            return None
        return self.left.get(name) or self._refuse(name, before)

    def _leave(self, result: FileResult, name: bytes, reason: str) -> FileResult:
        self.left[name] = reason
        kind = Failed if reason in FAILURES else Skipped
        return replace(result, outcome=kind(reason, ""))

    def _lay(
        self, path: str, before: bytes | None, after: bytes, files: dict[bytes, bytes]
    ) -> None:
        name = self._name(path)
        self.originals.setdefault(name, before)
        self._laid[path] = files[name] = after

    def _options(self, name: str) -> str:
        options = self._selection.options.get(name)
        if options is None:
            return ""
        given = msgspec.to_builtins(options)
        usual = msgspec.to_builtins(self._selection.codemod(name).options())
        other = {key: value for key, value in given.items() if value != usual.get(key)}
        return json.dumps(other, sort_keys=True) if other else ""


def _count(number: int, word: str) -> str:
    plural = "" if number == 1 else "es" if word.endswith("x") else "s"
    return f"{number:,} {word}{plural}"


def _whole(results: Sequence[FileResult]) -> FileResult:
    """What became of a file in all passes, as one result to count."""
    outcomes = [each.outcome for each in results]
    broken = next((each for each in outcomes if isinstance(each, Failed)), None)
    changes = [each for each in outcomes if isinstance(each, Changed)]
    left = [each for each in outcomes if isinstance(each, Skipped)]
    findings = tuple(
        finding
        for each in outcomes
        if isinstance(each, Changed | Unchanged)
        for finding in each.findings
    )
    outcome: Outcome = Unchanged(findings)
    if broken is not None:
        outcome = broken
    elif changes:
        fixed = tuple(finding for each in changes for finding in each.fixed)
        outcome = replace(changes[-1], fixed=fixed, findings=findings)
    elif left:
        outcome = left[0]
    suppressed = Counter[str]()
    for each in results:
        suppressed.update(each.suppressed)
    return FileResult(results[0].path, outcome, suppressed)
