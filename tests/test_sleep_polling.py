"""sleep-polling: loops before and after run alike on a virtual clock."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from virtual_clock import World, run, twin, worlds

from testmend import waits
from testmend.codemod import Context
from testmend.errors import VerificationError
from testmend.facts import collect
from testmend.index import Index
from testmend.model import Changed, Survey
from testmend.source import parse
from testmend.testing import Project
from testmend_codemods.sleep_polling import CODEMOD
from testmend_codemods.sleep_polling.options import SleepPollingOptions
from testmend_codemods.sleep_polling.proof import prove

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = CODEMOD.name

P = """
    def wait_for(server):
        for attempt in range({rounds}):
            if server.is_up():
                return "up"
            time.sleep({interval})
        raise AssertionError("never up")
"""
P_ELSE = """
    def wait_for(server):
        for attempt in range({rounds}):
            try:
                if server.is_up():
                    break
            except KeyError:
                return "gone"
            else:
                server.note()
            time.sleep({interval})
        else:
            raise AssertionError("never up")
        return "up"
"""
P_FIRST = """
    def wait_for(server, most={rounds}):
        for attempt in range(most):
            time.sleep({interval})
            if not server.is_up():
                continue
            return "up"
        raise AssertionError("never up")
"""
W1 = """
    def wait_for(server):
        while not server.is_up():
            time.sleep({interval})
        return "up"
"""
PC = """
    def wait_for(server):
        tries = 0
        while not server.is_up() and tries < {rounds}:
            time.sleep({interval})
            tries += 1
        if not server.is_up():
            raise AssertionError("never up")
        return "up"
"""
PC_SECONDS = """
    def wait_for(server):
        waited = 0.0
        while waited < {total}:
            if server.is_up():
                return "up"
            else:
                time.sleep({interval})
                waited += {interval}
        raise AssertionError("never up")
"""
PC_INSIDE = """
    def wait_for(server):
        tries = 0
        while True:
            if server.is_up():
                return "up"
            tries += 1
            if tries == {rounds}:
                raise AssertionError("never up")
            time.sleep({interval})
"""
PC_BOTH = """
    def wait_for(server):
        tries = 0
        while tries < {rounds}:
            tries += 1
            if server.is_up():
                return "up"
            if tries == {rounds}:
                raise AssertionError("never up")
            time.sleep({interval})
"""
PC_DOWN = """
    def wait_for(server):
        tries = {rounds}
        while tries > 0 and not server.is_up():
            tries -= 1
            time.sleep({interval})
        if not server.is_up():
            raise AssertionError("never up")
        return "up"
"""
PC_INCLUSIVE = """
    def wait_for(server, most={rounds}):
        tries = 0
        while tries <= most:
            if server.is_up():
                return "up"
            time.sleep({interval})
            tries += 1
        raise AssertionError("never up")
"""
PC_LATE = """
    def wait_for(server, most={rounds}):
        tries = 0
        while not server.is_up() and tries < most:
            time.sleep({interval})
            tries += 1
        if tries == most:
            raise AssertionError("never up")
        return "up"
"""
PC_LEAVES = """
    def wait_for(server, most={rounds}):
        tries = -1
        while True:
            tries += 1
            if server.is_up():
                return "up"
            if tries > most:
                break
            time.sleep({interval})
        raise AssertionError("never up")
"""
PC_DOWN_INSIDE = """
    def wait_for(server, most={rounds}):
        left = most
        while True:
            if server.is_up():
                return "up"
            time.sleep({interval})
            if left < 0:
                raise AssertionError("never up")
            left -= 1
"""
PW = """
    def wait_for(server):
        while True:
            state = server.is_up()
            if state:
                return "up"
            time.sleep({interval})
"""
T = """
    def wait_for(server):
        state = server.is_up()
        while not state:
            time.sleep({interval})
            state = server.is_up()
        return "up"
