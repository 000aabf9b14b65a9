"""Where there are many files, workers resolve them: nobody can tell by the results."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import Project
from sources import modules

from testmend import scaffold
from testmend.cache.store import Store
from testmend.hosts import plugins
from testmend.model import Changed, Failed

if TYPE_CHECKING:
    from testmend.model import FileResult

MANY = 40
OLD = b"class T:\n    def test(self):\n        self.assertEquals(1, 2)\n"
# It asks for another file, brings a helper along, and has constants to lift.
POLLING = """import os
import time

from tests.helpers import FOO


class Case(object):
    def boot(self, image_uuid="155d900f-4e14-4e4c-a73d-069cbf4541{0:02x}"):
        for attempt in range(10):
            if self.get("155d900f-4e14-4e4c-a73d-069cbf4541{0:02x}", FOO):
                return
            time.sleep(1)
        self.fail("not booted")
"""
# Its helper is another one: the two have to become one file.
WAITING = """import asyncio
import unittest


class Case{0}(unittest.IsolatedAsyncioTestCase):
    async def test_boot(self):
        for attempt in range(10):
            if await self.get():
                return
            await asyncio.sleep(1)
        self.fail("not booted")
"""


@st.composite
def projects(draw: st.DrawFn) -> Project:
    texts = [POLLING, draw(st.sampled_from([POLLING, WAITING]))]
    files = {f"tests/test_{n:02}.py": texts[n % 2].format(n) for n in range(MANY)}
    for path in draw(st.lists(st.sampled_from(sorted(files)), max_size=20)):
        files[path] = draw(modules())
    files["tests/__init__.py"] = ""
    files["tests/helpers.py"] = draw(
        st.sampled_from(["FOO = 1\n", "from tests.test_07 import os\n\nFOO = os\n"])
    )
    return Project({path: text.encode() for path, text in files.items()})


def of_tests(project: Project, jobs: int, store: Store | None) -> dict[str, FileResult]:
    only = [path for path in project.files if path.startswith("tests/test")]
    return project.run(only=only, jobs=jobs, store=store)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects(), projects())
def test_they_find_and_make_the_same(before: Project, after: Project) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for project in (before, after):
            alone = of_tests(project, 1, None)
            assert of_tests(project, 2, Store(Path(folder))) == alone
            assert of_tests(project, 2, Store(Path(folder))) == alone


@pytest.fixture
def hostile(tmp_path: Path) -> Project:
    """A codemod that takes its process along, or breaks, where it resolves a file."""
    scaffold.write("assert-names", tmp_path)
    module = tmp_path / "assert_names.py"
    resolving = '    """The findings, now that all files are known'
    trap = """    if _context.path == "test_07.py":
        import os; os._exit(3)
    if _context.path == "test_08.py":
        raise RecursionError
"""
    text = module.read_text("utf-8")
    assert resolving in text
    module.write_text(text.replace(resolving, trap + resolving), "utf-8")
    files = {f"test_{number:02}.py": OLD for number in range(MANY)}
    return Project(files, plugins.found([tmp_path]))


def test_a_codemod_that_kills_its_process_costs_one_file(hostile: Project) -> None:
    results = hostile.run(["assert-names"], jobs=2)
    lost = {
        path: each.outcome.error
        for path, each in results.items()
        if isinstance(each.outcome, Failed)
    }
    assert lost == {"test_07.py": "worker-died", "test_08.py": "too-deep"}
    changed = [each for each in results.values() if isinstance(each.outcome, Changed)]
    assert len(changed) == MANY - 2
