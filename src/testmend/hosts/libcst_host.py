"""LibCST's `CodemodCommand` classes as guests.

As LibCST's own runner does it: arguments through ``add_args``, a fresh instance for
each file with file, module and package name in its context, files marked as generated
left alone, `SkipFile` honoured, metadata providers that look at the whole repository
asked first.
"""

from __future__ import annotations

import argparse
import contextlib
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext, SkipFile
from libcst.helpers import calculate_module_and_package
from libcst.metadata import FullRepoManager

from testmend.errors import ConfigError
from testmend.hosts import loading
from testmend.hosts.messages import Answer, Note, Rubbish, Unable
from testmend.hosts.spec import prepared_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libcst.metadata import ProviderT

    from testmend.hosts.messages import Job
    from testmend.hosts.spec import Spec

PREFIXES = ("libcst.codemod.commands",)  # where LibCST's own tool looks as well
GENERATED = "@" + "generated"


def describe(spec: Spec) -> Answer:
    """Load the command and parse its arguments. Raises `ConfigError`."""
    command = _command(spec)
    _arguments(spec, command)
    said = " ".join(command.DESCRIPTION.split())
    return Answer(
        summary=said if said != "No description." else f"libcst: {spec.target}",
        whole_repository=bool(_providers(command)),
    )


def rewrite(job: Job) -> tuple[str, tuple[Note, ...]]:
    """What the command makes of a text. Raises `Unable`, `Rubbish`."""
    spec, text = job.spec, job.text
    if GENERATED in text:
        raise Unable("generated", f"the file says {GENERATED}")
    try:
        tree = cst.parse_module(text, cst.PartialParserConfig(encoding=job.encoding))
    except (cst.ParserSyntaxError, RecursionError) as error:
        message = f"LibCST cannot read it: {type(error).__name__}"
        raise Unable("could-not-read", message) from None
    if tree.code != text:
        raise Unable("no-round-trip", "LibCST does not give this file back as it was")
    command = _command(spec)
    context = _context(job, command)
    instance = cast("Any", command)(context, **_arguments(spec, command))
    try:
        result = instance.transform_module(tree)
    except SkipFile as skip:
        raise Unable("skipped", str(skip) or "the command skips it") from None
    if not isinstance(result, cst.Module):
        raise Rubbish(f"it returned {type(result).__name__}, not a module")
    notes = [Note(1, str(each), reason="warning") for each in instance.context.warnings]
    return result.code, tuple(notes)


def metadata(job: Job) -> dict[str, bytes]:
    """The whole-repository metadata of each path, pickled, for the command.

    Computed as `FullRepoManager` does it, once for all files.
    """
    root = Path(job.spec.root)
    files = {path: str(root / path) for path in job.paths}
    manager = FullRepoManager(
        str(root), list(files.values()), _providers(_command(job.spec))
    )
    manager.resolve_cache()
    return {
        path: pickle.dumps(dict(manager.get_cache_for_path(file)))
        for path, file in files.items()
    }


def _command(spec: Spec) -> type[CodemodCommand]:
    found = [
        each
        for each in loading.named(spec, CodemodCommand, PREFIXES)
        if not getattr(each, "__abstractmethods__", None)
    ]
    if len(found) != 1:
        names = ", ".join(each.__name__ for each in found) or "none"
        message = f"guest {spec.name!r}: {spec.target} must name one command"
        raise ConfigError(f"{message}; there: {names}")
    return cast("type[CodemodCommand]", found[0])


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"guest {self.prog!r}: args: {message}")


def _arguments(spec: Spec, command: type[CodemodCommand]) -> dict[str, Any]:
    parser = _Parser(prog=spec.name, add_help=False)
    command.add_args(parser)
    return vars(parser.parse_args(list(spec.args)))


def _providers(command: type[CodemodCommand]) -> set[ProviderT]:
    """The providers of the command that look at more than one file."""
    wanted = command.get_inherited_dependencies()
    return {each for each in wanted if each.gen_cache is not None}


class _Prepared(FullRepoManager):
    """A manager that knows one file already."""

    def __init__(self, root: str, file: str, known: Mapping[ProviderT, object]) -> None:
        super().__init__(root, [file], set(known))
        self.known = known

    def get_cache_for_path(self, path: str) -> Mapping[ProviderT, object]:  # noqa: ARG002  there is only one
        return self.known


def _context(job: Job, command: type[CodemodCommand]) -> CodemodContext:
    root = job.spec.root
    file = str(Path(root, job.path))
    known = _known(job, file) if _providers(command) else {}
    names = None
    with contextlib.suppress(ValueError):
        names = calculate_module_and_package(root, file)
    return CodemodContext(
        filename=file,
        full_module_name=names.name if names else None,
        full_package_name=names.package if names else None,
        metadata_manager=_Prepared(root, file, known),
    )


def _known(job: Job, file: str) -> Mapping[ProviderT, object]:
    if job.spec.metadata:
        prepared = Path(job.spec.metadata, prepared_name(job.path))
        if prepared.is_file():
            return cast(
                "Mapping[ProviderT, object]",
                pickle.loads(prepared.read_bytes()),  # noqa: S301  written by `metadata`
            )
    raise Unable("no-metadata", f"no whole-repository metadata for {file}")
