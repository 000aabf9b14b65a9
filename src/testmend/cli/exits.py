"""The one place that decides how testmend exits.

====  ==============================================================================
0     nothing to do, or done
1     findings or a diff exist (``check``, ``diff``, ``apply --check``); findings that
      have no fix count only with ``--strict``
2     wrong usage or configuration, or any file failed: a partial failure is never 0
130   interrupted
====  ==============================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.reports.tally import Tally

DONE = 0
FOUND = 1
FAILED = 2
INTERRUPTED = 130


def of_search(tally: Tally, *, strict: bool) -> int:
    """For commands that look and don't write."""
    if tally.failed:
        return FAILED
    found = tally.fixed or tally.created or (strict and tally.left)
    return FOUND if found else DONE


def of_work(tally: Tally, *, strict: bool) -> int:
    """For commands that write what they find."""
    if tally.failed:
        return FAILED
    return FOUND if strict and tally.left else DONE
