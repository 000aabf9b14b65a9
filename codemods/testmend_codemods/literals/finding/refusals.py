"""Which values must stay as they are, and why."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import callee
from testmend_codemods.knowledge.elsewhere import runs_elsewhere
from testmend_codemods.literals.finding.credentials import credential_name
from testmend_codemods.literals.finding.neighbours import of_rows
from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.things import CONTAINERS, EQUALITIES
from testmend_codemods.literals.grammar.values import (
    NETWORKED,
    PLAIN,
    is_near,
    is_well_known,
)
from testmend_codemods.literals.grammar.vocabulary import listed

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.literals.grammar.values import Grammar, Kind
    from testmend_codemods.literals.grammar.words import Words

_IDENTITIES = re.compile(
    r"(?:idempotent|test|case|polarion|testrail|xray|requirement|tracker)_?"
    r"(?:id|uuid|case|key)?$|^(?:id|uuid|testcase|polarion)$"
)
_TABLES = re.compile(
    r"^(?:data|file_data|named_data|unpack|idata|parametrize|params|expand|"
    r"parameterized|parameters|named_parameters|scenarios|multiply_scenarios|example|"
    r"with_data|product)$"
)
_TESTING = re.compile(
    r"(?i)valid|parse|^uuid$|is_uuid|^is_|ipnetwork|ipaddress|ip_address$|ip_network$|"
    r"ip_interface$|^ipv[46]|ipset|iprange|inet_|^eui|normali[sz]e|canonical|sanitize|"
    r"^format_|_format$|^check_|coerce|regex|^match$|^fullmatch$|convert|"
    r"^to_primitive|^from_primitive|get_ip_version|netmask|prefixlen|"
    r"^run_?(?:source|code)$|^(?:exec|eval|compile|tokenize)$|"
    r"to_(?:uuid|guid|ip|address)$|(?:uuid|guid|ip|addr)_to_(?:int|str|bytes|hex|num)"
)
_MAKING = re.compile(r"(?i)^uuid$|^ip_?(?:v[46])?_?(?:address|network|interface)$")
_TESTED = listed(
    """valid invalid validate validates validation validator parse parses parser parsing
    malformed format formats cidr cidrs regex regexes regexp coerce coercion normalize
    normalized normalization canonical canonicalize"""
)
_BAD_VALUE = re.compile(r"^(?:ValueError|TypeError)$|Addr|Malformed")
_VERSIONS = listed("version versions release firmware oid microversion")
# Object identifiers: 1.2.840.10008; codes of enzymes: 1.1.1.27.
_OIDS = listed("uid uids oid oids code codes")
_HASHES = listed("ssdeep tlsh imphash md5 sha1 sha256 hash digest checksum fingerprint")
_OID = re.compile(r"[0-2](?:\.\d+){4,}")
_NAMING = ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict
_MANY = 4
# What tells a scanner of secrets that a line may have one.
_MARKED = re.compile(
    r"#.*(?:(?:allow|white)list[ -]?secret|\bnosec\b|PS-IGNORE|gitleaks:allow"
    r"|trufflehog:ignore|noqa:.*\bS\d)"
)


def refusal(
    module: Module, node: ast.Constant, kind: Kind, grammar: Grammar = PLAIN
) -> str:
    """The reason code for a literal that must stay, or an empty string."""
    value = str(node.value)
    if is_well_known(value, kind):
        return "well-known"
    if kind not in NETWORKED and credential_name(module, node):
        return "credential"
    if _MARKED.search(module.line_text(node.lineno)):
        return "marked"
    return (
        (_of_network(module, node, kind) if kind in NETWORKED else "")
        or _by_parent(module, node, grammar)
        or _by_surroundings(module, node, kind)
    )


def _of_network(module: Module, node: ast.Constant, kind: Kind) -> str:
    """The reasons for which numbers with dots, or hex digits with colons, stay."""
    value = str(node.value)
    if value.startswith("0."):
        return "version"  # 0.3.2.1: no host has an address of 0.0.0.0/8
    if kind == "ip" and value[:2] in ("1.", "2.") and module.once(_has_oids):
        return "version"  # what an object identifier begins with
    above = module.parent(node)
    called = words.split(_name(above, node)) if isinstance(above, _NAMING) else ()
    if not _HASHES.isdisjoint(called[-1:]):
        return "version"
    others = (each for each in _compared(above) if each is not node)
    if any(says_number(words.split(callee(each)), kind) for each in others):
        return "version"
    return "literal-tested" if _is_refused(module, node) else ""


def is_made_of(module: Module, node: ast.Constant) -> bool:
    """Whether an object is made of a literal that stays, and others beside it should.

    ``assert show('198.51.100.7') == str(ip_address('198.51.100.7'))``
    """
    above = module.parent(node)
    return isinstance(above, ast.Call) and bool(_MAKING.search(callee(above.func)))


def _has_oids(module: Module) -> bool:
    """Whether a file has object identifiers that can't be addresses."""
    return any(_OID.fullmatch(text) for text in module.strings)


