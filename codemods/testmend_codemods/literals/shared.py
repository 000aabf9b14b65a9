"""Values that several test files of one folder know: one module of constants for them.

It stands in ``fixtures/constants.py`` beside the files. All of them plan it alike, so
each can bring the whole text along. Where the module is there already, what it holds is
used, and what it lacks is added at its end.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.codemod import Context
from testmend.model import NewFile
from testmend_codemods.literals import words
from testmend_codemods.literals.plan import Plan
from testmend_codemods.literals.values import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from testmend.index import Index
    from testmend.model import Fix
    from testmend.source import Module
    from testmend_codemods.literals.model import Seen, Use
    from testmend_codemods.literals.options import LiteralOptions

FOLDER, STEM = "fixtures", "constants"
_NAME = re.compile(r"[^\W\d]\w*")
_HEAD = '"""Values that several tests beside this folder know."""\n\n'


@dataclass(frozen=True, slots=True)
class Home:
    """The shared module: the constant of each value, the import, the files."""

    names: Mapping[str, str]
    statement: str = ""
    files: tuple[NewFile, ...] = ()

    def expression(self, constant: str, uses: Sequence[Use]) -> str:
        """What stands for a value here; empty: a constant of the module has to.

        ``constant`` is the name that the value would have in its module: files that
        call a value differently don't share it.
        """
        name = self.names.get(uses[0].value, "")
        alike = words.stem(words.split(name)) == words.stem(words.split(constant))
        early = any(use.early for use in uses)
        return f"{STEM}.{name}" if name and alike and not early else ""

    def completed(self, fix: Fix) -> Fix:
        """The fix with the import and the files that it needs."""
        imports = (self.statement,) if self.statement else ()
        return replace(fix, imports=imports, files=self.files)


@dataclass(frozen=True, slots=True)
class _Present:
    """What stands in the place: its text, its names, its constants by value."""

    text: str | None
    taken: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)


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


def home(seen: Seen, context: Context, options: LiteralOptions) -> Home:
    """The shared module as one of the files sees it; empty where it can have none."""
    folder = str(PurePosixPath(context.path).parent)
    place = f"{folder}/{FOLDER}/{STEM}.py"
    index = context.index
    if not index.package(context.path) or f"{folder}/{FOLDER}.py" in index.paths:
        return Home({})
    if not _takes_part(seen, context.path, place, index):
        return Home({})
    statement = "" if seen.shared_from else _statement(index, context.path, folder)
    if len(statement) > index.lines.longest:
        return Home({})
    present = _present(index, place)
    if present is None:
        return Home({})
    fresh = _fresh(_wanted(place, context, options), present)
    names = {**fresh, **present.names}
    if not names:
        return Home({})
    files = [_file(place, present, fresh)]
    package = f"{folder}/{FOLDER}/__init__.py"
    if package not in index.paths:
        files.insert(0, NewFile(package, ""))
    return Home(names, statement, tuple(files))


def _present(index: Index, place: str) -> _Present | None:
    """What stands in the place of the module; None if it can't be read or added to."""
    if place not in index.paths:
        return _Present(None)
    text = index.text(place)
    try:
        tree = ast.parse(text) if text else None
    except (SyntaxError, ValueError, RecursionError):
        tree = None
    if text is None or tree is None or "\r" in text:
        return None
    names: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))
            ) if kind_of(value) == "uuid":
                names.setdefault(value, name)
    bound = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    names = {value: name for value, name in names.items() if bound[name] == 1}
    return _Present(text, frozenset(_NAME.findall(text)), names)


def _file(place: str, present: _Present, fresh: Mapping[str, str]) -> NewFile:
    lines = "".join(f'{name} = "{value}"\n' for value, name in fresh.items())
    if present.text is None:
        return NewFile(place, _HEAD + lines)
    end = "" if present.text.endswith("\n") else "\n"
    added = end + lines if fresh else ""
    return NewFile(place, present.text + added, present.text)


def _fresh(wanted: Mapping[str, str], present: _Present) -> Mapping[str, str]:
    """The constants that the module lacks, by value, under names that are free."""
    taken = set(present.taken)
    found: dict[str, str] = {}
    for name, value in sorted((name, value) for value, name in wanted.items()):
        number = 1
        while (free := words.numbered(name, number)) in taken:
            number += 1
        if value not in present.names:
            taken.add(free)
            found[value] = free
    return found


def _statement(index: Index, path: str, folder: str) -> str:
    facts = index.facts(path)
    modules = [each.module for each in facts.imports] if facts else []
    top = index.package(path)[0]
    dotted = any(each.startswith(".") for each in modules)
    if dotted and not any(each.partition(".")[0] == top for each in modules):
        return f"from .{FOLDER} import {STEM}"
    return f"from {index.dotted(f'{folder}/__init__.py')}.{FOLDER} import {STEM}"


def _takes_part(seen: Seen, path: str, place: str, index: Index) -> bool:
    """Whether a file can import the module, or does so, under its name."""
    if not seen.shared_from:
        return not seen.knows_shared
    dot = "" if seen.shared_from.endswith(".") else "."
    return index.locate(f"{seen.shared_from}{dot}{STEM}", path) == place


def _wanted(place: str, context: Context, options: LiteralOptions) -> Mapping[str, str]:
    """The name by value of what several files of the folder call by one name."""
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
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for path, seen in around.items():
        several = {use.value for use in seen.uses if counts[use.value] > 1}
        if several:
            plan = Plan(seen, Context(path, context.index), options, "")
            _count(plan, several, votes)
    return {
        value: min(names, key=lambda name: (-names[name], name))
        for value, names in votes.items()
        if max(names.values()) > 1
    }


def _count(
    plan: Plan, values: Iterable[str], votes: Mapping[str, Counter[str]]
) -> None:
    for value in values & plan.decisions.keys():
        decision = plan.decisions[value]
        if decision.new and plan.ballots[value].name == decision.name:
            votes[value][decision.name] += 1
