"""The user's own checkout: opened, looked at, refused where testmend would do harm."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.git.errors import GitFailed, Refusal
from testmend.git.names import check_path, shown
from testmend.git.runner import Git

if TYPE_CHECKING:
    from collections.abc import Collection

# What a merge, rebase, ... that waits for the user leaves in the git directory.
_IN_PROGRESS = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "sequencer": "cherry-pick",
}

_HOOKS = ("--git-path", "hooks")
_PLACES = (
    ("--is-inside-work-tree",),
    ("--show-toplevel",),
    ("--absolute-git-dir",),
    ("--git-common-dir",),
    _HOOKS,
)


class Head(Struct, frozen=True):
    """Where the checkout stands: a commit, and the full ref of its branch if any."""

    commit: str
    tree: str
    ref: str | None


class Tracked(Struct, frozen=True):
    """One file of the user's index."""

    mode: str
    oid: str
    hidden: bool
    """Skip-worktree or assume-unchanged: its state on disk can't be told."""


class Repository(Struct, frozen=True):
    """One checkout. All paths are absolute; ``git_dir`` is that of this work tree.

    ``hooks`` is where git looks for hooks: linked worktrees and ``core.hooksPath``
    are its business.
    """

    git: Git
    top: bytes
    git_dir: bytes
    common_dir: bytes
    hooks: bytes

    def with_objects(self, folder: bytes) -> Repository:
        """The same; new objects go to a folder, and are known here only."""
        known = os.fsdecode(os.path.join(self.common_dir, b"objects"))
        quoted = known.replace("\\", "\\\\").replace('"', '\\"')
        places = {
            "GIT_OBJECT_DIRECTORY": os.fsdecode(folder),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"',
        }
        git = replace(self.git, variables={**self.git.variables, **places})
        return replace(self, git=git)

    def head(self) -> Head:
        """Where HEAD points. Raises `Refusal` (``unborn``) before the first commit."""
        ended = self.git.run("symbolic-ref", "-q", "HEAD", ok=(0, 1))
        ref = None if ended.code else os.fsdecode(ended.out.removesuffix(b"\n"))
        ended = self.git.run("rev-parse", "HEAD^{commit}", "HEAD^{tree}", ok=(0, 128))
        if ended.code:
            raise Refusal("unborn", "the branch has no commit yet")
        commit, tree = ended.out.decode().split()
        return Head(commit, tree, ref)

    def resolve(self, revision: str) -> str | None:
        """The commit that a ref or an object id names, or ``None``."""
        wanted = f"{revision}^{{commit}}"
        command = ("rev-parse", "--verify", "-q", "--end-of-options", wanted)
        ended = self.git.run(*command, ok=(0, 1, 128))
        return None if ended.code else ended.out.decode().strip()

    def check_state(self) -> None:
        """Raise `Refusal` where a commit would get into something unfinished.

        Reasons: ``merge-in-progress`` (``rebase-``, ...), ``index-locked``.
        """
        for name, what in _IN_PROGRESS.items():
            if os.path.lexists(os.path.join(self.git_dir, os.fsencode(name))):
                message = f"a {what} is in progress; finish or abort it first"
                raise Refusal(f"{what}-in-progress", message)
        if os.path.lexists(self.index + b".lock"):
            message = "another git command holds the index (index.lock exists)"
            raise Refusal("index-locked", message)

    def check_identity(self) -> None:
        """Raise `Refusal` (``identity``) if git does not know who commits."""
        strict = self.git.with_settings("user.useConfigOnly=true")
        for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            try:
                strict.run("var", name)
            except GitFailed:
                message = "set user.name and user.email: git does not know who commits"
                raise Refusal("identity", message) from None

    @property
    def index(self) -> bytes:
        """The user's index file."""
        return os.path.join(self.git_dir, b"index")

    def tracked(self, only: Collection[bytes] | None = None) -> dict[bytes, Tracked]:
        """The user's index (or ``only`` some paths of it); unmerged are left out."""
        found = {}
        listing = self.git.run("ls-files", "-s", "-t", "-v", "-z").out
        for line in listing.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            if only is not None and path not in only:
                continue
            tag, mode, oid, stage = head.decode().split(" ")
            if stage == "0":
                found[path] = Tracked(mode, oid, hidden=tag.islower() or tag == "S")
        return found

    def uncommitted(self) -> dict[bytes, str]:
        """Tracked paths with changes: git's two letters, staged and unstaged.

        ``u`` stands for an unmerged path.
        """
        command = ("status", "--porcelain=v2", "-z", "--untracked-files=no")
        options = ("--no-renames", "--ignore-submodules=all")
        found = {}
        for line in self.git.run(*command, *options).out.split(b"\0")[:-1]:
            fields = line.split(b" ", 8)
            if fields[0] == b"1":
                found[fields[8]] = fields[1].decode()
            elif fields[0] == b"u":
                found[line.split(b" ", 10)[10]] = "u"
        return found


