"""The files of a commit as a project: which are Python, and which are under work.

The same answers as `testmend.discover` gives for a work tree, from paths and bytes.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend import command_files, pytest_settings, registry, tooling
from testmend.config import files as configuration
from testmend.discover.patterns import Ignores, Patterns
from testmend.discover.walk import FOREIGN, MAX_DEPTH
from testmend.errors import SourceError
from testmend.git.errors import Refusal
from testmend.memory import names_in
from testmend.source import MAX_BYTES
from testmend.texts import NOT_READ
from testmend.tooling import Above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from testmend.config.settings import Settings
    from testmend.git.objects import Entry

ROOT = Path("/project")
"""Where patterns think that the project is. There is nothing there."""

_IGNORE = ".gitignore"
_SETTINGS = frozenset({*tooling.FILES, *pytest_settings.FILES})
_AT_ROOT = frozenset({configuration.OWN, configuration.SHARED, *command_files.FILES})
_LINK, _SUBMODULE = "120000", "160000"


class Files(Struct, frozen=True):
    """The bytes of a project's files by path, and the reason of each that has none.

    ``others`` are there, too, but nobody wants their bytes. ``around``: see `above`.
    """

    data: Mapping[str, bytes]
    left: Mapping[str, str]
    others: frozenset[str] = frozenset()
    around: Above = field(default_factory=Above)

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `SourceError` as `Workspace.read` does."""
        data = self.data.get(path)
        if data is not None:
            if len(data) > MAX_BYTES:
                raise SourceError("too-large", f"more than {MAX_BYTES} bytes")
            return data
        unknown = NOT_READ if path in self.others else "unreadable"
        reason = self.left.get(path, unknown)
        raise SourceError(reason, f"{path} can't be read ({reason})")

    def listed(self, folder: str) -> Iterable[str]:
        """The names of what is in a folder; none if it is not there."""
        return names_in(self.data, folder)

    def above(self) -> Above:
        """The settings in the folders above the root."""
        return self.around


def wanted(entries: Iterable[Entry], root: str) -> Iterator[Entry]:
    """The entries whose contents are needed.

    Python files, ignore files, configuration, files with commands, and what the
    codemods read beside those (`Codemod.settings`); above the root, the settings of
    formatters and linters.
    """
    prefix = prefix_of(root)
    names = _SETTINGS.union(*(each.settings for each in registry.load().values()))
    above = frozenset(map(os.fsencode, Above(root).names()))
    for entry in entries:
        if entry.mode in (_LINK, _SUBMODULE):
            continue
        if not entry.path.startswith(prefix):
            if entry.path in above:
                yield entry
            continue
        path = os.fsdecode(entry.path[len(prefix) :])
        name = path.rpartition("/")[2]
        if (
            name.endswith((".py", _IGNORE))
            or name in names
            or path in _AT_ROOT
            or command_files.is_workflow(path)
        ):
            yield entry


def files_of(
    root: str, data: Mapping[bytes, bytes], left: Mapping[bytes, str]
) -> Files:
    """The files beneath the root, and the settings above it; by path from the top."""
    prefix = prefix_of(root)
    return Files(
        {name: data[path] for path, name in beneath(prefix, data)},
        {name: left[path] for path, name in beneath(prefix, left)},
        around=Above(
            root,
            {os.fsdecode(p): d for p, d in data.items() if not p.startswith(prefix)},
        ),
    )


def prefix_of(root: str) -> bytes:
    """What the paths of the files beneath a root begin with in git's trees."""
    return os.fsencode(f"{root}/") if root else b""


def beneath(prefix: bytes, paths: Iterable[bytes]) -> Iterator[tuple[bytes, str]]:
    """The paths with a prefix, each with what follows it."""
    for path in paths:
        if path.startswith(prefix):
            yield path, os.fsdecode(path[len(prefix) :])


def python_files(entries: Iterable[Entry], files: Files, root: str) -> tuple[str, ...]:
    """All Python files of the project, sorted, without those that git ignores.

    Paths are relative to ``root``. What `testmend.discover.walk` would find.
    """
    folders: dict[str, list[str]] = {"": []}
    names: dict[str, list[str]] = defaultdict(list)
    regular = (e.path for e in entries if e.mode not in (_LINK, _SUBMODULE))
    for _, path in beneath(prefix_of(root), regular):
        folder, _, name = path.rpartition("/")
        names[folder].append(name)
        new = []
        while folder not in folders:
            folders[folder] = []
            new.append(folder)
            folder = folder.rpartition("/")[0]
        for each in new:
            folders[each.rpartition("/")[0]].append(each)
    return tuple(sorted(_Walk(files, folders, names).beneath("", Ignores(), MAX_DEPTH)))


class _Walk(Struct, frozen=True):
    files: Files
    folders: Mapping[str, list[str]]
    names: Mapping[str, list[str]]

    def beneath(self, folder: str, ignores: Ignores, depth: int) -> Iterator[str]:
        prefix = f"{folder}/" if folder else ""
        names = self.names.get(folder, [])
        if _IGNORE in names:
            data = self.files.data.get(f"{prefix}{_IGNORE}", b"")
            lines = os.fsdecode(data).split("\n")
            ignores = ignores.with_lines(ROOT / folder, lines)
        for name in names:
            path = prefix + name
            if name.endswith(".py") and not ignores.ignored(ROOT / path):
                yield path
        if not depth:
            return
        for below in dict.fromkeys(self.folders.get(folder, ())):
            name = below.rpartition("/")[2]
            if (
                name not in FOREIGN
                and "pyvenv.cfg" not in self.names.get(below, ())
                and not ignores.ignored(ROOT / below, folder=True)
            ):
                yield from self.beneath(below, ignores, depth - 1)


def pick(
    paths: Iterable[str], known: tuple[str, ...], files: Files, settings: Settings
) -> tuple[str, ...]:
    """The files under work, sorted: as `testmend.discover.pick`.

    Raises `Refusal` (``no-such-path``).
    """
    include = Patterns.of(settings.base, settings.include)
    exclude = Patterns.of(settings.base, settings.exclude)
    found: set[str] = set()
    for path in tuple(paths) or ("",):
        name = path.strip("/")
        prefix = f"{name}/" if name not in ("", ".") else ""
        below = [each for each in known if each.startswith(prefix)]
        if name in files.data and not below:
            if not settings.force_exclude or _takes(include, exclude, name):
                found.add(name)
        elif not below and prefix:
            raise Refusal("no-such-path", f"{name} is not there, or has no Python file")
        else:
            found.update(each for each in below if _takes(include, exclude, each))
    return tuple(sorted(found))


def _takes(include: Patterns, exclude: Patterns, name: str) -> bool:
    return include.match(ROOT / name) and not exclude.match(ROOT / name)
