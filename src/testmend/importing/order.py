"""The orders in which people sort imports, and which of them a file follows."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Container, Sequence
from itertools import pairwise

from testmend.names import member

RELATIVE = 4  # the category of what starts with dots
Statement = ast.Import | ast.ImportFrom
Key = Callable[[Statement], tuple[object, ...]]


def origin(node: Statement) -> str:
    """The module that a statement imports (from), with its leading dots."""
    if isinstance(node, ast.Import):
        return node.names[0].name
    return "." * node.level + (node.module or "")


def full_name(node: Statement) -> str:
    """The dotted name of the first thing that a statement imports."""
    if isinstance(node, ast.Import):
        return node.names[0].name
    return member(origin(node), node.names[0].name)


def category(node: Statement, project: Container[str]) -> int:
    """0 ``__future__``, 1 standard library, 2 others, 3 the project, 4 relative.

    ``project``: the top-level names of its modules.
    """
    root = origin(node).partition(".")[0]
    if not root:
        return RELATIVE
    if root == "__future__":
        return 0
    if root in sys.stdlib_module_names:
        return 1
    return 3 if root in project else 2


def _hacking(node: Statement) -> tuple[object, ...]:
    """OpenStack's: by the full name, whichever way it is imported."""
    return (full_name(node).lower(),)


def _module(node: Statement) -> str:
    """What isort sorts by: ``from .. import x`` stands before ``from . import y``."""
    name = origin(node).lower()
    level = node.level if isinstance(node, ast.ImportFrom) else 0
    return f"{name[:level]}_{name[level:]}" if level else name


def _plain_first(node: Statement) -> tuple[object, ...]:
    """The default of isort: ``import x`` before ``from x import y``, then by module."""
    return isinstance(node, ast.ImportFrom), _module(node), full_name(node)


def _by_module(node: Statement) -> tuple[object, ...]:
    """That of isort with ``force_sort_within_sections``."""
    return _module(node), isinstance(node, ast.ImportFrom), full_name(node)


def _plain_first_by_module(node: Statement) -> tuple[object, ...]:
    """The default of isort, where comments keep names of one module apart."""
    return isinstance(node, ast.ImportFrom), _module(node)


def _from_first(node: Statement) -> tuple[object, ...]:
    return isinstance(node, ast.Import), _module(node), full_name(node)


def by_length(node: Statement) -> tuple[object, ...]:
    """That of isort and ruff with ``length-sort``."""
    return isinstance(node, ast.ImportFrom), len(origin(node)), _module(node)


def by_name(node: Statement) -> tuple[object, ...]:
    """By the module alone, where nobody cares for the order of what it gives."""
    return (_module(node),)


_SEVERAL = 3
_KEYS: tuple[Key, ...] = (
    _plain_first,
    _by_module,
    _plain_first_by_module,
    _hacking,
    _from_first,
    by_length,
)


def key_of(
    groups: Sequence[Sequence[Statement]], *, by_full_name: bool = False
) -> Key | None:
    """The order that all groups follow; None if they follow none.

    Of orders that say the same, OpenStack's where the imports look like its style or
    other files have it (``by_full_name``), else the first of isort's, for it is the
    most usual.
    """
    hacking = by_full_name or _modules_only(groups)
    keys = (_hacking, *_KEYS) if hacking else _KEYS
    for key in keys:
        if all(is_sorted(group, key) for group in groups):
            return key
    return None


def _modules_only(groups: Sequence[Sequence[Statement]]) -> bool:
    """Whether each ``from`` imports one name, and it looks like a module's.

    OpenStack's rules ask for that; elsewhere a file with several is an accident.
    """
    imported = [
        node.names
        for group in groups
        for node in group
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
    ]
    single = all(len(names) == 1 and names[0].name.islower() for names in imported)
    return single and len(imported) >= _SEVERAL


def is_sorted(group: Sequence[Statement], key: Key) -> bool:
    """Whether statements follow an order."""
    return all(key(one) <= key(two) for one, two in pairwise(group))
