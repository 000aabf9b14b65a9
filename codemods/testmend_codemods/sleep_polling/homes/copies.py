"""The copies of the wait helper: what one says, and which file is one."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.homes import headers

if TYPE_CHECKING:
    from testmend.index import Index

MARK = "__testmend__"

# Ahead of a copy, which is not the project's own code.
_HEAD = """\
# A copy, which testmend made: linters and formatters may leave it alone.
# ruff: noqa: PGH004
# flake8: noqa
# pylint: skip-file
# isort: skip_file
# fmt: off
"""
# ruff's RUF105 wants another comment, but only of newer versions and with this setting.
_SETTINGS_OF_RUFF = ("pyproject.toml", "ruff.toml", ".ruff.toml")
_PREVIEW = re.compile(r"^preview\s*=\s*true", re.MULTILINE)
_OF_PREVIEW = ("PGH004", "PGH004, RUF105")
_BLOCK = re.compile(r"^(?:class|def|async def) .*", re.MULTILINE)


def text(index: Index, place: str) -> str:
    """A copy of the helper: the very module that testmend tests, below a head.

    First comes the header that the files around its place share, if they have one. No
    project has to cover it: what ``coverage report`` asks for is its own code.
    """
    own = resources.files("testmend").joinpath("waits.py").read_text("utf-8")
    settings = (index.beside(each) or "" for each in _SETTINGS_OF_RUFF)
    has_preview = any(map(_PREVIEW.search, settings))
    head = _HEAD.replace(*_OF_PREVIEW) if has_preview else _HEAD
    header = headers.shared(index, place)
    return (
        f"{header}\n" * bool(header)
        + head
        + _BLOCK.sub(r"\g<0>  # pragma: no cover", own)
    )


def is_one(index: Index, path: str) -> bool:
    """Whether a file is a copy of the helper."""
    facts = index.facts(path)
    return facts is not None and facts.constants.get(MARK, "").startswith("waits ")
