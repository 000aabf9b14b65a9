"""What the files of tests may be called, by the project's hook ``name-tests-test``."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.project import other_files

if TYPE_CHECKING:
    from testmend.index import Index

_HOOK = re.compile(
    r"^[ \t]*(?:-[ \t]+)?id:[ \t]*name-tests-test\b[^\n]*"
    r"(?P<rest>(?:\n(?!\s*-\s)[^\n]*)*)",
    re.MULTILINE,
)
_EXCLUDE = re.compile(
    r"^[ \t]*exclude:[ \t]*(?P<text>[^\n]*(?:\n(?![ \t]*\w+:)[^\n]*)*)", re.MULTILINE
)
_CHECKED = re.compile(r"(?:^|/)tests/.+\.py$")
_OTHERS = ("__init__.py", "conftest.py")
_STYLES = {
    "--django": re.compile(r"test.*\.py"),
    "--unittest": re.compile(r"test.*\.py"),
    "--pytest-test-first": re.compile(r"test_.*\.py"),
}
_USUAL = re.compile(r".*_test\.py")


def is_allowed(index: Index, place: str) -> bool:
    """Whether a new file may have its name beside the tests.

    Where files are there that may not, nobody heeds the hook.
    """
    hook = _HOOK.search(index.beside(other_files.HOOKS) or "")
    if hook is None or not _CHECKED.search(place):
        return True
    rest = hook["rest"]
    named = next((style for arg, style in _STYLES.items() if arg in rest), _USUAL)
    excluded = _excluded(rest)
    return _passes(place, named, excluded) or not _is_heeded(
        index.paths, named, excluded
    )


@lru_cache(maxsize=1)
def _is_heeded(
    paths: frozenset[str], named: re.Pattern[str], excluded: re.Pattern[str] | None
) -> bool:
    return all(_passes(each, named, excluded) for each in paths)


def _passes(
    path: str, named: re.Pattern[str], excluded: re.Pattern[str] | None
) -> bool:
    name = PurePosixPath(path).name
    free = name in _OTHERS or not _CHECKED.search(path)
    free = free or (excluded is not None and excluded.search(path) is not None)
    return free or named.fullmatch(name) is not None


def _excluded(text: str) -> re.Pattern[str] | None:
    found = _EXCLUDE.search(text)
    try:
        return re.compile(found["text"].strip(" \t|>\n\"'")) if found else None
    except re.error:
        return None