"""
W2 = """
    def wait_for(server):
        start = time.monotonic()
        while not server.is_up():
            time.sleep({interval})
            assert time.monotonic() < start + {total}
        return "up"
"""
BOUNDED = {
    "P": P,
    "P-else": P_ELSE,
    "P-first": P_FIRST,
    "Pc": PC,
    "Pc-seconds": PC_SECONDS,
    "Pc-down": PC_DOWN,
    "Pc-inside": PC_INSIDE,
    "Pc-both": PC_BOTH,
    "Pc-down-inside": PC_DOWN_INSIDE,
    "Pc-inclusive": PC_INCLUSIVE,
    "Pc-late": PC_LATE,
    "Pc-leaves": PC_LEAVES,
}
T_CONTINUE = """
    def wait_for(server):
        while True:
            time.sleep({interval})
            if server.is_up():
                return "up"
            elif server.tries % 2:
                continue
            server.note()
"""
T_FLAG = """
    def wait_for(server):
        waiting = True
        while waiting:
            if server.is_up():
                waiting = False
            else:
                time.sleep({interval})
        return "up"
"""
UNBOUNDED = {"T-continue": T_CONTINUE, "T-flag": T_FLAG, "W1": W1, "Pw": PW, "T": T}


SINGLE = {
    "P-else": """
    def wait_for(server):
        for _ in range({rounds}):
            if server.is_up():
                break
            time.sleep({interval})
        else:
            raise AssertionError("never up")
        return "up"
""",
    "P-turned": """
    def wait_for(server):
        for _ in range({rounds}):
            if not server.is_up():
                time.sleep({interval})
            else:
                break
        assert server.is_up()
        return "up"
""",
    "P-behind": """
    def started(server):
        for _ in range({rounds}):
            if server.is_up():
                return
            time.sleep({interval})
        raise AssertionError("never up")

    def wait_for(server):
        started(server)
        return "up"
""",
    "Pc": PC,
    "Pc-inside": """
    def wait_for(server):
        tries = 0
        while not server.is_up():
            time.sleep({interval})
            tries += 1
            if tries > {rounds}:
                raise AssertionError("never up")
        return "up"
""",
    "Pc-else": """
    def wait_for(server):
        tries = {rounds}
        while tries > 0:
            if server.is_up():
                break
            tries -= 1
            time.sleep({interval})
        else:
            assert False, "never up"
        return "up"
""",
    "W1": W1,
    "W2": W2,
    "Pw": """
    def wait_for(server):
        while True:
            if server.is_up():
                break
            time.sleep({interval})
        return "up"
