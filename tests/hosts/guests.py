"""Running guests on small projects in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from projects import Project

from testmend import runner
from testmend.hosts import catalogue, spec
from testmend.model import Changed, Unchanged
from testmend.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from testmend.model import FileResult

UNUSED = "libcst:remove_unused_imports.RemoveUnusedImportsCommand"


def specs(
    texts: Iterable[str], base: Path = Path("/"), timeout: float = 30
) -> list[spec.Spec]:
    """The guests of command-line values."""
    found = [spec.from_text(each, str(base)) for each in texts]
    return [msgspec.structs.replace(each, timeout=timeout) for each in found]


def run_specs(
    guests: Iterable[spec.Spec],
    files: Mapping[str, bytes],
    *,
    base: Path = Path("/"),
    also: Iterable[str] = (),
    jobs: int = 1,
) -> dict[str, FileResult]:
    """The results of all files with the guests first and the codemods ``also`` next."""
    paths = sorted(files)
    with catalogue.prepared(catalogue.described(guests), base, paths) as extras:
        names = (*(each.name for each in extras), *also)
        selection = Selection(names, extras=extras)
        project = Project(dict(files))
        results = runner.run(project, paths, paths, selection, jobs=jobs)
        return {each.path: each for each in results}


def run(
    guests: Iterable[str], files: Mapping[str, bytes], base: Path = Path("/")
) -> dict[str, FileResult]:
    """The results of all files with the guests of command-line values."""
    return run_specs(specs(guests, base), files, base=base)


def after(result: FileResult, before: bytes) -> bytes:
    """The bytes of a file when the changes are made."""
    if isinstance(result.outcome, Changed):
        return result.outcome.after
    assert isinstance(result.outcome, Unchanged), result.outcome
    return before


def one(guest: str, data: bytes, base: Path = Path("/")) -> bytes:
    """What a guest makes of a single file."""
    return after(run([guest], {"test_a.py": data}, base=base)["test_a.py"], data)


def reasons(result: FileResult) -> list[str]:
    """The reason codes of what was not changed."""
    assert isinstance(result.outcome, Changed | Unchanged), result.outcome
    return [each.reason for each in result.outcome.findings]
