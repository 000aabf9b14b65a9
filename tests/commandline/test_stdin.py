"""One file from stdin, as editors send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import BROKEN, CLEAN, POLL, UNUSED, contents, project, run

if TYPE_CHECKING:
    from pathlib import Path

NAMED = ["-", "--stdin-filename", "tests/test_a.py"]


def test_apply_prints_the_new_source(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": b"# saved long ago\n"})
    before = contents(folder)
    done = run("apply", *NAMED, cwd=folder, stdin=UNUSED)
    assert (done.returncode, done.stdout) == (0, CLEAN)
    assert contents(folder) == before


def test_what_needs_nothing_comes_back_as_it_was(tmp_path: Path) -> None:
    odd = b"\xef\xbb\xbfimport os\r\n\x0cprint(os)\r# end"
    for data in (CLEAN, odd, b"", b"\xff\xfe not python"):
        done = run("apply", *NAMED, cwd=tmp_path, stdin=data)
        assert (done.returncode, done.stdout) == (0, data), done.stderr


def test_broken_source_comes_back_and_fails(tmp_path: Path) -> None:
    done = run("apply", *NAMED, cwd=tmp_path, stdin=BROKEN)
    assert (done.returncode, done.stdout) == (2, BROKEN)
    assert b"tests/test_a.py: failed: syntax-error" in done.stderr


def test_check_and_diff(tmp_path: Path) -> None:
    folder = project(tmp_path, {})
    done = run("check", *NAMED, cwd=folder, stdin=UNUSED)
    assert done.returncode == 1
    assert done.stdout.startswith(b"tests/test_a.py:1:8: unused-imports: ")
    diff = run(*NAMED, cwd=folder, stdin=UNUSED)
    assert diff.returncode == 1
    assert b"--- a/tests/test_a.py\n" in diff.stdout
    assert b"-import json\n" in diff.stdout


def test_without_a_name(tmp_path: Path) -> None:
    assert run("apply", "-", cwd=tmp_path, stdin=UNUSED).stdout == CLEAN


def test_the_project_around_it_counts(tmp_path: Path) -> None:
    """Another file imports the unused name from this one: it stays."""
    user = b"from tests.test_a import json\n\nprint(json)\n"
    files = {"tests/__init__.py": b"", "tests/other.py": user}
    done = run("apply", *NAMED, cwd=project(tmp_path, files), stdin=UNUSED)
    assert done.stdout == UNUSED


def test_configuration_counts(tmp_path: Path) -> None:
    text = b'[per-file-ignores]\n"test_a.py" = ["unused-imports"]\n'
    folder = project(tmp_path, {"testmend.toml": text})
    assert run("apply", *NAMED, cwd=folder, stdin=UNUSED).stdout == UNUSED


def test_excluded(tmp_path: Path) -> None:
    folder = project(tmp_path, {"testmend.toml": b'exclude = ["tests/"]\n'})
    assert run("apply", *NAMED, cwd=folder, stdin=UNUSED).stdout == CLEAN
    forced = run("apply", *NAMED, "--force-exclude", cwd=folder, stdin=UNUSED)
    assert (forced.returncode, forced.stdout) == (0, UNUSED)


def test_apply_writes_the_new_file_that_the_source_needs(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/__init__.py": b""})
    assert run("diff", *NAMED, cwd=folder, stdin=POLL).returncode == 1
    assert not (folder / "tests/waits.py").exists()
    done = run("apply", *NAMED, cwd=folder, stdin=POLL)
    assert b"waits.poll(" in done.stdout
    assert (folder / "tests/waits.py").exists()
    assert not (folder / "tests/test_a.py").exists()
