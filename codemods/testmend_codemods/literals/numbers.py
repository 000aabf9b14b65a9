"""Four numbers with dots: addresses that need no name, and what is no address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend_codemods.literals import words
from testmend_codemods.literals.model import Vote
from testmend_codemods.literals.naming import spoken
from testmend_codemods.literals.refusals import says_number
from testmend_codemods.literals.values import NETWORKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.codemod import Context
    from testmend_codemods.literals.model import Seen, Use
    from testmend_codemods.literals.options import LiteralOptions


def numbers(uses: Iterable[Use], context: Context) -> Iterator[str]:
    """The values of a file of which one use says that they are versions or the like."""
    for use in uses:
        vote = spoken(use, context) if use.kind != "uuid" else None
        if use.reason == "version" or (vote and says_number(vote.words, use.kind)):
            yield use.value


def is_variable(use: Use) -> bool:
    """Whether an address, which reads as well as its name, is that of a variable."""
    vote = use.vote if use.bound and use.kind in NETWORKED else None
    return isinstance(vote, Vote) and words.is_specific(vote.words)


def is_in_text(use: Use, seen: Seen, options: LiteralOptions) -> bool:
    """Whether longer strings of the file hold an address, and will go on holding it."""
    written = any(value == use.value for value, _ in seen.copies)
    return use.kind in NETWORKED and written and not getattr(options, "embedded", False)
