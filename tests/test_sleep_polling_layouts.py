"""sleep-polling: rewritten tests find their helper, however a tree is laid out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

import testmend
from testmend.model import Changed
from testmend.testing import Project
from testmend_codemods.sleep_polling import CODEMOD
from testmend_codemods.sleep_polling.options import SleepPollingOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = CODEMOD.name
Style = Literal["vendor", "import", "inline"]

TEST = """\
import time
{more}

def test_poll():
    left = [0, 0, 1]
    for _ in range(3):
        if left.pop():
            break
        time.sleep(0.001)
    else:
        raise AssertionError(left)


def test_wait():
    left = [1, 2]
    while left:
        left.pop() and time.sleep(0)
    while not left:
        time.sleep(0.001)
        left.append(1)
    while not left:
        time.sleep(0.001)
"""
IMPORTLIB = """[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
pythonpath = {path}
"""
PYTHON_PATH = {"pyproject.toml": "[tool.pytest.ini_options]\npythonpath = '.'\n"}
# As pytest-relaxed has it: no file of tests, if its name begins with an underscore.
EVERY_FILE = {
    "pytest.ini": "[pytest]\npython_files = *\npython_functions = test wait\n",
    "conftest.py": "collect_ignore_glob = ['*/_*.py']\n",
}
SHOP = {"shop/__init__.py": ""}
USES_SHOP = TEST.format(more="\nimport shop\n")
PLAIN = TEST.format(more="")
RUNS_ALONE = """\
import sys

sys.path[:] = [each for each in sys.path if not each.endswith("tests")]
"""
RUNS_SENDER = """\
import pathlib
import subprocess
import sys


def test_sends():
    sender = pathlib.Path(__file__).with_name("sender.py")
    subprocess.run([sys.executable, sender], check=True)


def test_other():
    pass
"""
RUNS_SCRIPTS = """\
import pathlib
import subprocess
import sys

SCRIPTS = ["blocks.py", "fees.py", "peers.py", "sender.py --twice", "wallet.py"]


def test_all():
    folder = pathlib.Path(__file__).parent
    assert {each.split()[0] for each in SCRIPTS} | {"test_scripts.py"} == {
        each.name for each in folder.glob("*.py")
    }
    for each in SCRIPTS:
        subprocess.run([sys.executable, folder / each.split()[0]], check=True)


def test_other():
    pass
"""

# name: files, where the helper is written.
LAYOUTS: dict[str, tuple[dict[str, str], str]] = {
    "package of tests": (
        {"tests/__init__.py": "", "tests/test_it.py": PLAIN},
        "tests/waits.py",
    ),
    "package of tests, deep": (
        {
            "tests/__init__.py": "",
            "tests/unit/__init__.py": "",
            "tests/unit/test_it.py": PLAIN,
        },
        "tests/waits.py",
    ),
    "beside the code, with a package that helps tests": (
        {
            **SHOP,
            "shop/testing/__init__.py": "",
            "shop/till/__init__.py": "",
            "shop/till/drawer.py": "",
            "shop/till/test_it.py": USES_SHOP,
        },
        "shop/testing/waits.py",
    ),
    "beside the code": (
        {
            **SHOP,
            "shop/till/__init__.py": "",
            "shop/till/drawer.py": "",
            "shop/till/test_it.py": USES_SHOP,
        },
        "shop/testmend_waits.py",
    ),
    "in a folder of their own, which has another name": (
        {**SHOP, "shop/checks/__init__.py": "", "shop/checks/test_it.py": USES_SHOP},
        "shop/checks/waits.py",
    ),
    "plain folder": ({"tests/test_it.py": PLAIN}, "tests/testmend_waits.py"),
    "every file is one of tests, but for private ones": (
        {**EVERY_FILE, "tests/__init__.py": "", "tests/test_it.py": PLAIN},
        "tests/_waits.py",
    ),
    "plain folder, every file is one of tests": (
        {**EVERY_FILE, "tests/test_it.py": PLAIN},
        "tests/_testmend_waits.py",
    ),
    "plain folders below a conftest": (
        {"tests/conftest.py": "", "tests/unit/test_it.py": PLAIN},
        "tests/testmend_waits.py",
    ),
    "plain folders that are named from above, none on the path": (
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = '.'\n",
            "tests/conftest.py": RUNS_ALONE,
            "tests/common.py": "STATES = ()\n",
            "tests/unit/test_it.py": TEST.format(
                more="\nfrom tests.common import STATES\n"
            ),
        },
        "tests/testmend_waits.py",
    ),
    "plain folder that knows itself, below a conftest of other tests": (
        {
            "tests/conftest.py": RUNS_ALONE,
            "tests/flow/common.py": "STATES = ()\n",
            "tests/flow/test_it.py": TEST.format(more="\nfrom common import STATES\n"),
        },
        "tests/flow/testmend_waits.py",
    ),
    "scripts that are listed, with a framework": (
        {
            "functional/framework/__init__.py": "",
            "functional/framework/node.py": "",
            "functional/sender.py": TEST.format(more="\nfrom framework import node\n"),
            "functional/test_scripts.py": RUNS_SCRIPTS,
            **dict.fromkeys(
                (f"functional/{name}.py" for name in ("blocks", "fees", "peers")), ""
            ),
            "functional/wallet.py": "import framework\n",
        },
        "functional/framework/waits.py",
    ),
    "plain folder below the conftest of a package": (
        {
            "pytest.ini": "[pytest]\n",
            "tests/__init__.py": "",
            "tests/conftest.py": "",
            "tests/apps/test_it.py": PLAIN,
        },
        "tests/waits.py",
    ),
    "plain folder below the conftest of a package, without settings": (
        {
            "tests/__init__.py": "",
            "tests/conftest.py": "",
            "tests/apps/test_it.py": PLAIN,
        },
        "tests/apps/testmend_waits.py",
    ),
    "plain folder below a package, with a conftest above": (
        {
            "setup.py": "",
            "conftest.py": "",
            "tests/__init__.py": "",
            "tests/apps/shop/test_it.py": PLAIN,
        },
        "tests/waits.py",
    ),
    "plain folder with settings of its own below a package with a conftest": (
        {
            "tests/__init__.py": "",
            "tests/conftest.py": "",
            "pytest.ini": "[pytest]\n",
            "tests/apps/pytest.ini": "[pytest]\n",
            "tests/apps/test_it.py": PLAIN,
        },
        "tests/apps/testmend_waits.py",
    ),
    "plain folder below a package without a conftest": (
        {"tests/__init__.py": "", "tests/apps/test_it.py": PLAIN},
        "tests/apps/testmend_waits.py",
    ),
    "plain folder below tests that are named from above": (
        {
            **PYTHON_PATH,
            "shop_e2e/tests/__init__.py": "",
            "shop_e2e/tests/lib/__init__.py": "",
            "shop_e2e/tests/start/test_it.py": TEST.format(
                more="\nfrom shop_e2e.tests import lib\n"
            ),
        },
        "shop_e2e/tests/waits.py",
    ),
    "a package whose modules import each other by their own names": (
        {
            "tests/__init__.py": "",
            "conftest.py": "import sys\nsys.path.insert(0, 'tests')\n",
            "tests/common.py": TEST.format(more=""),
            "tests/test_it.py": "from common import *\n",
        },
        "tests/waits.py",
    ),
    "a package that is on the path with its modules": (
        {
            "tests/__init__.py": "",
            "tests/util/__init__.py": "",
            "tests/util/pools.py": TEST.format(more=""),
            "conftest.py": "import sys\nsys.path.insert(0, 'tests/util')\n",
            "tests/unit/test_it.py": "from pools import test_poll, test_wait\n",
        },
        "tests/util/waits.py",
    ),
    "a package whose tests know the base in two ways": (
        {
            "tests/__init__.py": "",
            "tests/base.py": "STATES = ()\n",
            "tests/test_it.py": TEST.format(
                more="\ntry:\n    from .base import STATES\nexcept ImportError:\n"
                "    from base import STATES\n"
            ),
            "tests/test_more.py": "try:\n    from tests.base import STATES\n"
            "except ImportError:\n    from base import STATES\n",
        },
        "tests/waits.py",
    ),
    "a module that others import by dots, and another one by its bare name": (
        {
            "tests/__init__.py": "",
            "tests/late/__init__.py": "",
            "tests/late/utils/__init__.py": "",
            "tests/late/utils/support.py": PLAIN,
            "tests/late/test_it.py": "from .utils.support import *\n",
            "tests/late/more/__init__.py": "",
            "tests/late/more/test_more.py": "import sys\n\n"
            "sys.path.insert(0, 'tests/early')\n\nfrom support import STATES\n",
            "tests/early/support.py": "STATES = ()\n",
        },
        "tests/waits.py",
    ),
    "a conftest of a package that others know by another name": (
        {
            "tests/__init__.py": "",
            "tests/late/__init__.py": "",
            "tests/late/shop/__init__.py": "",
            "tests/late/shop/conftest.py": PLAIN,
            "tests/late/shop/test_it.py": "from .conftest import *\n",
            "tests/late/more/__init__.py": "",
            "tests/late/more/conftest.py": "import sys\n\n"
            "sys.path.insert(0, 'tests/late')\n\nfrom shop.conftest import *\n",
        },
        "tests/waits.py",
    ),
    "a module of a plain folder that others name from above": (
        {
            **PYTHON_PATH,
            "tests/whole/support.py": PLAIN,
            "tests/test_it.py": "from tests.whole.support import *\n",
        },
        "tests/whole/testmend_waits.py",
    ),
    "a module of a plain folder by two names, one of which always works": (
        {
            **PYTHON_PATH,
            "tests/whole/support.py": PLAIN,
            "tests/whole/test_more.py": "from support import STATES\n",
            "tests/test_it.py": "from tests.whole.support import *\n",
            "tests/whole/conftest.py": "import support\n\nsupport.STATES = ()\n",
        },
        "tests/whole/testmend_waits.py",
    ),
    "tests of a package in a package that is on the path": (
        {
            "src/__init__.py": "",
            "src/cart/__init__.py": "",
            "src/cart/tests/__init__.py": "",
            "src/cart/tests/shelf.py": "",
            "src/cart/tests/unit/__init__.py": "",
            "src/cart/tests/unit/test_it.py": TEST.format(
                more="\nfrom cart.tests import shelf\n"
            ),
            "conftest.py": "import sys\nsys.path.insert(0, 'src')\n",
        },
        "src/cart/tests/waits.py",
    ),
    "a package whose parts are known from within": (
        {
            "tests/__init__.py": "",
            "tests/common/__init__.py": "",
            "tests/common/power.py": TEST.format(
                more="\nfrom utils.shell import run\n"
            ),
            "tests/utils/__init__.py": "",
            "tests/utils/shell.py": "def run():\n    pass\n",
            "tests/test_it.py": "import sys\n\nsys.path.insert(0, 'tests')\n\n"
            "from common.power import *\n",
        },
        "tests/common/waits.py",
    ),
    "a package of tests that run in a container": (
        {
            "tests/__init__.py": "",
            "tests/unit/__init__.py": "",
            "tests/container/__init__.py": "",
            "tests/container/conftest.py": "",
            "tests/container/test_it.py": PLAIN,
        },
        "tests/container/waits.py",
    ),
    "a package in a folder of its name": (
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = 'shop'\n",
            "shop/shop/__init__.py": "",
            "shop/shop/shop.py": "",
            "shop/tests/unit/__init__.py": "",
            "shop/tests/unit/test_it.py": TEST.format(more="\nfrom shop import shop\n"),
        },
        "shop/tests/unit/waits.py",
    ),
    "folder that no name can have": (
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = '.'\n",
            "tests/common.py": "STATES = ()\n",
            "tests/json-rpc/test_it.py": TEST.format(
                more="\nfrom tests.common import STATES\n"
            ),
        },
        "tests/json-rpc/testmend_waits.py",
    ),
    "top folder": ({"test_it.py": PLAIN}, "testmend_waits.py"),
    "package in a plain folder": (
        {"tests/unit/__init__.py": "", "tests/unit/test_it.py": PLAIN},
        "tests/unit/waits.py",
    ),
    "plain folder in a package": (
        {**SHOP, **PYTHON_PATH, "shop/tests/test_it.py": USES_SHOP},
        "shop/tests/waits.py",
    ),
    "plain folder in a package that it does not import": (
        {**SHOP, "shop/tests/test_it.py": PLAIN},
        "shop/tests/testmend_waits.py",
    ),
    "package with tests under another name, that import each other": (
        {
            **SHOP,
            **PYTHON_PATH,
            "shop/_tests/__init__.py": "",
            "shop/_tests/pools/__init__.py": "",
            "shop/_tests/pools/test_it.py": USES_SHOP,
            "shop/_tests/pools/test_more.py": "from shop._tests.pools import test_it\n",
        },
        "shop/_tests/waits.py",
    ),
    "source folder": (
        {
            "src/shop/__init__.py": "",
            "src/shop/tests/__init__.py": "",
            "src/shop/tests/test_it.py": PLAIN,
        },
        "src/shop/tests/waits.py",
    ),
    "importlib, plain folder on the path": (
        {
            "pyproject.toml": IMPORTLIB.format(path='["tests"]'),
            "tests/unit/test_it.py": PLAIN,
        },
        "tests/testmend_waits.py",
    ),
    "importlib, package on the path": (
        {
            "pyproject.toml": IMPORTLIB.format(path='["."]'),
            "tests/__init__.py": "",
            "tests/test_it.py": PLAIN,
        },
        "tests/waits.py",
    ),
    "importlib, plain folder in a package": (
        {
            **SHOP,
            "pyproject.toml": IMPORTLIB.format(path='["."]'),
            "shop/tests/test_it.py": USES_SHOP,
        },
        "shop/tests/waits.py",
    ),
    "importlib in a command, plain folder on the path": (
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = 'tests'\n",
            ".github/workflows/pipeline.yml": "jobs:\n  test:\n    steps:\n"
            "      - run: python -m pytest tests --import-mode=importlib\n",
            "tests/unit/test_it.py": PLAIN,
        },
        "tests/testmend_waits.py",
    ),
}


def test_another_package_of_the_same_name_shows_nothing() -> None:
    """Only one of the two is ``tests``: which, depends on the test that runs first."""
    files = {
        "one/tests/__init__.py": "",
        "one/tests/base.py": "",
        "one/tests/more.py": "from tests import base\n",
        "two/tests/__init__.py": "",
        "two/tests/unit/__init__.py": "",
        "two/tests/unit/test_it.py": PLAIN,
    }
    after = rewritten(files, "vendor")
    assert b"from .. import waits\n" in after["two/tests/unit/test_it.py"]


def test_relative_imports_make_a_package_of_a_plain_folder(tmp_path: Path) -> None:
    """Something other than pytest imports it, and its folder is not on a path."""
    files = {
        "jobs/common/status.py": "",
        "jobs/runner/test_it.py": TEST.format(more="\nfrom ..common import status\n"),
    }
    after = rewritten(files, "vendor")
    assert set(after) - set(files) == {"jobs/runner/testmend_waits.py"}
    for path, data in after.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    call = "from jobs.runner import test_it; test_it.test_wait()"
    subprocess.run([sys.executable, "-c", call], cwd=tmp_path, check=True)


def test_each_corner_of_a_package_has_its_own_helper() -> None:
    """Where none of them is above the others."""
    corners = [f"shop/{name}/tests" for name in ("cart", "till", "yard/gate")]
    files = {
        "shop/__init__.py": "",
        "shop/cart/__init__.py": "",
        "shop/till/__init__.py": "",
        "shop/yard/__init__.py": "",
        "shop/yard/gate/__init__.py": "",
    }
    files |= {f"{each}/__init__.py": "" for each in corners}
    files |= {f"{each}/test_it.py": USES_SHOP for each in corners}
    after = rewritten(files, "vendor")
    assert set(after) - set(files) == {f"{each}/waits.py" for each in corners}
    assert b"from shop.till.tests import waits\n" in after["shop/till/tests/test_it.py"]


def test_production_code_does_not_show_where_tests_start() -> None:
    """It may be installed: ``tests.units`` is no package of theirs."""
    files = {
        "tests/__init__.py": "",
        "shop/__init__.py": "",
        "shop/till.py": "",
        "tests/units/unit/__init__.py": "",
        "tests/units/unit/base.py": "",
        "tests/units/unit/more.py": "from unit import base\n",
        "tests/units/unit/test_it.py": TEST.format(more="\nfrom shop import till\n"),
    }
    after = rewritten(files, "vendor")
    assert b"from unit import waits\n" in after["tests/units/unit/test_it.py"]


def test_a_helper_in_a_plain_folder_is_none_of_a_package() -> None:
    """Another project of the repository has it."""
    unit = TEST.format(more="\nimport unittest\n")
    files = {
        "one/tests/test_it.py": PLAIN,
        "two/tests/__init__.py": "",
        "two/tests/test_it.py": unit,
    }
    first = rewritten({"one/tests/test_it.py": PLAIN}, "vendor")
    files["one/tests/testmend_waits.py"] = first["one/tests/testmend_waits.py"].decode()
    after = rewritten(files, "vendor")
    assert set(after) - set(files) == {"two/tests/waits.py"}


def test_a_module_by_two_names_has_no_import_that_works() -> None:
    """The one is in force where the tests beside it run, the other one elsewhere."""
    files = {
        "tests/whole/support.py": PLAIN,
        "tests/whole/test_it.py": "from support import *\n",
        "tests/other/test_it.py": "from tests.whole.support import *\n",
    }
    assert b"time_left" in unaided(files)["tests/whole/support.py"]


def test_a_script_that_pytest_does_not_collect_can_not_name_its_package() -> None:
    files = {
        "pytest.ini": "[pytest]\n",
        "tests/__init__.py": "",
        "tests/test_it.py": "",
        "tests/testlive.py": f"#!/usr/bin/env python3\n{PLAIN}",
    }
    assert b"time_left" in unaided(files)["tests/testlive.py"]


def test_a_program_in_a_package_that_it_does_not_know_has_no_helper() -> None:
    text = (
        f"#!/usr/bin/env python3\n{PLAIN}\n\nif __name__ == '__main__':\n    main()\n"
    )
    files = {"tests/__init__.py": "", "pytest.ini": "", "tests/test_it.py": text}
    assert b"time_left" in unaided(files)["tests/test_it.py"]


def test_what_scripts_of_a_runner_import_shares_the_helper_of_their_framework() -> None:
    script = "from base import Case\n\nCase().main()\n"
    files = {
        "functional/framework/__init__.py": "",
        "functional/framework/nodes.py": "",
        "functional/base.py": f"from framework import nodes\n{PLAIN}",
        "functional/wallet.py": script,
        "functional/test_runner.py": "import os\n\nALL = os.listdir('.')\n",
    }
    after = rewritten(files, "vendor")
    assert {*after} - {*files} == {"functional/framework/waits.py"}
    assert b"\nfrom framework import waits\n" in after["functional/base.py"]


def test_leading_dots_go_on_where_a_file_has_them() -> None:
    above = "from .. import pages\n"
    files = {
        **{f"tests/{each}__init__.py": "" for each in ("", "src/", "src/e2e/")},
        "tests/src/clocks.py": "NOW = 1\n",
        "tests/src/e2e/pages.py": "",
        "tests/src/e2e/flows/__init__.py": "",
        "tests/src/e2e/flows/test_it.py": f"from clocks import NOW\n{above}{PLAIN}",
    }
    after = rewritten(files, "vendor")["tests/src/e2e/flows/test_it.py"]
    assert b"\nfrom .. import waits\n" in after


def rewritten(files: Mapping[str, str], style: Style) -> dict[str, bytes]:
    project = Project({path: text.encode() for path, text in files.items()})
    options = {NAME: SleepPollingOptions(style=style)}
    after = project.apply(project.run([NAME], options=options))
    assert after.files != project.files
    return after.files


def unaided(files: Mapping[str, str]) -> dict[str, bytes]:
    """The same in style ``vendor``, where no file gets a helper."""
    after = rewritten(files, "vendor")
    assert set(after) == set(files)
    assert not any(b"waits" in text for text in after.values())
    return after


def passes(folder: Path, files: Mapping[str, bytes]) -> str:
    """What pytest says, with nothing on the path but what it puts there itself."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTEST", "PYTHON", "COV"))
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", LAYOUTS)
def test_vendored_helper_is_imported(name: str, tmp_path: Path) -> None:
    files, place = LAYOUTS[name]
    after = rewritten(files, "vendor")
    assert set(after) - set(files) == {place}
    assert "\n2 passed in " in passes(tmp_path, after)


