"""The edits that write one call in place of a loop, or take out a statement."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.errors import FragmentError
from testmend.model import Edit
from testmend_codemods.sleep_polling.reading import closures, flow, sleeps
from testmend_codemods.sleep_polling.writing import layout, pragmas
from testmend_codemods.sleep_polling.writing.conditions import opposite

if TYPE_CHECKING:
    from testmend.source import Comment, Module
    from testmend_codemods.sleep_polling.reading.sleeps import Sleep


def turned(module: Module, sleep: ast.stmt) -> Edit | None:
    """The edit that turns ``if busy: sleep()``, ``else: break`` round, if it is one.

    ``sleep`` may be any statement that goes. Comments above it go above the ``if``.

    None where a comment or the layout would not know where to go.
    """
    above = module.parent(sleep)
    if not isinstance(above, ast.If) or above.body != [sleep] or not above.orelse:
        return None
    first = above.orelse[0]
    start, inner, end = module.start(above), module.start(first), module.end(above)
    line = module.line_start(first.lineno)
    goal = opposite(module, above.test)
    denied = goal.text
    alone = not module.utf8[line:inner].strip()
    elif_ = module.utf8[inner:].startswith(b"elif")
    if elif_ or not alone or "\n" in denied:
        return None
    keyword = "elif" if module.utf8[start:].startswith(b"elif") else "if"
    kept = module.utf8[line:end].decode()
    indent = module.indent(above.lineno)
    told = [each for each in module.comments if start < each.start < inner]
    if told and (keyword == "elif" or not _are_above(module, told, sleep)):
        return None
    if told and not pragmas.says_more(told[-1].text):
        told.pop()
    ahead = "".join(f"{each.text}\n{indent}" for each in told)
    length = len(indent) + len(f"{keyword} {denied}:")
    if length > layout.limit(module) and len(goal.parts) > 1:
        denied = goal.block(indent, layout.step(indent), layout.limit(module))
    return Edit(start, end, f"{ahead}{keyword} {denied}:\n{kept}")


def _are_above(module: Module, told: list[Comment], node: ast.stmt) -> bool:
    """Whether comments stand on lines of their own right above a statement."""
    lines = range(node.lineno - len(told), node.lineno)
    return [each.line for each in told] == [*lines] and all(
        module.line_text(line).lstrip().startswith("#") for line in lines
    )


def waited(
    module: Module,
    loop: ast.For | ast.While,
    sleep: Sleep,
    call: tuple[str, list[str]],
    *,
    asserts: str = "",
    test: ast.expr | None = None,
) -> tuple[Edit, ...]:
    """Edits that make one call of ``while condition: sleep(t)``.

    ``call``: the function, and what follows the condition.
    ``asserts``: what to say if the function returns that it did not succeed. ``test``:
    while what the loop goes on, if that is not its whole condition. Raises
    `FragmentError` when the loop shares its line with another statement.
    """
    start, end = module.start(loop), module.end(loop)
    indent = module.indent(loop.lineno)
    behind = module.utf8[end : module.line_start(module.line_of(end - 1) + 1)]
    ahead = module.utf8[module.line_start(loop.lineno) : start]
    if ahead.strip() or behind.strip()[:1] not in (b"", b"#"):
        raise FragmentError("the loop shares its line with another statement")
    test = test or (loop.test if isinstance(loop, ast.While) else loop.iter)
    deeper = indent + layout.step(indent)
    condition = _callable(module, test, deeper, is_async=sleep.is_async)
    waiting = f"{'assert ' * bool(asserts)}{sleeps.word(module, sleep)}"
    place = layout.Place(len(indent), indent, len(waiting), layout.step(indent))
    function, arguments = call
    text = layout.call(module, function, [condition, *arguments], place)
    comments = [
        f"{each.text}\n{indent}"
        for each in module.comments
        if start < each.start < end and pragmas.says_more(each.text)
    ]
    told = f", {asserts}" if asserts else ""
    whole = f"{waiting}{text}{told}"
    new = pragmas.taken_along(module, loop, test, condition, whole)
    comment = behind.decode().strip()
    width = len(f"{indent}{new}".splitlines()[-1]) + len(behind.decode().rstrip())
    apart = width > layout.limit(module) or "\n" in new
    more = pragmas.says_more(comment)
    if comment and (apart or not more):
        if more:
            comments.append(f"{comment}\n{indent}")
        end += len(behind.rstrip())
    new = "".join([*comments, new])
    for node in _parts(test):
        kept = module.source(node)
        if new.count(kept) == 1 and len(kept) > 2:  # noqa: PLR2004  not a mere name
            first, last = new.split(kept)
            return (
                Edit(start, module.start(node), first),
                Edit(module.end(node), end, last),
            )
    return (Edit(start, end, new),)


def removed(module: Module, statement: ast.stmt) -> Edit:
    """The edit that takes out a statement with its lines; a comment stays.

    The only one of its block leaves a ``pass``. Raises `FragmentError` when it shares a
    line with another statement.
    """
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    start, end = module.line_start(first), module.line_start(last + 1)
    ahead = module.utf8[start : module.start(statement)]
    behind = module.utf8[module.end(statement) : end].decode()
    comment = behind.strip()
    if ahead.strip() or comment[:1] not in ("", "#"):
        raise FragmentError("the statement shares its line")
    if flow.block(module, statement) == [statement]:
        return Edit(module.start(statement), module.end(statement), "pass")
    if not comment or pragmas.for_linters(comment):
        if flow.block(module, statement)[0] is statement:
            return Edit(start, _behind_blanks(module, end), "")
        return Edit(_with_blanks(module, statement, start, end), end, "")
    blanks = len(behind) - len(behind.lstrip())
    return Edit(module.start(statement), module.end(statement) + blanks, "")


def _behind_blanks(module: Module, end: int) -> int:
    """Where the first line that is not blank begins, from the start of a line on."""
    line = module.line_of(end)
    while not module.line_text(line).strip() and module.line_start(line) < len(
        module.utf8
    ):
        line += 1
    return module.line_start(line)


def _with_blanks(module: Module, statement: ast.stmt, start: int, end: int) -> int:
    """Where the blank lines ahead of a statement begin, if they go with it.

    They do where they would double those behind it, or end its block.
    """
    ahead = module.utf8[:start]
    blanks = len(ahead) - len(ahead.rstrip())
    behind = module.line_text(module.line_of(end)).strip()
    ends = flow.block(module, statement)[-1:] == [statement]
    if behind and not ends:
        return start
    first = module.line_of(start - blanks) + 1
    return min(start, module.line_start(first))


def _parts(test: ast.expr) -> list[ast.expr]:
    """What may stay of a condition, the most of it first."""
    if isinstance(test, ast.UnaryOp):
        return [test, test.operand]
    return [test, test.left] if isinstance(test, ast.Compare) else [test]


def _callable(module: Module, test: ast.expr, indent: str, *, is_async: bool) -> str:
    """The condition to wait for: a lambda, or what it would only call.

    ``indent`` is that of its lines, if it takes several.
    """
    called = closures.called_alone(module, test, is_async=is_async)
    if called is not None:
        return module.source(called)
    goal = opposite(module, test)
    whole = f"lambda: {goal.text}"
    if len(indent) + len(whole) < layout.limit(module):
        return whole
    if len(goal.parts) > 1:
        room = layout.limit(module)
        return f"lambda: {goal.block(indent, layout.step(indent), room)}"
    lines = goal.raw.splitlines()
    if not lines:
        return whole
    step = layout.step(indent)
    if module.utf8[module.line_start(test.lineno) : module.start(test)].strip():
        deeper = [f"{step}{each}" if each.strip() else each for each in lines[1:]]
        return "\n".join([f"lambda: {lines[0]}", *deeper])
    # The condition stands in brackets of its own.
    before = module.indent(test.lineno)
    denial = "not " if goal.raw.startswith("not (") else ""
    if denial:
        lines = goal.raw.removeprefix("not (").removesuffix(")").splitlines()
    moved = "".join(f"{indent}{step}{each.removeprefix(before)}\n" for each in lines)
    return f"lambda: {denial}(\n{moved}{indent})"
