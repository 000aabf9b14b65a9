"""Form W1: ``while condition: sleep(t)``, which may go on for ever."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.loops import lasting
from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

_SWALLOWS = frozenset(
    {
        "AssertionError",
        "BaseException",
        "EnvironmentError",
        "Exception",
        "IOError",
        "OSError",
        "TimeoutError",
        "WaitTimeout",
    }
)
_RANDOM = frozenset({"random", "randint", "choice"})
_FRAMES = frozenset({"next", "super", "locals"})
_LIMIT = re.compile(
    r"(?:^|[._])(?:(?:has_)?expired|timed_?out|is_timeout|remaining|time_left\d*"
    r"|(?:get_)?uptime|total_seconds|elapsed)$"
)
_TIMEOUT = re.compile(r"(?:^|[._])time_?out$")
_COUNTER = re.compile(r"(?:^|_)(?:count(?:er)?|tries|attempts|retries|time_?out)$")
_ALIVE = (".is_alive", ".isAlive")
_CHANNEL = (".recv_ready", ".recv_stderr_ready", ".exit_status_ready")  # paramiko's
_FIXED = (
    ast.Name,
    ast.Constant,
    ast.Compare,
    ast.BoolOp,
    ast.UnaryOp,
    ast.cmpop,
    ast.boolop,
    ast.unaryop,
    ast.expr_context,
)
STAYS = "stays"


def reason(module: Module, loop: ast.While) -> str:
    """Why ``while condition: sleep(t)`` can't become one call; "" if it can.

    With `STAYS` it can get a limit if it stays a loop.
    """
    return next(_reasons(module, loop), "")


def _reasons(module: Module, loop: ast.While) -> Iterator[str]:
    nodes = list(ast.walk(loop.test))
    fixed = isinstance(loop.test, ast.Constant)
    if fixed or never_changes(module, loop, loop.test) or is_forever(module, loop):
        yield "endless"
    if forgets_to_count(module, loop):
        yield "hand-counter"
    if has_limit(loop.test):
        yield "already-bounded"
    if any(isinstance(each, ast.Call) and _is_random(each) for each in nodes):
        yield "volatile-condition"
    awaits = awaits_command(module, loop) or awaits_signal(module, loop)
    lasts = lasting.is_ended_by_others(module, loop) or lasting.takes_the_rest(loop)
    if awaits or awaits_workers(loop) or lasts or lasting.shows_progress(loop):
        yield "load-loop"
    if lasting.serves(module, loop):
        yield "worker"
    if any(isinstance(each, ast.ClassDef) for each in _direct(module, loop)):
        yield "module-level"
    if is_swallowed(module, loop):
        yield "swallowed"
    if loop.orelse or any(is_bound_to_loop(each) for each in nodes):
        yield STAYS


def never_changes(module: Module, loop: ast.For | ast.While, test: ast.expr) -> bool:
    """Whether a condition asks only for constants that nothing changes meanwhile.

    ``done = False``, and then ``while not done``: a person at a debugger ends that.
    """
    nodes = list(ast.walk(test))
    names = {each.id for each in nodes if isinstance(each, ast.Name)}
    function = function_of(module, loop)
    if not names or function is None or not all(isinstance(e, _FIXED) for e in nodes):
        return False
    bound: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Nonlocal | ast.Global) and names & {*node.names}:
            return False
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            if node.id in names and not _is_made_constant(module, loop, node):
                return False
            bound.add(node.id)
    return names <= bound


def is_forever(module: Module, loop: ast.AST) -> bool:
    """Whether the function says that it waits for ever: its caller has the limit."""
    function = function_of(module, loop)
    name = getattr(function, "name", "")
    return "forever" in name and not name.startswith("test")


def forgets_to_count(module: Module, loop: ast.While) -> bool:
    """Whether a loop asks for a counter that it leaves as it is.

    ``while up and count``; ``while tries < retries``, where nothing makes them more.
    """
    if isinstance(loop.test, ast.Compare):
        return never_changes(module, loop, loop.test.left) and _is_number(loop.test)
    if not isinstance(loop.test, ast.BoolOp):
        return False
    if any(never_changes(module, loop, each) for each in loop.test.values):
        return True
    bound = {
        node.id
        for node in flow.own_nodes(loop.body)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    asked = (each.id for each in loop.test.values if isinstance(each, ast.Name))
    return any(_COUNTER.search(name) and name not in bound for name in asked)


def _is_number(test: ast.Compare) -> bool:
    """Whether a quantity is compared with a plain name or a number."""
    other = test.comparators[0]
    return isinstance(test.ops[0], flow.ORDERS) and isinstance(
        other, ast.Name | ast.Constant
    )


def _is_made_constant(
    module: Module, loop: ast.For | ast.While, name: ast.Name
) -> bool:
    above = module.parent(name)
    made = isinstance(above, ast.Assign) and isinstance(above.value, ast.Constant)
    return made and loop not in module.ancestors(name)


def _direct(module: Module, loop: ast.While) -> list[ast.AST]:
    above = module.parent(loop)
    return [above] if above else []


def has_limit(test: ast.expr) -> bool:
    """Whether a condition asks a timer of the project, or how long it has been.

    Or whether there is time left: ``while timeout > 0``, ``while timeout and more``.
    """
    truths = test.values if isinstance(test, ast.BoolOp) else [test]
    return any(_TIMEOUT.search(dotted(each)) for each in truths) or any(
        _LIMIT.search(dotted(node))
        or (isinstance(node, ast.Compare) and _is_of_time(node))
        for node in ast.walk(test)
    )


def _is_of_time(test: ast.Compare) -> bool:
    """``timeout > 0`` or ``duration() < 10``, but not ``film.duration == 0``."""
    left = test.left.func if isinstance(test.left, ast.Call) else test.left
    if not isinstance(test.comparators[0], ast.Constant):
        return False
    lasts = dotted(left).rpartition(".")[2] == "duration"
    return bool(_TIMEOUT.search(dotted(test.left))) or (
        lasts and isinstance(test.ops[0], ast.Lt | ast.LtE)
    )


def asks_alive(call: ast.Call) -> bool:
    """Whether a call asks a thread or process if it is still at work."""
    return dotted(call.func).endswith(_ALIVE)


def _asks_process(node: ast.AST) -> bool:
    """Whether a node asks a thread or process, or one of ``Popen``, if it has ended."""
    if not isinstance(node, ast.Call):
        return False
    given = node.args or node.keywords  # a consumer polls for some time
    return asks_alive(node) or (not given and dotted(node.func).endswith(".poll"))


def awaits_workers(loop: ast.While) -> bool:
    """Whether a loop asks several workers if they are still at work.

    ``any(t.is_alive() for t in threads)`` or ``one.is_alive() or two.is_alive()``: that
    takes as long as their work takes. So does ``for p in started: p.poll()``.
    """
    nodes = list(flow.own_nodes([loop]))
    if isinstance(loop.test, ast.BoolOp) and isinstance(loop.test.op, ast.Or):
        asked = (each for each in loop.test.values if isinstance(each, ast.Call))
        if sum(map(asks_alive, asked)) > 1:
            return True
    if any(
        isinstance(node, ast.For) and any(_asks_process(e) for e in _asked_of(node))
        for node in nodes
    ):
        return True
    until_up = {
        argument
        for node in nodes
        if isinstance(node, ast.Call) and dotted(node.func) == "all"
        for argument in node.args
    }
    return any(
        _asks_process(call)
        for node in nodes
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp)
        if node not in until_up
        for call in ast.walk(node)
    )


def _asked_of(each: ast.For) -> Iterator[ast.Call]:
    """The calls of methods of what a loop goes over."""
    targets = {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}
    for node in flow.own_nodes(each.body):
        if (
            isinstance(node, ast.Call)
            and dotted(node.func).partition(".")[0] in targets
        ):
            yield node


def awaits_command(module: Module, loop: ast.While) -> bool:
    """Whether a helper waits for the output or the end of a command.

    Over ssh, or as a process of its own: the command takes as long as it takes.
    """
    function = function_of(module, loop)
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    if function.name.startswith("test"):
        return False
    started = {
        f"{dotted(target)}.poll"
        for node in flow.own_nodes(function.body)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if dotted(node.value.func).rpartition(".")[2] == "Popen"
        for target in node.targets
    }
    return any(
        isinstance(node, ast.Call)
        and (dotted(node.func).endswith(_CHANNEL) or dotted(node.func) in started)
        for node in flow.own_nodes([loop])
    )


def awaits_signal(module: Module, loop: ast.While) -> bool:
    """Whether a loop asks for a name that a signal handler sets: a person ends it."""
    asked = {each.id for each in ast.walk(loop.test) if isinstance(each, ast.Name)}
    handlers = {
        each.args[1].id
        for each in module.nodes(ast.Call)
        if dotted(each.func) == "signal.signal" and len(each.args) > 1
        if isinstance(each.args[1], ast.Name)
    }
    return any(
        isinstance(node, ast.Name) and node.id in asked
        for function in module.nodes(ast.FunctionDef)
        if function.name in handlers
        for node in flow.own_nodes(function.body)
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    )


def _is_random(call: ast.Call) -> bool:
    name = dotted(call.func)
    return name.partition(".")[0] == "random" or name.rpartition(".")[2] in _RANDOM


def is_bound_to_loop(node: ast.AST) -> bool:
    """Whether a part of a condition would not do, or not do the same, in a lambda."""
    if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
        return True
    if not isinstance(node, ast.Call):
        return False
    return dotted(node.func).rpartition(".")[2] in _FRAMES


def is_swallowed(module: Module, loop: ast.AST) -> bool:
    """Whether a handler around a loop would take the time-out for something else."""
    if any(_takes_it(each) for each in flow.handlers_around(module, loop)):
        return True
    for above in module.ancestors(loop):
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        if isinstance(above, ast.With | ast.AsyncWith):
            calls = (each.context_expr for each in above.items)
            if any(isinstance(each, ast.Call) and _expects(each) for each in calls):
                return True
    return False


def _takes_it(handler: ast.ExceptHandler) -> bool:
    if handler.body and flow.is_failure(handler.body[-1]):
        return False
    return handler.type is None or not _SWALLOWS.isdisjoint(flow.caught(handler))


def _expects(call: ast.Call) -> bool:
    name = dotted(call.func)
    if "aises" not in name and "suppress" not in name:
        return False
    return any(dotted(each).rpartition(".")[2] in _SWALLOWS for each in call.args)
