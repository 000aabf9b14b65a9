"""A random draw of the constants that would be made, with lines that use them.

    python benchmarks/hardcoded_names.py FOLDER ... [--count 200] [--seed 1]

Runs hardcoded-uuid and hardcoded-ip over the test code of each folder (nothing is
written), draws from all new constants, and prints each with up to four of its uses, for
a person to judge the name by. The same seed over the same code draws the same.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

from hardcoded import IP, UUID, Suite
from msgspec import Struct

from testmend.model import Changed

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = 4
_MADE = re.compile(r"^(_?[A-Z][A-Z0-9_]*) = (['\"])(.*)\2$", re.MULTILINE)


class Made(Struct, frozen=True):
    """A new constant: suite, file, its line, and the file after the change."""

    suite: str
    path: str
    name: str
    value: str
    after: str

    def uses(self) -> list[tuple[str, str]]:
        """The lines that use it, each with the line above."""
        lines = [line.strip() for line in self.after.split("\n")]
        word = re.compile(rf"\b{self.name}\b")
        return [
            (lines[at - 1], line)
            for at, line in enumerate(lines)
            if word.search(line) and not line.startswith(f"{self.name} = ")
        ]


def made(folder: Path) -> Iterator[Made]:
    """The new constants of a suite, in the order of its files."""
    outcomes = Suite(folder.resolve()).run(UUID, IP)
    for path, outcome in sorted(outcomes.items()):
        if not isinstance(outcome, Changed):
            continue
        texts = (
            edit.text
            for finding in outcome.fixed
            if finding.fix
            for edit in finding.fix.edits
        )
        after = outcome.after.decode("utf-8", "replace")
        for text in sorted(set(texts)):
            for name, _, value in _MADE.findall(text):
                yield Made(folder.name, path, name, value, after)


def main() -> None:
    """Print the draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found = [each for folder in arguments.folders for each in made(folder)]
    print(f"{len(found)} constants, seed {arguments.seed}")
    random.Random(arguments.seed).shuffle(found)  # noqa: S311  a draw, not a secret
    for number, each in enumerate(found[: arguments.count], 1):
        uses = each.uses()
        print(f"\n{number} {each.suite}:{each.path}  {each.name} = {each.value}")
        for above, line in uses[:SHOWN]:
            print(f"    {above[-60:]} | {line[:100]}")
        if len(uses) > SHOWN:
            print(f"    ... {len(uses)} in all")


if __name__ == "__main__":
    main()
