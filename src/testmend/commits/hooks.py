"""The user's hooks, called as ``git commit`` calls them."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING

from testmend.commits.worktree import Folders, read
from testmend.errors import SourceError
from testmend.git.names import shown
from testmend.source import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.git.repository import Repository
    from testmend.git.runner import Git


def find(repository: Repository, name: str) -> bytes | None:
    """The hook of a name, where it exists and may be executed."""
    full = os.path.join(repository.hooks, name.encode())
    return full if os.path.isfile(full) and os.access(full, os.X_OK) else None


def pre_commit(repository: Repository, git: Git) -> None:
    """Ask ``pre-commit`` about the index of ``git``. Raises `GitFailed`: it refuses."""
    hook = find(repository, "pre-commit")
    if hook is not None:
        git.program(hook)


def formatted(root: bytes, files: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Those of some files that a hook rewrote beneath ``root``, in form alone.

    Empty if the code of one of them says something else now: who knows whose that is.
    ``files`` are the bytes that were there before.
    """
    rewritten = {}
    with Folders(root) as folders:
        for path, data in files.items():
            try:
                now = read(folders, path)
            except OSError:
                return {}
            if now != data:
                if now is None or _code(path, now) != _code(path, data):
                    return {}
                rewritten[path] = now
    return rewritten


def _code(path: bytes, data: bytes) -> tuple[list[str], list[str]]:
    """What a file says, whatever its layout and the order of its imports."""
    try:
        tree = parse(shown(path), data).tree
    except SourceError:
        return [], [repr(data)]
    imports: list[str] = []
    others: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names.sort(key=lambda each: each.name)
    for node in tree.body:
        is_import = isinstance(node, ast.Import | ast.ImportFrom)
        (imports if is_import else others).append(ast.dump(node))
    return sorted(imports), others


def message(
    repository: Repository, git: Git, text: str, folder: bytes, *, verify: bool
) -> str:
    """The message as ``prepare-commit-msg`` and ``commit-msg`` leave it.

    Raises `GitFailed` when one of them refuses.
    """
    path = os.path.join(folder, b"COMMIT_EDITMSG")
    with open(path, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
    calls: list[tuple[str, tuple[bytes, ...]]]
    calls = [("prepare-commit-msg", (path, b"message"))]
    if verify:
        calls.append(("commit-msg", (path,)))
    for name, arguments in calls:
        hook = find(repository, name)
        if hook is not None:
            git.program(hook, *arguments)
    with open(path, "rb") as file:
        data = file.read()
    if not _tidy(data):
        data = git.run("stripspace", stdin=data).out
    return data.decode("utf-8", "surrogateescape")


def _tidy(text: bytes) -> bool:
    """Whether ``git stripspace`` would leave a message as it is."""
    return (
        text.endswith(b"\n")
        and not text.startswith(b"\n")
        and not text.endswith(b"\n\n")
        and b"\n\n\n" not in text
        and all(line == line.rstrip() for line in text.split(b"\n"))
    )


def post_commit(repository: Repository) -> None:
    """Tell ``post-commit``. Raises `GitFailed`, which changes nothing any more."""
    hook = find(repository, "post-commit")
    if hook is not None:
        repository.git.program(hook)
