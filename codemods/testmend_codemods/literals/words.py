"""Names as words: what a name says, and the constant that says the same.

Constants of UUIDs and constants of addresses end in different words, so that the two
codemods never want one name for two values, whichever runs first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend_codemods.literals.values import Kind

Words = tuple[str, ...]


def listed(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_WORD = re.compile(r"IPv[46]|iSCSI|[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
_DIGITS = re.compile(r"\d+\Z")

# Words about the role of a value in a test, not about the value.
_NOISE = listed(
    """
    expected expect exp return returned returns value values val result results res
    ret actual want wanted observed input output arg args kwarg kwargs param params
    the a an my self mock mocked stub stubbed get set side effect cls retval rv
    """
)
_IDS = listed(
    """
    id ids uuid uuids guid guids uid nguid identifier identifiers pk
    """
)
_ADDRESSES = listed(
    """
    ip ips ipv4 ipv6 address addresses addr addrs host hosts cidr cidrs prefix
    prefixes range ranges v4 v6 ipaddr ipaddress ipaddresses ip4 ip6
    """
)
_SAYING = {
    "ip": listed("ip ipv4 ipv6 ip4 ip6 ipaddr ipaddress vip fip floatingip clusterip"),
    "cidr": listed("cidr cidrs prefix prefixes"),
}
_JOINED_ID = re.compile(
    r"(?:USER|PROJECT|TENANT|IMAGE|ROOT|VOL|VOLUME|SNAP|LUN|SERVER|NODE|PORT)U?U?ID|VID"
)
# Words that name no thing.
_EMPTY = listed(
    """
    name names key keys data body obj object objects item items entity element
    elements ref refs href url path uri string str text test
    tests testing fake fakes dummy sample example foo bar baz qux tmp temp first
    second third last other another new old some one two three x y z i j k v s t u b
    c d e f n m p q me filter filters query match matches request req response resp
    info information metadata message msg content contents payload spec specs config
    conf props prop property attributes attribute attrs attr fields field updates
    update default defaults options opts opt kw context ctx ctxt random unique valid
    invalid good bad same different list lists dict dicts set tuple type types kind
    in out is by for to from of on at with and or not no left
    right correct wrong existing missing nonexistent nonexisting unknown multi
    multiple single all any each index count number num entry entries record records
    row rows this that it cmd command call calls func function method model models
    instance_of create created delete deleted show updated original modified current
    previous next initial final unittest case suffix line word words part parts
    piece hash digest generic real actual_value checks check endswith startswith
    separator delimiter search version sub subs validate validates validation
    """
)
_LEADING = listed(
    """
    fake test mock dummy sample expected new updated orig original create get show
    list delete update make build stub add remove find fetch generate gen prepare
    create_ do call init setup assert check verify validate wait the a my all any one
    two dead alive live down up disabled enabled stale orphaned obsolete
    """
)
_TRAILING = listed(
    """
    obj object objects dict data info body ref response resp result fixture mock
    kwargs args values attrs attributes json xml model entity record row params
    payload spec details request req doc document meta dic list ovo update updates cmd
    status state sample create get show delete
    """
)
_MAKERS = listed(
    """
    create get show delete update make build fake new stub add generate gen find
    fetch
    """
)
_NEGATIONS = listed("not no non without never")
_PREPOSITIONS = listed(
    """
    by for with to from in of on at as and or without
    """
)

_LAST = {
    "uuid": listed("ID UUID GUID UID NGUID IDENTIFIER TOKEN SERIAL NAME"),
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
_NO_PLURALS = listed("dns nfs cifs gpfs cephfs qos sos aws kms hns rds iops macs tls")


@lru_cache(4096)
def split(name: str) -> Words:
    """The lower-case words of a name in any style: ``imageRef`` is image, ref."""
    return tuple(word.lower() for word in _WORD.findall(name))


def spoken(name: str) -> Words:
    """The words of a name without those about the test (``expected_image_id``)."""
    return tuple(word for word in split(name) if word not in _NOISE)


def is_specific(words: Words) -> bool:
    """Whether one of the words names a thing."""
    return bool(stem(words))


@lru_cache(4096)
def stem(words: Words) -> Words:
    """The words that name a thing, without kind and filling: what votes agree on."""
    pairs = ((_DIGITS.sub("", word), word) for word in words)
    return tuple(
        _singular(word)
        for word, whole in pairs
        if len(word) > 1
        and whole not in _ADDRESSES  # ipv4
        and word not in _IDS
        and word not in _ADDRESSES
        and word not in _EMPTY
        and word not in _NOISE
        and not _is_list(word)
    )


def _is_list(word: str) -> bool:
    """Whether a word is that of a list of nothing certain: ``arglist``."""
    of = word.removesuffix("list")
    return of != word and (of in _EMPTY or of in _NOISE or of in _LEADING)


def numbers(words: Words) -> tuple[str, ...]:
    """The numbers at the ends of the words."""
    return tuple(match[0] for word in words if (match := _DIGITS.search(word)))


def without_numbers(words: Words) -> Words:
    """The name of no certain one: ``image1_id`` and ``image2_id`` are image ids."""
    bare = (
        word if word in _ADDRESSES else _DIGITS.sub("", word)  # ip6 is no sixth one
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
    if callee and not classlike and (len(words) < 2 or words[0] not in _MAKERS):  # noqa: PLR2004  verb and noun
        return ()
    while words and (words[0] in _LEADING or words[0] in _NOISE):
        words = words[1:]
    for at, word in enumerate(words):
        if at and word in _PREPOSITIONS:
            words = words[:at]
            break
    while words and not _TRAILING.isdisjoint((words[-1], _singular(words[-1]))):
        words = words[:-1]
    words = tuple(word for word in words if word not in _NOISE)
    if not is_specific(words) or len(words) >= _MAX_WORDS:
        return ()
    if not _NEGATIONS.isdisjoint(words):
        return ()
    return (*words[:-1], _singular(words[-1]))


def qualified(name: Words, thing: Words) -> Words:
    """``id`` of ``server`` is ``server_id``; ``ip_address`` of ``fixed_ip`` is it."""
    if not thing or not name:
        return name
    kept = tuple(word for word in name if word in _IDS or word in _ADDRESSES)
    own = "ip" if thing[-1] in ("vip", "fip") else thing[-1]
    if own in kept:
        kept = kept[kept.index(own) + 1 :]
    return (*thing, *kept)


def singular(words: Words) -> Words:
    """The name of one of several."""
    return (*words[:-1], _singular(words[-1])) if words else words


def _singular(word: str) -> str:
    if word in _NO_PLURALS:
        return word
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004  not "ties"
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "os")):
        return word[:-1]
    return word


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
    known = last in _IDS or last in _ADDRESSES
    return singular(words) if known or len(last) >= _SHORTEST_PLURAL else words


def _of_another_kind(words: Words, kind: Kind) -> str:
    """The name of a kind that the configuration names: it ends in the kind.

    So it is never the name of a UUID or an address.
    """
    last = kind.upper()
    upper = [
        word.upper() for word in words if word not in _IDS and word not in _ADDRESSES
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
        and word not in _IDS | _ADDRESSES | _EMPTY
        and word.upper() not in known
        and not _JOINED_ID.fullmatch(word.upper())
    )


def _says_kind(upper: Sequence[str], kind: Kind) -> bool:
    """Whether a name says what kind of value it has, and no other one."""
    last = {upper[-1], _DIGITS.sub("", upper[-1]), upper[-1].removesuffix("S")}
    if not _LAST[kind].isdisjoint(last):
        return True
    said = {word.lower() for word in upper}
    if kind == "uuid":
        joined = any(_JOINED_ID.fullmatch(word) for word in upper)
        return (joined or not said.isdisjoint(_IDS)) and said.isdisjoint(_ADDRESSES)
    return not said.isdisjoint(_SAYING[kind]) and said.isdisjoint(_IDS)


def neutral(kind: Kind) -> str:
    """The name of a value that has none."""
    return _NEUTRAL.get(kind, f"FAKE_{kind.upper()}")


def says_id(words: Words) -> bool:
    """Whether a name is that of an identifier."""
    return not _IDS.isdisjoint(words)


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
