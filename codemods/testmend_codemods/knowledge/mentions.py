"""Where a file mentions a name without reading it: strings, doctests, parameters.

Test runners and patches look names up by such mentions, so they count as uses.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.facts import callee
from testmend_codemods.knowledge import commented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.source import Module

_WORD = re.compile(r"[^\W\d]\w*")
_DOCTEST = re.compile(r"^[ \t]*(?:>>>|\.\.\.)[ ](.*)$", re.MULTILINE)
_COMMENTED = re.compile(
    rb"^[ \t]*#[ \t#]*(?:(?:await|return|assert|with|yield)[ ]|[\w.]+[ ]?=[ ]?)?"
    rb"([A-Za-z_]\w*)(?:\.\w+)*\(.*\)[ \t]*\r?$",
    re.MULTILINE,
)
_LOOKUP = re.compile(
    r"attr|delay|eval|exec|fixture|import|item|lookup|mock|module|multiple|object|param"
    r"|patch|replace|spy|stub|swap",
    re.IGNORECASE,
)
_RUNS = re.compile(r"(?:^|[._])(?:call|check_call|check_output|Popen|run)$")
_PATH = re.compile(r"[\w.:]+")
_PATCH = re.compile(r"patch|setattr|delattr|mock|import", re.IGNORECASE)
_TYPE_COMMENT = re.compile(rb"#[ \t]*type:(.*)")


class Mentions:
    """The words of one file that stand outside its code."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def reason(self, name: str) -> str:
        """The reason code for keeping a name that is mentioned; empty if it is not."""
        found: dict[str, Callable[[], bool]] = {
            "parameter": lambda: name in self.parameters,
            "exported": lambda: name in self.exported,
            "in-string": lambda: self._in_string(name),
            "in-doctest": lambda: name in self._doctest_words,
            "in-type-comment": lambda: name in self._type_comment_words,
            "in-comment": lambda: name in self._commented_words,
        }
        return next((reason for reason, holds in found.items() if holds()), "")

    def has_path(self, dotted: str) -> bool:
        """Whether a string holds a dotted name (or the start of a longer one)."""
        path = re.compile(rf"(?<![\w.]){re.escape(dotted)}(?!\w)")
        return any(path.search(text) for text in self.strings)

    def is_reference(self, name: str) -> bool:
        """Whether a string may be meant to look the name up, prose and code apart.

        A dotted path that holds the word (a patch target), unless it leads elsewhere.
        The mere word is a key, compared, or anybody's argument more often than not: it
        has to stand elsewhere, or be given to what looks names up. Code in a string has
        names of its own, unless the file runs it, and then it looks names up.
        """
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return any(
            _PATH.fullmatch(text)
            and word.search(text)
            and (text != name or self._is_free(name))
            and not self._leads_elsewhere(text, name)
            for text in self.strings
        )

    def _leads_elsewhere(self, text: str, name: str) -> bool:
        """Whether a dotted path leads to the name in another module than this file.

        ``"shop.client.time"`` is what the client has, and a patch of ``"time.sleep"``
        imports the module itself.
        """
        parts = re.split(r"[.:]", text)
        if len(parts) == 1 or not all(each.isidentifier() for each in parts):
            return False
        own = PurePosixPath(self._module.path).stem
        if any(after == name and ahead == own for ahead, after in pairwise(parts)):
            return False
        return parts[0] != name or all(
            isinstance(holder := self._module.parent(each), ast.Call)
            and _PATCH.search(callee(holder.func))
            for each in self._module.strings.get(text, ())
        )

    def _is_free(self, text: str) -> bool:
        """Whether a string stands where it may be a name that is looked up."""
        found = (e for e in self._module.nodes(ast.Constant) if e.value == text)
        holders = ((each, self._module.parent(each)) for each in found)
        return not all(
            isinstance(holder, ast.Subscript | ast.Compare)
            or (isinstance(holder, ast.Dict) and each in holder.keys)
            or self._is_of_words(each, holder)
            or (
                isinstance(holder, ast.Call) and not _LOOKUP.search(callee(holder.func))
            )
            or self._is_of_command(holder)
            or self._is_of_module(each, holder)
            for each, holder in holders
        )

    def _is_of_words(self, word: ast.Constant, holder: ast.AST | None) -> bool:
        """``ignored = ["time", "day"]``, where the file has nothing called ``day``."""
        elements = getattr(holder, "elts", ())
        others = {e.value for e in elements if isinstance(e, ast.Constant)} - {
            word.value
        }
        return bool(others) and not any(
            isinstance(each, str) and self._module.scopes.is_bound_anywhere(each)
            for each in others
        )

    def _is_of_command(self, holder: ast.AST | None) -> bool:
        """``["sleep", "5"]`` of ``run(["sleep", "5"])``."""
        given = self._module.parent(holder) if isinstance(holder, ast.List) else None
        return isinstance(given, ast.Call) and bool(_RUNS.search(callee(given.func)))

    def _is_of_module(self, name: ast.expr, holder: ast.AST | None) -> bool:
        """``setattr(client, "time", fake)``, where the file imports another module."""
        if not isinstance(holder, ast.Call) or holder.args[1:2] != [name]:
            return False
        root = holder.args[0]
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return False
        own = PurePosixPath(self._module.path).stem
        bindings = self._module.scopes.bindings(root.id, root)
        return bool(bindings) and all(
            isinstance(each.node, ast.alias)
            and each.node.name.rpartition(".")[2] not in (own, "sys", "*")
            for each in bindings
        )

    # -- the words -------------------------------------------------------------

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of all parameters: each may ask for a pytest fixture."""
        return frozenset(arg.arg for arg in self._module.nodes(ast.arg))

    @cached_property
    def strings(self) -> frozenset[str]:
        """All strings but docstrings and other strings that are statements."""
        return frozenset(text for text, prose in self._texts() if not prose)

    @cached_property
    def exported(self) -> frozenset[str]:
        """The words of whatever is done with ``__all__``."""
        found = set()
        for name in self._module.nodes(ast.Name):
            if name.id == "__all__":
                for holder in self._module.ancestors(name):
                    if isinstance(holder, ast.stmt):
                        found |= set(_names(holder))
                        break
        return frozenset(found)

    def _in_string(self, name: str) -> bool:
        word = rf"(?<!\w){re.escape(name)}(?!\w)"
        return re.search(word, self._all_strings) is not None

    @cached_property
    def _all_strings(self) -> str:
        return "\n".join(sorted(self.strings))

    @cached_property
    def _doctest_words(self) -> frozenset[str]:
        return frozenset(
            word
            for text, prose in self._texts()
            if prose
            for line in _DOCTEST.findall(text)
            for word in _WORD.findall(line)
        )

    @cached_property
    def _type_comment_words(self) -> frozenset[str]:
        return frozenset(
            word
            for text in _TYPE_COMMENT.findall(self._module.utf8)
            for word in _WORD.findall(text.decode())
        )

    @cached_property
    def _commented_words(self) -> frozenset[str]:
        """What code reads that is switched off: ``# debug_logger()``."""
        found = _COMMENTED.findall(self._module.utf8)
        words = commented.names(self._module.text)
        off = commented.names("".join(map(_hashed, self._texts_switched_off())))
        return words.union(off, (word.decode() for word in found))

    def _texts_switched_off(self) -> Iterator[str]:
        """Strings that are statements and no docstrings, or all that a function does.

        Of one line they are remarks.
        """
        for node in self._module.nodes(ast.Constant):
            if not isinstance(node.value, str) or "\n" not in node.value:
                continue
            statement = self._module.parent(node)
            if not isinstance(statement, ast.Expr):
                continue
            holder = self._module.parent(statement)
            body = getattr(holder, "body", [])
            alone = len(body) == 1 and not isinstance(holder, ast.Module | ast.ClassDef)
            if alone or statement not in body[:1]:
                yield node.value

    def _texts(self) -> Iterator[tuple[str, bool]]:
        """Each string, and whether it is a statement of its own (a docstring)."""
        for node in self._module.nodes(ast.Constant):
            value = node.value
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            if isinstance(value, str):
                yield value, isinstance(self._module.parent(node), ast.Expr)


def _hashed(text: str) -> str:
    """A text as comments of their own lines."""
    return "".join(f"# {line}\n" for line in text.splitlines())


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _WORD.findall(node.value)
