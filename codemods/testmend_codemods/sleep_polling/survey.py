"""One file: each loop with a sleep, and how it is rewritten or why it is left alone."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs
from msgspec.structs import replace

from testmend.errors import FragmentError
from testmend.facts import dotted
from testmend.model import Survey
from testmend_codemods.knowledge.files import (
    is_generated,
    is_of_another_package,
    is_test_data,
    is_vendored,
)
from testmend_codemods.knowledge.lines import knows_own_lines
from testmend_codemods.knowledge.testcode import holds_no_test, root_of_tests
from testmend_codemods.sleep_polling.guards import bare, bounds, mocks, pythons, units
from testmend_codemods.sleep_polling.guards.fakes import asks_a_fake
from testmend_codemods.sleep_polling.guards.roles import role
from testmend_codemods.sleep_polling.limits import endings, testlimits
from testmend_codemods.sleep_polling.loops import holding, lastquestion
from testmend_codemods.sleep_polling.model import Candidate, Candidates, Rewrite
from testmend_codemods.sleep_polling.reading import (
    comments,
    counting,
    flow,
    ranges,
    sleeps,
)
from testmend_codemods.sleep_polling.rewriting.forms import Forms, form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.source import Module
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.reading.sleeps import Loop, Sleep

NAMES = ("waits", "testmend_waits", "test_waits")


def survey(module: Module, options: SleepPollingOptions) -> Survey | None:
    """The loops of one file that hold a sleep."""
    found, others = module.once(sleeps.loops)
    if not found and not others:
        return None
    name, bound = _name(module)
    file = _File(module, options, name)
    loops = [file.candidate(loop, found[loop]) for loop in _ordered(module, found)]
    loops += [file.bare(sleep) for sleep in others]
    loops.sort(key=lambda each: each.range)
    bases = {base for each in loops for base in each.bases}
    candidates = Candidates(tuple(loops), name, bound, file.forms.dropped)
    return Survey(
        candidates,
        frozenset(_modules(module, bases)),
        # Of what is no test it is asked who imports it at all.
        frozenset(_asked_about(module, found, file))
        if root_of_tests(module.path)
        else None,
    )


def _asked_about(module: Module, found: Iterable[Loop], file: _File) -> Iterator[str]:
    """The names whose users in other files count: sleeps, imports, the functions."""
    yield from ("time", "sleep", "asyncio")
    yield from (each.name for each in file.forms.dropped)
    for loop in found:
        for above in module.ancestors(loop):
            if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield above.name


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


_SIMULATES = re.compile(r"\bsimulat(?:e|es|ing)\b|\bpretend", re.IGNORECASE)


class _File:
    """The file under survey."""

    def __init__(self, module: Module, options: SleepPollingOptions, name: str) -> None:
        self.module = module
        self.needs_name = options.style in ("vendor", "import") and not name
        self.forms = Forms(module, options, name)

    def candidate(self, loop: Loop, found: list[Sleep]) -> Candidate:
        """What is to be said of one loop."""
        if isinstance(loop, ast.While) and not counting.counts(loop):
            found = sleeps.paced(self.module, loop, found)
        form = form_of(self.module, loop, sleeps.statement(self.module, found[0]))
        where = self.module.range(
            self.module.start(loop), self.module.end(_header(loop))
        )
        bases = self._bases(loop)
        try:
            result = self._rewrite(form, loop, found)
        except FragmentError as error:
            result = error.reason
        if isinstance(result, Rewrite):
            return Candidate(
                where,
                form,
                rewrite=result,
                bases=bases,
                kept=self._kept(form, loop, found, result),
                plain=self._plain(form, loop, found, result),
                marked=testlimits.is_marked(self.module, loop),
            )
        return Candidate(where, form, reason=result, bases=bases)

    def _kept(
        self, form: str, loop: Loop, found: list[Sleep], longer: Rewrite
    ) -> Rewrite | None:
        """The rewrite of a counted loop with its old time, if that is another one."""
        if form not in ("P", "Pc"):
            return None
        made = self._exact.rewrite(form, loop, found)
        if not isinstance(made, Rewrite) or made.edits == longer.edits:
            return None
        return replace(made, caller=longer.caller)

    def _plain(
        self, form: str, loop: Loop, found: list[Sleep], helped: Rewrite
    ) -> Rewrite | None:
        """The rewrite of a loop in plain code, if there is one."""
        if not helped.uses_helper:
            return None
        try:
            made = self._unaided.rewrite(form, loop, found)
        except FragmentError:
            return None
        return (
            replace(made, caller=helped.caller) if isinstance(made, Rewrite) else None
        )

    @cached_property
    def _unaided(self) -> Forms:
        """The forms without the helper."""
        options = structs.replace(self.forms.options, style="inline")
        return Forms(self.module, options, self.forms.name)

    @cached_property
    def _exact(self) -> Forms:
        """The forms with no more than the old times."""
        options = structs.replace(self.forms.options, factor=1.0, floor=0.0)
        return Forms(self.module, options, self.forms.name)

    def bare(self, sleep: Sleep) -> Candidate:
        """What is to be said of a sleep that is in no loop."""
        where = self.module.range_of(sleep.call)
        aside = _is_aside(self.module)
        why = "generated" if aside else bare.reason(self.module, sleep)
        return Candidate(where, "", reason=why)

    def _bases(self, loop: Loop) -> tuple[str, ...]:
        for above in self.module.ancestors(loop):
            if isinstance(above, ast.ClassDef):
                return tuple(name for base in above.bases if (name := dotted(base)))
        return ()

    def _rewrite(self, form: str, loop: Loop, found: list[Sleep]) -> Rewrite | str:
        objections = self._objections(form, loop, found)
        rounds = flow.goes_round(self.module, loop)
        reason = next(objections, "" if rounds else "not-a-poll")
        ways = (bounds.is_limited, *bounds.TOLD)
        limited = any(way(self.module, loop) for way in ways)
        if reason == "already-bounded" and not limited:
            silent = endings.is_silent(self.module, loop)
            return "silent-timeout" if silent else reason
        function = sleeps.function_of(self.module, loop)
        if reason == "unknown-caller" and isinstance(function, ast.FunctionDef):
            made = next(objections, "") or self.forms.rewrite(form, loop, found)
            if isinstance(made, Rewrite):
                return replace(made, caller=function.name)
        return reason or self.forms.rewrite(form, loop, found)

    def _objections(self, form: str, loop: Loop, found: list[Sleep]) -> Iterator[str]:
        """The reasons that hold whatever the loop's form is."""
        module = self.module
        if _is_aside(module):
            yield "generated"
        if holds_no_test(module.path, module.utf8):
            yield "no-test"
        if module.once(knows_own_lines):
            yield "own-lines"
        helper = self.forms.options.style in ("vendor", "import")
        yield from pythons.others(module, helper=helper)
        reason = _role(module, loop, found)
        if reason and not (
            reason in ("helper-class", "unknown-caller")
            and _is_a_wait(module, loop, retries=reason == "helper-class")
        ):
            yield reason
        if not all(each.target for each in found):
            yield "unresolved-sleep"
        yield from self._of_time(form, loop, found)
        yields = isinstance(loop, ast.While) and sleeps.is_coroutine(module, loop)
        inner = flow.own_nodes([loop])
        if not yields and any(isinstance(e, ast.Yield | ast.YieldFrom) for e in inner):
            yield "generator"
        function = sleeps.function_of(module, loop)
        blocks = not all(each.is_async for each in found)
        if isinstance(function, ast.AsyncFunctionDef) and blocks:
            yield "blocking-in-async"
        if holding.holds(module, loop):
            yield "hold-loop"
        if self.needs_name:
            yield "name-taken"

    def _of_time(self, form: str, loop: Loop, found: list[Sleep]) -> Iterator[str]:
        """Those for which the loop's time is not its own, or not what it seems."""
        module = self.module
        if mocks.is_mocked(module, loop, found[0].target):
            yield "mocked-sleep"
        if units.are_mixed(module, found, loop):
            yield "mixed-units"
        asked = [loop.test] if form == "W2" and isinstance(loop, ast.While) else [loop]
        bounded = mocks.reads_clock(module, flow.own_nodes(asked))
        endless = form in ("W1", "Pw", "T")
        ways = bounds.TOLD if endless else ()
        bounded = bounded or any(way(module, loop) for way in ways)
        if bounded or bounds.is_limited(module, loop):
            yield "already-bounded"


