"""Take a name out of an import statement, with its layout kept.

Each removal stands on its own, and any number of them go together: a statement goes
when all its names went, its line when all statements on it went, the blank lines around
it when they would be too many, and a block that loses everything gets ``pass``.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.importing.block import Block
from testmend.importing.rows import LineRow, NamesRow, Needs
from testmend.model import Cleanup, Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.source import Module


class Removal(Struct, frozen=True):
    """What takes one imported name out of its file.

    ``edits`` take out the name itself, ``cleanups`` what is too much then. ``tokens``
    are the offsets of the loads that need it, or its own offset if there is none.
    """

    edits: tuple[Edit, ...]
    tokens: frozenset[int]
    cleanups: tuple[Cleanup, ...]

    def fix(self, unsafe: str = "") -> Fix:
        """The fix that removes a name which nothing reads."""
        return Fix(self.edits, self.tokens, self.cleanups, unsafe=unsafe)

    def afterwards(self) -> tuple[Cleanup, ...]:
        """The cleanups that remove the name when all its loads were edited away."""
        return (Cleanup(self.tokens, self.edits), *self.cleanups)


def removal(
    module: Module, alias: ast.alias, spare: frozenset[ast.alias] = frozenset()
) -> Removal | None:
    """The removal of one imported name.

    ``spare`` are the names of the file that can go although loads see them (because
    they are imported twice): all of them, so that their removals go together.

    None if a comment would go with it: one beside the name, or one behind the
    statement.
    """
    statement = module.parent(alias)
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        raise AssertionError(ast.dump(alias))  # noqa: TRY004  not the caller's to catch
    needs = Needs(module, spare)
    row = NamesRow(needs, statement)
    place = statement.names.index(alias)
    if row.has_comment_at(place):
        return None
    line = LineRow(needs, statement)
    name = row.items[place]
    tokens = name.tokens or frozenset()
    inner = (*row.cleanups(), *line.cleanups())
    edits = [Edit(name.start, name.end, ""), *_due(inner, tokens)]
    if len(row.items) == len(line.items) == 1:
        edits = _joined(edits)
    # Spacing stays apart: it may be refused where another fix inserts something.
    later = [each for each in inner if not each.uses <= tokens]
    later += Block(needs, line).cleanups()
    return Removal(tuple(edits), tokens, tuple(dict.fromkeys(later)))


def _due(cleanups: Iterable[Cleanup], tokens: frozenset[int]) -> list[Edit]:
    """The edits that are right as soon as one name is gone."""
    due = (edit for each in cleanups if each.uses <= tokens for edit in each.edits)
    return list(dict.fromkeys(due))


def _joined(edits: list[Edit]) -> list[Edit]:
    """Deletions that touch, as one."""
    found: list[Edit] = []
    for edit in sorted(edits):
        if found and found[-1].end == edit.start:
            found[-1] = Edit(found[-1].start, edit.end, "")
        else:
            found.append(edit)
    return found
