"""Comments beside a sleep that goes: which stay, and where.

Imported when a loop has a fix, as `fragments` is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    import ast

    from testmend.source import Module

_FOR_LINTERS = re.compile(
    r"#\s*(?:noqa|pylint|type:|pragma|nosec"
    r"|[\w-]+:\s*(?:ignore|disable|allow|skip)(?:\[|=|\s*$))",
    re.IGNORECASE,
)
# What linters say of an expression, wherever it stands: of private members, plain
# numbers, comparisons, names and types. Not of loops, sleeps or the length of a line.
_OF_VALUES = re.compile(
    r"#\s*(?:noqa:(?:[\s,]*(?:SLF\d+|WPS437|PLR2004|PLC2801|E71[1-4]|E721|F821|S10[1-9]"
    r"|S3\d\d|SIM118|DTZ\d+|PTH\d+|N8\d\d))+\s*"
    r"|(?:type|pyright|mypy|ty):\s*ignore\b.*"
    r"|pylint:\s*disable=[\s,]*(?:(?:protected-access|W0212|no-member|E1101)[\s,]*)+)"
)
_ALOUD = re.compile(
    r"#\s*(?:sleep|wait|pause)(?:ing|s)?(?:\s+(?:for|a|an|bit|little|moment|while|\d+"
    r"|one|half|few|some|time|m?s|secs?|seconds?|ms|and|then|to|try|retry|again|before"
    r"|between|next|the|attempts?|retr(?:y|ies|ying)|tries|checks?|checking))*\s*[.]*",
    re.IGNORECASE,
)


def for_linters(comment: str) -> bool:
    """Whether a comment speaks to a linter about the code that goes."""
    return _FOR_LINTERS.match(comment) is not None


def taken_along(
    module: Module,
    loop: ast.For | ast.While,
    test: ast.expr,
    condition: str,
    call: str,
) -> str:
    """The call with what the header of the loop tells linters of its condition.

    ``condition`` is how the call has ``test``; the comment goes behind its line. The
    call as it is, where there is no such comment or either takes several lines.
    """
    last = test.end_lineno or test.lineno
    if loop.lineno != last or loop.body[0].lineno == last or "\n" in condition:
        return call
    header = module.utf8[module.end(test) : module.line_start(last + 1)].decode()
    comment = header.lstrip(") \t").removeprefix(":").strip()
    if not _OF_VALUES.fullmatch(comment):
        return call
    line = next(each for each in call.splitlines() if condition in each)
    return call.replace(line, f"{line}  {comment}", 1)


def _says_more(comment: str) -> bool:
    """Whether a comment is neither for linters nor just reads the sleep aloud."""
    return not (for_linters(comment) or _ALOUD.fullmatch(comment))


def of_sleep(line: cst.SimpleStatementLine) -> list[cst.EmptyLine]:
    """The comments of the sleep as lines of their own, and what sets them apart."""
    kept = list(line.leading_lines)
    if kept and kept[-1].comment and not _says_more(kept[-1].comment.value):
        kept.pop()
    behind = line.trailing_whitespace.comment
    if behind and _says_more(behind.value):
        end = line.trailing_whitespace.newline
        kept.append(cst.EmptyLine(indent=True, comment=behind, newline=end))
    while kept and not kept[-1].comment:
        kept.pop()
    return kept
