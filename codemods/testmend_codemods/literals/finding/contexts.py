"""What the code around a value calls it: one vote for each use.

Sources, best first: the target of an assignment, a keyword, a string key of a dict, an
attribute, the argument whose default it is, the other side of a comparison, the
callee's parameter, the container it is an element of. A name that says nothing
(``id``) is qualified by its dict, object or callee.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import callee, parameters
from testmend_codemods.literals.grammar import things, words
from testmend_codemods.literals.grammar.values import kind_of
from testmend_codemods.literals.grammar.vocabulary import listed
from testmend_codemods.literals.model import (
    ATTRIBUTE,
    DEFAULT,
    ELEMENT,
    EQUAL,
    KEY,
    KEYWORD,
    TARGET,
    Positional,
    Vote,
)

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.literals.grammar.words import Words

# Functions whose argument before the value names it.
_NAMED_BEFORE = listed(
    """get setdefault pop setattr object set_override set_default setitem __setitem__
    setenv StrOpt add_header set_config_override patch"""
)

_CLAIMS = {"sub": "subject"}  # of a JWT (RFC 7519)


def vote(module: Module, node: ast.expr) -> Vote | Positional | None:  # noqa: C901, PLR0911  one for each source
    """What the code around a value calls it."""
    match above := module.parent(node):
        case ast.keyword():
            return _keyword(module, above)
        case ast.Dict():
            return _in_dict(module, above, node)
        case ast.Assign() | ast.AnnAssign() | ast.NamedExpr():
            return _assigned(above, node)
        case ast.arguments():
            return _default(above, node)
        case ast.Compare():
            return _compared(above, node)
        case ast.Call():
            return _argument(module, above, node)
        case ast.List() | ast.Tuple() | ast.Set():
            return _element(module, above)
        case ast.IfExp() | ast.BoolOp() | ast.Starred() | ast.Await():
            return vote(module, above)
        case ast.For(target=ast.Name(id=name)) | ast.AsyncFor(target=ast.Name(id=name)):
            return _made(words.spoken(name), ELEMENT)
        case ast.Return():
            return _returned(module, above)
    return None


def _made(name: Words, rank: int) -> Vote | None:
    return Vote(name, rank) if name else None


def _keyword(module: Module, keyword: ast.keyword) -> Vote | None:
    call = module.parent(keyword)
    name = words.spoken(keyword.arg or "")
    if not words.is_specific(name) and isinstance(call, ast.Call):
        name = words.qualified(name, things.thing_called(module, call))
    return _made(name, KEYWORD)


def _in_dict(module: Module, holder: ast.Dict, node: ast.expr) -> Vote | None:
    if node not in holder.values:
        return None
    key = things.named_by_key(module, holder, node)
    if not key.replace("-", "_").replace(":", "_").isidentifier():
        return None
    name = words.spoken(_CLAIMS.get(key, key))
    if not words.is_specific(name):
        if isinstance(node, things.CONTAINERS) and name[:-1] and words.says_id(name):
            return None  # entity_ids of a server are those of others
        name = words.qualified(name, things.thing(module, holder))
    return _made(name, KEY)


def _assigned(
    above: ast.Assign | ast.AnnAssign | ast.NamedExpr, node: ast.expr
) -> Vote | None:
    target = above.targets[0] if isinstance(above, ast.Assign) else above.target
    return _target(target) if node is above.value else None


def _target(target: ast.expr) -> Vote | None:
    if isinstance(target, ast.Name):
        return _made(words.spoken(target.id), TARGET)
    if isinstance(target, ast.Attribute):
        return _made(things.name_of(target), ATTRIBUTE)
    return _made(things.name_of(target), KEY)


def _default(arguments: ast.arguments, node: ast.expr) -> Vote | None:
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(plain), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for arg, default in pairs:
        if default is node:
            return _made(words.spoken(arg.arg), DEFAULT)
    return None


def _compared(compare: ast.Compare, node: ast.expr) -> Vote | None:
    sides = [compare.left, *compare.comparators]
    if len(sides) != 2 or not isinstance(compare.ops[0], ast.Eq):  # noqa: PLR2004  a == b
        return None
    return _made(things.name_of(sides[sides[0] is node]), EQUAL)


def _argument(
    module: Module, call: ast.Call, node: ast.expr
) -> Vote | Positional | None:
    if node not in call.args:
        return None
    at = call.args.index(node)
    called = callee(call.func)
    if called in things.EQUALITIES:
        pair = things.is_pair(call, at) and "Not" not in called
        return _made(things.name_of(call.args[1 - at]), EQUAL) if pair else None
    if called in things.WRAPPERS:
        return vote(module, call)
    if called in _NAMED_BEFORE:
        return _named_before(call.args[at - 1]) if at else None
    if called in ("assertRaises", "assertRaisesRegex", "assert_raises"):
        return _called_later(call, at)
    starred = any(isinstance(arg, ast.Starred) for arg in call.args[:at])
    known = called and not starred and not _is_given(module, call)
    return Positional(called, at) if known else None


def _is_given(module: Module, call: ast.Call) -> bool:
    """Whether what is called is a parameter: a fixture gives what the name does not."""
    return isinstance(call.func, ast.Name) and any(
        call.func.id in parameters(above.args)
        for above in module.ancestors(call)
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _called_later(call: ast.Call, at: int) -> Positional | None:
    """``assertRaises(NotFound, self.show_node, '...')``: an argument of show_node."""
    ahead = next((n for n, arg in enumerate(call.args) if n and callee(arg)), at)
    if at <= ahead or any(isinstance(arg, ast.Starred) for arg in call.args[:at]):
        return None
    return Positional(callee(call.args[ahead]), at - ahead - 1)


def _named_before(before: ast.expr) -> Vote | None:
    text = before.value if isinstance(before, ast.Constant) else None
    if isinstance(text, str) and text.isidentifier():
        return _made(words.spoken(text), KEY)
    return None


def _element(module: Module, holder: ast.expr) -> Vote | None:
    above = module.parent(holder)
    if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Tuple):
        return None
    if isinstance(holder, ast.Tuple) and isinstance(above, things.CONTAINERS):
        return None  # a row of different things
    if _is_mixed(holder):
        return None
    found = vote(module, holder)
    if not isinstance(found, Vote) or found.rank == EQUAL:
        return None
    if _is_list(holder) and not words.is_of_many(found.words):
        return None  # routing_table
    return Vote(words.singular(found.words), ELEMENT)


def _is_mixed(holder: ast.expr) -> bool:
    """Whether a list has strings that are no values: a command, or different things."""
    elements = holder.elts if isinstance(holder, things.CONTAINERS) else []
    texts = (each.value for each in elements if isinstance(each, ast.Constant))
    return any(isinstance(text, str) and kind_of(text) is None for text in texts)


def _is_list(holder: ast.expr) -> bool:
    """Whether it holds things of one kind; an address before its port is no list."""
    return not isinstance(holder, ast.Tuple) or all(
        not isinstance(each, ast.Constant) or isinstance(each.value, str)
        for each in holder.elts
    )


def _returned(module: Module, above: ast.Return) -> Vote | None:
    """``def fake_image_id(): return '...'``: a function with a name of the kind."""
    name = things.made_by(module, above)
    ends = name[-1:] in (("id",), ("uuid",), ("ip",), ("address",), ("cidr",))
    return Vote(name, ELEMENT) if ends else None
