"""Comments beside a sleep that goes: which stay, and where.

Imported when a loop has one, as `attempts` is.
"""

from __future__ import annotations

import re

import libcst as cst

from testmend_codemods.sleep_polling.writing.pragmas import for_linters

_ALOUD = re.compile(
    r"#\s*(?:sleep|wait|pause)(?:ing|s)?(?:\s+(?:for|a|an|bit|little|moment|while|\d+|more"
    r"|longer|one|two|three|five|ten|half|few|some|time|m?s|secs?|seconds?|ms|and|then|to"
    r"|again|before|between|next|the|each|every|attempts?|rounds?|iterations?|tries"
    r"|(?:re-?)?(?:try|tries|trying|checks?|checking|polls?|polling)))*\s*[.]*",
    re.IGNORECASE,
)


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
