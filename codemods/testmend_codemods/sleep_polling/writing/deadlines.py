"""The edits that give a loop a deadline: before it, and in place of its sleep."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from testmend.errors import FragmentError
from testmend.model import Edit
from testmend_codemods.sleep_polling.reading import sleeps
from testmend_codemods.sleep_polling.reading.sleeps import Function
from testmend_codemods.sleep_polling.writing import fragments, layout, pragmas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.loops.byhand import Counter
    from testmend_codemods.sleep_polling.loops.lastround import LastRound
    from testmend_codemods.sleep_polling.reading.sleeps import Loop, Sleep
    from testmend_codemods.sleep_polling.writing.keepers import Keeper, Made

_OTHER = {"deadline": "waiting"}
_COUNTS = re.compile(
    r"[ \t]*#.*\b(?:second|sec|minute|try|tries|attempt|retr|round|count|wait|elapsed)",
    re.IGNORECASE,
)


def name(module: Module, loop: Loop, wish: str = "deadline") -> str:
    """A name that nothing in the function has, by depth of the loop."""
    function = next(
        (e for e in reversed([*module.ancestors(loop)]) if isinstance(e, Function)),
        module.tree,
    )
    taken = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    taken |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
    depth = sum(_may_have_one(module, each) for each in module.ancestors(loop))
    wanted = wish if not depth else f"{wish}{depth + 1}"
    number = depth + 1
    other = _OTHER.get(wish, "")
    if wanted in taken and other and not depth:
        wanted = other  # ``waiting = Deadline(deadline)``
    while wanted in taken:
        number += 1
        wanted = f"{wish}{number}"
    return wanted


def _may_have_one(module: Module, node: ast.AST) -> bool:
    """Whether a node is a loop that may get a deadline itself: it sleeps."""
    loops, _ = module.once(sleeps.loops)
    return node in loops and not isinstance(node, ast.AsyncFor)


def bounded(
    module: Module, loop: ast.While, found: Sequence[Sleep], keeper: Keeper
) -> tuple[Edit, ...]:
    """Edits that put a deadline before a loop and let it do the sleeping."""
    edits = [made_before(module, loop, keeper)]
    for each in found:
        edits += keeper.slept(module, each)
    return tuple(edits)


def counted(
    module: Module,
    loop: ast.While,
    found: Sequence[Sleep],
    counter: Counter,
    keeper: Keeper,
) -> tuple[Edit, ...]:
    """Edits that let ``keeper`` take the place of a counter."""
    started = None if counter.told else counter.start
    at_start = started and (counter.at_start or _has_remark(module, started))
    start = started if started and at_start else loop
    if _shares_line(module, start):
        raise FragmentError("the counter shares its line with another statement")
    if start is loop:
        edits = [made_before(module, loop, keeper)]
    else:
        made = keeper.made(module, module.indent(start.lineno))
        end = _past_remark(module, start) or module.end(start)
        edits = [Edit(module.start(start), end, made)]
    stepped = None
    if not counter.told and len(found) == 1:
        stepped = keeper.stepped(module, found[0], counter.step)
    for each in () if stepped else found:
        edits += keeper.slept(module, each)
    if not counter.told:
        edits += stepped or (_without_step(module, counter.step, found),)
        if start is loop and counter.start is not None:
            edits.append(fragments.removed(module, counter.start))
    words = {"over": keeper.over, "under": keeper.under, "spare": "True"}
    edits += (_asked(module, check, words[kind]) for check, kind in counter.checks)
    return (*edits, *_fitting(module, loop, edits))


def _fitting(module: Module, loop: ast.While, edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits by which a header that gets too long has room.

    A comment goes ahead of it, and what is still too long is broken.
    """
    comment = pragmas.behind_header(module, loop.test)
    first, end = module.start(loop), module.end(loop.test)
    if module.line_of(end) != loop.lineno:
        return
    old = len(module.line_text(loop.lineno).rstrip())
    within = (each for each in edits if first <= each.start and each.end <= end)
    new = old + sum(len(each.text) - (each.end - each.start) for each in within)
    limit = layout.limit(module)
    if not old <= limit < new:
        return
    if comment:
        ahead = f"{comment.decode().strip()}\n{module.indent(loop.lineno)}"
        yield Edit(first, first, ahead)
        yield pragmas.without(module, comment, loop.test)
    if new - len(comment.rstrip()) > limit:
        yield from _broken(module, loop)


def _broken(module: Module, loop: ast.While) -> Iterator[Edit]:
    """The edits that put each part of a loop's condition on a line of its own."""
    test = loop.test
    if not isinstance(test, ast.BoolOp):
        return
    word = b"and" if isinstance(test.op, ast.And) else b"or"
    gaps = [(module.end(a), module.start(b)) for a, b in pairwise(test.values)]
    ahead = module.utf8[module.start(loop) : module.start(test)]
    if ahead != b"while " or any(module.utf8[a:b].strip() != word for a, b in gaps):
        return  # there are brackets
    indent = module.indent(loop.lineno)
    if layout.closes_alone(module):
        deeper, last = indent + layout.step(indent), f"\n{indent}"
        first = f"\n{deeper}"
    else:
        deeper, last, first = f"{indent}       ", "", ""  # as wide as "while ("
    yield Edit(module.start(test), module.start(test), f"({first}")
    for start, end in gaps:
        yield Edit(start, end, f"\n{deeper}{word.decode()} ")
    yield Edit(module.end(test), module.end(test), f"{last})")


