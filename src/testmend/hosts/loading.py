"""Loading what a specification names: a dotted name, or a file that the user named."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from testmend.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from testmend.hosts.spec import Spec


def file_of(spec: Spec) -> Path | None:
    """The file that a target names (``tools/x.py`` or ``tools/x.py:Class``), if any."""
    path, _, _ = spec.target.partition(":")
    return Path(spec.base, path) if path.endswith(".py") else None


def named(spec: Spec, kind: type, prefixes: Sequence[str] = ()) -> list[type]:
    """The classes of a kind that a target names, in the order of their names.

    The target is a class (``pkg.module.Class``, ``pkg.module:Class`` or
    ``file.py:Class``), or a module or file, which means all classes of the kind that
    it defines. ``prefixes`` are packages in which a dotted name is looked up as well.
    Raises `ConfigError`.
    """
    file = file_of(spec)
    if file is not None:
        name = spec.target.partition(":")[2]
        found = _classes(from_file(file, spec.name), name, kind)
    else:
        found = _dotted(spec, kind, prefixes)
    if not found:
        message = f"guest {spec.name!r}: {spec.target} names no {kind.__name__}"
        raise ConfigError(message)
    return found


@cache
def from_file(file: Path, name: str) -> ModuleType:
    """The module of a file; its folder can be imported from. Raises `ConfigError`."""
    if not file.is_file():
        raise ConfigError(f"guest {name!r}: there is no file {file}")
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    mark = hashlib.blake2b(str(file).encode(), digest_size=4).hexdigest()
    module_name = f"testmend_guest_{mark}_{file.stem}"
    spec = importlib.util.spec_from_file_location(module_name, file)
    if spec is None or spec.loader is None:
        raise ConfigError(f"guest {name!r}: {file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[module_name]
        message = f"guest {name!r}: {file}: {type(error).__name__}: {error}"
        raise ConfigError(message) from error
    return module


def _dotted(spec: Spec, kind: type, prefixes: Sequence[str]) -> list[type]:
    dotted = spec.target.replace(":", ".")
    head, _, last = dotted.rpartition(".")
    for prefix in ("", *(f"{each}." for each in prefixes)):
        for module, name in ((head, last), (dotted, "")):
            loaded = _module(spec, f"{prefix}{module}") if module else None
            found = _classes(loaded, name, kind) if loaded else []
            if found:
                return found
    return []


def _module(spec: Spec, name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise ConfigError(f"guest {spec.name!r}: {name}: {error}") from error
    except Exception as error:
        message = f"guest {spec.name!r}: {name}: {type(error).__name__}: {error}"
        raise ConfigError(message) from error


def _classes(module: ModuleType, name: str, kind: type) -> list[type]:
    if name:
        found = [getattr(module, name, None)]
    else:
        found = [
            value
            for _, value in sorted(vars(module).items())
            if getattr(value, "__module__", None) == module.__name__
        ]
    return [
        each
        for each in found
        if isinstance(each, type) and issubclass(each, kind) and each is not kind
    ]
