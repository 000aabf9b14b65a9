"""The files under work: what the user named, less what is excluded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.discover.patterns import Ignores, Patterns
from testmend.discover.walk import python_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Choice(Struct, frozen=True):
    """What is wanted of the files found. Patterns count from ``base``.

    A file that is named on the command line is taken whatever the patterns say; with
    ``force_exclude`` it is treated as if it had been found in a folder.
    """

    base: Path
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False


def pick(
    root: Path, paths: Sequence[Path], known: Sequence[str], choice: Choice
) -> tuple[str, ...]:
    """The files under work, relative to ``root``, with ``/``, sorted.

    ``paths`` are absolute files and folders beneath the root, ``known`` all files of
    the project (`project_files`).
    """
    include = Patterns.of(choice.base, choice.include)
    exclude = Patterns.of(choice.base, choice.exclude)
    found: set[str] = set()
    above = root.as_posix().rstrip("/")
    for path in paths:
        if path.is_dir():
            for name in _beneath(root, path, known):
                file = f"{above}/{name}"  # of many: making paths costs time
                if include.match(file) and not exclude.match(file):
                    found.add(name)
        elif not choice.force_exclude or (
            include.match(path) and not exclude.match(path) and not _ignored(path)
        ):
            found.add(path.relative_to(root).as_posix())
    return tuple(sorted(found))


def _beneath(root: Path, folder: Path, known: Sequence[str]) -> Iterator[str]:
    """The files of a folder. One that is ignored as a whole is searched if named."""
    prefix = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
    below = [name for name in known if name.startswith(prefix)]
    yield from below or python_files(folder, Ignores().enter(folder), root)


def _ignored(path: Path) -> bool:
    """Whether git ignores a file, or a folder above it."""
    for place in reversed(path.parents):
        if Ignores.above(place.parent).ignored(place, folder=True):
            return True
    return Ignores.above(path.parent).ignored(path)
