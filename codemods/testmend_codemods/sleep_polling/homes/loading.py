"""What the import of the helper would run that a file has not run before."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.facts import callee, dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.index import Index

_FROM = re.compile(r"from (\w[\w.]*) import ")
# Calls of an ``__init__.py`` that only set up the package itself.
_HARMLESS = re.compile(
    r"^(?:warnings|logging|logger|log|sys|os\.environ|pkg_resources|register_assert\w*)"
    r"(?:\.|$)|(?:^|\.)(?:declare_namespace|extend|append|update|insert|setdefault|add"
    r"|register_assert_rewrite|addHandler|simplefilter|filterwarnings)$"
)
_DEFINES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def loads_more(index: Index, path: str, place: str, statement: str) -> bool:
    """Whether an import runs a package that does something and is not loaded by then.

    ``from fleet.tests import waits`` in a file that is no part of ``fleet`` itself, and
    imports it nowhere or in a function, where ``fleet/__init__.py`` calls something.
    """
    named = _FROM.match(statement)
    if named is None:
        return False
    parts = named[1].split(".")
    folders = [*PurePosixPath(place).parents][: len(parts)][::-1]
    within = [*PurePosixPath(path).parents][: len(index.package(path))]
    text = index.text(path) or ""
    for depth, folder in enumerate(folders, 1):
        name = re.escape(".".join(parts[:depth]))
        loaded = re.search(rf"^(?:from|import)[ \t]+{name}\b", text, re.MULTILINE)
        own = index.text(f"{folder}/__init__.py")
        if own and not loaded and folder not in within and _acts(own):
            return True
    return False


@lru_cache(maxsize=256)
def _acts(text: str) -> bool:
    """Whether a module calls something for what the call does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError):
        return True
    return any(
        isinstance(each, ast.Expr)
        and isinstance(each.value, ast.Call)
        and not _is_harmless(each.value)
        for each in _run(body)
    )


def _is_harmless(call: ast.Call) -> bool:
    return _HARMLESS.search(dotted(call.func) or callee(call.func)) is not None


def _run(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run on import, those of blocks among them."""
    for each in body:
        yield each
        if not isinstance(each, _DEFINES):
            for name in ("body", "orelse", "finalbody"):
                yield from _run(getattr(each, name, ()))
