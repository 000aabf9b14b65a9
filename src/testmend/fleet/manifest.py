"""The manifest of a campaign: which repositories, what is done to them, and how far.

It is TOML, checked like the configuration: an unknown key or value is an error that
names the key, the file and the closest valid key.
"""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003  read by msgspec
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from testmend.commits.plan import Per  # noqa: TC001  read by msgspec
from testmend.config.files import parse
from testmend.config.tables import convert
from testmend.errors import ConfigError
from testmend.forges.model import Kind  # noqa: TC001  read by msgspec
from testmend.git import process

if TYPE_CHECKING:
    import threading
    from pathlib import Path

Natural = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Ratio = Annotated[float, msgspec.Meta(ge=0, le=1)]
Publish = Literal["branch", "request", "agit", "gerrit", "mail"]

PROTECTED = ("main", "master", "trunk", "develop", "devel", "stable/*", "release/*")
_INSTALLED = "a codemod is taken from an installed package"
_NOT_HERE = {
    "plugins": _INSTALLED,
    "guests": f"{_INSTALLED}, and guests work with diff, apply and commit",
    "extend": "write the settings into the manifest",
    "jobs": "-j says how many processes there are",
}
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_IDENTITY = re.compile(r"(?P<name>[^<>\n]*[^<>\s]) <(?P<mail>[^<>\s]+)>")
_MAX_BYTES = 4 << 20


class _Table(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename="kebab",
    kw_only=True,
):
    """A table in which an unknown key is an error."""


class Host(_Table, frozen=True):
    """What holds for one host (``[hosts."git.example.org:8443"]``).

    ``insecure`` allows plain http and git addresses. ``token-env`` names the variable
    that holds a password or token, ``user`` who it is for. ``lanes`` transfers run at a
    time. ``interval`` seconds lie between two changes (pushes, and calls of its API) at
    least, so many are made ``per_minute`` and ``per_hour`` at most (0: no limit; None:
    as the forge asks). ``forge`` says what it is, ``api`` where its API is.
    """

    insecure: bool = False
    user: str = "git"
    token_env: str = ""
    lanes: Positive = 4
    interval: Annotated[float, msgspec.Meta(ge=0)] | None = None
    per_minute: Natural | None = None
    per_hour: Natural | None = None
    retries: Natural = 3
    forge: Kind | None = None
    api: str = ""


class Request(_Table, frozen=True):
    """Change requests: templates of title and body (empty: those of testmend)."""

    title: str = ""
    body: str = ""
    draft: bool = False


class Limits(_Table, frozen=True):
    """The most that is taken. ``failure-rate`` counts from ``failure-floor`` on.

    ``seconds`` are for one transfer of a repository, sizes are bytes. ``changes`` is
    how many repositories may be published in one go (0: no limit), ``transfer`` how
    much a server may send for one repository, ``mirrors`` how much room the mirrors
    may take.
    """

    seconds: Seconds = 300.0
    files: Positive = 200_000
    bytes: Positive = 512 << 20
    failure_rate: Ratio = 0.5
    failure_floor: Positive = 5
    changes: Natural = 0
    transfer: Positive = 4 << 30
    mirrors: Positive = 20 << 30

    def of_transfer(self, stop: threading.Event) -> process.Limits:
        """Those of one transfer, which ends too when ``stop`` is set."""
        return process.Limits(self.seconds, stop=stop, file=self.transfer)


