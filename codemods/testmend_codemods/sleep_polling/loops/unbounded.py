"""Forms Pw and T: loops without a limit that do more than sleep.

The loop stays; a deadline before it takes over its sleep, and raises when the time is
over.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.limits.testlimits import is_ended
from testmend_codemods.sleep_polling.loops import endless, lasting
from testmend_codemods.sleep_polling.reading import computed, flags, flow
from testmend_codemods.sleep_polling.reading.numbers import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module


_PAUSE = re.compile(r"(?:^|[._])pause(?:$|_)", re.IGNORECASE)
_TIMER = re.compile(
    r"(?:^|[._])(?:timeo|timer|time_?out|deadline|stop_?watch|time_?limit|now)$"
)

_CHECKS_TIME = re.compile(
    r"(?:^|[._])(?:check|raise|verify|enforce)_(?:\w+_)?(?:time_?out|deadline)"
)


def reason(module: Module, loop: ast.While, *sleeps: ast.Expr) -> str:
    """Why a loop without a limit can't get one; "" if it can."""
    return next(_reasons(module, loop, *sleeps), "")


def _reasons(module: Module, loop: ast.While, *sleeps: ast.Expr) -> Iterator[str]:
    ways = flow.exits(loop)
    forever = isinstance(loop.test, ast.Constant)
    forever = forever or endless.never_changes(module, loop, loop.test)
    if forever and not ways.breaks and not ways.returns:
        yield "endless"
    if endless.is_forever(module, loop):
        yield "endless"
    if endless.has_limit(loop.test) or _asks_timer(loop) or is_ended(module, loop):
        yield "already-bounded"
    if endless.forgets_to_count(module, loop):
        yield "hand-counter"
    if not all(
        any(flow.is_behind(module, each, sleep) for sleep in sleeps)
        for each in ways.continues
    ):
        yield "continue-skips-sleep"
    if flow.falls_through(loop.body, *sleeps, *flags.last_words(loop)):
        yield "conditional-sleep"
    looks = _looks(loop, ways, forever=forever)
    looks = looks or (not forever and _looks_again(loop))
    works = endless.awaits_workers(loop) or _is_beside_work(loop) or _builds(loop)
    works = works or endless.awaits_command(module, loop) or _starts_others(loop)
    works = works or endless.awaits_signal(module, loop)
    works = (
        works
        or lasting.is_ended_by_others(module, loop)
        or lasting.reads_to_the_end(loop)
        or lasting.takes_steps(loop)
        or lasting.shows_progress(loop)
        or any(lasting.works_off(module, loop, sleep) for sleep in sleeps)
    )
    works = works or is_of_load_test(module, loop)
    works = works or any(_is_pause(module, sleep) for sleep in sleeps)
    if works or not (looks or _only_watches(loop, sleeps)):
        yield "load-loop"
    if lasting.serves(module, loop):
        yield "worker"
    if any(endless.is_swallowed(module, sleep) for sleep in sleeps):
        yield "swallowed"


def _is_beside_work(loop: ast.While) -> bool:
    """Whether a loop acts, or watches, for as long as a thread is at work."""
    return any(
        isinstance(node, ast.Call) and endless.asks_alive(node)
        for node in ast.walk(loop.test)
    )


def _starts_others(loop: ast.While) -> bool:
    """Whether each round starts a process or a thread: it drives what it asks about."""
    calls = (each for each in flow.own_nodes(loop.body) if isinstance(each, ast.Call))
    return any(dotted(each.func).rpartition(".")[2] in _STARTS for each in calls)


def is_of_load_test(module: Module, loop: ast.While) -> bool:
    """Whether the names of file, class or function say that it tests under load."""
    holders = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    names = [e.name for e in module.ancestors(loop) if isinstance(e, holders)]
    return any(_LOAD.search(each) for each in (module.path.removesuffix(".py"), *names))


def _is_pause(module: Module, sleep: ast.stmt) -> bool:
    """Whether a sleep is made while somebody pauses the test: ``if PAUSE_TEST``."""
    holder = module.parent(sleep)
    if not isinstance(holder, ast.If):
        return False
    words = (
        each.value if isinstance(each, ast.Constant) else dotted(each)
        for each in ast.walk(holder.test)
    )
    return any(_PAUSE.search(each) for each in words if isinstance(each, str))


def _builds(loop: ast.While) -> bool:
    """Whether a loop makes things until there are enough, or takes them away."""
    orders = isinstance(loop.test, ast.Compare) and isinstance(
        loop.test.ops[0], flow.ORDERS
    )
    return orders and any(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and _MAKES.match(dotted(node.value.func).rpartition(".")[2])
        for node in flow.own_nodes(loop.body)
    )


def counted_to(loop: ast.While) -> float:
    """The number up to which a loop itself drives something; 0 if it does not.

    ``while client.sent < 500: client.send()``: it goes round so often at least.
    """
    if not isinstance(loop.test, ast.Compare) or len(loop.test.ops) != 1:
        return 0
    watched = {_path(node) for node in ast.walk(loop.test) if _is_path(node)}
    drives = any(
        isinstance(node, ast.Expr) and _calls(node, watched)
        for node in flow.own_nodes(loop.body)
    )
    orders = isinstance(loop.test.ops[0], flow.ORDERS)
    sides = (loop.test.left, loop.test.comparators[0])
    return max((literal(each) or 0 for each in sides if drives and orders), default=0)


