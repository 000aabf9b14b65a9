"""The plugins and guests that a user names: in a configuration, on a command line.

A configuration that names them makes testmend run code. So it must be one that the user
chose: of the project in which they stand, or named with ``--config``. One of another
place (``testmend diff ../somebody-elses-clone``) is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from testmend.config import files, tables
from testmend.errors import ConfigError
from testmend.hosts import catalogue, plugins, spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from testmend.hosts.spec import Spec
    from testmend.registry import Extra


def extras(
    folder: Path, config: Path | None, guests: Sequence[str], *, isolated: bool = False
) -> tuple[Extra, ...]:
    """The codemods from outside for work in ``folder``, ready to be selected.

    ``config`` is the configuration file that the user named, ``guests`` the values of
    ``--guest``; paths in these count from the current folder. Raises `ConfigError`.
    """
    specs: dict[str, Spec] = {}
    places: list[Path] = []
    file = None if isolated else config or files.find(folder)
    if file is not None:
        for place, table in files.chain(file):
            if not table.keys().isdisjoint({"plugins", "guests"}):
                _check_trusted(file, named=config is not None)
            places += [place.parent / each for each in _strings(place, table)]
            for each in _guests(place, table):
                specs.setdefault(each.name, each)
    for text in guests:
        each = spec.from_text(text, str(Path.cwd()))
        specs[each.name] = each
    return (*plugins.found(places), *catalogue.described(specs.values()))


def _check_trusted(file: Path, *, named: bool) -> None:
    if not named and not Path.cwd().is_relative_to(file.parent.resolve()):
        message = f"{file} names plugins or guests, which are code: run testmend in "
        message += f"{file.parent}, or trust it with --config, or use --isolated"
        raise ConfigError(message)


def _strings(file: Path, table: dict[str, Any]) -> tuple[str, ...]:
    only = {key: value for key, value in table.items() if key == "plugins"}
    return tables.convert(only, tables.Table, "", file).plugins


def _guests(file: Path, table: dict[str, Any]) -> Iterator[Spec]:
    found = table.get("guests", {})
    if not isinstance(found, dict):
        raise ConfigError(f"{file}: guests: it must be a table of tables")
    for name, value in found.items():
        guest = tables.convert(value, spec.Guest, f"guests.{name}", file)
        try:
            yield spec.from_table(name, guest, str(file.parent))
        except ConfigError as error:
            raise ConfigError(f"{file}: {error}") from None
