"""What becomes of the hardcoded values of real test suites.

    python benchmarks/hardcoded.py FOLDER ... [--reasons] [--once]

Runs hardcoded-uuid and hardcoded-ip over the test code of each folder (nothing is
written) and prints one row a folder, in literals: how many there are, how many are
eligible (no rule keeps them as they are), lifted to how many constants, taken by
constants that are there; then in how many files the codemods fail, their proof fails,
an idempotent_id changes, a second run or the two codemods one after the other instead
of together give another result (all of them should be none). ``--reasons`` adds the
refused ones by reason; ``--once`` leaves out the orders, two thirds of the time.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / each) for each in ("src", "codemods")]

from testmend import runner  # noqa: E402  from the checkout
from testmend.errors import SourceError, VerificationError  # noqa: E402
from testmend.model import Changed, Failed, Outcome, Unchanged  # noqa: E402
from testmend.proofs import known  # noqa: E402
from testmend.selection import Selection  # noqa: E402
from testmend.tooling import Above  # noqa: E402
from testmend_codemods.knowledge.testcode import is_test_code  # noqa: E402
from testmend_codemods.literals.proof import prove  # noqa: E402
from testmend_codemods.literals.reasons import REFUSED as STAY  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.model import Finding

UUID, IP = "hardcoded-uuid", "hardcoded-ip"
_NAME = re.compile(r"[\w.]+")
COLUMNS = (
    *("literals", "eligible", "lifted", "constants", "reused"),
    *("failed", "unproven", "identity", "again", "ordered"),
)


class Suite(Struct):
    """The test code of a folder, with what has been made of some of its files."""

    root: Path
    done: dict[str, bytes] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `SourceError`."""
        if path in self.done:
            return self.done[path]
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise SourceError("unreadable", str(error)) from None

    def listed(self, folder: str) -> list[str]:
        """The names of what is in a folder; none if it is not there."""
        place = self.root / folder
        return [each.name for each in place.iterdir()] if place.is_dir() else []

    def above(self) -> Above:
        """Nothing is above."""
        return Above()

    def paths(self) -> list[str]:
        """The files that testmend takes for test code."""
        files = (each.relative_to(self.root) for each in self.root.rglob("*.py"))
        return [str(each) for each in files if is_test_code(f"{self.root.name}/{each}")]

    def run(self, *codemods: str) -> dict[str, Outcome]:
        """The outcomes of all test files."""
        paths = self.paths()
        results = runner.run(self, paths, paths, Selection(codemods), jobs=1)
        return {each.path: each.outcome for each in results}

    def after(self, outcomes: dict[str, Outcome]) -> Suite:
        """The suite with the changes made."""
        changed = {
            path: outcome.after
            for path, outcome in outcomes.items()
            if isinstance(outcome, Changed)
        }
        return Suite(self.root, {**self.done, **changed})


def measure(suite: Suite, *, once: bool = False) -> tuple[dict[str, int], Counter[str]]:
    """One row of the table, and the refused literals by reason."""
    outcomes = suite.run(UUID, IP)
    row, reasons = dict.fromkeys(COLUMNS, 0), Counter[str]()
    for outcome in outcomes.values():
        row["failed"] += isinstance(outcome, Failed)
        if isinstance(outcome, Changed):
            _count_fixed(outcome.fixed, row)
            row["unproven"] += not _is_proven(outcome)
            row["identity"] += _identities(outcome.before) != _identities(outcome.after)
        if isinstance(outcome, Changed | Unchanged):
            reasons.update(each.reason for each in outcome.findings)
    row["literals"] = row["lifted"] + row["reused"] + reasons.total()
    row["eligible"] = row["literals"] - sum(reasons[each] for each in STAY)
    made = suite.after(outcomes)
    row["again"] = sum(
        isinstance(each, Changed) for each in made.run(UUID, IP).values()
    )
    for first, second in () if once else ((UUID, IP), (IP, UUID)):
        step = suite.after(suite.run(first))
        row["ordered"] += _differ(step.after(step.run(second)), made)
    return row, reasons


def _count_fixed(findings: Iterable[Finding], row: dict[str, int]) -> None:
    for finding in findings:
        edits = finding.fix.edits if finding.fix else ()
        new = any(" = " in edit.text for edit in edits)
        uses = sum(_NAME.fullmatch(edit.text) is not None for edit in edits)
        row["constants"] += new
        row["lifted" if new else "reused"] += uses


def _is_proven(outcome: Changed) -> bool:
    try:
        before, after = ast.parse(outcome.before), ast.parse(outcome.after)
        prove(before, after, known(outcome.fixed))
    except (SyntaxError, VerificationError):
        return False
    return True


def _identities(data: bytes) -> list[bytes]:
    return [line for line in data.splitlines() if b"idempotent_id" in line]


def _differ(one: Suite, other: Suite) -> int:
    paths = {*one.done, *other.done}
    return sum(one.done.get(path) != other.done.get(path) for path in paths)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--reasons", action="store_true")
    parser.add_argument("--once", action="store_true")
    arguments = parser.parse_args()
    print(f"{'':16}" + "".join(f"{each:>10}" for each in COLUMNS))
    total: Counter[str] = Counter()
    for folder in arguments.folders:
        row, reasons = measure(Suite(folder.resolve()), once=arguments.once)
        print(f"{folder.name:16}" + "".join(f"{row[each]:>10}" for each in COLUMNS))
        sys.stdout.flush()
        total.update(reasons)
    if arguments.reasons:
        for reason, count in total.most_common():
            print(f"{count:>8}  {reason}")


if __name__ == "__main__":
    main()
