"""sleep-polling on loops that nobody wrote: generated ones run alike, or stay."""

from __future__ import annotations

import textwrap
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtual_clock import World, run, twin, worlds

from testmend.model import Changed
from testmend.testing import Project
from testmend_codemods.sleep_polling import CODEMOD
from testmend_codemods.sleep_polling.options import SleepPollingOptions

NAME = CODEMOD.name
Style = Literal["vendor", "inline"]
NOTE = "server.note()\n"
CHECKS = (
    "if server.is_up():\n    {leave}\n",
    "up = server.is_up()\nif up:\n    server.note()\n    {leave}\n",
    "if not server.is_up():\n    server.note()\nelse:\n    {leave}\n",
    "try:\n    if server.is_up():\n        {leave}\nfinally:\n    server.note()\n",
    "for _ in range(2):\n    server.note()\nif server.is_up():\n    {leave}\n",
    "if server.tries > 3 and server.is_up():\n    {leave}\n",
    "if server.is_up():\n    time.sleep(7)\n    {leave}\n",
    "try:\n    time.sleep(7)\nfinally:\n    if server.is_up():\n        {leave}\n",
)
SLEEPS = (
    "{sleep}\n",
    "try:\n    server.note()\nexcept KeyError:\n    raise\n{sleep}\n",
    "if server.tries % 2:\n    server.note()\n{sleep}\n",
    "if server.tries % 2:\n    {sleep}\nelse:\n    {sleep2}\n",
    "if server.tries % 2: {sleep}\nelse: {sleep2}\n",
    "if server.tries % 3 == 0:\n    continue\n{sleep}\n",
    "{sleep}\nserver.note()\n",
    "if server.tries % 2:\n    {sleep}\n    continue\n{sleep2}\n",
    "{sleep}\nif server.tries % 2:\n    continue\nserver.note()\n",
    "if server.tries % 5:\n    {sleep}\n    continue\nbreak\n",
    "with server:\n    server.note()\n    {sleep}\n",
)
# Sleep and step of a counter in one branch, so that some rounds have neither.
BRANCHES = (
    "if server.tries % 3 == 0:\n    {both}",
    "if server.tries % 5:\n    {both}else:\n    server.note()\n",
    "if server.tries % 5:\n    {both}else:\n    more = False\n",
    "try:\n    if server.tries:\n        raise KeyError\nexcept KeyError:\n    {both}",
    (
        "try:\n    {step}    if server.is_up():\n        raise KeyError\n"
        "except KeyError:\n    server.note()\n{sleep}"
    ),
    (
        "try:\n    {step}    if server.tries % 2:\n        raise KeyError\n"
        "    server.note()\n    continue\nexcept KeyError:\n    {sleep}"
    ),
    "try:\n    {both}    raise KeyError\nexcept KeyError:\n    server.note()\n",
    "for _ in range(server.tries % 3):\n    {both}",
    "if server.tries % 3 == 0:\n    {step}    server.note()\n    {sleep}",
    (
        "if server.tries % 3 == 0:\n    {step}    if server.is_up():\n"
        "        break\n    {sleep}"
    ),
)
# Questions of a counted loop for its last round; the sleep goes in.
LASTS = (
    "if {last}:\n    raise AssertionError('last')\n{sleep}\n",
    "if {last}:\n    return 'late'\nserver.note()\n{sleep}\nserver.note()\n",
    "{sleep}\nif {last}:\n    raise AssertionError('last')\n",
    "{sleep}\nserver.note()\nif {last}:\n    return 'late'\nserver.note()\n",
    "{sleep}\nif server.is_up():\n    return 'up'\nif {last}:\n    break\n",
    "{sleep}\nif server.tries % 2:\n    continue\nif {last}:\n    return 'late'\n",
    "{sleep}\nif server.tries % 2:\n    if {last}:\n        return 'late'\n",
    "{sleep}\nprint(attempt)\nif server.tries > 30 or {last}:\n    return 'late'\n",
    "if server.tries > 30 or {last}:\n    raise AssertionError('last')\n{sleep}\n",
    "if {more}:\n    {sleep}\nelse:\n    raise AssertionError('last')\n",
    "if {more} and server.tries < 30:\n    {sleep}\n    continue\nreturn 'late'\n",
    "if {more}:\n    {sleep}\n",
    "if {more}:\n    server.note()\n    print(attempt)\n    {sleep}\n",
    (
        "try:\n    if server.tries > 1:\n        raise KeyError\n    return 'in time'\n"
        "except KeyError:\n    if {more}:\n        server.note()\n        {sleep}\n"
    ),
    "if attempt % 2 == 0:\n    print('still waiting', attempt)\n{sleep}\n",
    "if attempt % 2 == 0:\n    server.note()\n{sleep}\n",
    (
        "try:\n    if server.tries > 1:\n        raise KeyError\n"
        "except KeyError:\n    if {last}:\n        raise AssertionError('last')\n"
        "{sleep}\n"
    ),
    (
        "try:\n    if {last}:\n        raise AssertionError('last')\n"
        "except AssertionError:\n    server.note()\n{sleep}\n"
    ),
    "print(attempt)\nif {last}:\n    break\n{sleep}\n",
)
ENDS = (
    "else:\n    raise AssertionError('never up')\n",
    "if not server.is_up():\n    raise AssertionError('never up')\n",
    "assert server.is_up(), 'never up'\n",
    "return str(server.is_up())\n",
    "",
)