@pytest.mark.parametrize("style", ["import", "inline"])
def test_other_styles_write_no_file(style: Style, tmp_path: Path) -> None:
    files = {"tests/test_it.py": PLAIN}
    source = str(Path(testmend.__file__).parent.parent)
    files["pytest.ini"] = f"[pytest]\npythonpath = {source}\n"
    after = rewritten(files, style)
    assert set(after) == set(files)
    assert (b"testmend" in after["tests/test_it.py"]) == (style == "import")
    assert "2 passed" in passes(tmp_path, after)


@pytest.mark.parametrize("package", [False, True])
def test_without_a_way_to_import_the_code_is_plain(
    tmp_path: Path, *, package: bool
) -> None:
    files = {
        "pyproject.toml": IMPORTLIB.format(path="[]"),
        "tests/test_it.py": PLAIN,
        **({"tests/__init__.py": ""} if package else {}),
    }
    assert "2 passed" in passes(tmp_path, unaided(files))


@pytest.mark.parametrize(
    "start",
    [
        "main(sys.argv)",
        "unittest.main()\n\nagain = [sys.executable, os.path.abspath(__file__)]",
    ],
)
def test_a_file_of_a_package_that_is_run_by_its_path_has_no_helper(start: str) -> None:
    guard = f'\n\nif __name__ == "__main__":\n    {start}\n'
    files = {
        "tests/__init__.py": "",
        "tests/test_it.py": PLAIN + guard,
        "tests/test_more.py": "from tests import test_it\n",
    }
    assert b"time_left" in unaided(files)["tests/test_it.py"]


