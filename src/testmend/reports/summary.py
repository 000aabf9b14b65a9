"""The summary on stderr: files, findings fixed and left by reason, seconds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.reports.tally import Tally


def render(tally: Tally, seconds: float, *, done: bool) -> Iterator[str]:
    """The lines. ``done``: the fixes were written, not only found."""
    others = tally.changed + _sum(tally.skipped) + _sum(tally.failed)
    parts = [
        f"{_count(tally.changed, 'file')} {'changed' if done else 'would change'}",
        f"{tally.files - others:,} unchanged",
    ]
    if tally.created:
        parts.append(f"{tally.created} {'created' if done else 'would be created'}")
    for word, counts in (("skipped", tally.skipped), ("failed", tally.failed)):
        if counts:
            parts.append(f"{_sum(counts)} {word} ({_each(counts)})")
    yield f"{', '.join(parts)} [{seconds:.1f} s]"
    if tally.fixed:
        word = "fixed" if done else "fixable"
        yield f"{_count(_sum(tally.fixed), 'finding')} {word}: {_each(tally.fixed)}"
    for codemod in sorted({codemod for codemod, _ in tally.left}):
        reasons = Counter(
            {why: count for (name, why), count in tally.left.items() if name == codemod}
        )
        yield f"{_sum(reasons)} left by {codemod}: {_each(reasons)}"
    if tally.suppressed:
        yield f"{_count(tally.suppressed, 'finding')} suppressed by comments"


def _sum(counts: Counter[str]) -> int:
    return sum(counts.values())


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _each(counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{word} {number:,}" for word, number in ordered)
