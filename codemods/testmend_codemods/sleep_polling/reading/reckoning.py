"""How often a loop with a counter by hand sleeps, until a question ends it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.reading.linear import Linear
from testmend_codemods.sleep_polling.reading.numbers import Term, written

if TYPE_CHECKING:
    import ast

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.asks import Ask, Asked
    from testmend_codemods.sleep_polling.reading.counters import Step

_OFFSET = re.compile(r"([\w.]+) ?([+-]) ?(\d+)")


def is_first(
    module: Module, ask: Ask, steps: tuple[Step, ast.Expr], asked: Asked
) -> bool:
    """Whether a question of the body ends the loop before its condition does."""
    inner = missing(module, ask, steps, 0, asked)
    outer = missing(module, asked.test[0], steps, 0, asked)
    return inner + (not is_before(module, steps[1], ask.node)) <= outer


def missing(
    module: Module,
    ask: Ask,
    steps: tuple[Step, ast.Expr],
    first: float,
    asked: Asked,
) -> float:
    """How often the old loop slept beyond its limit; less than 0: short of it."""
    step, sleep = steps
    more = ask.inclusive - first
    if ask in asked.inner:
        more += not is_before(module, step.statement, ask.node)
        more -= not is_before(module, sleep, ask.node)
    return more


def more(term: Term, extra: float, length: Term) -> Term:
    """The time, or the number of rounds, of ``extra`` rounds of a length more."""
    if not extra:
        return term
    if term.value is not None and length.value is not None:
        value = term.value + extra * length.value
        return Term(written(value), value)
    size = abs(extra)
    times = "" if size == 1 else f"{written(size)} * "
    amount = written(size) if length.value == 1 else f"{times}{length.text}"
    text = term.text[1:-1] if term.text.startswith("(") else term.text
    known = _OFFSET.fullmatch(text) if length.value == 1 else None
    if known:
        offset = int(f"{known[2]}{known[3]}") + extra
        return Linear(known[1], offset).term
    return Term(f"({text} {'+' if extra > 0 else '-'} {amount})")


def is_before(
    module: Module, one: ast.expr | ast.stmt, other: ast.expr | ast.stmt
) -> bool:
    """Whether one stands ahead of the other."""
    return module.start(one) < module.start(other)
