"""How a loop is rewritten: one method for each form."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.loops import (
    byhand,
    clocked,
    endless,
    growing,
    holding,
    single,
    unbounded,
)
from testmend_codemods.sleep_polling.model import Rewrite
from testmend_codemods.sleep_polling.reading import closures, counting, flow, sleeps
from testmend_codemods.sleep_polling.reading.numbers import Term, is_simple
from testmend_codemods.sleep_polling.rewriting.severalforms import SeveralForms
from testmend_codemods.sleep_polling.writing import (
    deadlines,
    fragments,
    inline,
    project,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop, Sleep


class Forms(SeveralForms):
    """The rewriting of one file's loops.

    Every method gives a `Rewrite` or a reason code, and may raise `FragmentError`.
    """

    def rewrite(self, form: str, loop: Loop, found: Sequence[Sleep]) -> Rewrite | str:
        """The rewriting of a loop of a form, by its sleeps."""
        # One that is made once, on the way out of the loop, is no part of its rounds.
        paced = [each for each in found if not self._leads_out(each)] or found
        sleep = paced[0]
        statement = sleeps.statement(self.module, sleep)
        if len(paced) > 1:
            return self._several(form, loop, paced)
        if statement is None:
            return "not-a-statement"
        interval = self._interval(loop, sleep)
        if isinstance(interval, str):
            grows = interval == "backoff"
            return self._growing(form, loop, sleep) if grows else interval
        if isinstance(loop, ast.For):
            return self._counted(loop, sleep, statement, interval)
        if isinstance(loop, ast.While):
            return self._while(form, loop, sleep, interval)
        return "not-a-poll"

    def _leads_out(self, sleep: Sleep) -> bool:
        statement = sleeps.statement(self.module, sleep)
        return statement is not None and flow.leads_out(self.module, statement)

    def _while(
        self, form: str, loop: ast.While, sleep: Sleep, interval: Term
    ) -> Rewrite | str:
        statement = sleeps.statement(self.module, sleep)
        if statement is None:
            return "not-a-statement"
        if self.options.style == "inline" and inline.is_done(self.module, loop):
            return "already-bounded"
        if form == "W1":
            return self._endless(loop, sleep, interval)
        if form == "W2":
            return self._clocked(loop, sleep, statement, interval)
        if form == "Pc":
            return self._by_hand(loop, sleep, statement, interval)
        return self._unbounded(loop, sleep, statement, interval)

    def _endless(self, loop: ast.While, sleep: Sleep, interval: Term) -> Rewrite | str:
        reason = endless.reason(self.module, loop)
        measured = not interval.value and unbounded.is_of_load_test(self.module, loop)
        if reason in ("", endless.STAYS) and (
            measured or self._is_long(loop, interval)
        ):
            reason = "load-loop"
        plain = self.options.style == "inline" or (
            self.options.style != "project"
            and closures.reads_loop_around(self.module, loop, is_async=sleep.is_async)
        )
        if reason == endless.STAYS or (not reason and plain):
            return self._bounded(loop, sleep, interval)
        if reason:
            return reason
        timeout = endings.unbounded(self.module, loop, interval, self.options)
        if self.options.style == "project":
            times = (timeout, interval)
            return self._projected(project.Wait(loop, sleep, times, loop.test))
        function = f"{self.name}.wait_until{'_async' if sleep.is_async else ''}"
        arguments = self._arguments(timeout, interval, sleep)
        edits = fragments.waited(self.module, loop, sleep, (function, arguments))
        gone = [sleep.call.func] if sleep.target in sleeps.DEFAULTS else []
        return Rewrite(edits, self._removed(gone))

    def _clocked(
        self, loop: ast.While, sleep: Sleep, statement: ast.Expr, interval: Term
    ) -> Rewrite | str:
        reason = endless.reason(self.module, loop)
        found = clocked.clocked(self.module, loop, statement)
        if reason == endless.STAYS or found is None or self.options.style == "inline":
            return "already-bounded"
        if reason:
            return reason
        timeout = self.module.source(found.limit)
        if self.options.style == "project":
            wait = project.Wait(
                loop,
                sleep,
                (timeout, interval),
                loop.test,
                () if found.needed else (found.start,),
                found.clocks,
                found.message,
            )
            return self._projected(wait)
        arguments = self._arguments(timeout, interval, sleep)
        if found.message is not None:
            text = self.module.source(found.message)
            fixed = isinstance(found.message, ast.Constant)
            arguments[2:2] = [f"message={'' if fixed else 'lambda: '}{text}"]
        function = f"{self.name}.wait_until{'_async' if sleep.is_async else ''}"
        edits = fragments.waited(self.module, loop, sleep, (function, arguments))
        if not found.needed:
            edits = (fragments.removed(self.module, found.start), *edits)
        gone = [sleep.call.func] if sleep.target in sleeps.DEFAULTS else []
        if found.looped is not None:
            edits = (fragments.removed(self.module, found.looped), *edits)
            gone += (e.func for e in ast.walk(found.looped) if isinstance(e, ast.Call))
        return Rewrite(edits, self._removed([*gone, *found.clocks]))

    def _by_hand(
        self, loop: ast.While, sleep: Sleep, statement: ast.Expr, interval: Term
    ) -> Rewrite | str:
        counter = byhand.counter(self.module, loop, [statement], interval)
        if counter is None:
            skips = flow.exits(loop).continues
            return "continue-skips-sleep" if skips else "hand-counter"
        reason = holding.purpose(self.module, loop, counter)
        if reason:
            return reason
        limit = self._limit(loop, counter, interval)
        if isinstance(limit, str):
            return limit
        times = (limit.timeout, interval)
        if self.options.style == "project":
            found = single.by_hand(self.module, loop, statement, counter)
            exact = limit.exact and not counter.by_seconds
            start = counter.start
            return self._as_call(loop, sleep, times, found, start, exact=exact)
        keeper = self._keeper(loop, [sleep], *times, exact=limit.exact)
        if isinstance(keeper, str):
            return keeper
        edits = deadlines.counted(self.module, loop, [sleep], counter, keeper)
        return self._made(edits, [sleep], unsafe=limit.unsafe)

    def _unbounded(
        self, loop: ast.While, sleep: Sleep, statement: ast.Expr, interval: Term
    ) -> Rewrite | str:
        reason = unbounded.reason(self.module, loop, statement)
        if self._is_long(loop, interval):
            reason = reason or "load-loop"
        return reason or self._bounded(loop, sleep, interval)

    def _growing(self, form: str, loop: Loop, sleep: Sleep) -> Rewrite | str:
        """A loop without a limit that sleeps longer and longer: its sleep stays so."""
        statement = sleeps.statement(self.module, sleep)
        if not isinstance(loop, ast.While) or form not in ("W1", "Pw", "T"):
            return growing.why_not(self.module, loop, sleep.call)
        longest = growing.length(self.module, loop, sleep.call)
        plain = self.options.style == "inline"
        if longest is None or statement is None:
            return "backoff"
        interval = Term("", longest)
        if self._is_long(loop, interval):
            return "backoff"
        if plain and inline.is_done(self.module, loop):
            return "already-bounded"
        reason = unbounded.reason(self.module, loop, statement)
        if form == "W1":
            reason = endless.reason(self.module, loop).removeprefix(endless.STAYS)
        if plain and not is_simple(sleep.call.args[0]):
            reason = reason or "no-inline-form"
        if reason:
            return reason
        timeout = endings.unbounded(self.module, loop, interval, self.options)
        return self._limited(loop, [sleep], timeout)

    def _bounded(self, loop: ast.While, sleep: Sleep, interval: Term) -> Rewrite | str:
        timeout = endings.unbounded(self.module, loop, interval, self.options)
        statement = sleeps.statement(self.module, sleep)
        if self.options.style == "project" and statement is not None:
            found = single.endlessly(self.module, loop, statement)
            return self._as_call(loop, sleep, (timeout, interval), found)
        return self._limited(loop, [sleep], timeout)


def form_of(module: Module, loop: Loop, sleep: ast.stmt | None) -> str:
    """The form of a loop, as the documentation names them; "" for none of them."""
    if isinstance(loop, ast.For):
        return "P"
    if not isinstance(loop, ast.While):
        return ""
    if loop.body == [sleep]:
        return "W1"
    if clocked.clocked(module, loop, sleep):
        return "W2"
    if counting.counts(loop):
        return "Pc"
    return "Pw" if sleep is not None and flow.is_last(loop.body, sleep) else "T"
