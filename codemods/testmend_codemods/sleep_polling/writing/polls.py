"""The edits of a polling loop without LibCST: its header, a sleep that is first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from testmend.errors import FragmentError
from testmend.model import Edit
from testmend_codemods.sleep_polling.writing import layout, pragmas

if TYPE_CHECKING:
    import ast

    from testmend.source import Module


@dataclass(frozen=True, slots=True)
class Call:
    """What the new loop goes over; ``first`` is the number of its first attempt."""

    function: str
    arguments: list[str]
    first: int = 0

    @property
    def is_async(self) -> bool:
        """Whether the loop has to be an ``async for``."""
        return self.function.endswith(".apoll")


def header(
    module: Module, loop: ast.For, poll: Call
) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """The edits of the loop's keyword (if it has to change) and of its iterable."""
    is_async = poll.is_async
    indent = module.indent(loop.lineno)
    around = len(f"for {module.source(loop.target)} in :") + 6 * is_async
    around += len(_comment(module, loop))
    place = layout.Place(
        len(indent), indent, around, layout.step(indent), is_header=True
    )
    call = layout.call(module, poll.function, poll.arguments, place)
    start = module.start(loop)
    keyword = (Edit(start, start + 3, "async for"),) if is_async else ()
    first, last = module.start(loop.iter), module.end(loop.iter)
    if not poll.first:
        return keyword, (Edit(first, last, call),)
    both = f"{module.source(loop.target)}, _"
    named = Edit(module.start(loop.target), module.end(loop.target), both)
    whole = f"{poll.function}({', '.join(poll.arguments)})"
    place = replace(place, around=around + len(", _"))
    counted = layout.call(module, "enumerate", [whole, str(poll.first)], place)
    return keyword, (named, Edit(first, last, counted))


def _comment(module: Module, loop: ast.For) -> str:
    """What a header says behind its colon, with the blanks; empty if to linters.

    Empty, too, where no header would be short enough for it.
    """
    end = module.end(loop.iter)
    behind = module.utf8[end : module.line_start(module.line_of(end) + 1)].decode()
    comment = behind.rstrip().removeprefix(":")
    room = layout.limit(module) - len(f"{module.indent(loop.lineno)}):")
    is_short = comment.lstrip().startswith("#") and len(comment) <= room
    return comment if is_short and not pragmas.for_linters(comment.lstrip()) else ""


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
