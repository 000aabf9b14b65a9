"""How a counted loop is rewritten, form P."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling import (
    counted,
    deadlines,
    inline,
    lastround,
    polls,
    project,
    ranges,
    single,
    sleeps,
)
from testmend_codemods.sleep_polling.model import Rewrite
from testmend_codemods.sleep_polling.workshop import Workshop

if TYPE_CHECKING:
    from testmend_codemods.sleep_polling.numbers import Term
    from testmend_codemods.sleep_polling.sleeps import Sleep


class CountedForms(Workshop):
    """The rewriting of counted loops.

    Every method gives a `Rewrite` or a reason code, and may raise `FragmentError`.
    """

    def _counted(
        self, loop: ast.For, sleep: Sleep, statement: ast.Expr, interval: Term
    ) -> Rewrite | str:
        last = lastround.find(self.module, loop, statement)
        if last is not None:
            return self._last_round(loop, sleep, last, interval)
        plan = counted.plan(self.module, loop, statement, interval, self.options)
        if plan.reason:
            return plan.reason
        if plan.sleeps_between:
            return self._between(loop, sleep, plan, interval)
        if self.options.style == "project":
            test = single.counting(self.module, loop, statement)
            unused = () if plan.unused is None else (plan.unused,)
            times = (plan.timeout, interval)
            return self._projected(project.Wait(loop, sleep, times, test, unused))
        if self.options.style == "inline":
            first = plan.sleeps_first
            return "sleep-first" if first else self._counted_inline(loop, plan)
        return self._polled(loop, sleep, statement, plan, interval)

    def _polled(
        self,
        loop: ast.For,
        sleep: Sleep,
        statement: ast.stmt,
        plan: counted.Plan,
        interval: Term,
    ) -> Rewrite | str:
        """The loop over attempts, without ``statement``, which sleeps."""
        from testmend_codemods.sleep_polling import fragments  # noqa: PLC0415  slow

        if plan.first and (
            sleep.is_async or ranges.reads_underscore(self.module, loop)
        ):
            return "computed-range"  # nothing counts them from another number
        function = f"{self.name}.{'apoll' if sleep.is_async else 'poll'}"
        arguments = self._arguments(plan.timeout, interval, sleep)
        rewrite = polls.slept if plan.sleeps_first else fragments.polled
        call = polls.Call(function, arguments, plan.first)
        edits = rewrite(self.module, loop, statement, call)
        if plan.unused is not None:
            edits = (fragments.removed(self.module, plan.unused), *edits)
        gone: list[ast.expr] = (
            [loop.iter.func] if isinstance(loop.iter, ast.Call) else []
        )
        if sleep.target in sleeps.DEFAULTS and not plan.sleeps_first:
            gone.append(sleep.call.func)
        return Rewrite(edits, self._removed(gone), plan.unsafe)

    def _between(
        self, loop: ast.For, sleep: Sleep, plan: counted.Plan, interval: Term
    ) -> Rewrite | str:
        if self.options.style in ("inline", "project"):
            return "sleep-not-last"
        arguments = self._arguments(plan.timeout, interval, sleep)
        call = (f"{self.name}.Deadline", arguments)
        edits = deadlines.between(self.module, loop, sleep, call)
        if plan.unused is not None:
            from testmend_codemods.sleep_polling import fragments  # noqa: PLC0415  slow

            edits = (fragments.removed(self.module, plan.unused), *edits)
        return Rewrite(edits, self._without_range(loop, sleep), plan.unsafe)

    def _last_round(
        self, loop: ast.For, sleep: Sleep, last: lastround.LastRound, interval: Term
    ) -> Rewrite | str:
        if self.options.style in ("inline", "project"):
            return "loop-variable"
        limit = lastround.limit(self.module, loop, last, interval, self.options)
        if last.drops:
            first = last.rounds.first if last.told else 0
            plan = counted.Plan(limit.timeout, unsafe=limit.unsafe, first=first)
            return self._polled(loop, sleep, last.holder, plan, interval)
        imports = ("import itertools",) if last.told else ()
        if last.told and self.module.scopes.is_mentioned("itertools"):
            if not lastround.imports_itertools(self.module, loop):
                return "name-taken"
            imports = ()
        arguments = self._arguments(limit.timeout, interval, sleep)
        call = (f"{self.name}.Deadline", arguments)
        edits = deadlines.to_the_last(self.module, loop, sleep, last, call)
        removed = self._without_range(loop, sleep)
        return Rewrite(edits, removed, limit.unsafe, imports)

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

    def _without_range(self, loop: ast.For, sleep: Sleep) -> frozenset[int]:
        gone = [loop.iter.func] if isinstance(loop.iter, ast.Call) else []
        if sleep.target in sleeps.DEFAULTS:
            gone.append(sleep.call.func)
        return self._removed(gone)