def _by_parent(module: Module, node: ast.Constant, grammar: Grammar) -> str:
    match above := module.parent(node):
        case ast.Expr():
            return "docstring"
        case ast.MatchValue():
            return "pattern"
        case ast.Attribute():
            return "part-of-string"
        case ast.Subscript() if above.value is node:
            return "part-of-string"
        case ast.BinOp():
            templated = isinstance(above.op, ast.Mod) and above.right is node
            return "" if templated else "part-of-string"
    return _by_company(module, node, above, grammar)


def _by_company(
    module: Module, node: ast.Constant, above: ast.AST | None, grammar: Grammar
) -> str:
    call = module.parent(above) if isinstance(above, ast.keyword) else above
    if isinstance(call, ast.Call) and (_tests(call) or _says_twice(call, node)):
        return "literal-tested"
    compared = [*_compared(above), *(_compared(module.parent(call)) if call else ())]
    if any(isinstance(each, ast.Call) and _tests(each) for each in compared):
        return "literal-tested"
    if isinstance(above, ast.List | ast.Tuple | ast.Set):
        return _among(above, grammar)
    if isinstance(above, ast.Dict) and _has_near(above.values):
        return "literal-tested"
    if any(is_near(text) for text in of_rows(module, node)):
        return "literal-tested"
    return ""


def _says_twice(call: ast.Call, node: ast.Constant) -> bool:
    """Whether a value stands quoted in another argument, too: an expression of it.

    ``field(sql="IPADDRESS '2001:db8::5'", python="2001:db8::5")``.
    """
    value = str(node.value)
    quoted = (f"'{value}'", f'"{value}"')
    return any(
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and any(form in each.value for form in quoted)
        for each in [*call.args, *(keyword.value for keyword in call.keywords)]
    )


def _compared(above: ast.AST | None) -> list[ast.expr]:
    """What a comparison or an assertion of equality looks at."""
    if isinstance(above, ast.Compare):
        return [above.left, *above.comparators]
    if isinstance(above, ast.Call) and callee(above.func) in EQUALITIES:
        return above.args
    return []


def _tests(call: ast.Call) -> bool:
    called = callee(call.func)
    if called.startswith("assert") and not called.lower().startswith("assert_raises"):
        return "valid" in called.lower()
    return _TESTING.search(called) is not None


def _is_refused(module: Module, node: ast.Constant) -> bool:
    """Whether a test expects that a value is refused: it may be wrong on purpose."""
    above = module.parent(node)
    if isinstance(above, ast.keyword):
        above = module.parent(above)
    if not isinstance(above, ast.Call):
        return False
    held = [
        each.context_expr
        for holder in module.ancestors(node)
        if isinstance(holder, ast.With | ast.AsyncWith)
        for each in holder.items
    ]
    return any(
        isinstance(each, ast.Call) and _expects_bad_value(each)
        for each in (above, *held)
    )


def _expects_bad_value(call: ast.Call) -> bool:
    """Whether a call expects a refusal: ``assertRaises(ValueError, ...)``."""
    called = callee(call.func).lower().replace("_", "")
    if not (called == "raises" or called.startswith("assertraises")) or not call.args:
        return False
    kinds = call.args[0].elts if isinstance(call.args[0], ast.Tuple) else call.args[:1]
    return any(_BAD_VALUE.search(callee(each)) for each in kinds)


