"""All Python files beneath a folder, without those that git ignores."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from testmend.discover.patterns import Ignores
from testmend.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_ENTRIES = 200_000
MAX_DEPTH = 64
FOREIGN = frozenset(
    {
        ".bzr", ".direnv", ".eggs", ".git", ".hg", ".hypothesis", ".idea",
        ".import_linter_cache", ".ipynb_checkpoints", ".mypy_cache", ".nox",
        ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".stestr",
        ".svn", ".tox", ".venv", ".vscode", "__pycache__", "__pypackages__",
        "_vendor", "_vendored", "buck-out", "node_modules", "site-packages", "venv",
    }
)  # fmt: skip
"""Folders of tools and of other people's code: never searched."""


def project_files(root: Path) -> tuple[str, ...]:
    """All Python files of a project: paths relative to its root, with ``/``, sorted.

    Raises `UsageError` for more than `MAX_ENTRIES` files and folders.
    """
    return tuple(python_files(root, Ignores.above(root), root))


def python_files(folder: Path, ignores: Ignores, root: Path) -> Iterator[str]:
    """The Python files beneath ``folder``, sorted, as paths relative to ``root``.

    ``ignores`` are the ignore files that count in the folder.
    """
    prefix = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
    budget = _Budget(folder)
    entries = _entries(folder)
    yield from sorted(_walk(folder, entries, prefix, ignores, budget, MAX_DEPTH))


class _Budget:
    """How many entries may still be looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.left = MAX_ENTRIES

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise UsageError(
                f"{self.folder}: more than {MAX_ENTRIES:,} files and folders; "
                "is that the project's root? --root names another one"
            )


def _entries(folder: Path) -> dict[str, os.DirEntry[str]]:
    try:
        return {entry.name: entry for entry in os.scandir(folder)}
    except OSError:
        return {}


def _is_file(entry: os.DirEntry[str] | None) -> bool:
    """Whether a ``.git`` is a file: that of a submodule, or of another work tree."""
    return entry is not None and entry.is_file(follow_symlinks=False)


def _is_built(beside: Mapping[str, object], below: Mapping[str, object]) -> bool:
    """Whether a folder ``build`` holds the copies that setuptools makes."""
    made = any(each == "lib" or each.startswith(("lib.", "bdist.")) for each in below)
    return made and not beside.keys().isdisjoint(("setup.py", "pyproject.toml"))


def _walk(
    folder: Path,
    entries: Mapping[str, os.DirEntry[str]],
    prefix: str,
    ignores: Ignores,
    budget: _Budget,
    depth: int,
) -> Iterator[str]:
    for name, entry in entries.items():
        budget.spend()
        if entry.is_dir(follow_symlinks=False):
            place = folder / name
            if (
                not depth
                or name in FOREIGN
                or ignores.ignored(place, folder=True)
                or "pyvenv.cfg" in (below := _entries(place))
                or _is_file(below.get(".git"))
                or (name == "build" and _is_built(entries, below))
            ):
                continue
            inner = ignores.enter(place) if ".gitignore" in below else ignores
            yield from _walk(place, below, f"{prefix}{name}/", inner, budget, depth - 1)
        elif (
            name.endswith(".py")
            and entry.is_file(follow_symlinks=False)
            and not (ignores and ignores.ignored(folder / name))
        ):
            yield prefix + name