def _role(module: Module, loop: Loop, found: list[Sleep]) -> str:
    """The `role` of a loop; work is simulated where a comment or a fake says so."""
    if any(comments.at(module, each.call, _SIMULATES) for each in found):
        return "worker"
    return role(module, loop) or ("worker" if asks_a_fake(module, loop) else "")


def _is_aside(module: Module) -> bool:
    """Whether a file is not written by hand here: a program's, data, or a copy."""
    path, docstring = module.path, ast.get_docstring(module.tree) or ""
    copied = is_vendored(path) or is_of_another_package(path, docstring)
    return copied or is_test_data(path) or module.once(is_generated)


def _is_a_wait(module: Module, loop: Loop, *, retries: bool) -> bool:
    """Whether a loop tries for some rounds and then raises: nobody's work, but a wait.

    So it is also in a class, or function, of which nothing else shows whom it serves;
    and so is one that gives back what it found, or that it found nothing. With
    ``retries`` it may fail within: a function may do so for what it is given.
    """
    ways = flow.exits(loop)
    counted = isinstance(loop, ast.For) and ranges.rounds(module, loop)
    by_hand = isinstance(loop, ast.While) and counting.counts(loop)
    several = isinstance(loop, ast.While) and isinstance(loop.test, ast.BoolOp)
    if not (ways.breaks or ways.returns or several) or not (counted or by_hand):
        return False
    within = ways.failures if by_hand or lastquestion.is_asked_for(module, loop) else []
    if (within and retries) or endings.meaning(module, loop) == "fails":
        return True
    after = flow.following(module, loop)[:1]
    return bool(ways.returns and not ways.failures) and all(
        isinstance(each, ast.Return) and each.value for each in (*ways.returns, *after)
    )


def _header(loop: Loop) -> ast.expr:
    return loop.test if isinstance(loop, ast.While) else loop.iter
