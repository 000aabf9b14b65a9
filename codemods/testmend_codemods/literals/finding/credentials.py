"""Names of credentials, and which strings under such a name may be real ones."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from testmend.facts import callee
from testmend_codemods.literals.grammar import things, words
from testmend_codemods.literals.grammar.vocabulary import listed

if TYPE_CHECKING:
    from testmend.source import Module

_ONE_WORD = listed(
    """password passwords passwd pwd passphrase secret token apikey credential
    credentials authkey secretkey accesskey privatekey"""
)
_OF_KEYS = listed("api access secret private auth signing ssh session account")
# A token of these says where a list goes on: nextPageToken.
_OF_LISTS = listed("page next cursor continuation pagination scroll query resume sync")
_NAMED_BEFORE = listed("set_override set_default setattr setenv setitem")
# What makers of tokens put in front of them, so that they are found where they leak.
_ISSUED = re.compile(
    r"(?:ghp|gho|ghs|ghu|github_pat|glpat|xox[abpr]|sk_live|rk_live|pypi)[-_]\w|"
    r"A(?:KIA|SIA)[0-9A-Z]{16}|AIza[\w-]{20}|eyJ[\w-]{10,}\.|-----BEGIN [A-Z ]*PRIVATE"
)
_PLACEHOLDER = re.compile(
    r"(?i)fake|test|dummy|example|sample|secret|passw|token|key|admin|user|change|foo|"
    r"bar|baz|default|mock|stub|invalid|valid|x{3}|0{4}|1234|abcd|qwerty|pass\d*$|"
    r"letmein|some|your|none|null"
)
# One word with a digit and a letter, and nothing to be filled in.
_MIXED = re.compile(r"(?!arn:)(?=\D*\d)(?=[\W\d_]*[^\W\d_])[^\s%{]+\Z")
_IN_NAMES = tuple(
    word.encode()
    for word in (*("passw", "pwd", "passphrase", "secret", "token", "credential"),)
)
_KEY = re.compile(rb"key")
_AHEAD_OF_KEY = re.compile(rb"(?:%s)[\d\W_]*\Z" % "|".join(sorted(_OF_KEYS)).encode())
_NEAR = 16  # bytes: the longest word ahead of a key, with what may stand between
_SHORTEST = 8  # characters of a password that anybody would accept
_BITS = 3.0  # entropy of a character: below it are words and patterns


class Trigger:
    """Whether a file may hold a name of a credential: without a regular expression.

    One that ignores case and has alternatives takes as long as parsing half the file.
    """

    def search(self, data: bytes) -> bool:
        """Whether the bytes of a file hold a part of such a name."""
        low = data.lower()
        if any(word in low for word in _IN_NAMES):
            return True
        return any(
            _AHEAD_OF_KEY.search(low, max(0, key.start() - _NEAR), key.start())
            for key in _KEY.finditer(low)
        )


def credential_name(module: Module, node: ast.expr) -> str:
    """The name of a credential that a literal is assigned to or passed under."""
    name = _name(module, node)
    said = [word.rstrip("0123456789") for word in words.split(name)]
    while said and not said[-1]:
        said.pop()
    if not said or (said[-1] == "token" and not _OF_LISTS.isdisjoint(said)):
        return ""
    keyed = said[-1] == "key" and len(said) > 1 and said[-2] in _OF_KEYS
    return name if said[-1] in _ONE_WORD or keyed else ""


def _name(module: Module, node: ast.expr) -> str:  # noqa: PLR0911  one for each form
    match above := module.parent(node):
        case ast.keyword():
            return above.arg or ""
        case ast.Dict() if node in above.values:
            return things.key_of(above.keys[above.values.index(node)])
        case ast.Assign() if above.value is node:
            return _target(above.targets[0])
        case ast.AnnAssign() | ast.NamedExpr() if above.value is node:
            return _target(above.target)
        case ast.arguments():
            return _default(above, node)
        case ast.Call() if callee(above.func) in _NAMED_BEFORE:
            at = above.args.index(node) if node in above.args else 0
            return things.key_of(above.args[at - 1]) if at else ""
    return ""


def _target(target: ast.expr) -> str:
    if isinstance(target, ast.Subscript):
        return things.key_of(target.slice)
    return callee(target)


def _default(arguments: ast.arguments, node: ast.expr) -> str:
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(plain), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((arg.arg for arg, default in pairs if default is node), "")


def may_be_real(text: str) -> bool:
    """Whether a string may be a credential of something, not a stand-in for one."""
    if _ISSUED.match(text):
        return "..." not in text
    if len(text) < _SHORTEST or not text.isprintable() or not _MIXED.match(text):
        return False
    return not _PLACEHOLDER.search(text) and _entropy(text) >= _BITS


def _entropy(text: str) -> float:
    """Bits a character (Shannon)."""
    counts = Counter(text)
    shares = [count / len(text) for count in counts.values()]
    return -sum(share * math.log2(share) for share in shares)
