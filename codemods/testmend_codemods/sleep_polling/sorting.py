"""What the project's linters take for its own when they sort imports.

isort and ruff look for the project's modules at its root and in ``src``, and take all
others for those of other projects.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling import places

if TYPE_CHECKING:
    from testmend.index import Index

_LINTERS = (
    *("pyproject.toml", "setup.cfg", "tox.ini", ".isort.cfg", "ruff.toml"),
    *(".ruff.toml", ".pre-commit-config.yaml"),
)
_SORTS = re.compile(
    r"""^\[(?:tool[.:])?isort\]|^\[settings\]|\bid:\s*isort\b
      | ^(?:lint\.)?(?:extend-)?select\s*=\s*\[[^\]]*["'](?:ALL|I|I001)["']""",
    re.MULTILINE | re.VERBOSE,
)
_SOURCES = re.compile(r"^(?:src|src_paths)\s*=\s*(\[[^\]]*\]|.*)", re.MULTILINE)
_KNOWN = re.compile(
    r"^known[-_](?:first[-_]party|local[-_]folder)\s*=\s*(\[[^\]]*\]|.*)", re.MULTILINE
)
_NAME = re.compile(r"[\w./-]+")


def first_party(index: Index, path: str, new: str) -> frozenset[str] | None:
    """The top-level names of the project, as its linters see it; None if none sorts.

    By the nearest settings above the file at ``path``, with one more file: ``new``.
    """
    for above in PurePosixPath(path).parents:
        text = "\n".join(index.beside(str(above / name)) or "" for name in _LINTERS)
        if _SORTS.search(text):
            folders = (".", "src", *sorted(_listed(_SOURCES, text)))
            both = (index.paths, frozenset({new}))
            found = (places.modules(e, above / f) for e in both for f in folders)
            return frozenset().union(_listed(_KNOWN, text), *found)
    return None


def _listed(option: re.Pattern[str], text: str) -> set[str]:
    """The values of an option: ``src = ["tests"]`` or ``src_paths = lib,tests``."""
    return {name for value in option.findall(text) for name in _NAME.findall(value)}
