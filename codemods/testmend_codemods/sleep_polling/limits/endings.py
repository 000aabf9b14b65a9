"""What the end of all attempts means, and the timeout that follows from it."""

from __future__ import annotations

import ast
import builtins
import math
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.facts import dotted
from testmend_codemods.sleep_polling.guards import mocks
from testmend_codemods.sleep_polling.limits import machines, named, stated, testlimits
from testmend_codemods.sleep_polling.reading import asks, flow
from testmend_codemods.sleep_polling.reading.numbers import (
    Term,
    bare,
    literal,
    product,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.source import Module
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

SILENT = "the loop may end without success, and nothing checks whether it did"
_ACTS = re.compile(
    r"^(?:mine|generate|send|post|put|publish|create|click|press|submit|push|upload"
    r"|restart|kill|killpg|delete|fit|train|install|deploy"
    r"|type|typing)(?=$|_|[A-Z])"
)
_TRIES = 5  # rounds at the most that are tries of something, not looks
_SHARED = frozenset(dir(builtins))
SECOND = Term("1", 1)
_LONG = 900  # seconds
LEAST = 60  # seconds: of a loop without a limit
_FEWEST = 60  # sleeps of it, whatever they take
_FOR_PROCESSES = (3000, 300)  # sleeps, and the seconds that they take at most
_FOR_MACHINES = (300, 1800)
_FOR_EACH = 3  # sleeps of such a loop, of the things that it waits for
_MOST = 10


class Limit(Struct, frozen=True):
    """A timeout as source, and what is unsafe about it.

    ``exact``: it is the time that the old loop took.
    """

    timeout: str
    unsafe: str = ""
    exact: bool = False


def limit(
    module: Module,
    loop: Loop,
    given: tuple[ast.expr, Term, Term],
    options: SleepPollingOptions,
    *,
    end: str = "",
    made: Term | None = None,
) -> Limit:
    """The timeout of a loop of ``given`` rounds: their node, number and length.

    ``end``: what their end means, as `meaning` says, where the loop itself asks for it.
    Where it fails the test, rounds and sleeps that are numbers make it longer, but for
    those that the caller gives, that a comment or the failure's message states, and
    those of what expires. Nor does it grow past a quarter of an hour: some jobs have no
    more than that themselves. ``made``: the rounds of exactly the old time, if these
    are not all.
    """
    node, rounds, interval = given
    within = end == "fails"
    end = end or meaning(module, loop)
    if _is_expected(module, loop):
        end = "told"
    kept = stated.is_kept(module, loop, node, within=within)
    if not kept and named.is_time(node, interval.text):
        if isinstance(loop, ast.For):
            made = rounds  # a sleep more than it made, if it left out the last one
        kept = made is None or made.text == rounds.text  # not ``timeout=10.1``
    few = rounds.value is not None and rounds.value <= _TRIES
    acting = acts(loop, calls=few)
    kept = kept or acting
    seconds = _seconds(module, loop, interval)
    if not acting and _is_odd(made, rounds, seconds):
        made = rounds
    if end != "fails" or kept or rounds.value is None or seconds is None:
        return exactly(made or rounds, interval, end)
    old = rounds.value * seconds
    took = (made.value or 0) * seconds if made else 0
    new = max(options.floor, old, took, min(options.factor * old, _LONG))
    bound = testlimits.bound(module, loop)
    within_test = not 0 < bound <= new  # else its own message would be lost
    if stated.names_time(module, loop, old) or not within_test:
        return exactly(made or rounds, interval, end)
    return Limit(written(new))


def _is_odd(made: Term | None, rounds: Term, seconds: float | None) -> bool:
    """Whether the time of all rounds but one is less of a number: 9.99, not 10."""
    if made is None or made.value is None or rounds.value is None or seconds is None:
        return False
    longer = len(written(made.value * seconds)) > len(written(rounds.value * seconds))
    return longer and made.value < rounds.value


def acts(loop: Loop, *, calls: bool = False) -> bool:
    """Whether each round sends, makes or ends something: more of them do more.

    ``node.mine()``, ``os.kill(pid, 0)``; or any of its ``calls`` does, also one that
    gives something back: ``answer = model.create(...)``.
    """
    values = (
        each if isinstance(each, ast.Call) else each.value
        for each in flow.own_nodes(loop.body)
        if isinstance(each, ast.Expr) or (calls and isinstance(each, ast.Call))
    )
    names = (flow.called(each).rpartition(".")[2] for each in values)
    return any(map(_ACTS.search, names))


def exactly(rounds: Term, interval: Term, end: str) -> Limit:
    """The old time, whatever the ``end`` of all rounds means."""
    exact = bare(rounds.text) if interval is SECOND else product(rounds, interval)
    return Limit(exact, SILENT if end == "silent" else "", exact=True)


def unbounded(
    module: Module, loop: ast.While, interval: Term, options: SleepPollingOptions
) -> str:
    """The timeout of a loop that had no limit: nearly that of its test, if it has one.

    Who sleeps long between two looks waits for machines, not for threads: 3000 sleeps,
    up to five minutes, or 300, up to half an hour; and 60 sleeps in any case. A limit
    that is too long costs nothing but where the loop hung before. Who waits for many
    things (``while height < start + 127``) gets three sleeps for each. Who asks for
    pods or other machines by name gets what `machines` says; nobody gets less than
    another wait of the function has, or a test that calls it.
    """
    own = testlimits.seconds(module, loop)
    seconds = _seconds(module, loop, interval)
    least = max(
        options.unbounded or LEAST,
        own or machines.seconds(module, loop, seconds or 0),
        testlimits.of_callers(module, loop) * testlimits.SOONER,
        testlimits.beside(module, loop),
    )
    if seconds is None:
        return f"max({written(least)}, {_FOR_MACHINES[0]} * {interval.text})"
    if own:
        return written(testlimits.bound(module, loop) * testlimits.SOONER or least)
    usual = max(least, _FEWEST * seconds)
    for_all = math.ceil(_FOR_EACH * _number(module, loop.test) * seconds)
    usual = max(usual, min(for_all, _MOST * usual))
    if not options.unbounded:
        kinds = (_FOR_PROCESSES, _FOR_MACHINES)
        longer = (min(round(most * seconds), limit) for most, limit in kinds)
        usual = max(usual, *longer)
    return written(usual)


def _seconds(module: Module, loop: Loop, interval: Term) -> float | None:
    """The number that an interval is, or that its name always stands for.

    None if that may be several.
    """
    if interval.value is not None:
        return interval.value
    name = interval.text
    given = flow.binders(module, name, loop) if name.isidentifier() else []
    if len(given) == 1 and isinstance(given[0], ast.Assign):
        return literal(given[0].value)
    return None


def _number(module: Module, test: ast.expr) -> float:
    """The largest number in a question after a quantity, else 0."""
    compared = (
        number
        for node in ast.walk(test)
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], flow.ORDERS)
        for number in ast.walk(node)
    )
    return max((value_of(module, each) for each in compared), default=0)


