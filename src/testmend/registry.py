"""The codemods that are installed, found by their entry points.

Never by an import of what is under work: that is data.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from testmend.codemod import Codemod
from testmend.errors import ConfigError

GROUP = "testmend.codemods"
_CHECKOUT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def load() -> dict[str, Codemod]:
    """All codemods by name, in alphabetical order.

    Raises `ConfigError` when an entry point can't be loaded or is not a codemod.
    """
    declared = {point.name: point.value for point in entry_points(group=GROUP)}
    declared |= _of_checkout()
    return {name: _load(name, declared[name]) for name in sorted(declared)}


def _load(name: str, value: str) -> Codemod:
    module, _, attribute = value.partition(":")
    try:
        codemod = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"codemod {name!r} cannot be loaded: {error}") from error
    if not isinstance(codemod, Codemod) or codemod.name != name:
        raise ConfigError(f"{value} is not a codemod of the name {name!r}")
    return codemod


def _of_checkout() -> dict[str, str]:
    """The entry points of testmend's own source tree, when it runs from there."""
    if not _CHECKOUT.is_file():
        return {}
    project = tomllib.loads(_CHECKOUT.read_text("utf-8")).get("project", {})
    if project.get("name") != "testmend":
        return {}
    points: dict[str, str] = project["entry-points"][GROUP]
    return points
