"""The repositories of a campaign, each with all that holds for it."""

from __future__ import annotations

import fnmatch
import os
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from testmend.config.loading import merged
from testmend.errors import ConfigError
from testmend.fleet.addresses import host, short
from testmend.fleet.queries import chosen
from testmend.git.names import branch_ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from testmend.commits.plan import Per
    from testmend.fleet.manifest import Manifest, Publish, Repository
    from testmend.forges.model import Hosted

_PARTS = 20  # of an address, at most, that become a name
_ODD = re.compile(r"[^\w.-]+|^[.-]+")


class Target(Struct, frozen=True):
    """One repository of a campaign.

    ``name`` is unique in it. ``url`` is an address or, if ``local``, an absolute path.
    ``base`` is empty for the branch that the repository itself is at. ``table`` is laid
    over the repository's own configuration. ``fork`` is the owner of the fork (or its
    path with ``$name``) that has the branch. ``skip`` says why it is left out.
    """

    name: str
    url: str
    local: bool
    base: str
    branch: str
    root: str
    paths: tuple[str, ...]
    message: str
    per: Per
    publish: Publish
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    table: Mapping[str, Any]
    skip: str = ""
    fork: str = ""

    @property
    def head(self) -> str:
        """The branch, with the owner of the fork that it is in (``bot:branch``)."""
        return f"{self.fork}:{self.branch}" if self.fork else self.branch

    @property
    def host(self) -> str:
        """The host that it is on; empty for this machine."""
        return host(self.url)


def listed(
    manifest: Manifest, file: Path, owners: Mapping[str, list[Hosted]]
) -> tuple[Target, ...]:
    """All repositories in the order of the manifest. Raises `ConfigError`.

    ``owners`` are the repositories that forges have, by the owners it names.
    """
    folder = file.parent.resolve()
    found: list[tuple[Target, str]] = []
    for number, each in enumerate(manifest.repositories):
        try:
            places = list(_places(each, folder, owners))
        except OSError as error:
            place = f"{file}: repositories[{number}]"
            raise ConfigError(f"{place}: {error.filename}: {error.strerror}") from None
        for url, local in places:
            found.append((_target(manifest, each, url, local=local), each.name))
    targets = tuple(_named(found))
    _check(targets, file)
    return targets


def only(
    targets: Iterable[Target], patterns: Sequence[str], file: Path
) -> tuple[Target, ...]:
    """The targets that one of the patterns (``*`` and ``?``) names; all without one.

    Raises `ConfigError` for a pattern that names nothing.
    """
    targets = tuple(targets)
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(each.name, pattern) for each in targets):
            raise ConfigError(f"{file}: no repository is called {pattern!r}")
    return tuple(
        each
        for each in targets
        if not patterns or any(fnmatch.fnmatchcase(each.name, p) for p in patterns)
    )


def _places(
    each: Repository, folder: Path, owners: Mapping[str, list[Hosted]]
) -> Iterator[tuple[str, bool]]:
    if each.owner:
        yield from ((url, False) for url in chosen(each, owners[each.owner]))
    elif each.url:
        yield each.url, each.url.startswith("file://")
    elif each.path:
        yield str(_absolute(folder, each.path)), True
    elif each.folder:
        above = _absolute(folder, each.folder)
        for place in sorted(above.iterdir()):
            if (place / ".git").exists() or (place / "HEAD").is_file():
                yield str(place), True
    else:
        lines = _absolute(folder, each.list).read_text("utf-8").split("\n")
        for line in lines:
            address = line.partition(" #")[0].strip()
            if address and not address.startswith("#"):
                yield address, address.startswith(("/", "file://"))


def _absolute(folder: Path, path: str) -> Path:
    whole = folder / type(folder)(path).expanduser()
    return type(folder)(os.path.abspath(whole))  # noqa: PTH100  links stay as written


def _target(manifest: Manifest, each: Repository, url: str, *, local: bool) -> Target:
    branch = manifest.branch if each.branch is None else each.branch
    publish = each.publish or manifest.publish
    fork = manifest.fork if each.fork is None else each.fork
    return Target(
        name=each.name or _ODD.sub("_", short(url)),
        url=url,
        local=local,
        base=manifest.base if each.base is None else each.base,
        branch=branch or f"testmend/{manifest.name}",
        root=(manifest.root if each.root is None else each.root).strip("/"),
        paths=manifest.paths if each.paths is None else each.paths,
        message=manifest.message if each.message is None else each.message,
        per=each.per or manifest.per,
        publish=publish,
        labels=manifest.labels if each.labels is None else each.labels,
        reviewers=manifest.reviewers if each.reviewers is None else each.reviewers,
        table=merged(manifest.testmend, each.testmend),
        skip=each.skip,
        fork=fork if publish == "request" else "",
    )


def _named(found: Sequence[tuple[Target, str]]) -> Iterator[Target]:
    """Names made unique, from the end of the address on: ``nova``, ``fork-nova``."""
    names = [target.name for target, _ in found]
    for many in range(2, _PARTS):
        counts = Counter(names)
        for number, (target, given) in enumerate(found):
            if not given and counts[names[number]] > 1:
                parts = re.split(r"[/:]+", target.url.rstrip("/").removesuffix(".git"))
                names[number] = _ODD.sub("_", "-".join(parts[-many:]))
    for (target, _), name in zip(found, names, strict=True):
        yield replace(target, name=name)


def _check(targets: Sequence[Target], file: Path) -> None:
    seen: dict[str, str] = {}
    for each in targets:
        branch_ref(each.branch)
        if each.base:
            branch_ref(each.base)
        if each.name in seen:
            both = f"{seen[each.name]} and {each.url}"
            raise ConfigError(
                f"{file}: two repositories are called {each.name!r}: {both}"
            )
        if _ODD.search(each.name):
            raise ConfigError(f"{file}: {each.name!r} is not a name for a repository")
        seen[each.name] = each.url