class Repository(_Table, frozen=True):
    """One repository, or a folder or list of them, and what is different for it.

    Exactly one of ``url``, ``path`` (a repository on this machine), ``folder`` (of
    repositories), ``list`` (a file with an address a line) and ``owner`` (an
    organisation, group or user of a forge: ``github.com/NAME``) is given; of those of
    an owner only some with ``topic`` and ``match``, with ``forks``, by ``ssh``.
    ``root`` is the folder of the project in it; ``paths`` count from there. ``fork``
    is the owner of the fork that the branch is pushed to, or its path with ``$name``.
    """

    url: str = ""
    path: str = ""
    folder: str = ""
    list: str = ""
    owner: str = ""
    topic: str = ""
    match: tuple[str, ...] = ()
    forks: bool = False
    ssh: bool = False
    name: str = ""
    base: str | None = None
    branch: str | None = None
    root: str | None = None
    paths: tuple[str, ...] | None = None
    message: str | None = None
    per: Per | None = None
    publish: Publish | None = None
    labels: tuple[str, ...] | None = None
    reviewers: tuple[str, ...] | None = None
    fork: str | None = None
    skip: str = ""
    testmend: dict[str, Any] = {}


class Manifest(_Table, frozen=True):
    """A campaign as its manifest says it; the keys of `docs/bulk.md`."""

    name: str
    repositories: tuple[Repository, ...]
    base: str = ""
    branch: str = ""
    root: str = ""
    paths: tuple[str, ...] = ()
    message: str = "$codemods: $summary"
    per: Per = "codemod"
    author: str = ""
    date: datetime | None = None
    signoff: bool = False
    publish: Publish = "branch"
    topic: str = ""
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    fork: str = ""
    request: Request = Request()
    mails: str = ""
    protected: tuple[str, ...] = PROTECTED
    canary: Natural = 0
    mirrors: str = ""
    limits: Limits = Limits()
    hosts: dict[str, Host] = {}
    testmend: dict[str, Any] = {}


class Identity(msgspec.Struct, frozen=True):
    """Who commits."""

    name: str
    mail: str


def load(file: Path) -> Manifest:
    """The checked manifest. Raises `ConfigError` that names file and key."""
    manifest = convert(parse(file, _MAX_BYTES), Manifest, "", file)
    if not _NAME.fullmatch(manifest.name):
        message = "letters, digits, '.', '_' and '-', no other character"
        raise ConfigError(f"{file}: name: {manifest.name!r}: {message}")
    if not manifest.repositories:
        raise ConfigError(f"{file}: repositories: there is none")
    if manifest.author:
        identity(manifest.author, file)
    if manifest.date is not None and manifest.date.tzinfo is None:
        raise ConfigError(f"{file}: date: it needs a time zone (2026-01-31T12:00:00Z)")
    for number, each in enumerate(manifest.repositories):
        place = f"{file}: repositories[{number}]"
        _check(each, place)
        if each.fork and (each.publish or manifest.publish) != "request":
            raise ConfigError(f'{place}.fork: it is for publish = "request"')
    for table in (manifest.testmend, *(e.testmend for e in manifest.repositories)):
        for key, instead in _NOT_HERE.items():
            if key in table:
                message = f"testmend.{key}: it is not for bulk runs; {instead}"
                raise ConfigError(f"{file}: {message}")
    return manifest


def _check(repository: Repository, place: str) -> None:
    sources = ("url", "path", "folder", "list", "owner")
    given = [key for key in sources if getattr(repository, key)]
    if len(given) != 1:
        what = " and ".join(given) or "none"
        message = f"one of url, path, folder, list and owner is needed, not {what}"
        raise ConfigError(f"{place}: {message}")
    if repository.name and given[0] in ("folder", "list", "owner"):
        message = f"a {given[0]} stands for many repositories"
        raise ConfigError(f"{place}.name: {message}")
    for key in ("topic", "match", "forks", "ssh"):
        if getattr(repository, key) and not repository.owner:
            raise ConfigError(f"{place}.{key}: it is for an owner")


def identity(text: str, file: Path) -> Identity:
    """``Name <mail>`` as its parts. Raises `ConfigError`."""
    match = _IDENTITY.fullmatch(text)
    if match is None:
        raise ConfigError(f"{file}: author: {text!r} is not like 'Name <mail>'")
    return Identity(match["name"], match["mail"])
