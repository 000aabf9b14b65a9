"""What goes to stdout and what to stderr, in which form."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest
from console import (
    BROKEN,
    CLEAN,
    COMMAND,
    POLL,
    REFUSED,
    UNUSED,
    contents,
    project,
    run,
)

from testmend.cli.console import followed

SELECT = "--select=unused-imports"


def test_check_names_place_codemod_and_fate(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED})
    done = run("check", SELECT, cwd=folder)
    line = b"tests/test_a.py:1:8: unused-imports: json is imported and not used [fix]\n"
    assert done.stdout == line
    below = run("check", SELECT, cwd=folder / "tests")
    assert below.stdout == line.removeprefix(b"tests/")


def test_summary_on_stderr(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        {
            "tests/test_a.py": UNUSED,
            "tests/test_b.py": REFUSED,
            "tests/test_c.py": BROKEN,
            "tests/test_d.py": b"# -*- coding: nonsense -*-\n",
        },
    )
    done = run("check", SELECT, cwd=folder)
    lines = done.stderr.decode().splitlines()
    assert lines[0].startswith("testmend: tests/test_c.py: failed: syntax-error: ")
    assert lines[1].startswith(
        "1 file would change, 1 unchanged, 1 skipped (encoding 1), "
        "1 failed (syntax-error 1) ["
    )
    assert lines[2:] == [
        "1 finding fixable: unused-imports 1",
        "1 left by unused-imports: comment 1",
    ]
    verbose = run("check", SELECT, "-v", cwd=folder).stderr.decode()
    assert "testmend: tests/test_d.py: skipped: encoding: " in verbose
    quiet = run("check", SELECT, "-q", cwd=folder).stderr.decode()
    assert quiet == f"{lines[0]}\n"


def test_refused_findings_are_shown_when_asked_for(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": REFUSED})
    assert run("check", SELECT, cwd=folder).stdout == b""
    line = "tests/test_a.py:1:8: unused-imports: os is imported and not used"
    for flag in ("--show-refused", "--strict"):
        done = run("check", SELECT, flag, cwd=folder)
        assert done.stdout.decode() == f"{line} [left: comment]\n"
    done = run("diff", SELECT, "--show-refused", cwd=folder)
    assert done.stdout == b""
    assert f"{line} [left: comment]\n" in done.stderr.decode()


def test_diff_apply_and_git_agree(tmp_path: Path) -> None:
    files = {"tests/__init__.py": b"", "tests/unit/__init__.py": b""}
    files |= {"tests/unit/test_a.py": UNUSED, "tests/unit/test_b.py": POLL}
    files |= {"pytest.ini": b"[pytest]\n"}  # or unittest might begin in tests/unit
    mine = project(tmp_path / "mine", files)
    other = project(tmp_path / "other", files)
    subprocess.run(["git", "init", "-q", other], check=True)
    diff = run(cwd=other / "tests/unit")
    assert diff.returncode == 1
    for flag in (["--check"], []):
        command = ["git", "apply", *flag, "-"]
        subprocess.run(command, cwd=other, input=diff.stdout, check=True)
    assert run("apply", cwd=mine).returncode == 0
    applied = {k: v for k, v in contents(other).items() if not k.startswith(".git/")}
    assert contents(mine) == applied
    assert "tests/waits.py" in applied


def test_bytes_pass_through_the_diff(tmp_path: Path) -> None:
    data = b"# coding: latin-1\r\nimport os\r\n\x0c\r\nNAME = 'caf\xe9'"
    folder = project(tmp_path, {"tests/test_a.py": data})
    done = run("diff", SELECT, "-q", cwd=folder)
    assert done.stdout == (
        b"diff --git a/tests/test_a.py b/tests/test_a.py\n"
        b"--- a/tests/test_a.py\n+++ b/tests/test_a.py\n@@ -1,4 +1,3 @@\n"
        b" # coding: latin-1\r\n-import os\r\n \x0c\r\n NAME = 'caf\xe9'\n"
        b"\\ No newline at end of file\n"
    )


def test_statistics(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED, "tests/test_b.py": CLEAN})
    done = run("diff", "--stat", SELECT, cwd=folder)
    assert done.stdout.decode() == (
        " tests/test_a.py |     1 -\n 1 file changed, 0 lines added, 1 removed\n"
    )


@pytest.mark.parametrize(
    ("arguments", "env", "colour"),
    [
        ([], {}, False),
        (["--color=always"], {}, True),
        (["--color=always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color=never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(
    tmp_path: Path, arguments: list[str], env: dict[str, str], *, colour: bool
) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED})
    done = run("diff", SELECT, *arguments, cwd=folder, env=env)
    assert (b"\x1b[31m-import json\x1b[0m\n" in done.stdout) == colour
    assert (b"\x1b" in done.stderr) == colour


def test_control_characters_in_names_are_shown_escaped(tmp_path: Path) -> None:
    folder = project(
        tmp_path, {"tests/test_\x1b[2J.py": UNUSED, "tests/b\n.py": BROKEN}
    )
    done = run("check", SELECT, "--color=always", cwd=folder)
    assert done.stdout.startswith(rb"tests/test_\x1b[2J.py:1:8: ")
    assert rb"tests/b\x0a.py: failed" in done.stderr
    diff = run("diff", SELECT, cwd=folder)
    assert rb'+++ "b/tests/test_\033[2J.py"' in diff.stdout


def test_names_of_any_bytes(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/__init__.py": b""})
    file = Path(os.fsdecode(os.fsencode(folder / "tests") + b"/test_\xff.py"))
    file.write_bytes(UNUSED)
    assert run("check", SELECT, cwd=folder).stdout.startswith(
        rb"tests/test_\xff.py:1:8"
    )
    document = json.loads(run("check", SELECT, "--format=json", cwd=folder).stdout)
    assert document["files"][1]["path"] == "tests/test_\udcff.py"
    assert run("check", "--format=sarif", cwd=folder).returncode == 1
    assert run("check", "--format=github", cwd=folder).returncode == 1
    assert rb'+++ "b/tests/test_\377.py"' in run("diff", SELECT, cwd=folder).stdout
    assert run("apply", SELECT, cwd=folder).returncode == 0
    assert file.read_bytes() == CLEAN
    assert run("diff", os.fsencode(file), cwd=folder).returncode == 0


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    long = UNUSED.replace(b"\n\n", b"\n# " + b"long" * 5_000 + b"\n", 1)  # fills pipes
    folder = project(tmp_path, {f"tests/test_{n}.py": long for n in range(50)})
    running = subprocess.Popen(
        [*COMMAND, "diff", SELECT, "-q"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.read(10)
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait() == 2


def test_ctrl_c(tmp_path: Path) -> None:
    files = {f"tests/test_{number}.py": UNUSED * 200 for number in range(300)}
    folder = project(tmp_path, files)
    running = subprocess.Popen(
        [*COMMAND, "apply", "-j2"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(1)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert said == b"\ntestmend: interrupted\n"
    for name, data in contents(folder).items():
        if name.startswith("tests/"):
            assert data in (UNUSED * 200, (UNUSED * 200).replace(b"import json\n", b""))


def test_a_progress_bar_on_a_terminal_only(tmp_path: Path) -> None:
    files = {f"tests/test_{number}.py": UNUSED * 100 for number in range(100)}
    folder = project(tmp_path, files)
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*COMMAND, "check", "-j1"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    seen = b""
    while running.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                seen += os.read(ours, 65536)
            except OSError:
                break
    os.close(ours)
    assert running.wait() == 1
    assert b"/100" in seen
    assert b"100 files would change" in seen


def test_list_and_explain(tmp_path: Path) -> None:
    names = ["hardcoded-credential", "hardcoded-ip", "hardcoded-uuid"]
    names += ["hardcoded-value", "sleep-polling", "unused-imports"]
    lines = run("list", cwd=tmp_path).stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == names
    rows = json.loads(run("list", "--format=json", cwd=tmp_path).stdout)
    assert [row["name"] for row in rows] == names


@pytest.mark.parametrize("name", ["sleep-polling", "unused-imports"])
def test_a_page_has_every_reason_code(tmp_path: Path, name: str) -> None:
    from testmend import registry, rewriting  # noqa: PLC0415  imports all codemods

    codemod = registry.load()[name]
    page = run("explain", name, cwd=tmp_path).stdout.decode()
    for code in {*codemod.reasons, *rewriting.REASONS}:
        assert code in page
    assert "Before" in page
    assert "After" in page


def test_the_documentation_has_every_reason_of_sleep_polling() -> None:
    from testmend import registry, rewriting  # noqa: PLC0415  imports all codemods

    codes = {*registry.load()["sleep-polling"].reasons, *rewriting.REASONS}
    page = Path(__file__).parents[2] / "docs/sleep-polling-reasons.md"
    headings = re.findall(r"^### `(.+)`$", page.read_text("utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(codes)


def test_a_reason_code_is_explained_alone(tmp_path: Path) -> None:
    printed = run("explain", "settle-sleep", cwd=tmp_path).stdout.decode()
    assert printed.startswith("settle-sleep (sleep-polling): A bare sleep before")
    assert printed.count("\n") == 1


def test_nobody_reads_along_in_a_file(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    top, terminal = os.openpty()
    with (
        os.fdopen(writer, "w") as pipe,
        os.fdopen(terminal, "w") as screen,
        (tmp_path / "a.diff").open("w") as file,
        Path(os.devnull).open("w") as nowhere,
    ):
        assert followed(pipe)
        assert followed(screen)
        assert not followed(file)
        assert not followed(nowhere)
    os.close(reader)
    os.close(top)
