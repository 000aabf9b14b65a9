"""Whether a file looks names up at run time, so that a name may be used unseen."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.facts import callee

if TYPE_CHECKING:
    from testmend.namespaces import Binding
    from testmend.source import Module

_FUNCTIONS = ("eval", "exec", "execfile", "globals", "locals", "vars", "dir")
_ATTRIBUTES = frozenset({"f_globals", "f_locals", "__globals__"})
_MODULES = frozenset({"timeit"})
_OF_OBJECTS = ("vars", "dir")
_OWN = re.compile(r"[.:](\w+)")
_GETS_MODULE = re.compile(r"import|module|resolve|^get$|patch|members")
_LOADERS = re.compile(
    rb"sys\.modules|\bsys import\b|__import__|_module\b|\.module\b|\bmodule_from_spec\b"
)


def looks_names_up(
    module: Module, *, by_others: bool = True, local: bool = True
) -> bool:
    """Whether the file reads names that only a run can tell.

    ``eval`` and ``exec`` (unless a dict is written out for them), ``timeit``,
    ``globals()``, ``locals()`` (unless for a text that is written out), ``vars()``,
    ``dir()`` (unless of an object that is no module), frames, and any use of
    ``__name__`` but the usual ones (the main guard, loggers, the docstring).
    ``by_others``: also whatever
    gets ``__name__``, which need not be asked for a module that sleeps. ``local``: also
    those of a function, which is all that ``locals()`` tells within one.
    """
    scopes, names = module.scopes, module.nodes(ast.Name)
    own = {name for name in _FUNCTIONS if not scopes.is_bound_anywhere(name)}
    if any(
        node.id in own
        and not _only_writes(module, node)
        and not _fills_text(module, node)
        and not _has_own_names(module, node)
        and not _is_of_object(module, node)
        and (local or node.id != "locals" or not is_in_function(module, node))
        for node in names
    ):
        return True
    if any(node.attr in _ATTRIBUTES for node in module.nodes(ast.Attribute)):
        return True
    if any(each.target.partition(".")[0] in _MODULES for each in scopes.imports):
        return True
    return any(
        node.id == "__name__"
        and not _is_usual(module, node)
        and (by_others or not _is_given(module, node))
        for node in names
    )


def is_in_function(module: Module, node: ast.AST) -> bool:
    """Whether a function is around a node, however far above it."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(each, kinds) for each in module.ancestors(node))


def _is_given(module: Module, name: ast.Name) -> bool:
    """``environment(__name__)``, but not ``import_module(__name__)``."""
    call = module.parent(name)
    if not isinstance(call, ast.Call) or name not in call.args:
        return False
    return not _GETS_MODULE.search(callee(call.func))


def _only_writes(module: Module, name: ast.Name) -> bool:
    """``globals()[x] = y`` or ``globals().update(...)``: no name is looked up."""
    call = module.parent(name)
    holder = module.parent(call) if isinstance(call, ast.Call) else None
    if isinstance(holder, ast.Subscript):
        return holder.value is call and isinstance(holder.ctx, ast.Store)
    if not isinstance(holder, ast.Attribute) or holder.attr != "update":
        return False
    statement = module.parent(used) if (used := module.parent(holder)) else None
    return isinstance(statement, ast.Expr)


def _fills_text(module: Module, name: ast.Name) -> bool:
    """``"%(lane)s" % locals()``: the names are in the text, where strings are read."""
    call = module.parent(name)
    whole = module.parent(call) if isinstance(call, ast.Call) else None
    if isinstance(whole, ast.BinOp) and isinstance(whole.op, ast.Mod):
        text = whole.left
        return whole.right is call and _is_text(text)
    # ``"{lane}".format(**locals())``
    formatted = module.parent(whole) if isinstance(whole, ast.keyword) else None
    return (
        isinstance(formatted, ast.Call)
        and isinstance(formatted.func, ast.Attribute)
        and formatted.func.attr == "format"
        and _is_text(formatted.func.value)
    )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _has_own_names(module: Module, name: ast.Name) -> bool:
    """``eval(text, {"x": 1})``: it sees no names but those of the dict."""
    call = module.parent(name)
    given = call.args[1:2] if isinstance(call, ast.Call) and call.func is name else []
    return name.id in ("eval", "exec") and any(isinstance(e, ast.Dict) for e in given)


def _is_of_object(module: Module, name: ast.Name) -> bool:
    """``dir(x)`` or ``vars(x)`` of an object that can't be this module.

    ``self``, a class of the file, what a function has just assigned, or a module by
    another name, in a file that gets no modules at run time. A parameter may be any
    module.
    """
    call = module.parent(name)
    if (
        name.id not in _OF_OBJECTS
        or not isinstance(call, ast.Call)
        or len(call.args) != 1
        or not isinstance(call.args[0], ast.Name)
        or _LOADERS.search(module.utf8)
    ):
        return False
    seen = module.scopes.bindings(call.args[0].id, call.args[0])
    return bool(seen) and all(_is_object(module, each) for each in seen)


def _is_object(module: Module, binding: Binding) -> bool:
    if isinstance(binding.node, ast.ClassDef):
        return True
    if isinstance(binding.node, ast.alias):
        stem = PurePosixPath(module.path).stem
        return binding.node.name.rpartition(".")[2] not in (stem, "*")
    if binding.kind == "parameter":
        return binding.name in ("self", "cls")
    statement = module.parent(binding.node)
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)


def _is_usual(module: Module, name: ast.Name) -> bool:
    """``__name__ == "__main__"``, ``getLogger(__name__)``, ``x[__name__].__doc__``.

    The last one reads nothing but the docstring, and a module that is only given to
    ``setattr`` is not read at all. Nor is it by what a function or class says of itself
    (``task.__module__ = __name__``), or is called (``f"{__name__}.task"``).
    """
    holder = module.parent(name)
    if isinstance(holder, ast.Subscript):
        read = module.parent(holder)
        docstring = isinstance(read, ast.Attribute) and read.attr == "__doc__"
        return docstring or _is_only_set(module, holder)
    if isinstance(holder, ast.Compare):
        return True
    if isinstance(holder, ast.Assign):  # ``task.__module__ = __name__``
        return all(getattr(e, "attr", "") == "__module__" for e in holder.targets)
    if isinstance(holder, ast.FormattedValue):
        return _names_own(module, holder)
    if isinstance(holder, ast.Call) and name in holder.args:
        return "log" in callee(holder.func).lower()
    return False


def _names_own(module: Module, value: ast.FormattedValue) -> bool:
    """``f"{__name__}.entry"``, where ``entry`` is a function or class of the file."""
    whole = module.parent(value)
    parts = whole.values if isinstance(whole, ast.JoinedStr) else []
    rest = parts[parts.index(value) + 1 :]
    text = getattr(rest[0], "value", None) if rest else None
    found = _OWN.match(text) if isinstance(text, str) else None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = (each.name for each in module.tree.body if isinstance(each, kinds))
    return found is not None and found[1] in defined


def _is_only_set(module: Module, value: ast.expr) -> bool:
    """``setattr(sys.modules[__name__], x, y)``, or of a name that is assigned to."""
    above = module.parent(value)
    if isinstance(above, ast.Call):
        return callee(above.func) == "setattr" and above.args[0] is value
    if not (isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name)):
        return False
    name = above.targets[0].id
    reads = [
        node
        for node in module.nodes(ast.Name)
        if node.id == name and isinstance(node.ctx, ast.Load)
    ]
    return all(
        isinstance(call := module.parent(node), ast.Call)
        and callee(call.func) == "setattr"
        and call.args[0] is node
        for node in reads
    )