def _among(holder: ast.List | ast.Tuple | ast.Set, grammar: Grammar) -> str:
    texts = [
        each.value
        for each in holder.elts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    if any(is_near(text) for text in texts):
        return "literal-tested"
    many = sum(grammar.kind_of(text) is not None for text in texts) >= _MANY
    return "table-row" if many else ""


def _has_near(values: list[ast.expr]) -> bool:
    return any(
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and is_near(each.value) == "uuid"
        for each in values
    )


def _by_surroundings(module: Module, node: ast.Constant, kind: Kind) -> str:
    below: ast.AST = node
    for above in module.ancestors(node):
        reason = ""
        match above:
            case ast.JoinedStr():
                reason = "part-of-string"
            case ast.Subscript() if callee(above.value) == "Literal":
                reason = "in-type"
            case ast.Call():
                reason = _by_call(module, above)
            case ast.Assign() | ast.AnnAssign() | ast.keyword() | ast.Dict():
                in_table = _is_row(above, below) or (
                    _table(above) in module.once(_tables)
                )
                reason = "parameter-table" if in_table else _named(above, below, kind)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if below in above.body:
                    reason = _by_function(above.name, kind)
                    if not reason and runs_elsewhere(module, above):
                        reason = "runs-elsewhere"
        if reason:
            return reason
        below = above
    return ""


def _by_call(module: Module, call: ast.Call) -> str:
    called = callee(call.func)
    if called == "snapshot" and isinstance(call.func, ast.Name):
        return "literal-tested"  # a program writes what stands in it
    if _is_decorator(module, call) or "idempotent" in called:
        if _TABLES.search(called):
            return "parameter-table"
        return "identity" if _IDENTITIES.search(called) else ""
    return "parameter-table" if called in ("param", "scenarios") else ""


def _tables(module: Module) -> frozenset[str]:
    """The names that decorators take their tables of test parameters from."""
    return frozenset(
        name.id
        for call in module.nodes(ast.Call)
        if _TABLES.search(callee(call.func)) and _is_decorator(module, call)
        for argument in (*call.args, *(each.value for each in call.keywords))
        for name in ast.walk(argument)
        if isinstance(name, ast.Name)
    )


def _is_row(above: ast.AST, below: ast.AST) -> bool:
    """Whether a value of a dict has a tuple for its key: ``(Case, "name"): {...}``."""
    return isinstance(above, ast.Dict) and any(
        isinstance(key, ast.Tuple) and value is below
        for key, value in zip(above.keys, above.values, strict=True)
    )


def _table(node: ast.AST) -> str:
    """The plain name that a list is assigned to; empty for others."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ) if isinstance(value, CONTAINERS):
            return name
    return ""


def _by_function(name: str, kind: Kind) -> str:
    tested = _TESTED if kind != "uuid" else _TESTED - {"cidr", "cidrs"}
    return "" if tested.isdisjoint(words.split(name)) else "literal-tested"


def _is_decorator(module: Module, call: ast.Call) -> bool:
    above = module.parent(call)
    return call in getattr(above, "decorator_list", ())


def _named(
    above: ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict,
    below: ast.AST,
    kind: Kind,
) -> str:
    name = _name(above, below)
    said = words.split(name)
    if "scenarios" in said:
        return "parameter-table"
    if says_number(said, kind):
        return "version"
    if {"invalid", "valid", "malformed"} & set(said):
        return "literal-tested"
    return ""


def says_number(said: Words, kind: Kind) -> bool:
    """Whether a name is that of a version, or of an identifier made of numbers."""
    if kind in NETWORKED and not _OIDS.isdisjoint(said[-1:]):
        return True
    return kind != "uuid" and not _VERSIONS.isdisjoint(said) and "ip" not in said


def _name(
    above: ast.Assign | ast.AnnAssign | ast.keyword | ast.Dict, below: ast.AST
) -> str:
    if isinstance(above, ast.keyword):
        return above.arg or ""
    if isinstance(above, ast.Dict):
        if below not in above.values:
            return ""
        key = above.keys[above.values.index(below)]
        return str(key.value) if isinstance(key, ast.Constant) else ""
    target = above.targets[0] if isinstance(above, ast.Assign) else above.target
    if isinstance(target, ast.Attribute) and target.attr == "return_value":
        return callee(target.value)  # what a mock returns in place of a function
    return callee(target)
