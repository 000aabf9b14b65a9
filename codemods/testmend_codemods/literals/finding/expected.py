"""Which values stand where a test writes down what it expects, or names a value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import callee
from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.things import CONTAINERS, EQUALITIES, WRAPPERS
from testmend_codemods.literals.grammar.vocabulary import listed

if TYPE_CHECKING:
    from testmend.source import Module

_EXPECTED = listed("expected expect expects golden want wanted")


def is_expected(module: Module, node: ast.expr) -> bool:
    """Whether a literal is a piece of the output that a test compares with.

    ``assert show() == {'gateway': '...'}``, ``expected = {'gateway': '...'}``; not all
    of it: ``assert route.gateway == '...'``.
    """
    parent = module.parent(node)
    piece = isinstance(parent, (ast.Dict, ast.keyword, *CONTAINERS))
    compared = False
    for above in module.ancestors(node) if piece else ():
        match above:
            case ast.Compare():
                compared = True
            case ast.Assert():
                return compared
            case ast.keyword(arg=str(name)) if above is not parent and _says_so(name):
                return True
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
                return _says_so(callee(target))
            case ast.Call() if callee(above.func) not in WRAPPERS:
                return callee(above.func) in EQUALITIES
            case ast.stmt():
                break
    return False


def is_bound(module: Module, node: ast.expr) -> bool:
    """Whether a literal is all that a variable has, or an element of its list.

    An attribute of ``self`` is a variable, too.
    """
    below: ast.AST = node
    for above in module.ancestors(node):
        match above:
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                return below is above.value and _is_variable(target)
            case _ if not isinstance(above, CONTAINERS):
                return False
        below = above
    return False


def _is_variable(target: ast.expr) -> bool:
    own = isinstance(target, ast.Attribute) and callee(target.value) in ("self", "cls")
    return own or isinstance(target, ast.Name)


def _says_so(name: str) -> bool:
    return not _EXPECTED.isdisjoint(words.split(name))
