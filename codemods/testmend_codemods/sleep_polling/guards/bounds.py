"""Whether something else ends a loop: a time limit around it, or one that is told."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted, parameters
from testmend_codemods.sleep_polling.guards import mocks
from testmend_codemods.sleep_polling.reading import comments, flow, sleeps

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_TIME_LIMIT = re.compile(
    r"(?:fail|move_on)_(?:after|at)$|time_?(?:out|limit)|deadline", re.IGNORECASE
)
_TIMEOUT = re.compile(
    r"\b(?:no|not|without|own)\b[^.]*\btime-?\s?outs?\b"
    r"|\btime-?\s?outs?\b[^.]*\b(?:own|itself|elsewhere|will be raised)\b"
    r"|\b(?:loops?|waits?|blocks?|runs?|hangs?)\s(?:forever|in(?:de)?finitely)\b"
    r"|\b(?:infinite|endless)\s(?:\w+\s)?loop\b|\btests?\stimes?\sout\b"
    r"|\bunbounded(?:ly)?\b|\bnever\sgives?\sup\b"
    r"|\b(?:no|without)\s(?:an?\s)?(?:attempt|iteration|round|retry|time|[\w]+/time)"
    r"\s(?:cap|limit|bound)\b",
    re.IGNORECASE,
)
_TIMEOUT_SAID = re.compile(
    r"#.*(?:times?-?\s?out|forever|in(?:de)?finite|endless|unbounded|gives?\sup"
    r"|\s(?:cap|limit|bound)\b)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:^|[_.])(?:time|epoch|clock|now)(?:_|$)", re.IGNORECASE)
_TIMEOUT_NAME = re.compile(r"(?:^|_)time_?(?:out|limit)|(?:^|_)(?:deadline|max_wait)")


def is_limited(module: Module, loop: Loop) -> bool:
    """Whether a ``with`` around the loop ends it after some time."""
    for above in module.ancestors(loop):
        if isinstance(above, sleeps.Function):
            return False
        if isinstance(above, ast.With | ast.AsyncWith):
            calls = (each.context_expr for each in above.items)
            names = (dotted(each.func) for each in calls if isinstance(each, ast.Call))
            if any(_TIME_LIMIT.search(name.rpartition(".")[2]) for name in names):
                return True
    return False


def is_in_timed_loop(module: Module, loop: Loop) -> bool:
    """Whether a loop around it goes by the clock: that time is the author's."""
    for above in module.ancestors(loop):
        if isinstance(above, sleeps.Function):
            return False
        if isinstance(above, ast.While) and mocks.reads_clock(
            module, flow.own_nodes([above.test])
        ):
            return True
    return False


def asks_the_clock(module: Module, loop: Loop) -> bool:
    """Whether the loop's condition calls a function of the file's that reads a clock.

    ``in_time = lambda: time() < end``, and then ``while in_time():``.
    """
    for call in ast.walk(loop.test) if isinstance(loop, ast.While) else ():
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            for holder in flow.binders(module, call.func.id, call):
                inner = getattr(holder, "value", None)
                if isinstance(inner, ast.Lambda) and mocks.reads_clock(
                    module, flow.own_nodes([inner.body])
                ):
                    return True
    return False


def measures(module: Module, loop: Loop) -> bool:
    """Whether a loop asks how long it is since a moment, by a clock of the project's.

    ``began = get_epoch_time()`` ahead of it, and ``now - began > LIMIT`` within, where
    ``now`` is from the same function.
    """
    function = sleeps.function_of(module, loop)
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    clocks: dict[str, set[str]] = {}
    for node in flow.own_nodes(function.body):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                clocks.setdefault(dotted(target), set()).add(_clock(node.value))

    def sources(node: ast.expr) -> set[str]:
        return {_clock(node)} | clocks.get(dotted(node), set())

    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and isinstance(module.parent(node), ast.Compare)
        and (sources(node.left) & sources(node.right)) - {""}
        for node in flow.own_nodes([loop])
    )


def _clock(node: ast.expr) -> str:
    """The function that a call asks for the time, by its name; empty for others."""
    name = dotted(node.func) if isinstance(node, ast.Call) and not node.args else ""
    return name if _CLOCK.search(name) else ""


def is_given_time(module: Module, loop: Loop) -> bool:
    """Whether a loop uses the time that the caller of its function gives.

    What it calls ends by that, and so may the loop; also what the time was handed to
    before.
    """
    function = sleeps.function_of(module, loop)
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    given = parameters(function.args)
    names = {each for each in given if _TIMEOUT_NAME.search(each)}
    uses = [
        each
        for each in (flow.own_nodes(function.body) if names else ())
        if isinstance(each, ast.Name) and each.id in names
    ]
    start, end = module.start(loop), module.end(loop)
    return any(
        start <= module.start(each) < end
        or (
            module.start(each) < start
            and isinstance(module.parent(each), ast.Call | ast.keyword)
        )
        for each in uses
    )


def is_said(module: Module, loop: Loop) -> bool:
    """Whether a comment in the function, down to the loop's end, tells of a timeout.

    ``# the operation has a timeout of its own``: the author wants none here. So may
    the function's docstring, and a handler in the loop that waits for one.
    """
    function = sleeps.function_of(module, loop)
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and (
        _TIMEOUT.search(ast.get_docstring(function) or "")
    ):
        return True
    if any(
        isinstance(each, ast.ExceptHandler)
        and each.type is not None
        and dotted(each.type) in ("gevent.Timeout", "eventlet.Timeout")
        for each in flow.own_nodes([loop])
    ):
        return True
    start, end = module.start(function or loop), module.end(loop)
    said = comments.between(module, start, end, _TIMEOUT_SAID)
    return any(_TIMEOUT.search(each) for each in said)


# Of a loop that has no limit itself.
TOLD = (is_said, is_given_time, is_in_timed_loop, asks_the_clock, measures)
