"""The options of sleep-polling."""

from __future__ import annotations

from typing import Literal

from testmend.codemod import Options


class SleepPollingOptions(Options, frozen=True):
    """``[tool.testmend.sleep-polling]``; times in seconds.

    ``style``: where the waiting code comes from. ``helper``: the dotted name of the
    helper's module in the project, where the default does not suit. ``factor`` and
    ``floor``: a loop whose exhaustion fails the test gets
    ``max(floor, factor * rounds * sleep)``. ``unbounded``: the limit of a loop that had
    none.
    """

    style: Literal["vendor", "import", "inline"] = "vendor"
    helper: str = ""
    factor: float = 3.0
    floor: float = 15.0
    unbounded: float = 30.0
