"""Which forge a host is, and how it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend.errors import ConfigError
from testmend.forges.guarded import Guarded

if TYPE_CHECKING:
    from testmend.forges.model import Access, Forge, Kind

WELL_KNOWN: dict[str, Kind] = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "codeberg.org": "forgejo",
    "gitea.com": "gitea",
}
PATHS: dict[Kind, str] = {
    "github": "/api/v3",  # of GitHub Enterprise Server
    "gitlab": "/api/v4",
    "gitea": "/api/v1",
    "forgejo": "/api/v1",
}
"""Where the API is below the root of a forge."""


def root(kind: Kind, host: str, *, plain: bool = False) -> str:
    """Where the API of a host is; ``plain``: without encryption."""
    if host == "github.com":
        return "https://api.github.com"
    return f"http{'' if plain else 's'}://{host}{PATHS[kind]}"


def opened(kind: Kind, access: Access) -> Forge:
    """The forge of a kind. Raises `ConfigError` if its client is not installed."""
    return Guarded(_client(kind, access))


def _client(kind: Kind, access: Access) -> Forge:
    try:
        match kind:
            case "github":
                from testmend.forges.github import GitHub  # noqa: PLC0415  an extra

                return GitHub(access)
            case "gitlab":
                from testmend.forges.gitlab import GitLab  # noqa: PLC0415  an extra

                return GitLab(access)
            case _:
                from testmend.forges.gitea import Gitea  # noqa: PLC0415  an extra

                return Gitea(access)
    except ImportError as error:
        message = "the client of a forge is not installed"
        raise ConfigError(
            f"{message} ({error.name}): pip install 'testmend[forges]'"
        ) from None
