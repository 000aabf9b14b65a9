"""Codemods in plain files of a project, named in its configuration.

A plugin folder is imported as a package of its own, so that its modules can share
knowledge by relative imports; it never gets onto ``sys.path``.
"""

from __future__ import annotations

import hashlib
import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING

from testmend.codemod import Codemod
from testmend.errors import ConfigError
from testmend.registry import Extra

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAKER = "testmend.hosts.plugins:codemod"
_NOT_PLUGINS = ("_", "test_", "conftest")


def found(places: Iterable[Path]) -> tuple[Extra, ...]:
    """The codemods of plugin files and folders.

    In a folder each module that has a ``CODEMOD`` counts; the others are shared
    knowledge. Raises `ConfigError` when a place has none or can't be imported.
    """
    extras = []
    for place in places:
        here = [
            Extra(value.name, MAKER, (("folder", str(folder)), ("module", name)))
            for folder, name in _modules(place)
            if isinstance(value := _value(folder, name), Codemod)
        ]
        if not here:
            message = f"plugins: {place}: no module with a CODEMOD is there"
            raise ConfigError(message)
        extras += here
    return tuple(extras)


def codemod(extra: Extra) -> object:
    """The codemod of a plugin, in whatever process this is."""
    arguments = dict(extra.arguments)
    return _value(Path(arguments["folder"]), arguments["module"])


def _modules(place: Path) -> Iterator[tuple[Path, str]]:
    """Folder and name of each module of a file or folder."""
    place = place.resolve()
    if place.is_file():
        yield place.parent, place.stem
    elif place.is_dir():
        for each in sorted(place.iterdir()):
            inside = each.suffix == ".py" or (each / "__init__.py").is_file()
            if inside and not each.name.startswith(_NOT_PLUGINS):
                yield place, each.stem
    else:
        raise ConfigError(f"plugins: there is no {place}")


def _value(folder: Path, name: str) -> object:
    package = _package(folder)
    try:
        module = import_module(f"{package}.{name}")
    except Exception as error:
        message = f"plugins: {folder / name}: {type(error).__name__}: {error}"
        raise ConfigError(message) from error
    return getattr(module, "CODEMOD", None)


def _package(folder: Path) -> str:
    """The name of the package that stands for a folder, the same in each process."""
    mark = hashlib.blake2b(str(folder).encode(), digest_size=6).hexdigest()
    name = f"testmend_plugins_{mark}"
    if name not in sys.modules:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[name] = module_from_spec(spec)
    return name
