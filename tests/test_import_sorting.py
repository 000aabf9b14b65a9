"""ruff finds the imports of rewritten tests sorted, whatever a project's settings."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from testmend.testing import Project
from testmend_codemods.sleep_polling import CODEMOD

if TYPE_CHECKING:
    from pathlib import Path

WAIT = "\n\ndef test_it(server):\n    while not server.is_up:\n        time.sleep(1)\n"
OTHERS = "import time\n\nimport pytest\nimport requests\n"
OURS = "import time\n\nimport pytest\n\nfrom shop import till\n"
BY_LENGTH = """\
import time

from shop import till
from shop.goods import fruits
from tests.fixtures.shops import SHOPS
"""
SKIPS = """\
import time

import pytest

pytest.importorskip("redis")

import redis.asyncio as redis_async

from docking.bays import (
    Bay,
)
from docking.docks import Dock

from shop import till

TILL = Bay, Dock, redis_async, till
"""
OF_OTHERS = """\
[tool.ruff]
lint.select = ["I"]

[tool.ruff.lint.isort]
section-order = [
    "future", "standard-library", "third-party", "dock", "first-party", "local-folder"
]

[tool.ruff.lint.isort.sections]
"dock" = ["docking", "docking_core"]
"""
# Settings, packages, the test, and its imports.
TREES = {
    "plain settings": (
        '[tool.ruff.lint]\nselect = ["I"]\n',
        ("shop", "tests"),
        "tests/test_it.py",
        OURS,
    ),
    "the package that a file is in": (
        "[tool.ruff.lint.isort]\nforce-sort-within-sections = true\n",
        ("python/tests", "python/tests/unit"),
        "python/tests/unit/test_it.py",
        OTHERS,
    ),
    "no package is first": (
        "[tool.ruff.lint.isort]\ndetect-same-package = false\n",
        ("python/tests", "python/tests/unit"),
        "python/tests/unit/test_it.py",
        OTHERS,
    ),
    "a plain folder that is no source": (
        "[tool.ruff.lint.isort]\ncombine-as-imports = true\n",
        (),
        "python/tests/test_it.py",
        OTHERS,
    ),
    "sources of their own": (
        '[tool.ruff]\nsrc = ["shop", "tests"]\nlint.select = ["ALL"]\n',
        ("shop",),
        "tests/test_it.py",
        "import time\n\nimport pytest\nimport shop\n",
    ),
    "a plain folder below a package that is no source": (
        '[tool.ruff]\nsrc = ["src", "tests"]\nlint.select = ["I"]\n',
        ("src/shop", "tests"),
        "tests/unit/test_it.py",
        "import time\n\nimport pytest\nimport tests.cases\n\nfrom shop import till\n",
    ),
    "brackets in comments": (
        '[tool.ruff.lint]\nselect = [\n  "F",  # [pyflakes]\n  "I",  # [isort]\n]\n',
        ("shop",),
        "tests/test_it.py",
        OTHERS,
    ),
    "one statement for each module": (
        '[tool.ruff]\nlint.select = ["I"]\n',
        ("tests",),
        "tests/test_it.py",
        "import time\n\nfrom tests import till\n\nTILL = till\n",
    ),
    "one statement for each name": (
        "[tool.ruff]\nlint.isort.force-single-line = true\n",
        ("tests",),
        "tests/test_it.py",
        "import time\n\nfrom tests import till\n\nTILL = till\n",
    ),
    "a section of others' own": (
        OF_OTHERS,
        ("shop",),
        "tests/test_it.py",
        SKIPS,
    ),
    "sorted by length": (
        "[tool.ruff]\nlint.isort.length-sort = true\n",
        ("shop", "shop/goods", "tests", "tests/fixtures", "tests/fixtures/shops"),
        "tests/test_it.py",
        BY_LENGTH,
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_imports_stay_sorted(name: str, tmp_path: Path) -> None:
    settings, packages, path, imports = TREES[name]
    files = {"pyproject.toml": settings, path: imports + WAIT}
    files |= {f"{each}/__init__.py": "" for each in packages}
    project = Project({place: text.encode() for place, text in files.items()})
    assert _sorting(project.files, path, tmp_path) == "All checks passed!\n"
    after = project.apply(project.run([CODEMOD.name])).files
    assert b"time.sleep" not in after[path]
    assert _sorting(after, path, tmp_path) == "All checks passed!\n"


def test_a_command_that_sorts_needs_no_settings(tmp_path: Path) -> None:
    imports = "import time\n\nimport pytest\nimport zope\n\nimport shop.till\n"
    files = {
        "Makefile": "check:\n\truff check --select I .\n",
        "shop/__init__.py": "",
        "shop/till.py": "",
        "tests/test_it.py": imports + WAIT,
    }
    project = Project({place: text.encode() for place, text in files.items()})
    after = project.apply(project.run([CODEMOD.name])).files
    assert after != project.files
    assert _sorting(after, "tests/test_it.py", tmp_path) == "All checks passed!\n"


def _sorting(files: dict[str, bytes], path: str, folder: Path) -> str:
    """What ruff says of the order of a file's imports."""
    for place, data in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(data)
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "I", path]
    return subprocess.run(
        ruff, cwd=folder, capture_output=True, text=True, check=False
    ).stdout


@pytest.mark.parametrize("taken", ["modules", "names"])
def test_where_files_take_modules_the_full_name_counts(taken: str) -> None:
    others = (f"from shop import m{n}\n" for n in range(10) for _ in range(2))
    files = {f"shop/m{n}.py": b"" for n in range(10 if taken == "modules" else 0)}
    files |= {f"shop/tests/{n}.py": text.encode() for n, text in enumerate(others)}
    files |= {f"shop/{n}__init__.py": b"" for n in ("", "tests/", "tests/unit/")}
    imports = "import time\n\nfrom shop.tests.unit import base\n"
    path = "shop/tests/unit/test_it.py"
    project = Project(files | {path: (imports + WAIT).encode()})
    after = project.apply(project.run([CODEMOD.name])).files[path].decode()
    names = ["from shop.tests import waits\n", "from shop.tests.unit import base\n"]
    if taken == "modules":
        names.reverse()
    assert after.startswith("".join(names))
