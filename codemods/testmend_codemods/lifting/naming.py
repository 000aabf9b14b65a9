"""Names for values, taken from the places where they are used.

Each use may vote for a name: the target of an assignment, a keyword, a key, an
attribute, a default's parameter, the other side of an assertion. A name that is too
general (``id``, ``address``) is qualified by its owner: ``Image(id=...)`` says
``IMAGE_ID``.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections import Counter
from typing import TYPE_CHECKING

from testmend.facts import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.source import Module
    from testmend_codemods.lifting.values import Kind

# The last word of a name that says its kind. The kinds share none, so that the
# codemods never choose the same name for two values.
SUFFIXES: dict[Kind, frozenset[str]] = {
    "uuid": frozenset({"id", "uuid", "guid", "ref"}),
    "ip": frozenset(
        {
            *("ip", "ipv4", "ipv6", "address", "addr", "host", "gateway", "cidr"),
            *("vip", "nexthop", "netmask", "nameserver", "server", "subnet"),
            *("network", "prefix", "endpoint", "hostname", "target", "destination"),
        }
    ),
}
NEUTRAL: dict[Kind, str] = {"uuid": "FAKE_UUID", "ip": "FAKE_IP"}
_SHORT: dict[Kind, str] = {"uuid": "UUID", "ip": "IP"}
_GENERIC = frozenset(
    {
        *("id", "uuid", "guid", "ref", "ip", "ipv4", "ipv6", "address", "addr", "host"),
        *("hostname", "cidr", "value", "name", "key", "network", "subnet", "prefix"),
        *("server", "target", "destination", "endpoint", "data", "body", "item", "x"),
        *("arg", "args", "param", "params", "val", "res", "ret", "a", "b", "i", "s"),
        *("fixed", "obj", "object", "self", "cls", "kwargs", "output", "response"),
        *("ip_address", "ip_addr", "resource_id", "resource_uuid", "text", "string"),
    }
)
_NOISE = frozenset(
    {"expected", "return", "value", "result", "results", "the", "my", "fake", "test"}
)
_VERBS = frozenset(
    {"create", "get", "make", "build", "new", "add", "update", "delete", "show", "find"}
)
_EQUALITY = re.compile(
    r"assert_?(?:not_?)?equals?s?|assert_?(?:count_?)?equal", re.IGNORECASE
)
_LONGEST = 32


def vote(module: Module, node: ast.Constant, kind: Kind) -> str:
    """The name that the place of a literal suggests; empty if it suggests none."""
    raw, owner = _suggestion(module, node)
    return _constant_name(raw, owner, kind)


def elect(votes: Iterable[str]) -> str:
    """The name that at least half of the votes are for; empty if none."""
    counted = Counter(each for each in votes if each)
    if not counted:
        return ""
    (name, count), *_ = counted.most_common(1)
    return name if 2 * count >= counted.total() else ""


def numbered(name: str, number: int) -> str:
    """``VOLUME_ID`` as the second of its kind: ``VOLUME2_ID``."""
    head, under, tail = name.rpartition("_")
    return f"{head}{number}{under}{tail}" if head else f"{name}{number}"


def _constant_name(raw: str, owner: str, kind: Kind) -> str:
    words = _words(raw)
    if not words:
        return ""
    if "_".join(words) in _GENERIC:
        ahead = [word for word in _words(owner) if word not in _VERBS]
        if not ahead or "_".join(ahead) in _GENERIC:
            return ""
        words = ahead if words[-1] == "value" else [*ahead, *words]
    if words[-1] not in SUFFIXES[kind]:
        words.append(_SHORT[kind].lower())
    deduplicated = [w for i, w in enumerate(words) if i == 0 or words[i - 1] != w]
    name = "_".join(deduplicated).upper()
    usable = name.isidentifier() and not keyword.iskeyword(name) and name.isascii()
    return name if usable and len(name) <= _LONGEST and "_" in name else ""


def _words(raw: str) -> list[str]:
    tail = re.split(r"[.:/\[\]]", raw)[-1]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", tail)
    words = [word for word in re.split(r"[^A-Za-z0-9]+|_", spaced.lower()) if word]
    kept = [word for word in words if word not in _NOISE]
    return [] if kept and kept[0][0].isdigit() else kept


def _suggestion(  # noqa: PLR0911  one case for each place
    module: Module, node: ast.Constant
) -> tuple[str, str]:
    """A raw name and what owns it."""
    parent = module.parent(node)
    match parent:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return _target(target)
        case ast.keyword(arg=str(name)):
            call = module.parent(parent)
            owner = dotted(call.func) if isinstance(call, ast.Call) else ""
            return name, owner
        case ast.Dict():
            return _key(module, parent, node)
        case ast.arguments():
            return _parameter(parent, node), ""
        case ast.Call(func=func, args=args) if _EQUALITY.search(
            dotted(func).rpartition(".")[2]
        ):
            others = [each for each in args[:2] if each is not node]
            return _other_side(others[0]) if others else ("", "")
        case ast.Compare(left=left, comparators=[right], ops=[ast.Eq() | ast.NotEq()]):
            return _other_side(right if left is node else left)
        case ast.List() | ast.Tuple() | ast.Set():
            return _container(module, parent)
    return "", ""


def _target(target: ast.expr) -> tuple[str, str]:
    match target:
        case ast.Name(id=name):
            return name, ""
        case ast.Attribute(value=value, attr=name):
            return name, dotted(value).rpartition(".")[2]
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name))):
            return name, dotted(value).rpartition(".")[2]
    return "", ""


_other_side = _target


def _key(module: Module, table: ast.Dict, node: ast.Constant) -> tuple[str, str]:
    pairs = zip(table.keys, table.values, strict=True)
    key = next((key for key, value in pairs if value is node), None)
    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
        return "", ""
    return key.value, _owner_of_table(module, table)


def _owner_of_table(module: Module, table: ast.AST) -> str:
    match parent := module.parent(table):
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.keyword(arg=str(name)):
            return name
        case ast.Dict(keys=keys, values=values):
            key = keys[values.index(table)] if table in values else None
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                return key.value
        case ast.List():
            return _owner_of_table(module, parent).removesuffix("s")
    return ""


def _parameter(arguments: ast.arguments, node: ast.Constant) -> str:
    positional = [*arguments.posonlyargs, *arguments.args]
    named = [
        *zip(reversed(positional), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((arg.arg for arg, default in named if default is node), "")


def _container(module: Module, node: ast.AST) -> tuple[str, str]:
    name = _owner_of_table(module, node)
    return (
        (name[:-1], "") if name.endswith("s") and not name.endswith("ss") else ("", "")
    )