def value_of(module: Module, node: ast.AST) -> float:
    """The value of a number or of a name that is given one; 0 for all else."""
    if isinstance(node, ast.Constant):
        return literal(node) or 0
    if not isinstance(node, ast.Name):
        return 0
    given = flow.binders(module, node.id, node)
    return max(
        (literal(each.value) or 0 for each in given if isinstance(each, ast.Assign)),
        default=0,
    )


def meaning(module: Module, loop: Loop) -> str:
    """What the end of all attempts means: ``fails``, ``told`` or ``silent``."""
    if _is_expected(module, loop):
        return "told"
    if loop.orelse and flow.is_failure(loop.orelse[-1]):
        return "told" if flow.is_skip(loop.orelse[-1]) else "fails"
    rest = loop.orelse or flow.following(module, loop, cleanups=False)
    for number, node in enumerate(rest):
        if flow.is_check(node) or _raises(node):
            sure = _is_plain(rest[:number]) or (
                _only_calls(rest[:number]) and _asks_again(node, loop)
            )
            fails = sure and not _skips(node) and _is_about(module, node, loop)
            return "fails" if fails else "told"
        if isinstance(node, ast.Return) and node.value is not None:
            return "told"
        if any(
            isinstance(each, ast.stmt) and flow.is_check(each)
            for each in flow.own_nodes([node])
        ):
            return "told"
    return "silent"


