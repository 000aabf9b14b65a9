"""``testmend commit`` as a user calls it, in every kind of repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import checkouts
import console
import pytest
from checkouts import Checkout
from commits import kinds
from commits.runs import copied, users_changes

if TYPE_CHECKING:
    from pathlib import Path

UNUSED = "tests/unit/test_unused.py"
POLL = "tests/test_poll.py"


def project(path: Path, *options: str) -> Checkout:
    checkout = checkouts.new(path, *options)
    console.project(path, {"mine.py": b"one\n", "other/far.py": b"far\n"})
    checkout.write(UNUSED, console.UNUSED)
    checkout.commit_all()
    return checkout


def _crlf(base: kinds.Base, path: Path) -> Checkout:
    checkout = base(path)
    checkout.git("config", "core.autocrlf", "true")
    checkout.git("rm", "-q", "--cached", "-r", ".")
    checkout.git("reset", "-q", "--hard")
    assert b"\r\n" in checkout.read(UNUSED)
    return checkout


def _encoded(base: kinds.Base, path: Path) -> Checkout:
    """Latin-1 in the work tree, UTF-8 in history, and a filter."""
    checkout = base(path)
    checkout.git("config", "filter.caps.clean", "sed s/json/JSON/")
    checkout.git("config", "filter.caps.smudge", "sed s/JSON/json/")
    attributes = b"*.py working-tree-encoding=ISO-8859-1 filter=caps\n"
    checkout.write(".gitattributes", attributes)
    source = b"# coding: latin-1\n# \xe9\n" + console.UNUSED
    checkout.write(UNUSED, source)
    checkout.commit_all("encoded")
    assert "é".encode() in checkout.git("show", f"HEAD:{UNUSED}")
    return checkout


@pytest.mark.parametrize("kind", [*kinds.COPYABLE, kinds.linked, _crlf, _encoded])
def test_the_commit_is_the_one_that_git_makes(tmp_path: Path, kind: kinds.Kind) -> None:
    checkout = kind(project, tmp_path / "repository")
    linked = kind is kinds.linked
    other = checkout if linked else copied(checkout, tmp_path / "copy")
    start = checkout.git("rev-parse", "HEAD").decode().strip()
    if (checkout.path / "mine.py").exists():
        users_changes(checkout)
    status = checkout.git("status", "--porcelain")
    flags = checkout.git("ls-files", "-t", "-v")
    done = console.run("commit", cwd=checkout.path)
    assert done.returncode == 0, done.stderr
    made = checkout.git("rev-parse", "HEAD").decode().strip()
    assert made != start
    assert checkout.git("status", "--porcelain") == status
    assert checkout.git("ls-files", "-t", "-v") == flags
    checkout.git("fsck", "--strict")
    # The same bytes by git itself, on the same base and with the same message.
    message = checkout.git("log", "-1", "--format=%B")
    fixed = checkout.read(UNUSED)
    if other is checkout:
        checkout.git("checkout", "-q", "-B", "by-git", start)
    other.write(UNUSED, fixed)
    other.git("add", UNUSED)
    other.git("commit", "-q", "-F", "-", "--", UNUSED, stdin=message)
    assert other.git("rev-parse", "HEAD").decode().strip() == made
    assert b"json" not in fixed


def _with_a_poll(path: Path) -> Checkout:
    checkout = project(path)
    checkout.write(POLL, console.POLL)
    checkout.commit_all("poll")
    return checkout


def test_a_dry_run_shows_commits_and_makes_none(tmp_path: Path) -> None:
    checkout = _with_a_poll(tmp_path / "repository")
    users_changes(checkout)
    before = checkouts.snapshot(checkout)
    done = console.run("commit", "--dry-run", cwd=checkout.path)
    assert done.returncode == 1
    assert done.stdout.count(b"\ncommit ") + 1 == 2
    for part in (
        b"    sleep-polling: 1 fix in 1 file\n",
        b"    unused-imports: 1 fix in 1 file\n",
        b"    Testmend-Codemod: unused-imports",
        b"tests/unit/test_unused.py | 1 -\n",
        b"-import json\n",
    ):
        assert part in done.stdout
    assert checkouts.snapshot(checkout) == before
    assert console.run("commit", "--check", cwd=checkout.path).returncode == 1
    assert checkouts.snapshot(checkout) == before
    assert checkout.git("count-objects") == _objects(tmp_path)


def _objects(tmp_path: Path) -> bytes:
    twin = _with_a_poll(tmp_path / "twin")
    users_changes(twin)
    return twin.git("count-objects")


def test_messages_by_template_with_trailers(tmp_path: Path) -> None:
    checkout = _with_a_poll(tmp_path / "repository")
    template = "Mend $files files: $codemods\n\nIn $directory."
    flags = ("--per", "directory", "-s", "--change-id", "--message", template)
    done = console.run("commit", *flags, cwd=checkout.path)
    assert done.returncode == 0, done.stderr
    assert checkout.log() == [
        "Mend 1 files: unused-imports",
        "Mend 2 files: sleep-polling",
        "poll",
        "base",
    ]
    first, second = (
        checkout.git("log", "-1", "--format=%(trailers:only)", name)
        for name in ("HEAD~1", "HEAD")
    )
    assert b"Signed-off-by: Cora Committer <cora@example.org>\n" in first
    ids = [
        re.findall(rb"^Change-Id: (I[0-9a-f]{40})$", t, re.MULTILINE)
        for t in (first, second)
    ]
    assert [len(each) for each in ids] == [1, 1]
    assert ids[0] != ids[1]
    assert b"Testmend-Base: " in first
    assert checkout.git("show", "--name-only", "--format=", "HEAD~1") == (
        b"tests/test_poll.py\ntests/testmend_waits.py\n"
    )


@pytest.mark.parametrize("template", ["$what", " ", "$"])
def test_a_template_that_makes_no_message_is_refused(
    tmp_path: Path, template: str
) -> None:
    checkout = project(tmp_path / "repository")
    before = checkouts.snapshot(checkout)
    done = console.run("commit", "--message", template, cwd=checkout.path)
    assert done.returncode == 2
    assert b"message template" in done.stderr
    assert checkouts.snapshot(checkout) == before


def test_a_detached_head_and_its_branch(tmp_path: Path) -> None:
    checkout = project(tmp_path / "repository")
    checkout.git("checkout", "-q", "--detach")
    before = checkouts.snapshot(checkout)
    done = console.run("commit", cwd=checkout.path)
    assert done.returncode == 2
    assert b"--branch" in done.stderr
    assert checkouts.snapshot(checkout) == before
    done = console.run("commit", "--branch", "mended", cwd=checkout.path)
    assert done.returncode == 0
    assert b"[mended " in done.stderr
    assert checkout.git("symbolic-ref", "--short", "HEAD") == b"mended\n"
    assert console.run("undo", cwd=checkout.path).returncode == 0
    assert checkouts.snapshot(checkout) == before


def test_a_merge_is_refused_before_any_work(tmp_path: Path) -> None:
    checkout = project(tmp_path / "repository")
    checkout.git("update-ref", "MERGE_HEAD", "HEAD")
    done = console.run("commit", cwd=checkout.path)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"a merge is in progress" in done.stderr


def test_a_hook_that_refuses_has_its_say(tmp_path: Path) -> None:
    checkout = project(tmp_path / "repository")
    users_changes(checkout)
    checkout.hook("pre-commit", "echo first line; echo second line >&2; exit 1")
    before = checkouts.snapshot(checkout)
    done = console.run("commit", cwd=checkout.path)
    assert done.returncode == 2
    assert b"pre-commit" in done.stderr
    assert b"pre-commit: first line\ntestmend: hook pre-commit: second" in done.stderr
    assert checkouts.snapshot(checkout) == before
    assert console.run("commit", "--no-verify", cwd=checkout.path).returncode == 0


def test_a_dirty_file_is_named_and_nothing_builds_on_it(tmp_path: Path) -> None:
    """The other file's import is used by the dirty one alone, whose fix stays out."""
    checkout = project(tmp_path / "repository")
    dirty = console.UNUSED + b"\n# mine\n"
    checkout.write(UNUSED, dirty)
    done = console.run("commit", cwd=checkout.path)
    assert done.returncode == 0
    assert b"test_unused.py: left alone: uncommitted-changes" in done.stderr
    assert b"0 files changed, 0 unchanged, 1 skipped" in done.stderr
    assert checkout.read(UNUSED) == dirty
    assert checkout.log() == ["base"]
    done = console.run("commit", "--allow-dirty", cwd=checkout.path)
    assert done.returncode == 0
    assert checkout.git("show", f"HEAD:{UNUSED}") == console.CLEAN
    assert checkout.read(UNUSED) == console.CLEAN + b"\n# mine\n"


