"""Style ``project``: the waits call a function that the project has already."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.sleep_polling.presets import PRESETS, Waiter
from testmend_codemods.sleep_polling.reading import sleeps
from testmend_codemods.sleep_polling.writing import fragments
from testmend_codemods.sleep_polling.writing.conditions import opposite
from testmend_codemods.sleep_polling.writing.inline import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.model import Edit
    from testmend.source import Module
    from testmend_codemods.sleep_polling.options import SleepPollingOptions
    from testmend_codemods.sleep_polling.reading.numbers import Term
    from testmend_codemods.sleep_polling.reading.sleeps import Sleep

_NONE = "no-project-form"
FEWER = "the project's own function may make fewer tries in that time than the loop did"


class Call(Struct, frozen=True):
    """A call: the function as the file knows it, what follows the condition, imports.

    ``asserts``: what to say if it returns that it did not succeed.
    """

    function: str
    imports: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    asserts: str = ""


class Wait(Struct, frozen=True):
    """A loop that waits while ``test`` holds.

    ``times``: the timeout and the interval. ``unused``: statements that go with it;
    ``uses``: names in all that goes, whose imports may go, too. ``message``: the
    author's own. ``exact``: its time is that of so many rounds as the old loop made.
    """

    loop: ast.For | ast.While
    sleep: Sleep
    times: tuple[str, Term]
    test: ast.expr
    unused: Sequence[ast.stmt] = ()
    uses: Sequence[ast.expr] = ()
    message: ast.expr | None = None
    exact: bool = False


class Made(Struct, frozen=True):
    """The edits of such a loop, the functions that go with it, and new imports."""

    edits: tuple[Edit, ...]
    gone: list[ast.expr]
    imports: tuple[str, ...]


def made(module: Module, options: SleepPollingOptions, wait: Wait) -> Made | str:
    """A loop as a call of the project's function, or the reason why there is none."""
    called = call(module, wait.test, wait, waiter(options))
    if isinstance(called, str):
        return called
    edits = fragments.waited(
        module,
        wait.loop,
        wait.sleep,
        (called.function, list(called.arguments)),
        asserts=called.asserts,
        test=wait.test,
    )
    gone = [wait.sleep.call.func, *wait.uses]
    if isinstance(wait.loop, ast.For) and isinstance(wait.loop.iter, ast.Call):
        gone.append(wait.loop.iter.func)
    unused = (fragments.removed(module, each) for each in wait.unused)
    return Made((*unused, *edits), gone, called.imports)


def waiter(options: SleepPollingOptions) -> Waiter:
    """The function that the options name, by preset or by its dotted name."""
    if options.project in PRESETS:
        return PRESETS[options.project]
    return Waiter(
        options.project,
        options.project_async,
        options.project_timeout,
        options.project_interval,
        options.project_message,
        returns=options.project_returns,
    )


def call(module: Module, test: ast.expr, wait: Wait, waiter: Waiter) -> Call | str:
    """The call that waits while ``test`` holds, or the reason why there is none."""
    sleep, message = wait.sleep, wait.message
    if sleep.target not in sleeps.DEFAULTS or not _tells(waiter, message):
        return _NONE
    called = _bound(module, sleep.call, waiter, asynchronous=sleep.is_async)
    own = getattr(sleeps.function_of(module, sleep.call), "name", "")
    if isinstance(called, str) or called.function.rpartition(".")[2] == own:
        return called if isinstance(called, str) else _NONE
    timeout, interval = wait.times
    arguments = [f"{waiter.timeout}={timeout}"]
    if waiter.interval:
        arguments.append(f"{waiter.interval}={interval.text}")
    goal = quoted(module, opposite(module, test).text)
    told = module.source(message) if message is not None else goal
    if waiter.message and (message is not None or waiter.needs_message):
        arguments.append(f"{waiter.message}={told}")
    asserts = told if waiter.returns else ""
    return Call(called.function, called.imports, tuple(arguments), asserts)


def _tells(waiter: Waiter, message: ast.expr | None) -> bool:
    """Whether the author's message is not lost, and not made before it is true."""
    if message is None or waiter.returns:
        return True
    return bool(waiter.message) and isinstance(message, ast.Constant)


def _bound(
    module: Module, at: ast.AST, waiter: Waiter, *, asynchronous: bool
) -> Call | str:
    dotted = waiter.asynchronous if asynchronous else waiter.sync
    holder, _, name = dotted.rpartition(".")
    if not holder:
        return _NONE
    for each in module.scopes.imports:
        if each.target in (dotted, holder):
            called = each.name if each.target == dotted else f"{each.name}.{name}"
            if each in module.scopes.bindings(each.name, at):
                return Call(called)
    if not waiter.alias:
        return _free(module, name, name, f"from {holder} import {name}")
    package, _, stem = holder.rpartition(".")
    statement = f"from {package} import {stem}"
    if waiter.alias != stem:
        statement += f" as {waiter.alias}"
    return _free(module, waiter.alias, f"{waiter.alias}.{name}", statement)


def _free(module: Module, name: str, called: str, statement: str) -> Call | str:
    taken = module.scopes.all_bindings(name) or module.scopes.is_mentioned(name)
    return "name-taken" if taken else Call(called, (statement,))
