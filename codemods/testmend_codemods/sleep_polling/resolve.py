"""With the project known: findings, with fixes that import the helper from its home."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.model import UNSORTED, Finding, Fix
from testmend_codemods.knowledge.beside import is_copied
from testmend_codemods.knowledge.dropping import permitted
from testmend_codemods.sleep_polling.guards import callers, declared, offers, pythons
from testmend_codemods.sleep_polling.homes import copies, helper
from testmend_codemods.sleep_polling.limits.testlimits import SOONER
from testmend_codemods.sleep_polling.project.settings import granted
from testmend_codemods.sleep_polling.reading.numbers import written
from testmend_codemods.sleep_polling.reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.codemod import Context
    from testmend.model import Cleanup, NewFile
    from testmend_codemods.sleep_polling.model import Candidate, Candidates, Rewrite
    from testmend_codemods.sleep_polling.options import SleepPollingOptions

NAME = "sleep-polling"
_PATCHED = re.compile(
    r"(?:^|\.)(?:time|eventlet|greenthread|asyncio|gevent)\.sleep$|\.monotonic$"
    r"|(?:^|\.)time\.time$"
)
_COUNTS = re.compile(r"sleep\w*\.(?:assert_|await_|call_|mock_calls)", re.IGNORECASE)
_MESSAGES = {
    "P": "poll with a timeout instead of counting rounds",
    "Pc": "let a deadline count, not the test",
    "Pw": "give the loop a limit",
    "T": "give the loop a limit",
    "W1": "wait with a timeout instead of for ever",
    "W2": "wait with a timeout instead of a look at the clock",
}
_ENDLESS = ("W1", "Pw", "T")
_SECONDS = re.compile(r"\b(timeout=|time_left = )(\d+(?:\.\d+)?)(?=[,)\s])")


def resolve(
    candidates: Candidates, context: Context, options: SleepPollingOptions
) -> Iterator[Finding]:
    """The findings of one file."""
    cleanups = tuple(
        cleanup
        for dropped in candidates.dropped
        for cleanup in permitted(dropped, context)
    )
    whole = _of_the_file(candidates, context)
    wanted = _needs_helper(candidates) and not (candidates.bound or whole)
    home = _home(candidates.name, context, options) if wanted else None
    some = any(each.rewrite for each in candidates.loops)
    time = granted(context.index, context.path) if some else 0
    for each in candidates.loops:
        reason = each.reason or whole or _of_the_loop(each, candidates, context)
        if reason:
            yield _left(each, reason)
            continue
        made = _within(each, time)
        if made and made.uses_helper and not (home or candidates.bound):
            made = _plain(each, made, time)
        if made is None:
            yield _left(each, "no-home")
            continue
        fix = _fix(made, home, cleanups)
        yield Finding(NAME, each.range, _MESSAGES[each.form], fix=fix)


def _of_the_file(candidates: Candidates, context: Context) -> str:
    """Why no loop of a file is rewritten, as the project shows; empty if it may be."""
    index, path = context.index, context.path
    if _is_patched_elsewhere(context):
        return "mocked-sleep"
    if is_copied(index, path):
        return "generated"
    if offers.is_offered(index, path):
        return "offered"
    if not _needs_helper(candidates):
        return ""
    old = declared.are_older(index, path) or pythons.is_for_python_2(index, path)
    return "python-2" if old else ""


def _needs_helper(candidates: Candidates) -> bool:
    return any(each.rewrite and each.rewrite.uses_helper for each in candidates.loops)


def _of_the_loop(each: Candidate, candidates: Candidates, context: Context) -> str:
    """Why one loop is not rewritten, as the project shows; empty if it may be."""
    if _is_patched_in_bases(each, context):
        return "mocked-sleep"
    caller = each.rewrite.caller if each.rewrite else ""
    if caller and not callers.only_call(context, caller):
        return "unknown-caller"
    needs = each.rewrite is not None and each.rewrite.uses_helper
    return "name-taken" if needs and not _has_name(candidates, context) else ""


def _within(each: Candidate, granted: float) -> Rewrite | None:
    """The rewrite of a candidate that takes no longer than pytest grants a test.

    ``granted``: its seconds, 0 for any time. What a test says where its own time is
    over would be lost. So it has the old time, or a new limit that comes before that.
    """
    rewrite = each.rewrite
    if rewrite is None or _fits(each, rewrite, granted):
        return rewrite
    return _capped(rewrite, granted) if each.form in _ENDLESS else each.kept or rewrite


def _plain(each: Candidate, made: Rewrite, granted: float) -> Rewrite | None:
    """The same without the helper; None where it has no form, or not with that time."""
    if each.plain is None or made is each.kept:
        return None
    fits = _fits(each, each.plain, granted)
    return each.plain if fits else _capped(each.plain, granted)


def _fits(each: Candidate, rewrite: Rewrite, granted: float) -> bool:
    """Whether a rewrite is over before pytest ends its test."""
    if not granted or each.marked:
        return True
    times = (float(n) for e in rewrite.edits for _, n in _SECONDS.findall(e.text))
    return max(times, default=0) < granted


def _capped(rewrite: Rewrite, granted: float) -> Rewrite:
    """A loop that had no limit, with one that comes before pytest ends its test.

    A tenth sooner: else what it says of the wait would never be seen.
    """
    limit = written(granted * SOONER)

    def cap(found: re.Match[str]) -> str:
        part = ".0" if "." in found[2] and limit.isdigit() else ""
        return f"{found[1]}{limit}{part}" if float(found[2]) >= granted else found[0]

    edits = (replace(e, text=_SECONDS.sub(cap, e.text)) for e in rewrite.edits)
    return replace(rewrite, edits=tuple(edits))


def _left(each: Candidate, reason: str) -> Finding:
    what = "a sleep in a loop" if each.form else "a sleep"
    message = f"{what} is left alone: {REASONS[reason]}"
    return Finding(NAME, each.range, message, reason=reason)


def _fix(
    rewrite: Rewrite,
    home: helper.Home | None,
    cleanups: tuple[Cleanup, ...],
) -> Fix:
    imports = rewrite.imports
    files: tuple[NewFile, ...] = ()
    if rewrite.uses_helper and home is not None:
        imports = (*imports, home.statement)
        files = (home.file,) if home.file else ()
    return Fix(
        rewrite.edits,
        removes=rewrite.removes,
        cleanups=tuple(c for c in cleanups if c.uses & rewrite.removes or not c.uses),
        files=files,
        unsafe=rewrite.unsafe,
        imports=imports,
        sorting=home.sorting if home else UNSORTED,
    )


def _home(
    name: str, context: Context, options: SleepPollingOptions
) -> helper.Home | None:
    if options.style == "import":
        return helper.runtime(name)
    return helper.home(context, name, options.helper)


def _has_name(candidates: Candidates, context: Context) -> bool:
    """Whether the helper's name is free, or bound by an import of the helper."""
    if not candidates.bound or candidates.bound == "testmend.waits":
        return True
    path = context.index.locate(candidates.bound, context.path)
    return path is not None and copies.is_one(context.index, path)