def indented(text: str, levels: int) -> str:
    return textwrap.indent(text, "    " * levels)


@st.composite
def loops(draw: st.DrawFn) -> str:
    """The source of ``wait_for(server)``, a loop that sleeps in one way or another."""
    interval = draw(st.sampled_from(["0.1", "0.5", "3"]))
    rounds = draw(st.sampled_from([1, 2, 7, 20]))
    header, before, step = draw(
        st.sampled_from(
            [
                (f"for attempt in range({rounds}):\n", "", ""),
                (f"for attempt in range(0, {rounds}):\n", "", ""),
                (f"while tries < {rounds}:\n", "tries = 0\n", "tries += 1\n"),
                (f"while {rounds} > tries:\n", "tries = 0\n", "tries += 1\n"),
                ("while tries > 0:\n", f"tries = {rounds}\n", "tries -= 1\n"),
            ]
        )
    )
    leave = draw(st.sampled_from(["break", "return 'up'"]))
    check = draw(st.sampled_from(CHECKS)).format(leave=leave)
    sleep = f"time.sleep({interval})"
    rest = draw(st.sampled_from(SLEEPS)).format(sleep=sleep, sleep2=sleep)
    ahead = NOTE * draw(st.integers(0, 1))
    parts = [ahead, check, *draw(st.permutations([rest, step]))]
    end = draw(st.sampled_from(ENDS))
    body = indented("".join(parts), 2)
    text = indented(before, 1) + indented(header, 1) + body + indented(end, 1)
    return f"import time\n\n\ndef wait_for(server):\n{text}    return 'up'\n"


# Rounds that raise a flag, which the next one asks for before anything else.
FLAGS = (
    "if not server.is_up():\n    {sleep}\n    continue\nserver.note()\ndone = True\n",
    "server.note()\nif server.is_up():\n    done = True\nelse:\n    {sleep}\n",
    "up = server.is_up()\nif not up:\n    {sleep}\n    continue\ndone = up\n",
    (
        "if not server.is_up():\n    {sleep}\n    continue\n"
        "done = True\nif server.tries % 2:\n    done = False\n"
    ),
    (
        "try:\n    if not server.is_up():\n        raise KeyError\n    done = True\n"
        "except KeyError:\n    server.note()\n    {sleep}\n"
    ),
)


