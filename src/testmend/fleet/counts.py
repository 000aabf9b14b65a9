"""The numbers of a repository, as they stand in the journal and in reports: JSON."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from testmend.fleet.compute import Rewritten


class Counts(Struct, frozen=True):
    """Files and findings: ``fixed`` by codemod, ``left`` by codemod and reason code.

    ``troubles`` are files that failed: path, error, message.
    """

    files: int = 0
    changed: int = 0
    created: int = 0
    fixed: dict[str, int] = field(default_factory=dict)
    left: dict[str, dict[str, int]] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    troubles: tuple[tuple[str, str, str], ...] = ()

    def encoded(self) -> str:
        """The JSON of it."""
        return json.dumps(self.plain(), sort_keys=True)

    def plain(self) -> dict[str, Any]:
        """It as JSON's own types."""
        return {
            "files": self.files,
            "changed": self.changed,
            "created": self.created,
            "fixed": self.fixed,
            "left": self.left,
            "skipped": self.skipped,
            "troubles": [list(each) for each in self.troubles],
        }


def of(rewritten: Rewritten) -> Counts:
    """The numbers of what came of a task."""
    tally = rewritten.tally
    left: dict[str, dict[str, int]] = {}
    for (codemod, reason), number in sorted(tally.left.items()):
        left.setdefault(codemod, {})[reason] = number
    return Counts(
        files=tally.files,
        changed=tally.changed,
        created=tally.created,
        fixed=dict(sorted(tally.fixed.items())),
        left=left,
        skipped=dict(sorted(tally.skipped.items())),
        troubles=rewritten.troubles,
    )


def decoded(text: str) -> Counts:
    """The numbers that `Counts.encoded` wrote."""
    raw = json.loads(text)
    troubles = tuple((str(a), str(b), str(c)) for a, b, c in raw.pop("troubles", ()))
    return Counts(**raw, troubles=troubles)


def total(many: list[Counts]) -> Counts:
    """The numbers of many repositories in one."""
    fixed: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    left: dict[str, Counter[str]] = {}
    for each in many:
        fixed.update(each.fixed)
        skipped.update(each.skipped)
        for codemod, reasons in each.left.items():
            left.setdefault(codemod, Counter()).update(reasons)
    return Counts(
        files=sum(each.files for each in many),
        changed=sum(each.changed for each in many),
        created=sum(each.created for each in many),
        fixed=dict(sorted(fixed.items())),
        left={name: dict(sorted(each.items())) for name, each in sorted(left.items())},
        skipped=dict(sorted(skipped.items())),
        troubles=tuple(trouble for each in many for trouble in each.troubles),
    )