@pytest.mark.parametrize(
    ("start", "loaded"),
    [
        ("import os\n\nLEVEL = os.environ.get('LEVEL')\n", True),
        (
            "import os\n\nif not os.path.exists('/fleet'):\n    os.mkdir('/fleet')\n",
            False,
        ),
        ("import logging\n\nlogging.getLogger(__name__).addHandler(1)\n", True),
        ("def broken(:\n", False),
    ],
)
def test_no_package_is_loaded_for_the_helper_that_does_something(
    start: str, *, loaded: bool
) -> None:
    inside = f"{PLAIN}\n\ndef test_more():\n    from fleet.test.unit import ships\n"
    files = {
        "fleet/__init__.py": start,
        "fleet/test/unit/ships.py": "",
        "fleet/test/unit/test_it.py": inside,
    }
    after = rewritten(files, "vendor")
    assert (b"waits" in after["fleet/test/unit/test_it.py"]) is loaded


def test_a_file_that_gives_its_name_to_a_runner_has_no_helper() -> None:
    files = {
        "tests/__init__.py": "",
        "tests/test_it.py": f"{PLAIN}\n\nfleet.run_test(__name__)\n",
    }
    assert b"time_left" in unaided(files)["tests/test_it.py"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/flow.test.py", "server.copy_as('clients/sender.py', RUN_FOLDER)\n"),
        ("tests/clients/CMakeLists.txt", "copy_python_files(clients sender.py)\n"),
        ("tests/clients/BUILD", 'py_binary(name="sender", srcs=["sender.py"])\n'),
        ("tests/Makefile", "DIST := base.py \\\n    clients/sender.py \\\n    x.py\n"),
        ("tests/test_it.py", "spec_from_file_location('x', HERE / 'sender.py')\n"),
    ],
)
def test_what_is_copied_leaves_its_folder_without_the_helper(
    path: str, text: str
) -> None:
    files = {"tests/clients/sender.py": PLAIN, path: text}
    assert b"time_left" in unaided(files)["tests/clients/sender.py"]


