"""Timeouts: from the rounds and the sleep of the old loop to seconds in the new one."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from testmend.source import Module


_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Div: operator.truediv,
    ast.Mult: operator.mul,
    ast.Sub: operator.sub,
}


_NAME, _NUMBER = r"[A-Za-z_][\w.]*", r"\d+(?:\.\d+)?"
_MULTIPLE = re.compile(
    rf"\((?:({_NAME})\s*\*\s*({_NUMBER})|({_NUMBER})\s*\*\s*({_NAME}))\)"
)


class Term(Struct, frozen=True):
    """A number in the source: its text, and its value where it is a literal."""

    text: str
    value: float | None = None

    @classmethod
    def of(cls, module: Module, node: ast.expr) -> Term:
        """The term for an expression as it stands in the file."""
        stands = hasattr(node, "lineno")  # the 0 of ``gevent.sleep()`` does not
        text = module.source(node) if stands else ast.unparse(node)
        if isinstance(node, ast.BinOp):
            text = f"({text})"
        return cls(text, literal(node))


def literal(node: ast.expr) -> float | None:
    """The value of a number, or of arithmetic on numbers (``5 * 60``)."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        size = literal(node.operand)
        return None if size is None else -size
    if not isinstance(node, ast.BinOp):
        return None
    left, right = literal(node.left), literal(node.right)
    operation = _OPERATIONS.get(type(node.op))
    if left is None or right is None or operation is None:
        return None
    try:
        return operation(left, right)
    except ZeroDivisionError:
        return None


def is_simple(node: ast.expr) -> bool:
    """Whether an expression is made of names, attributes, numbers and arithmetic.

    And of what stands under a key, as in ``SETTINGS["delay"]``.
    """
    allowed = (
        ast.Name,
        ast.Attribute,
        ast.Subscript,
        ast.Constant,
        ast.BinOp,
        ast.operator,
        ast.expr_context,
    )
    return all(
        isinstance(each, allowed)
        and (not isinstance(each, ast.Subscript) or _is_key(each.slice))
        for each in ast.walk(node)
    )


def _is_key(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def product(rounds: Term, interval: Term) -> str:
    """``rounds * interval``, folded where both are literals."""
    if rounds.value is not None and interval.value is not None:
        return written(rounds.value * interval.value)
    if interval.value == 1:
        return bare(rounds.text)
    size, name = _factor(rounds)
    if name != rounds.text and interval.value is not None:
        amount = written(size * interval.value)
        return name if amount == "1" else f"{name} * {amount}"
    size, name = _factor(interval)
    if name != interval.text and rounds.value is not None:
        amount = written(rounds.value * size)
        return name if amount == "1" else f"{amount} * {name}"
    return _shared(rounds, interval) or f"{rounds.text} * {interval.text}"


def _shared(rounds: Term, interval: Term) -> str:
    """What is left where a name cancels out (n rounds of an n-th); "" if none does."""
    parted = re.fullmatch(r"\(([\w.]+) / ([\w.]+)\)", interval.text)
    if parted and parted[2] == rounds.text:
        return parted[1]
    times = re.fullmatch(r"\(([\w.]+) \* ([\w.]+)\)", rounds.text)
    if parted and times and parted[1] in ("1", "1.0") and parted[2] in times.groups():
        return times[1] if parted[2] == times[2] else times[2]
    return ""


def _factor(term: Term) -> tuple[float, str]:
    """The number and the name of ``timeout * 10``; 1 and the text of all else."""
    found = _MULTIPLE.fullmatch(term.text)
    if found is None:
        return 1, term.text
    return float(found[2] or found[3]), found[1] or found[4]


def bare(text: str) -> str:
    """Arithmetic without the brackets that `Term.of` puts around it."""
    wrapped = text.startswith("(") and text.endswith(")")
    return text[1:-1] if wrapped else text


def written(value: float) -> str:
    """A number as a person writes it: ``15``, ``0.5``."""
    rounded = round(value, 6)
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)
