"""The opposite of a condition, with the author's bytes kept."""

from __future__ import annotations

import ast
import itertools
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.facts import dotted
from testmend_codemods.sleep_polling.writing.oneline import flat

if TYPE_CHECKING:
    from testmend.source import Module

_OPPOSITES: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
# Safe beside a whole number only: a set is neither less nor greater than another.
_ORDERINGS: dict[type[ast.cmpop], str] = {
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
}
_OPERATOR = re.compile(
    r"(?P<ahead>[)\s]*)(?:==|!=|is\s+not|is|not\s+in|in|<=|>=|<|>)(?P<behind>[(\s]*)"
)
_COUNTS = (".active_count", ".activeCount", ".qsize")
_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)


class Opposite(Struct, frozen=True):
    """What is true when a condition is not: ``parts`` joined by ``word``.

    Each part is on one line, unless a string in it is not. ``denied``: all of it stands
    in ``not (...)``. ``raw`` is a single part with the author's line ends, where there
    are any and white space at the start of a line means nothing.
    """

    parts: tuple[str, ...]
    word: str = ""
    denied: bool = False
    raw: str = ""

    @property
    def text(self) -> str:
        """The source of the expression, in one piece."""
        joined = f" {self.word} ".join(self.parts)
        return f"not ({joined})" if self.denied else joined

    def block(self, indent: str, step: str, room: int) -> str:
        """The same in brackets, a line for each part, or one that has ``room``."""
        lines = f" {self.word} ".join(self.parts)
        if len(f"{indent}{step}{lines}") > room or "\n" in lines:
            lines = f"\n{indent}{step}{self.word} ".join(self.parts)
        return f"{'not ' * self.denied}(\n{indent}{step}{lines}\n{indent})"


def opposite(module: Module, test: ast.expr) -> Opposite:
    """An expression that is true when ``test`` is not.

    ``not x`` gives ``x``; equality, identity and membership turn round, also within
    ``any`` and ``all``; orderings only where one side is seen to be a whole number; all
    else is ``not (...)``.
    """
    if isinstance(test, ast.BoolOp):
        return _each_denied(module, test) or _all_denied(module, test)
    turned = _denied(module, test) or _quantified(module, test)
    if turned is not None:
        return _single(turned)
    text = module.source(test)
    return _single(f"not {text}" if isinstance(test, _ATOMS) else f"not ({text})")


def _single(text: str) -> Opposite:
    line = flat(text)
    if line is None or line == text:
        return Opposite((text,))
    return Opposite((line,), raw=text)


def _source(module: Module, node: ast.expr) -> str:
    text = module.source(node)
    return flat(text) or text


def _all_denied(module: Module, test: ast.BoolOp) -> Opposite:
    """``not (a and b)``; a part in brackets keeps them."""
    bounds = [module.start(test)]
    parts = []
    word = "or" if isinstance(test.op, ast.Or) else "and"
    for one, other in itertools.pairwise(test.values):
        between = module.utf8[module.end(one) : module.start(other)].decode()
        ahead = re.match(r"[)\s]*", between)
        behind = re.search(r"[(\s]*$", between)
        if ahead is None or behind is None:
            raise AssertionError(between)
        end = module.end(one) + ahead.end()
        parts.append(module.utf8[bounds[-1] : end].decode().strip())
        bounds.append(module.end(one) + len(between[: behind.start()].encode()))
    parts.append(module.utf8[bounds[-1] : module.end(test)].decode().strip())
    return Opposite(tuple(flat(each) or each for each in parts), word, denied=True)


def _turned(module: Module, test: ast.expr) -> str | None:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    operator = _OPPOSITES.get(type(test.ops[0]))
    if operator is None and (_is_whole(test.left) or _is_whole(test.comparators[0])):
        operator = _ORDERINGS.get(type(test.ops[0]))
    if operator is None:
        return None
    start, end = module.end(test.left), module.start(test.comparators[0])
    between = _OPERATOR.fullmatch(module.utf8[start:end].decode())
    if between is None:
        return None
    ahead = module.utf8[module.start(test) : start].decode()
    behind = module.utf8[end : module.end(test)].decode()
    return f"{ahead}{between['ahead']}{operator}{between['behind']}{behind}"


def _denied(module: Module, test: ast.expr) -> str | None:
    """``x`` for ``not x``, and a comparison turned round; None for all else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return module.source(test.operand)
    return _turned(module, test)


def _quantified(module: Module, test: ast.expr) -> str | None:
    """``all(x is DONE for x in jobs)`` for ``any(x is not DONE for x in jobs)``."""
    match test:
        case ast.Call(
            func=ast.Name(id="any" | "all" as word),
            args=[ast.GeneratorExp(elt=each) | ast.ListComp(elt=each)],
            keywords=[],
        ):
            if any(module.scopes.is_bound_anywhere(it) for it in ("any", "all")):
                return None
            turned = _denied(module, each)
            if turned is None:
                return None
            start, end = module.start(each), module.end(each)
            ahead = module.utf8[module.end(test.func) : start].decode()
            behind = module.utf8[end : module.end(test)].decode()
            return f"{'all' if word == 'any' else 'any'}{ahead}{turned}{behind}"
    return None


def _each_denied(module: Module, test: ast.BoolOp) -> Opposite | None:
    """``not a or b == 1`` is the opposite of ``a and b != 1``.

    None where it takes more denials than ``not (a and b != 1)``.
    """
    parts = []
    for value in test.values:
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
            plain = isinstance(value.operand, (*_ATOMS, ast.Compare))
            part = _source(module, value.operand) if plain else None
        else:
            turned = _turned(module, value)
            part = turned and (flat(turned) or turned)
        if part is None:
            if not isinstance(value, _ATOMS):
                return None
            part = f"not {_source(module, value)}"
        parts.append(part)
    if sum(each.startswith("not ") for each in parts) * 2 > len(parts):
        return None
    return Opposite(tuple(parts), "and" if isinstance(test.op, ast.Or) else "or")


def _is_whole(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    asked = node.func if isinstance(node, ast.Call) else node
    name = dotted(asked)
    if isinstance(node, ast.Call):
        return name == "len" or name.endswith(_COUNTS)
    return name.endswith(".call_count")
