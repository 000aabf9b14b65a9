"""The kinds of repository in which a commit must be the one that git makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from checkouts import Checkout


class Base(Protocol):
    """Makes a repository with one commit, with a file ``mine.py`` at its top."""

    def __call__(self, path: Path, *options: str) -> Checkout: ...


Kind = Callable[[Base, Path], Checkout]


def plain(base: Base, path: Path) -> Checkout:
    return base(path)


def sha256(base: Base, path: Path) -> Checkout:
    return base(path, "--object-format=sha256")


def sparse(base: Base, path: Path) -> Checkout:
    checkout = base(path)
    checkout.git("sparse-checkout", "set", "--cone", "tests")
    return checkout


def sparse_index(base: Base, path: Path) -> Checkout:
    checkout = base(path)
    checkout.git("sparse-checkout", "set", "--cone", "--sparse-index", "tests")
    return checkout


def index_4(base: Base, path: Path) -> Checkout:
    checkout = base(path)
    checkout.git("config", "index.version", "4")
    checkout.git("update-index", "--index-version", "4")
    return checkout


def split(base: Base, path: Path) -> Checkout:
    checkout = base(path)
    checkout.git("config", "core.splitIndex", "true")
    checkout.git("update-index", "--split-index")
    return checkout


def untracked_cache(base: Base, path: Path) -> Checkout:
    checkout = base(path)
    checkout.git("update-index", "--force-untracked-cache")
    return checkout


def packed(base: Base, path: Path) -> Checkout:
    checkout = base(path)
    checkout.git("gc", "-q")
    return checkout


def shallow(base: Base, path: Path) -> Checkout:
    return _cloned(base, path, "--depth=1")


def partial(base: Base, path: Path) -> Checkout:
    checkout = _cloned(base, path, "--filter=blob:none", "--sparse")
    checkout.git("sparse-checkout", "set", "--cone", "tests")
    return checkout


def submodule(base: Base, path: Path) -> Checkout:
    """With one beside the files, in which the user is at work."""
    inner = base(path.with_name("inner"))
    checkout = base(path)
    allow = ("-c", "protocol.file.allow=always")
    checkout.git(*allow, "submodule", "add", "-q", str(inner.path), "tests/inner")
    checkout.git("commit", "-q", "-m", "submodule")
    checkout.write("tests/inner/mine.py", b"two\n")
    return checkout


def staged_submodule(base: Base, path: Path) -> Checkout:
    """With one that the user has moved on, and staged."""
    checkout = submodule(base, path)
    Checkout(path / "tests/inner").git("commit", "-q", "-a", "-m", "two")
    checkout.git("add", "tests/inner")
    return checkout


def linked(base: Base, path: Path) -> Checkout:
    main = base(path.with_name("main"))
    main.git("worktree", "add", "-q", "-b", "topic", str(path))
    return Checkout(path)


def _cloned(base: Base, path: Path, *options: str) -> Checkout:
    origin = base(path.with_name("origin"))
    origin.write("more.py", b"more\n")
    origin.commit_all("more")
    origin.git("config", "uploadpack.allowFilter", "true")
    origin.git("clone", "-q", *options, f"file://{origin.path}", str(path))
    return Checkout(path)


SPARSE = (sparse, sparse_index, partial)
"""Only ``tests`` is checked out."""

COPYABLE = (
    *(plain, sha256, index_4, split, untracked_cache, packed, shallow),
    *(submodule, staged_submodule, *SPARSE),
)
"""A copy of the folder is a repository of its own."""
