"""What is done to one repository: a task in, its passes out; pure, in any process.

A task holds all that is needed and no secret, so that it can travel to another machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from testmend import pool, registry
from testmend.commits.passes import Passes
from testmend.config import Overrides, Settings
from testmend.config import files as configuration
from testmend.config.loading import check_version, combined, merged
from testmend.config.tables import decode
from testmend.errors import ConfigError, TestmendError
from testmend.fleet import faults
from testmend.fleet.faults import Fault
from testmend.fleet.tree import ROOT, Files, beneath, pick, prefix_of, python_files
from testmend.memory import Memory
from testmend.model import Failed, FileResult
from testmend.reports.tally import Tally
from testmend.runner import run
from testmend.selection import Selection
from testmend.settings_files import toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from testmend.commits.plan import Pass
    from testmend.git.objects import Entry

_NARROWING = ("ignore", "exclude")
_NOT_HERE = ("plugins", "guests", "jobs")  # code, and what is not the repository's say


class Task(Struct, frozen=True):
    """A repository as data. Paths in ``files`` are relative to ``root``.

    ``table`` is laid over the configuration of the repository. ``jobs`` 1: all in this
    process; more: that many worker processes share its files, and a file that crashes
    its process costs itself alone.
    """

    name: str
    base: str
    entries: tuple[Entry, ...]
    files: Files
    root: str = ""
    paths: tuple[str, ...] = ()
    table: Mapping[str, Any] = field(default_factory=dict)
    jobs: int = 1

    @property
    def size(self) -> int:
        """The bytes that travel with it."""
        return sum(map(len, self.files.data.values()))


class Rewritten(Struct, frozen=True):
    """What came of a task: the passes, or the fault for which there is none.

    ``troubles`` are the files that failed: path, error, message.
    """

    task: str
    base: str
    passes: tuple[Pass, ...] = ()
    originals: Mapping[bytes, bytes | None] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    troubles: tuple[tuple[str, str, str], ...] = ()
    fault: Fault | None = None


def compute(task: Task) -> Rewritten:
    """Run the codemods of a task. Never raises for what is in the repository."""
    try:
        return _computed(task)
    except TestmendError as error:
        fault = faults.of(error)
    except Exception as error:  # noqa: BLE001  what it breaks is its own outcome
        fault = faults.unexpected(error)
    return Rewritten(task.name, task.base, fault=fault)


def apart(task: Task) -> Rewritten:
    """`compute` in a process of its own, which may die or hang of it.

    Not only files can do that: a pattern in a ``.gitignore`` can take for ever, too.
    """
    done = pool.alone(compute, task)
    if not isinstance(done, pool.Died):
        return done
    what = "the process that worked on it crashed, or took too long or too much memory"
    return Rewritten(task.name, task.base, fault=Fault("worker-died", what))


def _computed(task: Task) -> Rewritten:
    settings = settled(task)
    prefix = prefix_of(task.root)
    below = beneath(prefix, (each.path for each in task.entries))
    others = frozenset(name for _, name in below)
    task = replace(task, files=replace(task.files, others=others))
    known = python_files(task.entries, task.files, task.root)
    picked = pick(task.paths, known, task.files, settings)
    selection = Selection(
        codemods=settings.codemods,
        options=settings.options,
        unsafe=settings.unsafe_fixes,
        ignored=settings.ignored(ROOT, picked),
    )
    tally, memory = Tally(), Memory(selection)
    troubles: dict[str, tuple[str, str, str]] = {}

    def tell(result: FileResult) -> None:
        outcome = result.outcome
        if isinstance(outcome, Failed):
            trouble = (result.path, outcome.error, outcome.message)
            troubles.setdefault(result.path, trouble)

    def results(chosen: Selection, laid: Mapping[str, bytes]) -> Iterator[FileResult]:
        files = replace(task.files, data={**task.files.data, **laid})
        context = {*known, *laid}
        return run(
            files,
            picked,
            context,
            chosen,
            jobs=task.jobs,
            isolated=task.jobs > 1,
            progress=lambda _step: pool.more_time(),
            memory=memory,
        )

    passes = Passes(task.files, selection, results, tell, prefix=prefix)
    made = passes.make(tally)
    failed = tuple(troubles.values())
    return Rewritten(task.name, task.base, made, passes.originals, tally, failed)


def settled(task: Task) -> Settings:
    """The settings of a repository: its own, and the campaign's laid over them.

    What narrows (``ignore``, ``exclude``) adds up. Raises `ConfigError`.
    """
    own, name = _own(task.files)
    file = ROOT / name
    codemods = registry.load()
    own = {key: value for key, value in own.items() if key not in _NOT_HERE}
    if own.get("extend"):
        raise ConfigError(f"{name}: extend: it is not followed in bulk runs")
    checked, _ = decode(own, codemods, file)
    check_version(checked.required_version, file)
    raw = merged(own, task.table)
    for key in _NARROWING:
        if key in own and key in task.table:
            raw[key] = [*own[key], *task.table[key]]
    return combined(raw, codemods, Overrides(), base=ROOT, file=None)


def _own(files: Files) -> tuple[Mapping[str, Any], str]:
    """The table of testmend in the repository's configuration, and the file's name."""
    for name in (configuration.OWN, configuration.SHARED):
        data = files.data.get(name)
        if data is None:
            continue
        try:
            table = toml(data.decode())
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{name}: not valid TOML: {error}") from None
        if name == configuration.OWN:
            return table, name
        tool = table.get("tool", {})
        own = tool.get("testmend", {}) if isinstance(tool, dict) else {}
        if not isinstance(own, dict):
            raise ConfigError(f"{name}: tool.testmend: it must be a table")
        return own, name
    return {}, configuration.OWN
