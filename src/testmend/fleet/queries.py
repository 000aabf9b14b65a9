"""Repositories that a forge is asked for: those of an organisation, group or user.

What it answered is kept beside the journal: `status`, `push` and the like speak of the
repositories that the last `plan` or `run` has seen, and need no network for that.
"""

from __future__ import annotations

import fnmatch
import json
import secrets
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from testmend.errors import ConfigError, ForgeError
from testmend.fleet import addresses, hosting
from testmend.forges.model import Hosted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from testmend.fleet.manifest import Manifest, Repository

_FILE = "owners.json"
Owners = dict[str, list[Hosted]]


class Queries(Struct, frozen=True):
    """The owners that a manifest names, asked or remembered.

    ``state`` is the folder of the journal; ``tell`` gets a word when a forge does not
    answer and what it said before is taken.
    """

    manifest: Manifest
    state: Path
    tell: Callable[[str], None]

    def answered(self, *, fresh: bool) -> Mapping[str, list[Hosted]]:
        """The repositories of each owner; ``fresh``: asked for again.

        Raises `ForgeError`, `ConfigError`.
        """
        owners = {each.owner for each in self.manifest.repositories if each.owner}
        known = self._known()
        wanted = sorted(owner for owner in owners if fresh or owner not in known)
        for owner in wanted:
            try:
                known[owner] = self._asked(owner)
            except ForgeError as error:
                if owner not in known:
                    raise ForgeError(error.reason, f"{owner}: {error}") from None
                self.tell(f"{owner}: {error}; its repositories as they were known")
        if wanted:
            self._keep({owner: known[owner] for owner in sorted(owners)})
        return known

    def _asked(self, owner: str) -> list[Hosted]:
        address = owner if "://" in owner else f"https://{owner}"
        scheme, _, rest = address.partition("://")
        host, _, name = rest.strip("/").partition("/")
        if not name or scheme not in ("https", "http"):
            raise ConfigError(f"owner: {owner!r} is not like 'github.com/NAME'")
        place = hosting.of(host, self.manifest.hosts, plain=scheme == "http")
        name = f"/{name}".removeprefix(f"{place.below}/").strip("/")
        seconds = min(self.manifest.limits.seconds, 60.0)
        return list(place.opened(lambda: None, seconds).repositories(name))

    def _known(self) -> Owners:
        try:
            return msgspec.json.decode((self.state / _FILE).read_bytes(), type=Owners)
        except (OSError, msgspec.DecodeError):
            return {}

    def _keep(self, owners: Owners) -> None:
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = self.state / _FILE
        fresh = place.with_name(f".{_FILE}-{secrets.token_hex(4)}.tmp")
        text = json.dumps(msgspec.to_builtins(owners), indent=1, sort_keys=True)
        fresh.write_text(text + "\n", "utf-8")
        fresh.replace(place)


def chosen(each: Repository, hosted: list[Hosted]) -> list[str]:
    """The addresses of those that an entry of the manifest means, by name.

    Archived and empty repositories are left out, forks as well unless asked for. An
    address that is no address (a forge may say anything) is, too.
    """
    found = []
    for repository in sorted(hosted, key=lambda known: known.name):
        name = repository.name.rpartition("/")[2]
        if repository.archived or repository.empty:
            continue
        if repository.fork and not each.forks:
            continue
        if each.topic and each.topic not in repository.topics:
            continue
        if each.match and not any(fnmatch.fnmatchcase(name, p) for p in each.match):
            continue
        url = repository.ssh if each.ssh else repository.https
        if addresses.host(url):
            found.append(url)
    return found
