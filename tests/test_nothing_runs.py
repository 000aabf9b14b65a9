"""Invariant 6: a repository is data. Nothing of it is imported or run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import run

import checkouts
import console
import pytest

_MODULES = (
    *("conftest", "tests/conftest", "tests/__init__", "setup", "sitecustomize"),
    *("usercustomize", "testmend_codemods/__init__", "codemods/__init__", "cli"),
    *("codemods/cli", "click", "msgspec", "libcst/__init__", "unidiff", "git"),
    *("json", "re", "typing", "ast", "secrets", "multiprocessing/__init__"),
    *("codemods/testmend_codemods/__init__", "src/testmend/__init__", "tomllib"),
)
_HOOKS = (
    *("pre-commit", "post-index-change", "post-checkout", "reference-transaction"),
    *("prepare-commit-msg", "commit-msg", "post-commit", "fsmonitor-watchman"),
)


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """A repository in which everything that could run leaves a trace, and the trace."""
    trace = tmp_path / "trace"
    checkout = checkouts.new(tmp_path / "repository")
    files = {
        f"{name}.py": f"open({str(trace)!r}, 'a').write('{name}\\n')\n".encode()
        for name in _MODULES
    }
    files |= {f"tests/test_{n}.py": console.UNUSED for n in range(40)}
    console.project(checkout.path, files)
    checkout.write("evil.pth", f"import os; os.system('touch {trace}')\n".encode())
    checkout.write(".gitattributes", b"*.py diff=evil filter=evil\n")
    checkout.commit_all()
    for name in _HOOKS:
        checkout.hook(name, f"echo {name} >> {trace}")
    command = f"echo config >> {trace}; cat"
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand"),
        *("diff.external", "diff.evil.command", "diff.evil.textconv"),
        *("filter.evil.clean", "filter.evil.smudge", "alias.rev-parse"),
        *("gpg.program", "credential.helper", "core.gitProxy", "core.askPass"),
    ):
        checkout.git("config", key, command)
    return checkout.path, trace


def _python_m(*arguments: str, cwd: Path) -> int:
    path = [each for each in sys.path if each and Path(each).is_dir()]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    command = [sys.executable, "-m", "testmend", *arguments]
    done = run(command, cwd=cwd, env=variables, capture_output=True, check=False)
    return done.returncode


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("command", ["list", "check", "diff", "apply"])
def test_the_command_runs_nothing(
    trap: tuple[Path, Path], command: str, jobs: str
) -> None:
    folder, trace = trap
    flags = [] if command == "list" else ["-j", jobs]
    done = console.run(command, *flags, cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    assert not trace.exists(), trace.read_text()
    if command == "apply":
        assert b"40 files changed" in done.stderr
        assert console.run("undo", cwd=folder).returncode == 0
        assert not trace.exists(), trace.read_text()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_python_m_runs_nothing(trap: tuple[Path, Path], jobs: str) -> None:
    """What Python itself imports for ``-m`` before testmend starts is beyond reach."""
    folder, trace = trap
    assert _python_m("diff", "-j", jobs, cwd=folder) == 1
    assert not trace.exists(), trace.read_text()
