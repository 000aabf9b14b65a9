"""The cache: runs are the same with it, and what did not change is not parsed."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import console
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import Project

from testmend.cache.store import Store
from testmend.model import Changed

if TYPE_CHECKING:
    from collections.abc import Callable

ID = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
POLLING = f"""import os
import time

from tests.helpers import FOO
from tests import base


class Case(base.Case):
    def boot(self, image_uuid="{ID}"):
        for attempt in range(10):
            if self.get("{ID}"):
                return
            time.sleep(1)
        self.fail("not booted")

    def other(self):
        return self.get(image_uuid="{ID}")
"""
VARIANTS: dict[str, list[str | None]] = {
    "tests/__init__.py": ["", None],
    "tests/base.py": [
        "import unittest\n\n\nclass Case(unittest.TestCase):\n    pass\n",
        'class Case:\n    def setUp(self):\n        patch("time.sleep")\n',
        None,
    ],
    "tests/helpers.py": [
        f'FOO = "{ID}"\n',
        f'IMAGE_UUID = "{ID}"\n',
        "from tests.test_a import os\n\nFOO = os.name\n",
        "import tests.test_a\n\nprint(tests.test_a.FOO)\n",
        "def get(image_id):\n    return image_id\n",
    ],
    "tests/test_a.py": [
        POLLING,
        POLLING.replace("import os", "import os  # testmend: ignore"),
        POLLING.replace("range(10)", "range(20)"),
        POLLING.replace("FOO", "IMAGE_UUID"),
    ],
    "tests/test_b.py": [
        "import os\nimport sys\n\n\ndef test_it():\n    assert sys\n",
        "from tests.test_a import *\n",
        "from tests.helpers import IMAGE_UUID\n",
        'patch("tests.helpers.IMAGE_UUID", None)\n',
        'from tests import test_a\n\nPATCHED = "tests.test_a.os"\n',
        "def broken(:\n",
        None,
    ],
    "tests/waits.py": ['__testmend__ = "waits 1"\n', "", None],
    "product/thing.py": ["from tests.test_b import os\n", "import sys\n", None],
    "setup.cfg": ["[flake8]\nignore = F401\n", None],
    "pytest.ini": ["[pytest]\naddopts = --import-mode=importlib\n", None],
    "tests/CMakeLists.txt": ["install(FILES test_a.py test_b.py)\n", None],
    "tests/test_b.out": ["", None],
}


@st.composite
def projects(draw: st.DrawFn) -> Project:
    chosen = {path: draw(st.sampled_from(each)) for path, each in VARIANTS.items()}
    return Project({path: text.encode() for path, text in chosen.items() if text})


def under_work(project: Project) -> list[str]:
    return [path for path in project.files if path.startswith("tests/test")]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(projects(), min_size=2, max_size=4), st.booleans())
def test_results_are_those_of_a_fresh_run_whatever_changed(
    states: list[Project],
    unsafe: bool,  # noqa: FBT001  drawn
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for project in states:
            only = under_work(project)
            fresh = project.run(only=only, unsafe=unsafe)
            store = Store(Path(folder))
            assert project.run(only=only, unsafe=unsafe, store=store) == fresh
            assert project.run(only=only, unsafe=unsafe, store=store) == fresh


class _Parses:
    """Counts what is compiled or parsed while it is on."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event == "compile" and str(arguments[1]).endswith(".py"):
            self.names.append(str(arguments[1]))

    def during(self, work: Callable[[], object]) -> list[str]:
        self.names, self.on = [], True
        try:
            work()
        finally:
            self.on = False
        return sorted(name for name in self.names if "site-packages" not in name)


PARSES = _Parses()
SUITE = Project(
    {
        "tests/__init__.py": b"",
        "tests/helpers.py": b"FOO = 1\n",
        "tests/base.py": b"class Case:\n    pass\n",
        "tests/test_a.py": POLLING.encode(),
        "tests/test_b.py": b"import os\n\n\ndef test_it():\n    assert os.name\n",
        "tests/test_c.py": b"import os\n\n\ndef test_it():\n    assert os.sep\n",
    }
)