@st.composite
def flagged(draw: st.DrawFn) -> str:
    """The same for a loop whose rounds end without a sleep when they raise a flag."""
    rounds = draw(st.sampled_from([1, 2, 7]))
    sleep = f"time.sleep({draw(st.sampled_from(['0.1', '3']))})"
    leave = draw(st.sampled_from(["break", "return 'up'"]))
    asks = draw(st.sampled_from(["if done:\n    {leave}\n", NOTE, ""]))
    body = asks.format(leave=leave) + draw(st.sampled_from(FLAGS)).format(sleep=sleep)
    end = draw(st.sampled_from([*ENDS, "assert done, 'never up'\n"]))
    text = indented(f"done = False\nfor _ in range({rounds}):\n", 1)
    text += indented(body, 2) + indented(end, 1)
    return f"import time\n\n\ndef wait_for(server):\n{text}    return 'up'\n"


# What fails behind a loop, and says how often that tried.
TOLD = (
    "else:\n    raise AssertionError('not up after {rounds} attempts')\n",
    "if not server.tries < 0:\n    raise AssertionError('{rounds} tries, not up')\n",
    "return f'not up after {rounds} attempts'\n",
)
ROUNDS = 7


@st.composite
def acting(draw: st.DrawFn) -> str:
    """The same for a loop of seven rounds that acts on both sides of its sleep."""
    sleep = f"time.sleep({draw(st.sampled_from(['0.1', '3']))})"
    check = draw(st.sampled_from(CHECKS)).format(leave="return 'up'")
    body = check + draw(st.sampled_from(SLEEPS)).format(sleep=sleep, sleep2=sleep)
    end = draw(st.sampled_from(TOLD)).format(rounds=ROUNDS)
    counted = draw(st.sampled_from([f"range({ROUNDS})", "range(attempts)"]))
    text = indented(f"attempts = {ROUNDS}\nfor _ in {counted}:\n", 1)
    text += indented(body, 2) + indented(end, 1)
    return f"import time\n\n\ndef wait_for(server):\n{text}    return 'up'\n"


# Questions to a counter by hand, as the sleep or beside it.
ASKS = (
    "if {over}:\n    raise AssertionError('last')\n",
    "if {over}:\n    server.note()\n    return 'late'\n",
    "if {over} or server.tries > 30:\n    raise AssertionError('last')\n",
    "if server.tries > 30 and {over}:\n    raise AssertionError('last')\n",
    "if {over}:\n    break\n",
    "assert {under}, 'last'\n",
    "try:\n    assert {under}, 'last'\nfinally:\n    server.note()\n",
    "{asserts}\n",
)
METHODS = {
    "<": "Less",
    "<=": "LessEqual",
    ">": "Greater",
    ">=": "GreaterEqual",
    "!=": "NotEqual",
}


def asserts(question: str) -> str:
    """The method of a test case that asserts a comparison, or a name."""
    left, sign, right = [*question.split(), "", ""][:3]
    given = f"{left}, {right}" if sign else left
    return f"unittest.TestCase().assert{METHODS.get(sign, 'True')}({given}, 'last')"


GOES_ON = (
    "if {under}:\n    {step}    {sleep}\nelse:\n    raise AssertionError('last')\n",
    "if {under}:\n    {sleep}\n    {step}else:\n    return 'late'\n",
    "if {under}:\n    {step}    {sleep}\n    continue\nreturn 'late'\n",
    "if {under} and server.tries < 30:\n    {step}    {sleep}\nelse:\n    break\n",
)


