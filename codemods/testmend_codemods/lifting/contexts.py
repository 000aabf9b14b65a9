"""Places where a literal must stay: the reason code of each."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.lifting.values import Kind, is_near, is_value, is_well_known

if TYPE_CHECKING:
    from testmend.source import Module

REASONS = {
    "well-known": "The value says itself what it is (loopback, nil, a mask, ...).",
    "identity": "A decorator gives the test its identity with it.",
    "part-of-a-string": "It is part of a longer string or an expression of one.",
    "documentation": "It stands in a docstring or alone.",
    "under-test": "The literal is what the test is about (a parser, a validator).",
    "parameter-table": "It stands in a decorator, among the parameters of a test.",
    "table-row": "It stands in a row of values, which would lose its form.",
    "dict-key": "It is a key of a dictionary.",
    "version": "It is a version, not an address.",
    "pattern": "It stands in a pattern or an annotation.",
    "named": "A constant, or a class's attribute, has it already.",
    "defined-earlier": "It is used where the constants would not be defined yet.",
    "data": "The file is data, or a program wrote it.",
    "single-use": "It is used once, and nothing here says what it is.",
    "network-group": "Another address of its network can't be lifted.",
    "suppressed": "A comment keeps it.",
}

_CHECKERS = re.compile(
    r"valid|parse|^UUID$|IPNetwork|IPAddress|ip_address|ip_network|ip_interface|IPv4"
    r"|IPv6|is_uuid|uuid_like|is_ip|inet_|getaddrinfo|compile|search|fullmatch"
    r"|normali[sz]e|^IPSet|^IPRange|canonical|literal_eval|from_string|^loads$|^re\.",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"valid|parse|parsing|malformed|format|cidr|is_uuid|is_ip|regex|convert|normali[sz]"
    r"|ipv4|ipv6|netmask|canonical|serializ|to_dict_repr|_repr|_str$",
    re.IGNORECASE,
)
_ROW = 4


def never(module: Module, node: ast.Constant, kind: Kind) -> str:
    """The reason why a literal stays, by its surroundings; empty if it may go."""
    text = str(node.value)
    if is_well_known(kind, text):
        return "well-known"
    parent = module.parent(node)
    return (
        _by_expression(module, node, parent)
        or _by_call(module, parent)
        or _by_container(module, node, parent, kind)
        or _by_owner(module, node)
    )


def _by_expression(  # noqa: PLR0911  one case for each place
    module: Module, node: ast.Constant, parent: ast.AST | None
) -> str:
    match parent:
        case ast.Expr():
            return "documentation"
        case ast.JoinedStr() | ast.FormattedValue() | ast.BinOp() | ast.Attribute():
            return "part-of-a-string"
        case ast.Subscript(slice=index) if index is node:
            return "dict-key"
        case ast.Dict(keys=keys) if node in keys:
            return "dict-key"
        case ast.MatchValue():
            return "pattern"
        case ast.Assign(targets=targets):
            return _assigned(module, parent, targets)
        case ast.AnnAssign(target=target):
            return _assigned(module, parent, [target])
    if not re.fullmatch(r"[uU]?([\"'])[^\"'\\]*\1", module.source(node)):
        return "part-of-a-string"
    return ""


def _assigned(module: Module, node: ast.AST, targets: list[ast.expr]) -> str:
    """A module's or a class's own name for the value is a constant already."""
    above = module.parent(node)
    plain = all(isinstance(target, ast.Name) for target in targets)
    upper = all(isinstance(t, ast.Name) and t.id.isupper() for t in targets)
    at_home = isinstance(above, ast.Module | ast.ClassDef)
    versions = any("version" in dotted(target).lower() for target in targets)
    if versions:
        return "version"
    return "named" if upper or (plain and at_home) else ""


def _by_call(module: Module, parent: ast.AST | None) -> str:
    if isinstance(parent, ast.keyword):
        if "version" in (parent.arg or "").lower():
            return "version"
        parent = module.parent(parent)
    if isinstance(parent, ast.Call) and _CHECKERS.search(
        dotted(parent.func).rpartition(".")[2] or ast.unparse(parent.func)[-40:]
    ):
        return "under-test"
    return ""


def _by_container(
    module: Module, node: ast.Constant, parent: ast.AST | None, kind: Kind
) -> str:
    holders = [parent, module.parent(parent)] if parent else []
    for holder in holders:
        if isinstance(holder, ast.List | ast.Tuple | ast.Set | ast.Dict):
            inside = holder.values if isinstance(holder, ast.Dict) else holder.elts
            texts = [
                each.value
                for each in inside
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
            if any(is_near(kind, text) for text in texts):
                return "under-test"
            values = [text for text in texts if is_value(kind, text)]
            if len(values) >= _ROW and not isinstance(holder, ast.Dict):
                return "table-row"
    if isinstance(parent, ast.Dict):
        pairs = zip(parent.keys, parent.values, strict=True)
        key = next((key for key, value in pairs if value is node), None)
        if isinstance(key, ast.Constant) and "version" in str(key.value).lower():
            return "version"
    return ""


def _by_owner(module: Module, node: ast.Constant) -> str:
    """By what stands around it: decorators, annotations, the test's own name."""
    child: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if child in above.decorator_list:
                call = child.func if isinstance(child, ast.Call) else child
                return (
                    "identity" if "id" in dotted(call).split("_") else "parameter-table"
                )
            if child is getattr(above, "returns", None):
                return "pattern"
            if isinstance(above, ast.ClassDef):
                continue
            if _ABOUT.search(above.name):
                return "under-test"
        elif isinstance(above, ast.Subscript) and dotted(above.value).endswith(
            "Literal"
        ):
            return "pattern"
        child = above
    return ""
