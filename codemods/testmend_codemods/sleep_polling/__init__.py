"""Poll with a timeout instead of a number of rounds, and never wait for ever.

Tests wait for things by sleeping in loops. A loop of ten rounds gives up on a slow day;
a loop without a limit hangs the run. This codemod makes them wait by time, generously:
success returns at once, so patience costs nothing. Loops that sleep for another purpose
are left alone, each with its reason.

Before:

    import time

    from proj import test


    class TestResize(test.TestCase):
        def _wait_for_status(self, server, status):
            for attempt in range(10):
                server = self.api.get_server(server["id"])
                if server["status"] == status:
                    return server
                time.sleep(0.5)
            self.fail("server is %s" % server["status"])

        def test_stop(self):
            while self.compute.is_busy():
                time.sleep(0.1)

After:

    from proj import test
    from proj.tests import waits


    class TestResize(test.TestCase):
        def _wait_for_status(self, server, status):
            for attempt in waits.poll(timeout=15, interval=0.5):
                server = self.api.get_server(server["id"])
                if server["status"] == status:
                    return server
            self.fail("server is %s" % server["status"])

        def test_stop(self):
            waits.wait_until(
                lambda: not self.compute.is_busy(), timeout=30, interval=0.1)

What is rewritten:

- `for i in range(n): ...; sleep(t)`, an attempt and a sleep as its last act. The body
  stays as it is: `return`, `break` and `else` mean what they meant, and so does what
  stands after the loop, with the author's own message. A sleep before each look is
  made once ahead of the loop, so the first look comes no sooner than it did. Where
  something comes after the sleep, or the loop fails by itself in its last round (`if
  attempt == n - 1: raise`), a `Deadline` sleeps in its place. A message that says how
  many rounds there are keeps their number, and so the old time. Where each round ends
  with one of several sleeps of the same length, a `Deadline` sleeps for all of them.
- `while condition: sleep(t)`, which becomes one call that fails in time and says what
  it waited for.
- `start = time(); while condition: sleep(t); assert time() < start + 10`, a limit by a
  clock that is read by hand: the same call, with the author's seconds and message.
- `while condition and tries < 10: ...; sleep(t); tries += 1`, rounds or seconds counted
  by hand, up or down, also with the check inside or after the loop (`if tries == 10:
  self.fail(...)`): the counter becomes a `Deadline`, asked by `deadline.expired`.
  Where a message tells the count, it goes on beside the deadline; a loop whose time
  would stay what it was is left then. Both may stand in a branch (`if not up: tries +=
  1; sleep(t)`): rounds without them never counted.
- `while ...` without a limit that looks again in each round: `deadline.sleep(t)` takes
  the place of its sleep and raises when its time is over (see below). The sleep
  may grow from round to round (`delay *= 2`): it keeps its length.

All also with `await` (`apoll`, `wait_until_async`, `sleep_async`), for the sleeps of
time, asyncio, anyio, trio, gevent, eventlet and tornado (whose older coroutines
`yield`).

`waits` is one small module that is written next to the project's tests (`waits.py`, in
plain folders `testmend_waits.py`), or found if it is there already. It goes where these
tests can import from: the package that holds them, or the folder that pytest puts on
the path (its `import-mode` and `pythonpath` are read). Where nothing shows from where
a file could import it, loops get plain code, as in style `inline`. It needs Python 3.5
and nothing else. A poll makes at least `timeout / interval` tries, however slow they
are, so no run that passed before can fail now. What takes the place of a loop without a
limit, or by the clock, ends by the clock, but not before ten tries.

Timeouts: if the end of all rounds fails the test, three times the old time, and no less
than 15 seconds. If it does not, or the caller gives the number of rounds or a name
counts them (`range(RETRIES)`), or a comment, a message ("not done quickly") or a name
(`range(TIMEOUT)`) states the time: exactly the old time; so many tries, where a message
or docstring tells them ("after 3 attempts"). Seconds that were compared
with a clock stay as they are. A loop that had no limit gets 60 seconds, or 3000 of its
sleeps if these take longer (up to five minutes; 300 up to half an hour; 60 in any
case); five minutes where it asks for pods, deployments or VMs by name, or its function
starts containers or clusters, and half an hour where it looks over ssh once a second or
less, or where its sleep grows without an end; 3 for each thing where it waits for many
(`while height < start + 127`); no less than another wait of the function
(`join(timeout=180)`); or nine tenths of what `@pytest.mark.timeout` gives its test, or
those that call its function. One of which a comment says that something else has a
timeout, or that it is unbounded on purpose, gets none, nor does one that does more than
sleep in a test with such a mark, which ends it first. Where pytest ends a test (by that
mark, by `timeout` in its settings or by a command) before the new time would be over, a
loop keeps its old one, and one that had none gets nine tenths of that; one that skips
the test at its end, or acts in each round, keeps its own, too. The same goes for what
`meson.build` beside the file gives a test.

Sleeps outside of loops are never rewritten: `check --show-refused` lists them, those
before an assertion as `settle-sleep`. So are loops by the clock whose time may run out
without anybody noticing, as `silent-timeout`.

Unsafe: a loop that may end without success while nothing checks that it did. Somebody
may rely on the silence, and the rewritten loop keeps it; look at it, and say what
should happen.

Options, in `[tool.testmend.sleep-polling]`: `style` (`vendor`; `import`: from testmend
itself, which the tests then need; `inline`: no helper, plain code; `project`: a
function of your own, by `project` and its kin), `helper` (dotted name of the helper's
module), `factor`, `floor`, `unbounded` (seconds, of loops without a limit). Style
`inline` counts down the seconds that are left with each sleep (`time_left -= 0.5`);
loops that keep exactly their old time stay as they are. With a function of your own,
loops have a form that do nothing but wait for one condition, and whose end fails the
test.

Left alone, with its reason:

"""

from __future__ import annotations

import re

from testmend.codemod import Codemod, Later
from testmend_codemods.sleep_polling.options import SleepPollingOptions
from testmend_codemods.sleep_polling.project.other_files import SETTINGS
from testmend_codemods.sleep_polling.reasons import REASONS

CODEMOD = Codemod(
    name="sleep-polling",
    version="1",
    summary="Polling loops wait by time, with a limit, not by a number of rounds",
    page=(__doc__ or "")
    + "".join(f"- `{code}`: {sentence}\n" for code, sentence in REASONS.items()),
    trigger=re.compile(rb"sleep"),
    reasons=REASONS,
    survey=Later("testmend_codemods.sleep_polling.survey:survey"),
    resolve=Later("testmend_codemods.sleep_polling.resolve:resolve"),
    prove=Later("testmend_codemods.sleep_polling.proof:prove"),
    options=SleepPollingOptions,
    settings=SETTINGS,
)
