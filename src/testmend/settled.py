"""Constants that keep their value for good, as far as the project's texts tell.

A name of a module may be set from anywhere: by an assignment to the attribute, by a
patch that names it, with the whole module replaced. Whoever takes ``fakes.IMAGE_ID``
for its value has to know that nobody does. Texts are searched, not parsed, since all
files of a project are asked; what only looks like such an assignment counts as one.
"""

from __future__ import annotations

import ast
import contextlib
import re
from typing import TYPE_CHECKING

from testmend.errors import SourceError
from testmend.names import declarations, sites
from testmend.source import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_LINE = re.compile(
    r"""^(_?[A-Z][A-Z0-9_]*) *= *(['"])([^'"\\\r\n]*)\2[ \t]*(?:#.*)?\r?$""",
    re.MULTILINE,
)
_OPEN = re.compile(rb"\bglobals\(|\b__dict__\b|\bexec\(|sys\.modules")
_ROOM = 50_000_000  # bytes of files that are kept once they were read
_TARGETS = rb"[\w., \t*()\[\]\\]*"


class Constants:
    """The string constants of a project's files.

    ``paths`` are all its Python files; ``read`` gives the bytes of one, and raises
    `SourceError`. Without it there are no constants.
    """

    def __init__(
        self, paths: frozenset[str], read: Callable[[str], bytes] | None
    ) -> None:
        self._paths = paths
        self._read = read or (lambda _path: b"")
        self._texts: dict[str, bytes] = {}
        self._room = _ROOM
        self._of: dict[str, dict[str, str]] = {}
        self._settled: dict[tuple[str, str], str] = {}
        self._replaced: dict[str, frozenset[str]] = {}

    def of(self, path: str) -> Mapping[str, str]:
        """What looks like the constants of a file: the value by name."""
        if path not in self._of:
            with contextlib.suppress(UnicodeDecodeError):
                text = self._data(path).decode()
                self._of[path] = {match[1]: match[3] for match in _LINE.finditer(text)}
        return self._of.setdefault(path, {})

    def settled(self, path: str, name: str, stem: str) -> str:
        """The assignment of a constant that keeps its value, and that others read.

        ``stem`` is the last part of its module's name. Empty: it is not certain.
        """
        asked = path, name
        if asked not in self._settled:
            made = _statement(self._data(path), name)
            others = self._paths - {path}
            if made and (
                self._replacing(stem) - {path}
                or not _is_shared(stem, name, map(self._data, others))
            ):
                made = ""
            self._settled[asked] = made
        return self._settled[asked]

    def _replacing(self, stem: str) -> frozenset[str]:
        """The files that may put another module in the place of one of that name."""
        if stem not in self._replaced:
            module = re.escape(stem.encode())
            pattern = re.compile(rb"(?:['\"][\w.]+\.|modules\[['\"])%s['\"]" % module)
            quoted = re.compile(rb"%s['\"]" % module)  # its end, and quicker
            self._replaced[stem] = frozenset(
                path
                for path in self._paths
                if stem.encode() in (data := self._data(path))
                and quoted.search(data)
                and pattern.search(data)
            )
        return self._replaced[stem]

    def _data(self, path: str) -> bytes:
        """The bytes of a file; none where it can't be read.

        They are asked for again and again, and kept while they are few.
        """
        data = self._texts.get(path)
        if data is None:
            try:
                data = self._read(path) if path in self._paths else b""
            except SourceError:
                data = b""
            if self._room >= len(data):
                self._room -= len(data)
                self._texts[path] = data
        return data


def _statement(data: bytes, name: str) -> str:
    """The assignment that alone makes a constant of a module; empty: not certain."""
    try:
        module = parse("", data)
    except SourceError:
        return ""
    made = [node for node in module.tree.body if isinstance(node, ast.Assign)]
    own = [node for node in made if _target(node) == name]
    bound = len(sites(module).get(name, ())) + len(declarations(module).get(name, ()))
    starred = any(alias.name == "*" for alias in module.nodes(ast.alias))
    if len(own) != 1 or bound != 1 or starred or _OPEN.search(data):
        return ""
    value = own[0].value
    plain = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return ast.unparse(own[0]) if plain else ""


def _target(node: ast.Assign) -> str:
    match node.targets:
        case [ast.Name(id=name)]:
            return name
    return ""


def _is_shared(stem: str, name: str, files: Iterable[bytes]) -> bool:
    """Whether other files read a constant of a module, and none may set it.

    ``stem`` is the last part of the module's name, ``files`` are the bytes of all other
    files of the project. A constant that nobody reads is no established one: what a run
    has just made is not taken by the next run.
    """
    word, module = re.escape(name.encode()), re.escape(stem.encode())
    imports = re.compile(
        rb"\bfrom[ \t]+[\w.]*\b" + module + rb"[ \t]+import\b"
        rb"(?:[ \t]*\([^)]*?|[^\n(]*?)\b" + word + rb"\b"
    )
    alias = re.compile(rb"\b" + module + rb"[ \t]+as[ \t]+(\w+)")
    sets = _setting(word)
    read = False
    for data in files:
        if name.encode() not in data:
            continue
        if sets.search(data) and _sets(data, name):
            return False
        names = b"|".join({module, *alias.findall(data)})
        reads = rb"\b(?:" + names + rb")\." + word + rb"\b"
        read = read or re.search(reads, data) is not None
        read = read or imports.search(data) is not None
    return read


def _setting(word: bytes) -> re.Pattern[bytes]:
    """What a text looks like that sets a name of a module; others do, too.

    One of several targets is looked for where a blank stands ahead of the equals sign:
    there is none in calls, which are many.
    """
    return re.compile(
        rb"\." + word + rb"\b[ \t)\]]*(?:[-+*/|&^%@]|//|\*\*|<<|>>)?=(?!=)"
        rb"|\." + word + rb"\b" + _TARGETS + rb"[ \t)\]]=(?!=)"
        rb"|[(,]\s*" + word + rb"[ \t]*=(?!=)"
        rb"|['\"](?:[\w.]*\.)?" + word + rb"['\"]"
        rb"|\b(?:as|del|for)\b" + _TARGETS + rb"\." + word + rb"\b"
    )


def _sets(data: bytes, name: str) -> bool:
    """Whether a file may set an attribute of that name: itself, or by its name.

    Attributes of ``self`` and of classes are others.
    """
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=owner, attr=attr, ctx=ast.Store() | ast.Del()):
                if attr == name and not _is_object(owner):
                    return True
            case ast.keyword(arg=arg) if arg == name:
                return True
            case ast.Constant(value=str(text)):
                if text == name or text.endswith(f".{name}"):
                    return True
    return False


def _is_object(owner: ast.expr) -> bool:
    return isinstance(owner, ast.Name) and (
        owner.id in ("self", "cls") or owner.id[:1].isupper()
    )
