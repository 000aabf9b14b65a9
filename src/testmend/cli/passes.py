"""One codemod after the other over the files of a run, each seeing what came before.

Nothing is written: what a codemod changes is laid over the files for the next one.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from testmend.cli import running
from testmend.cli.created import Created
from testmend.commits.plan import Pass
from testmend.errors import SourceError
from testmend.model import Changed, Failed

if TYPE_CHECKING:
    from testmend.cli.flags import Flags
    from testmend.cli.preparing import Work
    from testmend.model import FileResult
    from testmend.reports.tally import Tally


class Passes:
    """What each codemod does to the files of a repository.

    ``originals`` are the bytes that were read, by path from the top of the repository
    (``None``: a new file).
    """

    def __init__(self, work: Work, flags: Flags, tally: Tally, prefix: bytes) -> None:
        self.originals: dict[bytes, bytes | None] = {}
        self._work = work
        self._flags = flags
        self._tally = tally
        self._prefix = prefix
        self._laid: dict[str, bytes] = {}

    def make(self) -> tuple[Pass, ...]:
        """Run all codemods of the selection."""
        return tuple(self._make(name) for name in self._work.selection.codemods)

    def _make(self, name: str) -> Pass:
        selection = replace(self._work.selection, codemods=(name,))
        context = tuple({*self._work.context, *self._laid})
        work = replace(
            self._work, selection=selection, given=dict(self._laid), context=context
        )
        created = Created(work.workspace)
        files: dict[bytes, bytes] = {}
        fixes = 0
        for result in running.results(work, self._flags):
            final = self._taken(result, created, files)
            self._tally.add(final)
            running.tell(final, work, self._flags)
            running.tell_refused(final, work, self._flags)
            if isinstance(final.outcome, Changed):
                fixes += len(final.outcome.fixed)
        return Pass(
            name,
            files,
            summary=f"{_count(fixes, 'fix')} in {_count(len(files), 'file')}",
            version=selection.codemod(name).version,
            options=self._options(name),
        )

    def _taken(
        self, result: FileResult, created: Created, files: dict[bytes, bytes]
    ) -> FileResult:
        outcome = result.outcome
        if not isinstance(outcome, Changed):
            return result
        try:
            fresh = list(created.fresh(outcome))
        except SourceError as error:
            return replace(result, outcome=Failed(error.reason, str(error)))
        for file in fresh:
            if file.path not in self._laid:
                self._lay(file.path, None, file.text.encode(), files)
                self._tally.created += 1
        self._lay(result.path, outcome.before, outcome.after, files)
        return result

    def _lay(
        self, path: str, before: bytes | None, after: bytes, files: dict[bytes, bytes]
    ) -> None:
        name = self._prefix + os.fsencode(path)
        self.originals.setdefault(name, before)
        self._laid[path] = files[name] = after

    def _options(self, name: str) -> str:
        options = self._work.selection.options.get(name)
        if options is None:
            return ""
        given = msgspec.to_builtins(options)
        usual = msgspec.to_builtins(self._work.selection.codemod(name).options())
        other = {key: value for key, value in given.items() if value != usual.get(key)}
        return json.dumps(other, sort_keys=True) if other else ""


def _count(number: int, word: str) -> str:
    plural = "" if number == 1 else "es" if word.endswith("x") else "s"
    return f"{number:,} {word}{plural}"
