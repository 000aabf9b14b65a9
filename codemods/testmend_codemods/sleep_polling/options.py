"""The options of sleep-polling."""

from __future__ import annotations

from typing import Literal

from testmend.codemod import Options
from testmend_codemods.sleep_polling.presets import PRESETS


class SleepPollingOptions(Options, frozen=True):
    """``[tool.testmend.sleep-polling]``; times in seconds.

    ``style``: where the waiting code comes from. ``helper``: the dotted name of the
    helper's module in the project, where the default does not suit. ``factor`` and
    ``floor``: a loop whose exhaustion fails the test gets
    ``max(floor, factor * rounds * sleep)``. ``unbounded``: the limit of a loop that had
    none (or 60 of its sleeps, if they take longer); 0: by how long it sleeps.

    Style ``project`` calls a function of the project's own, ``project``: the name of a
    preset (distributed, kazoo, neutron, pymongo, redis-py, tempest) or its dotted name.
    ``project-async`` is its twin for coroutines; the others name its parameters (empty:
    it has none); with ``project-returns`` it returns False and does not raise.
    """

    style: Literal["vendor", "import", "inline", "project"] = "vendor"
    helper: str = ""
    factor: float = 3.0
    floor: float = 15.0
    unbounded: float = 0.0
    project: str = ""
    project_async: str = ""
    project_timeout: str = "timeout"
    project_interval: str = "interval"
    project_message: str = ""
    project_returns: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError where style ``project`` lacks its function."""
        named = self.project in PRESETS or "." in self.project
        if self.style == "project" and not named and "." not in self.project_async:
            known = ", ".join(sorted(PRESETS))
            raise ValueError(
                "style 'project' needs 'project': the dotted name of a function, "
                f"or one of {known}"
            )
