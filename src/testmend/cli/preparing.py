"""From flags to work: root, settings, files, and where their bytes come from."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.config import Overrides, Settings, load
from testmend.discover import (
    Choice,
    pick,
    project_files,
    project_root,
    within,
)
from testmend.errors import UsageError
from testmend.hosts import catalogue, declared
from testmend.selection import Selection
from testmend.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from testmend.cli.flags import Flags
    from testmend.discover.changes import Lines
    from testmend.tooling import Above

STDIN = "-"
_UNNAMED = "stdin.py"


class Work(Struct, frozen=True):
    """What one run is about. Paths are relative to ``root``, with ``/``.

    ``given``: the bytes of files that come from stdin, by path; ``workspace``: those
    on disk.
    """

    root: Path
    settings: Settings
    selection: Selection
    paths: tuple[str, ...]
    context: tuple[str, ...]
    given: Mapping[str, bytes]
    workspace: Workspace

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `SourceError`."""
        data = self.given.get(path)
        return self.workspace.read(path) if data is None else data

    def listed(self, folder: str) -> Iterable[str]:
        """The names of what is in a folder; none if it is not there."""
        return self.workspace.listed(folder)

    def above(self) -> Above:
        """The settings of tools in the folders above the root."""
        return self.workspace.above()

    def named(self, path: str) -> str:
        """What the user calls a file: its path from the current folder, if beneath."""
        whole = self.root / path
        here = Path.cwd()
        return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)

    def in_repository(self, path: str) -> str:
        """The path from the top of the git repository (or the root, without one)."""
        return (self.root / path).relative_to(self.workspace.top).as_posix()


def prepare(flags: Flags) -> Work:
    """Find out what is to be done. Raises `UsageError` and `ConfigError`."""
    _check(flags)
    from_stdin = STDIN in flags.paths
    if from_stdin:
        target = Path(os.path.abspath(flags.stdin_filename or _UNNAMED))  # noqa: PTH100
        paths = [target.parent.resolve() / target.name]
    else:
        paths = [within(path) for path in flags.paths or (".",)]
    root = _root(flags.root, paths)
    folder = Path(os.path.commonpath([p if p.is_dir() else p.parent for p in paths]))
    file = Path(flags.config).resolve() if flags.config else None
    extras = declared.extras(folder, file, flags.guests, isolated=flags.isolated)
    settings = load(
        folder,
        catalogue.available(extras),
        _overrides(flags),
        file=file,
        isolated=flags.isolated,
    )
    if flags.config or not settings.file:
        settings = settings.based(root)  # a file that is named may lie anywhere
    known = project_files(root)
    choice = Choice(
        settings.base, settings.include, settings.exclude, settings.force_exclude
    )
    picked = pick(root, paths, known, choice)
    lines = _changed_lines(flags, root)
    if lines is not None:
        picked = tuple(path for path in picked if path in lines)
    given = {}
    if from_stdin:
        given = {paths[0].relative_to(root).as_posix(): sys.stdin.buffer.read()}
    return Work(
        root=root,
        settings=settings,
        selection=Selection(
            codemods=settings.codemods,
            options=settings.options,
            unsafe=settings.unsafe_fixes,
            ignored=settings.ignored(root, picked),
            within=lines or {},
            extras=extras,
        ),
        paths=picked,
        context=known,
        given=given,
        workspace=Workspace(root),
    )


def _check(flags: Flags) -> None:
    from_stdin = STDIN in flags.paths
    if from_stdin and len(flags.paths) > 1:
        raise UsageError("- reads one file from stdin; no other path can be named")
    if flags.stdin_filename and not from_stdin:
        raise UsageError("--stdin-filename is for the path -")
    if flags.since and flags.staged:
        raise UsageError("--since and --staged exclude each other")
    if from_stdin and (flags.since or flags.staged):
        raise UsageError("--since and --staged are for files, not for stdin")
    if flags.config and flags.isolated:
        raise UsageError("--config and --isolated exclude each other")


def _changed_lines(flags: Flags, root: Path) -> dict[str, Lines] | None:
    """The lines to which ``--since`` or ``--staged`` restrict the run, by file."""
    if not flags.since and not flags.staged:
        return None
    from testmend.discover import changes  # noqa: PLC0415  these ask git

    return changes.since(root, flags.since) if flags.since else changes.staged(root)


def _root(asked: str, paths: Sequence[Path]) -> Path:
    if not asked:
        return project_root(paths)
    root = within(asked)
    for path in paths:
        if not path.is_relative_to(root):
            raise UsageError(f"{path} is not beneath --root {asked}")
    return root


def _overrides(flags: Flags) -> Overrides:
    return Overrides(
        select=flags.select,
        ignore=flags.ignore,
        include=flags.include,
        exclude=flags.exclude,
        force_exclude=flags.force_exclude,
        unsafe_fixes=flags.unsafe_fixes,
        jobs=flags.jobs,
    )
