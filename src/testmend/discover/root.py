"""The project's root: the folder from which modules are imported and paths count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from testmend.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKERS = ("pyproject.toml", "testmend.toml", ".git", "setup.py", "setup.cfg")


def project_root(paths: Sequence[Path]) -> Path:
    """The root of the project that holds all the paths (files or folders).

    The nearest folder above them with one of `MARKERS`. Without any: the folder that
    holds the top-most package (folder with an ``__init__.py``) around them.
    """
    folder = Path(os.path.commonpath([_folder(path) for path in paths]))
    for place in (folder, *folder.parents):
        if any((place / marker).exists() for marker in MARKERS):
            return place
    while (folder / "__init__.py").exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def within(path: str) -> Path:
    """A path from the command line, absolute and without links.

    Raises `UsageError` when nothing is there, or when a link on the way leads out of
    the project that the link stands in.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  keeps links, unlike resolve
    if not os.path.lexists(absolute):
        raise UsageError(f"{path}: there is no such file or folder")
    for place in (*reversed(absolute.parents), absolute):
        if place.is_symlink():
            _check_link(place, path)
    real = absolute.resolve()
    if not real.exists():
        raise UsageError(f"{path}: a link that leads nowhere")
    return real


def _check_link(link: Path, path: str) -> None:
    parent = link.parent.resolve()
    for place in (parent, *parent.parents):
        if any((place / marker).exists() for marker in MARKERS):
            if not link.resolve().is_relative_to(place):
                raise UsageError(
                    f"{path}: a link leads out of the project; name the real path"
                )
            return


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent
