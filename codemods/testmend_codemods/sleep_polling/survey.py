"""One file: each loop with a sleep, and how it is rewritten or why it is left alone."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend.errors import FragmentError
from testmend.facts import dotted
from testmend.model import Survey
from testmend_codemods.knowledge.dropping import import_cleanup
from testmend_codemods.knowledge.files import is_generated, is_test_data
from testmend_codemods.sleep_polling import (
    counted,
    endless,
    flow,
    fragments,
    inline,
    mocks,
    sleeps,
)
from testmend_codemods.sleep_polling.model import Candidate, Candidates, Rewrite
from testmend_codemods.sleep_polling.numbers import Term, is_simple, written
from testmend_codemods.sleep_polling.roles import role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.source import Module
    from testmend_codemods.knowledge.dropping import Dropped
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.sleeps import Loop, Sleep

NAMES = ("waits", "test_waits", "testmend_waits")


def survey(module: Module, options: SleepPollingOptions) -> Survey | None:
    """The loops of one file that hold a sleep."""
    found = sleeps.loops(module)
    if not found:
        return None
    name, bound = _name(module)
    file = _File(module, options, name)
    loops = tuple(file.candidate(loop, found[loop]) for loop in _ordered(module, found))
    bases = {base for each in loops for base in each.bases}
    candidates = Candidates(loops, name, bound, tuple(file.dropped.values()))
    return Survey(candidates, frozenset(_modules(module, bases)))


def _ordered(module: Module, found: dict[Loop, list[Sleep]]) -> list[Loop]:
    return sorted(found, key=module.start)


def _name(module: Module) -> tuple[str, str]:
    """The local name of the helper, and the import that binds it already."""
    for name in NAMES:
        bindings = module.scopes.all_bindings(name)
        if not bindings and not module.scopes.is_mentioned(name):
            return name, ""
        if len(bindings) == 1 and bindings[0].kind == "import":
            target = bindings[0].target
            if target.rpartition(".")[2] in NAMES:
                return name, target
    return "", ""


def _modules(module: Module, bases: set[str]) -> Iterator[str]:
    """The modules in which the bases of a loop's class may be defined."""
    roots = {base.partition(".")[0] for base in bases}
    for each in module.scopes.imports:
        if each.name in roots:
            yield each.target
            yield each.target.rpartition(".")[0] or each.target
    for base in bases:
        yield base.rpartition(".")[0] or base


