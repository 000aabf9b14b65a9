"""Whose sleep it is: the test's, which waits, or that of something the test runs.

A worker, a fake server or a task sleeps to simulate work; such a loop is never touched.
"""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.facts import decorators, dotted
from testmend_codemods.knowledge.elsewhere import runs_elsewhere
from testmend_codemods.sleep_polling.reading.flow import is_check, own_nodes
from testmend_codemods.sleep_polling.reading.sleeps import Function, function_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module

_Def = ast.FunctionDef | ast.AsyncFunctionDef

_TEST_CLASS = re.compile(
    r"^_?Tests?(?![a-z])|Tests?$|TestCase|TestBase|TestMixin|Case$"
)
_HELPER_CLASS = re.compile(r"Mixin|Helper|Base|Fixture|Util|Assert|Wait|Framework")
_ACTOR_CLASS = re.compile(
    r"Fake|Mock|Stub|Dummy|Handler|Server|Service|Worker|Actor|Thread|Process|Daemon"
    r"|Proxy|Protocol|Simulat|Runner|Consumer|Producer|Agent|Command|Task|Job"
)
_ACTOR_FILE = re.compile(r"^(?!test).*(?:^|_)(?:fake|mock|stub|dummy)(?:_|s?$)")
_WAITS = re.compile(
    r"(?:^|_)(?:wait|until|poll|ensure|assert|check|expect|retry|eventually|await|verify"
    r"|become|becomes|settle)(?:_|\d|$)|^(?:wait|assert|ensure|poll)[A-Z]"
    r"|^wait(?:for|until|till)"
)
_ACTOR_METHODS = frozenset(
    {
        "__call__",
        "_loop",
        "_run",
        "dispatch",
        "do_GET",
        "do_POST",
        "handle",
        "listen",
        "loop",
        "main",
        "process",
        "run",
        "serve",
        "serve_forever",
        "work",
    }
)
_RUNS = frozenset({"_run", "run", "serve_forever"})
_TASK = re.compile(
    r"(?:^|[._])(?:task|tasks|actor|job|register|route|handler|listener|command|remote"
    r"|worker|consumer|subscribe|callback|on|post|get|delayed|app)(?:$|_)"
)
# Decorators that leave a function where it runs: in the flow of its caller.
_HARMLESS = re.compile(
    r"(?:^|\.)(?:(?:async)?contextmanager|cache|lru_cache|staticmethod|classmethod"
    r"|overload|wraps|gen_test|coroutine|skip\w*|expectedFailure)$"
    r"|(?:^|\.)mark\.|(?:^|[._])(?:retry|retries|patch|requires?|needs|only|flaky)"
)
# So do those of fixtures, and of the steps of a scenario.
_FIXTURES = re.compile(r"(?:^|\.)(?:fixture|yield_fixture|given|when|then|step)$")
_SETUP = re.compile(
    r"^(?:(?:async)?_?(?:set_?up|tear_?down)(?:_?\w+)?|setUp\w*|tearDown\w*)$",
    re.IGNORECASE,
)
# What is handed to these runs in the test's own flow: at once, or at its end.
_AT_ONCE = frozenset({"all", "any", "filter", "functools.reduce", "map", "reduce"})
_CALLERS = frozenset({"addCleanup", "addAsyncCleanup", "addfinalizer", "callback"})


def role(module: Module, node: ast.AST) -> str:
    """The reason why a loop at ``node`` is not the test's own waiting; "" if it is."""
    function = function_of(module, node)
    if function is None:
        return "module-level"
    plays = _ACTOR_FILE.search(PurePosixPath(module.path).stem)
    if isinstance(function, ast.Lambda) or _is_task(function) or plays:
        return "worker"
    if runs_elsewhere(module, function):
        return "worker"
    holder = module.parent(function)
    owner = next(
        (
            each
            for each in module.ancestors(function)
            if isinstance(each, Function | ast.ClassDef)
        ),
        None,
    )
    if isinstance(owner, ast.ClassDef) and holder is not owner:
        holder = owner
    if isinstance(holder, ast.ClassDef):
        return _of_method(module, function, holder)
    if isinstance(owner, Function):
        return _of_nested(module, function)
    return _of_function(module, function)


def is_test(function: ast.AST | None) -> bool:
    """Whether a runner calls this function as a test."""
    return isinstance(function, _Def) and function.name.startswith("test")


def _is_task(function: _Def) -> bool:
    if is_test(function):
        return False
    names = decorators(function)
    return any(_TASK.search(name) for name in names if not _FIXTURES.search(name))