@st.composite
def counters(draw: st.DrawFn) -> str:
    """The same for a loop that asks a counter by hand within its rounds."""
    rounds = draw(st.sampled_from([1, 2, 7]))
    first, step, over, under = draw(
        st.sampled_from(
            [
                ("0", "tries += 1\n", f"tries == {rounds}", f"tries != {rounds}"),
                ("0", "tries += 1\n", f"tries > {rounds}", f"tries <= {rounds}"),
                ("1", "tries += 1\n", f"tries >= {rounds}", f"{rounds} > tries"),
                ("-1", "tries += 1\n", f"tries >= {rounds}", f"tries < {rounds}"),
                (f"{rounds}", "tries -= 1\n", "tries == 0", "tries > 0"),
                (f"{rounds}", "tries -= 1\n", "not tries", "tries"),
                (f"{rounds}", "tries -= 1\n", "not tries > 0", "tries >= 1"),
                (
                    "0",
                    "tries += 1\n",
                    f"not tries < {rounds}",
                    f"not tries >= {rounds}",
                ),
                ("0", "tries += 1\n", f"tries == {rounds}", f"tries <= {rounds}"),
                ("0", "tries += 1\n", f"tries > {rounds}", f"tries < {rounds}"),
                (f"{rounds}", "tries = tries - 1\n", "tries < 0", "tries >= 0"),
            ]
        )
    )
    sleep = f"time.sleep({draw(st.sampled_from(['0.1', '3']))})"
    leave = draw(st.sampled_from(["break", "return 'up'"]))
    check = draw(st.sampled_from(CHECKS)).format(leave=leave)
    goes_on = draw(st.sampled_from([*GOES_ON, ""]))
    asks = True
    if goes_on:
        parts = [check, goes_on.format(under=under, step=step, sleep=sleep)]
    else:
        ask = draw(st.sampled_from([*ASKS, ""]))
        asks = bool(ask)
        ask = ask.format(over=over, under=under, asserts=asserts(under))
        parts = [check, *draw(st.permutations([ask, step, f"{sleep}\n"]))]
    headers = [f"while {under}:\n"]
    if asks:  # else the loop would have no limit
        headers.append("while True:\n")
    header = draw(st.sampled_from(headers))
    late = [f"assert {under}, 'late'\n", f"{asserts(under)}\n"]
    end = draw(st.sampled_from([*ENDS, *late]))
    body = indented("".join([NOTE * draw(st.integers(0, 1)), *parts]), 2)
    text = indented(f"tries = {first}\n{header}", 1) + body + indented(end, 1)
    head = "import time\nimport unittest\n\n\ndef wait_for(server):\n"
    return f"{head}{text}    return 'up'\n"


@st.composite
def branches(draw: st.DrawFn) -> str:
    """The same for a loop of which only some rounds count, and sleep."""
    rounds = draw(st.sampled_from([1, 2, 7]))
    first, step, under = draw(
        st.sampled_from(
            [
                ("0", "tries += 1\n", f"tries < {rounds}"),
                ("0", "tries = tries + 1\n", f"tries <= {rounds}"),
                (f"{rounds}", "tries -= 1\n", "tries > 0"),
            ]
        )
    )
    sleep = f"time.sleep({draw(st.sampled_from(['0.1', '3']))})\n"
    both = draw(st.sampled_from([f"{step}    {sleep}", f"{sleep}    {step}"]))
    branch = draw(st.sampled_from(BRANCHES))
    rest = branch.format(
        both=both.replace("\n    ", "\n" + " " * _depth(branch)), step=step, sleep=sleep
    )
    check = draw(st.sampled_from(CHECKS)).format(leave="return 'up'")
    parts = draw(st.permutations([check, rest]))
    header = draw(st.sampled_from([f"while {under}:\n", f"while more and {under}:\n"]))
    end = draw(st.sampled_from(ENDS))
    text = indented(f"more = True\ntries = {first}\n{header}", 1)
    text += indented("".join(parts), 2) + indented(end, 1)
    return f"import time\n\n\ndef wait_for(server):\n{text}    return 'up'\n"


def _depth(branch: str) -> int:
    """The column of the two statements of a branch."""
    line = next((each for each in branch.splitlines() if "{both}" in each), "")
    return len(line) - len(line.lstrip())


