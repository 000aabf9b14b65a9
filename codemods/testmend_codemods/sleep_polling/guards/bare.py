"""Sleeps outside of loops: never rewritten, each with the reason why.

A bare sleep before an assertion often waits for what is asserted, but only a third of
those that look so do: others let something happen that must not, or time pass.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.guards import mocks, units
from testmend_codemods.sleep_polling.guards.roles import role
from testmend_codemods.sleep_polling.reading import flow, sleeps

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Sleep

_LOOKS = 2  # statements after the sleep: one may fetch what the next one asserts


def reason(module: Module, sleep: Sleep) -> str:
    """Why a sleep that is in no loop stays."""
    statement = sleeps.statement(module, sleep)
    if not sleep.target:
        return "unresolved-sleep"
    if statement is None:
        return "not-a-statement"
    own = role(module, statement)
    if own:
        return own
    if mocks.is_mocked(module, statement, sleep.target):
        return "mocked-sleep"
    if units.are_mixed(module, [sleep]):
        return "mixed-units"
    return "settle-sleep" if _settles(module, statement) else "bare-sleep"


def _settles(module: Module, statement: ast.Expr) -> bool:
    """Whether something is asserted right after a sleep."""
    for node in flow.following(module, statement)[:_LOOKS]:
        if flow.is_check(node):
            return True
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            return False
    return False