def _asks_timer(loop: ast.While) -> bool:
    """Whether the body asks a timer of the project's own: ``if timer: break``."""
    for node in flow.own_nodes(loop.body):
        asked: ast.expr | None = None
        if isinstance(node, ast.If | ast.IfExp | ast.Assert):
            asked = node.test
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if _CHECKS_TIME.search(dotted(called)):
                return True
            asked = called.value if isinstance(called, ast.Attribute) else None
        if asked and (
            endless.has_limit(asked)
            or any(_TIMER.search(dotted(each)) for each in ast.walk(asked))
        ):
            return True
    return False


_STARTS = frozenset({"Popen", "Process", "Thread", "create_subprocess_exec"})
_PURE = frozenset(
    {"all", "any", "dict", "isinstance", "len", "list", "max", "min", "repr", "set"}
    | {"sorted", "str", "sum", "tuple", "items", "keys", "print", "values"}
    | {"debug", "info", "warning", "_repr_html_", "format"}
    | {"sleep"}  # a blocking one beside the one that is awaited
)

_LOAD = re.compile(
    r"(?:^|[_/])(?:stress|soak|longevity|endurance|scale|scalability|perf|performance"
    r"|load_?test\w*)(?:[_/]|$)|(?:Stress|Longevity|Performance|Scalability|LoadTest)"
)
_MAKES = re.compile(
    r"(?:add|create|delete|remove|insert|write|load|grow|shrink|scale|decommission)"
    r"(?:_|[A-Z]|$)"
)

# A mere "get" may be a request that loads a server; "get_status" asks for a thing.
_ASKS = re.compile(r"^(?:count|describe|get|has|is|list|show)_\w")


def _only_watches(loop: ast.While, sleeps: Sequence[ast.stmt]) -> bool:
    """Whether the body, the sleeps apart, asserts, fails, reports but does nothing."""
    rest = [each for each in loop.body if each not in sleeps]
    failing = {
        node
        for each in flow.own_nodes(rest)
        if isinstance(each, ast.stmt) and flow.is_failure(each)
        for node in ast.walk(each)
    }
    for node in flow.own_nodes(rest):
        if node in failing:
            continue
        if isinstance(node, ast.Await | ast.Yield | ast.NamedExpr):
            return False
        if isinstance(node, ast.Call):
            called = node.func
            name = getattr(called, "attr", getattr(called, "id", ""))
            if name not in _PURE and not _ASKS.search(name):
                return False
    return True


def _looks_again(loop: ast.While) -> bool:
    """Whether the body renews what the condition reads.

    It assigns one of its names, or calls a method of one of its objects. Otherwise it
    does something else until a flag is set by others: that takes as long as it takes.
    What is computed from itself (``rows = halved(rows)``) makes progress on its own.
    """
    own = set(computed.names(loop))
    watched = {_path(node) for node in ast.walk(loop.test) if _is_path(node)}
    for node in flow.own_nodes(loop.body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if node in own:
                continue
            if any(each.partition(".")[0] == node.id for each in watched):
                return True
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if dotted(node) in watched:
                return True
        elif isinstance(node, ast.Expr) and _calls(node, watched):
            return True
    return False


def _calls(node: ast.Expr, watched: set[str]) -> bool:
    """Whether a statement calls a method of an object that the condition reads."""
    value: ast.expr | None = node.value
    if isinstance(value, ast.Await | ast.Yield):
        value = value.value
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    owner = dotted(value.func.value)
    if owner in ("", "self", "cls"):
        return False
    return any(each.startswith(f"{owner}.") for each in watched)


def _is_path(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute)


def _path(node: ast.AST) -> str:
    return dotted(node)


def _looks(loop: ast.While, ways: flow.Exits, *, forever: bool) -> bool:
    """Whether a way out of a loop depends on what the body found out.

    For ``while True`` a call in its condition is enough.
    """
    found = {
        node.id
        for node in flow.own_nodes(loop.body)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in flow.own_nodes(loop.body):
        if isinstance(node, ast.comprehension):
            found -= set(_names(node.target))
    leaving: list[ast.stmt] = [*ways.breaks, *ways.returns]
    last = loop.body[-1]
    while isinstance(last, ast.With | ast.AsyncWith):
        last = last.body[-1]
    if isinstance(last, ast.Break | ast.Return):
        leaving += ways.continues  # each of them decides that it is not the last round
    for node in flow.own_nodes(loop.body):
        if isinstance(node, ast.If) and _holds(node, leaving):
            read = set(_names(node.test))
            calls = any(isinstance(each, ast.Call) for each in ast.walk(node.test))
            if read & found or (forever and calls):
                return True
        tries = forever and isinstance(node, ast.Try | ast.TryStar)
        if tries and _holds(node, leaving):
            return True
    return False


def _holds(node: ast.AST, leaving: list[ast.stmt]) -> bool:
    return any(each in leaving for each in ast.walk(node))


def _names(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
