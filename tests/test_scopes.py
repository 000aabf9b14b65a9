"""Names refer to the bindings that Python would find for them."""

from __future__ import annotations

import ast
import symtable
import sys
import sysconfig
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pysource_codegen import generate
from uninlined import Generators

from testmend.source import Module, parse

if TYPE_CHECKING:
    from testmend.namespaces import Scope
    from testmend.scopes import Scopes

Row = tuple[int, str, tuple[tuple[str, str], ...]]

_TABLES = ("function", "class")  # newer Pythons have tables for annotations too
_KINDS = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
_NAMES: dict[type[ast.AST], str] = {
    ast.Lambda: "lambda",
    ast.ListComp: "listcomp",
    ast.SetComp: "setcomp",
    ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}


def _module(source: str) -> Module:
    return parse("tests/test_x.py", source.encode())


def _qualified(source: str) -> list[str | None]:
    """What each name or attribute chain marked by a call of ``use`` refers to."""
    module = _module(source)
    return [
        module.scopes.qualified(call.args[0])
        for call in sorted(module.nodes(ast.Call), key=module.start)
        if isinstance(call.func, ast.Name) and call.func.id == "use"
    ]


def _unread(source: str) -> list[str]:
    scopes = _module(source).scopes
    return [each.target for each in scopes.imports if not scopes.is_read(each)]


QUALIFIED = {
    "plain": ("import time\nuse(time.sleep)", "time.sleep"),
    "alias": ("import time as t\nuse(t.sleep)", "time.sleep"),
    "from": ("from time import sleep\nuse(sleep)", "time.sleep"),
    "from-alias": ("from time import sleep as zz\nuse(zz)", "time.sleep"),
    "submodule": ("import os.path\nimport os.abc\nuse(os.path.join)", "os.path.join"),
    "submodule-alias": ("import os.path as p\nuse(p.join)", "os.path.join"),
    "relative": ("from . import base\nuse(base.T)", ".base.T"),
    "relative-deep": ("from ..unit import base\nuse(base)", "..unit.base"),
    "not-imported": ("def sleep(): ...\nuse(sleep)", None),
    "unbound": ("use(sleep)", None),
    "call": ("import a\nuse(a().b)", None),
    "in-function": ("import time\ndef f():\n    use(time)", "time"),
    "local-import": ("def f():\n    import time\n    use(time)", "time"),
    "other-function": ("def f():\n    import time\ndef g():\n    use(time)", None),
    "parameter": ("import time\ndef f(time):\n    use(time)", None),
    "parameter-elsewhere": ("import time\ndef f(time): ...\nuse(time)", "time"),
    "default": ("import time\ndef f(time=use(time)): ...", "time"),
    "lambda": ("import time\nlambda time: use(time)", None),
    "lambda-default": ("import time\nlambda time=use(time): 1", "time"),
    "decorator": ("import time\n@use(time)\ndef f(time): ...", "time"),
    "rebound-later": ("import time\ndef f():\n    use(time)\n    time = 1", None),
    "rebound-globally": ("import time\nuse(time)\ntime = 1", None),
    "deleted": ("import time\nuse(time)\ndel time", None),
    "twice-the-same": ("import a\nif 1:\n    import a\nuse(a)", "a"),
    "twice-different": ("try:\n import a\nexcept E:\n import b as a\nuse(a)", None),
    "global": ("def f():\n global a\n import a\ndef g():\n use(a)", "a"),
    "global-rebound": ("import a\ndef f():\n global a\n a = 1\nuse(a)", None),
    "class": ("class C:\n import a\n use(a)", "a"),
    "class-hidden": ("class C:\n import a\n def f(self):\n  use(a)", None),
    "class-both": ("import a\nclass C:\n import a\n use(a)", "a"),
    "comprehension": ("import a\n[use(a) for a in a]", None),
    "comprehension-first": ("import a\n[a for a in use(a)]", "a"),
    "comprehension-second": ("import a\n[a for a in b for b in use(a)]", None),
    "walrus": ("import a\n[(a := 1) for _ in b]\nuse(a)", None),
    "match": ("import a\nmatch b:\n case {'k': a}:\n  use(a)", None),
    "match-rest": ("import a\nmatch b:\n case {**a}:\n  use(a)", None),
    "match-star": ("import a\nmatch b:\n case [*a]:\n  use(a)", None),
    "handler": ("import a\ntry: ...\nexcept E as a:\n use(a)", None),
    "declared-only": ("import a\ndef f():\n a: int\n use(a)", None),
    "star-later": ("import a\nfrom b import *\nuse(a)", None),
    "star-before": ("from b import *\nimport a\nuse(a)", "a"),
    "star-only": ("from a import *\nuse(a)", None),
}


@pytest.mark.parametrize(("source", "expected"), QUALIFIED.values(), ids=QUALIFIED)
def test_the_dotted_name_that_an_expression_refers_to(
    source: str, expected: str | None
) -> None:
    assert _qualified(source) == [expected]


UNREAD = {
    "never-read": ("import a", ["a"]),
    "read": ("import a\na", []),
    "attribute-of-another": ("import a\nb.a", ["a"]),
    "read-in-function": ("import a\ndef f(): a", []),
    "shadowed-in-function": ("import a\ndef f(a): a", ["a"]),
    "local-unread": ("import a\ndef f():\n import a\n a", ["a"]),
    "nonlocal": ("def f():\n import a\n def g():\n  nonlocal a\n  a", []),
    "nonlocal-bound": ("def f():\n a = 1\n def g():\n  nonlocal a\n  import a\n a", []),
    "deleted": ("import a\ndel a", []),
    "augmented": ("import a\na += 1", []),
    "annotation": ("import a\nx: a.B", []),
    "annotation-string": ("import a\ndef f(x: 'a.B'): ...", []),
    "annotation-nested": ("import a\ndef f() -> \"L['a.B']\": ...", []),
    "annotation-part": ("import a\nx: Dict[str, 'a.B']", []),
    "annotation-no-code": ("import a\nx: 'a, but not'", ["a"]),
    "annotation-of-its-own-name": ("import a\nclass C:\n a: a", []),
    "annotation-of-a-local": ("import a\ndef f():\n x: a = 1", []),
    "annotation-in-a-class": ("class C:\n import a\n def f(self, x: a): ...", []),
    "plain-string": ("import a\nx = 'a'", ["a"]),
    "f-string": ("import a\nf'{a}'", []),
    "class-attribute": ("import a\nclass C:\n a = a", []),
    "class-base": ("import a\nclass C(a.B): ...", []),
    "keyword-name": ("import a\nf(a=1)", ["a"]),
    "comprehension": ("import a\n[1 for _ in x if a]", []),
    "submodule": ("import a.b\na.c", []),
    "match-value": ("import a\nmatch x:\n case a.B: ...", []),
    "match-class": ("import a\nmatch x:\n case a.B(): ...", []),
    "except": ("import a\ntry: ...\nexcept a.B: ...", []),
    "star": ("from a import *", []),
}


@pytest.mark.parametrize(("source", "expected"), UNREAD.values(), ids=UNREAD)
def test_imports_that_nothing_reads(source: str, expected: list[str]) -> None:
    assert _unread(source) == expected


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters: Python 3.12")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import T\ndef f[T](x: T): ...", ["T"]),
        ("import T\ndef f[T](x=T): ...", []),
        ("import T\n@T\ndef f[T](): ...", []),
        ("import T\nclass C[T](B[T]): ...", ["T"]),
        ("import T\nclass C[S: T]: ...", []),
        ("import T\ntype X[T] = list[T]", ["T"]),
        ("import T\ntype X = list[T]", []),
        ("import T\nclass C:\n T = int\n type X = T", []),
    ],
)
def test_type_parameters_have_a_scope_of_their_own(
    source: str, expected: list[str]
) -> None:
    assert _unread(source) == expected


def test_names_that_are_bound_or_mentioned_anywhere() -> None:
    scopes = _module("import a\ndef f(b):\n    global c\n    return d\n").scopes

    assert [scopes.is_bound_anywhere(name) for name in "abcdef"] == [
        *(True, True, True),
        *(False, False, True),
    ]
    assert scopes.is_mentioned("d")
    assert not scopes.is_mentioned("e")


