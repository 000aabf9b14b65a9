"""Whole numbers that a source writes as a name and a number: ``retries - 1``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.sleep_polling.reading.numbers import (
    Term,
    is_simple,
    literal,
    written,
)

if TYPE_CHECKING:
    from testmend.source import Module


class Linear(Struct, frozen=True):
    """``base + offset``; ``base`` is source, empty for a number alone."""

    base: str
    offset: float

    @classmethod
    def of(cls, module: Module, node: ast.expr) -> Linear | None:
        """The form of an expression; None if it is not made of names and numbers."""
        value = literal(node)
        if value is not None:
            return cls("", value)
        if not is_simple(node):
            return None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            sign = 1 if isinstance(node.op, ast.Add) else -1
            more = literal(node.right)
            whole = cls.of(module, node.left) if more is not None else None
            if whole is not None and more is not None:
                return whole.plus(sign * more)
        return cls(Term.of(module, node).text, 0)

    def plus(self, more: float) -> Linear:
        """The number that is ``more`` larger."""
        return Linear(self.base, self.offset + more)

    @property
    def term(self) -> Term:
        """The same as a term."""
        if not self.base:
            return Term(written(self.offset), self.offset)
        if not self.offset:
            return Term(self.base)
        sign = "+" if self.offset > 0 else "-"
        return Term(f"({self.base} {sign} {written(abs(self.offset))})")
