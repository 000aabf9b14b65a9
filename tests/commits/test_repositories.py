"""In every kind of repository: the commits that git itself makes, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import checkouts
import pytest
from checkouts import Checkout
from commits import kinds
from commits.runs import (
    BEFORE,
    NEW,
    A,
    B,
    base,
    by_git,
    copied,
    run,
    small_plan,
    users_changes,
)

from testmend.commits.plan import Commit, Plan, Wishes

if TYPE_CHECKING:
    from pathlib import Path


def _executable(make: kinds.Base, path: Path) -> Checkout:
    checkout = make(path)
    (path / "tests/test_a.py").chmod(0o755)
    checkout.commit_all("executable")
    return checkout


@pytest.mark.parametrize("kind", [*kinds.COPYABLE, _executable])
def test_it_makes_what_git_makes(tmp_path: Path, kind: kinds.Kind) -> None:
    checkout = kind(base, tmp_path / "repository")
    plan = small_plan()
    wanted = by_git(copied(checkout, tmp_path / "copy"), plan)
    if kind not in kinds.SPARSE:
        users_changes(checkout)
    else:
        checkout.write("untracked.py", b"untracked\n")
    flags = checkout.git("ls-files", "-t", "-v").decode().splitlines()
    before = checkout.git("status", "--porcelain")
    staged = checkout.git("diff", "--cached", "--no-ext-diff")
    made = run(checkout, plan)
    assert list(made.commits) == wanted
    assert checkout.git("rev-parse", "HEAD").decode().strip() == wanted[-1]
    assert checkout.git("status", "--porcelain") == before
    assert checkout.git("diff", "--cached") == staged
    assert checkout.git("diff-files", "--name-only", "--", "tests/*.py") == b""
    after = checkout.git("ls-files", "-t", "-v").decode().splitlines()
    assert set(after) - {"H tests/helper.py"} == set(flags)
    assert checkout.read("tests/test_a.py") == b"x = 1\nz = 2\n"
    checkout.git("fsck", "--strict")


def test_a_linked_worktree_has_its_own_journal_and_hooks_still_run(
    tmp_path: Path,
) -> None:
    main = base(tmp_path / "main")
    main.hook("pre-commit", 'touch "$(git rev-parse --git-common-dir)/asked"')
    main.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    linked = Checkout(tmp_path / "linked")
    wanted = by_git(copied(base(tmp_path / "same"), tmp_path / "copy"), small_plan())
    made = run(linked, small_plan())
    assert made.ref == "refs/heads/topic"
    assert list(made.commits) == wanted
    assert (main.path / ".git/asked").exists()
    assert (main.path / ".git/worktrees/linked/testmend/undo").exists()
    assert linked.git("status", "--porcelain") == b""
    assert main.log() == ["base"]
    assert main.git("status", "--porcelain") == b""


def _with_bytes(path: Path, attributes: bytes, before: dict[bytes, bytes]) -> Checkout:
    checkout = checkouts.new(path)
    checkout.write(".gitattributes", attributes)
    for name, data in before.items():
        checkout.write(name, data)
    checkout.commit_all()
    return checkout


def test_autocrlf_keeps_crlf_on_disk_and_lf_in_history(tmp_path: Path) -> None:
    before = {name: data.replace(b"\n", b"\r\n") for name, data in BEFORE.items()}
    checkout = checkouts.new(tmp_path / "repository")
    checkout.git("config", "core.autocrlf", "true")
    for name, data in before.items():
        checkout.write(name, data)
    checkout.commit_all()
    plan = small_plan(b"\r\n", before)
    wanted = by_git(copied(checkout, tmp_path / "copy"), plan)
    assert list(run(checkout, plan).commits) == wanted
    assert checkout.git("show", "HEAD:tests/test_a.py") == b"x = 1\nz = 2\n"
    assert checkout.read("tests/test_a.py") == b"x = 1\r\nz = 2\r\n"
    assert checkout.git("status", "--porcelain") == b""


def test_filters_and_encodings_are_those_of_git_add(tmp_path: Path) -> None:
    utf16 = {A: "import os\n\nx = 1\n".encode("utf-16"), B: BEFORE[B]}
    attributes = b"tests/test_a.py working-tree-encoding=UTF-16\n*_b.py filter=caps\n"
    checkout = checkouts.new(tmp_path / "repository")
    checkout.git("config", "filter.caps.clean", "tr a-z A-Z")
    checkout.git("config", "filter.caps.smudge", "tr A-Z a-z")
    checkout.git("config", "filter.caps.required", "true")
    checkout.write(".gitattributes", attributes)
    for name, data in utf16.items():
        checkout.write(name, data)
    checkout.commit_all()
    files = {A: "x = 1\n".encode("utf-16"), B: b"y = 2\n"}
    plan = Plan((Commit("one\n", files),), utf16)
    wanted = by_git(copied(checkout, tmp_path / "copy"), plan)
    assert list(run(checkout, plan).commits) == wanted
    assert checkout.git("show", "HEAD:tests/test_a.py") == b"x = 1\n"
    assert checkout.git("show", "HEAD:tests/sub/test_b.py") == b"Y = 2\n"
    assert checkout.git("status", "--porcelain") == b""


def test_a_detached_head_needs_a_branch(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.git("checkout", "-q", "--detach")
    with pytest.raises(Exception, match="--branch"):
        run(checkout, small_plan())
    made = run(checkout, small_plan(), Wishes(branch="topic/one"))
    assert made.ref == "refs/heads/topic/one"
    assert checkout.git("symbolic-ref", "HEAD") == b"refs/heads/topic/one\n"
    assert checkout.log() == ["two: second", "one: first", "base"]
    assert checkout.git("status", "--porcelain") == b""
    assert checkout.git("rev-list", "main").count(b"\n") == 1


def test_a_branch_without_switching_leaves_all_else(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    before = checkouts.snapshot(checkout)
    run(checkout, small_plan(), Wishes(branch="topic", switch=False))
    after = checkouts.snapshot(checkout)
    assert checkout.git("log", "--format=%s", "topic").count(b"\n") == 3
    assert {**after, "refs": before["refs"]} == before


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_signing_key_signs_each_commit(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    key = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True
    )
    allowed = tmp_path / "allowed"
    allowed.write_bytes(b"cora@example.org " + key.with_suffix(".pub").read_bytes())
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingkey", str(key)),
        ("commit.gpgSign", "true"),
        ("gpg.ssh.allowedSignersFile", str(allowed)),
    ):
        checkout.git("config", name, value)
    made = run(checkout, small_plan())
    assert checkout.git("log", "-2", "--format=%G?") == b"G\nG\n"
    assert len(made.commits) == 2
    unsigned = run(
        checkout,
        Plan((Commit("x\n", {B: b"3\n"}),), {B: b"y = 2\n"}),
        Wishes(sign=False),
    )
    assert unsigned.commits
    assert checkout.git("log", "-1", "--format=%G?") == b"N\n"


def test_a_signer_that_fails_leaves_everything(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    checkout.git("config", "gpg.program", "false")
    before = checkouts.snapshot(checkout)
    with pytest.raises(Exception, match="commit-tree"):
        run(checkout, small_plan(), Wishes(sign="0xABCD"))
    assert checkouts.snapshot(checkout) == before


def test_new_files_take_their_place_in_the_index(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    run(checkout, small_plan())
    assert NEW in checkout.git("ls-files", "-z").split(b"\0")
