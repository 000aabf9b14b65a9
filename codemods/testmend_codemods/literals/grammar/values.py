"""The grammar of values: what is a UUID, an address, a network, and what only looks so.

Addresses follow the standard library's `ipaddress`. Well-known are those that say more
as they stand than any name would: of RFC 1122, 1918, 3927, 4291 and 5771.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = str
"""``uuid``, ``ip``, ``cidr``, or one that the configuration names."""

NETWORKED = frozenset({"ip", "cidr"})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NEAR_UUID = re.compile(r"[0-9a-zA-Z]{6,10}(?:-[0-9a-zA-Z]{3,5}){3}-\w{9,14}")
_NEAR_IP = re.compile(
    r"\d{1,4}(?:\.\d{1,4}){3}(?:/\w+)?|\d{1,3}(?:\.\d{1,3}){2}\.[a-zA-Z]{1,3}"
    r"|\d{1,3}(?:\.\d{1,3}){2}\.\d{1,3}[a-zA-Z]|\d{1,3}\.\d{1,3}\.[a-zA-Z]+\.\d{1,3}"
)
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_GROUPS_OF_TWO = re.compile(r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){7}")  # WWN, GUID
_ADDRESS = re.compile(r"[0-9a-fA-F:.]{2,45}(?:/\d{1,3})?")
_UNDASHED = re.compile(r"[0-9a-fA-F]{12}4[0-9a-fA-F]{3}[89abAB][0-9a-fA-F]{15}")
_WITHIN = re.compile(
    r"(?<![\w.:-])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"
    r"|\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2}(?![\w/]))?(?![\w.-]))"
)
_ASSIGNED = re.compile(
    r"(?i)[0-9a-f]{8}-0000-1000-8000-(?:00805f9b34fb|0026bb765291)"
    r"|6ba7b81[0124]-9dad-11d1-80b4-00c04fd430c8"
    r"|c12a7328-f81f-11d2-ba4b-00a0c93ec93b|21686148-6449-6e6f-744e-656564454649"
    r"|e3c9e316-0b5c-4db8-817d-f92df00215ae|ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"
    r"|de94bba4-06d1-4d40-a16a-bfd50179d6ac|0fc63daf-8483-4772-8e79-3d69d8477de4"
    r"|0657fd6d-a4ab-43c4-84e5-0933c84b4f4f|e6d6d379-f507-44c2-a23c-238f2a3df928"
)
_SHORTEST, _DASHES, _DOTS = 8, 4, 3  # of a string with an address or a UUID in it
_LONGEST = 60  # characters of what looks like a value

_PRIVATE = frozenset({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"})
_ALL = [ipaddress.IPv4Network(f"0.0.0.0/{size}") for size in range(1, 33)]
_MASKS = {str(each.netmask) for each in _ALL} | {str(each.hostmask) for each in _ALL}


def kind_of(text: str) -> Kind | None:
    """The kind of value that a string is as a whole; None if it is none."""
    return _kind_of(text) if "-" in text or "." in text or ":" in text else None


@lru_cache(4096)
def _kind_of(text: str) -> Kind | None:
    if _UUID.fullmatch(text):
        return "uuid"
    if not _ADDRESS.fullmatch(text) or not any(char.isdigit() for char in text):
        return None
    address, slash, _ = text.partition("/")
    quad = _IPV4.fullmatch(address)
    if _GROUPS_OF_TWO.fullmatch(address) or (":" not in address and not quad):
        return None
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return None
    return "cidr" if slash else "ip"


class Grammar(Struct, frozen=True):
    """Which strings are values, beside those that always are.

    ``undashed``: 32 hex digits that are shaped as a random UUID (version 4). ``more``:
    pairs of a kind and a regular expression for the whole string.
    """

    undashed: bool = False
    more: tuple[tuple[Kind, str], ...] = ()

    def kind_of(self, text: str) -> Kind | None:
        """The kind of value that a string is as a whole; None if it is none."""
        kind = kind_of(text)
        if kind is None and self.undashed and _UNDASHED.fullmatch(text):
            return "uuid"
        if kind is None and self.more:
            found = (name for name, each in self.more if re.fullmatch(each, text))
            return next(found, None)
        return kind


PLAIN = Grammar()


def within(text: str) -> Iterator[tuple[str, Kind]]:
    """The UUIDs, IPv4 addresses and networks that stand inside a longer string."""
    if len(text) < _SHORTEST or (text.count("-") < _DASHES and text.count(".") < _DOTS):
        return
    if kind_of(text) is not None:
        return
    for match in _WITHIN.finditer(text):
        kind = kind_of(match[0])
        if kind is not None:
            yield match[0], kind


def is_undashed(text: str) -> bool:
    """Whether a UUID is written without its dashes."""
    return _UNDASHED.fullmatch(text) is not None


def is_near(text: str) -> Kind | None:
    """The kind of value that a string looks like without being one."""
    if len(text) > _LONGEST or kind_of(text) or ("-" not in text and "." not in text):
        return None
    if _NEAR_UUID.fullmatch(text) and any(char.isdigit() for char in text):
        return "uuid"
    if _NEAR_IP.fullmatch(text) and not _GROUPS_OF_TWO.fullmatch(text):
        return "cidr" if "/" in text else "ip"
    return None


def is_well_known(text: str, kind: Kind) -> bool:
    """Whether the value is its own best name: loopback, netmask, nil UUID, ..."""
    if kind != "uuid" and kind not in NETWORKED:
        return False
    if kind == "uuid":
        return set(text.lower()) <= {"0", "-"} or set(text.lower()) <= {"f", "-"}
    if text in _PRIVATE or text in _MASKS:
        return True
    address = _address(text)
    return (
        address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or address.is_multicast
    )


def is_assigned(text: str) -> bool:
    """Whether somebody gave a UUID a meaning for everyone: no test made it up.

    Assigned numbers of Bluetooth and HomeKit, name spaces of RFC 9562, and types of
    partitions: ESP, BIOS boot, Microsoft's, Linux data, swap and LVM.
    """
    return _ASSIGNED.fullmatch(text) is not None


def network_of(text: str) -> str:
    """The /24 (IPv6: the /64) that an address or network belongs to or starts in."""
    address = _address(text)
    size = 24 if isinstance(address, ipaddress.IPv4Address) else 64
    return str(ipaddress.ip_network((str(address), size), strict=False))


def _address(text: str) -> Address:
    return ipaddress.ip_address(text.partition("/")[0])
