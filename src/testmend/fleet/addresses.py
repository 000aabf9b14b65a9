"""Where a repository is: which addresses are taken, and their hosts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from testmend.git.errors import Refusal
from testmend.git.names import check_url, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.fleet.manifest import Host

_PLAIN = re.compile(r"(?P<scheme>http|git)://(?P<rest>(?P<host>[^\s/@]+)/.*)")
_HOST = re.compile(r"(?:https|ssh)://(?:[^\s/@]+@)?(?P<host>[^\s/]+)")
_SCP = re.compile(r"(?:[\w.+-]+@)?(?P<host>[\w.-]+):")


def check(url: str, hosts: Mapping[str, Host], *, local: bool = False) -> str:
    """The address, if it may be used; else `Refusal` with the reason ``url``.

    https and ssh; a path or file address if ``local``; http and git for hosts that the
    manifest calls insecure.
    """
    plain = _PLAIN.fullmatch(url)
    if plain is None:
        return check_url(url, local=local)
    host = plain["host"]
    if host not in hosts or not hosts[host].insecure:
        message = f'not encrypted; [hosts."{host}"] insecure = true allows it'
        raise Refusal("url", f"{plain['scheme']}: {message}")
    try:
        check_url(f"https://{plain['rest']}")
    except Refusal as error:
        message = str(error).replace("https://", f"{plain['scheme']}://", 1)
        raise Refusal(error.reason, message) from None
    return url


def recorded(url: str, hosts: Mapping[str, Host]) -> str:
    """An address as it may be written down: one that is refused may hold a secret."""
    try:
        return check(url, hosts, local=True)
    except Refusal:
        return redacted(url)


def transport(url: str) -> str:
    """The name of git's transport for an address (``https``, ``ssh``, ``file``)."""
    scheme, colons, _ = url.partition("://")
    if colons:
        return scheme
    return "file" if url.startswith("/") else "ssh"


def host(url: str) -> str:
    """The host (with its port) of an address; empty for this machine."""
    match = _PLAIN.fullmatch(url) or _HOST.match(url)
    if match is None and transport(url) == "ssh":
        match = _SCP.match(url)
    return match["host"] if match else ""


def short(url: str) -> str:
    """The last part of an address, without ``.git``: what a repository is called."""
    tail = re.split(r"[/:]", url.rstrip("/"))[-1]
    return tail.removesuffix(".git") or "repository"