def test_a_helper_that_is_not_committed_keeps_its_users_out(tmp_path: Path) -> None:
    """It stands there from an apply and git does not know it: no commit may need it."""
    checkout = _with_a_poll(tmp_path / "repository")
    assert console.run("apply", "tests/test_poll.py", cwd=checkout.path).returncode == 0
    checkout.git("checkout", "-q", POLL)
    assert checkout.git("status", "--porcelain") == b"?? tests/testmend_waits.py\n"
    done = console.run("commit", cwd=checkout.path)
    assert b"tests/test_poll.py: left alone: helper" in done.stderr
    assert b"tests/testmend_waits.py: left alone: untracked" in done.stderr
    assert checkout.log()[0] == "unused-imports: 1 fix in 1 file"
    assert checkout.git("status", "--porcelain") == b"?? tests/testmend_waits.py\n"
    checkout.commit_all("helper")
    assert console.run("commit", cwd=checkout.path).returncode == 0
    assert checkout.log()[0] == "sleep-polling: 1 fix in 1 file"


def test_names_of_any_bytes(tmp_path: Path) -> None:
    checkout = project(tmp_path / "repository")
    names = (b"tests/test_\xff.py", b"tests/test_\n2.py", b"tests/test_\x1b[31m.py")
    for name in names:
        checkout.write(name, console.UNUSED)
    checkout.commit_all()
    dirty = b"tests/test_\x1b]0;title\x07.py"
    checkout.write(dirty, console.UNUSED)
    done = console.run("commit", cwd=checkout.path)
    assert done.returncode == 0, done.stderr
    changed = checkout.git("diff", "-z", "--name-only", "HEAD~1", "HEAD").split(b"\0")
    assert set(names) < set(changed)
    assert dirty not in changed
    assert b"\x1b" not in done.stderr
    assert b"\\x1b]0;title\\x07.py: left alone: untracked" in done.stderr
    assert console.run("undo", cwd=checkout.path).returncode == 0
    shown = console.run("commit", "-n", cwd=checkout.path)
    assert b"\x1b" not in shown.stdout


