"""The commits of a run as objects: nothing points at them yet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.commits import hooks, message, worktree
from testmend.commits.eligible import merge, smudged, staged
from testmend.commits.moves import FileMove, Move
from testmend.commits.staging import Stage
from testmend.commits.worktree import Replacement
from testmend.git.errors import GitFailed, Refusal
from testmend.git.names import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.commits.eligible import Merged, Survey
    from testmend.commits.journal import Journal
    from testmend.commits.moves import Entry
    from testmend.commits.plan import Commit, Plan, Wishes
    from testmend.git.repository import Head, Repository


class Built(Struct, frozen=True):
    """Commits, oldest first, and how files and index entries get there."""

    commits: tuple[str, ...]
    files: tuple[FileMove, ...]


class Builder:
    """One run's building site. ``contents`` is what the work tree has to hold."""

    def __init__(
        self,
        repository: Repository,
        journal: Journal,
        wishes: Wishes,
        seen: Survey,
        token: str,
    ) -> None:
        self._repository = repository
        self._journal = journal
        self._wishes = wishes
        self._seen = seen
        self._token = token
        self._modes = {path: each.mode for path, each in seen.tracked.items()}
        self._before: dict[bytes, bytes | None] = {}
        self._contents: dict[bytes, bytes | None] = {}

    def build(self, plan: Plan, merged: Mapping[bytes, Merged], head: Head) -> Built:
        """Make the commits. Raises `GitFailed` when a hook or the signer refuses."""
        folder = self._journal.run
        base = head.commit
        stage = Stage(self._repository, folder, base, staged=self._seen.staged)
        asks = self._wishes.verify and hooks.find(self._repository, "pre-commit")
        parent, tree = base, head.tree
        commits = []
        for number, commit in enumerate(plan.commits):
            files = dict(commit.files)
            for path in files.keys() & merged.keys():
                files[path] = merged[path].commits[number] or b""
            stage.put(files, self._modes)
            expected = {path: plan.originals[path] for path in commit.files}
            expected |= {p: self._contents[p] for p in expected if p in self._contents}
            for path, data in commit.files.items():
                self._before.setdefault(path, plan.originals[path])
                self._contents[path] = data
            if asks:
                self._ask(stage, commit, base, expected)
            new = stage.tree()
            if new == tree:
                continue
            parent, tree = self._commit(stage, commit.message, new, parent), new
            commits.append(parent)
        return Built(tuple(commits), self._moves(stage, merged))

    def _ask(
        self,
        stage: Stage,
        commit: Commit,
        base: str,
        expected: Mapping[bytes, bytes | None],
    ) -> None:
        """Let ``pre-commit`` see the files; take over what it stages.

        One that formats files and refuses them, as those of pre-commit.com do, is asked
        again about what it made of them.
        """
        ours = stage.tree()
        if self._wishes.switch:
            self._show(commit, expected)
            git = stage.in_work_tree
            git.run("update-index", "-q", "--refresh", ok=(0, 1))
        else:
            stage.check_out()
            git = stage.git
        try:
            hooks.pre_commit(self._repository, git)
        except GitFailed:  # it may have refused only because it had to format
            files = hooks.formatted(git.work_tree or git.cwd, commit.files)
            if not files:
                raise
            stage.put(files, self._modes)  # not what lies there by now
            git.run("update-index", "-q", "--refresh", ok=(0, 1))
            hooks.pre_commit(self._repository, git)
        changed = stage.changed(ours, stage.tree())
        for path in changed:
            known = path in commit.files or path in self._seen.tracked
            if not known or path in self._seen.uncommitted:
                message = f"the pre-commit hook staged {shown(path)}"
                raise Refusal("hook-swept", f"{message}, which holds changes of yours")
            if path not in self._before:
                self._before[path] = smudged(stage.git, base, path)
        # What is staged, not what lies there: that may be the user's by now.
        for path in changed:
            self._contents[path] = staged(git, path)

    def _show(self, commit: Commit, expected: Mapping[bytes, bytes | None]) -> None:
        """Put the step's files in the work tree, for the hook, on record first."""
        files = tuple(
            FileMove(path, self._before[path], self._contents[path], self._entry(path))
            for path in self._contents
        )
        self._journal.write(Move("commit", "trying", files, self._token))
        replacements = [
            Replacement(path, expected[path], data)
            for path, data in commit.files.items()
        ]
        top = self._repository.top
        left = worktree.replace_all(top, replacements, self._token)
        for path, reason in left.items():
            raise Refusal(reason, f"{shown(path)} changed while testmend worked on it")

    def _commit(self, stage: Stage, text: str, tree: str, parent: str) -> str:
        git, wishes = stage.in_work_tree, self._wishes
        if wishes.signoff:
            text = message.signed_off(git, text)
        if wishes.change_id:
            identity = git.line("var", "GIT_AUTHOR_IDENT").decode("utf-8", "replace")
            text = message.with_change_id(text, tree, parent, identity)
        folder = self._journal.run
        text = hooks.message(self._repository, git, text, folder, verify=wishes.verify)
        if not text.strip():
            raise Refusal("empty-message", "the hooks left an empty message")
        sign = git.flag("commit.gpgSign") if wishes.sign is None else wishes.sign
        options = ["-p", parent]
        if sign:
            options.append(f"-S{sign}" if isinstance(sign, str) else "-S")
        strict = git.with_settings("user.useConfigOnly=true")
        data = text.encode("utf-8", "surrogateescape")
        made = strict.run("commit-tree", *options, "-F", "-", tree, stdin=data)
        return made.out.decode().strip()

    def _moves(
        self, stage: Stage, merged: Mapping[bytes, Merged]
    ) -> tuple[FileMove, ...]:
        if not self._wishes.switch:
            return ()
        entries = stage.entries(self._contents)
        for path, each in merged.items():
            command = ("hash-object", "-w", "--stdin", b"--path=" + path)
            oid = self._repository.git.run(*command, stdin=each.staged).out
            entries[path] = (self._seen.tracked[path].mode, oid.decode().strip())
        return tuple(
            FileMove(
                path,
                self._before[path],
                data,
                self._entry(path),
                entries.get(path),
                dirty=path in merged,
            )
            for path, data in self._contents.items()
        )

    def _entry(self, path: bytes) -> Entry | None:
        entry = self._seen.tracked.get(path)
        return None if entry is None else (entry.mode, entry.oid)


def merged_files(
    repository: Repository, plan: Plan, seen: Survey, base: str
) -> dict[bytes, Merged | None]:
    """What becomes of the plan's files that hold changes of the user's."""
    return {
        path: merge(repository.git, base, plan, path, seen.tracked[path])
        for path in plan.originals
        if path in seen.uncommitted
    }


def state_folder(repository: Repository) -> bytes:
    """Where testmend keeps its journal for a checkout."""
    return os.path.join(repository.git_dir, b"testmend")
