"""Whether two names may mean one thing, though people word it in two ways."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.vocabulary import listed

if TYPE_CHECKING:
    from testmend_codemods.literals.grammar.words import Words

_SYNONYMS = (
    listed("server instance vm"),
    listed("project tenant"),
    listed("nexthop via"),
)
_OPPOSITES = (
    (listed("source src"), listed("destination dest dst target")),
    (listed("local"), listed("remote peer")),
    (listed("internal inner inside"), listed("external outer outside")),
    (listed("public"), listed("private")),
    (listed("start first begin"), listed("end last stop")),
    (listed("old previous"), listed("new")),
    (listed("ingress"), listed("egress")),
    (listed("left"), listed("right")),
    (listed("primary"), listed("secondary")),
    (listed("fixed"), listed("floating")),
    (listed("parent"), listed("child")),
    (listed("sender"), listed("receiver recipient")),
)
_SHORTEST = 3  # characters of an abbreviation
_VOWELS = frozenset("aeiouy")


def agree(one: Words, other: Words) -> bool:
    """Whether two names may mean one thing: one says nothing, or they share a word.

    An abbreviation of a word (``vol``, ``img``) and a synonym count as that word.
    """
    left, right = words.stem(one), words.stem(other)
    if not left or not right:
        return True
    if are_opposed(one, other):
        return False
    return any(_is_kin(*pair) for pair in product(left, right))


def are_opposed(one: Words, other: Words) -> bool:
    """Whether one name says ``source``, the other ``destination``."""
    return any(
        not here.isdisjoint(left) and not there.isdisjoint(right)
        for left, right in ((one, other), (other, one))
        for here, there in _OPPOSITES
    )


def _is_kin(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return any({one, other} <= each for each in _SYNONYMS) or (
        len(short) >= _SHORTEST
        and (long.startswith(short) or long.endswith(short) or _is_short(short, long))
    )


def _is_short(short: str, long: str) -> bool:
    """``img`` is short for ``image``: some of its letters in order, no vowels."""
    if short[0] != long[0] or not _VOWELS.isdisjoint(short[1:]):
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)