def test_bindings_seen_from_a_place() -> None:
    module = _module("import a\ndef f(a):\n    pass\n")
    inside = module.nodes(ast.Pass)[0]

    assert [each.kind for each in module.scopes.bindings("a", inside)] == ["parameter"]
    kinds = [each.kind for each in module.scopes.bindings("a", module.tree)]
    assert kinds == ["import"]
    assert [each.kind for each in module.scopes.all_bindings("a")] == [
        "import",
        "parameter",
    ]


def _ours(module: Module) -> Counter[Row]:
    """Each scope's line and name, and for each of its names where it lives."""
    scopes = module.scopes
    nodes = [node for kind in _KINDS for node in module.nodes(kind)]
    return Counter(_row(scopes, _inner(scopes, node)) for node in nodes)


def _inner(scopes: Scopes, node: ast.AST) -> Scope:
    if isinstance(node, ast.Lambda):
        return scopes.scope(node.body)
    if isinstance(node, ast.DictComp):
        return scopes.scope(node.key)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return scopes.scope(node.elt)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return scopes.scope(node.body[0])
    raise AssertionError(node)


def _row(scopes: Scopes, scope: Scope) -> Row:
    names = _symbols(scopes, scope)
    node = scope.node
    name = str(_NAMES.get(type(node)) or getattr(node, "name", ""))
    line: int = getattr(node, "lineno", 0)
    return line, name, tuple(sorted(names.items()))


def _symbols(scopes: Scopes, scope: Scope) -> dict[str, str]:
    """Where the names used in a scope live: ``local``, ``free`` or ``global``."""
    found = {}
    for name in {*scopes._sites, *scopes._reads}:  # noqa: SLF001  all names there are
        if "__" in name:  # mangled in classes
            continue
        reads = scopes._reads.get(name, ())  # noqa: SLF001
        read = any(scopes.scope(r) is scope for r in reads if r not in scopes._quoted)  # noqa: SLF001
        known = scopes._resolve(name)  # noqa: SLF001
        bound = scope in known.by_scope
        if not (read or bound or scope in known.declared):
            continue
        if bound:
            found[name] = "local"
        else:
            seen = scopes._visible(name, scope)  # noqa: SLF001
            free = bool(seen) and seen[0].scope.kind != "module"
            found[name] = "free" if free else "global"
    return found


def _theirs(source: str) -> Counter[Row]:
    found: Counter[Row] = Counter()
    stack = [symtable.symtable(source, "x", "exec")]
    while stack:
        table = stack.pop()
        stack.extend(table.get_children())
        if str(getattr(table.get_type(), "value", table.get_type())) not in _TABLES:
            continue
        names = {}
        for symbol in table.get_symbols():
            name = symbol.get_name()
            used = symbol.is_referenced() or symbol.is_assigned()
            used = used or symbol.is_imported() or symbol.is_parameter()
            if "__" in name or name.startswith(".") or not used:
                continue
            where = "free" if symbol.is_free() else "global"
            names[name] = "local" if symbol.is_local() else where
        found[table.get_lineno(), table.get_name(), tuple(sorted(names.items()))] += 1
    return found


def _without(targets: set[str], rows: Counter[Row]) -> Counter[Row]:
    """The rows without walrus targets in comprehensions: Pythons show them or not."""
    found: Counter[Row] = Counter()
    for (line, name, symbols), count in rows.items():
        inside = name in _NAMES.values() and name != "lambda"
        left = tuple(each for each in symbols if not inside or each[0] not in targets)
        found[line, name, left] += count
    return found


def _check(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if sys.version_info >= (3, 12):  # its symtable shows no other comprehension
            source = ast.unparse(Generators().visit(ast.parse(source)))
        module = _module(source)
        targets = {each.target.id for each in module.nodes(ast.NamedExpr)}
        theirs = _without(targets, _theirs(source))
        ours = _without(targets, _ours(module))
    assert ours - theirs == theirs - ours


REAL = ["ast", "dataclasses", "typing", "inspect", "enum"]


@pytest.mark.parametrize("name", REAL)
def test_scopes_agree_with_symtable_on_the_standard_library(name: str) -> None:
    path = Path(sysconfig.get_paths()["stdlib"]) / f"{name}.py"
    path = path if path.exists() else path.with_suffix("") / "__init__.py"
    _check(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", range(30))
def test_scopes_agree_with_symtable_on_generated_programs(seed: int) -> None:
    _check(generate(seed, node_limit=300, depth_limit=8))
