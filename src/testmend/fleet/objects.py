"""Commits without a work tree: contents in through ``fast-import``, a diff out.

The same files, message, author and date on the same base give the same object ids.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.commits.shown import DIFF
from testmend.errors import GitError
from testmend.git.errors import Refusal
from testmend.git.names import check_path, check_ref, collisions, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from testmend.commits.plan import Commit
    from testmend.fleet.manifest import Identity
    from testmend.git.runner import Git

_FILE_MODE = "100644"


class Stamp(Struct, frozen=True):
    """Who commits, and when: seconds since 1970 and the offset (``+0000``)."""

    who: Identity
    seconds: int
    offset: str = "+0000"

    @property
    def line(self) -> bytes:
        """As git writes it into a commit."""
        who = f"{self.who.name} <{self.who.mail}>"
        return f"{who} {self.seconds} {self.offset}".encode()


def write(
    git: Git,
    base: str,
    commits: Sequence[Commit],
    modes: Mapping[bytes, str],
    stamp: Stamp,
    ref: str,
) -> tuple[str, ...]:
    """Make the commits on top of ``base`` and let ``ref`` point at the last one.

    ``modes`` are those of the files that are there; others become plain files. Returns
    the object ids, oldest first. Raises `Refusal` (``path``, ``collision``).
    """
    check_ref(ref)
    fresh = {path for each in commits for path in each.files if path not in modes}
    for path in fresh:
        check_path(path)
    if fresh:
        for group in collisions({*modes, *fresh}):
            if not fresh.isdisjoint(group):
                names = " and ".join(shown(each) for each in group)
                raise Refusal("collision", f"{names} are one file on some systems")
    options = ("--quiet", "--done", "--force", "--date-format=raw")
    fresh_ref = f"{ref}-new"  # nothing points at what was not looked at
    stream = b"".join(_stream(base, commits, modes, stamp, fresh_ref))
    made = git.run("fast-import", *options, stdin=stream).out
    result = tuple(made.decode().split())
    try:
        _check(git, commits, result)
    except GitError:
        git.run("update-ref", "-d", fresh_ref)
        raise
    both = f"delete {fresh_ref}\nupdate {ref} {result[-1]}\n"
    git.run("update-ref", "--stdin", stdin=both.encode())
    return result


def _stream(
    base: str,
    commits: Sequence[Commit],
    modes: Mapping[bytes, str],
    stamp: Stamp,
    ref: str,
) -> Iterator[bytes]:
    parent = base
    for number, commit in enumerate(commits, 1):
        message = commit.message.encode("utf-8", "surrogateescape")
        yield b"commit %s\nmark :%d\n" % (ref.encode(), number)
        yield b"author %s\ncommitter %s\n" % (stamp.line, stamp.line)
        yield b"data %d\n%s\nfrom %s\n" % (len(message), message, parent.encode())
        for path, data in sorted(commit.files.items()):
            mode = modes.get(path, _FILE_MODE).encode()
            yield b"M %s inline %s\ndata %d\n" % (mode, _quoted(path), len(data))
            yield data + b"\n"
        yield b"get-mark :%d\n" % number  # the answer is the object id
        parent = f":{number}"
    yield b"done\n"


def _quoted(path: bytes) -> bytes:
    plain = b"".join(
        bytes((byte,)) if 32 <= byte < 127 and byte not in b'"\\' else b"\\%03o" % byte  # noqa: PLR2004  printable ASCII
        for byte in path
    )
    return b'"' + plain + b'"'


def _check(git: Git, commits: Sequence[Commit], made: Sequence[str]) -> None:
    """Each commit changes exactly its files: what went in is what is there."""
    if len(made) != len(commits):
        raise GitError(f"git made {len(made)} of {len(commits)} commits")
    question = "".join(f"{each}\n" for each in made).encode()
    options = ("--stdin", "--always", "-r", "-z", "--name-only", "--no-renames")
    listing = git.run("diff-tree", *options, stdin=question).out
    found: list[set[bytes]] = []
    for each in listing.split(b"\0")[:-1]:
        if len(found) < len(made) and each == made[len(found)].encode():
            found.append(set())
        elif found:
            found[-1].add(each)
    if len(found) != len(made):
        raise GitError(f"git shows {len(found)} of {len(made)} commits")
    for commit, after, changed in zip(commits, made, found, strict=True):
        if not changed <= commit.files.keys():
            odd = ", ".join(sorted(map(shown, changed - commit.files.keys())))
            raise GitError(f"commit {after} would change {odd}")


def diff(git: Git, base: str, tip: str, prefix: str = "") -> bytes:
    """The diff between two commits; ``prefix`` stands before each path."""
    place = f"{prefix}/" if prefix else ""
    options = [each for each in DIFF if "-prefix=" not in each]
    names = (f"--src-prefix=a/{place}", f"--dst-prefix=b/{place}")
    command = ("diff-tree", "--no-commit-id", "-r", "-p", *options, *names, base, tip)
    return git.run(*command).out


def mails(git: Git, base: str, tip: str) -> Iterable[tuple[str, bytes]]:
    """One mail for ``git am`` for each commit after ``base``: name and contents."""
    from testmend.commits.patches import OPTIONS, portable  # noqa: PLC0415  rarely used

    with tempfile.TemporaryDirectory(prefix="testmend-") as scratch:
        plain = replace(git, variables={**git.variables})
        plain.run("format-patch", "-o", scratch, *OPTIONS, f"{base}..{tip}")
        for name in sorted(os.listdir(scratch)):  # noqa: PTH208  as in commits.patches
            with open(os.path.join(scratch, name), "rb") as file:  # noqa: PTH118, PTH123
                yield name, portable(file.read())
