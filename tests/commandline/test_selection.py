"""Which files, which codemods, which lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from checkouts import Checkout
from console import CLEAN, POLL, UNUSED, contents, project, run

if TYPE_CHECKING:
    from pathlib import Path

BOTH = b"import json\n" + POLL


def findings(*arguments: str, cwd: Path) -> list[tuple[str, str, int]]:
    done = run("check", "--format=json", *arguments, cwd=cwd)
    return [
        (file["path"], finding["codemod"], finding["line"])
        for file in json.loads(done.stdout)["files"]
        for finding in file["findings"]
        if finding["state"] == "fixable"
    ]


def test_codemods(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": BOTH})
    unused = ("tests/test_a.py", "unused-imports", 1)
    poll = ("tests/test_a.py", "sleep-polling", 8)
    assert findings(cwd=folder) == [unused, poll]
    assert findings("--select", "unused-imports", cwd=folder) == [unused]
    both = "--select=sleep-polling,unused-imports"
    assert findings(both, cwd=folder) == [unused, poll]
    assert findings(both, "--ignore", "sleep-polling", cwd=folder) == [unused]


def test_suppression(tmp_path: Path) -> None:
    silent = UNUSED.replace(
        b"import json", b"import json  # testmend: ignore[unused-imports]"
    )
    folder = project(tmp_path, {"tests/test_a.py": silent})
    done = run("check", cwd=folder)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"1 finding suppressed by comments" in done.stderr


def test_isolated_and_named_configuration(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED})
    (folder / "testmend.toml").write_text('ignore = ["unused-imports"]')
    (folder / "other.toml").write_text('select = ["sleep-polling"]')
    assert findings(cwd=folder) == []
    assert findings("--config", "other.toml", cwd=folder) == []
    assert len(findings("--isolated", cwd=folder)) == 1


def test_a_configuration_from_elsewhere_is_about_this_project(tmp_path: Path) -> None:
    files = {"tests/test_a.py": UNUSED, "tests/old/test_b.py": UNUSED}
    folder = project(tmp_path / "project", files)
    shared = tmp_path / "shared.toml"
    shared.write_text('exclude = ["/tests/old/"]')
    assert len(findings("--config", str(shared), cwd=folder)) == 1
    assert len(findings("--config", "../shared.toml", "tests", cwd=folder)) == 1


def test_show_settings(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED})
    (folder / "testmend.toml").write_text("[sleep-polling]\nstyle = 'inline'\n")
    before = contents(folder)
    done = run("apply", "--show-settings", "--select=sleep-polling", cwd=folder)
    assert done.returncode == 0
    shown = json.loads(done.stdout)
    assert shown["root"] == str(folder)
    assert shown["configuration"] == str(folder / "testmend.toml")
    assert shown["codemods"] == ["sleep-polling"]
    assert shown["options"]["sleep-polling"]["style"] == "inline"
    assert shown["files"] == 1
    assert contents(folder) == before


def checkout(folder: Path, files: dict[str, bytes]) -> Checkout:
    made = Checkout(project(folder, files))
    made.git("init", "-q", "-b", "main")
    made.commit_all()
    return made


def test_since_a_revision(tmp_path: Path) -> None:
    repository = checkout(tmp_path, {"tests/test_a.py": BOTH, "tests/test_b.py": BOTH})
    repository.git("checkout", "-q", "-b", "topic")
    repository.write("tests/test_a.py", BOTH.replace(b"(10)", b"(12)"))
    repository.write("tests/test_new.py", BOTH)
    repository.write('tests/test_n\xc3\xa4ive "q".py'.encode("latin-1"), BOTH)
    repository.commit_all("topic")
    repository.git("checkout", "-q", "main")
    repository.write("tests/test_b.py", b"import json  # changed on main only\n" + POLL)
    repository.commit_all("main goes on")
    repository.git("checkout", "-q", "topic")
    repository.write("tests/test_untracked.py", UNUSED)
    expected = [
        ("tests/test_a.py", "sleep-polling", 8),
        ("tests/test_new.py", "unused-imports", 1),
        ("tests/test_new.py", "sleep-polling", 8),
        ('tests/test_n\u00e4ive "q".py', "unused-imports", 1),
        ('tests/test_n\u00e4ive "q".py', "sleep-polling", 8),
        ("tests/test_untracked.py", "unused-imports", 1),
    ]
    assert findings("--since", "main", cwd=tmp_path) == expected
    assert findings("--since", "HEAD", cwd=tmp_path) == expected[-1:]
    assert run("apply", "--since", "main", cwd=tmp_path).returncode == 0
    assert repository.read("tests/test_untracked.py") == CLEAN
    assert repository.read("tests/test_b.py") == BOTH
    assert b"import json\n" in repository.read("tests/test_a.py")
    assert b"waits.poll(" in repository.read("tests/test_a.py")


def test_what_is_staged(tmp_path: Path) -> None:
    repository = checkout(tmp_path, {"tests/test_a.py": BOTH, "tests/test_b.py": BOTH})
    repository.write("tests/test_a.py", BOTH.replace(b"(10)", b"(12)"))
    repository.write("tests/test_b.py", BOTH.replace(b"(10)", b"(12)"))
    repository.git("add", "tests/test_a.py")
    only = [("tests/test_a.py", "sleep-polling", 8)]
    assert findings("--staged", cwd=tmp_path) == only


def test_what_is_staged_before_the_first_commit(tmp_path: Path) -> None:
    repository = Checkout(project(tmp_path, {"tests/test_a.py": UNUSED}))
    repository.git("init", "-q")
    assert findings("--staged", cwd=tmp_path) == []
    repository.git("add", "-A")
    assert len(findings("--staged", cwd=tmp_path)) == 1


def test_paths_within_a_larger_repository(tmp_path: Path) -> None:
    """The project's root is beneath the top of the repository."""
    repository = checkout(
        tmp_path, {"sub/pyproject.toml": b"", "sub/tests/a.py": CLEAN}
    )
    repository.write("sub/tests/a.py", UNUSED)
    found = findings("--since", "HEAD", "sub", cwd=tmp_path)
    assert found == [("tests/a.py", "unused-imports", 1)]
    diff = run("diff", cwd=tmp_path / "sub").stdout
    assert b"+++ b/sub/tests/a.py\n" in diff
    repository.git("apply", "--check", "-", stdin=diff)
    github = run("check", "--format=github", cwd=tmp_path / "sub").stdout
    assert github.startswith(b"::warning file=sub/tests/a.py,line=1,")


def test_a_revision_is_no_flag(tmp_path: Path) -> None:
    checkout(tmp_path, {"tests/test_a.py": UNUSED})
    before = contents(tmp_path)
    for name in ("nowhere", "--output=stolen", "HEAD:tests/test_a.py", "-p"):
        done = run("check", f"--since={name}", cwd=tmp_path)
        assert done.returncode == 2
        assert b"git knows no revision" in done.stderr
    assert contents(tmp_path) == before


def test_outside_of_a_repository(tmp_path: Path) -> None:
    folder = project(tmp_path, {"tests/test_a.py": UNUSED})
    done = run("check", "--staged", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr
