"""Which values stand where a test writes down what it expects, or names a value."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import callee
from testmend_codemods.literals.finding.sites import scope_of
from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.things import CONTAINERS, EQUALITIES, WRAPPERS
from testmend_codemods.literals.grammar.vocabulary import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from testmend.source import Module

_PARSED = re.compile(r"[{<\n]|\A[^/]*\Z")  # a record, or no path
_OF_VALUES = "0123456789abcdefABCDEF"
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


def is_compared(module: Module, node: ast.expr) -> bool:
    """Whether a string stands in what a test compares, asserts or calls expected."""
    for above in module.ancestors(node):
        match above:
            case ast.Compare():
                return True
            case ast.Call(func=called) if _asserts(callee(called)):
                return True
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
                return _says_so(callee(target))
            case ast.stmt():
                break
    return False


def _asserts(called: str) -> bool:
    return called in EQUALITIES or called.startswith("assert")


def spelled(module: Module, values: Collection[str]) -> Iterator[tuple[str, int]]:
    """Those values that a longer string spells out where one of the two is compared.

    With their functions. ``thread_id(ISSUE_ID) == 'issue:2174add1-...'`` would say less
    than the literal did. What only asks for a value (a path of a URL) is no such
    string where it is not compared itself.
    """
    shortest = min(map(len, values), default=0)
    for text, nodes in module.strings.items():
        if len(text) <= shortest or not _may_spell(text):
            continue
        held = [each for each in values if each in text and _spells(text, each)]
        parsed = _PARSED.search(text) is not None
        for node in nodes if held else ():
            if isinstance(module.parent(node), ast.Expr):
                continue  # a docstring
            scope, compared = scope_of(module, node), is_compared(module, node)
            for value in held:
                wholes = module.strings.get(value, ())
                if compared or any(
                    parsed and scope_of(module, each) == scope
                    for each in wholes
                    if is_compared(module, each)
                ):
                    yield value, scope


def _may_spell(text: str) -> bool:
    """Whether a text has as many marks as a value: what is asked of each string."""
    return text.count("-") > 3 or text.count(".") > 2 or text.count(":") > 1  # noqa: PLR2004  a UUID, IPv4, IPv6


def _spells(text: str, value: str) -> bool:
    """Whether a text has a value that is no part of another one, and more."""
    at = text.index(value)
    around = text[:at][-1:] + text[at + len(value) :][:1]
    return text != value and not any(each in _OF_VALUES for each in around)


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
