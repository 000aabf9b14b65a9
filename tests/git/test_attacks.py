"""A repository is data: real attacks, mounted; nothing runs and nothing outside is met.

Each attack leaves a mark (``tmp_path/pwned``) when it succeeds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import checkouts
import pytest
from checkouts import Checkout
from commits.runs import A, base, run, small_plan
from processes import ends

from testmend.commits.shown import describe
from testmend.errors import GitError
from testmend.git.audit import audited
from testmend.git.environment import Trust
from testmend.git.errors import GitFailed, GitTimeout, Refusal
from testmend.git.names import branch_ref, check_path, check_ref, check_url
from testmend.git.objects import Caps, list_tree, read_blobs
from testmend.git.process import Limits
from testmend.git.repository import open_repository
from testmend.git.runner import Git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pwned(tmp_path: Path) -> Path:
    return tmp_path / "pwned"


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    """A bare clone of a small repository, as a stranger would hand it over."""
    origin = base(tmp_path / "origin")
    origin.git("clone", "-q", "--bare", str(origin.path), str(tmp_path / "bare"))
    return Checkout(tmp_path / "bare")


def _read_all(git_dir: Path) -> dict[bytes, bytes]:
    git = audited(os.fsencode(git_dir))
    return read_blobs(git, list_tree(git, "HEAD"))[0]


def test_an_honest_repository_is_read(bare: Checkout) -> None:
    assert _read_all(bare.path)[A] == b"import os\n\nx = 1\n"


@pytest.mark.parametrize(
    "key",
    [
        *("core.fsmonitor", "core.hooksPath", "core.sshCommand", "core.gitProxy"),
        *("core.pager", "core.editor", "core.alternateRefsCommand", "core.worktree"),
        *("core.askPass", "core.attributesFile", "filter.any.clean"),
        *("filter.any.smudge", "filter.any.process", "diff.external", "diff.x.command"),
        *("diff.x.textconv", "gpg.program", "gpg.ssh.program", "credential.helper"),
        *("remote.origin.uploadpack", "remote.origin.receivepack", "remote.origin.vcs"),
        *("remote.origin.proxy", "url.ext::sh.insteadOf", "include.path"),
        *(
            "includeIf.gitdir:/.path",
            "merge.x.driver",
            "alias.ls-tree",
            "trailer.x.cmd",
        ),
        *("submodule.x.update", "extensions.worktreeConfig", "protocol.ext.allow"),
        *("uploadpack.packObjectsHook", "sequence.editor", "core.commentChar"),
    ],
)
def test_a_foreign_setting_that_could_run_or_reach_out_is_refused(
    bare: Checkout, pwned: Path, key: str
) -> None:
    bare.git("config", "--file", "config", key, f"touch {pwned}")
    with pytest.raises(Refusal, match=r"sets .*") as refused:
        _read_all(bare.path)
    assert refused.value.reason == "configuration"
    assert not pwned.exists()


def test_a_remote_with_a_transport_that_runs_is_refused(
    bare: Checkout, pwned: Path
) -> None:
    bare.git("config", "remote.origin.url", f"ext::touch {pwned}")
    with pytest.raises(Refusal):
        _read_all(bare.path)
    assert not pwned.exists()


def test_the_hooks_of_a_foreign_repository_do_not_run(
    bare: Checkout, pwned: Path
) -> None:
    for name in ("reference-transaction", "post-index-change", "pre-commit", "update"):
        bare.hook(name, f"touch {pwned}")
    git = audited(os.fsencode(bare.path))
    head = git.line("rev-parse", "HEAD").decode()
    git.run("update-ref", "refs/heads/new", head)
    assert not pwned.exists()


@pytest.mark.parametrize("name", ["objects/info/alternates", "commondir"])
def test_a_repository_that_borrows_from_outside_is_refused(
    bare: Checkout, tmp_path: Path, name: str
) -> None:
    bare.write(name, os.fsencode(tmp_path / "origin/.git/objects") + b"\n")
    with pytest.raises(Refusal, match=r"outside|elsewhere|commondir"):
        audited(os.fsencode(bare.path))


def test_a_repository_made_of_links_is_refused(bare: Checkout, tmp_path: Path) -> None:
    (bare.path / "objects").rename(tmp_path / "moved")
    (bare.path / "objects").symlink_to(tmp_path / "moved")
    with pytest.raises(Refusal, match="is a link"):
        audited(os.fsencode(bare.path))


def _nested(objects: Checkout, entries: list[tuple[str, bytes, str]]) -> str:
    """A tree object with these entries, written as it is: git would refuse some."""
    data = b"".join(
        mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid)
        for mode, name, oid in entries
    )
    command = ("hash-object", "-t", "tree", "--literally", "-w", "--stdin")
    return objects.git(*command, stdin=data).decode().strip()


def test_a_bomb_of_trees_is_cut_off(bare: Checkout) -> None:
    blob = bare.git("hash-object", "-w", "--stdin", stdin=b"x").decode().strip()
    tree = _nested(bare, [("100644", b"f%d" % n, blob) for n in range(10)])
    for _ in range(10):
        tree = _nested(bare, [("40000", b"d%d" % n, tree) for n in range(10)])
    commit = bare.git("commit-tree", "-m", "bomb", tree).decode().strip()
    with pytest.raises(Refusal) as refused:
        list_tree(audited(os.fsencode(bare.path)), commit)
    assert refused.value.reason == "too-many-files"


def test_a_bomb_of_zeros_is_not_inflated(bare: Checkout, tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(64 << 20)
    blob = bare.git("hash-object", "-w", str(big)).decode().strip()
    tree = _nested(bare, [("100644", b"test_big.py", blob)])
    commit = bare.git("commit-tree", "-m", "bomb", tree).decode().strip()
    git = audited(os.fsencode(bare.path))
    found, left = read_blobs(git, list_tree(git, commit))
    assert (found, left) == ({}, {b"test_big.py": "too-large"})
    with pytest.raises(Refusal, match="bytes of files"):
        read_blobs(git, list_tree(git, "HEAD"), Caps(total=10))


def test_a_size_that_lies_gets_no_more_than_it_says(bare: Checkout) -> None:
    blob = bare.git("hash-object", "-w", "--stdin", stdin=b"x\n").decode().strip()
    path = bare.path / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 2\0" + b"0" * (8 << 20)))
    tree = _nested(bare, [("100644", b"test_lie.py", blob)])
    commit = bare.git("commit-tree", "-m", "bomb", tree).decode().strip()
    git = audited(os.fsencode(bare.path))
    try:
        found, _ = read_blobs(git, list_tree(git, commit))
    except GitError:
        return
    assert len(found[b"test_lie.py"]) == 2


@pytest.mark.parametrize(
    "name", [b"..", b".git", b".GIT", b"git~1", b".g\xe2\x80\x8cit"]
)
def test_tree_entries_that_lead_elsewhere_are_refused(
    bare: Checkout, name: bytes
) -> None:
    blob = bare.git("hash-object", "-w", "--stdin", stdin=b"x").decode().strip()
    inner = _nested(bare, [("100644", b"test_x.py", blob)])
    tree = _nested(bare, [("40000", name, inner)])
    commit = bare.git("commit-tree", "-m", "evil", tree).decode().strip()
    with pytest.raises(Refusal, match="can't be in a path"):
        list_tree(audited(os.fsencode(bare.path)), commit)


def test_links_and_submodules_of_a_tree_are_not_followed(bare: Checkout) -> None:
    target = bare.git("hash-object", "-w", "--stdin", stdin=b"/etc/passwd")
    head = bare.git("rev-parse", "HEAD").decode().strip()
    entries = [("120000", b"test_link.py", target.decode().strip())]
    tree = _nested(bare, [*entries, ("160000", b"test_sub", head)])
    commit = bare.git("commit-tree", "-m", "x", tree).decode().strip()
    git = audited(os.fsencode(bare.path))
    found, left = read_blobs(git, list_tree(git, commit))
    assert found == {}
    assert left == {b"test_link.py": "link", b"test_sub": "submodule"}


@pytest.mark.parametrize(
    "url",
    [
        *("--upload-pack=touch pwned", "ext::sh -c touch% pwned", "fd::17"),
        *("ssh://-oProxyCommand=touch/x", "-oProxyCommand=x:y", "git://host/x"),
        *("http://host/x", "https://user:pw@host/x", "ssh://user:pw@host/x"),
        *("https://host/x\nfile:///etc", "file:///etc", "/etc", "host:-x"),
        *("https://host/-x", "https:///x", "ftp://host/x"),
    ],
)
def test_addresses_that_are_more_than_that_are_refused(url: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_url(url)
    assert "pw" not in str(refused.value).replace("pwned", "")


def test_addresses_that_are_fetched() -> None:
    for url in (
        *("https://host/a/b.git", "ssh://git@host:29418/a", "git@host:a/b.git"),
        *("https://host:8443/a", "https://[::1]/a"),
    ):
        assert check_url(url) == url
    assert check_url("file:///srv/a.git", local=True)


@pytest.mark.parametrize(
    "ref",
    [
        *("--output=x", "main", "refs/heads/--x", "refs/heads/a..b", "refs/heads/a b"),
        *(
            "refs/heads/a.lock",
            "refs/heads/@{u}",
            "refs/../x",
            "refs/heads/a\n",
            "refs/",
        ),
        *("refs/heads/.a", "refs/heads/a^", "refs/heads/a:b", "refs/heads/a.", "@"),
    ],
)
def test_refs_that_are_more_than_that_are_refused(ref: str) -> None:
    with pytest.raises(Refusal):
        check_ref(ref)


def test_option_like_revisions_stay_revisions(bare: Checkout, pwned: Path) -> None:
    git = audited(os.fsencode(bare.path))
    with pytest.raises(GitFailed):
        list_tree(git, f"--output={pwned}")
    assert not pwned.exists()
    assert branch_ref("topic/x") == "refs/heads/topic/x"


def test_an_embedded_bare_repository_is_inert(tmp_path: Path, pwned: Path) -> None:
    base(tmp_path / "repository")
    inner = tmp_path / "repository/tests/data"
    checkouts.new(inner, "--bare")
    Checkout(inner).git("config", "core.fsmonitor", f"touch {pwned}; false")
    Checkout(inner).git("config", "core.bare", "false")
    Checkout(inner).git("config", "core.worktree", str(tmp_path))
    with pytest.raises(Refusal):
        open_repository(os.fsencode(inner))
    assert not pwned.exists()


def test_a_work_tree_elsewhere_is_refused(tmp_path: Path) -> None:
    victim = base(tmp_path / "victim")
    checkout = base(tmp_path / "repository")
    checkout.git("config", "core.worktree", str(victim.path))
    with pytest.raises(Refusal) as refused:
        open_repository(os.fsencode(checkout.path))
    assert refused.value.reason == "elsewhere"


def test_a_git_file_that_points_at_another_repository_is_refused(
    tmp_path: Path,
) -> None:
    victim = base(tmp_path / "victim")
    before = checkouts.snapshot(victim)
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    (unpacked / ".git").write_text(f"gitdir: {victim.path}/.git\n")
    (unpacked / "test_a.py").write_bytes(b"x\n")
    with pytest.raises(Refusal) as refused:
        open_repository(os.fsencode(unpacked))
    assert refused.value.reason == "elsewhere"
    assert checkouts.snapshot(victim) == before


def test_fsmonitor_textconv_and_diff_drivers_never_run(
    tmp_path: Path, pwned: Path
) -> None:
    checkout = base(tmp_path / "repository")
    checkout.write(".gitattributes", b"*.py diff=evil\n")
    checkout.commit_all()
    for key in ("core.fsmonitor", "diff.evil.textconv", "diff.evil.command"):
        checkout.git("config", key, f"touch {pwned}; false")
    checkout.git("config", "diff.external", f"touch {pwned}; false")
    made = run(checkout, small_plan())
    diff = describe(open_repository(os.fsencode(checkout.path)), made.commits[-1])
    assert b"+z = 2" in diff
    assert not pwned.exists()


def test_variables_do_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = base(tmp_path / "victim")
    before = checkouts.snapshot(victim)
    checkout = base(tmp_path / "repository")
    monkeypatch.setenv("GIT_DIR", str(victim.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(victim.path / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(victim.path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    run(checkout, small_plan())
    assert len(checkout.log()) == 3
    assert checkouts.snapshot(victim) == before


def test_a_git_in_the_current_folder_is_not_started(
    tmp_path: Path, pwned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "here/git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {pwned}\n")
    fake.chmod(0o755)
    monkeypatch.chdir(fake.parent)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    assert Git(b".").run("--version").out.startswith(b"git version")
    assert not pwned.exists()


def test_a_silent_command_is_ended_with_its_children(
    bare: Checkout, tmp_path: Path
) -> None:
    script = tmp_path / "silent"
    script.write_text(f"#!/bin/sh\nsleep 1000 & echo $! > {tmp_path}/pid\nwait\n")
    script.chmod(0o755)
    git = Git(os.fsencode(bare.path), limits=Limits(seconds=1))
    with pytest.raises(GitTimeout):
        git.with_settings(f"alias.silent=!{script}").run("silent")
    pid = int((tmp_path / "pid").read_text())
    assert ends(pid)


def test_no_credential_in_a_message(bare: Checkout) -> None:
    secret = "ghp_0123456789abcdefghij"  # noqa: S105  made up
    git = Git(os.fsencode(bare.path), Trust.FOREIGN)
    for arguments in (
        ("fetch", f"https://me:{secret}@127.0.0.1:9/x"),
        ("fetch", f"https://127.0.0.1:9/x?token={secret}"),
        ("rev-parse", "--verify", secret),
    ):
        with pytest.raises(GitFailed) as failed:
            git.run(*arguments)
        assert secret not in str(failed.value)


def test_escape_codes_do_not_reach_the_message(tmp_path: Path) -> None:
    checkout = base(tmp_path / "repository")
    checkout.hook("pre-commit", "printf 'no \\033[2J\\r way' >&2; exit 1")
    with pytest.raises(GitFailed) as failed:
        run(checkout, small_plan())
    assert "\x1b" not in str(failed.value)
    assert "\\x1b[2J" in str(failed.value)


def test_paths_no_file_system_may_see() -> None:
    for path in (b"a/../b", b"/etc", b"a//b", b"a\0b", b"a/.git/b", b"x/" * 70 + b"y"):
        with pytest.raises(Refusal):
            check_path(path)
    check_path(b"tests/.github/test_x.py")


def test_a_module_in_the_current_folder_is_not_imported(
    tmp_path: Path, pwned: Path
) -> None:
    checkout = base(tmp_path / "repository")
    for name in ("git", "testmend", "click", "json", "sitecustomize"):
        checkout.write(f"{name}.py", f"open({str(pwned)!r}, 'w')\n".encode())
    code = "import sys; from testmend.cli import main; main(sys.argv[1:])"
    subprocess.run(
        [sys.executable, "-P", "-c", code, "undo"],
        cwd=checkout.path,
        env={**checkouts.ENVIRONMENT, "PYTHONPATH": os.pathsep.join(sys.path[1:])},
        capture_output=True,
        check=False,
    )
    assert not pwned.exists()
