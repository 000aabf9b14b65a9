"""What one file tells the others: the facts that the project's index is made of."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping  # noqa: TC003  the cache reads facts by their types
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from testmend.names import member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.source import Module

_FILE = re.compile(r"(?:.*[/\\])?(\w[\w.-]*\.py)(?:\s[\s\S]*)?")  # and its arguments
_QUOTED_FILE = re.compile(r"[\"'/\\](\w[\w.-]*\.py)(?=[\"'\s])")
_FROM = re.compile(
    r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import\b[ \t]*(\([^)]*\)|(?:[^\n#;\\]|\\\n)+)",
    re.MULTILINE,
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#;]+)", re.MULTILINE)
_COMMENT = re.compile(r"#[^\n]*|[()\\]")
_CHAIN = re.compile(r"[^\W\d]\w*(?:[ \t]*\.[ \t]*[^\W\d]\w*)+")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")


class Import(NamedTuple):
    """One imported name.

    ``import a.b`` is ``("a.b", "", bound="a")``; ``from a import b as c`` is
    ``("a", "b", bound="c")``; ``from a import *`` is ``("a", "*", bound="")``.
    ``module`` keeps its leading dots when the import is relative.
    """

    module: str
    name: str
    bound: str

    @property
    def dotted(self) -> str:
        """The full name of what is imported; of a star import the module."""
        return member(self.module, "" if self.name == "*" else self.name)

    @property
    def is_of_library(self) -> bool:
        """Whether it comes from the standard library."""
        return self.module.partition(".")[0] in sys.stdlib_module_names


class ClassFacts(NamedTuple):
    """A class at module level: its bases as written, and the names its body binds."""

    bases: tuple[str, ...]
    methods: tuple[str, ...]
    decorators: tuple[str, ...] = ()


class FunctionFacts(NamedTuple):
    """A function anywhere in the file: its parameters and decorators, as written."""

    parameters: tuple[str, ...]
    decorators: tuple[str, ...]
    owner: str = ""  # the class it is a method of


class ModuleFacts(Struct, frozen=True):
    """The facts of one file.

    ``attributes``: dotted reads as written (``helpers.FOO``), the longest chains only,
    and those by name (``getattr(helpers, "FOO")``).
    ``strings``: strings that look like a dotted name (targets of ``patch``).
    ``files``: names of Python files that strings name, without their folders.
    ``constants``: module-level names bound once to a string literal.
    ``data``: module-level names bound to another literal: a number, a list, a dict.
    ``exported``: the words of ``__all__``; None where there is none.
    """

    path: str
    imports: tuple[Import, ...] = ()
    attributes: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    functions: Mapping[str, tuple[FunctionFacts, ...]] = field(default_factory=dict)
    classes: Mapping[str, ClassFacts] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    data: frozenset[str] = frozenset()
    exported: frozenset[str] | None = None

    def sources(self, name: str) -> list[Import]:
        """Where the module itself has a name from."""
        return [each for each in self.imports if each.bound == name]


def collect(module: Module) -> ModuleFacts:
    """The facts of a parsed file."""
    return ModuleFacts(
        path=module.path,
        imports=tuple(_imports(module)),
        attributes=frozenset(_attributes(module)),
        strings=frozenset(
            text for text in module.strings if "." in text and _DOTTED.fullmatch(text)
        ),
        files=frozenset(
            found[1]
            for text in module.strings
            if ".py" in text and (found := _FILE.fullmatch(text))
        ),
        functions=_functions(module),
        classes=_classes(module.tree),
        constants=_constants(module.tree),
        data=frozenset(
            name for name, value in _assigned(module.tree) if _is_data(value)
        ),
        exported=_exported(module.tree),
    )


def glimpsed(path: str, text: str) -> ModuleFacts:
    """What the text of a file shows that can't be parsed: what it imports and reads.

    Of its strings and comments, too: too much is better than too little.
    """
    imports = [
        Import(origin, name, "" if name == "*" else bound)
        for origin, names in _FROM.findall(text)
        for name, bound in _named(names)
    ]
    for names in _IMPORT.findall(text):
        imports += [
            Import(name, "", name.partition(".")[0] if bound == name else bound)
            for name, bound in _named(names)
        ]
    chains = frozenset(re.sub(r"[ \t]", "", each) for each in _CHAIN.findall(text))
    files = frozenset(_QUOTED_FILE.findall(text))
    return ModuleFacts(
        path, tuple(imports), attributes=chains, strings=chains, files=files
    )


def _named(names: str) -> Iterator[tuple[str, str]]:
    """The names of an import, each with the one that it is bound to."""
    for each in _COMMENT.sub("", names).split(","):
        words = each.split()
        if words:
            yield words[0], words[-1]


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for a chain of attributes on a name, else an empty string."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    parts.reverse()
    return intern(".".join(parts))  # most stand in many files


def callee(function: ast.expr) -> str:
    """The last name of what is called: ``c`` for ``a.b().c``; empty where none is."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def parameters(args: ast.arguments) -> tuple[str, ...]:
    """The names of parameters, positional ones first; without ``*`` and ``**``."""
    names = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return tuple(arg.arg for arg in names)


