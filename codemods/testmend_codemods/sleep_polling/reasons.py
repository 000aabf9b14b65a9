"""Why a loop with a sleep is left alone: every reason code of sleep-polling."""

from __future__ import annotations

REASONS = {
    "already-bounded": "The loop looks at the clock, or a time limit "
    "stands around it: it is bounded.",
    "backoff": "The sleep's length changes from round to round, or is computed.",
    "bare-sleep": "The sleep is in no loop, and what it waits for is not seen.",
    "blocking-in-async": "A blocking sleep in a coroutine stops the event loop.",
    "computed-range": "The number of rounds is computed in a way that is not followed.",
    "conditional-sleep": "Some rounds end without the sleep.",
    "continue-skips-sleep": "A continue starts the next round without the sleep.",
    "endless": "Nothing in the loop ends it.",
    "generated": "The file is generated, is test data, or another project's.",
    "generator": "The loop yields: its rounds are driven from outside, or a coroutine "
    "of tornado counts them.",
    "hand-counter": "Rounds are counted by hand in a way that is not followed.",
    "helper-class": "The class is neither a test nor known as a helper of tests.",
    "hold-loop": "The loop watches that something stays so, or does not happen.",
    "load-loop": "The loop lasts until others set a flag or their work is done: that "
    "may take long.",
    "loop-variable": "The count of the rounds is used, so their number matters.",
    "mixed-units": "A name in milliseconds is taken for seconds: a mistake?",
    "micropython": "The file runs on MicroPython, too, which the new code does not.",
    "mocked-sleep": "Sleep or the clock is replaced where it runs.",
    "module-level": "The sleep is not in a function.",
    "name-taken": "The file has the name that the new code needs for something else.",
    "no-exit": "Nothing ends the loop early: it paces its rounds.",
    "no-home": "Nothing shows from where the file can safely import a helper, and "
    "plain code has no form for the loop: name one.",
    "no-inline-form": "Style inline has no code for it that is better than the loop: "
    "vendor and import have.",
    "no-project-form": "The project's own function has no form for this loop: "
    "vendor and import have.",
    "no-round-trip": "LibCST does not give the loop back as it is.",
    "no-test": "The file or its folder is called like a test, but is none.",
    "not-a-poll": "The loop goes over things, not over attempts.",
    "not-a-statement": "The sleep is part of an expression, or is not awaited.",
    "offered": "The package offers it for the tests of its users, who are not seen.",
    "own-lines": "The file compares the numbers of its own lines.",
    "python-2": "The file also runs on Python 2 (or before 3.5), the new code not.",
    "several-sleeps": "A round may pass two sleeps, or sleeps of several lengths.",
    "settle-sleep": "A bare sleep before an assertion: wait for what is asserted?",
    "silent-timeout": "Its time may run out, and nothing after it asks whether it did.",
    "sleep-not-last": "Something happens after the sleep in the same round.",
    "swallowed": "A handler around the loop would take the time-out for its own.",
    "unknown-caller": "The function may be run as a worker: nobody is seen to call it.",
    "unresolved-sleep": "This sleep is not known: it may be injected or the project's.",
    "volatile-condition": "The condition is random.",
    "worker": "The sleep is a worker's, task's, fake's or handler's, not a test's.",
    "zero-sleep": "A sleep of 0, by itself or somewhere by its name, gives no timeout.",
}