class _File:
    """The file under survey, and the imports that its rewrites may leave unused."""

    def __init__(self, module: Module, options: SleepPollingOptions, name: str) -> None:
        self.module = module
        self.options = options
        self.name = name
        self.dropped: dict[str, Dropped] = {}

    def candidate(self, loop: Loop, found: list[Sleep]) -> Candidate:
        """What is to be said of one loop."""
        form = _form(loop)
        where = self.module.range(
            self.module.start(loop), self.module.end(_header(loop))
        )
        bases = self._bases(loop)
        try:
            result = self._rewrite(loop, found)
        except FragmentError as error:
            result = error.reason
        if isinstance(result, Rewrite):
            return Candidate(where, form, rewrite=result, bases=bases)
        return Candidate(where, form, reason=result, bases=bases)

    def _bases(self, loop: Loop) -> tuple[str, ...]:
        for above in self.module.ancestors(loop):
            if isinstance(above, ast.ClassDef):
                return tuple(dotted(base) for base in above.bases)
        return ()

    def _rewrite(self, loop: Loop, found: list[Sleep]) -> Rewrite | str:
        reason = next(self._objections(loop, found), "")
        if reason:
            return reason
        sleep = found[0]
        statement = sleeps.statement(self.module, sleep)
        if statement is None:
            return "not-a-statement"
        interval = self._interval(loop, sleep)
        if isinstance(interval, str):
            return interval
        if isinstance(loop, ast.For):
            return self._counted(loop, sleep, statement, interval)
        if isinstance(loop, ast.While):
            return self._endless(loop, sleep, statement, interval)
        return "not-a-poll"

    def _objections(self, loop: Loop, found: list[Sleep]) -> Iterator[str]:
        """The reasons that hold whatever the loop's form is."""
        module = self.module
        if is_generated(module.utf8) or is_test_data(module.path):
            yield "generated"
        reason = role(module, loop)
        if reason:
            yield reason
        if not all(each.target for each in found):
            yield "unresolved-sleep"
        if mocks.is_mocked(module, loop):
            yield "mocked-sleep"
        inner = list(flow.own_nodes([loop]))
        if mocks.reads_clock(module, iter(inner)):
            yield "already-bounded"
        if len(found) > 1:
            yield "several-sleeps"
        if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in inner):
            yield "generator"
        function = sleeps.function_of(module, loop)
        if isinstance(function, ast.AsyncFunctionDef) and not found[0].is_async:
            yield "blocking-in-async"
        if not self.name and self.options.style != "inline":
            yield "name-taken"

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
        if interval.value is not None and interval.value <= 0:
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

    def _counted(
        self, loop: ast.For, sleep: Sleep, statement: ast.Expr, interval: Term
    ) -> Rewrite | str:
        plan = counted.plan(self.module, loop, statement, interval, self.options)
        if plan.reason:
            return plan.reason
        if self.options.style == "inline":
            return self._counted_inline(loop, plan)
        function = f"{self.name}.{'apoll' if sleep.is_async else 'poll'}"
        arguments = self._arguments(plan.timeout, interval, sleep)
        edits = fragments.polled(self.module, loop, statement, function, arguments)
        if plan.unused:
            edits = (fragments.removed(self.module, plan.unused), *edits)
        gone: list[ast.expr] = (
            [loop.iter.func] if isinstance(loop.iter, ast.Call) else []
        )
        if sleep.target in sleeps.DEFAULTS:
            gone.append(sleep.call.func)
        return Rewrite(edits, self._removed(gone), plan.unsafe)

    def _endless(
        self, loop: ast.While, sleep: Sleep, statement: ast.Expr, interval: Term
    ) -> Rewrite | str:
        reason = endless.reason(self.module, loop, statement)
        if reason:
            return reason
        timeout = written(self.options.unbounded)
        if self.options.style == "inline":
            now = inline.clock(self.module, loop)
            if now is None:
                return "name-taken"
            edits = inline.endless(self.module, loop, timeout, now)
            return Rewrite(edits, imports=now.imports, uses_helper=False)
        function = f"{self.name}.wait_until{'_async' if sleep.is_async else ''}"
        arguments = self._arguments(timeout, interval, sleep)
        edits = fragments.waited(self.module, loop, sleep, function, arguments)
        gone = [sleep.call.func] if sleep.target in sleeps.DEFAULTS else []
        return Rewrite(edits, self._removed(gone))

    def _counted_inline(self, loop: ast.For, plan: counted.Plan) -> Rewrite | str:
        now = inline.clock(self.module, loop)
        if now is None:
            return "name-taken"
        call = loop.iter
        rounds = plan.rounds
        if not rounds and isinstance(call, ast.Call):
            rounds = self.module.source(call.args[0])
        told = counted.is_used(self.module, loop)
        edits = inline.counted(self.module, loop, plan.timeout, rounds, now, told=told)
        gone = [call.func] if isinstance(call, ast.Call) else []
        removed = self._removed(gone)
        return Rewrite(
            edits, removed, plan.unsafe, imports=now.imports, uses_helper=False
        )

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


def _form(loop: Loop) -> str:
    return "W1" if isinstance(loop, ast.While) else "P"


def _header(loop: Loop) -> ast.expr:
    return loop.test if isinstance(loop, ast.While) else loop.iter


def _seconds(call: ast.Call) -> ast.expr:
    return call.args[0] if call.args else ast.Constant(0)
