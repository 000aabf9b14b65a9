"""A broken guest costs one file, is named, and takes nothing else down."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hosts import guests

from testmend.errors import ConfigError
from testmend.model import Changed, Failed, FileResult

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = """
import ctypes, os, time
import libcst as cst
from libcst.codemod import CodemodCommand, SkipFile


class Bad(CodemodCommand):
    def transform_module_impl(self, tree):
        if "bad = 1" in tree.code:
            {act}
        return cst.parse_module(tree.code.replace("old", "new"))
"""
GOOD = b"old = 1\n"
BAD = b"old = 1\nbad = 1\n"

ACTS = {
    "raises": ("raise ValueError('no such thing')", "guest-raised", "ValueError"),
    "exits": ("raise SystemExit(0)", "guest-raised", "SystemExit"),
    "returns-none": ("return None", "guest-rubbish", "NoneType"),
    "returns-nonsense": (
        "return cst.Module([cst.SimpleStatementLine([cst.Expr(cst.Name('def'))])])",
        "guest-rubbish",
        "does not parse",
    ),
    "spins": ("while True: pass", "guest-timeout", "4 seconds"),
    "sleeps": ("time.sleep(600)", "guest-timeout", "4 seconds"),
    "kills-its-process": ("os._exit(7)", "guest-died", "exit code 7"),
    "crashes": ("ctypes.string_at(1)", "guest-died", "SIGSEGV"),
    "fills-memory": ("x = bytearray(1 << 40)", "guest-raised", "MemoryError"),
    "writes": ("open('/tmp/guest.txt', 'w')", "guest-raised", "must not write"),
    "deletes": ("os.remove('/tmp/guest.txt')", "guest-raised", "must not change"),
}


def run(
    folder: Path, act: str, jobs: int = 1, others: int = 2
) -> dict[str, FileResult]:
    (folder / "bad.py").write_text(COMMAND.format(act=act), "utf-8")
    files = {f"test_{number}.py": GOOD for number in range(others)}
    files["test_bad.py"] = BAD
    specs = guests.specs(["bad=libcst:bad.py"], folder, timeout=4)
    return guests.run_specs(specs, files, jobs=jobs)


@pytest.mark.parametrize("act", ACTS)
def test_it_costs_its_file_alone(tmp_path: Path, act: str) -> None:
    code, error, message = ACTS[act]
    results = run(tmp_path, code)
    bad = results.pop("test_bad.py").outcome
    assert isinstance(bad, Failed)
    assert bad.error == error
    assert bad.message.startswith("bad: ")
    assert message in bad.message
    for result in results.values():
        assert isinstance(result.outcome, Changed)
        assert result.outcome.after == b"new = 1\n"


def test_with_several_workers_too(tmp_path: Path) -> None:
    start = time.monotonic()
    results = run(tmp_path, "while True: pass", jobs=2, others=40)
    outcomes = [results[path].outcome for path in sorted(results)]
    failed = [each for each in outcomes if isinstance(each, Failed)]
    assert [each.error for each in failed] == ["guest-timeout"]
    assert sum(isinstance(each, Changed) for each in outcomes) == len(outcomes) - 1
    assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    ("guest", "script", "message"),
    [
        ("libcst:no.such.Command", "", "names no CodemodCommand"),
        ("libcst:none.py", "", "there is no file"),
        ("libcst:x.py", "1 / 0", "ZeroDivisionError"),
        ("libcst:x.py", "", "names no CodemodCommand"),
        ("libcst:rename.RenameCommand --sideways", "", "args: "),
        ("fixit:fixit.rules:NoSuchRule", "", "names no LintRule"),
        ("fixit:x.py", "", "names no LintRule"),
        ("bowler:none.py", "", "there is no script"),
        ("bowler:x.py", "", "builds no Query"),
        ("bowler:x.py", "raise ValueError('why')", "ValueError: why"),
        ("bowler:x.py", "while True: pass", "no answer within 4 seconds"),
    ],
)
def test_a_guest_that_cannot_be_loaded_is_an_error_that_names_it(
    tmp_path: Path, guest: str, script: str, message: str
) -> None:
    (tmp_path / "x.py").write_text(script, "utf-8")
    specs = guests.specs([f"mine={guest}"], tmp_path, timeout=4)
    with pytest.raises(ConfigError) as caught:
        guests.run_specs(specs, {"test_a.py": GOOD})
    assert "'mine'" in str(caught.value)
    assert message in str(caught.value)
