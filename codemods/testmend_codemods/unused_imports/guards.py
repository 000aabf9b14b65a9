"""What keeps an import that nothing reads, as far as its own file tells."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache, cached_property
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.knowledge.dropping import is_plain
from testmend_codemods.knowledge.files import (
    is_generated,
    is_package_file,
    is_test_data,
    is_vendored,
)
from testmend_codemods.knowledge.lines import knows_own_lines
from testmend_codemods.knowledge.lookups import looks_names_up
from testmend_codemods.knowledge.mentions import Mentions
from testmend_codemods.knowledge.testcode import holds_no_test
from testmend_codemods.unused_imports.collecting import (
    is_plainly_known,
    looks_collected,
)
from testmend_codemods.unused_imports.effects import is_settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from testmend.source import Module
    from testmend_codemods.unused_imports.candidates import Found

_WHOLE_FILE = re.compile(
    rb"^[ \t]*#[^\r\n]*?(?:(?:flake8|ruff)[:=][ \t]*noqa"
    rb"|pylint:[ \t]*(?:skip-file|disable=[^\r\n]*\b(?:unused-import|W0611|all)\b)"
    rb"|nopycln:[ \t]*file|(?:autoflake|unimport):[ \t]*skip_file)",
    re.MULTILINE | re.IGNORECASE,
)
_LINTER = re.compile(
    rb"noqa|pylint|nopycln|unimport|autoflake|type:|mypy|pyright|isort|pragma",
    re.IGNORECASE,
)
_ABOUT_IMPORTS = re.compile("import|available|installed", re.IGNORECASE)
_IMPORTING = re.compile(
    r"sys\.modules|\breload\b|\bimport_module\b|\b__import__\b"
    r"|[\"'][^\"'\n]*\b[Ii]mported\b"
)


class Guards:
    """The guards of one file. ``reason`` asks them in the order of their price."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._mentions = Mentions(module)

    def reason(self, found: Found) -> str:
        """The reason code of the first guard that keeps the import; empty if none."""
        reason = self._file or self._place(found) or self._comment(found)
        if reason or found.kind == "duplicate":
            return reason
        if found.kind == "submodule":
            path = found.alias.name
            return "in-string" if self._mentions.has_path(path) else ""
        return (
            self._name(found)
            or self._mentions.reason(found.binding.name)
            or self._path(found)
        )

    @cached_property
    def _file(self) -> str:
        """The first reason of the file as a whole."""
        module = self._module
        reasons: dict[str, Callable[[], object]] = {
            "package-file": lambda: is_package_file(module.path),
            "test-data": lambda: (
                is_test_data(module.path)
                or is_vendored(module.path)
                or _is_wrong(module.tree)
            ),
            "no-test": lambda: holds_no_test(module.path, module.utf8),
            "own-lines": lambda: module.once(knows_own_lines),
            "generated": lambda: module.once(is_generated),
            "linter-ignored": lambda: _WHOLE_FILE.search(module.utf8),
            "imports-only": lambda: _is_imports_only(module.tree),
            "dynamic": lambda: looks_names_up(module),
        }
        return next((code for code, holds in reasons.items() if holds()), "")

    def _place(self, found: Found) -> str:
        if not is_plain(self._module, found.alias):
            return "conditional"
        function = self._module.parent(found.statement)
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return ""
        tested = _tests_import(self._module, function)
        return "import-is-tested" if tested or self._is_told_of(found, function) else ""

    def _is_told_of(
        self, found: Found, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> bool:
        """Whether a function, or its class, says that it is about what it imports."""
        if is_settled(found.origin):
            return False
        if _names(self._module.parent(function), found.origin.partition(".")[0]):
            return True
        word = rf"(?<!\w){re.escape(found.binding.name)}(?!\w)"
        return re.search(word, ast.get_docstring(function) or "") is not None

    def _comment(self, found: Found) -> str:
        """A comment above, or on the statement, but for those beside other names."""
        module, statement = self._module, found.statement
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        if self._has_comment_above(first):
            return "comment"
        others = {alias.lineno for alias in statement.names} - {found.alias.lineno}
        for number in range(first, last + 1):
            start, end = module.line_start(number), module.line_start(number + 1)
            text = module.utf8[start:end]
            beside = number in others and first < number < last
            if b"#" in text and (not beside or _LINTER.search(text)):
                return "comment"
        return ""

    def _has_comment_above(self, line: int) -> bool:
        """Whether a comment stands right above that is not the head of the file."""
        above = line - 1
        while above >= 1 and self._module.line_text(above).lstrip().startswith("#"):
            above -= 1
        return 0 < above < line - 1

    def _name(self, found: Found) -> str:
        name = found.binding.name
        if found.alias.asname == found.alias.name:
            return "re-export"
        plain = is_plainly_known(found.origin, found.imported)
        return "collected" if looks_collected(name) and not plain else ""

    def _path(self, found: Found) -> str:
        """A module that code reaches by its dotted name, through another import."""
        path = f"{found.origin}.{found.imported}" if found.imported else found.origin
        if "." not in path.strip("."):
            return ""
        if self._mentions.has_path(path):
            return "in-string"
        if is_plainly_known(found.origin, found.imported):
            return ""
        if found.imported and not _may_be_module(path):
            return ""
        return "submodule-loader" if path in self._reads else ""

    @cached_property
    def _reads(self) -> frozenset[str]:
        """All dotted names that are read, as written, with all their beginnings."""
        found = set()
        for node in self._module.nodes(ast.Attribute):
            parts = []
            above: ast.expr = node
            while isinstance(above, ast.Attribute):
                parts.append(above.attr)
                above = above.value
            if isinstance(above, ast.Name):
                found.add(".".join([above.id, *reversed(parts)]))
        return frozenset(found)


def _is_wrong(tree: ast.Module) -> bool:
    """Whether a future import stands too late: such a file is wrong on purpose."""
    late = False
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            if late:
                return True
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            late = True
    return False


def _is_imports_only(tree: ast.Module) -> bool:
    """Whether a file exists for what it imports.

    So does one that only puts modules in the place of others besides.
    """
    rest = [node for node in tree.body if not _is_of_imports(node)]
    return all(map(_is_plain, rest)) and (not rest or any(map(_replaces, rest)))


def _is_of_imports(node: ast.stmt) -> bool:
    """An import, a docstring, or ``__all__``."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def _is_plain(node: ast.stmt) -> bool:
    constant = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    return constant or _replaces(node)


def _replaces(node: ast.stmt) -> bool:
    """``sys.modules["a.b"] = b``."""
    return isinstance(node, ast.Assign) and any(
        isinstance(each, ast.Subscript) and dotted(each.value) == "sys.modules"
        for each in node.targets
    )


def _names(holder: ast.AST | None, package: str) -> bool:
    """Whether a class has the name of a package: ``module_import = "PIL"``."""
    return isinstance(holder, ast.ClassDef) and any(
        isinstance(each, ast.Assign)
        and isinstance(each.value, ast.Constant)
        and each.value.value == package
        for each in holder.body
    )


def _tests_import(
    module: Module, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> bool:
    """Whether a function is there to show that something can be imported."""
    if _ABOUT_IMPORTS.search(function.name):
        return True
    if _IMPORTING.search(module.source(function)):
        return True
    return all(
        isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in function.body
    )


@cache
def _may_be_module(path: str) -> bool:
    """Whether a dotted name is a module, or may be; nothing is imported to tell."""
    root, *rest = path.split(".")
    if root not in sys.stdlib_module_names:
        return True
    spec = find_spec(root)
    for depth in range(len(rest)):
        if spec is None or spec.submodule_search_locations is None:
            return False
        name = ".".join((root, *rest[: depth + 1]))
        spec = PathFinder.find_spec(name, spec.submodule_search_locations)
    return spec is not None
