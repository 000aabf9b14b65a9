"""Style ``inline``: the same loops with a deadline in plain code, without a helper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from testmend.errors import FragmentError
from testmend.model import Edit
from testmend_codemods.sleep_polling.conditions import opposite
from testmend_codemods.sleep_polling.deadlines import name as free

if TYPE_CHECKING:
    import ast

    from testmend.source import Module
    from testmend_codemods.sleep_polling.sleeps import Loop

_HEADER_END = re.compile(r"[)\s]*:[ \t]*(?:#[^\r\n]*)?[\r\n]*")
_CLOCK = "time.monotonic"


@dataclass(frozen=True, slots=True)
class Clock:
    """How the file reads the clock, and the import that it needs for that."""

    function: str
    imports: tuple[str, ...] = ()


def clock(module: Module, at: ast.AST) -> Clock | None:
    """The clock as the file would write it; None if the name ``time`` is taken."""
    for each in module.scopes.imports:
        if each.target == "time" and each in module.scopes.bindings(each.name, at):
            return Clock(f"{each.name}.monotonic")
        if each.target == _CLOCK and each in module.scopes.bindings(each.name, at):
            return Clock(each.name)
    if module.scopes.is_mentioned("time"):
        return None
    return Clock(_CLOCK, ("import time",))


def counted(
    module: Module, loop: ast.For, timeout: str, rounds: str, now: Clock, *, told: bool
) -> tuple[Edit, ...]:
    """A counted loop that goes on while the time or the rounds are not used up.

    ``told``: the body reads the count, which starts at 0 then.
    """
    name = module.source(loop.target) if told else free(module, loop, "attempt")
    deadline = free(module, loop)
    indent, body = module.indent(loop.lineno), module.indent(loop.body[0].lineno)
    first = "-1" if told else "0"
    more = f"{name} + 1" if told else name
    start = module.start(loop)
    before = (
        f"{deadline} = {now.function}() + {timeout}\n{indent}{name} = {first}\n{indent}"
    )
    head = f"while {more} < {rounds} or {now.function}() < {deadline}"
    inside = _inside(module, loop, module.end(loop.iter))
    return (
        Edit(start, start, before),
        Edit(start, module.end(loop.iter), head),
        Edit(inside, inside, f"{body}{name} += 1\n"),
    )


def endless(
    module: Module, loop: ast.While, timeout: str, now: Clock
) -> tuple[Edit, ...]:
    """An endless loop that asserts before each sleep that there is time left."""
    deadline = free(module, loop)
    indent, body = module.indent(loop.lineno), module.indent(loop.body[0].lineno)
    goal = " ".join(opposite(module, loop.test).text.split())
    start, inside = module.start(loop), _inside(module, loop, module.end(loop.test))
    message = quoted(module, f"timed out: {goal}")
    check = f"assert {now.function}() < {deadline}, {message}"
    if len(body) + len(check) > 79:  # noqa: PLR2004  PEP 8
        check = f"assert {now.function}() < {deadline}, (\n{body}    {message})"
    return (
        Edit(start, start, f"{deadline} = {now.function}() + {timeout}\n{indent}"),
        Edit(inside, inside, f"{body}{check}\n"),
    )


def unbounded(
    module: Module, loop: ast.While, sleep: ast.stmt, timeout: str, now: Clock
) -> tuple[Edit, ...]:
    """A loop without a limit that asserts before its sleep that there is time left."""
    deadline = free(module, loop)
    indent, start = module.indent(loop.lineno), module.start(loop)
    at, margin = module.start(sleep), module.indent(sleep.lineno)
    if (
        module.utf8[module.line_start(loop.lineno) : start].strip()
        or module.utf8[module.line_start(sleep.lineno) : at].strip()
    ):
        raise FragmentError("a statement shares its line with another one")
    check = f"assert {now.function}() < {deadline}, {quoted(module, 'timed out')}"
    return (
        Edit(start, start, f"{deadline} = {now.function}() + {timeout}\n{indent}"),
        Edit(at, at, f"{check}\n{margin}"),
    )


def _inside(module: Module, loop: Loop, header_end: int) -> int:
    """The start of the line behind a loop's header.

    Raises `FragmentError` when the body stands on the header's line.
    """
    first = module.line_start(loop.body[0].lineno)
    text = module.utf8[header_end:first].decode()
    match = _HEADER_END.match(text)
    if match is None or first < header_end:
        raise FragmentError("the body stands on the header's line")
    ahead = module.utf8[module.line_start(loop.lineno) : module.start(loop)]
    if ahead.strip():
        raise FragmentError("the loop shares its line with another statement")
    return module.line_start(
        module.line_of(header_end - 1 + len(match[0].rstrip())) + 1
    )


def quoted(module: Module, text: str) -> str:
    """A text as the file would write it, with the quotes that it uses most."""
    single = module.text.count("'") > module.text.count('"')
    quoted = repr(text)
    if single or '"' in text or not quoted.startswith("'") or "\\" in quoted:
        return quoted
    return f'"{quoted[1:-1]}"'