def _of_method(module: Module, function: _Def, owner: ast.ClassDef) -> str:
    runs = function.name in _RUNS and not _holds_tests(owner)
    runs = runs or any(dotted(each).endswith("RequestHandler") for each in owner.bases)
    if isinstance(function_of(module, owner), Function) or runs:
        return "worker"  # a class inside a test, or what runs it, whatever its name
    if is_test(function):
        return ""
    prepares = _SETUP.match(function.name)
    if not prepares and _handed_over(module, function, attribute=True):
        return "worker"
    if is_test_class(owner):
        return ""
    names = [owner.name, *(dotted(base) for base in owner.bases)]
    acts = any(_ACTOR_CLASS.search(name) for name in names)
    if acts or function.name in _ACTOR_METHODS:
        return "worker"
    helps = any(_HELPER_CLASS.search(name) for name in names)
    return "" if helps or _WAITS.search(function.name) else "helper-class"


def _holds_tests(owner: ast.ClassDef) -> bool:
    """Whether a class has tests or setups itself, or its bases say that it has."""
    own = [each for each in owner.body if isinstance(each, _Def)]
    bases = [dotted(base).rpartition(".")[2] for base in owner.bases]
    return any(is_test(each) or _SETUP.match(each.name) for each in own) or any(
        _TEST_CLASS.search(name) for name in bases
    )


def is_test_class(owner: ast.ClassDef) -> bool:
    """Whether a class holds tests, or is a base or mixin of such classes."""
    names = [owner.name, *(dotted(base) for base in owner.bases)]
    if _is_only_called_so(owner):
        names = names[1:]
    if any(_TEST_CLASS.search(name.rpartition(".")[2]) for name in names):
        return True
    methods = [each for each in owner.body if isinstance(each, _Def)]
    if any(is_test(each) or _SETUP.match(each.name) for each in methods):
        return True
    return any(
        isinstance(node, ast.Expr)
        and is_check(node)
        and ast.unparse(node.value).startswith(("self.assert", "self.fail("))
        for method in methods
        for node in own_nodes(method.body)
    )


def _is_only_called_so(owner: ast.ClassDef) -> bool:
    """Whether a class tells the runner that it is no test: ``__test__ = False``."""
    return any(
        isinstance(each, ast.Assign)
        and ast.unparse(each) == "__test__ = False"
        and not _holds_tests(owner)
        for each in owner.body
    )


def _of_nested(module: Module, function: _Def) -> str:
    handed = _handed_over(module, function, attribute=False)
    decorated = bool(function.decorator_list)
    if is_test(function) and _is_called(module, function) and (decorated or not handed):
        return ""  # the test of a test's decorator
    if decorated or handed:
        return "worker"
    return "" if _is_called(module, function) else "worker"


def _of_function(module: Module, function: _Def) -> str:
    if is_test(function) or _SETUP.match(function.name):
        return ""
    names = decorators(function)
    if any(_FIXTURES.search(name) for name in names):
        return ""
    if not all(_HARMLESS.search(name) for name in names):
        return "worker"  # such a decorator may send it anywhere
    if _handed_over(module, function, attribute=False):
        return "worker"
    if _WAITS.search(function.name):
        return ""
    return "" if _is_called(module, function) else "unknown-caller"


def _loads(module: Module, name: str, *, attribute: bool) -> Iterator[ast.expr]:
    if attribute:
        for each in module.nodes(ast.Attribute):
            if each.attr == name and isinstance(each.ctx, ast.Load):
                yield each
        return
    for load in module.nodes(ast.Name):
        if load.id == name and isinstance(load.ctx, ast.Load):
            yield load


def _handed_over(module: Module, function: _Def, *, attribute: bool) -> bool:
    """Whether the function is used as a value, or its coroutine is not just awaited."""
    return any(
        not _is_plain_call(module, load, function)
        for load in _loads(module, function.name, attribute=attribute)
    )


def _is_plain_call(module: Module, load: ast.expr, function: _Def) -> bool:
    above = module.parent(load)
    if not isinstance(above, ast.Call):
        return False
    if above.func is not load:
        return dotted(above.func).rpartition(".")[2] in _CALLERS
    if _is_handed_on(module, above):
        return False
    if isinstance(function, ast.FunctionDef):
        return True
    outer = module.parent(above)
    return isinstance(
        outer, ast.Await | ast.AsyncFor | ast.comprehension | ast.withitem
    )


def _is_handed_on(module: Module, call: ast.Call) -> bool:
    """Whether a call stands in a lambda that may run as a worker, at any time.

    ``Thread(target=lambda: pump())``, but not ``wait_until(lambda: pump())``.
    """
    inner = function_of(module, call)
    taker = module.parent(inner) if isinstance(inner, ast.Lambda) else None
    while isinstance(taker, ast.keyword | ast.Lambda):
        taker = module.parent(taker)
    if not isinstance(inner, ast.Lambda):
        return False
    name = dotted(taker.func) if isinstance(taker, ast.Call) else ""
    last = name.rpartition(".")[2]
    return name not in _AT_ONCE and last not in _CALLERS and not _WAITS.search(last)


def _is_called(module: Module, function: _Def) -> bool:
    return next(_loads(module, function.name, attribute=False), None) is not None
