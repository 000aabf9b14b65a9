"""What the survey of one file writes down: frozen values that travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from testmend.model import Range
    from testmend_codemods.literals.grammar.values import Kind
    from testmend_codemods.literals.grammar.words import Words

HOLE = "\0"

# How much a source of names is worth: the lowest wins among equals.
TARGET, KEYWORD, KEY, ATTRIBUTE, DEFAULT, EQUAL, PARAMETER, ELEMENT = range(8)


class Vote(Struct, frozen=True):
    """What the code around one use calls the value; ``rank`` is the kind of source."""

    words: Words
    rank: int


class Positional(Struct, frozen=True):
    """The value is a positional argument: the callee's parameter may name it."""

    callee: str
    index: int


class Shift(Struct, frozen=True):
    """A line below whose indentation follows what is behind the value on its line.

    ``start`` is the offset of the line, ``width`` that of its white space, ``room`` the
    characters left on the line.
    """

    start: int
    width: int
    room: int


class Cut(Struct, frozen=True):
    """Where a line is broken: ``[start, end)`` becomes a line end and an indent.

    ``before`` and ``after`` are written around that; with no ``indent`` (in columns)
    there is no line end. ``anchor``: values of the line ahead of this offset move the
    indent with them.
    """

    start: int
    end: int
    indent: int | None
    anchor: int = 0
    before: str = ""
    after: str = ""


class Break(Struct, frozen=True):
    """One way to break a line; ``widths`` are those of what stands between the cuts.

    ``exploded``: with the closing bracket on a line of its own, as Black does it.
    """

    cuts: tuple[Cut, ...]
    widths: tuple[int, ...]
    exploded: bool = False


class Join(Struct, frozen=True):
    """What makes one line of several: what is cut there, and what for.

    ``span``: the offsets of the brackets around all of it; ``width``: of the one line
    in characters, as long as the values are there.
    """

    cuts: tuple[tuple[int, int, str], ...]
    span: tuple[int, int]
    width: int


class Use(Struct, frozen=True):
    """One place where a value stands: a literal, or a load of a constant for it.

    ``scope`` is equal for uses in one outermost function. ``reason``: why it has to
    stay, or empty. ``reuse``: the constants of the file that can stand here.
    ``early``: evaluated at import time, above the place of new constants. ``vote``
    decides about the name; a ``mute`` use (a dict key) is lifted only with others.
    ``expected``: it is a piece of what a test compares with; ``bound``: a variable is
    given it, or a list of it.
    ``beside``: the other values written out in the same list or tuple; ``around``: at
    the same place of the dicts or calls around its own.
    ``row``: the offset of its line; ``room``: characters left on that by PEP 8;
    ``breaks``: the ways to break it, the best one first; ``join``: how the lines around
    it become one. ``template``: of a longer string, the f-string that takes its place,
    with a `HOLE` for the name. ``prefix``: the ``u`` that it is written with.
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
    expected: bool = False
    bound: bool = False
    beside: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    row: int = 0
    room: int = 0
    breaks: tuple[Break, ...] = ()
    joins: tuple[Join, ...] = ()
    template: str = ""
    prefix: str = ""

    def text(self, name: str) -> str:
        """What is written here for a value of that name."""
        return self.template.replace(HOLE, name) if self.template else name

    @property
    def liftable(self) -> bool:
        """Whether a constant may stand here."""
        return not self.reason


class Line(Struct, frozen=True):
    """A constant of the block that exists: offset of its line, of its first use."""

    start: int
    first_use: int


class Place(Struct, frozen=True):
    """Where new constants stand.

    ``at`` is the offset of the line; ``ahead`` and ``behind`` set a new block apart.
    ``block`` are the lines of the block that is there already, and ``end`` its end.
    """

    at: int
    ahead: str
    behind: str
    block: tuple[Line, ...] = ()
    end: int = 0


class Sentinels(Struct, frozen=True):
    """The file's import of uuidsentinel: its name here and the attributes it reads.

    ``entangled`` are the values that stand in other strings of the file, too, or near
    to what may have been computed from them.
    """

    name: str
    attributes: frozenset[str]
    entangled: frozenset[str]


class Seen(Struct, frozen=True):
    """Everything about one file.

    ``taken`` are the upper-case words of the file, ``constants`` the module's constants
    by value, ``owned`` the values that a class attribute holds. ``near`` are strings
    that only look like values. ``knows_shared``: the shared module's name is known;
    ``shared_from``: the package from which a module of that name is imported.
    ``exploded``: whether calls have their closing brackets on lines of their own (None:
    no call of the file has several lines). ``widest``: the longest line that Black
    would have left as it is, where its limit is not written down; ``is_narrow``: there
    is no longer one. ``embedded``: longer strings that an f-string can stand for;
    ``copies``: how many longer strings hold a value. ``only_data``: the module does
    nothing but give names to literals.
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
    shared_from: str = ""
    exploded: bool | None = None
    widest: int = 0
    is_narrow: bool = False
    embedded: tuple[Use, ...] = ()
    copies: tuple[tuple[str, int], ...] = ()
    sentinels: Sentinels | None = None
    only_data: bool = False

    @property
    def secrets(self) -> frozenset[str]:
        """The values that stand under the name of a credential somewhere."""
        return frozenset(use.value for use in self.uses if use.reason == "credential")
