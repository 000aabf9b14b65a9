"""From names in a configuration or on the command line to codemods that can run."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from testmend import registry
from testmend.errors import ConfigError
from testmend.hosts.messages import Job
from testmend.hosts.spec import MAKER, Spec, prepared_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from testmend.codemod import Codemod
    from testmend.registry import Extra

METADATA_SECONDS = 600.0


def described(specs: Iterable[Spec]) -> tuple[Extra, ...]:
    """The guests, each loaded once (in their process) to see that it can be.

    Raises `ConfigError`: the host is not installed, the target is not there, breaks
    when it is loaded, or does not take its arguments.
    """
    found: list[Extra] = []
    specs = tuple(specs)
    if not specs:
        return ()
    from testmend.hosts import process  # noqa: PLC0415  for guests

    try:
        for spec in specs:
            answer = process.ask(Job("describe", spec, spec.timeout))
            if answer.trouble:
                named = f"guest {spec.name!r}"
                said = answer.message
                raise ConfigError(said if named in said else f"{named}: {said}")
            found.append(
                msgspec.structs.replace(
                    spec,
                    summary=answer.summary,
                    whole_repository=answer.whole_repository,
                ).extra()
            )
    finally:
        process.close()
    return tuple(found)


def available(extras: Sequence[Extra]) -> dict[str, Codemod]:
    """All codemods by name in alphabetical order, installed ones and extras.

    Raises `ConfigError` when two have the same name.
    """
    found = dict(registry.load())
    for extra in extras:
        if extra.name in found:
            message = f"there are two codemods of the name {extra.name!r}: name yours"
            raise ConfigError(f"{message} otherwise")
        found[extra.name] = registry.make(extra)
    return dict(sorted(found.items()))


@contextmanager
def prepared(
    extras: Sequence[Extra], root: Path, paths: Sequence[str]
) -> Iterator[tuple[Extra, ...]]:
    """The extras, ready for a run over ``paths`` (relative to ``root``).

    Guests learn where the project is; the whole-repository metadata that some ask for
    is collected before the first file. Raises `ConfigError` when that fails.
    """
    if not extras:
        yield ()
        return
    import tempfile  # noqa: PLC0415  for guests

    with tempfile.TemporaryDirectory(prefix="testmend-") as folder:
        yield tuple(
            _prepared(extra, root, paths, Path(folder))
            if extra.maker == MAKER
            else extra
            for extra in extras
        )


def _prepared(extra: Extra, root: Path, paths: Sequence[str], folder: Path) -> Extra:
    spec = msgspec.structs.replace(Spec.of(extra), root=str(root.resolve()))
    if not spec.whole_repository:
        return spec.extra()
    from testmend.hosts import process  # noqa: PLC0415  for guests

    job = Job("metadata", spec, METADATA_SECONDS, paths=tuple(paths))
    answer = process.ask(job)
    process.close()
    if answer.trouble:
        message = f"guest {spec.name!r}: whole-repository metadata: {answer.message}"
        raise ConfigError(message)
    place = folder / spec.name
    place.mkdir()
    for path, data in answer.metadata.items():
        (place / prepared_name(path)).write_bytes(data)
    return msgspec.structs.replace(spec, metadata=str(place)).extra()