def _is_patched_elsewhere(context: Context) -> bool:
    """Whether another file replaces the sleep of this one: tests count those calls."""
    stem = PurePosixPath(context.path).stem
    names = (f"{stem}.time.sleep", f"{stem}.sleep", f"{stem}.time", f"{stem}.asyncio")
    users = {
        user
        for name in ("time", "sleep", "asyncio")
        for user in context.index.users(context.path, name)
    }
    return any(
        string.endswith(names)
        for user in users
        if (facts := context.index.facts(user))
        for string in facts.strings
    ) or _is_counted_elsewhere(context)


def _is_counted_elsewhere(context: Context) -> bool:
    """Whether tests of this file's functions count the sleeps of all modules.

    ``@patch("time.sleep")``, and ``sleep_mock.call_count == 101``.
    """
    index = context.index
    users = {other for other, _ in index.importers(context.path)}
    return any(
        not {"time.sleep", "asyncio.sleep"}.isdisjoint(facts.strings)
        and _COUNTS.search(index.text(user) or "")
        for user in users
        if (facts := index.facts(user))
    )


def _is_patched_in_bases(each: Candidate, context: Context) -> bool:
    """Whether a module that defines a base of the loop's class replaces sleep."""
    index = context.index
    wanted = [(context.path, base) for base in each.bases]
    seen: set[tuple[str, str]] = set()
    while wanted:
        found = {place for each in wanted for place in index.places(*each)} - seen
        seen |= found
        wanted = []
        for path, name in found:
            facts = index.facts(path)
            if facts is None:
                continue
            if path != context.path and any(map(_PATCHED.search, facts.strings)):
                return True
            if name in facts.classes:
                wanted += [(path, base) for base in facts.classes[name].bases]
    return False