def _imports(module: Module) -> Iterator[Import]:
    for plain in module.nodes(ast.Import):
        for alias in plain.names:
            bound = alias.asname or alias.name.partition(".")[0]
            yield Import(alias.name, "", bound)
    for node in module.nodes(ast.ImportFrom):
        origin = "." * node.level + (node.module or "")
        for alias in node.names:
            bound = "" if alias.name == "*" else alias.asname or alias.name
            yield Import(origin, alias.name, bound)


def _attributes(module: Module) -> Iterator[str]:
    found = module.nodes(ast.Attribute)
    inner = {node.value for node in found}
    outer = [node for node in found if node not in inner]
    # Most are of two names, and of few different ones.
    short = {
        (node.value.id, node.attr) for node in outer if node.value.__class__ is ast.Name
    }
    for owner, name in short:
        yield intern(f"{owner}.{name}")
    for node in outer:
        if node.value.__class__ is ast.Attribute:
            chain = dotted(node)
            if chain:
                yield chain
    for call in module.nodes(ast.Call):
        if call.args:
            yield from _named_attributes(call)


def _named_attributes(call: ast.Call) -> Iterable[str]:
    """``helpers.FOO`` for ``getattr(helpers, "FOO")`` and whatever is called like it.

    And for ``multiple(helpers, FOO=...)``, which patches several at once.
    """
    name = getattr(call.args[1], "value", None) if len(call.args) > 1 else None
    names = [name] if isinstance(name, str) and name.isidentifier() else []
    if getattr(call.func, "attr", "") == "multiple":
        names += [each.arg for each in call.keywords if each.arg]
    if not names:
        return ()
    owner = call.args[0]
    text = getattr(owner, "value", None)
    chain = text if isinstance(text, str) else dotted(owner)
    return [f"{chain}.{each}" for each in names] if chain else ()


def decorators(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> tuple[str, ...]:
    """The dotted names of decorators, with or without arguments."""
    return tuple(
        dotted(item.func if isinstance(item, ast.Call) else item)
        for item in node.decorator_list
    )


def _functions(module: Module) -> dict[str, tuple[FunctionFacts, ...]]:
    found: dict[str, tuple[FunctionFacts, ...]] = {}
    nodes: list[ast.FunctionDef | ast.AsyncFunctionDef] = [
        *module.nodes(ast.FunctionDef),
        *module.nodes(ast.AsyncFunctionDef),
    ]
    for node in nodes:
        above = module.parent(node)
        owner = above.name if isinstance(above, ast.ClassDef) else ""
        facts = _function(parameters(node.args), decorators(node), owner)
        found[node.name] = (*found.get(node.name, ()), facts)
    return found


@lru_cache(1024)
def _function(
    names: tuple[str, ...], decorators: tuple[str, ...], owner: str
) -> FunctionFacts:
    """One value for all tests of a class: they are many."""
    return FunctionFacts(names, decorators, owner)


def _classes(tree: ast.Module) -> dict[str, ClassFacts]:
    return {
        node.name: ClassFacts(
            tuple(dotted(base) for base in node.bases),
            tuple(
                item.name
                for item in node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            ),
            decorators(node),
        )
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif (
            isinstance(node, ast.AnnAssign | ast.AugAssign)
            and node.value
            and isinstance(node.target, ast.Name)
        ):
            yield node.target.id, node.value


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in _assigned(tree):
        if name in seen:
            found.pop(name, None)
        elif isinstance(value, ast.Constant) and isinstance(value.value, str):
            found[name] = value.value
        seen.add(name)
    return found


def _is_data(value: ast.expr) -> bool:
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    if isinstance(value, ast.Constant):
        return not isinstance(value.value, str) and value.value is not None
    return isinstance(value, ast.List | ast.Tuple | ast.Dict | ast.Set)


def _exported(tree: ast.Module) -> frozenset[str] | None:
    values = [value for name, value in _assigned(tree) if name == "__all__"]
    if not values:
        return None
    return frozenset(
        node.value
        for value in values
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
