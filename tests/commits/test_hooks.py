"""The user's hooks are asked as git asks them; a refusal leaves everything."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import checkouts
import console
import pytest
from commits.runs import (
    BEFORE,
    A,
    B,
    base,
    by_git,
    copied,
    run,
    small_plan,
    users_changes,
)
from processes import ends

from testmend.commits.plan import Commit, Plan, Wishes
from testmend.commits.undo import undo
from testmend.errors import GitError
from testmend.git.errors import Refusal
from testmend.git.repository import open_repository

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = """\
for f in $(git diff --cached --name-only --diff-filter=AM -- '*.py'); do
    printf '# formatted\\n' >> "$f"
    git add -- "$f"
done"""


def test_a_hook_that_reformats_is_accepted(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", FORMATS)
    plan = Plan((Commit("one\n", {A: b"x = 2\n", B: b"y = 2\n"}),), BEFORE)
    wanted = by_git(copied(checkout, tmp_path / "copy"), plan)
    users_changes(checkout)
    status = checkout.git("status", "--porcelain")
    made = run(checkout, plan)
    assert list(made.commits) == wanted
    assert checkout.read("tests/test_a.py") == b"x = 2\n# formatted\n"
    assert checkout.git("status", "--porcelain") == status


def test_a_hook_formats_each_commit(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", FORMATS)
    run(checkout, small_plan())
    shown = checkout.git("show", "HEAD~1:tests/test_a.py")
    assert shown == b"x = 1\n# formatted\n"
    assert checkout.read("tests/test_a.py") == b"x = 1\nz = 2\n# formatted\n"
    assert checkout.git("status", "--porcelain") == b""


@pytest.mark.parametrize("switch", [True, False])
def test_a_hook_that_refuses_leaves_everything(tmp_path: Path, *, switch: bool) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    checkout.hook("pre-commit", f"{FORMATS}\necho too long >&2; exit 1")
    before = checkouts.snapshot(checkout)
    with pytest.raises(GitError, match="hook pre-commit failed: too long"):
        run(checkout, small_plan(), Wishes(branch="topic", switch=switch))
    assert checkouts.snapshot(checkout) == before
    made = run(checkout, small_plan(), Wishes(verify=False))
    assert len(made.commits) == 2


BLACK = """\
for f in $(git diff --cached --name-only --diff-filter=AM -- '*.py'); do
    sed "s/ *= */ = /" "$f" > "$f.new" || exit 1
    cmp -s "$f" "$f.new" || refused=yes
    cat "$f.new" > "$f"; rm "$f.new"
