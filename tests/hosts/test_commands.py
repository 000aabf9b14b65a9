"""Guests and plugins on the command line, as a user meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from testmend.errors import ConfigError
from testmend.hosts import sandbox, spec

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
[tool.testmend]
plugins = ["tools/codemods"]
select = ["wait-names", "drop-unused", "literals", "unused-imports"]

[tool.testmend.guests.drop-unused]
libcst = "remove_unused_imports.RemoveUnusedImportsCommand"
hunks = "apart"

[tool.testmend.guests]
literals = { fixit = "fixit.rules:RewriteToLiteral" }
wait-names = { bowler = "tools/rename.py", args = ["wait_for", "wait_until"] }
"""
SCRIPT = '''\
"""Rename a method."""
import sys

from bowler import Query

old, new = sys.argv[1:]
Query(".").select_method(old).rename(new).idiff()
'''
BEFORE = b"""\
import os
import sys


def test_it(server):
    server.wait_for("ACTIVE", set([1, 2]))
    assert sys
"""
AFTER = b"""\
import sys


def test_it(server):
    server.wait_until("ACTIVE", {1, 2})
    assert sys
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    run(tmp_path, "new", "assert-names")
    (tmp_path / "pyproject.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "tools/rename.py").write_text(SCRIPT, "utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_it.py").write_bytes(BEFORE)
    return tmp_path


def run(where: Path, *args: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.run(
        [sys.executable, "-m", "testmend", *args],
        cwd=where,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
        text=True,
    )


def test_list_shows_them_beside_ours(project: Path) -> None:
    rows = json.loads(run(project, "list", "--format", "json").stdout)
    summaries = {row["name"]: row["summary"] for row in rows}
    assert summaries["wait-names"] == "Rename a method"
    assert summaries["drop-unused"] == "Remove all imports that are not used in a file"
    assert summaries["assert-names"] == "assertEquals is assertEqual"
    assert {"literals", "unused-imports", "sleep-polling"} <= summaries.keys()


def test_explain_says_what_a_guest_is(project: Path) -> None:
    page = run(project, "explain", "wait-names").stdout
    assert "A guest: bowler, `tools/rename.py`." in page
    assert "Arguments: wait_for wait_until" in page
    assert "could-not-read" in page


def test_diff_then_apply_then_nothing(project: Path) -> None:
    done = run(project, "diff", "tests")
    assert (done.returncode, done.stderr.count("failed")) == (1, 0)
    assert "+    server.wait_until(" in done.stdout
    assert (project / "tests/test_it.py").read_bytes() == BEFORE
    assert run(project, "apply", "tests").returncode == 0
    assert (project / "tests/test_it.py").read_bytes() == AFTER
    again = run(project, "diff", "tests")
    assert (again.returncode, again.stdout) == (0, "")


def test_commit(project: Path) -> None:
    for command in (
        ["init", "-q"],
        ["config", "user.name", "A"],
        ["config", "user.email", "a@example.org"],
        ["add", "."],
        ["commit", "-q", "-m", "start"],
    ):
        subprocess.run(["git", *command], cwd=project, check=True)
    done = run(project, "commit", "tests")
    if "no such" in done.stderr.lower() or "usage" in done.stderr.lower():
        pytest.skip("there is no commit yet")
    assert done.returncode == 0, done.stderr
    assert (project / "tests/test_it.py").read_bytes() == AFTER
    log = subprocess.run(
        ["git", "log", "--format=%B"],
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "wait-names" in log
    assert "literals" in log


def test_a_broken_guest_is_named_and_the_exit_code_is_2(project: Path) -> None:
    bad = "from bowler import Query\ndef f(*_):\n    raise ValueError('oh no')\n"
    bad += "Query('.').select_var('broken').modify(f).diff()\n"
    (project / "tools/bad.py").write_text(bad, "utf-8")
    (project / "tests/test_bad.py").write_bytes(b"broken = 1\n")
    done = run(project, "apply", "tests", "--guest", "bowler:tools/bad.py")
    assert done.returncode == 0  # it is not among those that the project selects
    (project / "tests/test_it.py").write_bytes(BEFORE)
    every = ["--select", "bad,wait-names,literals,drop-unused"]
    done = run(project, "apply", "tests", "--guest", "bowler:tools/bad.py", *every)
    assert done.returncode == 2
    assert "test_bad.py" in done.stderr
    assert "bad: ValueError: oh no" in done.stderr
    assert (project / "tests/test_bad.py").read_bytes() == b"broken = 1\n"
    assert (project / "tests/test_it.py").read_bytes() == AFTER


def test_code_of_another_place_is_not_run(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / "tools/codemods/evil.py").write_text("open('ran', 'w')", "utf-8")
    done = run(elsewhere, "diff", str(project / "tests"))
    assert done.returncode == 2
    assert "names plugins or guests, which are code" in done.stderr
    assert run(elsewhere, "diff", "--isolated", str(project / "tests")).returncode < 2
    assert not (elsewhere / "ran").exists()


def test_isolated_still_takes_guests_of_the_command_line(project: Path) -> None:
    guest = "mine=fixit:fixit.rules:RewriteToLiteral"
    done = run(
        project, "diff", "tests", "--isolated", "--guest", guest, "--select", "mine"
    )
    assert done.returncode == 1
    assert "{1, 2}" in done.stdout


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.testmend.guests.a]\n", "exactly one of libcst, fixit, bowler"),
        ('[tool.testmend.guests.a]\nlibcts = "x"\n', "did you mean 'libcst'?"),
        ("[tool.testmend.guests.a]\nlibcst = 3\n", "guests.a.libcst"),
        ('[tool.testmend.guests.a]\nlibcst = "x"\ntimeout = 0\n', "timeout"),
        ('[tool.testmend.guests.a]\nlibcst = "x"\ntrigger = "("\n', "trigger"),
        ('[tool.testmend.guests.A_b]\nlibcst = "x"\n', "small letters"),
        ("[tool.testmend]\nguests = 3\n", "guests"),
        ('[tool.testmend]\nplugins = ["none"]\n', "plugins: there is no"),
        ("[tool.testmend]\nplugins = 3\n", "plugins"),
    ],
)
def test_a_wrong_configuration_says_where(
    tmp_path: Path, settings: str, message: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(settings, "utf-8")
    done = run(tmp_path, "diff")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("host", "module"), [("fixit", "fixit"), ("bowler", "bowler")])
def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, host: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"testmend.hosts.{host}_host", raising=False)
    wanted = spec.from_text(f"mine={host}:x.py", "/")
    with pytest.raises(ConfigError, match=rf"pip install 'testmend\[{host}\]'"):
        sandbox.load_host(wanted)
