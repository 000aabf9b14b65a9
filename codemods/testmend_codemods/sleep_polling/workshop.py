"""What the rewriting of every form needs: intervals, arguments, imports that go."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.dropping import import_cleanup
from testmend_codemods.sleep_polling import byhand, flow, project, sleeps, zeros
from testmend_codemods.sleep_polling.model import Rewrite
from testmend_codemods.sleep_polling.numbers import Term, is_simple

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.knowledge.dropping import Dropped
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.sleeps import Loop, Sleep


class Workshop:
    """The rewriting of one file's loops.

    ``dropped`` are the imports that may go with them, by name.
    """

    def __init__(self, module: Module, options: SleepPollingOptions, name: str) -> None:
        self.module = module
        self.options = options
        self.name = name
        self.dropped: dict[str, Dropped] = {}

    def _interval(self, loop: Loop, sleep: Sleep) -> Term | str:
        """The sleep's seconds, or why they can't be the interval of a poll."""
        call = sleep.call
        if len(call.args) > 1 or call.keywords or not is_simple(_seconds(call)):
            return "backoff"
        seconds = _seconds(call)
        stored = {
            node.id
            for node in flow.own_nodes([loop])
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        read = {node.id for node in ast.walk(seconds) if isinstance(node, ast.Name)}
        if stored & read:
            return "backoff"
        interval = Term.of(self.module, seconds)
        counted = not isinstance(loop, ast.While) or byhand.counts(loop)
        least = 1e-9 if counted else 0
        if interval.value is not None and interval.value < least:
            return "zero-sleep"
        if counted and zeros.may_be_zero(self.module, loop, seconds):
            return "zero-sleep"
        return interval

    def _arguments(self, timeout: str, interval: Term, sleep: Sleep) -> list[str]:
        plain = interval.text
        if plain.startswith("(") and plain.endswith(")"):
            plain = plain[1:-1]
        given = [f"timeout={timeout}", f"interval={plain}"]
        if sleep.target not in sleeps.DEFAULTS:
            given.append(f"sleep={self.module.source(sleep.call.func)}")
        return given

    def _projected(self, wait: project.Wait) -> Rewrite | str:
        made = project.made(self.module, self.options, wait)
        if made is None:
            return "no-project-form"
        removed = self._removed(made.gone)
        return Rewrite(made.edits, removed, imports=made.imports, uses_helper=False)

    def _removed(self, functions: list[ast.expr]) -> frozenset[int]:
        """The name loads that go; their imports are noted, as they may go, too."""
        offsets = set()
        for function in functions:
            root: ast.expr = function
            while isinstance(root, ast.Attribute):
                root = root.value
            if not isinstance(root, ast.Name):
                continue
            offsets.add(self.module.start(root))
            if root.id not in self.dropped:
                dropped = import_cleanup(self.module, root.id, root)
                if dropped:
                    self.dropped[root.id] = dropped
        return frozenset(offsets)


def _seconds(call: ast.Call) -> ast.expr:
    return call.args[0] if call.args else ast.Constant(0)
