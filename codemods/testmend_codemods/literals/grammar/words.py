"""Names as words: what a name says, and the constant that says the same.

Constants of UUIDs and constants of addresses end in different words, so that the two
codemods never want one name for two values, whichever runs first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from testmend_codemods.literals.grammar.vocabulary import (
    ADDRESSES,
    EMPTY,
    HOSTS,
    IDS,
    LEADING,
    MAKERS,
    NEGATIONS,
    NO_PLURALS,
    NOISE,
    NOT_JOINED,
    NUMBERED,
    PARTS,
    PLACES,
    PREPOSITIONS,
    REACHING,
    TRAILING,
    listed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend_codemods.literals.grammar.values import Kind

Words = tuple[str, ...]


_WORD = re.compile(
    r"IPv[46]|iSCSI|[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d+s(?![a-z\d])|[A-Z]?[a-z]+\d*|\d+"
)
_WITH_ID = re.compile(r"([a-z]{3,}?)(?:uu|gu)?id")
_VOWEL = re.compile(r"[aeiouy]")
_DIGITS = re.compile(r"\d+\Z")

_SAYING = {
    "ip": listed("ip ipv4 ipv6 ip4 ip6 ipaddr ipaddress vip fip floatingip clusterip"),
    "cidr": listed("cidr cidrs prefix prefixes"),
}
_JOINED_ID = re.compile(
    r"(?:USER|PROJECT|TENANT|IMAGE|ROOT|VOL|VOLUME|SNAP|LUN|SERVER|NODE|PORT)U?U?ID|VID"
)
_JOINED = {
    "uuid": re.compile(r"[A-Z]+ID"),
    "ip": re.compile(r"[A-Z]{2,}(?<!SH)IP"),  # no OWNERSHIP
}

_LAST = {
    "uuid": listed("ID UUID GUID UID NGUID IDENTIFIER TOKEN SERIAL NAME JTI ETAG"),
    "ip": listed("IP IPV4 IPV6 V4 V6 ADDRESS ADDR CIDR PREFIX HOST VIP FIP"),
    "cidr": listed("CIDR PREFIX RANGE ADDRESS"),
}
_SUFFIX = {"uuid": "ID", "ip": "IP", "cidr": "CIDR"}
_DROPPED_LAST = listed(
    """
    REF REFS HREF URL URI KEY OBJ OBJECT DICT DATA INFO NAMES
    """
)
_NEUTRAL = {"uuid": "FAKE_UUID", "ip": "FAKE_IP", "cidr": "FAKE_CIDR"}
_MAX_WORDS = 4
_SHORTEST_PLURAL = 5  # characters: "zfs" is none


@lru_cache(4096)
def split(name: str) -> Words:
    """The lower-case words of a name in any style: ``imageRef`` is image, ref."""
    return tuple(word.lower() for word in _WORD.findall(name))


def spoken(name: str) -> Words:
    """The words of a name without those about the test (``expected_image_id``)."""
    return tuple(word for word in split(name) if word not in NOISE)


def is_specific(words: Words) -> bool:
    """Whether one of the words names a thing."""
    return bool(stem(words))


@lru_cache(4096)
def stem(words: Words) -> Words:
    """The words that name a thing, without kind and filling: what votes agree on."""
    if words[-1:] and words[-1] in IDS and words[-2:-1] and words[-2] in NUMBERED:
        return (*stem(words[:-2]), words[-2])  # message_id
    pairs = ((_DIGITS.sub("", word), word) for word in words)
    return tuple(
        _thing(word)
        for word, whole in pairs
        if len(word) > 1
        and whole not in ADDRESSES  # ipv4
        and word not in IDS
        and word not in ADDRESSES
        and word not in EMPTY
        and word not in NOISE
        and not _is_list(word)
    )


def _thing(word: str) -> str:
    """One of the things that a word says: ``graphs`` and ``graphid`` say a graph."""
    joined = _WITH_ID.fullmatch(word)
    if joined and word not in NOT_JOINED and joined[1] not in EMPTY | NOISE:
        return _singular(joined[1])
    return _singular(word)


def _is_list(word: str) -> bool:
    """Whether a word is that of a list of nothing certain: ``arglist``."""
    of = word.removesuffix("list")
    return of != word and (of in EMPTY or of in NOISE or of in LEADING)


def numbers(words: Words) -> tuple[str, ...]:
    """The numbers at the ends of the words."""
    return tuple(match[0] for word in words if (match := _DIGITS.search(word)))


def without_numbers(words: Words) -> Words:
    """The name of no certain one: ``image1_id`` and ``image2_id`` are image ids."""
    bare = (
        word if word in ADDRESSES else _DIGITS.sub("", word)  # ip6 is no sixth one
        for word in words
    )
    return tuple(word for word in bare if len(word) > 1)


def owner(name: str, *, callee: bool = False) -> Words:
    """The thing that a container, an object or a callee stands for, if it says so.

    ``fake_server_dict`` is a server; so is the callee ``create_server`` or ``Server``,
    while a callee of another form (``run_server``) tells nothing.
    """
    words = split(name)
    classlike = name.lstrip("_")[:1].isupper() and not name.isupper()
    if callee and not classlike and (len(words) < 2 or words[0] not in MAKERS):  # noqa: PLR2004  verb and noun
        return ()
    while words and (words[0] in LEADING or words[0] in NOISE):
        words = words[1:]
    for at, word in enumerate(words):
        if at and word in PREPOSITIONS:
            words = words[:at]
            break
    while words and not TRAILING.isdisjoint((words[-1], _singular(words[-1]))):
        words = words[:-1]
    words = tuple(word for word in words if word not in NOISE)
    if not is_specific(words) or len(words) >= _MAX_WORDS:
        return ()
    if not NEGATIONS.isdisjoint(words):
        return ()
    return (*words[:-1], _singular(words[-1]))


def qualified(name: Words, thing: Words) -> Words:
    """``id`` of ``server`` is ``server_id``; ``ip_address`` of ``fixed_ip`` is it.

    ``type_id`` of ``server`` is not that of the server: ``server_type_id``.
    """
    if not thing or not name or _is_of_another(name, thing):
        return name
    parts = PARTS if name[-1] in IDS or name[-1] in ADDRESSES else frozenset()
    kept = tuple(
        word for word in name if word in IDS or word in ADDRESSES or word in parts
    )
    if name[-1] == "type":  # what says which type it is, is not the thing's own id
        kept = (*kept, "type")
    own = "ip" if thing[-1] in ("vip", "fip") else thing[-1]
    if own in kept:
        kept = kept[kept.index(own) + 1 :]
    return (*thing, *kept)


def singular(words: Words) -> Words:
    """The name of one of several."""
    return (*words[:-1], _singular(words[-1])) if words else words


def _is_of_another(name: Words, thing: Words) -> bool:
    """Whether a thing is given the address or id of another one.

    ``Client(ip=...)`` is a server's; ``compute_get(id=...)`` asks for an instance.
    """
    reached = thing[-1] in REACHING and name[-1] in ADDRESSES
    return reached or thing == ("compute",)


def offers_choice(callee: str) -> bool:
    """Whether a function takes one of two things: ``get_by_alias_or_id``."""
    return any(
        word == "or" and following in IDS | ADDRESSES
        for word, following in pairwise(split(callee))
    )


def is_of_many(words: Words) -> bool:
    """Whether a name may be that of a list of like things: plurals, ids, addresses."""
    last = _DIGITS.sub("", words[-1]) if words else ""
    of = last in IDS | ADDRESSES or words[-1:] in (("v4",), ("v6",))
    return of or last.endswith(("s", "list"))


def _singular(word: str) -> str:
    if word in NO_PLURALS or _is_abbreviation(word):
        return word
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004  not "ties"
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "os")):
        return word[:-1]
    return word


def _is_abbreviation(word: str) -> bool:
    """Whether a word has no vowel: ``sdjws``, while ``vms`` are several."""
    return len(word) > 3 and _VOWEL.search(word) is None  # noqa: PLR2004  not "vms"


def constant(words: Words, kind: Kind) -> str:
    """The constant's name: upper case, with a word of the kind in it."""
    if kind not in _SUFFIX:
        return _of_another_kind(words, kind)
    upper = [word.upper() for word in _of_one(words)]
    while len(upper) > 1 and upper[-1] in _DROPPED_LAST:
        upper.pop()
    if kind != "uuid" and upper[-1] == "NAME" and len(upper) > 1:
        upper.pop()
    if not _says_kind(upper, kind):
        if len(upper) > 1 and kind == "cidr" and upper[-1] in _LAST["ip"]:
            upper.pop()
        upper.append(_SUFFIX[kind])
    name = "_".join(upper)
    return name if not name[0].isdigit() else f"{_SUFFIX[kind]}_{name}"