def test_a_script_has_no_helper(tmp_path: Path) -> None:
    files = {
        "tests/conftest.py": "",
        "tests/unit/sender.py": PLAIN,
        "tests/unit/test_sender.py": RUNS_SENDER,
    }
    after = unaided(files)
    assert b"time_left" in after["tests/unit/sender.py"]
    assert "2 passed" in passes(tmp_path, after)


def test_what_a_runner_finds_by_name_shows_no_way_to_import() -> None:
    text = PLAIN.replace("def test_", "def wait_")
    files = {"tests/nfs/restart.py": text, "run.py": "import importlib\n"}
    assert b"time_left" in unaided(files)["tests/nfs/restart.py"]


def test_a_conftest_that_names_its_package_is_in_it() -> None:
    """Though another file names it without, as type checkers may find it."""
    guarded = "if TYPE_CHECKING:\n    from conftest import Server\n"
    files = {
        "pytest.ini": "[pytest]\n",
        "tests/__init__.py": "",
        "tests/common.py": "PORT = 1\n",
        "tests/conftest.py": f"from tests.common import PORT\n{PLAIN}",
        "tests/test_it.py": f"from typing import TYPE_CHECKING\n\n{guarded}",
    }
    after = rewritten(files, "vendor")
    assert after["tests/conftest.py"].startswith(b"from tests import waits\n")


