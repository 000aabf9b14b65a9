"""Where the constants of a file stand: one block after its imports."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from testmend.model import Edit

if TYPE_CHECKING:
    from testmend.source import Module


@dataclass(frozen=True, slots=True)
class Block:
    """The offset at which constants are put in, and the text around the block."""

    anchor: int
    ahead: str
    behind: str
    quote: str

    def edits(self, name: str, value: str, first: int) -> tuple[Edit, ...]:
        """The edits for one constant; those of the frame are the same for all.

        ``first`` is the offset of the value's first use: that is their order.
        """
        line = f"{name} = {self.quote}{value}{self.quote}\n"
        frame = ((self.ahead, (1,)), (line, (2, first)), (self.behind, (3,)))
        return tuple(
            Edit(self.anchor, self.anchor, text, order) for text, order in frame if text
        )


def block(module: Module) -> Block:
    """The place for constants: after the imports at the head of the file.

    That is before the first function or class. Without imports it is after the
    docstring and ``__future__``.
    """
    quote = '"' if module.text.count('"') > module.text.count("'") else "'"
    last = _last_import(module.tree)
    if last is None:
        return _at_the_head(module, quote)
    line = _end_line(module, last) + 1
    anchor = module.line_start(line)
    ahead = "\n" if module.utf8[:anchor].endswith((b"\n", b"\r")) else "\n\n"
    return Block(anchor, ahead, _distance(module, line), quote)


def _last_import(tree: ast.Module) -> ast.stmt | None:
    found: ast.stmt | None = None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        if isinstance(node, ast.Import | ast.ImportFrom):
            found = node
        elif isinstance(node, ast.Try | ast.If) and not _is_main(node):
            inner = (each for child in node.body for each in ast.walk(child))
            if any(isinstance(each, ast.Import | ast.ImportFrom) for each in inner):
                found = node
    return found


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def _at_the_head(module: Module, quote: str) -> Block:
    body = module.tree.body
    described = ast.get_docstring(module.tree, clean=False) is not None
    if described:
        line = _end_line(module, body[0]) + 1
        ended = module.utf8[: module.line_start(line)].endswith((b"\n", b"\r"))
        ahead = "\n" if ended else "\n\n"
        return Block(module.line_start(line), ahead, _distance(module, line), quote)
    line = min([body[0].lineno, *(d.lineno for d in _decorators(body[0]))])
    return Block(module.line_start(line), "", "\n\n", quote)


def _decorators(node: ast.stmt) -> list[ast.expr]:
    found: list[ast.expr] = getattr(node, "decorator_list", [])
    return found


def _end_line(module: Module, node: ast.stmt) -> int:
    """The last line of a statement, and of those that start on that line."""
    end = node.end_lineno or node.lineno
    for other in module.tree.body:
        if other.lineno == end:
            end = max(end, other.end_lineno or end)
    return end


def _distance(module: Module, line: int) -> str:
    """Blank lines that must follow the block, beyond those that stand there."""
    blank = 0
    while line + blank <= len(module.line_starts):
        text = module.line_text(line + blank).strip()
        if text:
            wanted = 2 if text.startswith(("class ", "def ", "async def ", "@")) else 1
            return "\n" * max(0, wanted - blank)
        blank += 1
    return ""
