"""What one codemod leaves unused goes with its fix, whatever else goes beside it."""

from __future__ import annotations

import pytest
from projects import Project

from testmend.model import Changed

LOOP = """

def test_ready(server):
    for _ in range(10):
        if server.ready:
            break
        time.sleep(1)
    else:
        raise AssertionError
"""
CASES = {
    "alone": ("import time\n", "from tests import waits\n"),
    "on-one-line": ("import os, time\n", "from tests import waits\n"),
    "in-two-groups": (
        "import time\n\nimport mock\n\nfrom tests import base\n",
        "from tests import base\nfrom tests import waits\n",
    ),
    "beside-a-used-one": (
        "import time, sys\n\nprint(sys)\n",
        "import sys\n\nfrom tests import waits\n\nprint(sys)\n",
    ),
    "twice": ("import time\nimport os\nimport time\n", "from tests import waits\n"),
    "with-a-comment": (
        "import time  # the real one\n",
        "import time  # the real one\n\nfrom tests import waits\n",
    ),
    "still-used": (
        "import time\n\nprint(time.time())\n",
        "import time\n\nfrom tests import waits\n\nprint(time.time())\n",
    ),
    "exported": (
        'import time\n\n__all__ = ["time"]\n',
        'import time\n\nfrom tests import waits\n\n__all__ = ["time"]\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_the_import_of_a_sleep_goes_with_it(before: str, after: str) -> None:
    project = _project(before + LOOP)
    done = project.apply(project.run(["sleep-polling", "unused-imports"]))
    other = project.apply(project.run(["unused-imports", "sleep-polling"]))

    assert done.files["tests/test_x.py"].decode().startswith(after.rstrip("\n"))
    assert done.files["tests/test_x.py"] == other.files["tests/test_x.py"]
    assert "time.sleep" not in done.files["tests/test_x.py"].decode()


@pytest.mark.parametrize("before", [case[0] for case in CASES.values()], ids=CASES)
def test_a_second_run_changes_nothing(before: str) -> None:
    project = _project(before + LOOP)
    names = ["sleep-polling", "unused-imports"]
    once = project.apply(project.run(names))
    results = once.run(names).values()

    assert not any(isinstance(result.outcome, Changed) for result in results)


@pytest.mark.parametrize("head", ["import time\n", "import time\nimport os\nos.x\n"])
def test_a_new_constant_stands_below_the_new_import(head: str) -> None:
    plug = "\n\ndef test_plug(net):\n    net.plug(port_id='%s')\n"
    value = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
    project = _project(head + plug % value + LOOP)
    done = project.apply(project.run(["sleep-polling", "hardcoded-uuid"]))
    after = done.files["tests/test_x.py"].decode()

    assert f"from tests import waits\n\nPORT_ID = '{value}'\n" in after
    assert not after.startswith("\n")


def test_another_file_keeps_the_import() -> None:
    project = _project("import time\n" + LOOP)
    project.files["tests/test_y.py"] = b"from tests.test_x import time\n\ntime.time()\n"
    done = project.apply(project.run(["sleep-polling", "unused-imports"]))

    assert done.files["tests/test_x.py"].startswith(b"import time\n")


def _project(source: str) -> Project:
    return Project(
        {
            "tests/__init__.py": b"",
            "tests/base.py": b"LIMIT = 3\n",
            # How this tree imports its own, so how a helper is imported too.
            "tests/test_own.py": b"from tests import base\n\nprint(base.LIMIT)\n",
            "tests/test_x.py": source.encode(),
        }
    )
