"""What texts say of a loop's time: comments, messages, docstrings."""

from __future__ import annotations

import ast
import re
from math import isclose
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.limits import given, named
from testmend_codemods.sleep_polling.reading import comments, flow, telling
from testmend_codemods.sleep_polling.reading.numbers import literal
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty"
    "|forty|fifty|sixty|ninety|hundred"
)
_TIME = re.compile(
    rf"(?:\d|\b(?:{_WORDS}))[\s-]*"
    r"(?:[smx]|secs?|seconds?|mins?|minutes?|ms|times|attempts|tries|retries"
    r"|checks|rounds|iterations)\b"
    r"|\b(?:small|short|narrow) (?:time )?window\b|\btimely\b"
    r"|\ba couple of times\b|\b(?:re)?(?:try|tries|tried|check|poll|look)\w* twice\b"
    r"|\b(?:a|half a) minute\b|\ban hour\b|\bsame amount of time\b",
    re.IGNORECASE,
)
_PRODUCT = re.compile(
    r"\b\d+ ?(?:x|\*|times) ?\d+(?:\.\d+)? ?(?:s|secs?|seconds?|m|mins?|minutes?)\b"
)
_BUDGET = re.compile(
    r"\d ?[x\u00d7*] ?\d"
    r"|\b(?:budget|cap|total|max(?:imum)?|altogether|at most|up to)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:same as|as in|see|matches|corresponds to|in sync with)\b", re.IGNORECASE
)
_COUNT = re.compile(
    r"\b\d+ ?(?:x|times|attempts|tries|retries|checks|rounds|iterations)\b"
    rf"|\b(?:couple(?: of)?|{_WORDS}) (?:times|attempts|tries|retries)\b",
    re.IGNORECASE,
)
_COUNT_SAID = re.compile(
    r"(?:\b\d+|[`'\"]+\w+[`'\"]+) (?:times|attempts|tries|retries)\b", re.IGNORECASE
)
_LIFE = re.compile(
    r"(?:^|[._])(?:p?ttl|expir(?:e|es|y|ation)|life_?time|max_?age)(?:[._]|\d|$)",
    re.IGNORECASE,
)
_LIFE_SAID = re.compile(r"#.*\b(?:ttl|expir(?:e|es|y|ation))\b", re.IGNORECASE)
_SPAN = re.compile(
    r"\b(\d+(?:\.\d+)?|one|a)\s*(s|secs?|seconds?|m|mins?|minutes?)\b", re.IGNORECASE
)
_AT_ONCE = re.compile(
    r"\b(?:quick|prompt|immediate|swift)(?:ly)?\b|\bat once\b", re.IGNORECASE
)
_UNITS = {"s": 1, "m": 60}
_NEARLY = 0.1  # 15 s, and 149 rounds of 0.1 s
_WHOLE = re.compile(
    r"\b(?:total|max(?:imum)?|altogether|at most|no more|up to)\b", re.IGNORECASE
)


def is_kept(module: Module, loop: Loop, rounds: ast.expr, *, within: bool) -> bool:
    """Whether the number of ``rounds`` of a loop, that is its time, is to be kept.

    The caller gives it, a comment or a message states it, or something has to expire in
    that time. ``within``: the loop itself fails.
    """
    return (
        given.is_given(module, loop, rounds)
        or _is_stated(module, loop)
        or _is_promised(module, loop, rounds, within=within)
        or _is_prompt(module, loop)
        or _is_of_lifetime(module, loop)
    )


def _is_stated(module: Module, loop: Loop) -> bool:
    """Whether a comment beside, above or below the loop says how long it waits.

    Above: in the lines of the same depth up to a blank one, such as ``status = get()``.
    Within it a comment has to say that it speaks of the whole: "waits 60s total",
    "4 x 60 seconds", or "we tried three times". Below: "we have tried 60 times". Beside
    it the number may also be another one's: "same as in the helper". Also behind what
    its condition reads (``left = 60  # a minute``), and behind the check that follows.
    """
    start, end = module.start(loop), module.line_start((loop.end_lineno or 1) + 1)
    line, indent = loop.lineno, module.indent(loop.lineno)
    said = comments.between(module, start, end, _WHOLE)
    said += comments.between(module, start, end, _PRODUCT)
    said += comments.between(module, start, end, _COUNT)
    if any(flow.is_failure(each) for each in flow.following(module, loop)[:1]):
        said.append(comments.below(module, loop))
    header = module.line_text(line).partition("#")[2]
    if _ELSEWHERE.search(header):
        return True
    said.append(header)
    for each in (*_starts(module, loop), *_failures(module, loop, within=False)):
        end = module.line_start((each.end_lineno or each.lineno) + 1)
        said += comments.between(module, module.end(each), end, _TIME)
    above: list[str] = []
    while line > 1 and module.line_text(line - 1).strip():
        line -= 1
        if module.indent(line) != indent:
            break
        code, _, comment = module.line_text(line).partition("#")
        above.insert(0, "" if code.strip() else comment.strip())
    return any(_TIME.search(each) for each in (*said, " ".join(above)))


