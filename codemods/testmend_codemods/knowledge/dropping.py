"""The import of a name that goes when a fix does away with its last use.

A transform asks `import_cleanup` in its survey and `permitted` in its resolve::

    dropped = import_cleanup(module, alias)            # None: something forbids it
    ...
    cleanups = permitted(dropped, context) if dropped else ()
    Fix(edits, removes=frozenset({offset_of_load}), cleanups=cleanups)
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.importing import removal
from testmend_codemods.knowledge.lookups import is_in_function, looks_names_up
from testmend_codemods.knowledge.mentions import Mentions

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.index import Index
    from testmend.model import Cleanup
    from testmend.source import Module

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = (
    ast.For | ast.AsyncFor | ast.If | ast.While | ast.With | ast.AsyncWith | ast.Try
)


class Dropped(Struct, frozen=True):
    """An import that goes when all its loads went, if no other file needs it.

    ``local``: it is a function's own, which no other file sees.
    """

    name: str
    cleanups: tuple[Cleanup, ...]
    local: bool = False


def import_cleanup(module: Module, name: str, at: ast.AST) -> Dropped | None:
    """The clean-up of the import that ``name`` refers to at a node.

    None if the name is bound otherwise too, if a statement that imports it is in a
    ``try`` that catches something or a class, or in an ``if``, loop or ``with`` of no
    function, or carries a comment, if the file exports the name or looks names up at
    run time, or if a string may refer to it.
    """
    cleanups: list[Cleanup] = []
    local = True
    for binding in module.scopes.bindings(name, at):
        alias = binding.node
        if not isinstance(alias, ast.alias):
            return None
        if not (is_plain(module, alias) or _is_inside(module, alias)):
            return None
        local = local and not isinstance(_holder(module, alias), ast.Module)
        found = removal(module, alias)
        if found is None:
            return None
        cleanups += found.afterwards()
    mentions = Mentions(module)
    seen = name in mentions.exported or mentions.is_reference(name)
    if seen and not local:  # nobody sees a function's own
        return None
    if not cleanups or looks_names_up(module, by_others=False, local=local):
        return None
    return Dropped(name, tuple(dict.fromkeys(cleanups)), local)


def permitted(dropped: Dropped, context: Context) -> tuple[Cleanup, ...]:
    """The clean-ups, unless another file may read the name from this one."""
    index, path, name = context.index, context.path, dropped.name
    users = () if dropped.local else index.users(path, name)
    if users and not all(_takes_all_but(index, each, path, name) for each in users):
        return ()
    return dropped.cleanups


def _takes_all_but(index: Index, user: str, path: str, name: str) -> bool:
    """Whether a file imports all names of another one, but does not need this one.

    ``from common import *`` and ``import time``: nobody needs the one of ``common``.
    Nor is it needed where the file does not say it, and nobody has all of its names.
    """
    facts = index.facts(user)
    reached = [each for other, each in index.importers(path) if other == user]
    if facts is None or not reached or any(each.name != "*" for each in reached):
        return False
    if any(each.module == name and each.bound == name for each in facts.imports):
        return True
    passed_on = any(each.name == "*" for _, each in index.importers(user))
    said = re.search(rf"\b{re.escape(name)}\b", index.text(user) or name)
    return not (said or passed_on)


def is_plain(module: Module, alias: ast.alias) -> bool:
    """Whether an import stands directly in the module or a function, not in a block."""
    return isinstance(_holder(module, alias), ast.Module | _FUNCTIONS)


def _is_inside(module: Module, alias: ast.alias) -> bool:
    """Whether an import stands directly in an ``if``, loop or ``with`` of a function.

    An ``if`` that holds more than imports, or it would be for nothing; or in a ``try``
    that catches nothing.
    """
    holder = _holder(module, alias)
    if isinstance(holder, ast.If) and all(
        isinstance(each, ast.Import | ast.ImportFrom) for each in holder.body
    ):
        return False
    if isinstance(holder, ast.Try) and holder.handlers:
        return False
    return isinstance(holder, _BLOCKS) and is_in_function(module, holder)


def _holder(module: Module, alias: ast.alias) -> ast.AST | None:
    """What the statement of an import is directly in."""
    statement = module.parent(alias)
    return module.parent(statement) if statement else None
