"""From configuration files and the command line to settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from testmend import __version__
from testmend.config.files import chain, find
from testmend.config.settings import TEST_CODE, Overrides, Settings
from testmend.config.tables import Table, closest, decode
from testmend.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from testmend.codemod import Codemod

T = TypeVar("T")


def load(
    folder: Path,
    codemods: Mapping[str, Codemod],
    overrides: Overrides,
    *,
    file: Path | None = None,
    isolated: bool = False,
) -> Settings:
    """The settings for work in ``folder``.

    ``file`` replaces the search for a configuration file; ``isolated`` means none is
    read. ``codemods`` are those that exist, by name. Raises `ConfigError` for what a
    file says and `UsageError` for what the command line says.
    """
    if not isolated:
        file = file or find(folder)
    raw: dict[str, Any] = {}
    if file and not isolated:
        for each, found in chain(file):
            checked, _ = decode(found, codemods, each)
            check_version(checked.required_version, each)
            raw = merged(found, raw)
    base = file.parent if file and not isolated else folder
    source = None if isolated else file
    return combined(raw, codemods, overrides, base=base, file=source)


def combined(
    raw: Mapping[str, Any],
    codemods: Mapping[str, Codemod],
    overrides: Overrides,
    *,
    base: Path,
    file: Path | None,
) -> Settings:
    """The settings that a configuration table and a command line make together.

    ``base`` and ``file`` as in `Settings`. Raises as `load`.
    """
    table, options = decode(raw, codemods, file or base)
    _check_names(codemods, "--select", overrides.select)
    _check_names(codemods, "--ignore", overrides.ignore)
    return Settings(
        base=base,
        file=file,
        codemods=_selected(table, codemods, overrides),
        include=overrides.include or _or(table.include, TEST_CODE),
        exclude=(*table.exclude, *overrides.exclude),
        force_exclude=_or(overrides.force_exclude, table.force_exclude),
        per_file_ignores=table.per_file_ignores,
        unsafe_fixes=_or(overrides.unsafe_fixes, table.unsafe_fixes),
        jobs=_or(overrides.jobs, table.jobs),
        options=options,
    )


def _or(value: T | None, default: T) -> T:
    return default if value is None else value


def _selected(
    table: Table, codemods: Mapping[str, Codemod], overrides: Overrides
) -> tuple[str, ...]:
    """In the order in which they are asked for, else by name."""
    wanted = overrides.select or _or(table.select, tuple(sorted(codemods)))
    left_out = {*table.ignore, *overrides.ignore}
    return tuple(name for name in dict.fromkeys(wanted) if name not in left_out)


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables in one: the keys of ``over`` win, tables are merged key by key."""
    result = {**base, **over}
    for key in base.keys() & over.keys():
        if isinstance(base[key], dict) and isinstance(over[key], dict):
            result[key] = {**base[key], **over[key]}
    return result


def _check_names(
    codemods: Mapping[str, Codemod], flag: str, names: tuple[str, ...]
) -> None:
    for name in names:
        if name not in codemods:
            hint = closest(name, codemods)
            raise UsageError(f"{flag}: no codemod is named {name!r}{hint}")


def check_version(wanted: str, file: Path) -> None:
    """Raise `ConfigError` unless this version is one that a project asks for."""
    if not wanted:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415
    # rarely asked for, so not imported at every start

    plain = wanted if not wanted[:1].isdigit() else f"=={wanted}"
    try:
        fits = SpecifierSet(plain).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        raise ConfigError(
            f"{file}: required-version: {wanted!r} is not a version specifier"
        ) from None
    if not fits:
        raise ConfigError(
            f"{file}: required-version: {wanted!r} does not hold for {__version__}"
        )
