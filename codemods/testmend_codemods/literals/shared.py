"""Values that several test files of one folder know: one module of constants for them.

It stands in ``fixtures/constants.py`` beside the files. All of them plan it alike, so
each can bring the whole text along. Where the module is there already, what it holds is
used, and what it lacks is added at its end.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.codemod import Context
from testmend.model import NewFile
from testmend.names import member
from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.values import NETWORKED, kind_of, network_of
from testmend_codemods.literals.homes.present import present
from testmend_codemods.literals.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from testmend.index import Index
    from testmend.model import Fix
    from testmend.source import Module
    from testmend_codemods.literals.homes.present import Present
    from testmend_codemods.literals.model import Seen, Use
    from testmend_codemods.literals.options import LiteralOptions

FOLDER, STEM = "fixtures", "constants"


class Home(Struct, frozen=True):
    """The shared module: the constants of a file's values, the import, the files.

    ``given``: the module as it is, where nothing is added to it.
    """

    names: Mapping[str, str]
    statement: str = ""
    files: tuple[NewFile, ...] = ()
    given: tuple[tuple[str, str], ...] = ()

    def expression(self, _constant: str, uses: Sequence[Use]) -> str:
        """What stands for a value here; empty: a constant of its own module has to."""
        name = self.names.get(uses[0].value, "")
        return f"{STEM}.{name}" if name else ""

    def completed(self, fix: Fix) -> Fix:
        """The fix with the import and the files that it needs."""
        imports = (self.statement,) if self.statement else ()
        return replace(fix, imports=imports, files=self.files, given=self.given)


def imported_from(module: Module) -> str:
    """The package from which a file imports a module of constants, if it does."""
    bindings = module.scopes.all_bindings(STEM)
    node = bindings[0].node if len(bindings) == 1 else None
    if not isinstance(node, ast.alias) or node.name != STEM or node.asname:
        return ""
    above = module.parent(node)
    if not isinstance(above, ast.ImportFrom) or above not in module.tree.body:
        return ""
    return "." * above.level + (above.module or "")


def place_of(path: str) -> str:
    """Where the shared module of a file stands."""
    return f"{PurePosixPath(path).parent}/{FOLDER}/{STEM}.py"


def home(plan: Plan) -> Home:
    """The shared module as a file sees it by its plan; empty where it can have none."""
    place, index = place_of(plan.context.path), plan.context.index
    statement = _import(plan.seen, plan.context, place)
    kinds = {use.kind for use in plan.seen.uses}
    there = present(index, place, kinds, _quote(plan.context))
    if statement is None or there is None:
        return Home({})
    wanted = _wanted(place, there.names, plan.context, plan.options)
    fresh = _fresh(wanted, there)
    known = {**fresh, **there.names}
    able = _shareable(plan, known)
    names = {value: name for value, name in known.items() if value in able}
    if not fresh:
        return Home(names, statement, given=((place, there.text or ""),))
    files = [NewFile(place, there.with_(fresh), there.text)]
    package = f"{PurePosixPath(place).parent}/__init__.py"
    if package not in index.paths:
        files.insert(0, NewFile(package, ""))
    return Home(names, statement, tuple(files))


def _import(seen: Seen, context: Context, place: str) -> str | None:
    """The import that a file needs, empty if it has that; None: it can have none."""
    path, index = context.path, context.index
    folder = str(PurePosixPath(path).parent)
    if not index.package(path) or f"{folder}/{FOLDER}.py" in index.paths:
        return None
    if not _takes_part(seen, path, place, index):
        return None
    statement = "" if seen.shared_from else _statement(index, path, folder)
    return statement if len(statement) <= index.lines(path).longest else None


def _quote(context: Context) -> str:
    """The quote that most of the files of the folder prefer."""
    folder = PurePosixPath(context.path).parent
    seen = Counter(
        each.quote
        for path, each in context.peers.items()
        if PurePosixPath(path).parent == folder
    )
    return "'" if seen["'"] > seen['"'] else '"'


def _fresh(wanted: Mapping[str, str], there: Present) -> Mapping[str, str]:
    """The constants that the module lacks, by value, under names that are free."""
    taken = set(there.taken)
    found: dict[str, str] = {}
    for name, value in sorted((name, value) for value, name in wanted.items()):
        number = 1
        while (free := there.named(name, number)) in taken:
            number += 1
        if value not in there.names:
            taken.add(free)
            found[value] = free
    return found


def _statement(index: Index, path: str, folder: str) -> str:
    """How a file imports the module: as it does its neighbours.

    By its dots too where the tree has a longer name than its packages tell
    (``ansible_collections.cloud.tests``).
    """
    facts = index.facts(path)
    modules = [each.module for each in facts.imports] if facts else []
    top = index.package(path)[0]
    dotted = any(each.startswith(".") for each in modules)
    if any(f".{top}." in each for each in modules):
        return f"from .{FOLDER} import {STEM}"
    if dotted and not any(each.partition(".")[0] == top for each in modules):
        return f"from .{FOLDER} import {STEM}"
    return f"from {index.dotted(f'{folder}/__init__.py')}.{FOLDER} import {STEM}"


def _takes_part(seen: Seen, path: str, place: str, index: Index) -> bool:
    """Whether a file can import the module, or does so, under its name."""
    if not seen.shared_from:
        return not seen.knows_shared
    return index.locate(member(seen.shared_from, STEM), path) == place


def _wanted(
    place: str, names: Mapping[str, str], context: Context, options: LiteralOptions
) -> Mapping[str, str]:
    """The name by value of what several files of the folder call by one name.

    ``names``: those that the module has. Addresses of one network that a file gives
    names to go there together, or stay together.
    """
    plans = list(_plans(place, context, options))
    found: dict[str, str] = {}
    shared = [_specific(plan) for plan in plans]
    while (now := _named_by_several(shared)) != found:
        found = now
        shared = [
            {v: mine[v] for v in _shareable(plan, {**found, **names}) & mine.keys()}
            for plan, mine in zip(plans, shared, strict=True)
        ]
    return found


def _plans(place: str, context: Context, options: LiteralOptions) -> Iterator[Plan]:
    """The plans of the files around that may share values with others."""
    folder = str(PurePosixPath(context.path).parent)
    around = {
        path: seen
        for path, seen in sorted(context.peers.items())
        if str(PurePosixPath(path).parent) == folder
        and _takes_part(seen, path, place, context.index)
    }
    counts = Counter(
        value for seen in around.values() for value in {u.value for u in seen.uses}
    )
    for path, seen in around.items():
        if any(counts[use.value] > 1 for use in seen.uses):
            yield Plan(seen, Context(path, context.index), options, "", place)


def _specific(plan: Plan) -> dict[str, str]:
    """The values of a file that get a name of their own there, with that."""
    return {
        value: each.name
        for value, each in plan.decisions.items()
        if each.new
        and plan.ballots[value].name == each.name
        and not plan.strange(value, each.name)
    }


def _named_by_several(files: Iterable[Mapping[str, str]]) -> dict[str, str]:
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for names in files:
        for value, name in names.items():
            votes[value][name] += 1
    return {
        value: min(names, key=lambda name: (-names[name], name))
        for value, names in votes.items()
        if max(names.values()) > 1
    }


def _shareable(plan: Plan, names: Mapping[str, str]) -> set[str]:
    """The values of a file that constants of the module can stand for.

    ``names``: the constant of each value.
    """
    new = {value: each for value, each in plan.decisions.items() if each.new}
    able = {
        value
        for value, each in new.items()
        if value in names
        and _alike(names[value], each.name.removeprefix(plan.prefix))
        and not plan.strange(value, each.name)
        and not any(use.early for use in plan.values[value])
    }
    apart = {network for value in new.keys() - able if (network := _network(value))}
    return {value for value in able if _network(value) not in apart}


def _network(value: str) -> str:
    return network_of(value) if kind_of(value) in NETWORKED else ""


def _alike(one: str, other: str) -> bool:
    """Whether two names are of the same thing."""
    return words.stem(words.split(one)) == words.stem(words.split(other))
