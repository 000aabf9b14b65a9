"""Comments beside a sleep that goes: which stay, and where.

Imported when a loop has one, as `attempts` is.
"""

from __future__ import annotations

import libcst as cst

from testmend_codemods.sleep_polling.writing.pragmas import says_more


def of_sleep(line: cst.SimpleStatementLine) -> list[cst.EmptyLine]:
    """The comments of the sleep as lines of their own, and what sets them apart."""
    kept = list(line.leading_lines)
    if kept and kept[-1].comment and not says_more(kept[-1].comment.value):
        kept.pop()
    behind = line.trailing_whitespace.comment
    if behind and says_more(behind.value):
        end = line.trailing_whitespace.newline
        kept.append(cst.EmptyLine(indent=True, comment=behind, newline=end))
    while kept and not kept[-1].comment:
        kept.pop()
    return kept
