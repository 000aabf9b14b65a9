"""Four numbers with dots that are no address: versions and identifiers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from testmend_codemods.literals.finding.refusals import says_number
from testmend_codemods.literals.grammar.vocabulary import ADDRESSES, PLACES
from testmend_codemods.literals.naming import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.codemod import Context
    from testmend_codemods.literals.model import Use

_IDENTIFIERS = ("0.", "1.", "2.")  # what those of objects begin with


def numbers(uses: Iterable[Use], context: Context) -> Iterator[str]:
    """The values of a file of which one use says that they are versions or the like.

    Where one is a version by its name, so are those that no use calls an address.
    """
    said: dict[str, set[str]] = defaultdict(set)
    versions = False
    for use in uses:
        if use.kind == "uuid":
            continue
        vote = spoken(use, context)
        said[use.value].update(vote.words if vote else ())
        named = vote is not None and says_number(vote.words, use.kind)
        if use.reason == "version" or named:
            yield use.value
            versions = versions or not use.value.startswith(_IDENTIFIERS)
    for value, names in said.items() if versions else ():
        if names and names.isdisjoint(ADDRESSES | PLACES):
            yield value
