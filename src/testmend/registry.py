"""The codemods that are installed, found by their entry points.

Never by an import of what is under work: that is data.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.codemod import Codemod
from testmend.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP = "testmend.codemods"
_CHECKOUT = Path(__file__).resolve().parents[2] / "pyproject.toml"


class Extra(Struct, frozen=True):
    """A codemod that no entry point names: a guest, or one from a plugin file.

    It crosses to worker processes as text. ``maker`` (``module:function``) gets this
    value in each process and returns the `Codemod`.
    """

    name: str
    maker: str
    arguments: tuple[tuple[str, str], ...] = ()


def find(name: str, extras: Iterable[Extra] = ()) -> Codemod:
    """The codemod of this name: one of the extras, else an installed one."""
    for extra in extras:
        if extra.name == name:
            return make(extra)
    return _installed(name)


@cache
def make(extra: Extra) -> Codemod:
    """The codemod that an extra stands for.

    Raises `ConfigError` when it can't be made or is not a codemod of that name.
    """
    module, _, function = extra.maker.partition(":")
    codemod = getattr(import_module(module), function)(extra)
    return _checked(codemod, extra.name, extra.maker)


@cache
def load() -> dict[str, Codemod]:
    """All codemods by name, in alphabetical order.

    Raises `ConfigError` when an entry point can't be loaded or is not a codemod.
    """
    return {name: _installed(name) for name in sorted(_declared())}


@cache
def _declared() -> dict[str, str]:
    """Where each codemod is, by name."""
    found = {point.name: point.value for point in entry_points(group=GROUP)}
    return found | _of_checkout()


@cache
def _installed(name: str) -> Codemod:
    """One codemod; the others are not imported for it. Raises `KeyError`."""
    value = _declared()[name]
    module, _, attribute = value.partition(":")
    try:
        codemod = getattr(import_module(module), attribute)
    except Exception as error:  # an installed package may raise anything
        raise ConfigError(f"codemod {name!r} cannot be loaded: {error}") from error
    return _checked(codemod, name, value)


def _checked(codemod: object, name: str, origin: str) -> Codemod:
    if not isinstance(codemod, Codemod) or codemod.name != name:
        raise ConfigError(f"{origin} is not a codemod of the name {name!r}")
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
