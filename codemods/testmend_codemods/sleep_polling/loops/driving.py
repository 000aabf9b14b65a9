"""What the rounds of a counted loop do besides looking: they drive what they wait for.

They send, step or click, so that more rounds would not be a longer wait.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import callee
from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.reading import flow, telling

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.numbers import Term

_THINGS = re.compile(
    r"(?:^|_)(?:batch|chunk|page|packet|message|msg|record|row)"
    r"(?:_?(?:count|id|idx|index|n|no|num|number))?$"
)
_SENDING = ("send", "sendall", "write", "publish", "put", "push", "send_message")
_WAITS = re.compile(r"^(?:async_)?wait(?:$|_|(?=[A-Z]))")
_PACE = re.compile(r"(?:^|[_.])pac(?:e|ing)(?:_|$)", re.IGNORECASE)


def reason(module: Module, loop: ast.For, sleep: ast.Expr, interval: Term) -> str:
    """Why the rounds of a loop are no looks at something; empty if they may be."""
    if _counts_things(loop, interval):
        return "not-a-poll"
    feeds = _simulates(loop, sleep) or _sends_until_refused(module, loop)
    return "load-loop" if feeds else ""


def _counts_things(loop: ast.For, interval: Term) -> bool:
    """Whether each round makes, or sends, one of many things, or reads one line.

    By names: ``for page in range(10)``.
    """
    name = loop.target.id if isinstance(loop.target, ast.Name) else ""
    reads = any(
        isinstance(node, ast.Attribute) and node.attr == "readline"
        for node in flow.own_nodes(loop.body)
    )
    return bool(reads or _THINGS.search(name) or _PACE.search(interval.text))


def _simulates(loop: ast.For, sleep: ast.Expr) -> bool:
    """Whether a round computes with the time that it sleeps: ``x += speed * dt``."""
    names = {each.id for each in ast.walk(sleep) if isinstance(each, ast.Name)}
    own = set(ast.walk(sleep))
    return any(
        isinstance(product, ast.BinOp)
        and isinstance(product.op, ast.Mult)
        and product not in own
        and names & {e.id for e in ast.walk(product) if isinstance(e, ast.Name)}
        for stepped in flow.own_nodes(loop.body)
        if isinstance(stepped, ast.AugAssign)
        for product in ast.walk(stepped.value)
    )


def _sends_until_refused(module: Module, loop: ast.For) -> bool:
    """Whether a loop only sends something, until it can't, and needs not come to that.

    ``try: pipe.send(chunk)``, ``except BrokenPipeError: break``: a slow client.
    """
    tries = [each for each in loop.body if isinstance(each, ast.Try)]
    if loop.orelse or not tries:
        return False
    ways = flow.exits(loop)
    refused = [handler for each in tries for handler in each.handlers]
    return (
        bool(ways.breaks and not ways.returns)
        and all(any(each in h.body for h in refused) for each in ways.breaks)
        and all(len(each.body) == 1 and _sends(each.body[0]) for each in tries)
        and endings.meaning(module, loop) != "fails"
    )


def _sends(node: ast.stmt) -> bool:
    called = flow.called(node.value) if isinstance(node, ast.Expr) else ""
    return called.rpartition(".")[2] in _SENDING


def tries_again(loop: ast.For, sleep: ast.Expr) -> bool:
    """Whether each round does something and waits for that, with a limit of its own.

    ``button.click()``, and ``return Popup().wait_until_appears()``.
    """
    nodes = list(flow.own_nodes(loop.body))
    calls = (each for each in nodes if isinstance(each, ast.Call))
    waits = [each for each in calls if _WAITS.search(callee(each.func))]
    return bool(waits) and any(
        isinstance(each, ast.Expr)
        and isinstance(each.value, ast.Call)
        and each is not sleep
        and each.value not in waits
        and callee(each.value.func) not in telling.TALKS
        for each in nodes
    )