@st.composite
def last_rounds(draw: st.DrawFn) -> str:
    """The same for a loop that asks whether its last round has come."""
    rounds = draw(st.sampled_from([1, 2, 7]))
    first = draw(st.sampled_from([0, 1, 3]))
    stop = first + rounds
    number = draw(st.sampled_from([stop - 1, stop - 1, stop - 1, stop - 2, stop]))
    last, more = draw(
        st.sampled_from(
            [
                (f"attempt == {number}", f"attempt != {number}"),
                (f"attempt >= {number}", f"attempt < {number}"),
                (f"{number} < attempt + 1", f"attempt <= {number} - 1"),
                (f"attempt + 1 == {number + 1}", f"{number + 1} > attempt + 1"),
            ]
        )
    )
    sleep = f"time.sleep({draw(st.sampled_from(['0.1', '3']))})"
    leave = draw(st.sampled_from(["break", "return 'up'"]))
    check = draw(st.sampled_from(CHECKS)).format(leave=leave)
    rest = draw(st.sampled_from(LASTS)).format(last=last, more=more, sleep=sleep)
    end = draw(st.sampled_from(ENDS))
    header = f"for attempt in range({first}, {stop}):\n"
    body = indented(NOTE * draw(st.integers(0, 1)) + check + rest, 2)
    text = indented(header, 1) + body + indented(end, 1)
    return f"import time\n\n\ndef wait_for(server):\n{text}    return 'up'\n"


# What a loop without a limit watches, and how it ends.
WATCHES = (
    ("while not server.is_up(): {sleep}\n", ""),
    ("while not server.is_up():\n", "server.poke()\nif server.tries: {sleep}\n"),
    ("while not server.is_up():\n", "{sleep}\n"),
    ("while not server.is_up():\n", "{sleep}\nserver.note()\nserver.poke()\n"),
    ("while not server.is_up():\n", "server.poke()\n{sleep}\n"),
    ("while not up:\n", "{sleep}\nup = server.is_up()\n"),
    ("while not up:\n", "up = server.is_up()\n{sleep}\n"),
    (
        "while waiting:\n",
        "if server.is_up():\n    waiting = False\nelse:\n    {sleep}\n",
    ),
    ("while True:\n", "up = server.is_up()\nif up:\n    {leave}\n{sleep}\n"),
    ("while True:\n", "{sleep}\nif server.is_up():\n    {leave}\nserver.note()\n"),
    (
        "while True:\n",
        (
            "{sleep}\nif server.is_up():\n    {leave}\n"
            "if server.tries % 2:\n    continue\nserver.note()\n"
        ),
    ),
    (
        "while True:\n",
        (
            "up = server.is_up()\nif up:\n    {leave}\n"
            "if server.tries % 2:\n    {sleep}\nelse:\n    {sleep2}\n"
        ),
    ),
    (
        "while True:\n",
        (
            "try:\n    if server.is_up():\n        {leave}\n"
            "finally:\n    server.note()\n{sleep}\n"
        ),
    ),
    ("while True:\n", "if not server.is_up():\n    {sleep}\n    continue\n{leave}\n"),
    (
        "while True:\n",
        (
            "up = server.is_up()\n"
            "if server.tries % 2 and not up:\n    {sleep}\n    continue\n"
            "if not up:\n    {sleep2}\n    continue\n{leave}\n"
        ),
    ),
)
# How the sleep of such a loop gets longer, if it does.
GROWTH = ("delay *= 2\n", "delay = min(delay * 2, 1)\n", "delay += 0.1\n", "", "")


@st.composite
def endless(draw: st.DrawFn) -> str:
    """The same for a loop without a limit."""
    sleep = f"time.sleep({draw(st.sampled_from(['0.1', '0.5', '3']))})"
    sleep2 = draw(st.sampled_from([sleep, "time.sleep(1)"]))
    header, body = draw(st.sampled_from(WATCHES))
    header = header.format(sleep=sleep)
    leave = draw(st.sampled_from(["break", "return 'up'"]))
    growth = draw(st.sampled_from(GROWTH))
    if growth and body:
        sleep = sleep2 = "time.sleep(delay)"
        body = draw(st.sampled_from([body + growth, growth + body]))
    body = body.format(sleep=sleep, sleep2=sleep2, leave=leave)
    start = f"up = False\nwaiting = True\ndelay = 0.1\n{header}"
    text = indented(start, 1) + indented(body, 2)
    return f"import time\n\n\ndef wait_for(server):\n{text}    return 'up'\n"