def _of_one(words: Words) -> Words:
    """The name without a plural at its end: a constant is one of the things."""
    last = words[-1]
    known = last in IDS or last in ADDRESSES
    return singular(words) if known or len(last) >= _SHORTEST_PLURAL else words


def _of_another_kind(words: Words, kind: Kind) -> str:
    """The name of a kind that the configuration names: it ends in the kind.

    So it is never the name of a UUID or an address.
    """
    last = kind.upper()
    upper = [
        word.upper() for word in words if word not in IDS and word not in ADDRESSES
    ]
    while upper and upper[-1] in (last, "NUMBER", "NO", "NUM", *_DROPPED_LAST):
        upper.pop()
    name = "_".join((*upper, last))
    return name if not name[0].isdigit() else f"{last}_{name}"


def is_kind(word: str) -> bool:
    """Whether a word can be the name of another kind: no other constant ends in it."""
    known = {each for last in _LAST.values() for each in last}
    return (
        re.fullmatch(r"[a-z]{2,20}", word) is not None
        and word not in IDS | ADDRESSES | EMPTY
        and word.upper() not in known
        and not _JOINED_ID.fullmatch(word.upper())
    )


def _says_kind(upper: Sequence[str], kind: Kind) -> bool:
    """Whether a name says what kind of value it has, and no other one."""
    last = {upper[-1], _DIGITS.sub("", upper[-1]), upper[-1].removesuffix("S")}
    if not _LAST[kind].isdisjoint(last):
        return True
    ends = _JOINED.get(kind)
    whole = _DIGITS.sub("", upper[-1])
    if ends and ends.fullmatch(whole) and whole.lower() not in NOT_JOINED:
        return True  # INTERFACEID, NODEIP, NODEID2
    if kind in ("ip", "cidr") and whole.endswith(("IPADDRESS", "IPADDR")):
        return True
    said = {word.lower() for word in upper}
    if kind == "uuid":
        joined = any(_JOINED_ID.fullmatch(word) for word in upper)
        return (joined or not said.isdisjoint(IDS)) and said.isdisjoint(ADDRESSES)
    return not said.isdisjoint(_SAYING[kind]) and said.isdisjoint(IDS)


def may_host(words: Words) -> bool:
    """Whether a name is of what has an address, and may be that."""
    return not (HOSTS | PLACES).isdisjoint(words)


def neutral(kind: Kind) -> str:
    """The name of a value that has none."""
    return _NEUTRAL.get(kind, f"FAKE_{kind.upper()}")


def says_id(words: Words) -> bool:
    """Whether a name is that of an identifier."""
    return not IDS.isdisjoint(words)


def ends_in_id(words: Words) -> bool:
    """Whether a name is that of an identifier, and of no address."""
    return words[-1] in IDS and ADDRESSES.isdisjoint(words)


def numbered(name: str, number: int) -> str:
    """``VOLUME_ID``, ``VOLUME2_ID``: the number stands with the thing."""
    if number == 1:
        return name
    thing, _, last = name.rpartition("_")
    if thing.endswith("_IP"):  # FIXED_IP_ADDRESS
        thing, last = thing.removesuffix("_IP"), f"IP_{last}"
    if not thing or thing[-1].isdigit() or thing in ("FAKE", "TEST", "IP"):
        joint = "_" if name[-1].isdigit() else ""
        return f"{name}{joint}{number}"
    return f"{thing}{number}_{last}"
