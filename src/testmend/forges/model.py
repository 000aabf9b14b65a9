"""What forges have in common: change requests, and the repositories of an owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Kind = Literal["github", "gitlab", "gitea", "forgejo"]


class Access(Struct, frozen=True):
    """Where a forge's API is, and how it is asked.

    ``root`` is the address of its API, ``token`` may be empty (only reading, then).
    ``pace`` is called before each call that changes something, and returns when it may
    be made. ``seconds`` is the most that one call takes.
    """

    root: str
    token: str
    pace: Callable[[], None]
    seconds: float = 60.0


class Proposal(Struct, frozen=True):
    """A change request to be: from the branch ``head`` to ``base``.

    ``fork`` is the path of the repository that has ``head``; empty: the same one.
    """

    head: str
    base: str
    title: str
    body: str
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    fork: str = ""


class Change(Struct, frozen=True):
    """A change request as the forge has it. ``number`` counts within its repository."""

    number: int
    url: str
    state: Literal["open", "merged", "closed"]
    title: str
    body: str
    labels: frozenset[str] = frozenset()
    reviewers: frozenset[str] = frozenset()


class Hosted(Struct, frozen=True):
    """A repository that a forge has: its name with its owner, and its addresses."""

    name: str
    https: str
    ssh: str
    topics: frozenset[str] = frozenset()
    archived: bool = False
    fork: bool = False
    empty: bool = False


class Forge(Protocol):
    """One forge. Repositories go by the path in their address (``owner/name``).

    Every method raises `testmend.errors.ForgeError`.
    """

    def find(self, repository: str, head: str, fork: str = "") -> tuple[Change, ...]:
        """The change requests from a branch of the fork, latest first.

        Without a fork: of the repository itself, and of no fork.
        """

    def create(self, repository: str, proposal: Proposal) -> Change:
        """Make a change request; labels and reviewers are for `mark`."""

    def edit(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Give a change request the title and body of a proposal."""

    def mark(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Add the labels and ask the reviewers that are not there yet."""

    def repositories(self, owner: str) -> Iterator[Hosted]:
        """All repositories of an organisation, group or user that can be seen."""


def marked(title: str, prefix: str, *, draft: bool) -> str:
    """A title with the word that makes a draft of it, where a forge does it so."""
    return f"{prefix} {title}" if draft else title
