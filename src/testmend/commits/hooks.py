"""The user's hooks, called as ``git commit`` calls them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
        cleaned = git.run("stripspace", stdin=file.read()).out
    return cleaned.decode("utf-8", "surrogateescape")


def post_commit(repository: Repository) -> None:
    """Tell ``post-commit``. Raises `GitFailed`, which changes nothing any more."""
    hook = find(repository, "post-commit")
    if hook is not None:
        repository.git.program(hook)