def awaited(source: str) -> str:
    """The same loop in a coroutine."""
    source = source.replace("import time", "import asyncio")
    source = source.replace("def wait_for", "async def wait_for")
    return source.replace("time.sleep", "await asyncio.sleep")


def rewritten(source: str, style: Style) -> str:
    table = {NAME: SleepPollingOptions(style=style)}
    project = Project({"test_it.py": source.encode()})
    found = project.run([NAME], options=table, unsafe=True)["test_it.py"].outcome
    if not isinstance(found, Changed):
        return source
    again = Project({**project.files, "test_it.py": found.after})
    if style == "inline":  # it leaves no trace but the code itself
        second = again.run([NAME], options=table, unsafe=True)["test_it.py"].outcome
        assert not isinstance(second, Changed), second
    return found.after.decode()


def check_runs_alike(source: str, after: str, world: World) -> None:
    first, second = twin(world), twin(world)
    old, new = run(source, first), run(after, second)
    assert new != "WaitTimeout"
    assert new != "Endless" or old == "Endless"
    if old == "up":
        assert new == "up"
    # The old loop's last round left it, and so does that of the new one.
    if "last" in source or "late" in source:
        assert new in {old, "up", "True"}
    # What the body did in the rounds of the old loop, it does in those of the new one.
    same = min(len(first.notes), len(second.notes)) - ("late" in source)
    assert len(second.notes) >= len(first.notes) or old != "up"
    assert first.notes[:same] == second.notes[:same]


@pytest.mark.parametrize("style", ["vendor", "inline"])
@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(loops() | flagged() | last_rounds() | counters(), worlds, st.booleans())
def test_generated_loop_runs_alike(
    style: Style,
    source: str,
    world: World,
    awaits: bool,  # noqa: FBT001  hypothesis gives it
) -> None:
    source = awaited(source) if awaits else source
    after = rewritten(source, style)
    if after != source:
        check_runs_alike(source, after, world)
        assert run(after, twin(world)) != "Endless"


@pytest.mark.parametrize("style", ["vendor", "inline"])
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(acting(), worlds)
def test_generated_loop_makes_its_last_try(
    style: Style, source: str, world: World
) -> None:
    after = rewritten(source, style)
    if after != source:
        late = World(world.costs, ROUNDS - 1, 0.0, world.frozen, world.mocked)
        check_runs_alike(source, after, late)


@pytest.mark.parametrize("style", ["vendor", "inline"])
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(branches(), worlds)
def test_generated_loop_that_counts_some_rounds_runs_alike(
    style: Style, source: str, world: World
) -> None:
    after = rewritten(source, style)
    if after != source:
        check_runs_alike(source, after, world)


@pytest.mark.parametrize("style", ["vendor", "inline"])
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(endless(), worlds, st.booleans())
def test_generated_loop_without_a_limit_ends(
    style: Style,
    source: str,
    world: World,
    awaits: bool,  # noqa: FBT001  hypothesis gives it
) -> None:
    source = awaited(source) if awaits else source
    after = rewritten(source, style)
    if after == source:
        return
    never = World(world.costs, 10**9, 0.0, frozen=world.frozen, mocked=world.mocked)
    assert run(source, twin(never)) == "Endless"
    assert run(after, twin(never)) in ("WaitTimeout", "AssertionError")
    # What ten looks and half a minute are enough for is waited for.
    soon = World(world.costs, world.up_at_try % 9, 0.0, world.frozen, world.mocked)
    assert run(source, twin(soon)) == run(after, twin(soon)) == "up"
