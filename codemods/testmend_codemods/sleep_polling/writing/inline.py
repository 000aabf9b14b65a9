"""Style ``inline``: the same loops in plain code, without a helper.

Seconds that each sleep takes from, in place of a `Deadline`::

    time_left = 15
    while time_left > 0:
        if server.is_up():
            break
        time.sleep(0.5)
        time_left -= 0.5
    else:
        raise AssertionError("not up")

No clock is read: so many looks as the sleeps of all this time allow are made however
slow each one is, and a stopped clock or a replaced sleep does not keep it from ending.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.errors import FragmentError
from testmend.facts import dotted
from testmend.model import Edit
from testmend_codemods.sleep_polling.reading import flow, sleeps
from testmend_codemods.sleep_polling.writing import deadlines, layout
from testmend_codemods.sleep_polling.writing.conditions import opposite
from testmend_codemods.sleep_polling.writing.oneline import flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop, Sleep
    from testmend_codemods.sleep_polling.writing.byclock import Clock

_NAME = "time_left"
_BOUND = ast.Store | ast.Del
_OWN = re.compile(rf"{_NAME}\d*")
_ARGUMENTS = re.compile(r"\((?!\))[^()]*\)")  # the innermost ones
_HEADER_END = re.compile(r"[)\s]*:[ \t]*(?:#[^\r\n]*)?[\r\n]*")


class Budget(Struct, frozen=True):
    """The variable that says how many seconds are left, ``timeout`` of them at first.

    ``number``: another one, that counts the rounds beside it, from ``first`` on.
    """

    name: str
    timeout: str
    number: str = ""
    first: int = 0

    @classmethod
    def of(cls, module: Module, loop: Loop, timeout: str) -> Budget:
        """That of a loop, by a name that its function does not have yet."""
        return cls(deadlines.name(module, loop, _NAME), timeout)

    def numbering(self, number: str, first: int) -> Budget:
        """One that also counts the rounds, by a name of the author's."""
        return replace(self, number=number, first=first)

    @property
    def over(self) -> str:
        """The question whether the time is over."""
        return f"{self.name} <= 0"

    @property
    def under(self) -> str:
        """The question whether there is time left."""
        return f"{self.name} > 0"

    def made(self, module: Module, indent: str) -> str:  # noqa: ARG002  a Keeper's
        """The statement that sets it."""
        number = f"\n{indent}{self.number} = {self.first}" if self.number else ""
        return f"{self.name} = {self.timeout}{number}"

    def slept(self, module: Module, sleep: Sleep) -> tuple[Edit, ...]:
        """The edits by which a sleep takes its seconds, in a line behind its own.

        Raises `FragmentError` when it shares its line with another statement.
        """
        opening, margin = _line(module, sleep)
        return (*opening, *self.taken(module, sleep, margin))

    def taken(self, module: Module, sleep: Sleep, margin: str) -> tuple[Edit, ...]:
        """The same for a sleep that gets a line of its own, with this indentation."""
        start = module.end(_statement(module, sleep))
        end = module.line_start(module.line_of(start - 1) + 1)
        rest = module.utf8[start:end].decode()
        if rest.strip()[:1] not in ("", "#"):
            raise FragmentError("the sleep shares its line with another statement")
        at = start + len(rest.rstrip("\r\n").encode())
        lines = [self._takes(module, sleep)]
        if self.number:
            lines.append(f"{self.number} += 1")
        return (Edit(at, at, "".join(f"\n{margin}{each}" for each in lines)),)

    def stepped(
        self, module: Module, sleep: Sleep, step: ast.stmt
    ) -> tuple[Edit, ...] | None:
        """The same in place of the step of a counter, if that comes right behind."""
        statement = _statement(module, sleep)
        block = flow.block(module, statement)
        if step not in block:
            return None
        if block.index(step) != block.index(statement) + 1:
            return None
        taken = self._takes(module, sleep)
        return (Edit(module.start(step), module.end(step), taken),)

    def _takes(self, module: Module, sleep: Sleep) -> str:
        seconds = flat(module.source(sleep.call.args[0]))
        if seconds is None:
            raise FragmentError("the seconds have several lines")
        return f"{self.name} -= {seconds}"


def is_done(module: Module, loop: ast.While) -> bool:
    """Whether a loop counts the seconds that are left, as this style makes them do."""
    return any(
        isinstance(node, ast.AugAssign)
        and _OWN.fullmatch(dotted(node.target))
        and next(e for e in module.ancestors(node) if isinstance(e, sleeps.Loop))
        is loop
        for node in flow.own_nodes(loop.body)
    )