def test_without_a_fix_every_file_is_parsed_once() -> None:
    files = {path: data for path, data in SUITE.files.items() if "test_a" not in path}
    SUITE.run()  # imports are made
    parsed = PARSES.during(lambda: Project(files).run())
    assert parsed == sorted(files)


def test_nothing_changed_nothing_parsed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    SUITE.run(store=store)
    assert PARSES.during(lambda: SUITE.run(store=store)) == []


def test_what_workers_resolved_is_kept_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    unused = {f"tests/test_x{n}.py": b"import os\n# %d\n" % n for n in range(40)}
    project = Project({**SUITE.files, **unused})
    cold = project.run(jobs=2, store=store)
    warm: list[object] = []
    assert PARSES.during(lambda: warm.append(project.run(store=store))) == []
    assert warm == [cold]


def test_one_file_changed_one_file_parsed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    SUITE.run(["unused-imports"], store=store)
    changed = b"import os\n\n\ndef test_it():\n    assert os.linesep\n"
    after = Project({**SUITE.files, "tests/test_c.py": changed})
    parsed = PARSES.during(lambda: after.run(["unused-imports"], store=store))
    assert parsed == ["tests/test_c.py"]


def test_other_options_are_another_result(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = SUITE.run(["sleep-polling"], store=store)
    other = SUITE.run(["unused-imports"], store=store)
    assert isinstance(one["tests/test_a.py"].outcome, Changed)
    assert one["tests/test_a.py"] != other["tests/test_a.py"]


@pytest.mark.parametrize("path", ["tests/CMakeLists.txt", "tests/base.out"])
def test_another_file_of_no_python_is_another_result(path: str, tmp_path: Path) -> None:
    before = Project(SUITE.files | {"tests/base.py": b"import os\n\nprint(1)\n"})
    after = Project(before.files | {path: b"install(FILES test_a.py)\n"})
    store = Store(tmp_path)
    before.run(store=store)
    assert after.run(store=store) == after.run() != before.run()


@pytest.mark.parametrize("harm", ["cut", "text", "bits"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, harm: str) -> None:
    store = Store(tmp_path)
    fresh = SUITE.run(store=store)
    data = store.file.read_bytes()
    broken = {
        "cut": data[: len(data) // 2],
        "text": b"not a database",
        "bits": data[:8192] + bytes(255 - each for each in data[8192:]),
    }[harm]
    store.file.write_bytes(broken)
    assert SUITE.run(store=store) == fresh
    SUITE.run(store=store)
    assert PARSES.during(lambda: SUITE.run(store=store)) == []


def test_a_value_that_is_not_what_was_kept_is_missing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put({b"one": b"1", b"two": b"2"})
    with sqlite3.connect(store.file) as base:
        base.execute(
            "UPDATE entries SET value = value || x'00' WHERE key = ?", (b"one",)
        )
    base.close()
    assert store.get([b"one", b"two", b"three"]) == {b"two": b"2"}


def test_it_stays_small_and_keeps_what_is_new(tmp_path: Path) -> None:
    store = Store(tmp_path, max_bytes=1_000_000)
    for number in range(60):
        store.put({b"%d" % number: bytes(50_000)})
    assert store.file.stat().st_size < 1_200_000
    assert b"59" in store.get([b"59"])
    assert store.get([b"0"]) == {}


def test_many_at_once(tmp_path: Path) -> None:
    def work(number: int) -> bool:
        store = Store(tmp_path)
        for each in range(20):
            store.put({b"%d.%d" % (number, each): b"value"})
        return all(store.get([b"%d.%d" % (number, each)]) for each in range(20))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(4)))


def test_a_folder_that_can_not_be_made_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "below")
    assert SUITE.run(store=store) == SUITE.run()


def test_flags_and_clean(tmp_path: Path) -> None:
    root = console.project(tmp_path / "project", SUITE.files)
    place = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    without = console.run("diff", "--no-cache", cwd=root, env=place)
    assert not (tmp_path / "cache").exists()
    first = console.run("diff", cwd=root, env=place)
    again = console.run("diff", cwd=root, env=place)
    assert without.stdout
    assert without.stdout == first.stdout == again.stdout
    assert list((tmp_path / "cache/testmend").glob("*.db"))
    assert console.run("clean", cwd=root, env=place).returncode == 0
    assert not list((tmp_path / "cache/testmend").glob("*.db"))
