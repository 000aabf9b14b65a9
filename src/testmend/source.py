"""One Python file: its bytes, its text, its tree, and the way between their offsets."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from testmend.errors import SourceError
from testmend.model import Range
from testmend.nodes import walked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.nodes import Walked
    from testmend.scopes import Scopes
    from testmend.suppress import Suppressions

N = TypeVar("N", bound=ast.AST)
T = TypeVar("T")

MAX_BYTES = 2 * 1024 * 1024
UNREADABLE = frozenset(
    {"too-large", "encoding", "null-byte", "too-deep", "newer-syntax", "syntax-error"}
)
"""The reasons of `parse`: they depend on a file's bytes alone."""
_BOM = b"\xef\xbb\xbf"
_NEWER = re.compile(
    r"^[ \t]*(?:(?:(?:async[ ]+)?def|class)[ ]+\w+\[|type[ ]+\w+.*=)"
    r"|(?<!\w)[rR]?[fFtT][rR]?[\"']",
    re.MULTILINE,
)


class Comment(Struct, frozen=True):
    """A comment: 1-based line, offset of its ``#``, text with the ``#``."""

    line: int
    start: int
    text: str


class Module:
    """A file and its tree. Made by `parse`; what follows from it when first asked for.

    ``path`` is relative to the project's root, ``data`` the bytes on disk, ``utf8`` the
    text in UTF-8 without byte order mark: the space in which all offsets count.
    """

    def __init__(self, path: str, data: bytes, text: str, encoding: str) -> None:
        self.path = path
        self.data = data
        self.text = text
        self.encoding = encoding
        self.utf8 = text.encode()
        self._made: dict[Callable[[Module], Any], Any] = {}

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises `SourceError`, if `parse` has not seen it yet."""
        return _parse(self.path, self.text)

    # -- offsets ---------------------------------------------------------------

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the start of each line (index 0: line 1), as ``ast`` counts them.

        Lines end at LF, CRLF and lone CR, and at nothing else (form feeds don't).
        """
        lines = self.utf8.splitlines(keepends=True)  # of bytes: at these ends only
        return [0, *accumulate(map(len, lines))]

    def offset(self, line: int, column: int) -> int:
        """The offset of an ``ast`` position (1-based line, column in UTF-8 bytes)."""
        return self.line_starts[line - 1] + column

    def start(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> int:
        """The offset of the first byte of a node (a decorator is not part of it)."""
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> int:
        """The offset after the last byte of a node."""
        if node.end_lineno is None or node.end_col_offset is None:
            raise AssertionError(ast.dump(node))
        return self.offset(node.end_lineno, node.end_col_offset)

    def source(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> str:
        """The text of a node, as it stands in the file."""
        return self.utf8[self.start(node) : self.end(node)].decode()

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds an offset."""
        return bisect_right(self.line_starts, offset)

    def line_start(self, line: int) -> int:
        """The offset of the start of a 1-based line; past the last: the end."""
        if line > len(self.line_starts):
            return len(self.utf8)
        return self.line_starts[line - 1]

    def line_text(self, line: int) -> str:
        """A 1-based line without its line end."""
        raw = self.utf8[self.line_start(line) : self.line_start(line + 1)]
        return raw.rstrip(b"\r\n").decode()

    def indent(self, line: int) -> str:
        """The white space at the start of a 1-based line."""
        text = self.line_text(line)
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def range(self, start: int, end: int) -> Range:
        """The 1-based lines and columns (characters) of ``[start, end)``."""
        first, last = self.line_of(start), self.line_of(end)
        return Range(first, self._column(first, start), last, self._column(last, end))

    def range_of(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> Range:
        """The range of a node."""
        return self.range(self.start(node), self.end(node))

    def _column(self, line: int, offset: int) -> int:
        return len(self.utf8[self.line_start(line) : offset].decode()) + 1

    # -- the tree --------------------------------------------------------------

    @cached_property
    def _walk(self) -> Walked:
        return walked(self.tree)

    def nodes(self, kind: type[N]) -> list[N]:
        """All nodes of exactly this type, in source order (decorators after bodies)."""
        return self._walk[0].get(kind, [])  # type: ignore[return-value]  # keyed by type

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that holds this one; None for the module."""
        return self._walk[1].get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parent, its parent, ... up to the module."""
        parents = self._walk[1]
        while (above := parents.get(node)) is not None:
            yield above
            node = above

    @cached_property
    def strings(self) -> dict[str, list[ast.Constant]]:
        """All string constants by what they say; pieces of f-strings are among them.

        A file says most of its strings many times: look at each text once.
        """
        found: dict[str, list[ast.Constant]] = {}
        for node in self.nodes(ast.Constant):
            value = node.value
            if value.__class__ is str:
                found.setdefault(value, []).append(node)
        return found

    @cached_property
    def scopes(self) -> Scopes:
        """Which binding each name refers to."""
        from testmend.scopes import Scopes  # noqa: PLC0415  scopes build on modules

        return Scopes(self)

    @cached_property
    def suppressions(self) -> Suppressions:
        """The suppression comments of the file."""
        from testmend import suppress  # noqa: PLC0415  suppressions build on modules

        return suppress.find(self)

    def once(self, compute: Callable[[Module], T]) -> T:
        """What a function makes of this module, made once."""
        if compute not in self._made:
            self._made[compute] = compute(self)
        made: T = self._made[compute]
        return made

    def release(self) -> None:
        """Let go of what was computed, which refers to this module.

        Without that circle the tree is freed with its last user, and its memory used
        again for the next one.
        """
        self._made.clear()
        for name in ("scopes", "suppressions", "_walk"):
            self.__dict__.pop(name, None)

    # -- tokens ----------------------------------------------------------------

    @cached_property
    def comments(self) -> list[Comment]:
        """Every comment of the file. Tokenizing is slow: ask only where needed."""
        found = []
        lines = [
            self.line_text(number) for number in range(1, len(self.line_starts) + 1)
        ]
        stream = io.StringIO("".join(f"{line}\n" for line in lines), newline="\n")
        for token in tokenize.generate_tokens(stream.readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                ahead = len(lines[line - 1][:column].encode())
                found.append(Comment(line, self.offset(line, ahead), token.string))
        return found

    @cached_property
    def newline(self) -> str:
        """The file's most frequent line end."""
        crlf = self.utf8.count(b"\r\n")
        counts = {
            "\n": self.utf8.count(b"\n") - crlf,
            "\r\n": crlf,
            "\r": self.utf8.count(b"\r") - crlf,
        }
        return max(counts, key=lambda end: counts[end])


def parse(path: str, data: bytes) -> Module:
    """Decode and parse a file.

    Raises `SourceError` with the reason ``too-large``, ``encoding``, ``null-byte``,
    ``too-deep``, ``newer-syntax`` or ``syntax-error``.
    """
    module = decode(path, data)
    _ = module.tree
    return module


def decode(path: str, data: bytes) -> Module:
    """A file that is parsed when its tree is asked for.

    Raises `SourceError` with the reason ``too-large``, ``encoding`` or ``null-byte``.
    """
    if len(data) > MAX_BYTES:
        raise SourceError("too-large", f"{len(data)} bytes are more than {MAX_BYTES}")
    if b"\0" in data:
        raise SourceError("null-byte", "the file holds a null byte")
    text, encoding = _decode(data)
    return Module(path, data, text, encoding)


def to_bytes(original: bytes, encoding: str, text: str) -> bytes:
    """``text`` as it is written in a file like ``original``: its mark, its encoding.

    Raises `SourceError` (``encoding``) for a character that the encoding lacks.
    """
    bom = _BOM if original.startswith(_BOM) else b""
    try:
        return bom + text.encode(encoding)
    except UnicodeEncodeError as error:
        raise SourceError("encoding", str(error)) from None


def _decode(data: bytes) -> tuple[str, str]:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = data.removeprefix(_BOM).decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise SourceError("encoding", f"cannot be decoded: {error}") from None
    if to_bytes(data, encoding, text) != data:
        raise SourceError("encoding", f"{encoding} does not give the same bytes back")
    return text, encoding


def _parse(path: str, text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Not the bytes: their cookie would be obeyed, of text it is not.
            return ast.parse(text, path)
    except SyntaxError as error:
        said = f"line {error.lineno}: {error.msg}"
        if "too many nested" in str(error):
            raise SourceError("too-deep", said) from None
        if _is_newer(text, error.lineno or 0):
            own = ".".join(map(str, sys.version_info[:2]))
            said += f" (it needs a newer Python than {own}, which runs testmend)"
            raise SourceError("newer-syntax", said) from None
        raise SourceError("syntax-error", said) from None
    except (RecursionError, MemoryError):
        raise SourceError("too-deep", "nested too deeply to be parsed") from None
    except ValueError as error:
        raise SourceError("syntax-error", str(error)) from None


def _is_newer(text: str, line: int) -> bool:
    """Whether a file that this Python can't parse is one for a later version.

    It has type parameters, an alias of a type or a string with replacement fields, and
    LibCST, which knows the syntax of all versions, can parse it. It also takes Python
    2's ``except A, e:`` for that of 3.14, where it means something else.
    """
    lines = text.splitlines()[line - 1 : line]
    if not _NEWER.search(text) or any(each.lstrip()[:6] == "except" for each in lines):
        return False
    import libcst  # noqa: PLC0415  slow

    try:
        libcst.parse_module(text)
    except (libcst.ParserSyntaxError, RecursionError):
        return False
    except libcst.CSTLogicError:  # it has read the text, but makes no tree of it
        return True
    return True
