"""Values that several test files of one folder know: one module of constants for them.

It stands in ``fixtures/constants.py`` beside the files. All of them plan it alike, so
each can bring the whole text along, as a new file. A module that is there already is
left alone: then the values stay constants of their own modules.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.codemod import Context
from testmend.model import NewFile
from testmend_codemods.literals.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from testmend.index import Index
    from testmend.model import Fix
    from testmend_codemods.literals.model import Seen, Use
    from testmend_codemods.literals.options import LiteralOptions

FOLDER, STEM = "fixtures", "constants"


@dataclass(frozen=True, slots=True)
class Home:
    """The shared module: the constant of each value, the import, the new files."""

    names: Mapping[str, str]
    statement: str = ""
    files: tuple[NewFile, ...] = ()

    def expression(self, constant: str, uses: Sequence[Use]) -> str:
        """What stands for a value here; empty: a constant of the module has to.

        ``constant`` is the name that the value would have in its module: files that
        call a value differently don't share it.
        """
        name = self.names.get(uses[0].value, "")
        early = any(use.early for use in uses)
        fits = name and name == constant.strip("_") and not early
        return f"{STEM}.{name}" if fits else ""

    def completed(self, fix: Fix) -> Fix:
        """The fix with the import and the files that it needs."""
        return replace(fix, imports=(self.statement,), files=self.files)


def home(seen: Seen, context: Context, options: LiteralOptions) -> Home:
    """The shared module as one of the files sees it; empty where it can have none."""
    folder = str(PurePosixPath(context.path).parent)
    place = f"{folder}/{FOLDER}/{STEM}.py"
    index = context.index
    if seen.knows_shared or place in index.paths or not index.package(context.path):
        return Home({})
    if f"{folder}/{FOLDER}.py" in index.paths:
        return Home({})
    names = _names(folder, context, options)
    if not names:
        return Home({})
    lines = [f'{name} = "{value}"\n' for value, name in names.items()]
    text = '"""Values that several tests beside this folder know."""\n\n'
    files = [NewFile(place, text + "".join(lines))]
    package = f"{folder}/{FOLDER}/__init__.py"
    if package not in index.paths:
        files.insert(0, NewFile(package, ""))
    return Home(names, _statement(index, context.path, folder), tuple(files))


def _statement(index: Index, path: str, folder: str) -> str:
    facts = index.facts(path)
    modules = [each.module for each in facts.imports] if facts else []
    top = index.package(path)[0]
    dotted = any(each.startswith(".") for each in modules)
    if dotted and not any(each.partition(".")[0] == top for each in modules):
        return f"from .{FOLDER} import {STEM}"
    return f"from {index.dotted(f'{folder}/__init__.py')}.{FOLDER} import {STEM}"


def _names(folder: str, context: Context, options: LiteralOptions) -> Mapping[str, str]:
    """The constants of the folder by value, in order of their names."""
    around = {
        path: seen
        for path, seen in sorted(context.peers.items())
        if str(PurePosixPath(path).parent) == folder and not seen.knows_shared
    }
    counts = Counter(
        value for seen in around.values() for value in {u.value for u in seen.uses}
    )
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for path, seen in around.items():
        several = {use.value for use in seen.uses if counts[use.value] > 1}
        if not several:
            continue
        plan = Plan(seen, Context(path, context.index), options, "")
        for value in several & plan.decisions.keys():
            decision = plan.decisions[value]
            if decision.new and plan.ballots[value].name == decision.name:
                votes[value][decision.name] += 1
    named = {
        value: min(names, key=lambda name: (-names[name], name))
        for value, names in votes.items()
        if max(names.values()) > 1
    }
    claims = Counter(named.values())
    pairs = ((name, value) for value, name in named.items() if claims[name] == 1)
    return {value: name for name, value in sorted(pairs)}
