"""Finding and reading configuration files. They are TOML, and only ever read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testmend.errors import ConfigError
from testmend.settings_files import toml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = "testmend.toml"
SHARED = "pyproject.toml"
_MAX_BYTES = 2**20


def find(folder: Path) -> Path | None:
    """The nearest ``testmend.toml``, or ``pyproject.toml`` that has our table.

    In the folder or above it, no higher than the top of a git repository.
    """
    for place in (folder, *folder.parents):
        if (place / OWN).is_file():
            return place / OWN
        shared = place / SHARED
        if shared.is_file() and _has_table(shared):
            return shared
        if (place / ".git").exists():
            return None
    return None


def read(file: Path) -> dict[str, Any]:
    """The table of testmend in a configuration file.

    The whole of it, or ``[tool.testmend]`` if its name is ``pyproject.toml``. Raises
    `ConfigError`.
    """
    data = _parse(file)
    if file.name != SHARED:
        return data
    table = data.get("tool", {})
    table = table.get("testmend", {}) if isinstance(table, dict) else table
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: tool.testmend: it must be a table")
    return table


def chain(file: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A file's table, then that of the file it extends, and so on."""
    seen: list[Path] = []
    while True:
        if file in seen:
            raise ConfigError(f"{file}: extend: the files extend each other in a ring")
        seen.append(file)
        table = read(file)
        yield file, table
        base = table.get("extend")
        if not isinstance(base, str) or not base:
            return
        file = (file.parent / base).resolve()


def _parse(file: Path) -> dict[str, Any]:
    try:
        if not file.is_file():
            raise ConfigError(f"{file}: there is no such configuration file")
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    return parse(file, _MAX_BYTES)


def parse(file: Path, most: int) -> dict[str, Any]:
    """The content of a TOML file of ``most`` bytes. Raises `ConfigError`."""
    try:
        if file.stat().st_size > most:
            raise ConfigError(f"{file}: larger than {most} bytes")
        return dict(toml(file.read_bytes().decode()))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # nested too deep, too
        raise ConfigError(f"{file}: not valid TOML: {error}") from None


def _has_table(file: Path) -> bool:
    """Whether a ``pyproject.toml`` has our table. One that can't be read says so."""
    tool = _parse(file).get("tool")
    return isinstance(tool, dict) and "testmend" in tool
