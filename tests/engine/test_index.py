"""The index finds modules as imports would, and misses no user of a name."""

from __future__ import annotations

import pytest
from projects import Project

from testmend.facts import collect
from testmend.index import Index
from testmend.source import parse

FILES = {
    "app/__init__.py": "",
    "app/tests/__init__.py": "",
    "app/tests/base.py": "import time\nLIMIT = 'x'\nclass Base: pass\n",
    "app/tests/unit/__init__.py": "from ..base import Base\n",
    "app/tests/unit/test_from.py": "from app.tests.base import LIMIT\n",
    "app/tests/unit/test_read.py": "from app.tests import base\nbase.time.sleep(1)\n",
    "app/tests/unit/test_deep.py": "import app.tests.base\napp.tests.base.LIMIT\n",
    "app/tests/unit/test_patch.py": "patch('app.tests.base.time.sleep')\n",
    "app/tests/unit/test_star.py": "from ..base import *\n",
    "app/tests/unit/test_relative.py": "from .. import base as b\nb.LIMIT\n",
    "app/tests/unit/test_other.py": "from other.base import LIMIT\nlimit = 1\n",
    "plain/base.py": "LIMIT = 1\n",
    "plain/test_plain.py": "import base\nbase.LIMIT\n",
}


@pytest.fixture(scope="module")
def index() -> Index:
    facts = [collect(parse(path, text.encode())) for path, text in FILES.items()]
    return Index(FILES, facts)


@pytest.mark.parametrize(
    ("module", "asking", "path"),
    [
        ("app.tests.base", "app/tests/unit/test_from.py", "app/tests/base.py"),
        ("app.tests", "app/tests/unit/test_from.py", "app/tests/__init__.py"),
        ("..base", "app/tests/unit/test_star.py", "app/tests/base.py"),
        ("..", "app/tests/unit/test_star.py", "app/tests/__init__.py"),
        (".", "app/tests/unit/__init__.py", "app/tests/unit/__init__.py"),
        ("base", "plain/test_plain.py", "plain/base.py"),
        ("os.path", "plain/test_plain.py", None),
        ("......base", "app/tests/unit/test_star.py", None),
        ("", "plain/test_plain.py", None),
    ],
)
def test_locate(index: Index, module: str, asking: str, path: str | None) -> None:
    assert index.locate(module, asking) == path


@pytest.mark.parametrize(
    ("asking", "dotted", "places"),
    [
        ("app/tests/base.py", "Base", ["app/tests/base.py"]),
        ("app/tests/unit/__init__.py", "Base", ["app/tests/base.py"]),
        ("app/tests/unit/test_deep.py", "app.tests.base.Base", ["app/tests/base.py"]),
        ("app/tests/unit/test_relative.py", "b.Base", ["app/tests/base.py"]),
        ("app/tests/unit/test_relative.py", "other.Base", []),
        ("app/tests/unit/test_star.py", "Base", ["app/tests/base.py"]),
        ("plain/test_plain.py", "base.Base", ["plain/base.py"]),
    ],
)
def test_places_of_a_class(
    index: Index, asking: str, dotted: str, places: list[str]
) -> None:
    assert index.places(asking, dotted) == tuple((path, "Base") for path in places)


def test_places_are_followed_through_modules_that_pass_a_class_on() -> None:
    files = {
        "app/base.py": "class Base: pass\n",
        "app/__init__.py": "from .base import Base as Root\n",
        "app/test_it.py": "from . import Root as Start\n",
    }
    facts = [collect(parse(path, text.encode())) for path, text in files.items()]
    assert Index(files, facts).places("app/test_it.py", "Start") == (
        ("app/__init__.py", "Root"),
        ("app/base.py", "Base"),
    )


def test_users_of_a_name(index: Index) -> None:
    users = index.users("app/tests/base.py", "LIMIT")
    unit = "app/tests/unit"
    assert {
        f"{unit}/test_from.py",
        f"{unit}/test_deep.py",
        f"{unit}/test_star.py",
        f"{unit}/test_relative.py",
    } <= set(users)
    assert f"{unit}/test_patch.py" not in users


def test_users_through_attributes_and_patch_strings(index: Index) -> None:
    users = index.users("app/tests/base.py", "time")
    assert "app/tests/unit/test_read.py" in users
    assert "app/tests/unit/test_patch.py" in users
    assert "app/tests/unit/test_from.py" not in users


def test_package_and_dotted(index: Index) -> None:
    assert index.package("app/tests/unit/test_from.py") == ("app", "tests", "unit")
    assert index.dotted("app/tests/base.py") == "app.tests.base"
    assert index.dotted("app/tests/__init__.py") == "app.tests"
    assert index.package("plain/base.py") == ()
    assert index.dotted("plain/base.py") == "base"


def test_a_name_outside_of_ascii_is_found_where_it_is_used() -> None:
    """A file around is read for what it says of the file under work."""
    project = Project(
        {
            "tests/__init__.py": b"",
            "tests/prüfung.py": b"import json\n\n\ndef f():\n    return 1\n",
            "src/user.py": "from tests.prüfung import json\n\njson\n".encode(),
        }
    )
    result = project.run(("unused-imports",), only=["tests/prüfung.py"])
    [finding] = result["tests/prüfung.py"].outcome.findings  # type: ignore[union-attr]  # not changed
    assert finding.reason == "used-elsewhere"