def is_silent(module: Module, loop: Loop) -> bool:
    """Whether a loop may end without success and nobody would know."""
    ways = flow.exits(loop)
    if ways.failures or ways.asserts or any(each.value for each in ways.returns):
        return False
    several = isinstance(loop, ast.While) and isinstance(loop.test, ast.BoolOp)
    if not (ways.breaks or ways.returns or several):
        return False  # it waits until some moment, for nothing else
    return meaning(module, loop) == "silent"


def is_over_at_once(module: Module, loop: Loop) -> bool:
    """Whether all is over with the rounds of a loop: nobody takes another look.

    The test fails, or what is known is given back.
    """
    for each in loop.orelse or flow.following(module, loop):
        if flow.is_failure(each):
            return True
        if isinstance(each, ast.Return):
            return isinstance(each.value, ast.Constant | ast.Name | None)
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            if not asks.talks(each.value):
                return False
            continue
        decided = isinstance(each, ast.If | ast.Assert) and not any(
            isinstance(inner, ast.Call | ast.Await) for inner in ast.walk(each.test)
        )
        return decided and (isinstance(each, ast.Assert) or _raises(each))
    return False


def _raises(node: ast.stmt) -> bool:
    """``if not done: self.fail(...)``."""
    if not isinstance(node, ast.If):
        return False
    return any(flow.is_failure(each) for each in (*node.body[-1:], *node.orelse[-1:]))


def _skips(node: ast.stmt) -> bool:
    """``if not found: pytest.skip(...)``, which takes no longer than it took."""
    ends = node.body[-1:] if isinstance(node, ast.If) else [node]
    return any(map(flow.is_skip, ends))


def _is_about(module: Module, check: ast.stmt, loop: Loop) -> bool:
    """Whether a check looks at what the loop looks at, and not at the clock.

    Another one may pass although the loop's end was no success.
    """
    if flow.is_failure(check):
        return True
    asked = [check.test] if isinstance(check, ast.If) else [check]
    if mocks.reads_clock(module, flow.own_nodes(asked)):
        return False
    return bool(_read(module, asked) & _read(module, [loop]))


def _read(module: Module, nodes: Sequence[ast.AST]) -> set[str]:
    """The variables that code is about: names, and attributes of ``self``."""
    modules = {each.name for each in module.scopes.imports}
    found = set()
    for node in flow.own_nodes(nodes):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and dotted(node).count(".") == 1:
            found.add(dotted(node))
    return found - modules - {"self", "cls"} - _SHARED


def _is_plain(nodes: list[ast.stmt]) -> bool:
    """Whether statements only prepare the check that follows, or tell of it."""
    return all(
        isinstance(each, ast.Assign | ast.AnnAssign)
        or (
            isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Call)
            and asks.talks(each.value)
        )
        for each in nodes
    )


def _only_calls(nodes: list[ast.stmt]) -> bool:
    """Whether statements call something, and bind no name."""
    return all(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Call | ast.Await)
        for each in nodes
    )


def _asks_again(check: ast.stmt, loop: Loop) -> bool:
    """Whether an assertion looks at just what the loop looked at: ``len(received)``."""
    return isinstance(check, ast.Assert) and not _sides(check.test).isdisjoint(
        side
        for each in flow.own_nodes([loop])
        if isinstance(each, ast.If | ast.While)
        for side in _sides(each.test)
    )


def _sides(test: ast.expr) -> set[str]:
    """The sides of the comparisons of a condition that are more than a number."""
    return {
        ast.dump(side)
        for each in ast.walk(test)
        if isinstance(each, ast.Compare)
        for side in (each.left, *each.comparators)
        if not isinstance(side, ast.Constant)
    }


def _is_expected(module: Module, loop: ast.AST) -> bool:
    """Whether the failure of the loop is what the test wants to see."""
    for above in module.ancestors(loop):
        if isinstance(above, ast.With | ast.AsyncWith):
            calls = (each.context_expr for each in above.items)
            names = (dotted(c.func) for c in calls if isinstance(c, ast.Call))
            if any("aises" in name for name in names):
                return True
    return False
