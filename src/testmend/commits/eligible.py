"""Which files may take part in a commit, and what becomes of those with changes."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.commits.worktree import Folders, obstacle, read
from testmend.git.errors import Refusal
from testmend.git.names import check_path, folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.commits.plan import Plan
    from testmend.git.repository import Repository, Tracked
    from testmend.git.runner import Git

_REGULAR = ("100644", "100755")
_SUBMODULE = "160000"


class Survey(Struct, frozen=True):
    """The checkout as a run finds it. ``dirty``: changes of the user's are no bar."""

    top: bytes
    tracked: Mapping[bytes, Tracked]
    uncommitted: Mapping[bytes, str]
    dirty: bool
    _git: Git
    _twins: dict[str, bytes]

    @property
    def staged(self) -> bool:
        """Whether the index may differ from the last commit.

        A submodule may: its changes are not asked for.
        """
        return any(
            each == "u" or each[0] != "." or "A" in each
            for each in self.uncommitted.values()
        ) or any(each.mode == _SUBMODULE for each in self.tracked.values())

    def committed(self, path: bytes) -> bool:
        """Whether the last commit has a file."""
        return path in self.tracked and "A" not in self.uncommitted.get(path, "")

    def reason(self, path: bytes, before: bytes | None) -> str | None:
        """Why a file can't take part, ``None`` if it can. ``before``: as it was read.

        ``path``, ``untracked``, ``exists``, ``link``, ``hidden`` (skip-worktree,
        assume-unchanged), ``uncommitted-changes``, ``unmerged``, ``collision``,
        ``changed-meanwhile`` and those of `worktree.obstacle`.
        """
        with Folders(self.top) as folders:
            return self._reason(folders, path, before)

    def left(self, originals: Mapping[bytes, bytes | None]) -> dict[bytes, str]:
        """Those of some files that can't take part, with reasons."""
        with Folders(self.top) as folders:
            reasons = {
                path: self._reason(folders, path, data)
                for path, data in originals.items()
            }
        return {path: reason for path, reason in reasons.items() if reason}

    def _reason(
        self, folders: Folders, path: bytes, before: bytes | None
    ) -> str | None:
        reason = self._in_index(path, before)
        if reason is None:
            twin = self._twins.setdefault(folded(path), path)
            if twin != path and (before is None or self._git.flag("core.ignorecase")):
                reason = "collision"
        reason = reason or obstacle(folders, path)
        if reason is None and read(folders, path) != before:
            reason = "exists" if before is None else "changed-meanwhile"
        return reason

    def _in_index(self, path: bytes, before: bytes | None) -> str | None:
        try:
            check_path(path)
        except Refusal:
            return "path"
        change = self.uncommitted.get(path, "")
        entry = self.tracked.get(path)
        if change == "u":
            return "unmerged"
        if entry is None:
            return None if before is None else "untracked"
        checks = (
            (before is None, "exists"),
            (entry.mode not in _REGULAR, "link"),
            (entry.hidden, "hidden"),
            # An added file is in no commit: there is nothing to build on.
            (bool(change) and ("A" in change or not self.dirty), "uncommitted-changes"),
        )
        return next((reason for found, reason in checks if found), None)


def survey(repository: Repository, *, dirty: bool) -> Survey:
    """Look at the checkout."""
    tracked = repository.tracked()
    return Survey(
        repository.top,
        tracked,
        repository.uncommitted(),
        dirty,
        repository.git,
        {folded(path): path for path in tracked},
    )


class Merged(Struct, frozen=True):
    """A dirty file: its bytes for each commit, and for the user's staged version."""

    commits: tuple[bytes | None, ...]
    staged: bytes


def merge(
    git: Git, base: str, plan: Plan, path: bytes, entry: Tracked
) -> Merged | None:
    """The plan's edits of a file put on its committed and its staged version.

    ``None`` where an edit touches or meets lines that the user changed.
    """
    original = plan.originals[path] or b""
    committed = smudged(git, base, path)
    staged = _worktree_form(git, entry.oid.encode(), path)
    results: list[bytes | None] = []
    last = original
    for commit in plan.commits:
        data = commit.files.get(path)
        result = None if data is None else _merge(git, committed, original, data)
        if data is not None and result is None:
            return None
        results.append(result)
        last = last if data is None else data
    index = _merge(git, staged, original, last)
    return None if index is None else Merged(tuple(results), index)


def smudged(git: Git, commit: str, path: bytes) -> bytes:
    """A file of a commit as it is in a work tree."""
    return _worktree_form(git, f"{commit}:".encode() + path, path)


def staged(git: Git, path: bytes) -> bytes | None:
    """A file of the index as it is in a work tree; ``None`` if it was taken out."""
    if not git.run("ls-files", "-z", "--", path).out:
        return None
    return _worktree_form(git, b":" + path, path)


def _worktree_form(git: Git, name: bytes, path: bytes) -> bytes:
    option = b"--path=" + path
    return git.run("cat-file", "--filters", option, name).out


def _merge(git: Git, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    if ours == base:
        return theirs
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, data in (("ours", ours), ("base", base), ("theirs", theirs)):
            names.append(os.path.join(folder, name))
            with open(names[-1], "wb") as file:
                file.write(data)
        ended = git.run("merge-file", "-p", "-q", "--", *names, ok=range(256))
    return ended.out if ended.code == 0 else None
