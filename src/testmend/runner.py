"""Many files: read, examine, index, resolve, rewrite; one result per file.

Results do not depend on the number of workers or the order in which they finish.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from testmend import command_files, pytest_settings, tooling
from testmend.cache.recall import Recall
from testmend.model import FileResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.cache.store import Store
    from testmend.memory import Memory, Reader
    from testmend.selection import Selection
    from testmend.stages import Progress


def run(  # noqa: PLR0913  two say what, two say on what, three say how
    reader: Reader,
    selected: Iterable[str],
    context: Iterable[str],
    selection: Selection,
    *,
    jobs: int = 0,
    isolated: bool = False,
    soon: bool = False,
    progress: Progress | None = None,
    memory: Memory | None = None,
    store: Store | None = None,
) -> Iterator[FileResult]:
    """The result of every selected file, in the order of their paths.

    ``selected`` are the files under work and ``context`` all Python files of the
    project (read only for facts), as paths relative to its root with ``/``. ``jobs`` 0:
    one worker per CPU. ``isolated``: no file is worked on in this process, so that one
    that crashes its process costs itself alone also with one job.
    ``soon``: the results of the first of many files are made before the others are
    read, which costs a little, for somebody who looks on.
    ``progress`` is called after each file, in each step. ``memory`` is what runs of
    other codemods over the same files have found out, ``store`` the cache of earlier
    runs: the results are the same without.
    """
    paths = sorted(set(selected))
    everything = sorted({*paths, *context})
    told = tooling.read(reader.read, paths, reader.above())
    commands = command_files.found(reader)
    pytest = pytest_settings.read(reader.read, commands)
    around = (told, pytest, commands)
    recall = Recall(store, selection, reader.read) if store else None
    recalled = recall.results(paths) if recall else {}
    key = recall.project(everything, paths, *around) if recall else b""
    if len(recalled) == len(paths) and recall and recall.holds(key, everything):
        for path, each in recalled.items():
            yield FileResult(path, each.outcome, each.entry.suppressed)
        return
    recalled = recall.with_facts(recalled) if recall else {}

    # What such a run needs none of.
    from testmend.memory import Memory  # noqa: PLC0415
    from testmend.pool import uncollected  # noqa: PLC0415
    from testmend.stages import Stages  # noqa: PLC0415
    from testmend.working import Project, Working  # noqa: PLC0415

    stages = Stages(
        reader,
        min(jobs or os.cpu_count() or 1, max(1, len(paths) // 8)),
        progress or (lambda _step: None),
        memory or Memory(selection),
        isolated=isolated,
        total=len(paths) - len(recalled),
    )
    project = Project(everything, *around)
    working = Working(stages, selection, project, recall)
    with contextlib.closing(stages), uncollected():
        yield from working.results(paths, recalled, soon=soon)
    if recall:
        recall.keep(key if working.is_noted else None)
