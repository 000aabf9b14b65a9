"""Which commits a run makes: plain values, made from what each codemod did."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Per = Literal["codemod", "directory", "all"]


@dataclass(frozen=True, slots=True)
class Pass:
    """What one codemod did: the bytes of each file it changed, as it leaves them.

    Passes follow each other: a file has the bytes of the last pass that changed it.
    Paths are relative to the repository's root. ``options`` is text for the trailer.
    """

    codemod: str
    files: Mapping[bytes, bytes]
    summary: str = ""
    version: str = ""
    options: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One commit to be: its files' bytes, and the passes that it comes from."""

    files: Mapping[bytes, bytes]
    passes: tuple[Pass, ...]
    directory: bytes | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A step with its message."""

    message: str
    files: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Plan:
    """The commits of a run, and the bytes that were read (``None``: a new file)."""

    commits: tuple[Commit, ...]
    originals: Mapping[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Wishes:
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


@dataclass(frozen=True, slots=True)
class Committed:
    """What a run made, oldest first, and what it left alone (path to reason)."""

    commits: tuple[str, ...] = ()
    ref: str | None = None
    files: tuple[bytes, ...] = ()
    left: Mapping[bytes, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def steps(passes: Sequence[Pass], per: Per) -> tuple[Step, ...]:
    """The passes as commits: one for each codemod, for each directory, or one."""
    passes = [each for each in passes if each.files]
    if per == "codemod":
        return tuple(Step(each.files, (each,)) for each in passes)
    final: dict[bytes, bytes] = {}
    for each in passes:
        final |= each.files
    if per == "all":
        return (Step(final, tuple(passes)),) if final else ()
    return tuple(
        Step(
            {path: final[path] for path in final if os.path.dirname(path) == folder},
            tuple(_beneath(passes, folder)),
            folder,
        )
        for folder in sorted({os.path.dirname(path) for path in final})
    )


def _beneath(passes: Iterable[Pass], folder: bytes) -> Iterable[Pass]:
    return (
        each
        for each in passes
        if any(os.path.dirname(path) == folder for path in each.files)
    )


def without(plan: Plan, paths: Iterable[bytes]) -> Plan:
    """The plan without some paths, and without commits that have none left.

    A new file (a helper) is no reason for a commit when those that need it stay out.
    """
    gone = set(paths)
    kept = []
    for commit in plan.commits:
        files = {p: data for p, data in commit.files.items() if p not in gone}
        whole = len(files) == len(commit.files)
        if whole or any(plan.originals[p] is not None for p in files):
            kept.append(Commit(commit.message, files))
    originals = {p: data for p, data in plan.originals.items() if p not in gone}
    return Plan(tuple(kept), originals)
