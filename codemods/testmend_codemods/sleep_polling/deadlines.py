"""The edits that give a loop a deadline: before it, and in place of its sleep."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.errors import FragmentError
from testmend.facts import dotted
from testmend.model import Edit
from testmend_codemods.sleep_polling import layout
from testmend_codemods.sleep_polling.sleeps import Function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.byhand import Counter
    from testmend_codemods.sleep_polling.lastround import LastRound
    from testmend_codemods.sleep_polling.sleeps import Loop, Sleep


def name(module: Module, loop: Loop, wish: str = "deadline") -> str:
    """A name that nothing in the function has, by depth of the loop."""
    function = next(
        (e for e in reversed([*module.ancestors(loop)]) if isinstance(e, Function)),
        module.tree,
    )
    taken = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    taken |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
    depth = sum(_may_have_one(each) for each in module.ancestors(loop))
    wanted = wish if not depth else f"{wish}{depth + 1}"
    number = depth + 1
    while wanted in taken:
        number += 1
        wanted = f"{wish}{number}"
    return wanted


def _may_have_one(node: ast.AST) -> bool:
    """Whether a node is a loop that may get a deadline itself: not one over things."""
    if isinstance(node, ast.For):
        call = node.iter
        return isinstance(call, ast.Call) and dotted(call.func).endswith("range")
    return isinstance(node, ast.While)


def bounded(
    module: Module, loop: ast.While, sleep: Sleep, function: str, arguments: list[str]
) -> tuple[Edit, ...]:
    """Edits that put a deadline before a loop and let it do the sleeping."""
    start, indent = module.start(loop), module.indent(loop.lineno)
    if module.utf8[module.line_start(loop.lineno) : start].strip():
        raise FragmentError("the loop shares its line with another statement")
    deadline = name(module, loop)
    made = _assignment(module, deadline, function, arguments, indent)
    called = sleep.call.func
    return (
        Edit(start, start, f"{made}\n{indent}"),
        Edit(module.start(called), module.end(called), f"{deadline}.{_method(sleep)}"),
    )


def _method(sleep: Sleep) -> str:
    """The method of a deadline that takes the place of a sleep."""
    return "sleep_async" if sleep.is_async else "sleep"


def _slept(module: Module, deadline: str, sleep: Sleep) -> Edit:
    """The edit by which a deadline sleeps its interval in place of a sleep."""
    start, end = module.start(sleep.call), module.end(sleep.call)
    return Edit(start, end, f"{deadline}.{_method(sleep)}()")


def more(
    module: Module, loop: Loop, sleeps: Sequence[Sleep], *, timed: bool = False
) -> tuple[Edit, ...]:
    """The edits of further sleeps; ``timed``: they keep their seconds."""
    deadline = name(module, loop)
    if not timed:
        return tuple(_slept(module, deadline, each) for each in sleeps)
    called = [(each.call.func, f"{deadline}.{_method(each)}") for each in sleeps]
    return tuple(Edit(module.start(f), module.end(f), text) for f, text in called)


def counted(
    module: Module,
    loop: ast.While,
    sleep: Sleep,
    counter: Counter,
    call: tuple[str, list[str]],
) -> tuple[Edit, ...]:
    """Edits that make a deadline of a counter. ``call``: function and arguments."""
    from testmend_codemods.sleep_polling import fragments  # noqa: PLC0415  slow

    deadline = name(module, loop)
    kept = counter.told or counter.start is None or not counter.at_start
    start = loop if kept or counter.start is None else counter.start
    indent = module.indent(start.lineno)
    if module.utf8[module.line_start(start.lineno) : module.start(start)].strip():
        raise FragmentError("the counter shares its line with another statement")
    made = _assignment(module, deadline, *call, indent)
    end = module.end(start)
    if start is loop:
        made, end = f"{made}\n{indent}", module.start(start)
    edits = [
        Edit(module.start(start), end, made),
        _slept(module, deadline, sleep),
    ]
    if not counter.told:
        edits.append(fragments.removed(module, counter.step))
        if start is loop and counter.start is not None:
            edits.append(fragments.removed(module, counter.start))
    words = {
        "over": f"{deadline}.expired",
        "under": f"not {deadline}.expired",
        "spare": "True",
    }
    for check, kind in counter.checks:
        text = words[kind]
        edits.append(Edit(module.start(check), module.end(check), text))
    return tuple(edits)


def between(
    module: Module, loop: ast.For, sleep: Sleep, call: tuple[str, list[str]]
) -> tuple[Edit, ...]:
    """Edits for a counted loop that sleeps in the midst of each round.

    As often as the old loop went round, the new one sleeps.
    """
    deadline = name(module, loop)
    header = f"while not {deadline}.expired"
    return _instead_of_rounds(module, loop, sleep, header, call)


def to_the_last(
    module: Module,
    loop: ast.For,
    sleep: Sleep,
    last: LastRound,
    call: tuple[str, list[str]],
) -> tuple[Edit, ...]:
    """Edits for a counted loop that leaves itself in its last round."""
    header = "while True"
    if last.told:
        first = last.rounds.first or ""
        header = f"for {module.source(loop.target)} in itertools.count({first})"
    deadline = name(module, loop)
    words = f"{deadline}.expired" if last.over else f"not {deadline}.expired"
    check = Edit(module.start(last.check), module.end(last.check), words)
    return (*_instead_of_rounds(module, loop, sleep, header, call), check)


def _instead_of_rounds(
    module: Module,
    loop: ast.For,
    sleep: Sleep,
    header: str,
    call: tuple[str, list[str]],
) -> tuple[Edit, ...]:
    start, indent = module.start(loop), module.indent(loop.lineno)
    if module.utf8[module.line_start(loop.lineno) : start].strip():
        raise FragmentError("the loop shares its line with another statement")
    deadline = name(module, loop)
    made = _assignment(module, deadline, *call, indent)
    return (
        Edit(start, start, f"{made}\n{indent}"),
        Edit(start, module.end(loop.iter), header),
        _slept(module, deadline, sleep),
    )


def _assignment(
    module: Module, deadline: str, function: str, arguments: list[str], indent: str
) -> str:
    place = layout.Place(len(indent), indent, len(deadline) + 3, layout.step(indent))
    return f"{deadline} = {layout.call(module, function, arguments, place)}"
