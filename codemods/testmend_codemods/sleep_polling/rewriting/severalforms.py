"""Loops with several sleeps, each of which ends its round: one deadline sleeps them.

::

    for _ in range(60):                     deadline = Deadline(timeout=..., interval=5)
        if not self.update():               while not deadline.expired:
            sleep(5)                            if not self.update():
            continue                                deadline.sleep()
        if self.install():                          continue
            break                               if self.install():
        sleep(5)                                    break
                                                deadline.sleep()
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend_codemods.sleep_polling.guards import pythons
from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.loops import byhand, counted, holding, unbounded
from testmend_codemods.sleep_polling.reading import flow, ranges, sleeps
from testmend_codemods.sleep_polling.reading.numbers import Term
from testmend_codemods.sleep_polling.rewriting.countedforms import CountedForms
from testmend_codemods.sleep_polling.writing import byclock, deadlines, inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend_codemods.sleep_polling.model import Rewrite
    from testmend_codemods.sleep_polling.reading.sleeps import Loop, Sleep

_NONE = "several-sleeps"
_RARE = 30  # seconds between two looks: the work of hours


class SeveralForms(CountedForms):
    """The rewriting of loops with several sleeps.

    Every method gives a `Rewrite` or a reason code, and may raise `FragmentError`.
    """

    def _several(self, form: str, loop: Loop, found: Sequence[Sleep]) -> Rewrite | str:
        """The rewriting of a loop of a form, by all its sleeps."""
        statements = [sleeps.statement(self.module, each) for each in found]
        steps = [each for each in statements if each is not None]
        kinds = {(self.module.source(e.call.func), e.is_async) for e in found}
        plain = len(steps) == len(found) and len(kinds) == 1
        if isinstance(loop, ast.For) and not ranges.is_range(self.module, loop.iter):
            return "not-a-poll"
        if not plain:
            return _NONE
        each_one = [self._interval(loop, each) for each in found]
        intervals = [each for each in each_one if isinstance(each, Term)]
        known = len(intervals) == len(found)
        alike = known and len({each.text for each in intervals}) == 1
        if isinstance(loop, ast.While) and form in ("Pw", "T") and known:
            return self._unbounded_by_several(loop, found, steps, intervals)
        if isinstance(loop, ast.For) and alike:
            return self._counted_by_several(loop, found, steps, intervals[0])
        if isinstance(loop, ast.While) and form == "Pc" and alike:
            return self._by_hand_by_several(loop, found, steps, intervals[0])
        return _NONE

    def _unbounded_by_several(
        self,
        loop: ast.While,
        found: Sequence[Sleep],
        steps: Sequence[ast.Expr],
        intervals: Sequence[Term],
    ) -> Rewrite | str:
        reason = unbounded.reason(self.module, loop, *steps)
        known = [each.value for each in intervals if each.value is not None]
        if reason or len(known) < len(intervals):
            return reason or _NONE
        longest = Term("", max(known))
        if self._is_long(loop, longest):
            return "load-loop"
        timeout = endings.unbounded(self.module, loop, longest, self.options)
        return self._limited(loop, found, timeout)

    def _limited(
        self, loop: ast.While, found: Sequence[Sleep], timeout: str
    ) -> Rewrite | str:
        """A loop without a limit with one; each of its sleeps keeps its seconds."""
        keeper = self._keeper(loop, found, timeout)
        if keeper == "zero-sleep":
            return self._clocked_plainly(loop, found, timeout)
        if isinstance(keeper, str):
            return keeper
        if isinstance(keeper, inline.Budget):
            edits = inline.bounded(self.module, loop, found, keeper)
        else:
            edits = deadlines.bounded(self.module, loop, found, keeper)
        return self._made(edits, found)

    def _clocked_plainly(
        self, loop: ast.While, found: Sequence[Sleep], timeout: str
    ) -> Rewrite | str:
        """The same in plain code for sleeps that may have no length."""
        if pythons.runs_on_python_2(self.module):
            return "python-2"  # which has no monotonic clock
        clock = byclock.Clock.of(self.module, loop, timeout)
        if clock is None:
            return "name-taken"
        made = self._made(inline.bounded(self.module, loop, found, clock), found)
        return replace(made, imports=clock.imports)

    def _is_long(self, loop: ast.While, interval: Term) -> bool:
        """Whether a loop may well go on for longer than the limit that it would get.

        It drives something for so long, or looks but twice in a minute.
        """
        seconds = interval.value or 0
        limit = self.options.unbounded or endings.LEAST
        return seconds >= _RARE or unbounded.counted_to(loop) * seconds > limit / 3

    def _counted_by_several(
        self,
        loop: ast.For,
        found: Sequence[Sleep],
        steps: Sequence[ast.Expr],
        interval: Term,
    ) -> Rewrite | str:
        rounds = ranges.rounds(self.module, loop)
        ways = flow.exits(loop)
        skipped = flow.falls_through(loop.body, *steps) or not all(
            any(flow.is_behind(self.module, each, step) for step in steps)
            for each in ways.continues
        )
        if rounds is None or counted.is_used(self.module, loop) or skipped:
            return _NONE
        if not all(_ends_round(self, loop, each) for each in steps):
            return _NONE
        reason = counted.purpose(loop, ways, flow.following(self.module, loop))
        if reason:
            return reason
        given = (loop.iter, rounds.term, interval)
        limit = endings.limit(self.module, loop, given, self.options)
        times = (limit.timeout, interval)
        keeper = self._keeper(loop, found, *times, exact=limit.exact)
        if isinstance(keeper, str):
            return keeper
        edits = deadlines.between(self.module, loop, found, keeper)
        return self._made(edits, found, loop=loop, unsafe=limit.unsafe)

    def _by_hand_by_several(
        self,
        loop: ast.While,
        found: Sequence[Sleep],
        steps: Sequence[ast.Expr],
        interval: Term,
    ) -> Rewrite | str:
        counter = byhand.counter(self.module, loop, steps, interval)
        apart = all(_ends_round(self, loop, each) for each in steps)
        if counter is None or not apart:
            return _NONE
        reason = holding.purpose(self.module, loop, counter)
        if reason:
            return reason
        if not all(any(c is e for e in ast.walk(loop.test)) for c, _ in counter.checks):
            return _NONE  # one in the body may stand before or behind a sleep
        limit = self._limit(loop, counter, interval)
        if isinstance(limit, str):
            return limit
        times = (limit.timeout, interval)
        keeper = self._keeper(loop, found, *times, exact=limit.exact)
        if isinstance(keeper, str):
            return keeper
        edits = deadlines.counted(self.module, loop, found, counter, keeper)
        return self._made(edits, found, unsafe=limit.unsafe)

    def _limit(
        self, loop: ast.While, counter: byhand.Counter, interval: Term
    ) -> endings.Limit | str:
        """The timeout of a loop with a counter by hand, or why there is none.

        A count that is told goes on: in the old time it would only be counted twice.
        """
        length = endings.SECOND if counter.by_seconds else interval
        if counter.left:
            meant = counter.end or endings.meaning(self.module, loop)
            found = endings.exactly(counter.rounds, length, meant)
        else:
            found = endings.limit(
                self.module,
                loop,
                (counter.named, counter.limit, length),
                self.options,
                end=counter.end,
                made=counter.rounds,
            )
        return "hand-counter" if counter.told and found.exact else found


def _ends_round(forms: SeveralForms, loop: Loop, sleep: ast.stmt) -> bool:
    """Whether no other sleep comes behind this one in the same round."""
    block = flow.block(forms.module, sleep)
    behind = block[block.index(sleep) + 1 :]
    if behind:
        return isinstance(behind[0], ast.Continue)
    return flow.is_last(loop.body, sleep)