@pytest.mark.parametrize(
    ("others", "statement"),
    [
        ("from tests.shop import goods\n", b"from tests import waits\n"),
        ("from .shop import goods\n", b"from .. import waits\n"),
    ],
)
def test_more_dots_than_a_file_has_are_the_last_way(
    tmp_path: Path, others: str, statement: bytes
) -> None:
    files = {
        "tests/__init__.py": "",
        "tests/test_others.py": others,
        "tests/shop/__init__.py": "",
        "tests/shop/goods.py": "",
        "tests/shop/test_it.py": f"from . import goods\n{PLAIN}",
    }
    after = rewritten(files, "vendor")
    assert statement in after["tests/shop/test_it.py"]
    assert "2 passed" in passes(tmp_path, after)


def test_a_program_that_names_its_package_has_its_helper(tmp_path: Path) -> None:
    guard = "\n\nif __name__ == '__main__':\n    main()\n"
    text = f"from tests.perf.metrics import LIMIT\n{PLAIN}{guard}"
    files = {
        "tests/__init__.py": "",
        "tests/perf/__init__.py": "",
        "tests/perf/metrics.py": "LIMIT = 1\n",
        "tests/perf/run_it.py": text,
        "tests/perf/test_it.py": text,
    }
    after = rewritten(files, "vendor")
    assert set(after) - set(files) == {"tests/waits.py"}
    for name in ("run_it", "test_it"):
        assert b"from tests import waits\n" in after[f"tests/perf/{name}.py"]
    assert "2 passed" in passes(tmp_path, after)


