"""Comments beside a sleep that goes: which stay, and where.

Imported when a loop has one, as `attempts` is.
"""

from __future__ import annotations

import libcst as cst

from testmend_codemods.sleep_polling.writing.pragmas import says_more


def of_sleep(
    line: cst.SimpleStatementLine, *, behind_it: bool = True
) -> list[cst.EmptyLine]:
    """The comments of the sleep as lines of their own, and what sets them apart.

    Those above it, and the one ``behind_it``.
    """
    kept = list(line.leading_lines)
    if kept and kept[-1].comment and not says_more(kept[-1].comment.value):
        kept.pop()
    if behind_it and (remark := behind(line)):
        end = line.trailing_whitespace.newline
        kept.append(cst.EmptyLine(comment=cst.Comment(remark), newline=end))
    while kept and not kept[-1].comment:
        kept.pop()
    return kept


def behind(line: cst.SimpleStatementLine) -> str:
    """The comment behind the sleep, if it stays; else empty."""
    comment = line.trailing_whitespace.comment
    return comment.value if comment and says_more(comment.value) else ""
