"""The grammar of the values: what is a UUID, an address, a network."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

Kind = Literal["uuid", "ip"]

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NEAR = re.compile(r"[0-9a-zA-Z]{6,9}(?:-[0-9a-zA-Z]{3,5}){3}-[0-9a-zA-Z]{10,14}")
_QUAD = re.compile(r"[0-9x*-]{1,4}(?:\.[0-9x*-]{1,4}){3}(?:/\S*)?")
_PAIRS = re.compile(r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){7}")  # WWN, GUID: no address
_MASKS = re.compile(r"(?:255|254|252|248|240|224|192|128)\.(?:\d+\.){2}0")
_BLOCKS = frozenset({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"})


def is_value(kind: Kind, text: str) -> bool:
    """Whether the text is entirely a value of the kind."""
    if kind == "uuid":
        return _UUID.fullmatch(text) is not None
    return _network(text) is not None


def is_near(kind: Kind, text: str) -> bool:
    """Whether the text looks like a value of the kind and is none."""
    pattern = _NEAR if kind == "uuid" else _QUAD
    return not is_value(kind, text) and pattern.fullmatch(text) is not None


def is_network(text: str) -> bool:
    """Whether an address is written with a prefix length."""
    return "/" in text


def is_well_known(kind: Kind, text: str) -> bool:
    """Values that say what they are: loopback, any, masks, nil, private blocks, ..."""
    if kind == "uuid":
        return len(set(text.lower()) - {"-"}) == 1
    network = _network(text)
    if network is None:
        return False
    address = network.network_address
    return (
        text in _BLOCKS
        or network.prefixlen == 0
        or address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or address.is_multicast
        or text == "255.255.255.255"
        or _MASKS.fullmatch(text) is not None
    )


def neighbourhood(text: str) -> str:
    """The /24 (IPv6: /64) that holds an address or the start of a network."""
    network = _network(text)
    if network is None:
        return text
    length = 24 if network.version == 4 else 64  # noqa: PLR2004  the IP version
    start = f"{network.network_address}/{length}"
    return str(ipaddress.ip_network(start, strict=False))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The value as a network (an address is one of a single host)."""
    address, slash, prefix = text.partition("/")
    if not address[:1].isalnum() and not address.startswith(":"):
        return None
    if _PAIRS.fullmatch(address) or not re.search(r"\d", address) or "%" in address:
        return None
    if slash and not (prefix.isascii() and prefix.isdigit()):
        return None
    if "." not in address and ":" not in address:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
