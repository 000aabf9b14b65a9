"""Whether a file takes a new neighbour: whatever takes the file takes that one, too.

A build may list the files that it installs, an image those that it copies, a runner the
scripts that it runs; and a check of the project may stand no file that is new to it.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.homes import knowing, running
from testmend_codemods.sleep_polling.project import other_files

if TYPE_CHECKING:
    from testmend.facts import ModuleFacts
    from testmend.index import Index

_RUNNERS = ("run.py", "runner.py", "run_tests.py", "runtests.py", "test_runner.py")
_LOOKS_AROUND = re.compile(r"\b(?:listdir|scandir|glob|iterdir|walk)\(")
_LISTED = 5  # scripts of one folder that a file names: no other may stand there
_TAKES_ALL = re.compile(r"\bpython_sources\(\s*\)|[\"']\*\.py[\"']")
_WHOLE = re.compile(r"^fail_under\s*=\s*100\b", re.MULTILINE)
_MEASURED = re.compile(
    r"^(?:source|include)\s*=\s*(?:\[[^\]]*?|(?:[^\n]*\n[ \t]+)*?[^\n]*?)\btests?\b",
    re.MULTILINE,
)


def is_copied(index: Index, path: str) -> bool:
    """Whether a file may run elsewhere, without what lies beside it.

    A build or an image lists it (``COPY cli_test.py /tests/``), or a runner reads it
    (``sync.test.py`` is no module's name).
    """
    folder, name = PurePosixPath(path).parent, PurePosixPath(path).name
    stem = PurePosixPath(path).stem
    if "." in stem:
        return True
    builds = [folder / each for each in other_files.BUILDS]
    builds += [
        above / each
        for above in (folder, *folder.parents)
        for each in other_files.IMAGES
    ]
    texts = (index.beside(str(each)) for each in builds)
    if any(re.search(rf"\b{re.escape(name)}\b", each) for each in texts if each):
        return True
    return _is_in_makefile(index, path)


def _is_in_makefile(index: Index, path: str) -> bool:
    """Whether a line of a Makefile is a file's name: one of those that it installs."""
    pure = PurePosixPath(path)
    for above in pure.parents:
        name = re.escape(str(pure.relative_to(above)))
        line = re.compile(rf"^[ \t]+{name}[ \t]*\\?[ \t]*\r?$", re.MULTILINE)
        texts = (index.beside(str(above / each)) for each in other_files.MAKEFILES)
        if any(line.search(each) for each in texts if each):
            return True
    return False


def is_one_of_scripts(index: Index, path: str) -> bool:
    """Whether a file is, or serves, a script beside which no other file may stand.

    A runner lists the scripts of the folder, or runs whatever is there.
    """
    if index.package(path):
        return _is_run_there(index, path)
    folder = PurePosixPath(path).parent
    users = (other for other, _ in index.importers(path))
    beside = (each for each in users if PurePosixPath(each).parent == folder)
    return any(_is_run_there(index, each) for each in (path, *beside))


def _is_run_there(index: Index, path: str) -> bool:
    folder = PurePosixPath(path).parent
    return running.is_script(index, path) and (
        _is_among_all(index, folder)
        or any(_lists(index, facts, folder) for facts in knowing.naming(index, path))
    )


def _is_among_all(index: Index, folder: PurePosixPath) -> bool:
    """Whether a runner beside a script runs whatever file there is."""
    runners = (folder / each for each in _RUNNERS)
    texts = (index.text(str(each)) for each in runners)
    return any(_LOOKS_AROUND.search(each) for each in texts if each)


def _lists(index: Index, facts: ModuleFacts, folder: PurePosixPath) -> bool:
    """Whether a file names the scripts of a folder, in which no other is allowed."""
    named = (f"{folder}/{PurePosixPath(each).name}" for each in facts.files)
    return len({each for each in named if each in index.paths}) >= _LISTED


def is_owned(index: Index, place: str) -> bool:
    """Whether a new file is part of some target, where Pants builds what tests see.

    ``python_sources()`` takes all files of its folder, or a target lists ``*.py``.
    """
    if index.beside(other_files.PANTS) is None:
        return True
    folder = PurePosixPath(place).parent
    texts = [
        index.beside(str(folder / each)) or "" for each in other_files.PANTS_BUILDS
    ]
    return any(_TAKES_ALL.search(each) for each in texts)


def takes_no_other(index: Index, path: str) -> bool:
    """Whether a check of the project would fail for a new file beside its tests.

    A ROS package may want a copyright in each, and coverage that each line runs.
    """
    settings = (index.beside(each) for each in other_files.COVERAGE)
    if any(_WHOLE.search(each) and _MEASURED.search(each) for each in settings if each):
        return True
    for folder in PurePosixPath(path).parents:
        text = index.beside(str(folder / other_files.ROS))
        if text is not None:
            return "ament_lint_common" in text or "ament_copyright" in text
    return False