def test_library_does_not_import_from_the_tests() -> None:
    files = {
        "shop/__init__.py": "",
        "shop/utils_test.py": PLAIN,
        "shop/tests/__init__.py": "",
        "shop/tests/test_it.py": TEST.format(more="\nimport shop.utils_test\n"),
    }
    project = Project({path: text.encode() for path, text in files.items()})
    results = project.run([NAME])
    places = {}
    for path, result in results.items():
        if isinstance(result.outcome, Changed):
            places[path] = [each.path for each in result.outcome.files]
    assert places == {
        "shop/utils_test.py": ["shop/testmend_waits.py"],
        "shop/tests/test_it.py": ["shop/tests/waits.py"],
    }


CASE = """\
import time
import unittest


class TestIt(unittest.TestCase):
    def test_wait(self):
        left = [1, 2]
        while left:
            left.pop() and time.sleep(0)
        while not left:
            time.sleep(0.001)
            left.append(1)
        while not left:
            time.sleep(0.001)
"""


def unittest(
    root: Path, files: Mapping[str, bytes], *arguments: str, start: str = "."
) -> str:
    """What unittest says of a project that it passes, run in its folder ``start``."""
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    run = subprocess.run(
        [sys.executable, "-m", "unittest", *arguments],
        cwd=root / start,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stderr


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        (".", ["discover"]),
        (".", ["discover", "tests"]),
        (".", ["tests.unit.test_it"]),
        ("tests", ["discover", "."]),
    ],
)
def test_unittest_may_start_in_any_folder(
    tmp_path: Path, folder: str, arguments: list[str]
) -> None:
    """``discover tests`` puts ``tests`` on the path, and is no package's part then."""
    files = {
        "tests/__init__.py": "",
        "tests/unit/__init__.py": "",
        "tests/unit/test_it.py": CASE,
    }
    after = rewritten(files, "vendor")
    assert b"from . import waits\n" in after["tests/unit/test_it.py"]
    assert "Ran 1 test" in unittest(tmp_path, after, *arguments, start=folder)


