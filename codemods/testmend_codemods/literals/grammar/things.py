"""What expressions stand for: ``server['id']`` is a server's id.

And the thing that a dict or an object stands for which is made here: by its variable,
its keyword, its key in a dict around it, or the callee that gets it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.facts import callee
from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.values import kind_of
from testmend_codemods.literals.grammar.vocabulary import listed

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.literals.grammar.words import Words

EQUALITIES = listed(
    """assertEqual assertEquals assertNotEqual assertIs assertCountEqual
    assertItemsEqual assert_equal eq_ assertListEqual assertThat assertIn assertNotIn"""
)
# Calls that only wrap what goes to another place.
WRAPPERS = listed(
    """str text_type six.text_type unicode dict Mock MagicMock AsyncMock NonCallableMock
    SimpleNamespace Namespace deepcopy copy list tuple set frozenset OrderedDict
    PropertyMock FakeObject FakeResource"""
)
# Methods whose receiver says what they make.
_BARE_METHODS = listed(
    """create get save update new build make delete show list from_dict load __init__
    find obj_from_primitive add remove get_by_id get_by_uuid filter filter_by one first
    assert_called_once_with assert_called_with assert_any_call assert_has_calls
    return_value"""
)
CONTAINERS = (ast.List, ast.Tuple, ast.Set)


def key_of(key: ast.expr | None) -> str:
    """What a key of a dict says: a string, or a constant (``consts.IMAGE_ID``)."""
    if isinstance(key, ast.Constant):
        return key.value if isinstance(key.value, str) else ""
    name = callee(key) if key is not None else ""
    return name if name.isupper() else ""


def named_by_key(module: Module, holder: ast.Dict, node: ast.expr) -> str:
    """What the key of a value in a dict calls it.

    A key that is a value itself, or a constant of the file that holds one, is no name.
    """
    key = holder.keys[holder.values.index(node)]
    said = key_of(key)
    if isinstance(key, ast.Name) and said in module.once(_value_names):
        return ""
    return "" if kind_of(said) else said


def _value_names(module: Module) -> frozenset[str]:
    """The constants of a file that hold values."""
    found: set[str] = set()
    for node in module.tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))
            ) if kind_of(text):
                found.add(name)
    return frozenset(found)


def name_of(expr: ast.expr) -> Words:
    """What an expression calls its value: ``server['id']`` is a server's id."""
    match expr:
        case ast.Name(id=name):
            return words.spoken(name)
        case ast.Attribute(value=holder, attr="return_value"):
            return _mocked(holder)
        case ast.Attribute(value=holder, attr=name):
            return _part(words.spoken(name), holder)
        case ast.Subscript(value=holder, slice=ast.Constant(value=str(name))):
            return _part(words.spoken(name), holder)
        case ast.Call(
            func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]
        ):
            return words.spoken(name)
    return ()


def _mocked(function: ast.expr) -> Words:
    """``get_image_id.return_value`` is an image id; other callees don't say."""
    name = words.split(callee(function))
    while name and name[0] in ("mock", "get", "fake", "m"):
        name = name[1:]
    ends = name[-1:] in (("id",), ("uuid",), ("ip",), ("address",), ("cidr",))
    return name if ends and words.is_specific(name) else ()


def _part(name: Words, holder: ast.expr) -> Words:
    if words.is_specific(name) or callee(holder) == "sentinel":  # of mock
        return name
    if isinstance(holder, ast.Subscript) and isinstance(holder.slice, ast.Constant):
        key = holder.slice.value
        if isinstance(key, str):
            return words.qualified(name, words.owner(key))
        holder = holder.value
        many = words.owner(callee(holder))
        return words.qualified(name, words.singular(many))
    return words.qualified(name, words.owner(callee(holder)))


def thing(module: Module, node: ast.expr) -> Words:  # noqa: PLR0911  one for each form
    """What a dict or an object that is made here stands for."""
    above = module.parent(node)
    match above:
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
            return _thing_named(target)
        case ast.keyword():
            return _thing_of_keyword(module, above)
        case ast.Dict():
            return _thing_of_key(module, above, node)
        case ast.List() | ast.Tuple() | ast.Set():
            return words.singular(thing(module, above))
        case ast.Return():
            return made_by(module, above)
        case ast.Call():
            return _thing_of_argument(module, above, node)
    return ()


def made_by(module: Module, statement: ast.Return) -> Words:
    """What the function that returns here makes, by its name."""
    for holder in module.ancestors(statement):
        if isinstance(holder, ast.FunctionDef | ast.AsyncFunctionDef):
            return words.owner(holder.name, callee=True)
    return ()


def is_pair(call: ast.Call, at: int) -> bool:
    """Whether an argument is the expected or the observed value of an assertion."""
    return at < 2 <= len(call.args)  # noqa: PLR2004  expected and observed


def _thing_of_keyword(module: Module, keyword: ast.keyword) -> Words:
    call = module.parent(keyword)
    own = words.owner(keyword.arg or "")
    if own or not isinstance(call, ast.Call):
        return own
    return thing_called(module, call)


def _thing_of_key(module: Module, holder: ast.Dict, node: ast.expr) -> Words:
    if node not in holder.values:
        return ()
    key = named_by_key(module, holder, node)
    return words.owner(key) if key.isidentifier() else thing(module, holder)


def _thing_of_argument(module: Module, call: ast.Call, node: ast.expr) -> Words:
    if node not in call.args:
        return ()
    at = call.args.index(node)
    if callee(call.func) in EQUALITIES:
        return _thing_named(call.args[1 - at]) if is_pair(call, at) else ()
    return thing_called(module, call)


def _thing_named(target: ast.expr) -> Words:
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        text = target.slice.value
        return words.owner(text) if isinstance(text, str) else ()
    return words.owner(callee(target))


def thing_called(module: Module, call: ast.Call) -> Words:
    """What a call makes or gets, by the name of the callee."""
    called = callee(call.func)
    if called in WRAPPERS:
        return thing(module, call)
    if called in _BARE_METHODS and isinstance(call.func, ast.Attribute):
        receiver = call.func.value
        if called.startswith("assert_"):
            return words.owner(callee(receiver).removeprefix("mock_"), callee=True)
        name = callee(receiver)
        return words.owner(name) if name[:1].isupper() else ()
    return words.owner(called, callee=True)
