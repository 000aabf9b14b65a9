"""What a guest makes of a file in testmend is what its own tool makes of it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hosts import guests

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = {
    "test_servers.py": b'''\
"""Tests of servers."""
import os
import sys
import unittest
from unittest import mock

from fake.compute import api, manager
from fake.compute.api import (
    API,
    Helper,  # needed by nobody
)


class TestServers(unittest.TestCase):
    """Servers."""

    def setUp(self):
        super().setUp()
        self.api = api.API("%s-%d" % ("name", 3))
        self.known = [1, 2, 3]

    @mock.patch.object(api, "API")
    def test_create(self, mock_api):
        server = self.api.create(name="{}-{}".format(os.name, "x"))
        self.assertEquals("ACTIVE", server["status"])
        self.assertTrue(server["id"] in self.known)  # known
        self.assertNotEquals(server, None)
        for attempt in range(3):
            self.assertEquals(
                attempt,
                self.api.get(server["id"]).attempt,
            )

    def test_other(self):
        self.assertTrue(1 in self.known, "one")
        self.assertEqual(1 in self.known, True)
        self.assertFalse(4 in self.known)
        helper = api.API()
        assert isinstance(helper, int) or isinstance(helper, str)
''',
    "pkg/__init__.py": b"",
    "pkg/test_small.py": b"from fake.compute.api import API\n\nx = API().run()\n",
    "test_no_change.py": b"import unittest\n\nassert unittest\n",
    "test_comment_only.py": b"# nothing here\n",
    "test_tabs.py": b"import os\nclass A:\n\tdef f(self):\n\t\tself.assertEquals(1)\n",
}
RENAME = '''
"""Rename assertEquals."""
from bowler import Query


def main():
    Query(".").select_method("assertEquals").rename("assertEqual").execute(
        interactive=False, write=True, silent=True
    )
'''
MODIFY = '''
"""Rename assertNotEquals, by a pattern of its own."""
import sys

from bowler import Query
from fissix.fixer_util import Name

PATTERN = "power< 'self' trailer< '.' name='assertNotEquals' > any* >"


def modify(node, capture, filename):
    capture["name"].replace(Name("assertNotEqual", prefix=capture["name"].prefix))


if __name__ == "__main__":
    Query(*sys.argv[1:]).select(PATTERN).modify(modify).write()
'''
LIBCST = {
    "unused": "remove_unused_imports.RemoveUnusedImportsCommand",
    "rename": (
        "rename.RenameCommand --old_name fake.compute.api.API"
        " --new_name fake.cloud.Cloud"
    ),
    "fstring": "convert_format_to_fstring.ConvertFormatStringCommand",
    "commas": "add_trailing_commas.AddTrailingCommas",
}
FIXIT = {
    "assert-in": "fixit.rules:UseAssertIn",
    "isinstance": "fixit.rules.chained_instance_check:CollapseIsinstanceChecks",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, data in SAMPLES.items():
        file = tmp_path / "tree" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return tmp_path / "tree"


def alone(tree: Path, *command: str) -> dict[str, bytes]:
    """The files after a tool of its own worked on them."""
    done = subprocess.run(
        [sys.executable, *command], cwd=tree, check=False, capture_output=True
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return {name: (tree / name).read_bytes() for name in SAMPLES}


def as_guest(guest: str, base: Path) -> dict[str, bytes]:
    results = guests.run([guest], SAMPLES, base)
    return {name: guests.after(results[name], data) for name, data in SAMPLES.items()}


@pytest.mark.parametrize("name", LIBCST)
def test_libcst(tree: Path, name: str) -> None:
    command, *args = LIBCST[name].split()
    expected = alone(
        tree, "-m", "libcst.tool", "codemod", "--no-format", command, ".", *args
    )
    assert expected != SAMPLES
    assert as_guest(f"{name}=libcst:{LIBCST[name]}", tree) == expected


@pytest.mark.parametrize("name", FIXIT)
def test_fixit(tree: Path, name: str) -> None:
    settings = f'[tool.fixit]\nroot = true\nenable = ["{FIXIT[name]}"]\n'
    settings += 'disable = ["fixit.rules"]\n'
    (tree / "pyproject.toml").write_text(settings)
    expected, before = alone(tree, "-m", "fixit", "fix", "--automatic", "."), SAMPLES
    assert expected != SAMPLES
    while expected != before:
        before = expected
        expected = alone(tree, "-m", "fixit", "fix", "--automatic", ".")
    assert as_guest(f"{name}=fixit:{FIXIT[name]}", tree) == expected


@pytest.mark.parametrize(
    ("script", "command"),
    [(RENAME, ("-m", "bowler", "run", "../guest.py")), (MODIFY, ("../guest.py", "."))],
    ids=["rename", "modify"],
)
def test_bowler(tree: Path, script: str, command: tuple[str, ...]) -> None:
    (tree.parent / "guest.py").write_text(script)
    expected = alone(tree, *command)
    assert expected != SAMPLES
    assert as_guest("bowler:guest.py", tree.parent) == expected
