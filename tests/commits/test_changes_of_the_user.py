"""What the user has in the works stays, and files that hold it are left or merged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import checkouts
import pytest
from commits.runs import BEFORE, A, B, base, run, small_plan, users_changes

from testmend.commits.plan import Commit, Plan, Wishes
from testmend.errors import GitError
from testmend.git.errors import Refusal

if TYPE_CHECKING:
    from pathlib import Path

LONG = b"".join(b"line %d\n" % number for number in range(30))


def test_files_with_changes_are_left_and_named(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.write("tests/sub/test_b.py", b"mine\n")
    plan = small_plan()
    plan = Plan(plan.commits, {**plan.originals, B: b"mine\n"})
    made = run(checkout, plan)
    assert made.left == {B: "uncommitted-changes"}
    assert checkout.read("tests/sub/test_b.py") == b"mine\n"
    assert checkout.git("status", "--porcelain") == b" M tests/sub/test_b.py\n"


def _long(path: Path) -> checkouts.Checkout:
    checkout = checkouts.new(path)
    checkout.write("test_it.py", LONG)
    checkout.commit_all()
    checkout.write("test_it.py", LONG.replace(b"line 2\n", b"staged\n"))
    checkout.git("add", "test_it.py")
    return checkout


def test_allow_dirty_commits_the_edit_alone(tmp_path: Path) -> None:
    checkout = _long(tmp_path / "repository")
    dirty = LONG.replace(b"line 2\n", b"staged\n").replace(b"line 9\n", b"dirty\n")
    checkout.write("test_it.py", dirty)
    fixed = dirty.replace(b"line 20\n", b"fixed\n")
    plan = Plan((Commit("one\n", {b"test_it.py": fixed}),), {b"test_it.py": dirty})
    made = run(checkout, plan, Wishes(allow_dirty=True))
    assert made.left == {}
    alone = LONG.replace(b"line 20\n", b"fixed\n")
    assert checkout.git("show", "HEAD:test_it.py") == alone
    staged = alone.replace(b"line 2\n", b"staged\n")
    assert checkout.git("show", ":test_it.py") == staged
    assert checkout.read("test_it.py") == fixed


def test_allow_dirty_leaves_a_file_where_edits_meet(tmp_path: Path) -> None:
    checkout = _long(tmp_path / "repository")
    dirty = checkout.read("test_it.py")
    fixed = dirty.replace(b"staged\n", b"fixed\n")
    plan = Plan((Commit("one\n", {b"test_it.py": fixed}),), {b"test_it.py": dirty})
    before = checkouts.snapshot(checkout)
    made = run(checkout, plan, Wishes(allow_dirty=True))
    assert made.left == {b"test_it.py": "edits-meet"}
    assert not made.commits
    assert checkouts.snapshot(checkout) == before


def test_files_that_are_not_for_a_commit(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.write("tests/untracked.py", b"u\n")
    (checkout.path / "tests/link.py").symlink_to("test_a.py")
    checkout.write("tests/hard.py", b"h\n")
    checkout.write("tests/flagged.py", b"f\n")
    checkout.git("add", "tests/link.py", "tests/hard.py", "tests/flagged.py")
    checkout.git("commit", "-q", "-m", "more")
    os.link(checkout.path / "tests/hard.py", tmp_path / "other-name")
    checkout.git("update-index", "--assume-unchanged", "tests/flagged.py")
    originals: dict[bytes, bytes | None] = {
        b"tests/untracked.py": b"u\n",
        b"tests/link.py": BEFORE[A],
        b"tests/hard.py": b"h\n",
        b"tests/flagged.py": b"f\n",
        b"tests/test_a.py": b"read at another time\n",
        b"../outside.py": b"",
        b".git/hooks/pre-commit": None,
        b"tests/TEST_A.py": None,
    }
    files = dict.fromkeys(originals, b"new\n")
    before = checkouts.snapshot(checkout)
    made = run(checkout, Plan((Commit("one\n", files),), originals))
    assert made.left == {
        b"tests/untracked.py": "untracked",
        b"tests/link.py": "link",
        b"tests/hard.py": "hard-link",
        b"tests/flagged.py": "hidden",
        b"tests/test_a.py": "changed-meanwhile",
        b"../outside.py": "path",
        b".git/hooks/pre-commit": "path",
        b"tests/TEST_A.py": "collision",
    }
    assert not made.commits
    assert checkouts.snapshot(checkout) == before


def test_a_folder_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    outside = tmp_path / "outside"
    (checkout.path / "tests/sub").rename(outside)
    (checkout.path / "tests/sub").symlink_to(outside)
    made = run(checkout, Plan((Commit("one\n", {B: b"new\n"}),), {B: BEFORE[B]}))
    assert not made.commits
    assert (outside / "test_b.py").read_bytes() == BEFORE[B]


@pytest.mark.parametrize(
    ("reason", "break_it"),
    [
        ("merge", "git merge -q other || true"),
        ("rebase", "git rebase -q other || true"),
        ("cherry-pick", "git cherry-pick other || true"),
        ("revert", "git revert --no-commit HEAD"),
        ("bisect", "git bisect start"),
        ("index-locked", "touch .git/index.lock"),
    ],
)
def test_unfinished_business_is_refused(
    tmp_path: Path, reason: str, break_it: str
) -> None:
    checkout = base(tmp_path / "repository")
    checkout.git("checkout", "-q", "-b", "other")
    checkout.write("mine.py", b"theirs\n")
    checkout.commit_all("theirs")
    checkout.git("checkout", "-q", "main")
    checkout.write("mine.py", b"ours\n")
    checkout.commit_all("ours")
    checkout.git("-c", f"alias.break=!{break_it}", "break")
    lock = checkout.path / ".git/index.lock"
    with pytest.raises(Refusal) as refused:
        run(checkout, small_plan())
    assert refused.value.reason.startswith(reason)
    assert lock.exists() == (reason == "index-locked")
    assert checkout.read("tests/test_a.py") == BEFORE[A]


def test_unborn_and_bare_are_refused(tmp_path: Path) -> None:
    unborn = checkouts.new(tmp_path / "unborn")
    with pytest.raises(Refusal, match="no commit yet"):
        run(unborn, small_plan())
    bare = checkouts.new(tmp_path / "bare", "--bare")
    with pytest.raises(Refusal):
        run(bare, small_plan())


def test_nobody_commits_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = base(tmp_path / "repository")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{name}_NAME")
        monkeypatch.delenv(f"GIT_{name}_EMAIL")
    with pytest.raises(Refusal, match=r"user\.name"):
        run(checkout, small_plan())


def test_a_branch_that_exists_or_is_an_option_is_refused(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.git("branch", "there")
    for name in ("there", "--upload-pack=x", "a..b", "refs/heads/x", "HEAD", "x.lock"):
        with pytest.raises(Refusal):
            run(checkout, small_plan(), Wishes(branch=name))
    assert checkout.git("for-each-ref", "--format=%(refname)").count(b"\n") == 2


def test_a_branch_that_moves_meanwhile_wins(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    checkout.hook(
        "pre-commit",
        "new=$(git commit-tree -p HEAD -m else HEAD^{tree});"
        "git update-ref refs/heads/main $new",
    )
    with pytest.raises(GitError, match="update-ref"):
        run(checkout, Plan((Commit("one\n", {A: b"new\n"}),), {A: BEFORE[A]}))
    assert checkout.log() == ["else", "base"]
    assert checkout.read("tests/test_a.py") == BEFORE[A]


def test_a_name_of_any_bytes_is_committed(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    names = [b"tests/t\xff.py", b"tests/t\n2.py", b"tests/t\x1b[31m.py", b"tests/-x.py"]
    for name in names:
        checkout.write(name, b"old\n")
    checkout.commit_all()
    files = dict.fromkeys(names, b"new\n")
    run(checkout, Plan((Commit("one\n", files),), dict.fromkeys(names, b"old\n")))
    changed = checkout.git("diff", "-z", "--name-only", "HEAD~1", "HEAD")
    assert sorted(changed.split(b"\0")[:-1]) == sorted(names)
    assert checkout.git("status", "--porcelain") == b""


def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    before = checkouts.snapshot(checkout)
    plan = Plan((Commit("one\n", {A: b"# new\n" * 20_000}),), {A: BEFORE[A]})
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, old[1]))
    try:
        with pytest.raises(Refusal) as refused:
            run(checkout, plan)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert refused.value.reason == "disk"
    assert checkouts.snapshot(checkout) == before
