"""A loop over attempts: LibCST takes the sleep out of the statement.

Imported when there is such a loop: LibCST takes longer to import than most runs.
"""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING

import libcst as cst

from testmend.errors import FragmentError
from testmend.fragment import rewrite_statement
from testmend.model import Edit
from testmend_codemods.sleep_polling.writing import fragments, polls, remarks

if TYPE_CHECKING:
    from testmend.source import Module


def polled(
    module: Module, loop: ast.For, sleep: ast.stmt, poll: polls.Call
) -> tuple[Edit, ...]:
    """Edits that make a counted loop iterate over attempts, without its sleep.

    Raises `FragmentError` when LibCST can't take the loop without loss.
    """
    wanted = " ".join(module.source(sleep).split())
    removal = _WithoutSleep(wanted, last=loop.body[-1] is sleep)

    def change(node: cst.BaseStatement) -> cst.BaseStatement | None:
        if not isinstance(node, cst.For):
            raise FragmentError("the statement is not a loop")
        visited = node.with_changes(body=node.body.visit(removal))
        if removal.found != 1:
            raise FragmentError("the sleep is not found exactly once")
        return visited

    keyword, header = polls.header(module, loop, poll)
    if isinstance(sleep, ast.If):
        return (*keyword, *header, fragments.removed(module, sleep))
    other_way = fragments.turned(module, sleep)
    rest = (other_way,) if other_way else rewrite_statement(module, loop, change)
    if not removal.remark:
        return (*keyword, *header, *rest)
    at, indent = module.line_start(loop.lineno), module.indent(loop.lineno)
    return (Edit(at, at, f"{indent}{removal.remark}\n"), *keyword, *header, *rest)


class _WithoutSleep(cst.CSTTransformer):
    """Takes out the one statement whose source is ``wanted``; its comments stay.

    Where it is the ``last`` of a round, the ``remark`` behind it goes above the loop:
    there it is one on its interval.
    """

    def __init__(self, wanted: str, *, last: bool) -> None:
        self.wanted = wanted
        self.last = last
        self.found = 0
        self.remark = ""

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: ARG002, N802
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:  # noqa: ARG002, N802
        return False

    def _is_sleep(self, node: cst.CSTNode) -> bool:
        lines = cst.SimpleStatementLine | cst.SimpleStatementSuite
        if not isinstance(node, lines) or len(node.body) != 1:
            return False
        only = node.body[0]
        if not isinstance(only, cst.Expr):
            return False
        text = cst.Module([]).code_for_node(only.value)
        return " ".join(text.split()) == self.wanted

    def leave_IndentedBlock(  # noqa: N802
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        for number, node in enumerate(original_node.body):
            if self._is_sleep(node) and isinstance(node, cst.SimpleStatementLine):
                self.found += 1
                self.remark = remarks.behind(node) if self.last else ""
                comments = remarks.of_sleep(node, behind_it=not self.last)
                return _without(updated_node, number, comments)
        return updated_node

    def leave_SimpleStatementSuite(  # noqa: N802
        self,
        original_node: cst.SimpleStatementSuite,
        updated_node: cst.SimpleStatementSuite,
    ) -> cst.SimpleStatementSuite:
        if not self._is_sleep(original_node):
            return updated_node
        self.found += 1
        return updated_node.with_changes(body=[cst.Pass()])

    def leave_If(  # noqa: N802
        self, original_node: cst.If, updated_node: cst.If
    ) -> cst.If:
        """An ``else`` that held nothing but the sleep goes with it."""
        other = original_node.orelse
        if not isinstance(other, cst.Else) or other.leading_lines:
            return updated_node
        if self._only_sleeps(other.body):
            return updated_node.with_changes(orelse=None)
        return updated_node

    def leave_Try(  # noqa: N802
        self, original_node: cst.Try, updated_node: cst.Try
    ) -> cst.Try:
        """So does the ``else`` of a ``try``."""
        other = original_node.orelse
        if other and not other.leading_lines and self._only_sleeps(other.body):
            return updated_node.with_changes(orelse=None)
        return updated_node

    def _only_sleeps(self, block: cst.BaseSuite) -> bool:
        """Whether a block is nothing but the sleep, without any comment."""
        if isinstance(block, cst.SimpleStatementSuite):
            return self._is_sleep(block)
        if not isinstance(block, cst.IndentedBlock) or len(block.body) != 1:
            return False
        only = block.body[0]
        if not isinstance(only, cst.SimpleStatementLine) or remarks.of_sleep(only):
            return False
        commented = block.header.comment or any(each.comment for each in block.footer)
        return self._is_sleep(only) and not commented


def _without(
    block: cst.IndentedBlock, number: int, comments: list[cst.EmptyLine]
) -> cst.IndentedBlock:
    line = block.body[number]
    if not isinstance(line, cst.SimpleStatementLine):
        raise FragmentError("the sleep is not a statement of its own")
    rest = [*block.body[:number], *block.body[number + 1 :]]
    if not rest:
        bare = line.trailing_whitespace.with_changes(
            whitespace=cst.SimpleWhitespace(""), comment=None
        )
        empty = cst.SimpleStatementLine(
            [cst.Pass()], leading_lines=comments, trailing_whitespace=bare
        )
        return block.with_changes(body=[empty])
    if number == len(rest):
        return block.with_changes(body=rest, footer=[*comments, *block.footer])
    behind = rest[number]
    lines = [*comments, *cst.ensure_type(behind, cst.SimpleStatementLine).leading_lines]
    if number == 0:  # no block begins with a blank line
        lines = [*itertools.dropwhile(lambda each: each.comment is None, lines)]
    rest[number] = behind.with_changes(leading_lines=lines)
    return block.with_changes(body=rest)
