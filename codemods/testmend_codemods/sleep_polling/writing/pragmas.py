"""Comments that go with a sleep or a loop: to linters, or that read it aloud."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from testmend.model import Edit

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
    r"#\s*(?:use\s+)?(?:sleep|wait|pause|(?:avoid|prevent)(?=\s+(?:a\s+)?busy))(?:ing|s)?"
    r"(?:\s+(?:for|a|an|bit|little|another|moment|while|\d+|more|longer|one|two|three|five|ten"
    r"|half|few|some|time|m?s|secs?|seconds?|ms|and|then|to|again|before|between|next|the"
    r"|each|every|attempts?|rounds?|iterations?|tries|avoid|prevent"
    r"|busy(?:[ -]?wait\w*)?|loop(?:ing)?"
    r"|(?:re-?)?(?:try|tries|trying|checks?|checking|polls?|polling)))*\s*[.]*",
    re.IGNORECASE,
)
_OF_SLEEP = re.compile(
    r"#\s*sleep(?:ing)?\b(?:\s+[^\W\d]+){0,3}\s*[.!]?", re.IGNORECASE
)  # one with more words gives a reason

_OF_SUM = re.compile(rb"\s*#\s*[+-]\s*1\b")  # "# +1 for the first attempt"


def for_linters(comment: str) -> bool:
    """Whether a comment speaks to a linter about the code that goes."""
    return _FOR_LINTERS.match(comment) is not None


def says_more(comment: str) -> bool:
    """Whether a comment is neither for linters nor just reads the sleep aloud."""
    aloud = _ALOUD.fullmatch(comment) or _OF_SLEEP.fullmatch(comment)
    return not (aloud or for_linters(comment))


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
    if comment.startswith("# noqa:"):
        codes = re.split(r"[\s,]+", comment.removeprefix("# noqa:").strip())
        of_values = [each for each in codes if _OF_VALUES.fullmatch(f"# noqa: {each}")]
        comment = f"# noqa: {', '.join(of_values)}"
    if not _OF_VALUES.fullmatch(comment):
        return call
    line = next(each for each in call.splitlines() if condition in each)
    return call.replace(line, f"{line}  {comment}", 1)


def behind_header(module: Module, last: ast.expr) -> bytes:
    """What a header says behind its colon, with the blanks; empty if to linters.

    ``last``: what ends the header, ahead of the colon.
    """
    end = module.end(last)
    behind = module.utf8[end : module.line_start(module.line_of(end) + 1)]
    comment = behind.rstrip().removeprefix(b":")
    is_one = comment.lstrip().startswith(b"#")
    told = is_one and not for_linters(comment.decode().lstrip())
    return comment if told else b""


def explains_rounds(comment: bytes) -> bool:
    """Whether a comment explains the number of rounds, which goes: ``# +1 for ...``."""
    return _OF_SUM.match(comment) is not None


def without(module: Module, comment: bytes, last: ast.expr) -> Edit:
    """The edit that takes out a comment of `behind_header`."""
    start = module.utf8.index(comment, module.end(last))
    return Edit(start, start + len(comment), "")
