"""How testmend exits: 0 nothing to do or done, 1 found something, 2 failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from console import BROKEN, CLEAN, REFUSED, UNUSED, contents, project, run

if TYPE_CHECKING:
    from pathlib import Path

POLL = b"""import time
from made import make


class TestIt(make()):
    def test_it(self):
        while not self.is_up():
            time.sleep(0.1)
"""
SELECT = "--select=unused-imports"
FILES = {"clean": CLEAN, "fixable": UNUSED, "refused": REFUSED, "broken": BROKEN}


@pytest.mark.parametrize(
    ("kind", "arguments", "code"),
    [
        ("clean", ["check"], 0),
        ("clean", ["diff"], 0),
        ("clean", ["apply"], 0),
        ("clean", ["apply", "--check"], 0),
        ("fixable", ["check"], 1),
        ("fixable", ["diff"], 1),
        ("fixable", [], 1),
        ("fixable", ["diff", "--stat"], 1),
        ("fixable", ["apply", "--check"], 1),
        ("fixable", ["apply"], 0),
        ("refused", ["check"], 0),
        ("refused", ["diff"], 0),
        ("refused", ["check", "--show-refused"], 0),
        ("refused", ["check", "--strict"], 1),
        ("refused", ["diff", "--strict"], 1),
        ("refused", ["apply", "--strict"], 1),
        ("broken", ["check"], 2),
        ("broken", ["diff"], 2),
        ("broken", ["apply"], 2),
    ],
)
def test_of_a_run(tmp_path: Path, kind: str, arguments: list[str], code: int) -> None:
    folder = project(tmp_path, {"tests/test_a.py": FILES[kind]})
    before = contents(folder)
    done = run(*arguments, SELECT, "tests", cwd=folder)
    assert done.returncode == code, done.stderr.decode()
    if arguments != ["apply"] or kind != "fixable":
        assert contents(folder) == before


def test_a_partial_failure_is_a_failure(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED, "tests/test_b.py": BROKEN})
    done = run("apply", SELECT, "tests", cwd=folder)
    assert done.returncode == 2
    assert b"tests/test_b.py: failed: syntax-error: line 1" in done.stderr
    assert (folder / "tests/test_a.py").read_bytes() == CLEAN


def test_a_class_with_a_computed_base_is_no_mistake(tmp_path: Path) -> None:
    """Such as ``six.with_metaclass(...)``: its base has no name."""
    text = POLL
    folder = project(tmp_path, {"tests/test_a.py": text, "src/made.py": b""})
    done = run("diff", "tests", cwd=folder)
    assert done.returncode == 1, done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_second_apply_does_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED})
    assert run("apply", "tests", cwd=folder).returncode == 0
    after = contents(folder)
    assert run("diff", "tests", cwd=folder).returncode == 0
    assert run("apply", "tests", cwd=folder).returncode == 0
    assert contents(folder) == after


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere"], b"nowhere: there is no such file or folder"),
        (["check", "--format", "xml"], b"'xml' is not one of"),
        (["check", "--select", "unused-import"], b"did you mean 'unused-imports'?"),
        (["check", "--ignore", "nothing"], b"no codemod is named 'nothing'"),
        (["diff", "--no-such-flag"], b"No such option: --no-such-flag"),
        (["explain", "sleep-poling"], b"did you mean 'sleep-polling'?"),
        (["explain"], b"Missing argument 'NAME'"),
        (["diff", "-", "tests"], b"no other path can be named"),
        (["diff", "--stdin-filename", "a.py"], b"--stdin-filename is for the path -"),
        (["diff", "--config", "nowhere.toml"], b"no such configuration file"),
        (["diff", "--since", "HEAD", "--staged"], b"exclude each other"),
        (["diff", "--root", "tests", "."], b"is not beneath --root tests"),
        (["diff", "-j", "-1"], b"-1 is not in the range"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: list[str], message: bytes) -> None:
    folder = project(tmp_path, {"tests/test_a.py": CLEAN})
    done = run(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_wrong_configuration(tmp_path: Path) -> None:
    folder = project(tmp_path, {"testmend.toml": b'selekt = ["unused-imports"]\n'})
    done = run("check", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"testmend: {folder / 'testmend.toml'}: unknown key 'selekt'; "
        "did you mean 'select'?\n"
    )


def test_help_and_version(tmp_path: Path) -> None:
    for flag in ("--help", "-h", "--version"):
        done = run(flag, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"testmend 0.")
    commands = run("--help", cwd=tmp_path).stdout
    for word in (b"check", b"diff", b"apply", b"list", b"explain"):
        assert word in commands
