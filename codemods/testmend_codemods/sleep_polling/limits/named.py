"""What the names that a loop is limited by say: a time, or a number of tries."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import dotted
from testmend_codemods.sleep_polling.reading import flow, telling

if TYPE_CHECKING:
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_TIME_NAME = re.compile(
    r"(?:^|_)(?:time_?(?:out|limit|left)|deadline|max_?(?:wait|time)|wait_?time"
    r"|secs?|seconds?|minutes?)(?:_|$)",
    re.IGNORECASE,
)
_TRIES_NAME = re.compile(
    r"(?:^|_)(?:attempts?|retry|retries|reruns|tries|iterations|iters|loops|polls"
    r"|rounds|checks)(?:_|$)",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?:^|[(._ ])(?:\w+_)?(?:time_?(?:out|limit)|max_?(?:wait|time))\b(?= *[*/])",
    re.IGNORECASE,
)


def is_time(rounds: ast.expr, interval: str) -> bool:
    """Whether a name says that it is a time: ``range(TIMEOUT)``.

    An ``interval`` may be a part of one: ``self.MAX_WAIT * 0.1``.
    """
    names = telling.names([rounds])
    if any(_TIME_NAME.search(each.rpartition(".")[2]) for each in names):
        return True
    return not interval.isidentifier() and _PART.search(interval) is not None


def counts_tries(loop: Loop, rounds: ast.expr) -> bool:
    """Whether a name says that it is the number of tries: ``range(MAX_RETRIES)``.

    Not the name of what the loop itself counts.
    """
    counted = {
        dotted(node)
        for node in flow.own_nodes(loop.body)
        if isinstance(node, ast.Name | ast.Attribute)
        and isinstance(node.ctx, ast.Store)
    }
    names = telling.names([rounds]) - counted
    return any(_TRIES_NAME.search(each.rpartition(".")[2]) for each in names)