def _has_remark(module: Module, start: ast.stmt) -> bool:
    """Whether a comment stands behind a counter's start: it would be left alone."""
    end = module.end(start)
    rest = module.utf8[end : module.line_start(module.line_of(end) + 1)]
    return rest.lstrip().startswith(b"#")


def _past_remark(module: Module, start: ast.stmt) -> int:
    """The end of a comment behind a counter's start that speaks of counting; or 0."""
    line = module.line_of(module.end(start))
    code = module.utf8[module.line_start(line) : module.end(start)].decode()
    rest = module.line_text(line).removeprefix(code)
    if not _COUNTS.match(rest):
        return 0
    return module.end(start) + len(rest.rstrip().encode())


def _asked(module: Module, check: ast.expr, question: str) -> Edit:
    """The edit that asks a question in place of another one.

    ``assertLess(tries, 10)`` becomes ``assertFalse(deadline.expired)``.
    """
    start, end = module.start(check), module.end(check)
    above = module.parent(check)
    if isinstance(check, ast.Call) and isinstance(check.func, ast.Attribute):
        called, first, end = check.func, check.args[0], module.end(check.args[1])
    elif (
        isinstance(above, ast.Call)
        and isinstance(above.func, ast.Attribute)
        and (above.func.attr, above.args[0]) == ("assertTrue", check)
    ):
        called, first = above.func, check
    else:
        return Edit(start, end, question)
    denied = question.removeprefix("not ")
    method = "assertTrue" if denied == question else "assertFalse"
    name = module.end(called) - len(called.attr)
    opened = module.utf8[module.end(called) : module.start(first)].decode()
    return Edit(name, end, f"{method}{opened}{denied}")


def _without_step(module: Module, step: ast.stmt, found: Sequence[Sleep]) -> Edit:
    """The edit that takes out ``tries += 1``; ``else: break`` behind it turns round."""
    other_way = fragments.turned(module, step)
    if other_way is None or any(
        other_way.start < module.start(each.call) < other_way.end for each in found
    ):
        return fragments.removed(module, step)
    return other_way


def between(
    module: Module, loop: ast.For, found: Sequence[Sleep], keeper: Keeper
) -> tuple[Edit, ...]:
    """Edits for a counted loop that sleeps in the midst of each round.

    As often as the old loop went round, the new one sleeps.
    """
    return _instead_of_rounds(module, loop, found, f"while {keeper.under}", keeper)


def to_the_last(
    module: Module, loop: ast.For, sleep: Sleep, last: LastRound, keeper: Keeper
) -> tuple[Edit, ...]:
    """Edits for a counted loop that leaves itself in its last round."""
    header = "while True"
    if last.told:
        first = last.rounds.first or ""
        header = f"for {module.source(loop.target)} in itertools.count({first})"
    words = keeper.over if last.over else keeper.under
    check = Edit(module.start(last.check), module.end(last.check), words)
    edits = (*_instead_of_rounds(module, loop, [sleep], header, keeper), check)
    return (*edits, _with_an_end(module, last.holder)) if last.open else edits


def _with_an_end(module: Module, holder: ast.If) -> Edit:
    """The edit that adds ``else: break``."""
    indent = module.indent(holder.lineno)
    line = holder.end_lineno or holder.lineno
    end = module.line_start(line) + len(module.line_text(line).rstrip().encode())
    step = layout.step(indent)
    return Edit(end, end, f"\n{indent}else:\n{indent}{step}break")


def _instead_of_rounds(
    module: Module,
    loop: ast.For,
    found: Sequence[Sleep],
    header: str,
    keeper: Keeper,
) -> tuple[Edit, ...]:
    edits = [made_before(module, loop, keeper)]
    edits.append(Edit(module.start(loop), module.end(loop.iter), header))
    comment = pragmas.behind_header(module, loop.iter)
    if pragmas.explains_rounds(comment):
        edits.append(pragmas.without(module, comment, loop.iter))
    for each in found:
        edits += keeper.slept(module, each)
    return tuple(edits)


def made_before(module: Module, loop: Loop, keeper: Made) -> Edit:
    """The edit that puts the variable before a loop, as a line that comes in between.

    Raises `FragmentError` when the loop shares its line with another statement.
    """
    if _shares_line(module, loop):
        raise FragmentError("the loop shares its line with another statement")
    start, indent = module.line_start(loop.lineno), module.indent(loop.lineno)
    return Edit(start, start, f"{indent}{keeper.made(module, indent)}\n")


def _shares_line(module: Module, node: ast.stmt) -> bool:
    start = module.start(node)
    return bool(module.utf8[module.line_start(node.lineno) : start].strip())