def test_a_case_in_the_top_package_names_it() -> None:
    """No dots work there under ``discover tests``; the name does, from the root."""
    after = rewritten({"tests/__init__.py": "", "tests/test_it.py": CASE}, "vendor")
    assert b"from tests import waits\n" in after["tests/test_it.py"]


@pytest.mark.parametrize(
    ("command", "start"),
    [
        ("python -m unittest discover -v -s ./tests/shop/ -p 'test*.py'", "tests/shop"),
        ("cd tests/shop && coverage run -m unittest discover -v .", "tests/shop"),
        ("python -m unittest discover tests/shop", "tests/shop"),
        ("python -m unittest discover -vs tests/shop -t .", "."),
    ],
)
def test_unittest_starts_where_a_command_says(
    tmp_path: Path, command: str, start: str
) -> None:
    """Dots lead to no folder above that one, whichever the file's own dots leave."""
    files = {
        ".github/workflows/tests.yaml": f"steps:\n  - run: |\n      {command}\n",
        "tests/__init__.py": "",
        "tests/shop/__init__.py": "",
        "tests/shop/cart/__init__.py": "",
        "tests/shop/cart/goods.py": "",
        "tests/shop/cart/full/__init__.py": "",
        "tests/shop/cart/full/test_it.py": f"from .. import goods\n{CASE}",
    }
    after = rewritten(files, "vendor")
    places = [each for each in after if each.endswith("waits.py")]
    assert places == [f"tests/{'shop/cart/' * (start != '.')}waits.py"]
    said = unittest(tmp_path, after, "discover", "-s", "tests/shop", "-t", start)
    assert "Ran 1 test" in said


