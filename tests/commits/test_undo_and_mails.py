"""A run is taken back as far as files are as it left them; mails carry any bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import checkouts
import pytest
from commits.runs import A, B, base, run, small_plan, users_changes
from unidiff.patch import PatchSet

from testmend.commits.journal import Journal
from testmend.commits.patches import write_mails
from testmend.commits.plan import Commit, Pass, Plan, Wishes, steps
from testmend.commits.shown import describe
from testmend.commits.transaction import draft
from testmend.commits.undo import Recorder, opened_folder, undo, undo_files
from testmend.git.errors import Refusal
from testmend.git.repository import Repository, open_repository

if TYPE_CHECKING:
    from pathlib import Path


def _open(checkout: checkouts.Checkout) -> Repository:
    return open_repository(os.fsencode(checkout.path))


def test_undo_takes_a_commit_back(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    before = checkouts.snapshot(checkout)
    run(checkout, small_plan())
    undone = undo(_open(checkout))
    assert undone.kind == "commit"
    assert not undone.left
    assert checkouts.snapshot(checkout) == before
    with pytest.raises(Refusal, match="no run"):
        undo(_open(checkout))


def _many_files(path: Path, *options: str) -> tuple[checkouts.Checkout, Plan]:
    """As many as git puts into one pack, in a repository that is packed as a clone."""
    names = [b"tests/test_%d.py" % number for number in range(60)]
    checkout = checkouts.new(path, *options)
    for name in names:
        checkout.write(name, b"old = '%s'\n" % name)
    checkout.commit_all()
    checkout.git("gc", "-q")
    before: dict[bytes, bytes | None] = {n: b"old = '%s'\n" % n for n in names}
    after = {name: b"new = '%s'\n" % name for name in names}
    return checkout, Plan((Commit("all\n", after),), before)


@pytest.mark.parametrize("objects", ["sha1", "sha256"])
def test_undo_of_files_whose_bytes_are_in_packs(tmp_path: Path, objects: str) -> None:
    form = f"--object-format={objects}"
    checkout, plan = _many_files(tmp_path / "repository", form)
    before = checkouts.snapshot(checkout)
    run(checkout, plan)
    after = checkouts.snapshot(checkout)
    assert after != before
    record = tmp_path / "repository/.git/testmend/undo"
    assert not sum(each.stat().st_size for each in record.glob("*.bin"))
    undo(_open(checkout))
    assert checkouts.snapshot(checkout) == before


def test_undo_says_when_git_has_lost_what_the_record_names(tmp_path: Path) -> None:
    checkout, plan = _many_files(tmp_path / "repository")
    run(checkout, plan)
    checkout.git("reset", "-q", "--hard", "HEAD~")
    checkout.git("reflog", "expire", "--expire=now", "--all")
    checkout.git("gc", "-q", "--prune=now")
    before = checkouts.snapshot(checkout)
    with pytest.raises(Refusal, match="names what git no longer has"):
        undo(_open(checkout))
    assert checkouts.snapshot(checkout) == before


def test_undo_goes_back_to_where_a_branch_was_made(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.git("checkout", "-q", "--detach")
    before = checkouts.snapshot(checkout)
    run(checkout, small_plan(), Wishes(branch="topic"))
    undo(_open(checkout))
    assert checkouts.snapshot(checkout) == before


def test_undo_leaves_and_names_what_changed_since(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    run(checkout, small_plan())
    checkout.write("tests/test_a.py", b"mine\n")
    undone = undo(_open(checkout))
    assert undone.left == {A: "changed-meanwhile"}
    assert checkout.read("tests/test_a.py") == b"mine\n"
    assert checkout.read("tests/sub/test_b.py") == b"y = 1\n"


def test_undo_does_not_take_back_later_commits(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    run(checkout, small_plan())
    checkout.write("later.py", b"later\n")
    checkout.commit_all("later")
    before = checkouts.snapshot(checkout)
    with pytest.raises(Refusal, match="no longer at"):
        undo(_open(checkout))
    assert checkouts.snapshot(checkout) == before


def test_undo_of_an_apply_without_git(tmp_path: Path) -> None:
    journal = Journal(os.fsencode(tmp_path / "state"))
    root = tmp_path / "project"
    root.mkdir()
    for name in ("a.py", "b.py"):
        (root / name).write_bytes(b"old\n")
    with (
        opened_folder(os.fsencode(root), journal),
        Recorder.opened(journal) as recorder,
    ):
        for path in (b"a.py", b"b.py", b"not-reached.py"):
            recorder.add(path, b"old\n", b"new\n")
        (root / "a.py").write_bytes(b"new\n")
        (root / "b.py").write_bytes(b"new, and mine\n")
    undone = undo_files(os.fsencode(root), journal)
    assert (root / "a.py").read_bytes() == b"old\n"
    assert (root / "b.py").read_bytes() == b"new, and mine\n"
    assert set(undone.left) == {b"b.py", b"not-reached.py"}


ODD = {
    b"crlf.py": (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
    b"lone-cr.py": (b"a\rb\nc\n", b"a\rB\nc\n"),
    b"form-feed.py": (b"a\n\x0cb\nc\n", b"a\n\x0cB\x0b\nc\n"),
    b"latin-1.py": (b"# coding: latin-1\n\xe9\n", b"# coding: latin-1\n\xe8\xff\n"),
    b"no-end.py": (b"a\nb", b"a\nB"),
    b"gains-end.py": (b"a", b"a\n"),
    b"n\xc3\xa4me \xff.py": (b"a\n", b"b\n"),
    b"mixed.py": (b"a\r\nb\nc\r\x0c\n\xff", b"a\r\nb\nC\r\x0c\n\xff\r"),
    b"from.py": (b"a\nFrom b\n", b"A\nFrom x Mon Sep 17 00:00:00 2001\n--- \n"),
}


def test_mails_and_diffs_carry_any_bytes(tmp_path: Path) -> None:
    checkout = checkouts.new(tmp_path / "repository")
    for name, (old, _) in ODD.items():
        checkout.write(name, old)
    checkout.commit_all()
    checkout.git("clone", "-q", ".", str(tmp_path / "other"))
    other = checkouts.Checkout(tmp_path / "other")
    names = list(ODD)
    commits = tuple(
        Commit(f"töst {number}\n", {name: ODD[name][1] for name in part})
        for number, part in enumerate((names[:4], names[4:]))
    )
    plan = Plan(commits, {name: old for name, (old, _) in ODD.items()})
    before = checkouts.snapshot(checkout)
    diffs: list[bytes] = []
    mails: list[bytes] = []

    def use(repository: Repository, base: str, made: tuple[str, ...]) -> None:
        diffs.extend(describe(repository, each) for each in made)
        folder = os.fsencode(tmp_path / "mails")
        mails.extend(write_mails(repository, base, made[-1], folder))

    draft(_open(checkout), plan, Wishes(), use)
    assert checkouts.snapshot(checkout) == before
    for diff in diffs:
        patch = diff[diff.index(b"diff --git") :]
        other.git("apply", "--check", stdin=patch)
        text = patch.decode("latin-1").split("\n")
        assert len(PatchSet(line + "\n" for line in text[:-1])) in (4, 5)
    other.git("am", "-q", *mails)
    for name, (_, new) in ODD.items():
        assert other.git("show", b"HEAD:" + name) == new
    assert other.log() == ["töst 1", "töst 0", "base"]


def test_one_commit_for_each_codemod_directory_or_all() -> None:
    first = Pass("one", {A: b"1", B: b"1"})
    second = Pass("two", {A: b"2"})
    nothing = Pass("three", {})
    passes = (first, second, nothing)
    assert [each.files for each in steps(passes, "codemod")] == [first.files, {A: b"2"}]
    assert [each.files for each in steps(passes, "all")] == [{A: b"2", B: b"1"}]
    found = [(each.directory, each.files) for each in steps(passes, "directory")]
    assert found == [(b"tests", {A: b"2"}), (b"tests/sub", {B: b"1"})]
