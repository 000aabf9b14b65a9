"""Trees built beside the user's index and work tree.

A private folder stands in for the work tree and holds only the files that change, a
private index starts as the base commit. Git itself puts the files in, so that filters,
line ends and encodings are what ``git add`` would make of them.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.git.names import check_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from testmend.commits.moves import Entry
    from testmend.git.repository import Repository

# The format of the private index is nobody's business. How durable objects are is the
# user's choice (core.fsync), as for any commit; the journal holds the bytes of all that
# are not in a pack.
_SETTINGS = ("core.splitIndex=false", "core.untrackedCache=false", "index.sparse=false")

# Many files go to one pack, which takes one wait for the disk; files that pass through
# a filter become objects of their own all the same.
_MANY = 50
_IN_ONE_PACK = ("core.bigFileThreshold=1", "pack.compression=1")


class Stage:
    """A private index and folder of one run; ``folder`` must exist and be private.

    ``staged``: the user's index may differ from the commit ``base``.
    """

    def __init__(
        self, repository: Repository, folder: bytes, base: str, *, staged: bool
    ) -> None:
        self.index = os.path.join(folder, b"index")
        self.tree_folder = os.path.join(folder, b"tree")
        os.mkdir(self.tree_folder)
        self._repository = repository
        self._attributes: set[bytes] = set()
        git = repository.git.with_settings(*_SETTINGS).with_index(self.index)
        self.in_work_tree = git
        self.git = replace(git, git_dir=repository.git_dir).at(self.tree_folder)
        if os.path.exists(repository.index):
            shutil.copyfile(repository.index, self.index)
        if staged:
            # One tree with -m: entries that are in it keep what is known of the files.
            git.run("read-tree", "-m", "-i", "--end-of-options", base)

    def put(self, files: Mapping[bytes, bytes], modes: Mapping[bytes, str]) -> None:
        """Take files in, as ``git add`` would from a work tree with these bytes.

        ``modes`` are those of tracked files; others are plain.
        """
        for path, data in files.items():
            check_path(path)
            self._write(path, data, modes.get(path, "100644"))
        listing = b"".join(path + b"\0" for path in files)
        git = self.git.with_settings(*_IN_ONE_PACK) if len(files) > _MANY else self.git
        git.run("update-index", "--add", "-z", "--stdin", stdin=listing)

    def entries(self, paths: Iterable[bytes]) -> dict[bytes, Entry]:
        """Index entries of some paths, as far as they exist."""
        wanted = set(paths)
        found = {}
        for line in self.git.run("ls-files", "-s", "-z").out.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            if path in wanted:
                mode, oid, _ = head.decode().split(" ")
                found[path] = (mode, oid)
        return found

    def tree(self) -> str:
        """The tree of the private index."""
        return self.git.line("write-tree").decode()

    def changed(self, old: str, new: str) -> set[bytes]:
        """The paths in which two trees differ."""
        if old == new:
            return set()
        command = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
        return set(self.git.run(*command).out.split(b"\0")[:-1])

    def check_out(self) -> None:
        """Fill the private folder with all files, for hooks to look at."""
        self.git.run("checkout-index", "-a", "-f", "-u", "-q")

    def _write(self, path: bytes, data: bytes, mode: str) -> None:
        folder = os.path.dirname(path)
        if folder not in self._attributes:
            os.makedirs(os.path.join(self.tree_folder, folder), exist_ok=True)
            self._copy_attributes(folder)
        full = os.path.join(self.tree_folder, path)
        with open(full, "wb") as file:
            file.write(data)
        if mode == "100755":
            os.chmod(full, 0o755)  # noqa: S103  private folder, as git has it

    def _copy_attributes(self, folder: bytes) -> None:
        """The ``.gitattributes`` that are in force in the work tree."""
        while folder not in self._attributes:
            self._attributes.add(folder)
            path = os.path.join(folder, b".gitattributes")
            source = os.path.join(self._repository.top, path)
            if os.path.isfile(source) and not os.path.islink(source):
                os.makedirs(os.path.join(self.tree_folder, folder), exist_ok=True)
                shutil.copyfile(source, os.path.join(self.tree_folder, path))
            folder = os.path.dirname(folder)
