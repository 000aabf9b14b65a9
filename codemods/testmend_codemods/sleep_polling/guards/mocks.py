"""Whether sleep or the clock is replaced where a loop runs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.guards import reach
from testmend_codemods.sleep_polling.guards.roles import is_test
from testmend_codemods.sleep_polling.reading.sleeps import KNOWN, Function, function_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

_PATCHERS = frozenset(
    {
        "patch",
        "object",
        "multiple",
        "setattr",
        "stub_out",
        "stubout",
        "StubOutWithMock",
        "Set",
        "SmartSet",
        "MonkeyPatch",
        "MockPatch",
        "MockPatchObject",
        "setitem",
    }
)
TARGET = re.compile(r"(?:^|\.)(?:sleep|monotonic|perf_counter|time\.time|time)$")
_TIME_MODULES = re.compile(r"(?:^|[._])(?:time|eventlet|greenthread|asyncio|gevent)$")
# Not the test's own: ``node.setmocktime()`` and ``set_mocktime()`` set the clock of a
# bitcoin node, ``TestNode.Mocktime`` is the time there.
_FROZEN = re.compile(
    r"(?<!\.set)(?!(?<=[._])(?-i:[mM]ocktime))(?:"
    r"fr(?:eeze|ozen)_?(?:time|clock|now|gun)|(?:^|[._])freezer(?:$|\.)"
    r"|(?:virtual|fake|loop)_?time(?:$|\.)|(?:virtual|fake)_?clock"
    r"|time_?machine|SleepFixture|(?:Fake|Mock)_?(?:Clock|Time)"
    r"|time_travel|(?:Autojump|Mock)Clock)",
    re.IGNORECASE,
)
CLOCKS = frozenset(
    {
        "time.time",
        "time.monotonic",
        "time.perf_counter",
        "time.process_time",
        "time.clock",
        "timeit.default_timer",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.now",
    }
)

# The time of day: ``while time.localtime()[5] == start`` waits for the next second.
_ASKED = CLOCKS | frozenset(
    {
        "time.ctime",
        "time.gmtime",
        "time.localtime",
        "time.strftime",
        "datetime.date.today",
        "datetime.datetime.today",
    }
)


def is_mocked(module: Module, node: ast.AST, target: str) -> bool:
    """Whether a patch of this file may be in force where ``node`` runs.

    One in another test does not count for a loop in a test; for a loop in a helper it
    counts if that test may reach the helper. ``target`` is the sleep of the loop: the
    patch of another one does not count.
    """
    function = _outermost(module, node)
    return any(
        _counts(module, patch, node, function)
        for patch in module.once(_patches)
        if _sleep_of(patch) in ("", target)
    )


def _counts(
    module: Module, patch: ast.AST, node: ast.AST, function: ast.AST | None
) -> bool:
    where = _outermost(module, patch)
    span = _span(module, patch)
    if where is function:
        return span is None or node in ast.walk(span)
    if is_test(function):
        return not is_test(where) and not _of_other_class(module, patch, node)
    name = getattr(function, "name", "")
    if is_test(where) and where is not None:
        return name in reach.names(module, span or where)
    owner = _class(module, patch)
    return owner is None or name in reach.names(module, owner)


def _span(module: Module, patch: ast.AST) -> ast.With | ast.AsyncWith | None:
    """The ``with`` block for which a patch is in force."""
    item = module.parent(patch)
    holder = module.parent(item) if isinstance(item, ast.withitem) else None
    return holder if isinstance(holder, ast.With | ast.AsyncWith) else None


def _sleep_of(patch: ast.AST) -> str:
    """The one sleep that ``patch("time.sleep")`` replaces; "" for any other patch."""
    first = patch.args[0] if isinstance(patch, ast.Call) and patch.args else None
    value = first.value if isinstance(first, ast.Constant) else None
    return value if isinstance(value, str) and value in KNOWN else ""


def _outermost(module: Module, node: ast.AST) -> ast.AST | None:
    """The function around a node that is not itself nested in one."""
    found = node if isinstance(node, Function) else function_of(module, node)
    while found is not None and (above := function_of(module, found)) is not None:
        found = above
    return found


def _of_other_class(module: Module, patch: ast.AST, node: ast.AST) -> bool:
    """Whether a patch stands in a class that the class of ``node`` does not know."""
    theirs, ours = _class(module, patch), _class(module, node)
    if theirs is None or ours is None or theirs is ours:
        return False
    return theirs.name not in _bases(module, ours)


def _class(module: Module, node: ast.AST) -> ast.ClassDef | None:
    found = (each for each in module.ancestors(node) if isinstance(each, ast.ClassDef))
    return next(found, None)


def _bases(module: Module, owner: ast.ClassDef) -> set[str]:
    known = {each.name: each for each in module.nodes(ast.ClassDef)}
    found: set[str] = set()
    wanted = [owner]
    while wanted:
        for base in wanted.pop().bases:
            name = dotted(base).rpartition(".")[2]
            if name not in found:
                found.add(name)
                wanted += [known[name]] if name in known else []
    return found


def _patches(module: Module) -> tuple[ast.AST, ...]:
    """The places where this file replaces sleep or the clock.

    oslo's ``timeutils`` overrides are none: they replace its own functions only.
    """
    return (*_calls(module), *_assignments(module), *_headers(module))


def _calls(module: Module) -> Iterator[ast.AST]:
    for call in module.nodes(ast.Call):
        name = dotted(call.func)
        frozen = name and _FROZEN.search(name)
        if frozen or (name.rpartition(".")[2] in _PATCHERS and _aims_at_time(call)):
            yield call


def _assignments(module: Module) -> Iterator[ast.AST]:
    """``time.sleep = ...``, and marks of all tests: ``pytestmark = mark.fake_time``."""
    for target in module.nodes(ast.Attribute):
        if _FROZEN.search(target.attr) and any(
            isinstance(each, ast.Assign) and dotted(each.targets[0]) == "pytestmark"
            for each in module.ancestors(target)
        ):
            yield target
        stored = isinstance(target.ctx, ast.Store) and TARGET.search(dotted(target))
        if stored and _TIME_MODULES.search(dotted(target.value)):
            yield target


def _headers(module: Module) -> Iterator[ast.AST]:
    """Decorators without arguments, and fixtures that are asked for."""
    definitions: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = [
        *module.nodes(ast.FunctionDef),
        *module.nodes(ast.AsyncFunctionDef),
        *module.nodes(ast.ClassDef),
    ]
    for node in definitions:
        for each in node.decorator_list:
            if not isinstance(each, ast.Call) and _FROZEN.search(dotted(each)):
                yield each
        if isinstance(node, ast.ClassDef):
            continue
        arguments = [*node.args.args, *node.args.kwonlyargs]
        if any(_FROZEN.search(arg.arg) for arg in arguments):
            yield node.body[0]


def _aims_at_time(call: ast.Call) -> bool:
    values = [*call.args, *(each.value for each in call.keywords)]
    texts = [
        each.value
        for each in values
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    if any(TARGET.search(text) for text in texts):
        return True
    return any(each.arg in ("sleep", "time") for each in call.keywords)


_TELLS_TIME = frozenset(
    {
        *("clock_gettime", "current_time", "default_timer", "get_ticks", "monotonic"),
        *("monotonic_time", "perf_counter", "process_time", "thread_time", "time_ms"),
        *("time_ns", "utcnow"),
    }
)


def reads_clock(module: Module, nodes: Iterator[ast.AST]) -> bool:
    """Whether code asks what time it is."""
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = module.scopes.qualified(node.func) or dotted(node.func)
        last = name.rpartition(".")[2]
        if isinstance(node.func, ast.Attribute):
            last = node.func.attr  # of whatever object: an event loop has a clock
        if name in _ASKED or _TELLS_TIME & {last, last.removesuffix("_ns")}:
            return True
        if (last in ("now", "time") or last.startswith("now_")) and not node.args:
            return True
    return False
