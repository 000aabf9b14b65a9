"""What the commands of ``bulk`` have in common: flags, and the campaign they name."""

from __future__ import annotations

import contextlib
import os
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import fields

from testmend.cli import console
from testmend.config.tables import decode
from testmend.errors import ConfigError, UsageError
from testmend.fleet import manifest as manifests
from testmend.fleet.campaign import Campaign, author
from testmend.fleet.queries import Queries
from testmend.fleet.targets import listed, only
from testmend.registry import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.fleet.campaign import Executor
    from testmend.fleet.manifest import Manifest
    from testmend.fleet.targets import Target


class BulkFlags(Struct, frozen=True, kw_only=True):
    """What the user asked for, as it was typed."""

    manifest: str
    only: tuple[str, ...] = ()
    state: str = ""
    mirrors: str = ""
    jobs: int = 0
    executor: str = "local"
    scheduler: str = ""
    style: str = "text"
    quiet: bool = False
    color: str = "auto"


_OPTIONS = (
    click.argument("manifest", type=click.Path(dir_okay=False)),
    click.option(
        "--only", multiple=True, metavar="NAME",
        help="Only these repositories (* and ? match; may be repeated).",
    ),
    click.option(
        "--state", default="", metavar="FOLDER",
        help="Where the journal is [default: MANIFEST without .toml, .campaign].",
    ),
    click.option(
        "--mirrors", default="", metavar="FOLDER",
        help="Where mirrors are kept [default: the user's cache].",
    ),
    click.option(
        "-j", "--jobs", type=click.IntRange(min=0), default=0, metavar="N",
        help="Worker processes [default: one per CPU].",
    ),
    click.option(
        "--format", "style", type=click.Choice(["text", "json"]), default="text",
        show_default=True, help="json: a line for each repository.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Name only what failed."),
    click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto",
        show_default=True, help="Colour the output.",
    ),
)  # fmt: skip

_COMPUTING = (
    click.option(
        "--executor", type=click.Choice(["local", "dask"]), default="local",
        show_default=True, help="Processes of this machine, or a Dask cluster.",
    ),
    click.option(
        "--scheduler", default="", metavar="ADDRESS",
        help="Dask's scheduler (tcp://HOST:PORT) [default: a cluster of its own].",
    ),
)  # fmt: skip


def common(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the common flags; it gets them as one `BulkFlags` value."""

    @wraps(function)
    def called(**values: Any) -> int:
        names = [field.name for field in fields(BulkFlags)]
        own = {name: values.pop(name) for name in names if name in values}
        return function(BulkFlags(**own), **values)

    wrapped: Callable[..., int] = called
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def computing(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command that rewrites the flags that say where. Stands above `common`."""
    for option in reversed(_COMPUTING):
        function = option(function)
    return function


@contextlib.contextmanager
def executor(flags: BulkFlags, campaign: Campaign) -> Iterator[Executor | None]:
    """Where tasks run; None: on this machine, without Dask. Raises `UsageError`."""
    if flags.executor == "local":
        if flags.scheduler:
            raise UsageError("--scheduler is for --executor dask")
        yield None
        return
    from testmend.fleet import cluster  # noqa: PLC0415  an extra

    with cluster.connected(flags.scheduler, campaign.jobs) as execute:
        yield execute


class Asked(Struct, frozen=True):
    """The campaign that a manifest describes, and the repositories that are meant."""

    campaign: Campaign
    targets: tuple[Target, ...]
    state: Path

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        return self.campaign.manifest


def asked(flags: BulkFlags, *, fresh: bool = False) -> Asked:
    """Read the manifest. Raises `ConfigError`, `ForgeError`, `Refusal` (a branch).

    ``fresh``: forges are asked again for the repositories of an owner.
    """
    file = Path(flags.manifest)
    manifest = manifests.load(file)
    state = Path(flags.state) if flags.state else file.with_suffix(".campaign")
    queries = Queries(manifest, state.absolute(), console.say)
    targets = listed(manifest, file, queries.answered(fresh=fresh))
    for table in (manifest.testmend, *(each.table for each in targets)):
        decode(table, load(), file)
    if not targets:
        raise ConfigError(f"{file}: its folders, lists and owners name no repository")
    folder = file.parent.resolve()
    mirrors = Path(flags.mirrors or manifest.mirrors or _cache()).expanduser()
    campaign = Campaign(
        manifest=manifest,
        file=file,
        mirrors=folder / mirrors if not flags.mirrors else mirrors.absolute(),
        who=author(manifest, file),
        jobs=flags.jobs or os.cpu_count() or 1,
    )
    return Asked(campaign, only(targets, flags.only, file), state.absolute())


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "testmend" / "mirrors"