def test_a_name_that_collides_is_refused(tmp_path: Path) -> None:
    checkout = _with_a_poll(tmp_path / "repository")
    checkout.write("tests/Testmend_waits.py", b"another = 1\n")
    checkout.commit_all("another")
    before = checkouts.snapshot(checkout)
    done = console.run("commit", "--select", "sleep-polling", cwd=checkout.path)
    assert done.returncode == 2
    assert b"tests/testmend_waits.py: left alone: collision" in done.stderr
    assert checkouts.snapshot(checkout) == before


@pytest.mark.parametrize("command", ["apply", "commit"])
def test_undo_keeps_a_helper_for_a_file_that_it_leaves(
    tmp_path: Path, command: str
) -> None:
    checkout = _with_a_poll(tmp_path / "repository")
    assert console.run(command, cwd=checkout.path).returncode == 0
    mine = checkout.read(POLL) + b"\n# mine\n"
    checkout.write(POLL, mine)
    done = console.run("undo", cwd=checkout.path)
    assert done.returncode == 2
    assert b"tests/test_poll.py: left alone: changed-meanwhile" in done.stderr
    assert b"tests/testmend_waits.py: left alone: needed" in done.stderr
    assert checkout.read(POLL) == mine
    assert b"class Deadline" in checkout.read("tests/testmend_waits.py")
