"""Milliseconds where seconds are meant: a wait of its thousandfold, or a thousandth."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.guards.mocks import CLOCKS
from testmend_codemods.sleep_polling.reading import flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop, Sleep

_MILLISECONDS = re.compile(
    r"(?:^|_)(?:ms|msecs?|millis|milliseconds?)$|[a-z](?:Ms|Millis)$|_(?:MS|MILLIS)$"
)


def are_mixed(module: Module, found: Sequence[Sleep], loop: Loop | None = None) -> bool:
    """Whether a sleep, or a look at the clock in a loop, takes milliseconds as seconds.

    Only names tell (``timeout_ms``), and only where they are not scaled: any product,
    quotient or call may turn them into seconds.
    """
    slept = (each.call.args[0] for each in found if each.target and each.call.args)
    if any(_is_in_milliseconds(each) for each in slept):
        return True
    return loop is not None and any(
        _compares(module, node)
        for node in flow.own_nodes([loop])
        if isinstance(node, ast.Compare)
    )


def _compares(module: Module, node: ast.Compare) -> bool:
    """``time.time() - start < timeout_ms``, also by way of ``end = ...`` before."""
    terms = [each for side in (node.left, *node.comparators) for each in _terms(side)]
    for each in list(terms):
        if isinstance(each, ast.Name):
            terms += _assigned(module, each)
    if not any(_is_clock(module, each) for each in terms):
        return False
    return any(_is_name(each) for each in terms)


def _assigned(module: Module, name: ast.Name) -> Iterator[ast.expr]:
    """The terms of the one value that a variable is set to."""
    bindings = module.scopes.bindings(name.id, name)
    statement = module.parent(bindings[0].node) if len(bindings) == 1 else None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        yield from _terms(statement.value)


def _terms(node: ast.expr) -> Iterator[ast.expr]:
    """What is added and subtracted in an expression."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _is_in_milliseconds(node: ast.expr) -> bool:
    return any(_is_name(each) for each in _terms(node))


def _is_name(node: ast.expr) -> bool:
    return bool(_MILLISECONDS.search(dotted(node).rpartition(".")[2]))


def _is_clock(module: Module, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return (module.scopes.qualified(node.func) or dotted(node.func)) in CLOCKS
