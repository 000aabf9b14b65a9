"""The proof that a rewritten file is the original with only the stated edits.

Bytes outside the edits are equal by construction (`testmend.compose`). What can still
go wrong is structure: a statement that slips into another block, a name that joins its
neighbour, a docstring that is none any more. So both syntax trees are walked in step:
a node that no edit touches must stand at the place where its bytes went, with the same
type and extent; a node that an edit touches is compared child by child; what an edit
replaces as a whole is a declared hole; a new node must lie within the text of an edit.
"""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, cast

from testmend.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.model import Edit
    from testmend.source import Module

_Place = ast.expr | ast.stmt | ast.alias | ast.arg


def verify(before: Module, after: Module, edits: Sequence[Edit]) -> None:
    """Check ``after`` against ``before`` and the edits that were made (sorted).

    Raises `VerificationError` with the place of the first difference.
    """
    still_compiles(before, after)
    if ast.get_docstring(before.tree) != ast.get_docstring(after.tree):
        raise VerificationError("the module docstring would change")
    _Comparison(before, after, edits).same(before.tree, after.tree)


def still_compiles(before: Module, after: Module) -> None:
    """Check that ``after`` compiles if ``before`` does. Raises `VerificationError`."""
    if not compiles(after.tree) and compiles(before.tree):
        raise VerificationError("the result does not compile")


def compiles(tree: ast.Module) -> bool:
    """Whether Python can make code of a tree."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<result>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class _Comparison:
    """Two trees, and the way from offsets of the old file to those of the new one."""

    def __init__(self, before: Module, after: Module, edits: Sequence[Edit]) -> None:
        self.before = before
        self.after = after
        self.starts = [edit.start for edit in edits]
        self.ends = [edit.end for edit in edits]
        self.shifts = [0]  # after the first n edits
        self.new_spans = []
        for edit in edits:
            size = len(edit.text.encode())
            at = edit.start + self.shifts[-1]
            self.new_spans.append((at, at + size))
            self.shifts.append(self.shifts[-1] + size - (edit.end - edit.start))

    # -- places ----------------------------------------------------------------

    def moved(self, offset: int, *, end: bool = False) -> int:
        """Where the byte at ``offset`` (or, with ``end``, before it) went."""
        if end:
            return offset + self.shifts[bisect_left(self.ends, offset)]
        return offset + self.shifts[bisect_right(self.starts, offset)]

    def old_span(self, node: ast.AST) -> tuple[int, int]:
        place = cast("_Place", node)
        start = self.before.start(place)
        for decorator in getattr(node, "decorator_list", ()):
            start = min(start, self.before.start(decorator))
        return start, self.before.end(place)

    def new_span(self, node: ast.AST) -> tuple[int, int]:
        place = cast("_Place", node)
        start = self.after.start(place)
        for decorator in getattr(node, "decorator_list", ()):
            start = min(start, self.after.start(decorator))
        return start, self.after.end(place)

    def edits_in(self, start: int, end: int) -> range:
        """The edits that change a byte of ``[start, end)`` or insert inside of it."""
        first = bisect_right(self.ends, start)
        last = first
        while last < len(self.starts) and self.starts[last] < end:
            last += 1
        return range(first, last)

    def is_hole(self, start: int, end: int) -> bool:
        """Whether the edits replace every byte of ``[start, end)``."""
        at = start
        for number in self.edits_in(start, end):
            if self.before.utf8[at : self.starts[number]].strip():
                return False
            at = max(at, self.ends[number])
        return not self.before.utf8[at:end].strip()

    def is_new(self, start: int, end: int) -> bool:
        """Whether ``[start, end)`` of the new file lies within the text of an edit."""
        return any(first <= start and end <= last for first, last in self.new_spans)

    # -- comparison ------------------------------------------------------------

    def same(self, old: ast.AST, new: ast.AST) -> None:
        """Check two nodes that stand for each other."""
        if hasattr(old, "lineno"):
            span = self.old_span(old)
            if not self.edits_in(*span) and (
                self.stands(old, new) or not self.grows(span[1])
            ):
                self.check(self.stands(old, new), old)
                return
            if self.is_hole(*span) or self.rebuilt(old, new):
                return
        self.check(type(old) is type(new), old)
        for name in old._fields:
            self.same_field(getattr(old, name, None), getattr(new, name, None), old)

    def grows(self, end: int) -> bool:
        """Whether text is inserted right behind a node: it may be part of it then."""
        at = bisect_left(self.starts, end)
        return at < len(self.starts) and self.starts[at] == self.ends[at] == end

    def stands(self, old: ast.AST, new: ast.AST) -> bool:
        """Whether an untouched node stands where its bytes went."""
        start, end = self.old_span(old)
        moved = (self.moved(start), self.moved(end, end=True))
        return type(old) is type(new) and moved == self.new_span(new)

    def rebuilt(self, old: ast.AST, new: ast.AST) -> bool:
        """Whether an edit made another kind of statement of it, from its first byte."""
        if type(old) is type(new) or not isinstance(old, ast.stmt):
            return False
        start, end = self.old_span(old)
        return start in self.starts[slice(*_bounds(self.edits_in(start, end)))]

    def same_field(self, old: object, new: object, owner: ast.AST) -> None:
        if isinstance(old, list) and isinstance(new, list):
            self.same_list(old, new, owner)
        elif isinstance(old, ast.AST) and isinstance(new, ast.AST):
            self.same(old, new)
        elif type(old) is not type(new) or old != new:
            self.check(hasattr(owner, "lineno"), owner)
            start, end = self.old_span(owner)
            self.check(bool(self.edits_in(start, end)), owner)

    def same_list(self, old: list[ast.AST], new: list[ast.AST], owner: ast.AST) -> None:
        if not all(isinstance(n, ast.AST) and hasattr(n, "lineno") for n in old):
            if len(old) == len(new):
                for one, other in zip(old, new, strict=True):
                    self.same_field(one, other, owner)
            else:
                self.check(bool(self.edits_in(*self.old_span(owner))), owner)
            return
        ahead = 0
        for node in old:
            ahead = self.skip_new(new, ahead, self.expected(node))
            span = self.old_span(node)
            if self.is_hole(*span):
                continue
            self.check(ahead < len(new), node)
            self.same(node, new[ahead])
            ahead += 1
        self.check(
            self.skip_new(new, ahead, len(self.after.utf8) + 1) == len(new), owner
        )

    def expected(self, node: ast.AST) -> int:
        """Where the start of an old node is in the new file."""
        start, _ = self.old_span(node)
        at = bisect_right(self.starts, start)
        if at and self.ends[at - 1] > start:  # inside an edit: at the start of its text
            return self.new_spans[at - 1][0]
        return self.moved(start)

    def skip_new(self, nodes: list[ast.AST], ahead: int, until: int) -> int:
        """Pass over the nodes before ``until`` that edits brought in."""
        while ahead < len(nodes):
            start, end = self.new_span(nodes[ahead])
            if start >= until or not self.is_new(start, end):
                break
            ahead += 1
        return ahead

    def check(self, holds: bool, node: ast.AST) -> None:  # noqa: FBT001  a condition
        if not holds:
            line = getattr(node, "lineno", 1)
            kind = type(node).__name__
            raise VerificationError(f"line {line}: {kind} would not stay as it was")


def _bounds(numbers: range) -> tuple[int, int]:
    return numbers.start, numbers.stop
