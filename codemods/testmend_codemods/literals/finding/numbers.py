"""Four numbers with dots that are no address: versions and identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend_codemods.literals.finding.refusals import says_number
from testmend_codemods.literals.naming import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.codemod import Context
    from testmend_codemods.literals.model import Use


def numbers(uses: Iterable[Use], context: Context) -> Iterator[str]:
    """The values of a file of which one use says that they are versions or the like."""
    for use in uses:
        vote = spoken(use, context) if use.kind != "uuid" else None
        if use.reason == "version" or (vote and says_number(vote.words, use.kind)):
            yield use.value
