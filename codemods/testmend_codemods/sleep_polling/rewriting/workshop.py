"""What the rewriting of every form needs: intervals, arguments, imports that go."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.dropping import import_cleanup
from testmend_codemods.sleep_polling.limits import endings
from testmend_codemods.sleep_polling.model import Rewrite
from testmend_codemods.sleep_polling.reading import counting, flow, sleeps, zeros
from testmend_codemods.sleep_polling.reading.numbers import Term, is_simple, literal
from testmend_codemods.sleep_polling.writing import deadlines, inline, keepers, project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.model import Edit
    from testmend.namespaces import Binding
    from testmend.source import Module
    from testmend_codemods.knowledge.dropping import Dropped
    from testmend_codemods.sleep_polling.loops import single
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.reading.sleeps import Loop, Sleep
    from testmend_codemods.sleep_polling.writing.keepers import Keeper


class Workshop:
    """The rewriting of one file's loops.

    ``imported`` are the imports that they need for the project's own functions.
    """

    def __init__(self, module: Module, options: SleepPollingOptions, name: str) -> None:
        self.module = module
        self.options = options
        self.name = name
        self._dropped: dict[tuple[Binding, ...], Dropped | None] = {}
        self.imported: dict[str, str] = {}

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """The imports that may go with the loops."""
        return tuple(each for each in self._dropped.values() if each)

    def _interval(self, loop: Loop, sleep: Sleep) -> Term | str:
        """The sleep's seconds, or why they can't be the interval of a poll."""
        call = sleep.call
        if len(call.args) > 1 or call.keywords or not is_simple(_seconds(call)):
            return "backoff"
        seconds = _seconds(call)
        if flow.places(seconds, ast.Load) & flow.places(loop, ast.Store):
            return "backoff"
        interval = Term.of(self.module, seconds)
        counted = not isinstance(loop, ast.While) or counting.counts(loop)
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
        return [*given, *self._own_sleep(sleep)]

    def _own_sleep(self, sleep: Sleep) -> list[str]:
        if sleep.target in sleeps.DEFAULTS:
            return []
        return [f"sleep={self.module.source(sleep.call.func)}"]

    def _keeper(
        self,
        loop: Loop,
        found: Sequence[Sleep],
        timeout: str,
        interval: Term | None = None,
        *,
        exact: bool = False,
    ) -> Keeper | str:
        """What keeps the time of a loop with these sleeps, in the style of the project.

        ``interval``: they are all of this length; else each has its own. ``exact``: it
        is the old time, which plain code would not make any clearer.
        """
        if self.options.style == "project":
            return "no-project-form"
        if self.options.style == "inline":
            reason = self._why_no_sum(loop, found, counts=interval is not None)
            if exact or reason:
                return reason or "no-inline-form"
            parts = any((literal(_seconds(each.call)) or 0) % 1 for each in found)
            if timeout.isdigit() and parts and _is_typed(self.module, loop):
                timeout += ".0"  # else a type checker takes it for an int
            return inline.Budget.of(self.module, loop, timeout)
        given = [f"timeout={timeout}", *self._own_sleep(found[0])]
        if interval is not None:
            given = self._arguments(timeout, interval, found[0])
        name, function = deadlines.name(self.module, loop), f"{self.name}.Deadline"
        return keepers.Deadline(name, function, tuple(given), timed=interval is None)

    def _why_no_sum(self, loop: Loop, found: Sequence[Sleep], *, counts: bool) -> str:
        """Why the sum of the sleeps of a loop may never grow; "" if it does.

        One that ``counts`` came to its end even so: it needs lengths that are seen. One
        without a limit does not get worse.
        """
        lengths = [_seconds(each.call) for each in found]
        if any(
            literal(e) == 0 or zeros.may_be_zero(self.module, loop, e) for e in lengths
        ):
            return "zero-sleep"
        seen = (literal(e) or endings.value_of(self.module, e) for e in lengths)
        return "no-inline-form" if counts and not all(e > 0 for e in seen) else ""

    def _made(
        self,
        edits: tuple[Edit, ...],
        found: Sequence[Sleep],
        *,
        loop: ast.For | None = None,
        unsafe: str = "",
        gone: Sequence[ast.expr] = (),
    ) -> Rewrite:
        """The rewriting of a loop whose time is kept; in plain code its sleeps stay.

        ``loop``: it went over a range, and does not any more. ``gone``: what else of
        its names is not read any more.
        """
        plain = self.options.style == "inline"
        gone = [*gone]
        if not plain:
            gone += [e.call.func for e in found if e.target in sleeps.DEFAULTS]
        if loop is not None and isinstance(loop.iter, ast.Call):
            gone.append(loop.iter.func)
        removed = self._removed(gone)
        return Rewrite(edits, removed, unsafe, uses_helper=not plain)

    def _projected(self, wait: project.Wait) -> Rewrite | str:
        made = project.made(self.module, self.options, wait)
        if isinstance(made, str):
            return made
        for each in made.imports:
            # Two functions of one name, from two modules: the first loop has it.
            if self.imported.setdefault(each.split()[-1], each) != each:
                return "name-taken"
        unsafe = project.FEWER if wait.exact else ""
        removed = self._removed(made.gone)
        return Rewrite(
            made.edits, removed, unsafe, imports=made.imports, uses_helper=False
        )

    def _as_call(
        self,
        loop: ast.For | ast.While,
        sleep: Sleep,
        times: tuple[str, Term],
        found: single.Single | None,
        unused: ast.stmt | None = None,
        *,
        exact: bool = False,
    ) -> Rewrite | str:
        """A loop that waits for one condition, as a call of the project's function."""
        if found is None:
            return "no-project-form"
        gone = [each for each in (unused, found.failure) if each is not None]
        fails = [] if found.fails is None else [found.fails]
        wait = project.Wait(
            loop, sleep, times, found.test, gone, fails, found.message, exact
        )
        return self._projected(wait)

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
            # Functions may have imports of their own.
            bindings = self.module.scopes.bindings(root.id, root)
            if bindings not in self._dropped:
                dropped = import_cleanup(self.module, root.id, root)
                self._dropped[bindings] = dropped
        return frozenset(offsets)


def _seconds(call: ast.Call) -> ast.expr:
    return call.args[0] if call.args else ast.Constant(0)


def _is_typed(module: Module, loop: Loop) -> bool:
    """Whether the function around a loop has annotations: type checkers read it."""
    function = sleeps.function_of(module, loop)
    return isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        isinstance(each, ast.arg) and each.annotation is not None
        for each in (*ast.walk(function.args), ast.arg("", function.returns))
    )
