"""What the survey of a file hands to the step that knows the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from testmend.model import Edit, Range
    from testmend_codemods.knowledge.dropping import Dropped


class Rewrite(Struct, frozen=True):
    """A loop that can be converted.

    ``edits`` write the helper's module as ``name``, a name that is free in the file,
    or the one under which the helper is imported already. ``removes`` are the offsets
    of the name loads that go, ``unsafe`` says what may change. ``imports`` are those it
    needs beside the helper's. ``caller``: the function whose calls, in other files,
    have to show that nobody runs it as a worker.
    """

    edits: tuple[Edit, ...]
    removes: frozenset[int] = frozenset()
    unsafe: str = ""
    imports: tuple[str, ...] = ()
    uses_helper: bool = True
    caller: str = ""


class Candidate(Struct, frozen=True):
    """One loop with a sleep: how to rewrite it, or why not.

    ``kept``: the rewrite with the old time, where ``rewrite`` gives it more. ``plain``:
    one without the helper, for a file that can't import it.
    ``marked``: the time of its test is its own, not that of all tests.
    """

    range: Range
    form: str
    reason: str = ""
    rewrite: Rewrite | None = None
    bases: tuple[str, ...] = ()  # of the class that it stands in, as written
    kept: Rewrite | None = None
    plain: Rewrite | None = None
    marked: bool = False


class Candidates(Struct, frozen=True):
    """All loops with a sleep of one file, in order of the source.

    ``name`` is the local name of the helper in the edits; ``bound`` the import that
    binds it already ("" if the name is free); ``dropped`` the imports that may go.
    """

    loops: tuple[Candidate, ...]
    name: str
    bound: str
    dropped: tuple[Dropped, ...]
