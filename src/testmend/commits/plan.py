"""Which commits a run makes: plain values, made from what each codemod did."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Per = Literal["codemod", "directory", "all"]


class Pass(Struct, frozen=True):
    """What one codemod did: the bytes of each file it changed, as it leaves them.

    Passes follow each other: a file has the bytes of the last pass that changed it.
    Paths are relative to the repository's root. ``needs``: the new files without which
    a changed file does not work. ``about`` is a sentence on the codemod, ``options`` is
    text for the trailer.
    """

    codemod: str
    files: Mapping[bytes, bytes]
    needs: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    summary: str = ""
    about: str = ""
    version: str = ""
    options: str = ""


class Step(Struct, frozen=True):
    """One commit to be: its files' bytes, and the passes that it comes from."""

    files: Mapping[bytes, bytes]
    passes: tuple[Pass, ...]
    directory: bytes | None = None


class Commit(Struct, frozen=True):
    """A step with its message."""

    message: str
    files: Mapping[bytes, bytes]


class Plan(Struct, frozen=True):
    """The commits of a run, and the bytes that were read (``None``: a new file).

    ``needs`` are the new files without which a changed one does not work.
    """

    commits: tuple[Commit, ...]
    originals: Mapping[bytes, bytes | None]
    needs: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)


class Wishes(Struct, frozen=True):
    """What the user asked of a run beyond its commits.

    ``branch`` is new; with ``switch`` the checkout goes there, else nothing but the
    branch is made. ``sign`` is ``None`` for what the configuration says, or a key id.
    ``seconds`` is how long one hook or one call of git may take.
    """

    branch: str | None = None
    switch: bool = True
    allow_dirty: bool = False
    verify: bool = True
    sign: bool | str | None = None
    signoff: bool = False
    change_id: bool = False
    seconds: float = 600.0


class Committed(Struct, frozen=True):
    """What a run made, oldest first, and what it left alone (path to reason)."""

    commits: tuple[str, ...] = ()
    ref: str | None = None
    files: tuple[bytes, ...] = ()
    left: Mapping[bytes, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def steps(passes: Sequence[Pass], per: Per) -> tuple[Step, ...]:
    """The passes as commits: one for each codemod, for each directory, or one.

    A new file is in the first commit that needs it: each of them works.
    """
    passes = [each for each in passes if each.files]
    if per == "codemod":
        return tuple(Step(each.files, (each,)) for each in passes)
    final: dict[bytes, bytes] = {}
    for each in passes:
        final |= each.files
    needs = needs_of(passes)
    new = set().union(*needs.values())
    if per == "all":
        return (Step(final, tuple(passes)),) if final else ()
    folders = sorted({os.path.dirname(path) for path in final if path not in new})
    made = []
    done: set[bytes] = set()
    for folder in folders:
        inside = {path for path in final if os.path.dirname(path) == folder} - new
        inside |= set().union(*(needs.get(path, ()) for path in inside)) - done
        done |= inside
        files = {path: final[path] for path in final if path in inside}
        made.append(Step(files, tuple(_at_work(passes, inside)), folder))
    return tuple(made)


def _at_work(passes: Iterable[Pass], paths: set[bytes]) -> Iterable[Pass]:
    return (each for each in passes if paths & each.files.keys())


def without(plan: Plan, paths: Iterable[bytes]) -> Plan:
    """The plan without some paths, and without commits that have none left.

    A file goes when a new file that it needs goes, and a new file when nothing that is
    left needs it.
    """
    gone = set(paths)
    gone |= {path for path, needed in plan.needs.items() if needed & gone}
    needs = {path: plan.needs[path] for path in plan.needs if path not in gone}
    gone |= set().union(*plan.needs.values()) - set().union(*needs.values())
    commits = []
    for commit in plan.commits:
        files = {p: data for p, data in commit.files.items() if p not in gone}
        if files:
            commits.append(Commit(commit.message, files))
    originals = {p: data for p, data in plan.originals.items() if p not in gone}
    return Plan(tuple(commits), originals, needs)


def needs_of(passes: Iterable[Pass]) -> dict[bytes, frozenset[bytes]]:
    """The new files that the changed files of some passes need."""
    found: dict[bytes, frozenset[bytes]] = {}
    for each in passes:
        for path, needed in each.needs.items():
            found[path] = found.get(path, frozenset()) | needed
    return found