def open_repository(path: bytes) -> Repository:
    """The checkout that holds a folder.

    Raises `Refusal`: ``not-a-repository``, ``bare``, ``elsewhere`` (its settings or
    a ``.git`` file points at another work tree or repository).
    """
    start = os.path.realpath(path)
    git = Git(start)
    said = git.run("rev-parse", *sum(_PLACES, ()), ok=(0, 128), hooks=True).out
    top, git_dir, common, hooks = _places(said) or _asked_singly(git, path)
    common = os.path.join(start, common)
    git_dir, common = os.path.realpath(git_dir), os.path.realpath(common)
    _check_own(top, git_dir, git)
    git = replace(git, cwd=top)
    if top != start:  # it may be relative to the one or the other
        hooks = git.run("rev-parse", *_HOOKS, hooks=True).out.removesuffix(b"\n")
    return Repository(git, top, git_dir, common, os.path.join(top, hooks))


def _places(said: bytes) -> tuple[bytes, ...] | None:
    """Git's answers, if it is in a work tree and no name holds a line end."""
    inside, *places = said.split(b"\n")[:-1] or [b""]
    known = inside == b"true" and len(places) == len(_PLACES) - 1
    return tuple(places) if known else None


def _asked_singly(git: Git, path: bytes) -> tuple[bytes, ...]:
    """The answers one by one. Raises `Refusal` as `open_repository`."""
    try:
        kind = git.line("rev-parse", "--is-bare-repository", "--is-inside-work-tree")
    except GitFailed as error:
        raise Refusal("not-a-repository", f"{shown(path)}: {error}") from None
    bare, inside = (each == b"true" for each in kind.split(b"\n"))
    if bare:
        raise Refusal("bare", f"{shown(path)} is in a bare repository")
    if not inside:
        raise Refusal(
            "elsewhere", f"{shown(path)} is not in the repository's work tree"
        )
    answers = (git.run("rev-parse", *each, hooks=True).out for each in _PLACES[1:])
    return tuple(each.removesuffix(b"\n") for each in answers)


def _check_own(top: bytes, git_dir: bytes, git: Git) -> None:
    """The work tree and its git directory know each other."""
    link = os.path.join(top, b".git")
    if os.path.isdir(link):
        if os.path.realpath(link) == git_dir:
            return
    elif os.path.isfile(link):
        if os.path.exists(os.path.join(git_dir, b"gitdir")):
            with open(os.path.join(git_dir, b"gitdir"), "rb") as file:
                back = file.read().removesuffix(b"\n")
            if os.path.realpath(os.path.join(git_dir, back)) == os.path.realpath(link):
                return
        work_tree = git.config("core.worktree")
        if work_tree is not None:  # a submodule
            back = os.path.join(git_dir, os.fsencode(work_tree))
            if os.path.realpath(back) == os.path.realpath(top):
                return
    message = (
        f"{shown(top)} and its git directory {shown(git_dir)} don't belong together"
    )
    raise Refusal("elsewhere", message)


def relative(repository: Repository, path: bytes) -> bytes:
    """A path relative to the checkout's root. Raises `Refusal` (``path``)."""
    folder, name = os.path.split(path)
    full = os.path.join(os.path.realpath(folder), name)
    result = os.path.relpath(full, os.path.realpath(repository.top))
    check_path(result)
    return result
