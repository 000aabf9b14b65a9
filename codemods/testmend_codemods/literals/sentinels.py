"""uuidsentinel: ``uuids.image`` is a UUID of its own that is made once in each run.

The test then has another value than the one that was written out. That is what it says
only if the value is known nowhere else: not in another file under work, not within a
longer string. Even so it remains an unsafe fix: nobody can see what a program far away
takes a UUID for.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend_codemods.literals.model import Seen, Sentinels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from testmend.model import Fix
    from testmend.source import Module
    from testmend_codemods.literals.model import Use
    from testmend_codemods.literals.plan import Plan

MODULE = "uuidsentinel"
UNSAFE = "the value is another one in each run"
_DIGEST = re.compile(r"(?i)digest|sha\d|md5|hash|uuid[35]|base64|[0-9a-f]{40}")
_NEAR = 15  # lines
_SUFFIXES = ("_id", "_uuid", "_guid")


def imported(tree: ast.Module) -> Iterator[str]:
    """The names under which a module's top level imports uuidsentinel."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if alias.name.rpartition(".")[2] != MODULE:
                    continue
                if alias.asname or isinstance(node, ast.ImportFrom):
                    yield alias.asname or alias.name


def sentinels(module: Module, uses: Iterable[Use]) -> Sentinels | None:
    """What a file knows of uuidsentinel; None if it does not import it, or twice."""
    if MODULE.encode() not in module.utf8:
        return None
    names = list(imported(module.tree))
    if len(names) != 1 or len(module.scopes.all_bindings(names[0])) != 1:
        return None
    literals: dict[str, int] = {}
    for use in uses:
        literals[use.value] = literals.get(use.value, 0) + use.literal
    text = module.text.lower()
    derived = frozenset(use.value for use in uses if _is_derived_from(module, use))
    return Sentinels(
        name=names[0],
        attributes=frozenset(
            node.attr
            for node in module.nodes(ast.Attribute)
            if isinstance(node.value, ast.Name) and node.value.id == names[0]
        ),
        entangled=derived
        | {
            value
            for value, count in literals.items()
            if text.count(value.lower()) != count
        },
    )


def _is_derived_from(module: Module, use: Use) -> bool:
    """Whether the lines around a use may hold what was computed from the value."""
    near = range(max(1, use.range.line - _NEAR), use.range.line + _NEAR)
    last = len(module.line_starts)
    return any(_DIGEST.search(module.line_text(line)) for line in near if line <= last)


class Replacing:
    """The sentinels of one file: those it has, and those that are made."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.seen = plan.seen
        context, known = plan.context, self.seen.sentinels
        # All files are looked through for it: only where there may be sentinels.
        self.elsewhere = _elsewhere(context.path, context.peers) if known else ()
        self.taken = set(known.attributes) if known else set()

    def expression(self, constant: str, uses: Sequence[Use]) -> str:
        """What stands for a value in place of a constant; empty: the constant has to.

        ``constant`` is the name that the value would have had (``IMAGE_ID``). Where
        another value is called by that name, too, a constant tells them apart.
        """
        known = self.seen.sentinels
        value = uses[0].value
        attribute = constant.strip("_").lower()
        for suffix in _SUFFIXES:
            attribute = attribute.removesuffix(suffix)
        all_of_it = sum(use.value == value for use in self.seen.uses)
        if (
            known is None
            or attribute in self.taken
            or attribute.startswith("fake")
            or not attribute.isidentifier()
            or value in known.entangled
            or not self.plan.is_alone(value)
            or value in self.elsewhere
            or len(uses) != all_of_it
            or any(use.early for use in uses)
        ):
            return ""
        self.taken.add(attribute)
        return f"{known.name}.{attribute}"

    def completed(self, fix: Fix) -> Fix:
        """The fix, said to be unsafe."""
        return replace(fix, unsafe=UNSAFE)


def _elsewhere(path: str, peers: Mapping[str, Seen]) -> frozenset[str]:
    """The values of the other files under work."""
    return frozenset(
        value
        for other, seen in peers.items()
        if other != path
        for value in (
            *(use.value for use in seen.uses),
            *(value for _, value in seen.constants),
        )
    )
