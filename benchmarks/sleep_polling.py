"""Count what sleep-polling makes of the loops of real test suites.

::

    python benchmarks/sleep_polling.py DIRECTORY ... [--list] [--table] [--style STYLE]

For each directory (an unpacked sdist or wheel, or a checkout) the loops with a sleep by
form, how many are converted (safely, or only as unsafe), and why the others are left
alone; sleeps outside of loops, which are never rewritten, have the form ``none``.
``--list`` names every one. ``--table`` prints one table in Markdown for all of them,
with the share of the loops that wait for something: those left for a reason of
``OTHERS`` do not, every other one counts as missed. ``--style project:neutron`` is the
style ``project`` with a preset, or the dotted name of a function. Nothing is written.
Sdists and wheels come from ``pip download --no-deps --no-binary :all: NAME``, those
without tests from a checkout.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / each) for each in ("src", "codemods")]

from testmend import runner  # noqa: E402  from the checkout
from testmend.errors import SourceError  # noqa: E402
from testmend.model import Changed, Unchanged  # noqa: E402
from testmend.selection import Selection  # noqa: E402
from testmend.source import parse  # noqa: E402
from testmend.tooling import Above  # noqa: E402
from testmend_codemods.sleep_polling import CODEMOD  # noqa: E402
from testmend_codemods.sleep_polling.model import Candidates  # noqa: E402

if TYPE_CHECKING:
    from testmend.codemod import Options

_NONE = "none"  # the form of a sleep that is in no loop
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|functional|t)/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$"
)

# What is no waiting of the test's own, or is bounded already.
OTHERS = frozenset(
    {
        "already-bounded",
        "endless",
        "generated",
        "hold-loop",
        "load-loop",
        "mixed-units",
        "mocked-sleep",
        "module-level",
        "no-exit",
        "not-a-poll",
        "python-2",
        "silent-timeout",
        "unresolved-sleep",
        "worker",
        "zero-sleep",
    }
)


class Tree:
    """The Python files below a directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = sorted(
            file.relative_to(root).as_posix()
            for file in root.rglob("*.py")
            if file.is_file()
        )

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises `SourceError`."""
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


def forms(tree: Tree, path: str) -> dict[int, str]:
    """The form of each loop with a sleep, by its line."""
    try:
        module = parse(path, tree.read(path))
    except SourceError:
        return {}
    survey = CODEMOD.survey(module, CODEMOD.options())
    if survey is None or not isinstance(survey.candidates, Candidates):
        return {}
    return {each.range.line: each.form for each in survey.candidates.loops}


def examine(root: Path, options: Options, *, names: bool) -> Counter[tuple[str, str]]:
    """How many loops of each form have which fate."""
    tree = Tree(root)
    with_sleep = [
        path
        for path in tree.paths
        if _TESTS.search(path)
        and CODEMOD.is_triggered(tree.read(path), CODEMOD.options())
    ]
    found: Counter[tuple[str, str]] = Counter()
    selection = Selection((CODEMOD.name,), {CODEMOD.name: options})
    for result in runner.run(tree, with_sleep, tree.paths, selection, jobs=1):
        outcome = result.outcome
        if not isinstance(outcome, Changed | Unchanged):
            print(f"{result.path}: {outcome.message}")
            continue
        by_line = forms(tree, result.path)
        fixed = outcome.fixed if isinstance(outcome, Changed) else ()
        fates = [(each, "converted") for each in fixed]
        fates += [(each, each.reason or "unsafe") for each in outcome.findings]
        for finding, fate in fates:
            form = by_line.get(finding.range.line, "") or _NONE
            found[form, fate] += 1
            if names:
                print(f"{result.path}:{finding.range.line}: {form} {fate}")
    return found


def main() -> None:
    """Print one table for each directory, and their sum."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directories", nargs="+", type=Path)
    parser.add_argument("--list", action="store_true", help="name every loop")
    parser.add_argument("--table", action="store_true", help="print Markdown")
    parser.add_argument("--style", default="vendor", help="where the code comes from")
    arguments = parser.parse_args()
    style, _, project = arguments.style.partition(":")
    options = msgspec.convert({"style": style, "project": project}, CODEMOD.options)
    total: Counter[tuple[str, str]] = Counter()
    for root in arguments.directories:
        found = examine(root, options, names=arguments.list)
        total += found
        if not arguments.table:
            report(root.name, found)
    if arguments.table:
        tabulate(total)
    elif len(arguments.directories) > 1:
        report("all", total)


def report(title: str, found: Counter[tuple[str, str]]) -> None:
    """Print the table of one suite."""
    others = sum(number for (form, _), number in found.items() if form == _NONE)
    print(f"\n{title}: {found.total() - others} loops, {others} other sleeps")
    for form in sorted(
        {form for form, _ in found}, key=lambda each: (each == _NONE, each)
    ):
        fates = {fate: n for (each, fate), n in found.items() if each == form}
        converted = fates.pop("converted", 0)
        unsafe = fates.pop("unsafe", 0)
        rest = sorted(fates.items(), key=lambda pair: (-pair[1], pair[0]))
        reasons = ", ".join(f"{fate} {number}" for fate, number in rest)
        print(f"  {form:6} converted {converted:3}  unsafe {unsafe:2}  left: {reasons}")


def tabulate(found: Counter[tuple[str, str]]) -> None:
    """Print the table of all suites together, as Markdown."""
    print("| form | loops | no wait | converted | unsafe | missed | share | left |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for form in sorted({form for form, _ in found} - {_NONE}):
        fates = Counter({fate: n for (each, fate), n in found.items() if each == form})
        loops = fates.total()
        converted = fates.pop("converted", 0)
        unsafe = fates.pop("unsafe", 0)
        others = sum(number for fate, number in fates.items() if fate in OTHERS)
        waits = loops - others
        share = f"{100 * (converted + unsafe) / waits:.0f} %" if waits else ""
        left = ", ".join(f"{fate} {number}" for fate, number in fates.most_common())
        cells = (form, loops, others, converted, unsafe)
        missed = waits - converted - unsafe
        print("|", " | ".join(map(str, (*cells, missed, share, left))), "|")


if __name__ == "__main__":
    main()
