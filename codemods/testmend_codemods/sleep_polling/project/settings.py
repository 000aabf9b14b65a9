"""The settings of the packages that a file may be part of, and of its tests."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend import pytest_settings
from testmend_codemods.sleep_polling.project import other_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index
    from testmend.pytest_settings import PytestSettings

_OF_TESTS = tuple({**pytest_settings.FILES, **dict.fromkeys(other_files.COMMANDS)})
_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_MESON = "meson.build"
_MESON_TIMEOUT = re.compile(r"\btimeout\s*:\s*(\d+)")


def above(index: Index, path: str) -> Iterator[tuple[PurePosixPath, list[str]]]:
    """Each folder above a file, the nearest first, and what its settings say.

    The text of a file that is not there is empty.
    """
    for folder in PurePosixPath(path).parents:
        yield folder, [index.beside(str(folder / each)) or "" for each in _FILES]


def of_pytest(index: Index, path: str) -> PytestSettings:
    """What the settings of pytest say that are nearest to a file, and commands beside.

    Their folders are the project's: ``pythonpath = src`` of ``shop/pytest.ini`` is
    ``shop/src``. Modules may be imported in the way of the root's settings, too.
    """
    for folder in PurePosixPath(path).parents[:-1]:
        read = (index.beside(str(folder / each)) for each in _OF_TESTS)
        texts = tuple(each or "" for each in read)
        if any(texts) and (found := _configured(texts)).are_there:
            below = tuple(str(folder / each) for each in found.path)
            importlib = found.importlib or index.pytest.importlib
            where = str(folder)
            return replace(found, path=below, importlib=importlib, folder=where)
    return index.pytest


def granted(index: Index, path: str) -> float:
    """The seconds after which a test of a file is ended by what runs it; 0 for any.

    That is pytest, or Meson, by the build file beside it.
    """
    build = index.beside(str(PurePosixPath(path).with_name(_MESON))) or ""
    found = [float(each) for each in _MESON_TIMEOUT.findall(build)]
    return max(found, default=0) or of_pytest(index, path).timeout


@lru_cache(maxsize=64)  # most files of a project share them
def _configured(texts: tuple[str, ...]) -> PytestSettings:
    files = dict(zip(_OF_TESTS, texts, strict=True))
    return pytest_settings.read(lambda name: files[name].encode(), _OF_TESTS)