""",
}


@cache
def rewritten(
    source: str, style: Literal["vendor", "inline", "project"] = "vendor"
) -> str:
    project = Project({"test_it.py": source.encode()})
    options = SleepPollingOptions(
        style=style,
        project="testmend_waits.wait_until",
        project_async="testmend_waits.wait_until_async",
        project_message="message",
    )
    table = {NAME: options}
    outcome = project.run([NAME], options=table)["test_it.py"].outcome
    assert isinstance(outcome, Changed), outcome
    return outcome.after.decode()


def source_of(
    template: str,
    rounds: int,
    interval: float,
    *,
    awaits: bool = False,
    given: bool = True,
) -> str:
    """The loop of a template; without ``given`` a number says how often."""
    total = round(rounds * interval, 6)
    body = textwrap.dedent(template)
    if not given:
        body = body.replace(", most={rounds}):", "):").replace("most", "{rounds}")
    body = body.format(rounds=rounds, interval=interval, total=total)
    if awaits:
        body = body.replace("def wait_for", "async def wait_for")
        body = body.replace("time.sleep", "await asyncio.sleep")
    return f"import asyncio\nimport time\n\n{body}"


intervals = st.sampled_from([0.1, 0.5, 3])
slow = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("style", ["vendor", "inline"])
@pytest.mark.parametrize("form", BOUNDED)
@slow
@given(worlds, st.sampled_from([1, 2, 7, 20]), intervals, st.booleans())
def test_no_run_that_passed_is_lost(
    form: str,
    style: Literal["vendor", "inline"],
    world: World,
    rounds: int,
    interval: float,
    awaits: bool,  # noqa: FBT001  hypothesis gives it
) -> None:
    # What has a name is kept, and plain code for that is no better than the loop.
    given = style == "vendor"
    # Of one round they never sleep, and are left alone.
    rounds = max(rounds, 2) if form in ("Pc-inside", "Pc-both") else rounds
    before = source_of(BOUNDED[form], rounds, interval, awaits=awaits, given=given)
    after = rewritten(before, style=style)
    old, new = run(before, twin(world)), run(after, twin(world))
    assert new != "Endless"
    if old == "up":
        assert new == "up"
    if new == "WaitTimeout":
        pytest.fail("the author's own message is lost")


@pytest.mark.parametrize("form", SINGLE)
@slow
@given(
    st.integers(0, 40),
    st.floats(0, 100),
    st.sampled_from([1, 2, 7, 20]),
    intervals,
    st.booleans(),
)
def test_call_of_the_projects_own_function(
    form: str,
    up_at_try: int,
    up_from: float,
    rounds: int,
    interval: float,
    awaits: bool,  # noqa: FBT001  hypothesis gives it
) -> None:
    # How often it looks where each look is slow is that function's own affair.
    world = World([0.0], up_at_try if form != "W2" else 0, up_from)
    awaits = awaits and form != "P-behind"
    before = source_of(SINGLE[form], rounds, interval, awaits=awaits)
    after = rewritten(before, style="project")
    assert after.count("wait_until") == 2  # the import and the call
    old, new = run(before, twin(world)), run(after, twin(world))
    assert new != "Endless"
    if old == "up" and form not in UNBOUNDED:
        assert new == "up"


@slow
@given(worlds, st.sampled_from([1, 2, 7, 20]), st.sampled_from([0.5, 3]))
def test_limit_by_the_clock_loses_no_run(
    world: World, rounds: int, interval: float
) -> None:
    # A loop by the clock is left alone where clock or sleep are not the real ones.
    world.frozen = world.mocked = False
    before = source_of(W2, rounds, interval)
    after = rewritten(before)
    assert "assert" not in after
    old, new = run(before, twin(world)), run(after, twin(world))
    assert new in ("up", "WaitTimeout")
    if old == "up":
        assert new == "up"


@pytest.mark.parametrize("style", ["vendor", "inline"])
@pytest.mark.parametrize("form", UNBOUNDED)
@slow
@given(worlds, intervals, st.booleans())
def test_every_unbounded_loop_ends(
    form: str,
    style: Literal["vendor", "inline"],
    world: World,
    interval: float,
    awaits: bool,  # noqa: FBT001  hypothesis gives it
) -> None:
    before = source_of(UNBOUNDED[form], 0, interval, awaits=awaits)
    after = rewritten(before, style=style)
    over = "AssertionError" if style == "inline" else "WaitTimeout"
    assert run(after, twin(world)) in ("up", over)
    never = World(world.costs, 10**9, 0.0, frozen=world.frozen, mocked=world.mocked)
    assert run(before, twin(never)) == "Endless"
    assert run(after, never) == over


@pytest.mark.parametrize("style", ["vendor", "inline"])
@pytest.mark.parametrize("form", UNBOUNDED)
def test_what_comes_in_time_is_waited_for(
    form: str, style: Literal["vendor", "inline"]
) -> None:
    after = rewritten(source_of(UNBOUNDED[form], 0, 0.5), style=style)
    assert run(after, World([0.1], 0, 20.0)) == "up"


# -- the vendored file -----------------------------------------------------------------


def created(files: dict[str, str], path: str) -> dict[str, str]:
    project = Project({name: text.encode() for name, text in files.items()})
    outcome = project.run([NAME], only=[path])[path].outcome
    assert isinstance(outcome, Changed), outcome
    return {each.path: each.text for each in outcome.files}


LOOP = (
    "import time\n\n\ndef test_it(x):\n    while not x.done:\n        time.sleep(1)\n"
)


def test_vendored_file_is_the_tested_module() -> None:
    files = created({"tests/test_it.py": LOOP}, "tests/test_it.py")
    text = Path(waits.__file__).read_text("utf-8")
    assert list(files) == ["tests/testmend_waits.py"]
    copied = files["tests/testmend_waits.py"].replace("  # pragma: no cover", "")
    assert copied.endswith(text)
    assert "MIT-0" in text
    assert ast.get_docstring(ast.parse(files["tests/testmend_waits.py"]))


def test_linters_and_formatters_leave_the_vendored_file_alone(tmp_path: Path) -> None:
    files = created({"tests/test_it.py": LOOP}, "tests/test_it.py")
    (tmp_path / "waits.py").write_text(files["tests/testmend_waits.py"], "utf-8")
    for command in (["check", "--select", "ALL"], ["format", "--diff"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache"]
        done = subprocess.run(
            [*ruff, "--line-length", "60", "waits.py"], cwd=tmp_path, check=False
        )
        assert done.returncode == 0


def test_vendored_file_keeps_to_the_shortest_usual_line() -> None:
    """pycodestyle heeds none of the comments that tell linters to leave a file."""
    files = created({"tests/test_it.py": LOOP}, "tests/test_it.py")
    lines = files["tests/testmend_waits.py"].splitlines()
    assert max(map(len, lines)) <= 79


def test_vendored_file_is_python_3_5() -> None:
    text = Path(waits.__file__).read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 5))
    assert not any(isinstance(each, ast.JoinedStr) for each in ast.walk(tree))


def test_vendored_file_needs_no_coverage(tmp_path: Path) -> None:
    """Some projects measure their tests, too, and want every line to run."""
    files = created({"tests/test_it.py": LOOP}, "tests/test_it.py")
    (tmp_path / "waits.py").write_text(files["tests/testmend_waits.py"], "utf-8")
    coverage = [sys.executable, "-m", "coverage"]
    own = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    commands = (
        ["run", "--branch", "--include=waits.py", "-m", "waits"],
        ["report", "--fail-under=100", "--precision=2"],
    )
    for command in commands:
        run = [*coverage, *command]
        assert subprocess.run(run, cwd=tmp_path, env=own, check=False).returncode == 0


@pytest.mark.parametrize(
    ("heads", "header"),
    [
        (["# Copyright 2019 Shop\n#\n# MIT license\n"] * 3, "as they are"),
        (
            [f"# Copyright {each} Shop\n#\n# MIT license\n" for each in (1, 2, 3)],
            "# Copyright 3 Shop\n#\n# MIT license\n",
        ),
        (
            [f"# Copyright {each}\n#\n# MIT license\n" for each in ("A", "B", "C")],
            "# MIT license\n",
        ),
        (["#!/bin/sh\n# coding: utf-8\n\n# SPDX: MIT\n"] * 4, "# SPDX: MIT\n"),
        (
            ["# Copyright 2019 Shop\n# Author: A. N. Other <a@shop.test>\n"] * 3,
            "# Copyright 2019 Shop\n",
        ),
        (["# Copyright 2019 Shop\n#\n# MIT license\n"] * 2, ""),
        (["# Copyright 2019 Shop\n"] * 3 + ["import os\n"], ""),
        (["# Tests of the shop.\n"] * 3, ""),
        (["import os\n"] * 3, ""),
    ],
)
def test_vendored_file_has_the_header_of_those_around(
    heads: list[str], header: str
) -> None:
    """Hooks such as insert-license, and checks such as H102, want it in every file."""
    files = {f"tests/test_{n}.py": each + LOOP for n, each in enumerate(heads)}
    made = created({**files, "tests/__init__.py": ""}, "tests/test_0.py")
    wanted = heads[0] if header == "as they are" else header
    above, head, _ = made["tests/waits.py"].partition("# A copy, which testmend made")
    assert above == (f"{wanted}\n" if wanted else "")
    assert head


def test_vendored_file_is_recognised() -> None:
    text = Path(waits.__file__).read_bytes()
    assert collect(parse("waits.py", text)).constants["__testmend__"] == "waits 1"


def paths() -> Iterator[tuple[dict[str, str], str, str]]:
    package = {"p/__init__.py": "", "p/tests/__init__.py": ""}
    yield package, "p/tests/test_it.py", "p/tests/waits.py"
    deep = {**package, "p/tests/unit/__init__.py": ""}
    yield deep, "p/tests/unit/test_it.py", "p/tests/waits.py"
    other = {**package, "p/sub/__init__.py": "", "p/sub/tests/__init__.py": ""}
    yield other, "p/sub/tests/test_it.py", "p/tests/waits.py"
    yield (
        {**package, "p/tests/waits.py": ""},
        "p/tests/test_it.py",
        ("p/tests/testmend_waits.py"),
    )
    yield {}, "test/unit/test_it.py", "test/unit/testmend_waits.py"
    conftest = {"test/conftest.py": ""}
    yield conftest, "test/unit/test_it.py", "test/testmend_waits.py"


@pytest.mark.parametrize(("files", "path", "place"), list(paths()))
def test_place_of_the_vendored_file(
    files: dict[str, str], path: str, place: str
) -> None:
    assert list(created({**files, path: LOOP}, path)) == [place]


def test_place_does_not_depend_on_the_selection() -> None:
    files = {"p/__init__.py": "", "p/tests/__init__.py": "", "p/lib/__init__.py": ""}
    files |= {"p/lib/test_a.py": LOOP, "p/tests/test_b.py": LOOP}
    assert {
        place
        for path in ("p/lib/test_a.py", "p/tests/test_b.py")
        for place in created(files, path)
    } == {"p/tests/waits.py"}


def test_survey_of_a_file_without_sleeps() -> None:
    module = parse("test_it.py", b"import time\n\nsleep = time\n")
    assert CODEMOD.survey(module, SleepPollingOptions()) is None


def test_findings_say_what_is_done() -> None:
    module = parse("test_it.py", LOOP.encode())
    survey = CODEMOD.survey(module, SleepPollingOptions())
    assert isinstance(survey, Survey)
    context = Context("test_it.py", Index(["test_it.py"], [collect(module)]))
    (finding,) = CODEMOD.resolve(survey.candidates, context, SleepPollingOptions())
    assert finding.message == "wait with a timeout instead of for ever"
    assert (finding.range.line, finding.range.column) == (5, 5)


def test_page_names_every_reason() -> None:
    for code in CODEMOD.reasons:
        assert f"`{code}`" in CODEMOD.page


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("deadline = Deadline(9)\nwhile not deadline.expired:\n    pass\n", True),
        ("assert not deadline.expired\ndeadline = Deadline(9)\n", False),
        ("if slow:\n    deadline = Deadline(9)\ndeadline.sleep()\n", False),
        ("for _ in range(9):\n    print(_)\n", True),
        ("def wait(deadline):\n    deadline.sleep()\ndeadline.sleep()\n", False),
        ("deadline = Deadline(deadline)\n", False),
    ],
)
def test_new_names_are_bound_where_they_are_read(*, text: str, holds: bool) -> None:
    before = "from waits import Deadline\nslow = True\n"
    trees = ast.parse(before), ast.parse(before + text)
    with nullcontext() if holds else pytest.raises(VerificationError):
        prove(*trees, {}, b"")
