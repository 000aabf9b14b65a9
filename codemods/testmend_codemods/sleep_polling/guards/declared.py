"""Which Pythons a project says that it is for, in its settings."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from testmend.command_files import is_workflow
from testmend_codemods.sleep_polling.project import settings

if TYPE_CHECKING:
    from testmend.index import Index

_CLASSIFIER = re.compile(r"Python (?::: )?(2\.\d|3\.\d+)")
_REQUIRED = re.compile(
    r"""(?:python_requires|requires-python)\s*=\s*["']?[^"'\n]*>=?\s*3\.(\d+)"""
)
_OLD = r"""["']?(?:2\.\d|3\.[0-4])(?![\d.]*\d)"""
_RUN_ON_OLD = re.compile(
    rf"""\bpython:[ ]*{_OLD} | \bpython-version:.*?(?<![\d.]){_OLD}
      | ^[ ]*-[ ]*{_OLD}["']?[ ]*$
      | \bpy(?:27|3[0-4])\b | \bpy\{{[^}}]*\b(?:27|3[0-4])\b
      | \bpy3\{{[^}}]*\b[0-4]\b""",
    re.MULTILINE | re.VERBOSE,
)
_RUN_ON_NEW = re.compile(
    r"""(?:python(?:-version)?:|^[ ]*-)[^\n]*?(?<![\d.])["']?3\.(?:[5-9]|\d\d)(?!\.?\d)
      | \bpy3(?:[5-9]|1\d)\b | \bpy(?:3\{[^}]*\b|\{[^}]*\b3)(?:[5-9]|1\d)\b""",
    re.MULTILINE | re.VERBOSE,
)
# An f-string: Python 3.6. Not the end of ``"%f"`` or ``"-f"``.
_NEW = re.compile(r"""(?:^|(?<=[\s(\[{,=+]))[rR]?f["'][^"'\n]""", re.MULTILINE)
_RUNS = (".travis.yml", ".gitlab-ci.yml", "tox.ini", "Dockerfile", "Dockerfile.test")
_HELPER_NEEDS = (3, 5)


def are_older(index: Index, path: str) -> bool:
    """Whether a project is tested on Pythons that are too old for the helper.

    Its classifiers end before it; or what runs the tests has older ones, and nothing
    says that it needs a newer one, not even the syntax of the file. What nothing runs
    on is as old as its classifiers and what it requires. A project is also a folder
    with a file of its settings.
    """
    settings_above = (texts for _, texts in settings.above(index, path))
    texts = next(filter(any, settings_above), [])
    said = [_version(each) for text in texts for each in _CLASSIFIER.findall(text)]
    if said and max(said) < _HELPER_NEEDS:
        return True
    needed = [(3, int(each)) for text in texts for each in _REQUIRED.findall(text)]
    if any(each >= _HELPER_NEEDS for each in needed):
        return False
    if _NEW.search(index.text(path) or ""):
        return False
    workflows = filter(is_workflow, index.commands)
    runs = [index.beside(each) or "" for each in (*_RUNS, *workflows)]
    if any(map(_runs_on_old, runs)):
        return True
    old = any(each < _HELPER_NEEDS for each in (*said, *needed))
    return old and not any(map(_runs_on_new, runs))


@lru_cache(256)  # workflows may be many, and are asked for with each file
def _runs_on_old(text: str) -> bool:
    return _RUN_ON_OLD.search(text) is not None


@lru_cache(256)
def _runs_on_new(text: str) -> bool:
    return _RUN_ON_NEW.search(text) is not None


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)
