"""What bulk commands say: a line for each repository, and a summary."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from testmend.cli import console
from testmend.escape import printable
from testmend.fleet import counts
from testmend.fleet.faults import IDLE, REASONS

if TYPE_CHECKING:
    from testmend.cli.bulk_flags import BulkFlags
    from testmend.fleet.campaign import Settled
    from testmend.fleet.counts import Counts
    from testmend.fleet.journal import Row
    from testmend.fleet.targets import Target


class Telling:
    """Says on stderr what became of each repository, or on stdout as JSON lines."""

    def __init__(self, flags: BulkFlags, *, dry: bool = False) -> None:
        self.failed = 0
        self.found = 0
        self._flags = flags
        self._dry = dry
        self._start = time.monotonic()
        self._kinds: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._numbers: list[Counts] = []

    @property
    def quiet(self) -> bool:
        """Whether only failures are told."""
        return self._flags.quiet

    def add(self, settled: Settled, row: Row | None = None) -> None:
        """One repository that was worked on, and its row in the journal."""
        numbers = settled.counts
        if numbers is not None:
            self._numbers.append(numbers)
        name = settled.target.name
        more = {"counts": numbers.plain()} if numbers else {}
        if settled.fault is not None:
            self.say(name, settled.fault.reason, settled.fault.message, **more)
        elif settled.unmoved:
            self.say(name, row.state if row else "unmoved", "as it was")
        else:
            self.found += 1
            many = f"{len(settled.commits)} commit"
            many += "" if len(settled.commits) == 1 else "s"
            files = numbers.changed + numbers.created if numbers else 0
            details = f"{many}, {files} file{'' if files == 1 else 's'}"
            state = row.state if row else "would change"
            tip = settled.commits[-1][:12]
            self.say(name, state, f"{details}, {tip}" if row else details, **more)
        for path, error, message in numbers.troubles if numbers else ():
            self.failed += 1
            console.complain(name, path, "failed", error, message)

    def left_out(self, target: Target) -> None:
        """One that the manifest skips."""
        self.say(target.name, "skipped-by-manifest", target.skip)

    def say(self, name: str, what: str, details: str, **more: Any) -> None:
        """One repository: what became of it (a state or a reason), and details."""
        failure = what in REASONS and what not in IDLE
        self._kinds["failed" if failure else what] += 1
        if failure:
            self.failed += 1
            self._reasons[what] += 1
        if self._flags.style == "json":
            row = {"name": name, "result": what, "details": details, **more}
            row["failed"] = failure
            console.write([json.dumps(row, sort_keys=True) + "\n"])
            sys.stdout.flush()
        if failure:
            console.complain(name, what, details)
        elif not self._flags.quiet:
            line = ": ".join(each for each in (name, what, details) if each)
            console.say(printable(line))

    def end(self) -> None:
        """The summary."""
        if self._flags.quiet:
            return
        kinds = ", ".join(f"{n:,} {what}" for what, n in self._kinds.most_common())
        many = sum(self._kinds.values())
        word = "repository" if many == 1 else "repositories"
        seconds = time.monotonic() - self._start
        console.say(f"{many:,} {word}: {kinds} [{seconds:.1f} s]")
        if self._reasons:
            console.say(f"failed: {_each(self._reasons)}")
        numbers = counts.total(self._numbers)
        if numbers.files:
            verb = "would change" if self._dry else "changed"
            parts = f"{numbers.changed:,} of {numbers.files:,} files {verb}"
            console.say(f"{parts}, {numbers.created:,} new")
        if numbers.fixed:
            word = "fixable" if self._dry else "fixed"
            console.say(f"findings {word}: {_each(numbers.fixed)}")
        for codemod, reasons in numbers.left.items():
            console.say(f"left by {codemod}: {_each(reasons)}")


def _each(numbers: dict[str, int] | Counter[str]) -> str:
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{word} {number:,}" for word, number in ordered)
