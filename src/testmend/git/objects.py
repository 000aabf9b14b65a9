"""Files of a commit read without a checkout, with caps on everything.

A tree of twelve objects can list 10^10 files, and a blob of a kilobyte can inflate to
a gigabyte: lists are cut off while they are written, sizes are asked before contents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.errors import GitError
from testmend.git.errors import GitOutputTooLarge, Refusal
from testmend.git.names import check_path, shown
from testmend.git.process import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.git.runner import Git

_LISTING = 64 << 20


class Caps(Struct, frozen=True):
    """The most that is taken from one repository: entries, and bytes."""

    entries: int = 200_000
    file: int = 2 << 20
    total: int = 512 << 20


class Entry(Struct, frozen=True, order=True):
    """One path of a tree: its mode as git writes it (``100644``) and its object."""

    path: bytes
    mode: str
    oid: str


def list_tree(git: Git, revision: str, caps: Caps | None = None) -> tuple[Entry, ...]:
    """All files of a commit, links and submodules too.

    Raises `Refusal`: ``too-many-files``, ``path`` (one that could lead elsewhere).
    """
    caps = caps or Caps()
    limited = replace(git, limits=replace(git.limits, out=_LISTING))
    command = ("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", revision)
    try:
        listing = limited.run(*command).out.split(b"\0")[:-1]
    except GitOutputTooLarge:
        raise Refusal("too-many-files", "its list of files has no end") from None
    if len(listing) > caps.entries:
        raise Refusal("too-many-files", f"more than {caps.entries} files")
    entries = []
    for line in listing:
        head, _, path = line.partition(b"\t")
        mode, _, oid = head.decode().split(" ")
        check_path(path)
        entries.append(Entry(path, mode, oid))
    return tuple(entries)


def read_blobs(
    git: Git, entries: Iterable[Entry], caps: Caps | None = None
) -> tuple[dict[bytes, bytes], dict[bytes, str]]:
    """The contents of regular files by path, and the reasons of those left out.

    Reasons: ``link``, ``submodule``, ``too-large``. Raises `Refusal` with the reason
    ``too-large`` when all together pass the cap, `GitError` when objects are missing.
    """
    caps = caps or Caps()
    entries = tuple(entries)
    kinds = {"120000": "link", "160000": "submodule"}
    left = {each.path: kinds[each.mode] for each in entries if each.mode in kinds}
    files = [each for each in entries if each.mode not in kinds]
    sizes = _sizes(git, files)
    wanted = [each for each in files if sizes[each.oid] <= caps.file]
    left |= {each.path: "too-large" for each in files if sizes[each.oid] > caps.file}
    distinct = dict.fromkeys(each.oid for each in wanted)
    if sum(sizes[each] for each in distinct) > caps.total:
        raise Refusal("too-large", f"more than {caps.total} bytes of files")
    room = caps.total + 200 * len(distinct) + 1
    limited = replace(git, limits=Limits(git.limits.seconds, room))
    question = "".join(f"{each}\n" for each in distinct).encode()
    blobs = _split(limited.run("cat-file", "--batch", stdin=question).out, distinct)
    return {each.path: blobs[each.oid] for each in wanted}, left


def contents(git: Git, oids: Iterable[str]) -> dict[str, bytes]:
    """The bytes of some objects of the user's, by id; no caps.

    Raises `GitError` when one is missing.
    """
    distinct = tuple(dict.fromkeys(oids))
    question = "".join(f"{each}\n" for each in distinct).encode()
    return _split(git.run("cat-file", "--batch", stdin=question).out, distinct)


def _sizes(git: Git, files: Iterable[Entry]) -> dict[str, int]:
    question = "".join(f"{each.oid}\n" for each in files).encode()
    sizes = {}
    check = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    for line in git.run("cat-file", check, stdin=question).out.decode().splitlines():
        oid, kind, *size = line.split(" ")
        if kind != "blob":
            raise GitError(f"object {oid} is {kind}, not a file")
        sizes[oid] = int(size[0])
    return sizes


def _split(stream: bytes, oids: Iterable[str]) -> dict[str, bytes]:
    blobs, at = {}, 0
    for oid in oids:
        end = stream.index(b"\n", at)
        name, kind, *size = stream[at:end].decode().split(" ")
        if name != oid or kind != "blob":
            raise GitError(f"git answered {shown(stream[at:end])} for {oid}")
        blobs[oid] = stream[end + 1 : end + 1 + int(size[0])]
        at = end + 2 + int(size[0])
    return blobs
