"""The edits of a polling loop without LibCST: its header, a sleep that is first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.errors import FragmentError
from testmend.model import Edit
from testmend_codemods.sleep_polling.writing import layout, pragmas

if TYPE_CHECKING:
    import ast

    from testmend.source import Module


class Call(Struct, frozen=True):
    """What the new loop goes over; ``first`` is the number of its first attempt.

    ``name`` is a new one for that number; "" keeps the old one.
    """

    function: str
    arguments: list[str]
    first: int = 0
    name: str = ""

    @property
    def is_async(self) -> bool:
        """Whether the loop has to be an ``async for``."""
        return self.function.endswith(".apoll")


def header(
    module: Module, loop: ast.For, poll: Call
) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """The edits of the loop's keyword (if it has to change) and of its iterable.

    A comment behind the header that makes it too long goes ahead of the loop.
    """
    indent, start = module.indent(loop.lineno), module.start(loop)
    word = "async for" if poll.is_async else "for"
    comment = pragmas.behind_header(module, loop.iter)
    stale = pragmas.explains_rounds(comment)
    width = len(comment.decode()) * (not stale)
    room = layout.limit(module) - len(f"{indent}):")
    edits, call = _iterable(module, loop, poll, 0)
    if "\n" in call:
        edits, call = _iterable(module, loop, poll, width if width <= room else 0)
    *before, last = call.split("\n")
    target = poll.name or module.source(loop.target)
    before_last = 0 if before else len(f"{indent}{word} {target} in ")
    too_long = before_last + len(last) + len(":") + width > layout.limit(module)
    alone = not module.utf8[module.line_start(loop.lineno) : start].strip()
    ahead = ""
    behind: tuple[Edit, ...] = ()
    if stale:
        behind = (pragmas.without(module, comment, loop.iter),)
    elif comment and too_long and alone:
        edits, _ = _iterable(module, loop, poll, 0)
        ahead = f"{comment.decode().strip()}\n{indent}"
        behind = (pragmas.without(module, comment, loop.iter),)
    changes = ahead or poll.is_async
    keyword = (Edit(start, start + len("for"), f"{ahead}{word}"),) if changes else ()
    return keyword, (*edits, *behind)


def _iterable(
    module: Module, loop: ast.For, poll: Call, behind: int
) -> tuple[tuple[Edit, ...], str]:
    """The edits that change what the loop goes over, and that; ``behind``: columns."""
    indent = module.indent(loop.lineno)
    target = poll.name or module.source(loop.target)
    around = len(f"for {target} in :") + 6 * poll.is_async
    place = layout.Place(
        len(indent), indent, around + behind, layout.step(indent), is_header=True
    )
    call = layout.call(module, poll.function, poll.arguments, place)
    first, last = module.start(loop.iter), module.end(loop.iter)
    if poll.first:
        target = f"{target}, _"
    named = (Edit(module.start(loop.target), module.end(loop.target), target),)
    if not poll.first:
        return (*named * bool(poll.name), Edit(first, last, call)), call
    whole = f"{poll.function}({', '.join(poll.arguments)})"
    place = replace(place, around=place.around + len(", _"))
    counted = layout.call(module, "enumerate", [whole, str(poll.first)], place)
    return (*named, Edit(first, last, counted)), counted


def slept(
    module: Module, loop: ast.For, sleep: ast.stmt, poll: Call
) -> tuple[Edit, ...]:
    """Edits for a counted loop that sleeps first: the sleep moves ahead of it.

    Its comments go with it. Raises `FragmentError` when sleep or loop share a line
    with another statement.
    """
    start = module.start(loop)
    first = module.line_start(module.line_of(module.start(sleep)))
    end = module.line_start((sleep.end_lineno or sleep.lineno) + 1)
    behind = module.utf8[module.end(sleep) : end].decode().strip()
    ahead = module.utf8[module.line_start(loop.lineno) : start]
    if ahead.strip() or module.utf8[first : module.start(sleep)].strip():
        raise FragmentError("the loop shares its line with another statement")
    if behind[:1] not in ("", "#"):
        raise FragmentError("the sleep shares its line with another statement")
    top = module.end(loop.iter)
    above = [each.start for each in module.comments if top < each.start < first]
    lines = [module.line_start(module.line_of(each)) for each in above]
    first = min([each for each in lines if each > top], default=first)
    while module.utf8[end:].partition(b"\n")[0].strip() == b"" and end < module.end(
        loop
    ):
        end = module.utf8.index(b"\n", end) + 1
    indent, inner = module.indent(loop.lineno), module.indent(sleep.lineno)
    moved = module.utf8[first:end].decode().rstrip().splitlines()
    text = "".join(f"{each.removeprefix(inner)}\n{indent}" for each in moved)
    keyword, iterable = header(module, loop, poll)
    return (Edit(start, start, text), *keyword, *iterable, Edit(first, end, ""))
