"""Which forge a repository is on, and how its manifest says that it is reached."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from testmend.errors import ConfigError
from testmend.fleet import addresses
from testmend.fleet.manifest import Host
from testmend.fleet.pace import GITHUB, Speed
from testmend.forges import opening
from testmend.forges.model import Access
from testmend.git.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from testmend.forges.model import Forge, Kind

_SCHEME = re.compile(r"https?://")
_NAME = re.compile(r"(?!\.\.?$)[\w.-]+")
_PARTS = 2  # of OWNER/NAME; GitLab has groups in groups


class Place(Struct, frozen=True):
    """A host that is a forge: its kind, and the root of its API."""

    host: str
    kind: Kind
    root: str
    settings: Host

    @property
    def below(self) -> str:
        """The path that the forge itself is below (``/gitlab``), as ``api`` says it."""
        where = urlsplit(self.root)
        api, path = opening.PATHS[self.kind], where.path.rstrip("/")
        there = where.netloc == self.host and path.endswith(api)
        return path.removesuffix(api) if there else ""

    def path(self, url: str) -> str:
        """The path of a repository on the forge (``owner/name``). Raises `Refusal`."""
        if "://" in url:
            rest = "/" + url.partition("://")[2].partition("/")[2]
        else:
            rest = "/" + url.partition(":")[2]
        if self.below and addresses.transport(url) != "ssh":
            if not rest.startswith(f"{self.below}/"):
                raise Refusal("url", f"{url}: the forge of its host is at {self.below}")
            rest = rest.removeprefix(self.below)
        found = rest.strip("/").removesuffix(".git")
        parts = found.split("/")
        if not all(map(_NAME.fullmatch, parts)) or len(parts) < _PARTS:
            raise Refusal("url", f"{url}: no repository of a forge (OWNER/NAME)")
        if len(parts) > _PARTS and self.kind != "gitlab":
            message = f'is the forge below a path? [hosts."{self.host}"] api says it'
            raise Refusal("url", f"{url}: not OWNER/NAME; {message}")
        return found

    def fork(self, url: str, fork: str) -> tuple[str, str]:
        """The path and the address of a fork of what is at an address.

        ``fork`` is its owner, or its whole path with ``$name`` for the name. Raises
        `Refusal`.
        """
        path = self.path(url)
        name = path.rpartition("/")[2]
        theirs = fork.replace("$name", name) if "$name" in fork else f"{fork}/{name}"
        before, _, after = url.rpartition(path)
        address = f"{before}{theirs}{after}"
        if self.path(address) != theirs or theirs == path:
            raise Refusal("url", f"fork: {fork!r} is not the owner of a fork of {url}")
        return theirs, address

    def opened(self, pace: Callable[[], None], seconds: float) -> Forge:
        """The forge, with the token that the environment holds. Raises `ConfigError`.

        ``pace`` is called before each change, ``seconds`` are for one call.
        """
        variable = self.settings.token_env
        token = os.environ.get(variable, "") if variable else ""
        if variable and not token:
            raise ConfigError(f"the variable {variable} for {self.host} is not set")
        return opening.opened(self.kind, Access(self.root, token, pace, seconds))


def of(name: str, hosts: Mapping[str, Host], *, plain: bool = False) -> Place:
    """The forge at a host; ``plain``: its addresses are ``http://``.

    Raises `ConfigError` where the manifest must say what it is.
    """
    settings = hosts.get(name, Host())
    kind = settings.forge or opening.WELL_KNOWN.get(name)
    if not name:
        message = "a repository on this machine is on no forge"
        raise ConfigError(f'{message}; publish = "branch" makes a branch there')
    if kind is None:
        message = "github, gitlab, gitea or forgejo?"
        raise ConfigError(f'[hosts."{name}"] forge = ...: is it {message}')
    root = settings.api or opening.root(kind, name, plain=plain)
    if not _SCHEME.match(root):
        raise ConfigError(f'[hosts."{name}"] api: {root!r} is not an https address')
    if root.startswith("http://") and not settings.insecure:
        message = f'not encrypted; [hosts."{name}"] insecure = true allows it'
        raise Refusal("url", f"{root}: {message}")
    return Place(name, kind, root, settings)


def around(url: str, hosts: Mapping[str, Host]) -> Place:
    """The forge that an address is on. Raises `ConfigError`, `Refusal`."""
    plain = addresses.transport(url) in ("http", "git")
    return of(addresses.host(url), hosts, plain=plain)


def speed(name: str, hosts: Mapping[str, Host]) -> Speed:
    """The pace of a host: as the manifest says, else as it asks of programs."""
    settings = hosts.get(name, Host())
    kind = settings.forge or opening.WELL_KNOWN.get(name)
    usual = GITHUB if kind == "github" else Speed()
    said = (settings.interval, settings.per_minute, settings.per_hour)
    chosen = (
        default if value is None else value
        for value, default in zip(
            said, (usual.interval, usual.per_minute, usual.per_hour), strict=True
        )
    )
    interval, minute, hour = chosen
    return Speed(float(interval), int(minute), int(hour))
