"""What runs over the same files have found out, and where files come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from testmend.errors import SourceError
from testmend.examination import Examination, digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.facts import ModuleFacts
    from testmend.questions import Mention
    from testmend.selection import Selection
    from testmend.tooling import Above


class Reader(Protocol):
    """Where bytes come from: a work tree, or the objects of a mirror."""

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `SourceError`."""

    def listed(self, folder: str) -> Iterable[str]:
        """The names of what is in a folder; none if it is not there."""

    def above(self) -> Above:
        """The settings of tools in the folders above the root."""


def names_in(paths: Iterable[str], folder: str) -> Iterable[str]:
    """What `Reader.listed` gives of a folder, from the paths of all files."""
    below = f"{folder}/"
    return (path.removeprefix(below) for path in paths if path.startswith(below))


class Memory(Struct):
    """What runs over the same files share: each runs some codemods of ``selection``.

    All of it is by path and holds as long as the file's digest is the same.
    ``mentions``: which of the words of ``universe`` the file has.
    """

    selection: Selection
    examined: dict[str, Examination] = field(default_factory=dict)
    facts: dict[str, tuple[bytes, ModuleFacts]] = field(default_factory=dict)
    mentions: dict[str, Mention] = field(default_factory=dict)
    universe: set[bytes] = field(default_factory=set)

    def knows(self, path: str, reader: Reader) -> bool:
        """Whether a file was examined as it is now."""
        known = self.examined.get(path)
        try:
            return known is not None and known.digest == digest(reader.read(path))
        except SourceError:
            return False
