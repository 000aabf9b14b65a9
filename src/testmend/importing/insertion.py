"""Put a new import where the file itself would have it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.importing.order import (
    RELATIVE,
    by_length,
    by_name,
    category,
    is_sorted,
    key_of,
    origin,
)
from testmend.importing.rows import first_byte
from testmend.model import UNSORTED, Edit

if TYPE_CHECKING:
    from testmend.importing.order import Statement
    from testmend.model import Sorting
    from testmend.source import Module

_BELOW_CODE = re.compile(r"(#[ \t]*noqa:[ \t]*E402)$")
PEP8 = 79  # characters of a line

Group = list["Statement"]


def insertion(
    module: Module, statement: str, sorting: Sorting = UNSORTED
) -> tuple[Edit, ...]:
    """The edits that import what ``statement`` (one name) imports; none if it is there.

    The statement joins the names imported from the same module where the file writes
    them together, else the group of its package, or of what it is sorted with, in the
    order that the file follows. With a width it always joins: names that have no room
    stand one below the other. The name must be free: `Scopes.is_mentioned` tells.
    """
    new = ast.parse(statement).body[0]
    if not isinstance(new, ast.Import | ast.ImportFrom) or len(new.names) != 1:
        raise AssertionError(statement)
    groups = _groups(module)
    if any(_is_there(new, old) for group in groups for old in group):
        return ()
    joined = _joined(module, new, groups, sorting.width)
    if joined is not None:
        return (joined,)
    if not groups:
        return _first(module, statement)
    edits = _placed(module, statement, new, groups, sorting)
    remark = _remark(module, min(edits).start, groups)
    return tuple(
        replace(each, text=each.text.replace(statement, statement + remark))
        for each in edits
    )


def _remark(module: Module, at: int, groups: list[Group]) -> str:
    """What a linter is told of an import below code, ahead of an offset or beside it.

    It would say the same of the new one.
    """
    for group in groups:
        if at < module.line_start(group[0].lineno):
            break
        for node in group:
            first = module.line_text(node.lineno).rstrip()
            if found := _BELOW_CODE.search(first):
                return f"  {found[1]}"
    return ""


def _is_there(new: Statement, old: Statement) -> bool:
    same = type(new) is type(old) and (
        isinstance(new, ast.Import) or origin(new) == origin(old)
    )
    wanted = new.names[0]
    return same and any(
        (each.name, each.asname) == (wanted.name, wanted.asname) for each in old.names
    )


def _groups(module: Module) -> list[Group]:
    """The imports of the module's body before its first definition, by paragraph."""
    groups: list[Group] = []
    last_line = -1
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
        if isinstance(node, ast.Import | ast.ImportFrom) and _is_alone(module, node):
            if node.lineno != last_line + 1:
                groups.append([])
            groups[-1].append(node)
            last_line = node.end_lineno or node.lineno
    return groups


def _is_alone(module: Module, node: ast.stmt) -> bool:
    last = node.end_lineno or node.lineno
    ahead = module.utf8[module.line_start(node.lineno) : module.start(node)]
    behind = module.utf8[module.end(node) : module.line_start(last + 1)].strip()
    return not ahead.strip() and behind[:1] in (b"", b"#")


# -- a statement of its own --------------------------------------------------------


def _line(
    at: int, text: str, *, ahead: str = "", behind: str = "", end: int = 0
) -> tuple[Edit, ...]:
    """A new line at an offset, and what sets it apart (which several lines share).

    ``behind`` replaces the bytes up to ``end``. The orders are negative: constants of
    the same offset stand below.
    """
    edits = [Edit(at, at, text, (-2,))]
    if ahead:
        edits.insert(0, Edit(at, at, ahead, (-3,)))
    if behind:
        edits.append(Edit(at, max(at, end), behind, (-1,)))
    return tuple(edits)


def _placed(
    module: Module,
    text: str,
    new: Statement,
    groups: list[Group],
    sorting: Sorting,
) -> tuple[Edit, ...]:
    name = origin(new).partition(".")[0]
    root = frozenset() if sorting.apart else frozenset({name})
    project = sorting.beside | root
    own = category(new, project)
    kin = [g for g in groups if root and any(category(n, root) == own for n in g)]
    family = kin or [g for g in groups if any(category(n, project) == own for n in g)]
    if family:
        group = max(family, key=len)
        return _in_group(module, text, new, group, groups, sorting)
    later = [g for g in groups if min(category(n, project) for n in g) > own]
    if later:
        start = module.line_start(later[0][0].lineno)
        return _line(start, f"{text}\n", behind="\n")
    mixed = {category(n, project) for n in groups[-1]}
    if len(mixed - {0}) > 1 and own == RELATIVE:
        return _behind(module, text, groups[-1][-1], groups)
    if len(mixed - {0}) > 1:
        return _in_group(module, text, new, groups[-1], groups, sorting)
    return _new_group(module, text, groups)


def _in_group(
    module: Module,
    text: str,
    new: Statement,
    group: Group,
    groups: list[Group],
    sorting: Sorting,
) -> tuple[Edit, ...]:
    by_full_name = sorting.by_full_name
    key = by_length if sorting.by_length else key_of(groups, by_full_name=by_full_name)
    if key is None:
        root = origin(new).partition(".")[0]
        group = [n for n in group if origin(n).partition(".")[0] == root] or group
        key = by_name if is_sorted(group, by_name) else None
    if key is None:
        return _behind(module, text, group[-1], groups)
    wanted = key(new)
    for node in group:
        if key(node) > wanted:
            return _line(module.line_start(node.lineno), f"{text}\n")
    return _behind(module, text, group[-1], groups)


