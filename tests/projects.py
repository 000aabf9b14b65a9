"""Small projects in memory, run through the same way as real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from testmend import registry, runner
from testmend.engine import Selection
from testmend.errors import SourceError
from testmend.model import Changed, FileResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from testmend.codemod import Options


@dataclass
class Project:
    """Files by their path relative to the root."""

    files: dict[str, bytes]

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise SourceError("unreadable", path)
        return self.files[path]

    def run(
        self,
        codemods: Iterable[str] = (),
        *,
        only: Iterable[str] = (),
        options: Mapping[str, Options] | None = None,
        unsafe: bool = False,
        jobs: int = 1,
    ) -> dict[str, FileResult]:
        names = tuple(codemods) or tuple(registry.load())
        selection = Selection(names, options or {}, unsafe=unsafe)
        paths = [path for path in self.files if path.endswith(".py")]
        results = runner.run(self, tuple(only) or paths, paths, selection, jobs=jobs)
        return {result.path: result for result in results}

    def apply(self, results: Mapping[str, FileResult]) -> Project:
        """The project after the changes, as ``testmend apply`` would leave it."""
        files = dict(self.files)
        for path, result in results.items():
            if isinstance(result.outcome, Changed):
                files[path] = result.outcome.after
                for new in result.outcome.files:
                    files.setdefault(new.path, new.text.encode())
        return Project(files)