def _starts(module: Module, loop: Loop) -> Iterator[ast.stmt]:
    """The assignments ahead of a loop to names that its condition reads."""
    block = flow.block(module, loop)
    if not isinstance(loop, ast.While) or loop not in block:
        return
    read = {each.id for each in ast.walk(loop.test) if isinstance(each, ast.Name)}
    for each in block[: block.index(loop)]:
        if isinstance(each, ast.Assign) and not read.isdisjoint(
            map(dotted, each.targets)
        ):
            yield each


def names_time(module: Module, loop: Loop, seconds: float) -> bool:
    """Whether a comment within a loop names the very time that it takes, as a whole.

    ``# give it 15 seconds`` where it goes round 150 times and sleeps 0.1. So may the
    docstring ("60s cap"), what is logged right ahead of it, and a comment further up in
    its function that speaks of a budget.
    """
    start, end = module.start(loop), module.line_start((loop.end_lineno or 1) + 1)
    above = module.start(function_of(module, loop) or loop)
    said = comments.between(module, start, end, _SPAN)
    said += comments.between(module, above, start, _BUDGET)
    said.append(_docstring(module, loop))
    said += _logged(module, loop)
    return any(
        isclose(
            _number(found[1]) * _UNITS[found[2][0].lower()], seconds, rel_tol=_NEARLY
        )
        for each in said
        for found in _SPAN.finditer(each)
    )


def _logged(module: Module, loop: Loop) -> Iterator[str]:
    """What the call ahead of a loop says: ``log("polling (30s) ...")``."""
    block = flow.block(module, loop)
    ahead = reversed(block[: block.index(loop)] if loop in block else [])
    last = next(
        (e for e in ahead if not isinstance(e, ast.Assign | ast.AnnAssign)), None
    )
    for node in ast.walk(last) if isinstance(last, ast.Expr) else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _docstring(module: Module, loop: Loop) -> str:
    function = function_of(module, loop)
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return ast.get_docstring(function) or ""
    return ""


def _is_prompt(module: Module, loop: Loop) -> bool:
    """Whether a test is about something that is to happen soon: "exits promptly"."""
    function = function_of(module, loop)
    name = getattr(function, "name", "").replace("_", " ")
    return _AT_ONCE.search(f"{name} {_docstring(module, loop)}") is not None


def _number(word: str) -> float:
    return float(word) if word[0].isdigit() else 1


def _is_of_lifetime(module: Module, loop: Loop) -> bool:
    """Whether a function is about how long something lives: ``cache.set(ttl=2)``.

    That it is gone in time is what is tested. Comments tell, too.
    """
    function = function_of(module, loop) or loop
    names = (
        getattr(node, "attr", None) or getattr(node, "arg", None) or dotted(node)
        for node in flow.own_nodes([*ast.iter_child_nodes(function)])
        if isinstance(node, ast.Name | ast.Attribute | ast.keyword)
    )
    own = getattr(function, "name", "")
    if any(_LIFE.search(each) for each in (own, *names) if each):
        return True
    start, end = module.start(function), module.end(loop)
    return bool(comments.between(module, start, end, _LIFE_SAID))


def _is_promised(module: Module, loop: Loop, rounds: ast.expr, *, within: bool) -> bool:
    """Whether what fails behind, or ``within``, the loop tells how long it waited.

    In words ("10 seconds", "not at once"), or by a name of which its number of
    ``rounds`` is made.
    """
    names = telling.names([rounds])
    for each in _failures(module, loop, within=within):
        words = telling.words(each)
        told = _TIME.search(words) or _AT_ONCE.search(words)
        if told or telling.names(telling.said(each)) & names:
            return True
    return False


def tells_tries(module: Module, loop: Loop, rounds: ast.expr) -> bool:
    """Whether a failure's message tells how often a loop tried: "after 3 attempts".

    Or a comment within it or the docstring does, or the limit, which adds the first try
    to the others: ``range(retries + 1)``.
    """
    if _COUNT_SAID.search(_docstring(module, loop)):
        return True
    if comments.between(module, module.start(loop), module.end(loop), _COUNT):
        return True
    for each in _failures(module, loop, within=False):
        told = telling.names(telling.said(each)) & telling.names([rounds])
        if (told and named.counts_tries(loop, rounds)) or _COUNT.search(
            telling.words(each)
        ):
            return True
    limit = rounds.args[-1] if isinstance(rounds, ast.Call) and rounds.args else rounds
    return (
        isinstance(limit, ast.BinOp)
        and isinstance(limit.op, ast.Add)
        and literal(limit.right) == 1
        and named.counts_tries(loop, limit)
    )


def _failures(module: Module, loop: Loop, *, within: bool) -> Iterator[ast.stmt]:
    """What fails, or checks, behind a loop, or ``within`` it.

    Calls that clean up or log may stand ahead of it.
    """
    own = [each for each in flow.own_nodes(loop.body) if isinstance(each, ast.If)]
    inner = own if within else []
    for node in (*inner, *loop.orelse, *_next(flow.following(module, loop))):
        for each in node.body if isinstance(node, ast.If) else [node]:
            if flow.is_check(each):
                yield each


def _next(rest: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The first statement that is no mere call, and the calls ahead of it."""
    for each in rest:
        yield each
        if not isinstance(each, ast.Expr) or flow.is_check(each):
            return