done
test -z "$refused" || { echo files were modified by this hook; exit 1; }"""


@pytest.mark.parametrize("switch", [True, False])
def test_a_hook_that_formats_and_refuses_is_asked_again(
    tmp_path: Path, *, switch: bool
) -> None:
    """The way of the pre-commit framework: it never stages."""
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    checkout.hook("pre-commit", BLACK)
    status = checkout.git("status", "--porcelain")
    commits = (
        Commit("one\n", {A: b"x=2\n"}),
        Commit("two\n", {A: b"x=3\n", B: b"y=2\n"}),
    )
    made = run(checkout, Plan(commits, BEFORE), Wishes(branch="topic", switch=switch))
    for name, path, text in (
        (made.commits[0], A, b"x = 2\n"),
        (made.commits[1], A, b"x = 3\n"),
        (made.commits[1], B, b"y = 2\n"),
    ):
        assert checkout.git("show", f"{name}:{os.fsdecode(path)}") == text
    assert checkout.git("status", "--porcelain") == status
    undo(open_repository(os.fsencode(checkout.path)))
    assert checkout.git("status", "--porcelain") == status


@pytest.mark.parametrize("meaning", ["x=4", "x=(", "import os"])
def test_what_a_refusing_hook_makes_a_file_say_is_not_committed(
    tmp_path: Path, meaning: str
) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", f"echo '{meaning}' >> tests/test_a.py; exit 1")
    before = checkouts.snapshot(checkout)
    with pytest.raises(GitError, match="pre-commit"):
        run(checkout, Plan((Commit("one\n", {A: b"x=2\n"}),), {A: BEFORE[A]}))
    assert checkouts.snapshot(checkout) == before


def test_a_hook_that_takes_a_file_away_and_refuses(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", "rm tests/test_a.py; mkdir tests/test_a.py; exit 1")
    with pytest.raises(GitError, match="pre-commit"):
        run(checkout, Plan((Commit("one\n", {A: b"x=2\n"}),), {A: BEFORE[A]}))
    assert checkout.log() == ["base"]


def test_a_hook_that_refuses_the_second_commit_takes_back_the_first(
    tmp_path: Path,
) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    checkout.hook("pre-commit", "! git diff --cached --name-only | grep -q helper")
    before = checkouts.snapshot(checkout)
    with pytest.raises(GitError, match="pre-commit"):
        run(checkout, small_plan())
    assert checkouts.snapshot(checkout) == before


def test_a_hook_cannot_sweep_in_what_is_the_users(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    users_changes(checkout)
    checkout.hook("pre-commit", "git add -u")
    before = checkouts.snapshot(checkout)
    with pytest.raises(Refusal, match=r"mine\.py"):
        run(checkout, small_plan())
    assert checkouts.snapshot(checkout) == before


def test_a_hook_cannot_sweep_in_the_users_lines_of_a_file(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    lines = b"".join(b"line %d\n" % number for number in range(30))
    checkout.write(os.fsdecode(A), lines)
    checkout.commit_all()
    dirty = lines.replace(b"line 2\n", b"mine\n")
    checkout.write(os.fsdecode(A), dirty)
    checkout.hook("pre-commit", FORMATS)
    before = checkouts.snapshot(checkout)
    fixed = dirty.replace(b"line 20\n", b"fixed\n")
    plan = Plan((Commit("one\n", {A: fixed}),), {A: dirty})
    with pytest.raises(Refusal, match="changes of yours"):
        run(checkout, plan, Wishes(allow_dirty=True))
    assert checkouts.snapshot(checkout) == before


def test_what_the_user_writes_meanwhile_is_not_the_commits(tmp_path: Path) -> None:
    """A hook stands in for an editor: it saves a file and stages nothing."""
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", "echo '# mine' >> tests/test_a.py")
    made = run(checkout, Plan((Commit("one\n", {A: b"x = 2\n"}),), {A: BEFORE[A]}))
    assert made.left == {A: "changed-meanwhile"}
    assert checkout.git("show", "HEAD:tests/test_a.py") == b"x = 2\n"
    assert checkout.read("tests/test_a.py") == b"x = 2\n# mine\n"
    assert checkout.git("status", "--porcelain") == b" M tests/test_a.py\n"
    undone = undo(open_repository(os.fsencode(checkout.path)))
    assert undone.left == {A: "changed-meanwhile"}
    assert checkout.read("tests/test_a.py") == b"x = 2\n# mine\n"


def test_what_the_user_writes_between_two_commits_is_kept(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", "echo '# mine' >> tests/test_a.py")
    before = checkouts.snapshot(checkout)
    with pytest.raises(Refusal, match="changed while testmend") as refused:
        run(checkout, small_plan())
    assert checkouts.snapshot(checkout) == before
    kept = list((checkout.path / ".git/testmend/rescued").iterdir())
    assert [each.read_bytes() for each in kept] == [b"x = 1\n# mine\n"]
    assert os.fsdecode(kept[0]) in refused.value.__notes__[0]


def test_a_run_that_is_told_to_end_takes_everything_back(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.write("tests/test_unused.py", console.UNUSED)
    checkout.commit_all()
    users_changes(checkout)
    os.mkfifo(tmp_path / "asked")
    checkout.hook("pre-commit", f"echo $$ > {tmp_path}/asked; exec sleep 1000")
    before = checkouts.snapshot(checkout)
    command = [*console.COMMAND, "commit", "tests"]
    with subprocess.Popen(
        command, cwd=checkout.path, stderr=subprocess.PIPE
    ) as process:
        hook = int((tmp_path / "asked").read_text())
        assert checkout.read("tests/test_unused.py") == console.CLEAN
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in err
    assert checkouts.snapshot(checkout) == before
    assert ends(hook)


def test_a_file_that_a_hook_regenerates_is_committed(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", "echo new > other/far.py; git add other/far.py")
    run(checkout, small_plan())
    assert checkout.git("show", "HEAD:other/far.py") == b"new\n"
    assert checkout.git("status", "--porcelain") == b""


def test_message_hooks_see_and_change_the_message(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("prepare-commit-msg", 'printf "from $2\\n" >> "$1"')
    checkout.hook("commit-msg", 'printf "\\nChange-Id: I12345678\\n" >> "$1"')
    plan = small_plan()
    wanted = by_git(copied(checkout, tmp_path / "copy"), plan)
    assert list(run(checkout, plan).commits) == wanted
    text = checkout.git("log", "-1", "--format=%B").decode()
    assert text == "two: second\nfrom message\n\nChange-Id: I12345678\n\n"


def test_a_message_hook_may_refuse(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("commit-msg", "exit 3")
    before = checkouts.snapshot(checkout)
    with pytest.raises(GitError, match="commit-msg"):
        run(checkout, small_plan())
    assert checkouts.snapshot(checkout) == before


def test_hooks_elsewhere_and_afterwards(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    checkout.hook("pre-commit", "echo pre >> ../log")
    checkout.hook("post-commit", "echo post >> ../log; exit 1")
    checkout.hook("post-index-change", "echo index >> ../log")
    made = run(checkout, small_plan())
    assert (tmp_path / "log").read_text() == "pre\npre\npost\n"
    assert any("post-commit" in note for note in made.notes)


def test_a_reference_transaction_hook_may_refuse(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("reference-transaction", '[ "$1" != prepared ]')
    before = checkouts.snapshot(checkout)
    with pytest.raises(GitError, match="update-ref"):
        run(checkout, small_plan())
    assert checkouts.snapshot(checkout) == before


def test_a_hook_without_end_is_ended_with_all_its_children(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", f"sleep 1000 & echo $! > {tmp_path}/pid; wait")
    before = checkouts.snapshot(checkout)
    with pytest.raises(GitError, match="no end after"):
        run(checkout, small_plan(), Wishes(seconds=1.5))
    assert checkouts.snapshot(checkout) == before
    pid = int((tmp_path / "pid").read_text())
    assert ends(pid)
