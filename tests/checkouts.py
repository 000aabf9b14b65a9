"""Real repositories for tests: made, looked at, compared."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from msgspec import Struct

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Cora Committer",
    "GIT_COMMITTER_EMAIL": "cora@example.org",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}
"""Nothing of the machine's configuration, and the same commits every time."""


class Checkout(Struct, frozen=True):
    path: Path

    def git(self, *arguments: str | bytes | Path, stdin: bytes = b"") -> bytes:
        """Run git there as a user would."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=ENVIRONMENT,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def write(self, name: str | bytes, data: bytes) -> Path:
        path = self.path / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def commit_all(self, message: str = "base") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "--no-gpg-sign", "-m", message)
        return self.git("rev-parse", "HEAD").decode().strip()

    def hook(self, name: str, script: str) -> None:
        where = self.git("rev-parse", "--git-path", f"hooks/{name}").decode().strip()
        path = self.path / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def log(self) -> list[str]:
        """Subjects, newest first."""
        return self.git("log", "--format=%s").decode().splitlines()


def new(path: Path, *options: str) -> Checkout:
    """An empty repository."""
    path.mkdir(parents=True, exist_ok=True)
    checkout = Checkout(path)
    checkout.git("init", "-q", "-b", "main", *options)
    return checkout


def snapshot(checkout: Checkout) -> dict[str, object]:
    """All that a user has there: refs, HEAD, stash, index with its flags, files."""
    git_dir = checkout.git("rev-parse", "--absolute-git-dir").decode().strip()
    return {
        "head": (Path(git_dir) / "HEAD").read_text(),
        "refs": checkout.git("for-each-ref", "--format=%(refname) %(objectname)"),
        "stash": checkout.git("stash", "list"),
        "index": checkout.git("ls-files", "-s", "-t", "-v", "-z"),
        "status": checkout.git("status", "--porcelain=v2", "-z", "--ignored"),
        "files": files(checkout),
    }


def files(checkout: Checkout) -> dict[str, tuple[int, bytes]]:
    """Every file of the work tree with its mode; links with their targets."""
    found = {}
    for folder, folders, names in os.walk(checkout.path):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = Path(folder) / name
            mode = path.lstat().st_mode
            data = os.fsencode(path.readlink()) if path.is_symlink() else None
            key = str(path.relative_to(checkout.path))
            found[key] = (mode, path.read_bytes() if data is None else data)
    return found
