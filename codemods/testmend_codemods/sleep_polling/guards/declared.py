"""Which Pythons a project says that it is for, in its settings."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index

_CLASSIFIER = re.compile(r"Python (?::: )?3\.(\d+)")
_REQUIRED = re.compile(
    r"""(?:python_requires|requires-python)\s*=\s*["']?[^"'\n]*>=?\s*3\.(\d+)"""
)
_TRAVIS_OLD = re.compile(
    r"""(?:\bpython:|^[ ]*-)[ ]*["']?(?:2\.\d|3\.[0-5])["']?\s*$
      | \bpy(?:27|3[0-5])\b""",
    re.MULTILINE | re.VERBOSE,
)
_DECLARED = ("setup.cfg", "setup.py", "pyproject.toml")
_HELPER_NEEDS = 6  # Python 3.6


def are_older(index: Index, path: str) -> bool:
    """Whether a project is tested on Pythons that are too old for the helper.

    Its classifiers end before it, or Travis CI has older ones and nothing says that the
    project needs a newer one. A project is also a folder with a file of its settings.
    """
    texts = next(filter(any, _settings(index, path)), [])
    minors = [int(each) for text in texts for each in _CLASSIFIER.findall(text)]
    if minors and max(minors) < _HELPER_NEEDS:
        return True
    needed = [int(each) for text in texts for each in _REQUIRED.findall(text)]
    if any(each >= _HELPER_NEEDS for each in needed):
        return False
    return _TRAVIS_OLD.search(index.beside(".travis.yml") or "") is not None


def _settings(index: Index, path: str) -> Iterator[list[str]]:
    """The settings in each folder above a file, the nearest first."""
    for folder in PurePosixPath(path).parents:
        yield [index.beside(str(folder / each)) or "" for each in _DECLARED]
