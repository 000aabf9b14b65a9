"""A folder with real repositories and a manifest, and testmend run on it for real."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import checkouts
import console
from msgspec import Struct

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

HEAD = 'name = "waits"\nauthor = "Ann Bot <bot@example.org>"\n'
FOLDER = '[[repositories]]\nfolder = "server"\n'
FILES = {
    "tests/test_boot.py": console.POLL,
    "tests/test_path.py": console.UNUSED,
    "tests/test_same.py": console.CLEAN,
    "setup.py": b"",
}
BRANCH = "refs/heads/testmend/waits"


class Fleet(Struct, frozen=True):
    """``server/`` holds bare repositories; the manifest and all else stands beside."""

    path: Path

    def repository(
        self, name: str, files: Mapping[str, bytes] | None = None
    ) -> checkouts.Checkout:
        """A bare repository on the server with one commit on ``main``."""
        work = checkouts.new(self.path / "work" / name)
        for path, data in (FILES if files is None else files).items():
            work.write(path, data)
        work.commit_all()
        bare = checkouts.Checkout(self.path / "server" / f"{name}.git")
        bare.path.mkdir(parents=True)
        bare.git("init", "-q", "--bare", "-b", "main")
        work.git("push", "-q", bare.path, "main")
        return bare

    def work(self, name: str) -> checkouts.Checkout:
        """The checkout from which a repository was filled."""
        return checkouts.Checkout(self.path / "work" / name)

    def manifest(self, text: str = FOLDER, head: str = HEAD) -> None:
        (self.path / "waits.toml").write_text(head + text)

    def bulk(
        self, command: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a bulk command on the manifest."""
        options = ("--mirrors", "mirrors", "-j", "2")
        where = ("waits.toml", *options, *arguments)
        return console.run("bulk", command, *where, cwd=self.path, env=env)

    def status(self) -> dict[str, dict[str, Any]]:
        """What the journal says of each repository."""
        shown = self.bulk("status", "--format", "json").stdout
        rows = [json.loads(line) for line in shown.splitlines()]
        return {row["name"]: row for row in rows}

    def tip(self, name: str, ref: str = "refs/testmend/waits/tip") -> str:
        """What a ref of a repository's mirror points at."""
        (mirror,) = (self.path / "mirrors").glob(f"{name}-*.git")
        return checkouts.Checkout(mirror).git("rev-parse", ref).decode().strip()
