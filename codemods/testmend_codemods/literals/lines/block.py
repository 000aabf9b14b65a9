"""Where constants stand: one block directly after the imports, in order of first use.

New constants join a block that is there, each at its own place: so it makes no
difference whether the kinds of values are lifted together or one after the other.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.model import Edit
from testmend_codemods.literals.grammar.values import PLAIN, Grammar
from testmend_codemods.literals.model import Line, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module

NEVER = 1 << 60  # the first use of what is not used
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_AHEAD, _CONSTANT, _BEHIND = 0, 1, 2


def place(module: Module, grammar: Grammar = PLAIN) -> Place:
    """Where the constants of a module stand."""
    body = module.tree.body
    anchor = _anchor(body)
    if anchor is None:
        return _first(module)
    last = body[anchor].end_lineno or body[anchor].lineno
    while anchor + 1 < len(body) and body[anchor + 1].lineno == last:  # import a; b = 1
        anchor += 1
        last = body[anchor].end_lineno or last
    following = body[anchor + 1 :]
    gap = _blank_lines(module, last + 1)
    block = tuple(_block(module, following, last + 1 + gap, grammar))
    at = module.line_start(last + 1)
    ahead, behind = _spacing(following, gap)
    if at == len(module.utf8) and not module.utf8.endswith((b"\n", b"\r")):
        ahead = f"\n{ahead}"
    end = _line_after(module, following[len(block) - 1]) if block else 0
    return Place(at, ahead, behind, block, end)


def insertions(where: Place, first_use: int, text: str) -> tuple[Edit, ...]:
    """The edits that put one constant (a line without its end) at its place."""
    order = (_CONSTANT, first_use)
    if not where.block:
        edits = [Edit(where.at, where.at, f"{text}\n", order)]
        if where.ahead:
            edits.append(Edit(where.at, where.at, where.ahead, (_AHEAD,)))
        if where.behind:
            edits.append(Edit(where.at, where.at, where.behind, (_BEHIND,)))
        return tuple(edits)
    at = where.block[0].start
    ends = [*(line.start for line in where.block[1:]), where.end]
    for line, end in zip(where.block, ends, strict=True):
        if line.first_use < first_use:
            at = end
    return (Edit(at, at, f"{text}\n", order),)


def _anchor(body: Sequence[ast.stmt]) -> int | None:
    """The statement that constants follow: the last import ahead of definitions.

    Without one the last import of all, else the docstring, else none.
    """
    head = next(
        (at for at, node in enumerate(body) if isinstance(node, _Definition)), len(body)
    )
    for stop in (head, len(body)):
        imports = [at for at, node in enumerate(body[:stop]) if _imports(node)]
        if imports:
            return imports[-1]
    docstring = body and isinstance(body[0], ast.Expr)
    if docstring and isinstance(getattr(body[0], "value", None), ast.Constant):
        return 0
    return None


def _imports(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    blocks = [node]
    if not isinstance(node, ast.If | ast.Try | ast.With):
        return False
    if isinstance(node, ast.If) and "__main__" in ast.dump(node.test):
        return False
    return any(
        isinstance(each, ast.Import | ast.ImportFrom)
        for block in blocks
        for each in ast.walk(block)
    )


def _first(module: Module) -> Place:
    """The place in a file that has neither imports nor a docstring."""
    body = module.tree.body
    node = body[0]
    decorators = getattr(node, "decorator_list", ())
    line = min([node.lineno, *(each.lineno for each in decorators)])
    code = line
    while line > 1 and module.line_text(line - 1).lstrip().startswith("#"):
        line -= 1
    line = code if line == 1 else line  # what stands above is the head of the file
    behind = "\n\n" if isinstance(node, _Definition) else "\n"
    return Place(module.line_start(line), "", behind)


def _spacing(following: Sequence[ast.stmt], gap: int) -> tuple[str, str]:
    """The blank lines ahead of the block, and those missing behind it."""
    defines = bool(following) and isinstance(following[0], _Definition)
    ahead = 1 if defines or not gap else min(gap, 2)
    wanted = 2 if defines else 1
    return "\n" * ahead, "\n" * max(0, wanted - gap) if following else ""


def _blank_lines(module: Module, line: int) -> int:
    count = 0
    while (
        line + count < len(module.line_starts)
        and not module.line_text(line + count).strip()
    ):
        count += 1
    return count


def _block(
    module: Module, following: Sequence[ast.stmt], line: int, grammar: Grammar
) -> Iterator[Line]:
    for node in following:
        if node.lineno != line or not _is_constant(node, grammar):
            return
        yield Line(module.line_start(line), _first_use(module, node))
        line += 1


def _is_constant(node: ast.stmt, grammar: Grammar) -> bool:
    if not isinstance(node, ast.Assign) or node.end_lineno != node.lineno:
        return False
    target, value = node.targets[0], node.value
    return (
        len(node.targets) == 1
        and isinstance(target, ast.Name)
        and target.id.isupper()
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and grammar.kind_of(value.value) is not None
    )


def _first_use(module: Module, node: ast.stmt) -> int:
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    name = target.id if isinstance(target, ast.Name) else ""
    loads = [
        module.start(load)
        for binding in module.scopes.all_bindings(name)
        if binding.node is target
        for load in module.scopes.loads(binding)
    ]
    return min(loads, default=NEVER)


def _line_after(module: Module, node: ast.stmt) -> int:
    return module.line_start((node.end_lineno or node.lineno) + 1)
