"""Sleeps whose seconds are a name that has the value 0 somewhere in the file.

A limit of so many rounds times 0 seconds would be over at once.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeVar

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import sleeps
from testmend_codemods.sleep_polling.reading.numbers import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

V = TypeVar("V")


def may_be_zero(module: Module, loop: Loop, seconds: ast.expr) -> bool:
    """Whether a name or attribute of an expression of seconds is 0 somewhere.

    That counts assignments, defaults of parameters and arguments of calls.
    """
    names = {
        _word(node)
        for node in ast.walk(seconds)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    return bool(names) and any(
        each is not None and literal(each) == 0 for each in _values(module, loop, names)
    )


def _word(node: ast.expr) -> str:
    return dotted(node).rpartition(".")[2]


def _values(module: Module, loop: Loop, names: set[str]) -> Iterator[ast.expr | None]:
    for assign in module.nodes(ast.Assign):
        if any(_word(each) in names for each in assign.targets):
            yield assign.value
    for annotated in module.nodes(ast.AnnAssign):
        if _word(annotated.target) in names:
            yield annotated.value
    for arguments in module.nodes(ast.arguments):
        plain = [*arguments.posonlyargs, *arguments.args]
        yield from _named(plain[::-1], arguments.defaults[::-1], names)
        yield from _named(arguments.kwonlyargs, arguments.kw_defaults, names)
    yield from _given(module, loop, names)


def _given(module: Module, loop: Loop, names: set[str]) -> Iterator[ast.expr]:
    """What calls give for them: any by keyword, and those of the loop's function."""
    for keyword in module.nodes(ast.keyword):
        if keyword.arg in names:
            yield keyword.value
    function = sleeps.function_of(module, loop)
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        plain = [*function.args.posonlyargs, *function.args.args]
        if plain and plain[0].arg in ("self", "cls"):
            del plain[0]
        for call in module.nodes(ast.Call):
            if _word(call.func) == function.name:
                yield from _named(plain, call.args, names)


def _named(
    parameters: list[ast.arg], values: Sequence[V], names: set[str]
) -> Iterator[V]:
    for parameter, value in zip(parameters, values, strict=False):
        if parameter.arg in names:
            yield value
