"""How long a test may take, as its decorators say: ``@pytest.mark.timeout(180)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading.numbers import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module


def seconds(module: Module, node: ast.AST) -> float:
    """The largest limit of the test or class around a node, or of its module; else 0.

    Also that of ``@gen_test(timeout=60)``, and of ``pytestmark``.
    """
    found = [each for call in _calls(module, node) for each in _limits(call)]
    return max(found, default=0)


def _calls(module: Module, node: ast.AST) -> Iterator[ast.Call]:
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
