"""Which forge a repository is on, and how its manifest says that it is reached."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class Place:
    """A host that is a forge: its kind, and the root of its API."""

    host: str
    kind: Kind
    root: str
    settings: Host

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


def path(url: str) -> str:
    """The path of a repository on its forge (``owner/name``). Raises `Refusal`."""
    rest = url.partition("://")[2].partition("/")[2]
    if addresses.transport(url) == "ssh" and "://" not in url:
        rest = url.partition(":")[2]
    found = rest.strip("/").removesuffix(".git")
    dots = {".", ".."} & set(found.split("/"))
    if dots or not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+", found):
        raise Refusal("url", f"{url}: no repository of a forge (OWNER/NAME)")
    return found


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
