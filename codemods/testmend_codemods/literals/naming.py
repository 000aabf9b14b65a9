"""One name for each value: the votes of all its uses, counted."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.literals.grammar import words
from testmend_codemods.literals.grammar.kinship import agree, are_opposed
from testmend_codemods.literals.grammar.values import NETWORKED
from testmend_codemods.literals.model import PARAMETER, Positional, Vote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from testmend.codemod import Context
    from testmend.facts import FunctionFacts
    from testmend_codemods.literals.grammar.values import Kind
    from testmend_codemods.literals.grammar.words import Words
    from testmend_codemods.literals.model import Use

_RECEIVERS = ("self", "cls")
_COMMON = frozenset(
    name for kind in (str, bytes, list, set, dict, deque) for name in dir(kind)
)
_FEW = 5  # functions with a name for one that has another one, too
_MAX_NAME = 32  # characters: a longer name is a sentence


class Ballot(Struct, frozen=True):
    """The specific name that a value's uses agree on; empty if they don't.

    ``common`` is what their different names have in common (``NETWORK_UUID``).
    """

    name: str = ""
    common: str = ""


def ballot(uses: Iterable[Use], kind: Kind, context: Context) -> Ballot:
    """Count the votes of a value's uses.

    The name needs more than two thirds of the votes that name a thing; that of an
    address three quarters, since it stands for several things more often. There, a
    function that speaks of no certain thing counts against the name, too; and more of
    them must name it than say nothing at all. Functions may have one address in two
    places, but one UUID for two things has the name of neither; nor has what is once
    the source of something and once the destination.
    """
    uses = list(uses)
    spoken_of = [(u.scope, vote) for u in uses if (vote := spoken(u, context))]
    said = [vote for _, vote in spoken_of]
    votes = [vote for vote in said if words.is_specific(vote.words)]
    if len(votes) < len(said) - len(votes):
        return Ballot()  # most uses say no more than uuid or ip
    votes = [
        vote for vote in votes if set(words.stem(vote.words)) - {kind}
    ] or votes  # the word of the kind alone names no thing
    if not votes:
        return Ballot()
    counts = Counter(words.stem(vote.words) for vote in votes)
    ranks = {key: _best_rank(votes, key) for key in counts}
    first = {key: number for number, key in enumerate(counts)}
    key = min(counts, key=lambda key: (-counts[key], ranks[key], first[key]))
    form = _form(votes, key)
    others = (len(votes) - counts[key]) * 2
    if kind in NETWORKED:
        others = (len(votes) - counts[key] + _strangers(spoken_of)) * 3
        if _silent(uses, spoken_of) > _naming(spoken_of):
            return Ballot()
    if others and counts[key] <= others:
        strange = kind in NETWORKED and _strangers(spoken_of) > 0
        return Ballot() if strange else Ballot(common=_common(votes, kind))
    name = words.constant(form, kind)
    two = kind not in NETWORKED and _is_two_things(spoken_of, name)
    if two or any(are_opposed(form, vote.words) for vote in votes):
        return Ballot(common=_common(votes, kind))
    # An id that is given for a display name, too, is not that.
    other = kind == "uuid" and len(votes) < len(said) and not words.says_id(form)
    # What a thing without an address is called is no address, and nor is its id.
    called = form[-1] == "name" and not words.may_host(form)
    other |= kind in NETWORKED and (called or words.ends_in_id(form))
    return Ballot("" if other or len(name) > _MAX_NAME else name)


def strange_scopes(uses: Iterable[Use], name: str, context: Context) -> frozenset[int]:
    """The functions that call a value another thing than the name of its constant.

    Where a function says both, what it says belongs together: it is none of them. One
    that speaks of an address and of no certain thing may mean any.
    """
    if not words.is_specific(words.split(name)):
        return frozenset()
    hints = [
        (use, vote)
        for use in uses
        if (vote := spoken(use, context) or _hint(use)) is not None
    ]
    said = _said([(use.scope, vote) for use, vote in hints], name)
    naming = {scope for scope, _ in said}
    vague = {use.scope for use, _ in hints if use.kind in NETWORKED} - naming
    return frozenset(scope for scope in naming if (scope, True) not in said) | vague


def _hint(use: Use) -> Vote | None:
    """The thing of a class that takes a value: ``Snapshot('...')``."""
    if not isinstance(use.vote, Positional) or use.vote.index:
        return None
    called = use.vote.callee
    if not called.lstrip("_")[:1].isupper():
        return None
    thing = words.owner(called, callee=True)
    return Vote(thing, PARAMETER) if thing else None


def _is_two_things(spoken_of: Sequence[tuple[int, Vote]], name: str) -> bool:
    """Whether functions call a value by its name, and another thing, too.

    One in five that speak of it is enough: fewer pass it where another word is asked
    for (``marker``).
    """
    said = _said(spoken_of, name)
    both = sum((scope, True) in said for scope, same in said if not same)
    return both * _FEW > len({scope for scope, _ in said})


def _said(spoken_of: Iterable[tuple[int, Vote]], name: str) -> set[tuple[int, bool]]:
    """Which functions speak of a value by a name, or of something else (False)."""
    own = words.split(name)
    return {
        (scope, agree(vote.words, own))
        for scope, vote in spoken_of
        if words.is_specific(vote.words)
    }


def _strangers(spoken_of: Sequence[tuple[int, Vote]]) -> int:
    """How many functions speak of a value without a name for the thing."""
    return len({scope for scope, _ in spoken_of}) - _naming(spoken_of)


def _naming(spoken_of: Sequence[tuple[int, Vote]]) -> int:
    """How many functions have a name for the thing."""
    return len({scope for scope, vote in spoken_of if words.is_specific(vote.words)})


def _silent(uses: Iterable[Use], spoken_of: Sequence[tuple[int, Vote]]) -> int:
    """How many functions have a value and say nothing of it."""
    return len({use.scope for use in uses} - {scope for scope, _ in spoken_of})


def _common(votes: Sequence[Vote], kind: Kind) -> str:
    """``NETWORK_UUID`` where one use says ``cleaning_network_uuid``, one another."""
    last = {words.stem(vote.words)[-1] for vote in votes}
    if len(last) != 1:
        return ""
    kinds = Counter(vote.words[-1] for vote in votes)
    thing = last.pop()
    suffix = kinds.most_common(1)[0][0]
    name = (thing,) if words.is_specific((suffix,)) else (thing, suffix)
    return words.constant(name, kind)


def spoken(use: Use, context: Context) -> Vote | None:
    """The vote of a use; that of an argument is the parameter's name.

    All functions of that name in the file, or else in the project, have to agree on it;
    those elsewhere are asked for no name that every set, list or string has (``add``).
    """
    if not isinstance(use.vote, Positional):
        return use.vote
    if words.offers_choice(use.vote.callee):
        return None
    names = {
        _parameter(parameters, use.vote.index)
        for parameters in _signatures(use.vote.callee, context)
    }
    if len(names) != 1:
        return None
    name = words.spoken(names.pop())
    if not words.is_specific(name):
        name = words.qualified(name, words.owner(use.vote.callee, callee=True))
    return Vote(name, PARAMETER) if name else None


def _signatures(callee: str, context: Context) -> frozenset[tuple[str, ...]]:
    facts = context.index.facts(context.path)
    own = facts.functions.get(callee, ()) if facts else ()
    if own:
        return frozenset(map(_own_parameters, own))
    return frozenset() if callee in _COMMON else context.index.signatures(callee)


def _own_parameters(function: FunctionFacts) -> tuple[str, ...]:
    """Those that a call gives: ``cls`` of a plain function is one like others."""
    given = function.parameters
    if not function.owner and given[:1] and given[0] in _RECEIVERS:
        return ("", *given[1:])
    return given


def _parameter(parameters: Sequence[str], index: int) -> str:
    own = (
        parameters[1:] if parameters[:1] and parameters[0] in _RECEIVERS else parameters
    )
    return own[index] if index < len(own) else ""


def _best_rank(votes: Iterable[Vote], key: Words) -> int:
    return min(vote.rank for vote in votes if words.stem(vote.words) == key)


def _form(votes: Sequence[Vote], key: Words) -> Words:
    """The wording that most of the votes for one thing use."""
    agreeing = [vote for vote in votes if words.stem(vote.words) == key]
    if len({words.numbers(vote.words) for vote in agreeing}) > 1:
        agreeing = [
            Vote(words.without_numbers(vote.words), vote.rank) for vote in agreeing
        ]
    counts = Counter(vote.words for vote in agreeing)
    ranks = {form: min(v.rank for v in agreeing if v.words == form) for form in counts}
    return min(counts, key=lambda form: (-counts[form], ranks[form], len(form)))
