"""A commit as a dry run shows it: message, files, statistics and diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.git.repository import Repository

# Nothing of the user's settings: what is shown can be given to git apply.
DIFF = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--full-index"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "-U3"),
)


def describe(repository: Repository, commit: str) -> bytes:
    """The text of a commit; the diff comes last and stands as its bytes are."""
    git = repository.git
    log = git.run("cat-file", "commit", commit).out
    text = log.partition(b"\n\n")[2]
    message = b"".join(b"    " + line + b"\n" for line in text.rstrip().split(b"\n"))
    stat = git.run("diff-tree", "--no-commit-id", "--root", "--stat", commit).out
    diff = git.run("diff-tree", "--no-commit-id", "--root", "-p", *DIFF, commit).out
    return (
        b"commit " + commit.encode() + b"\n\n" + message + b"\n" + stat + b"\n" + diff
    )