def is_numbered(module: Module, loop: ast.For) -> bool:
    """Whether the number of a round is read in the round alone, and never bound there.

    When the rounds are over it is one more than it was.
    """
    name = module.source(loop.target)
    return not any(
        isinstance(each, ast.Name) and each.id == name
        for block, kinds in ((loop.orelse, ast.expr_context), (loop.body, _BOUND))
        for node in block
        for each in ast.walk(node)
        if isinstance(getattr(each, "ctx", None), kinds)
    )


def counted(
    module: Module,
    loop: ast.For,
    sleep: Sleep,
    budget: Budget,
    holder: ast.If | None = None,
) -> tuple[Edit, ...]:
    """A counted loop that goes on while there is time left.

    ``holder``: all but the last of the old rounds slept, and this is what asked.
    """
    if holder is None:
        return deadlines.between(module, loop, [sleep], budget)
    start = module.start(_statement(module, sleep))
    asked = Edit(module.start(holder), start, "")
    taken = budget.taken(module, sleep, module.indent(holder.lineno))
    return (*deadlines.between(module, loop, [], budget), asked, *taken)


def bounded(
    module: Module, loop: ast.While, found: Sequence[Sleep], budget: Budget | Clock
) -> tuple[Edit, ...]:
    """A loop without a limit that asserts before each sleep that there is time left.

    Where it does nothing but sleep the assertion opens its body, above any comment.
    """
    goals = list(_goals(module, loop))
    edits = [deadlines.made_before(module, loop, budget)]
    for sleep in found:
        opening, margin = _line(module, sleep)
        check = _assertion(module, budget, goals, margin)
        start = module.start(_statement(module, sleep))
        if opening:
            edits += (replace(e, text=f"{e.text}{check}{e.text}") for e in opening)
        elif loop.body == [_statement(module, sleep)]:
            at = _inside(module, loop, module.end(loop.test))
            edits.append(Edit(at, at, f"{margin}{check}\n"))
        else:
            edits.append(Edit(start, start, f"{check}\n{margin}"))
        if isinstance(budget, Budget):
            edits += budget.taken(module, sleep, margin)
    return tuple(edits)


def _statement(module: Module, sleep: Sleep) -> ast.Expr:
    statement = sleeps.statement(module, sleep)
    if statement is None:
        raise FragmentError("the sleep is not a statement")
    return statement


def _line(module: Module, sleep: Sleep) -> tuple[tuple[Edit, ...], str]:
    """The edit that puts a sleep on a line of its own, if it has none; its indentation.

    It leaves the line of a header: ``if slow: sleep(1)``, ``while busy(): sleep(1)``.
    """
    statement = _statement(module, sleep)
    start = module.start(statement)
    ahead = module.utf8[module.line_start(statement.lineno) : start].decode()
    if not ahead.strip():
        return (), ahead
    holder = getattr(module.parent(statement), "lineno", None)
    alone = flow.block(module, statement) == [statement]
    if holder is None or not alone or not ahead.rstrip().endswith(":"):
        raise FragmentError("the sleep shares its line with another statement")
    indent = module.indent(holder)
    margin = indent + layout.step(indent)
    blanks = len(ahead) - len(ahead.rstrip())
    return (Edit(start - blanks, start, f"\n{margin}"),), margin


def _goals(module: Module, loop: ast.While) -> Iterator[str]:
    """What a loop waits for: that its condition ends it, or the one way out of it."""
    if not isinstance(loop.test, ast.Constant):
        yield " ".join(opposite(module, loop.test).text.split())
    ways = [
        each.test
        for each in loop.body
        if isinstance(each, ast.If) and _leads_out(each.body[-1])
    ]
    goal = flat(module.source(ways[0])) if len(ways) == 1 else None
    if goal and ":=" not in goal:
        yield goal


def _leads_out(last: ast.stmt) -> bool:
    """Whether a statement ends a loop well, which ``return False`` does not."""
    if isinstance(last, ast.Return):
        return not isinstance(last.value, ast.Constant) or bool(last.value.value)
    return isinstance(last, ast.Break)


def _assertion(
    module: Module, budget: Budget | Clock, goals: Iterable[str], margin: str
) -> str:
    """``assert time_left > 0, "timed out: ..."`` on one line, if there is room.

    Formatters do not agree on how one of several lines is broken.
    """
    room = layout.limit(module) - len(margin)
    for goal in goals:
        for text in (goal, _ARGUMENTS.sub("(...)", goal)):
            whole = f"assert {budget.under}, {quoted(module, f'timed out: {text}')}"
            if len(whole) <= room:
                return whole
    return f"assert {budget.under}, {quoted(module, 'timed out')}"


def _inside(module: Module, loop: Loop, header_end: int) -> int:
    """The start of the line behind a loop's header."""
    first = module.line_start(loop.body[0].lineno)
    text = module.utf8[header_end:first].decode()
    match = _HEADER_END.match(text)
    if match is None or first < header_end:
        raise FragmentError("the body stands on the header's line")
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
