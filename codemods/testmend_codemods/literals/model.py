"""What the survey of one file writes down: frozen values that travel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from testmend.line_length import PEP8

if TYPE_CHECKING:
    from testmend.model import Range
    from testmend_codemods.literals.values import Kind
    from testmend_codemods.literals.words import Words

# How much a source of names is worth: the lowest wins among equals.
TARGET, KEYWORD, KEY, ATTRIBUTE, DEFAULT, EQUAL, PARAMETER, ELEMENT = range(8)


@dataclass(frozen=True, slots=True)
class Vote:
    """What the code around one use calls the value; ``rank`` is the kind of source."""

    words: Words
    rank: int


@dataclass(frozen=True, slots=True)
class Positional:
    """The value is a positional argument: the callee's parameter may name it."""

    callee: str
    index: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A line below whose indentation follows what is behind the value on its line.

    ``start`` is the offset of the line, ``width`` that of its white space, ``room`` the
    characters left on the line.
    """

    start: int
    width: int
    room: int


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a value stands: a literal, or a load of a constant for it.

    ``scope`` is equal for uses in one outermost function. ``reason``: why it has to
    stay, or empty. ``reuse``: the constants of the file that can stand here.
    ``early``: evaluated at import time, above the place of new constants. ``vote``
    decides about the name; a ``mute`` use (a dict key) is lifted only with others.
    ``beside``: the other values written out in the same list or tuple.
    ``room``: characters left on its line by PEP 8.
    """

    start: int
    end: int
    range: Range
    kind: Kind
    value: str
    scope: int
    literal: bool
    vote: Vote | Positional | None = None
    reason: str = ""
    reuse: tuple[str, ...] = ()
    early: bool = False
    mute: bool = False
    beside: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    room: int = 0

    def holds(self, width: int, limit: int) -> bool:
        """Whether a name of this width makes no line longer than the limit."""
        grows = width - (self.end - self.start)
        rooms = [self.room, *(shift.room for shift in self.shifts)]
        return grows <= 0 or min(rooms) + limit - PEP8 >= grows

    @property
    def liftable(self) -> bool:
        """Whether a constant may stand here."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Line:
    """A constant of the block that exists: offset of its line, of its first use."""

    start: int
    first_use: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where new constants stand.

    ``at`` is the offset of the line; ``ahead`` and ``behind`` set a new block apart.
    ``block`` are the lines of the block that is there already, and ``end`` its end.
    """

    at: int
    ahead: str
    behind: str
    block: tuple[Line, ...] = ()
    end: int = 0


@dataclass(frozen=True, slots=True)
class Sentinels:
    """The file's import of uuidsentinel: its name here and the attributes it reads.

    ``entangled`` are the values that stand in other strings of the file, too, or near
    to what may have been computed from them.
    """

    name: str
    attributes: frozenset[str]
    entangled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything about one file.

    ``taken`` are the upper-case words of the file, ``constants`` the module's constants
    by value, ``owned`` the values that a class attribute holds. ``near`` are strings
    that only look like values. ``knows_shared``: the shared module's name is taken.
    """

    uses: tuple[Use, ...]
    near: tuple[Use, ...]
    taken: frozenset[str]
    constants: tuple[tuple[str, str], ...]
    owned: frozenset[str]
    place: Place
    quote: str
    exports: bool
    star_below: bool
    knows_shared: bool = False
    sentinels: Sentinels | None = None

    @property
    def secrets(self) -> frozenset[str]:
        """The values that stand under the name of a credential somewhere."""
        return frozenset(use.value for use in self.uses if use.reason == "credential")
