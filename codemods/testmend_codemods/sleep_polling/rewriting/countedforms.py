"""How a counted loop is rewritten, form P."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend_codemods.sleep_polling.loops import counted, lastround, single
from testmend_codemods.sleep_polling.model import Rewrite
from testmend_codemods.sleep_polling.reading import ranges, sleeps
from testmend_codemods.sleep_polling.rewriting.workshop import Workshop
from testmend_codemods.sleep_polling.writing import deadlines, fragments, inline, polls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend_codemods.sleep_polling.reading.numbers import Term
    from testmend_codemods.sleep_polling.reading.sleeps import Sleep


class CountedForms(Workshop):
    """The rewriting of counted loops.

    Every method gives a `Rewrite` or a reason code, and may raise `FragmentError`.
    """

    def _counted(
        self, loop: ast.For, sleep: Sleep, statement: ast.Expr, interval: Term
    ) -> Rewrite | str:
        last = lastround.find(self.module, loop, statement)
        if last is not None and last.sleeps.value == 0:
            return "no-exit"  # one try, and never a sleep
        if last is not None:
            return self._last_round(loop, sleep, last, interval)
        plan = counted.plan(self.module, loop, statement, interval, self.options)
        if plan.reason:
            return plan.reason
        if plan.sleeps_between or self.options.style == "inline":
            return self._between(loop, sleep, plan, interval)
        if self.options.style == "project":
            found = single.counting(self.module, loop, statement)
            times = (plan.timeout, interval)
            exact = plan.exact and not plan.by_time
            return self._as_call(loop, sleep, times, found, plan.unused, exact=exact)
        return self._polled(loop, sleep, statement, plan, interval)

    def _polled(
        self,
        loop: ast.For,
        sleep: Sleep,
        statement: ast.stmt,
        plan: counted.Plan,
        interval: Term,
        *,
        numbered: bool = True,
    ) -> Rewrite | str:
        """The loop over attempts, without ``statement``, which sleeps.

        ``numbered``: whether their number may be read but in that statement.
        """
        if plan.first and (
            sleep.is_async or ranges.reads_underscore(self.module, loop)
        ):
            return "computed-range"  # nothing counts them from another number
        function = f"{self.name}.{'apoll' if sleep.is_async else 'poll'}"
        arguments = self._arguments(plan.timeout, interval, sleep)
        unnamed = not numbered and not ranges.reads_underscore(self.module, loop)
        call = polls.Call(function, arguments, plan.first, "_" if unnamed else "")
        if plan.sleeps_first:
            edits = polls.slept(self.module, loop, statement, call)
        else:
            from testmend_codemods.sleep_polling.writing import attempts  # noqa: PLC0415  slow

            edits = attempts.polled(self.module, loop, statement, call)
        if plan.unused is not None:
            edits = (fragments.removed(self.module, plan.unused), *edits)
        gone = [*_names(plan.unused)]
        if isinstance(loop.iter, ast.Call):
            gone.append(loop.iter.func)
        if sleep.target in sleeps.DEFAULTS and not plan.sleeps_first:
            gone.append(sleep.call.func)
        return Rewrite(edits, self._removed(gone), plan.unsafe)

    def _between(
        self, loop: ast.For, sleep: Sleep, plan: counted.Plan, interval: Term
    ) -> Rewrite | str:
        keeper = self._keeper(loop, [sleep], plan.timeout, interval, exact=plan.exact)
        if isinstance(keeper, str):
            return keeper
        if isinstance(keeper, inline.Budget):
            return self._plainly(loop, sleep, keeper, plan)
        edits = deadlines.between(self.module, loop, [sleep], keeper)
        if plan.unused is not None:
            edits = (fragments.removed(self.module, plan.unused), *edits)
        gone = [*_names(plan.unused)]
        return self._made(edits, [sleep], loop=loop, unsafe=plan.unsafe, gone=gone)

    def _last_round(
        self, loop: ast.For, sleep: Sleep, last: lastround.LastRound, interval: Term
    ) -> Rewrite | str:
        limit = lastround.limit(self.module, loop, last, interval, self.options)
        times = (limit.timeout, interval)
        keeper = self._keeper(loop, [sleep], *times, exact=limit.exact)
        if isinstance(keeper, str):
            return keeper
        if last.drops:
            first = last.rounds.first if last.told else 0
            plan = counted.Plan(limit.timeout, unsafe=limit.unsafe, first=first)
            if isinstance(keeper, inline.Budget):
                return self._plainly(loop, sleep, keeper, plan, last)
            statement, numbered = last.holder, last.told
            return self._polled(
                loop, sleep, statement, plan, interval, numbered=numbered
            )
        if last.told and limit.exact:
            return "loop-variable"  # as many rounds, counted twice
        imports = ("import itertools",) if last.told else ()
        if last.told and self.module.scopes.is_mentioned("itertools"):
            if not lastround.imports_itertools(self.module, loop):
                return "name-taken"
            imports = ()
        edits = deadlines.to_the_last(self.module, loop, sleep, last, keeper)
        made = self._made(edits, [sleep], loop=loop, unsafe=limit.unsafe)
        return replace(made, imports=imports)

    def _plainly(
        self,
        loop: ast.For,
        sleep: Sleep,
        budget: inline.Budget,
        plan: counted.Plan,
        last: lastround.LastRound | None = None,
    ) -> Rewrite | str:
        """The loop in plain code. It sleeps where it did, and in the ``last`` round."""
        told = last.told if last else ranges.is_read_within(self.module, loop)
        if told and not inline.is_numbered(self.module, loop):
            return "no-inline-form"
        if told:
            budget = budget.numbering(self.module.source(loop.target), plan.first)
        holder = last.holder if last else None
        edits = inline.counted(self.module, loop, sleep, budget, holder)
        return self._made(edits, [sleep], loop=loop, unsafe=plan.unsafe)


def _names(unused: ast.stmt | None) -> Iterator[ast.expr]:
    """The names that an assignment reads which goes."""
    for each in ast.walk(unused) if unused else ():
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            yield each
