"""Whether a loop waits for pods, or for other machines that have to be set up first."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.reading import flow
from testmend_codemods.sleep_polling.reading.sleeps import function_of

if TYPE_CHECKING:
    from testmend.source import Module

_MACHINE = re.compile(
    r"(?:^|_)(?:pods?|deployments?|stateful_?sets?|daemon_?sets?|replica_?sets?|k8s"
    r"|kube\w*|docker\w*|vms?)(?:_|\d|$)",
    re.IGNORECASE,
)
_STARTED = re.compile(r"(?:^|_)(?:containers?|clusters?)(?:_|$)", re.IGNORECASE)
_SHELL = re.compile(r"(?:^|_)ssh(?:_|$)", re.IGNORECASE)
_PULLED = 300  # seconds: until a pod is ready whose image is not there yet
_INSTALLED = 1800  # seconds: until a machine is that somebody logs in to
_SLOW = 1  # seconds between two looks: of who waits until a machine is there


def seconds(module: Module, loop: ast.While, interval: float) -> int:
    """How long a loop may wait for machines, by the names in its questions; 0: none.

    ``while not await pod.ready()``; ``if "DONE" in self.ssh("status"): break``; in a
    function that is called ``kafka_container``. The ``interval`` is in seconds: who
    looks often logs in to what is there already.
    """
    forever = isinstance(loop.test, ast.Constant)
    asked = loop.body if forever else [loop.test]
    words = [
        word
        for node in flow.own_nodes(asked)
        if isinstance(node, ast.Name | ast.Attribute)
        if (word := getattr(node, "attr", None) or getattr(node, "id", None))
    ]
    if interval >= _SLOW and any(_SHELL.search(word) for word in words):
        return _INSTALLED
    made = getattr(function_of(module, loop), "name", "")
    asks = any(_MACHINE.search(word) for word in words)
    return _PULLED if asks or _STARTED.search(made) or _MACHINE.search(made) else 0
