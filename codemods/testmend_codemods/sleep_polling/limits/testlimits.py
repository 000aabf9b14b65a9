"""How long a test may take: its decorators say it, or the other waits beside a loop."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.numbers import literal
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module


SOONER = 0.9
"""The share of a test's time after which a wait ends, to say what it waited for."""

_LIMITS = ("timeout", "timeout_s", "timeout_sec", "timeout_secs", "timeout_seconds")
_NAMED = re.compile(r"(?:^|[._])timeout(?:_s|_secs?|_seconds)?$")
_HOUR = 3600  # seconds
_CALLS = 3  # from a test to a wait
_ENDS = re.compile(r"(?:^|[._])(?:timeout|gen_test|async_test)$")


def seconds(module: Module, node: ast.AST) -> float:
    """The largest limit of the test or class around a node, or of its module; else 0.

    Also that of ``@gen_test(timeout=60)``, and of ``pytestmark``.
    """
    found = [each for call in _calls(module, node) for each in _limits(call)]
    return max(found, default=0)


def of_callers(module: Module, node: ast.AST) -> float:
    """The largest limit of the tests in a file that call the function around a node.

    They may call it by way of others; 0 if none has one.
    """
    names = {getattr(function_of(module, node), "name", "")} - {""}
    for _ in range(_CALLS):
        mentions = [
            each
            for each in (*module.nodes(ast.Name), *module.nodes(ast.Attribute))
            if dotted(each).rpartition(".")[2] in names
        ]
        nearest = max((seconds(module, each) for each in mentions), default=0)
        if nearest:
            return nearest
        around = (function_of(module, each) for each in mentions)
        names = {getattr(each, "name", "") for each in around} - {""}
    return 0


def bound(module: Module, node: ast.AST) -> float:
    """The seconds after which the test around a node is ended anyway; else 0.

    By ``@pytest.mark.timeout(60)``, ``@timeout(60)`` or ``@gen_test(timeout=60)``: the
    nearest counts.
    """
    found = (each for call in _ends(module, node) for each in _limits(call))
    return next((each for each in found if 0 < each <= _HOUR), 0)


def is_ended(module: Module, node: ast.AST) -> bool:
    """Whether the test around a node is ended some time, by what the nearest mark says.

    By a number, or a name for one: ``@pytest.mark.timeout(2 * TIMEOUT)``.
    """
    nearest = next(_ends(module, node), None)
    return nearest is not None and any(
        literal(each) != 0
        for each in (*nearest.args[:1], *(given.value for given in nearest.keywords))
    )


def is_marked(module: Module, node: ast.AST) -> bool:
    """Whether a mark says when the test around a node is ended, or that it is not."""
    return next(_ends(module, node), None) is not None


def _ends(module: Module, node: ast.AST) -> Iterator[ast.Call]:
    return (c for c in _calls(module, node) if _ENDS.search(dotted(c.func)))


def beside(module: Module, loop: ast.AST) -> float:
    """The largest limit, in seconds, that its function gives to another wait; else 0.

    ``wait_for_end(pipeline, timeout_s=3600)``, or ``upload_timeout = 120``. More than
    an hour is taken for milliseconds.
    """
    function = function_of(module, loop)
    if function is None:
        return 0
    nodes = flow.own_nodes([*ast.iter_child_nodes(function)])
    return max((each for each in map(_limit, nodes) if each <= _HOUR), default=0)


def _limit(node: ast.AST) -> float:
    match node:
        case ast.keyword(arg, value) if arg in _LIMITS:
            return literal(value) or 0
        case ast.Assign(targets, value) if any(
            _NAMED.search(dotted(each)) for each in targets
        ):
            return literal(value) or 0
    return 0


def _calls(module: Module, node: ast.AST) -> Iterator[ast.Call]:
    """The calls that mark a test, its class and its module, the nearest first."""
    marks: list[ast.AST] = []
    for above in module.ancestors(node):
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            marks += above.decorator_list
        if isinstance(above, ast.ClassDef | ast.Module):
            marks += [
                each.value
                for each in above.body
                if isinstance(each, ast.Assign)
                and any(dotted(target) == "pytestmark" for target in each.targets)
            ]
    for mark in marks:
        for each in ast.walk(mark):
            if isinstance(each, ast.Call):
                yield each


def _limits(call: ast.Call) -> Iterator[float]:
    name = dotted(call.func).rpartition(".")[2]
    named = [each.value for each in call.keywords if each.arg == "timeout"]
    for each in (*named, *(call.args[:1] if "timeout" in name else ())):
        yield literal(each) or 0
