"""The lines that changed since a revision, as git sees them."""

from __future__ import annotations

import ast
import io
import os
from typing import TYPE_CHECKING

from unidiff.patch import PatchSet

from testmend.errors import UsageError
from testmend.git.errors import GitFailed
from testmend.git.runner import Git

if TYPE_CHECKING:
    from pathlib import Path

    from unidiff.patch import PatchedFile

Lines = tuple[tuple[int, int], ...]
"""Stretches of lines: the first and the last of each, 1-based."""

EVERY: Lines = ((1, 2**31),)
_DIFF = (
    "diff", "--unified=0", "--inter-hunk-context=0", "--no-color", "--no-ext-diff",
    "--no-textconv", "--no-renames", "--ignore-submodules=all", "--text", "--relative",
    "--src-prefix=a/", "--dst-prefix=b/", "--diff-filter=d",
)  # fmt: skip


def since(root: Path, revision: str) -> dict[str, Lines]:
    """The changed lines of each file since ``revision`` left the current branch.

    Files that git does not know yet are new, all of their lines count. Raises
    `UsageError` for what is not a revision, `GitError` when git fails.
    """
    git = Git(os.fsencode(root))
    start = _commit(git, revision)
    if start is None:
        raise UsageError(f"--since: git knows no revision {revision!r}")
    ended = git.run("merge-base", start, "HEAD", ok=(0, 1, 128))
    start = ended.out.decode().strip() or start
    found = _parse(git.run(*_DIFF, start, "--").out)
    new = git.run("ls-files", "-z", "--others", "--exclude-standard").out
    return found | {os.fsdecode(name): EVERY for name in new.split(b"\0") if name}


def staged(root: Path) -> dict[str, Lines]:
    """The changed lines, since the last commit, of each file that is staged.

    Those that are not staged yet count too where a file has both: line numbers are
    those of the file on disk.
    """
    git = Git(os.fsencode(root))
    names = git.run(
        "diff", "--cached", "--name-only", "-z", "--relative", "--no-renames",
        "--diff-filter=d", "--ignore-submodules=all",
    ).out  # fmt: skip
    files = [os.fsdecode(name) for name in names.split(b"\0") if name]
    head = _commit(git, "HEAD")
    if head is None:
        return dict.fromkeys(files, EVERY)
    changed = _parse(git.run(*_DIFF, head, "--").out)
    return {name: changed[name] for name in files if name in changed}


def _commit(git: Git, revision: str) -> str | None:
    try:
        name = git.line(
            "rev-parse", "--verify", "--quiet", "--end-of-options",
            f"{revision}^{{commit}}",
        )  # fmt: skip
    except GitFailed as error:
        if error.code == 1:
            return None
        raise
    return name.decode()


def _parse(diff: bytes) -> dict[str, Lines]:
    # Bytes stand as the characters of Latin-1; lines end at LF only.
    patch = PatchSet(io.StringIO(diff.decode("latin-1"), newline="\n"))
    return {_name(file): _lines(file) for file in patch}


def _lines(file: PatchedFile) -> Lines:
    return tuple(
        (hunk.target_start, hunk.target_start + hunk.target_length - 1)
        for hunk in file
        if hunk.target_length
    )


def _name(file: PatchedFile) -> str:
    """The path of a file, as git wrote it, out of its quotes."""
    raw = file.target_file.encode("latin-1")
    if raw.startswith(b'"'):
        raw = ast.literal_eval(f"b{raw.decode('ascii')}")
    return os.fsdecode(raw.removeprefix(b"b/"))
