"""Suppressions: comments that silence a codemod on a line, a block or a file."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, get_args

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.model import Finding
    from testmend.source import Module

_MARK = b"testmend:"
_COMMENT = re.compile(
    r"#\s*testmend:\s*(?:(?P<file>skip-file)|ignore(?:\[(?P<names>[^\]]*)\])?)"
)
_Block = (
    ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.ClassDef
    | ast.For
    | ast.AsyncFor
    | ast.While
    | ast.With
    | ast.AsyncWith
    | ast.If
    | ast.Try
)


class Suppression(Struct, frozen=True):
    """Silence on the 1-based lines ``first`` to ``last``, for all or for ``names``.

    ``start`` and ``end`` are the same stretch as offsets.
    """

    first: int
    last: int
    start: int
    end: int
    names: frozenset[str]  # empty: every codemod

    def silences(self, finding: Finding) -> bool:
        """Whether the finding, or an edit of its fix, stands in this stretch."""
        if self.names and finding.codemod not in self.names:
            return False
        where = finding.range
        if self.first <= where.end_line and where.line <= self.last:
            return True
        edits = finding.fix.edits if finding.fix else ()
        return any(self.start < each.end and each.start < self.end for each in edits)


class Suppressions(Struct, frozen=True):
    """All suppressions of one file."""

    whole_file: bool = False
    lines: tuple[Suppression, ...] = ()

    def silence(self, finding: Finding) -> bool:
        """Whether the finding, or an edit of its fix, is silenced."""
        return self.whole_file or any(each.silences(finding) for each in self.lines)

    def on_line(self, codemod: str, line: int) -> bool:
        """Whether ``codemod`` is silenced on a 1-based line."""
        return self.whole_file or any(
            each.first <= line <= each.last
            and (not each.names or codemod in each.names)
            for each in self.lines
        )


def find(module: Module) -> Suppressions:
    """The suppressions of a file: on a line, or on a block's header for the block."""
    if _MARK not in module.utf8:
        return Suppressions()
    lines = []
    for comment in module.comments:
        match = _COMMENT.match(comment.text)
        if match is None:
            continue
        if match["file"]:
            return Suppressions(whole_file=True)
        names = frozenset(re.findall(r"[^\s,]+", match["names"] or ""))
        last = max(_block_ends(module, comment.line), default=comment.line)
        start, end = module.line_start(comment.line), module.line_start(last + 1)
        lines.append(Suppression(comment.line, last, start, end, names))
    return Suppressions(lines=tuple(lines))


def _block_ends(module: Module, line: int) -> Iterator[int]:
    for kind in get_args(_Block):
        block: _Block
        for block in module.nodes(kind):
            decorators = getattr(block, "decorator_list", [])
            first = min([block.lineno, *(each.lineno for each in decorators)])
            if first <= line < block.body[0].lineno:
                yield block.end_lineno or line
