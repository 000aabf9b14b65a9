"""Whether a file is meant to run on Pythons where the helper does not."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from testmend.errors import SourceError
from testmend.facts import dotted
from testmend.source import parse
from testmend_codemods.knowledge.testcode import is_test_module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.index import Index
    from testmend.source import Module

_FIRST_3 = 3
_VERSIONS = frozenset({"sys.version_info", "_sys.version_info", "version_info"})

# Modules of Python 2, and where Python 3 has them.
_OF_PYTHON_2 = {
    "BaseHTTPServer": "http",
    "ConfigParser": "configparser",
    "Cookie": "http",
    "HTMLParser": "html",
    "Queue": "queue",
    "SimpleHTTPServer": "http",
    "SocketServer": "socketserver",
    "StringIO": "io",
    "__builtin__": "builtins",
    "cPickle": "pickle",
    "cStringIO": "io",
    "cookielib": "http",
    "httplib": "http",
    "urllib2": "urllib",
    "urlparse": "urllib",
    "xmlrpclib": "xmlrpc",
}
_IMPORTED = re.compile(r"^(?:from|import) +(\w+)", re.MULTILINE)
_NAMES_OF_PYTHON_2 = re.compile(  # as they are there, not what is called so here
    r"""^from[ ](?:
        types[ ]import[ ].*(?<!as[ ])\b(?:(?:Boolean|Class|Dict|File|Float|Instance|Int
            |List|Long|String|Tuple|Type|Unicode)Type|StringTypes)\b
      | itertools[ ]import[ ].*(?<!as[ ])\b(?:ifilter(?:false)?|imap|izip(?:_\w+)?)\b
      | string[ ]import[ ].*(?<!as[ ])\b(?:join|letters|lower|lowercase|maketrans)\b
      | urllib[ ]import[ ].*(?<!as[ ])\b(?:(?:un)?quote(?:_plus)?|urlopen|urlencode
            |urlretrieve|pathname2url|url2pathname)\b
    )""",
    re.VERBOSE | re.MULTILINE,
)
_CALLS_OF_PYTHON_2 = re.compile(
    r"(?<![\w.])urllib\.(?:(?:un)?quote(?:_plus)?|url(?:open|encode|retrieve))\("
)
_BUILTINS_OF_PYTHON_2 = re.compile(
    r"^[^#\n]*?(?<![\w.\"'])(?:xrange\(|basestring\b(?!\s*=))", re.MULTILINE
)
_ASKS_WHICH = re.compile(  # or binds them itself
    r"version_info|PY2|PY3|NameError|\bsix\b|compat|import[ ].*(?:basestring|xrange)"
    r"|def[ ]xrange|(?:basestring|xrange)\s*="
)
_URLLIB = re.compile(r"^import urllib\s*$", re.MULTILINE)
_SYNTAX_OF_PYTHON_2 = re.compile(
    r"""^[ \t]*(?:print(?:[ ]+["'%\w]|[ ]*>>) | exec[ ]["'\w]
        | except[ ].*\w[ ]*,[ ]*\w+:)""",
    re.VERBOSE | re.MULTILINE,
)
# Found sooner than those.
_SOURCES = ("from types", "from itertools", "from string", "from urllib")
_HINTS = [
    re.compile(each) for each in ("print [^(]", "print ?>", "exec ", "except .*,")
]
_COMPAT = frozenset({"compat", "_compat", "py3compat", "compatibility"})
_IN_COMPAT = re.compile(
    r"PY2|PY3|x?range|unicode|basestring|u|b|to?_?bytes|(?:get|ensure)_(?:bytes|str\w*)"
    r"|string_types|text_type|iter(?:items|values|keys)|izip|StringIO|urlparse"
)
# What only MicroPython and CircuitPython have, and how their tests say that they skip.
_ON_BOARDS = re.compile(
    rb"""[.](?:ticks_(?:ms|us|diff)|sleep_(?:ms|us))\( | ["'](?:micro|circuit)python["']
    | ^[ \t]*(?:import|from)[ ]+(?:micropython|utime|uasyncio|pyb)\b
    | print\(["']SKIP["']\)\s+raise[ ]SystemExit""",
    re.VERBOSE | re.MULTILINE,
)


def others(module: Module, *, helper: bool) -> Iterator[str]:
    """The reasons to leave a file alone that also runs on other Pythons.

    ``helper``: whether the new code needs a file of its own. Tests of MicroPython go to
    a board alone.
    """
    if helper and runs_on_python_2(module):
        yield "python-2"
    if _ON_BOARDS.search(module.utf8):
        yield "micropython"


def runs_on_python_2(module: Module) -> bool:
    """Whether a file asks if it runs on Python 2 (``sys.version_info[0] < 3``).

    Or takes there what Python 3 has (``from builtins import str``, ``from
    shop.compat import range``). Mere traces of older days (``six``, ``from
    __future__``) are not asking.
    """
    if any(
        _takes_over(each)
        for each in module.tree.body
        if isinstance(each, ast.ImportFrom)
    ):
        return True
    if b"version_info" not in module.utf8 and b"PY2" not in module.utf8:
        return False
    named = (*module.nodes(ast.Name), *module.nodes(ast.Attribute))
    if any(dotted(each).rpartition(".")[2] == "PY2" for each in named):
        return True
    return any(_asks(each) for each in module.nodes(ast.Compare))


def is_for_python_2(index: Index, path: str) -> bool:
    """Whether a file, one beside it or one that it imports is for Python 2 alone.

    ``from Queue import Queue``, not in a ``try``, where nothing comes from ``queue``;
    ``print "so"`` in a module that is imported, or of tests.
    """
    facts = index.facts(path)
    names = {each.module for each in facts.imports} if facts else set()
    imported = {place for each in names if (place := index.locate(each, path))}
    beside = _by_folder(index.paths)[path.rpartition("/")[0]]
    return any(_is_old(index, each) for each in (*beside, *sorted(imported)))


@lru_cache(maxsize=1)
def _by_folder(paths: frozenset[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return folders


def _is_old(index: Index, path: str) -> bool:
    text = index.text(path) or ""
    said = _old_words(text)
    if any(index.locate(each, path) is None for each in said.modules):
        return True
    if said.names:
        return True
    return said.syntax and bool(is_test_module(path) or index.importers(path))


class _Said(NamedTuple):
    """What only Python 2 has and a text uses: modules, other names, syntax."""

    modules: frozenset[str]
    names: bool
    syntax: bool


@lru_cache(maxsize=500)  # every file of a folder asks about all others
def _old_words(text: str) -> _Said:
    tops = set(_IMPORTED.findall(text))
    old = tops & _OF_PYTHON_2.keys()
    alone = frozenset(each for each in old if _OF_PYTHON_2[each] not in tops)
    names = any(each in text for each in _SOURCES) and _NAMES_OF_PYTHON_2.search(text)
    calls = _URLLIB.search(text) and _CALLS_OF_PYTHON_2.search(text)
    builtins = any(each in text for each in ("xrange", "basestring"))
    builtins = builtins and not _ASKS_WHICH.search(text)
    own = builtins and _BUILTINS_OF_PYTHON_2.search(text)
    hints = any(each.search(text) for each in _HINTS)
    syntax = hints and _SYNTAX_OF_PYTHON_2.search(text) and not _parses(text)
    return _Said(alone, bool(names or calls or own), bool(syntax))


def _parses(text: str) -> bool:
    try:
        parse("", text.encode())
    except SourceError:
        return False
    return True


def _takes_over(each: ast.ImportFrom) -> bool:
    """Whether a statement imports what Python 2 has not, or has by another name."""
    if each.module in ("builtins", "past.builtins"):
        return True
    if (each.module or "").rpartition(".")[2] not in _COMPAT:
        return False
    return any(_IN_COMPAT.fullmatch(alias.name) for alias in each.names)


def _asks(compare: ast.Compare) -> bool:
    left, right = compare.left, compare.comparators[0]
    if isinstance(left, ast.Subscript):
        if not _is_version(left.value):
            return False
        match left.slice:
            case ast.Constant(value=0):
                return isinstance(right, ast.Constant) and right.value in (2, _FIRST_3)
            case ast.Slice():
                return _is_2_or_3(right)
        return False
    if dotted(left).endswith("version_info.major"):
        return isinstance(right, ast.Constant) and right.value in (2, _FIRST_3)
    return _is_version(left) and _is_2_or_3(right)


def _is_version(node: ast.expr) -> bool:
    """Whether an expression is Python's version: other modules have one, too."""
    return dotted(node) in _VERSIONS


def _is_2_or_3(node: ast.expr) -> bool:
    """Whether a tuple is a version 2, or the first of 3: ``(2, 7)``, ``(3,)``."""
    if not isinstance(node, ast.Tuple) or not node.elts:
        return False
    parts = [
        each.value if isinstance(each, ast.Constant) else None for each in node.elts
    ]
    return parts[0] == 2 or (parts[0] == _FIRST_3 and not any(parts[1:]))  # noqa: PLR2004  version 2