def _after(
    module: Module, text: str, node: ast.stmt, ahead: str = "", behind: str = ""
) -> tuple[Edit, ...]:
    at = module.line_start((node.end_lineno or node.lineno) + 1)
    if module.utf8[at - 1 : at] in (b"\n", b"\r"):
        return _line(at, f"{text}\n", ahead=ahead, behind=behind)
    return _line(at, f"\n{text}", ahead=ahead)


def _new_group(module: Module, text: str, groups: list[Group]) -> tuple[Edit, ...]:
    node = groups[-1][-1]
    last = node.end_lineno or node.lineno
    edits = _after(module, text, node, ahead="\n")
    return (*edits, *_kept_blanks(module, last + 1, groups))


def _behind(
    module: Module, text: str, node: Statement, groups: list[Group]
) -> tuple[Edit, ...]:
    edits = _after(module, text, node)
    if node is not groups[-1][-1]:
        return edits
    last = node.end_lineno or node.lineno
    return (*edits, *_kept_blanks(module, last + 1, groups))


def _kept_blanks(module: Module, line: int, groups: list[Group]) -> tuple[Edit, ...]:
    """The edit that keeps the blank lines which start at a line.

    If imports that start the file all go, the blank lines below them go as well, unless
    they are part of the edit that puts a new import there.
    """
    if module.tree.body[0] is not groups[0][0] or groups[0][0].lineno > 1:
        return ()
    first = line
    while _is_blank(module, line):
        line += 1
    start, end = module.line_start(first), module.line_start(line)
    return (Edit(start, end, module.utf8[start:end].decode()),) if end > start else ()


def _is_blank(module: Module, line: int) -> bool:
    return line < len(module.line_starts) and not module.line_text(line).strip()


def _first(module: Module, text: str) -> tuple[Edit, ...]:
    """The place in a file without imports: after docstring, before everything else."""
    body = module.tree.body
    if not body:
        at = len(module.utf8)
        ends = not at or module.utf8.endswith((b"\n", b"\r"))
        return _line(at, f"{text}\n" if ends else f"\n{text}")
    if ast.get_docstring(module.tree, clean=False) is not None:
        blank = _is_blank(module, (body[0].end_lineno or body[0].lineno) + 1)
        return _after(module, text, body[0], "\n", "" if blank else "\n")
    line = module.line_of(first_byte(module, body[0]))
    while line > 1 and module.line_text(line - 1).lstrip().startswith("#"):
        line -= 1
    if line == 1:  # what stands above the code is the head of the file
        line = module.line_of(first_byte(module, body[0]))
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    blank_lines = "\n\n" if isinstance(body[0], definitions) else "\n"
    return _line(module.line_start(line), f"{text}\n", behind=blank_lines)


# -- one more name in a statement ----------------------------------------------------


def _joined(
    module: Module, new: Statement, groups: list[Group], width: int
) -> Edit | None:
    statements = [node for group in groups for node in group]
    if not isinstance(new, ast.ImportFrom):
        return None
    if not _joins(statements, origin(new), habit=not width):
        return None
    for node in statements:
        if isinstance(node, ast.ImportFrom) and origin(node) == origin(new):
            return _among(module, new.names[0], node, width)
    return None


def _joins(statements: Group, wanted: str, *, habit: bool) -> bool:
    """Whether the file imports several names of one module in one statement.

    Or, without such a ``habit``, whether it may: never two statements of one module.
    """
    apart = [origin(n) for n in statements if isinstance(n, ast.ImportFrom)]
    if len(apart) > len(set(apart)):
        return False
    names = [len(n.names) for n in statements if isinstance(n, ast.ImportFrom)]
    return wanted in apart and (max(names) > 1 or not habit)


def _among(
    module: Module, name: ast.alias, node: ast.ImportFrom, width: int
) -> Edit | None:
    scopes = module.scopes
    kept = (
        a for a in node.names if a.name != "*" and scopes.is_read(scopes.binding(a))
    )
    text = name.name + (f" as {name.asname}" if name.asname else "")
    if next(kept, None) is None or b"#" in module.utf8[_span(module, node)]:
        return None
    following = [a for a in node.names if a.name.lower() > name.name.lower()]
    one_each = len({a.lineno for a in node.names}) == len(node.names) > 1
    indent = " " * node.names[-1].col_offset
    between = (
        f",\n{indent}" if one_each and node.names[0].lineno > node.lineno else ", "
    )
    line = following[0].lineno if following else node.names[-1].lineno
    long = len(module.line_text(line)) + len(text) + 2 > (width or PEP8)
    if between == ", " and long:
        return _exploded(module, text, node, following) if width else None
    if following:
        at = module.start(following[0])
        return Edit(at, at, f"{text}{between}")
    at = module.end(node.names[-1])
    return Edit(at, at, f"{between}{text}")


def _exploded(
    module: Module, text: str, node: ast.ImportFrom, following: list[ast.alias]
) -> Edit | None:
    """All names in brackets, each on its line; None if they have brackets already."""
    start, end = module.start(node.names[0]), module.end(node)
    if end > module.end(node.names[-1]) or node.lineno != node.end_lineno:
        return None
    names = [module.source(each) for each in node.names]
    at = node.names.index(following[0]) if following else len(names)
    names.insert(at, text)
    lines = "".join(f"    {each},\n" for each in names)
    return Edit(start, end, f"(\n{lines})")


def _span(module: Module, node: ast.stmt) -> slice:
    return slice(module.start(node), module.end(node))
