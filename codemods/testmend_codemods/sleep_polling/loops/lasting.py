"""Loops without a limit that last for as long as somebody else wants.

::

    while True:
        app.processEvents()
        if self.last_key == "p":  # a person presses it
            break
        sleep(0.03)
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.source import Module

_KEY = re.compile(
    r"(?:^|[._])(?:last_?key|pressed_?keys?|key_?press(?:ed)?|getch|user_?input)$",
    re.IGNORECASE,
)
# An order, not a state that something reaches: ``while not stopped`` waits for it.
_ORDER = re.compile(
    r"(?:^|[._])(?:(?:stop|quit|exit|shutdown|terminate)"
    r"(?:_?(?:now|all|everything|flag|requested|event|signal))?"
    r"|keep_?(?:running|going|alive)|should_?(?:stop|quit|exit|run))(?:$|\.)",
    re.IGNORECASE,
)
_END = re.compile(
    r"^_?(?:wait|await)_?(?:for_?|till_?|until_?)?(?:the_?)?(?:process_?)?"
    r"(?:exit|end|termination)$",
    re.IGNORECASE,
)
_STEP = re.compile(r"\.(?:advance|cycle|step|tick)$")
_BAR = re.compile(
    r"(?:^|[._])(?:p_?bar|tqdm|progress_?bar)\b[^.]*(?:\.|$)", re.IGNORECASE
)
_READS = re.compile(r"\.(?:read\w*|recv|fetch\w*)$")
_TAKES = re.compile(
    r"\.(?:consume|read(?:line)?|recv(?:_\w+)?|receive|fetch(?:one|many)?"
    r"|get_(?:nowait|message)|popleft|get|pop)$"
)


def reads_to_the_end(loop: ast.While) -> bool:
    """Whether a loop reads on until there is no more: ``if not data: break``.

    Its sleeps are those of a slow reader. ``is None`` is the end of a stream, but also
    what is not there any more of all that is asked for by a key.
    """
    read = {
        dotted(target): node.value
        for node in flow.own_nodes(loop.body)
        if isinstance(node, ast.Assign) and _READS.search(flow.called(node.value))
        for target in node.targets
    }
    return any(
        isinstance(node, ast.If)
        and isinstance(node.body[-1], ast.Break | ast.Return)
        and (_says_none(node.test) in read.keys() - {""} or _is_over(node.test, read))
        for node in flow.own_nodes(loop.body)
    )


def _is_over(test: ast.expr, read: Mapping[str, ast.expr]) -> bool:
    """``frame is None`` of a ``frame`` that is read by no key."""
    match test:
        case ast.Compare(ast.Name(name), [ast.Is()], [ast.Constant(None)]):
            call = read.get(name)
            if isinstance(call, ast.Call) and not call.args:
                return dotted(call.func).endswith((".read", ".recv"))
    return False


def takes_steps(loop: ast.While) -> bool:
    """Whether a loop itself takes something step by step to its end.

    ``while not machine.is_terminated: machine.cycle(); sleep(rate)``: nobody else does.
    """
    asked = {dotted(node).rpartition(".")[0] for node in ast.walk(loop.test)} - {""}
    return any(
        isinstance(each, ast.Expr)
        and _STEP.search(flow.called(each.value))
        and flow.called(each.value).rpartition(".")[0] in asked
        for each in loop.body
    )


def shows_progress(loop: ast.While) -> bool:
    """Whether a loop feeds a bar that a person looks at: it may take its time."""
    return any(
        isinstance(each, ast.Expr) and _BAR.search(flow.called(each.value))
        for each in flow.own_nodes(loop.body)
    )


def works_off(module: Module, loop: ast.While, sleep: ast.AST) -> bool:
    """Whether a loop sleeps after each piece of work that it takes from a list.

    ``if commands: shell.send(commands.pop(0)); sleep(t)``: it ends when all are done.
    """
    for above in module.ancestors(sleep):
        if above is loop:
            return False
        if isinstance(above, ast.If):
            takes = (f"{dotted(above.test)}.{each}" for each in ("pop", "popleft"))
            calls = (e for e in flow.own_nodes(above.body) if isinstance(e, ast.Call))
            if not {dotted(each.func) for each in calls}.isdisjoint(takes):
                return True
    return False


def takes_the_rest(loop: ast.While) -> bool:
    """Whether a loop goes on while there is more to take.

    ``while queue.get_nowait() is not None: sleep(t)``: as long as there are messages.
    """
    asked = loop.test
    match asked:
        case ast.Compare(left, [ast.IsNot() | ast.NotEq()], [ast.Constant(None)]):
            asked = left
    call = asked.value if isinstance(asked, ast.Await) else asked
    name = flow.called(asked)
    if not isinstance(call, ast.Call) or not _TAKES.search(name):
        return False
    by_key = name.endswith((".get", ".pop")) and call.args
    return not by_key  # which waits until the key is gone


def _says_none(test: ast.expr) -> str:
    """What is empty: ``data`` of ``not data``, ``len(data) == 0`` or ``data == ""``."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return dotted(test.operand)
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return ""
    asked, other = test.left, test.comparators[0]
    value = other.value if isinstance(other, ast.Constant) else None
    if isinstance(asked, ast.Call) and dotted(asked.func) == "len" and asked.args:
        return dotted(asked.args[0]) if value == 0 else ""
    return dotted(asked) if value in ("", b"") else ""


def is_ended_by_others(module: Module, loop: ast.While) -> bool:
    """Whether a person presses a key for a loop to end, or others order it to stop.

    Ctrl-C is one, where a handler takes it for the end. What a function called
    ``wait_exit`` waits for ends when its work is done.
    """
    made = getattr(function_of(module, loop), "name", "")
    if _is_interrupted(module, loop) or _END.search(made):
        return True
    ways = flow.exits(loop)
    ends = [module.parent(each) for each in ways.breaks]
    only_ordered = ends and not ways.returns and all(map(_is_ordered, ends))
    return (
        any(_ORDER.search(dotted(each)) for each in ast.walk(loop.test))
        or (isinstance(loop.test, ast.Constant) and only_ordered)
        or _waits_for_key(loop)
    )


def _is_ordered(holder: ast.AST | None) -> bool:
    """``if stop_event.is_set(): break``."""
    return isinstance(holder, ast.If) and any(
        _ORDER.search(dotted(each)) for each in ast.walk(holder.test)
    )


def _waits_for_key(loop: ast.While) -> bool:
    return any(
        _KEY.search(dotted(each))
        for node in flow.own_nodes([loop])
        if isinstance(node, ast.If | ast.While)
        for each in ast.walk(node.test)
    )


def _is_interrupted(module: Module, loop: ast.While) -> bool:
    return any(
        "KeyboardInterrupt" in flow.caught(each)
        and not isinstance(each.body[-1], ast.Raise)
        for each in flow.handlers_around(module, loop)
    )


def serves(module: Module, loop: ast.While) -> bool:
    """Whether a loop is in a helper that an endless loop of the file calls.

    ``while True: message = receive(); ...`` is a server's: it waits for its clients.
    """
    name = getattr(function_of(module, loop), "name", "")
    return bool(name) and any(
        isinstance(each, ast.Call) and dotted(each.func).rpartition(".")[2] == name
        for outer in module.nodes(ast.While)
        if _is_endless(outer)
        for each in flow.own_nodes(outer.body)
    )


def _is_endless(loop: ast.While) -> bool:
    ways = flow.exits(loop)
    ends = ways.breaks or ways.returns or ways.failures
    return isinstance(loop.test, ast.Constant) and not ends