def test_no_import_works_where_unittest_starts_and_pytest_runs() -> None:
    files = {
        "tox.ini": "[testenv]\ncommands = python -m unittest discover -s tests\n",
        "tests/conftest.py": "",
        "tests/__init__.py": "",
        "tests/test_it.py": CASE,
    }
    assert b"time_left" in unaided(files)["tests/test_it.py"]


@pytest.mark.parametrize(
    ("hook", "others", "allowed"),
    [
        ("- id: name-tests-test", {}, False),
        ("- id: name-tests-test\n    args: [--pytest-test-first]", {}, False),
        ("- id: name-tests-test\n    args: [--django]", {}, True),
        ("- id: name-tests-test\n    exclude: ^tests/.*waits", {}, True),
        ("- id: name-tests-test\n    exclude: ^tests/utils", {}, False),
        ("- id: name-tests-test", {"tests/utils.py": ""}, True),
        ("# - id: name-tests-test", {}, True),
    ],
)
def test_a_hook_says_what_files_are_called(
    hook: str, others: dict[str, str], *, allowed: bool
) -> None:
    """One that no file breaks yet; a configuration that nobody heeds says nothing."""
    name = "it_test.py" if "args" not in hook else "test_it.py"
    files = {
        ".pre-commit-config.yaml": f"repos:\n- hooks:\n  {hook}\n  - id: other\n",
        f"tests/{name}": CASE,
        **others,
    }
    assert len(rewritten(files, "vendor")) == len(files) + allowed


@pytest.mark.parametrize(
    ("build", "owned"),
    [
        ("python_sources()\npython_tests(name='tests')\n", True),
        ('python_test_utils(sources=["*.py", "!test_*.py"])\n', True),
        ("python_test_utils()\n", False),
        ("", False),
    ],
)
def test_pants_takes_what_a_target_has(build: str, *, owned: bool) -> None:
    files = {
        "pants.toml": "[GLOBAL]\n",
        "tests/BUILD": build,
        "tests/__init__.py": "",
        "tests/test_it.py": CASE,
    }
    assert len(rewritten(files, "vendor")) == len(files) + owned
