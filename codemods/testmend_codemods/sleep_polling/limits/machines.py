"""Whether a loop waits for pods, or for other machines that have to be set up first."""

from __future__ import annotations

import ast
import re

from testmend_codemods.sleep_polling.reading import flow

_MACHINE = re.compile(
    r"(?:^|_)(?:pods?|deployments?|stateful_?sets?|daemon_?sets?|replica_?sets?|k8s"
    r"|kube\w*|docker\w*|vms?)(?:_|\d|$)",
    re.IGNORECASE,
)


def are_awaited(loop: ast.While) -> bool:
    """Whether a name in the condition, or in a loop that asks within, is a machine's.

    ``while not await pod.ready()``.
    """
    forever = isinstance(loop.test, ast.Constant)
    asked = loop.body if forever else [loop.test]
    words = (
        getattr(node, "attr", None) or getattr(node, "id", None)
        for node in flow.own_nodes(asked)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    return any(_MACHINE.search(each) for each in words if each)
