"""The contract between the engine and a transform.

A codemod is one value of type `Codemod`, published through the entry point group
``testmend.codemods``. It works in two steps, both pure:

``survey(module, options)``
    sees one parsed file and returns a `Survey` (or None when it has nothing to say).
    It runs in a worker process and never sees another file.
``resolve(candidates, context, options)``
    gets those candidates back together with the project's index and yields findings,
    with their fixes. It has no syntax tree any more: edits are made of offsets and
    texts that the survey wrote down.

The transform's module docstring is its page (`testmend explain`).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Mapping

    from testmend.index import Index
    from testmend.model import Finding, Survey
    from testmend.source import Module


class Options(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The base of a codemod's options: one field each, with a default.

    They are read from ``[tool.testmend.NAME]``; names have dashes there.
    """


class Trigger(Protocol):
    """A quick look at the bytes of a file: a compiled pattern or what acts like it."""

    def search(self, data: bytes, /) -> object:
        """Something true if the codemod may have something to say of the file."""


class Context(Struct, frozen=True):
    """What ``resolve`` may know: the file's path and the whole project's facts.

    ``peers`` are the candidates that the same codemod has in the files under work, by
    path, its own included.
    """

    path: str
    index: Index
    peers: Mapping[str, Any] = field(default_factory=dict)


class Later(Struct, frozen=True):
    """A step in another module, ``module:function``, imported when it is first called.

    A run that finds all results in the cache does not call any. ``first`` are arguments
    ahead of the step's own.
    """

    place: str
    first: tuple[Any, ...] = ()

    def __call__(self, *args: Any) -> Any:
        """The step's result."""
        return _imported(self.place)(*self.first, *args)

    def ready(self) -> None:
        """Import it now."""
        _imported(self.place)


@cache
def _imported(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


class Codemod(Struct, frozen=True):
    """A transform. Its steps may be written as `Later`.

    ``trigger``: a file whose bytes don't match it is never parsed for this codemod; or
    what makes it of the options.
    ``reasons``: every reason code it may give, with one sentence for the user.
    ``options``: the type of its options, a subclass of `Options`.
    ``settings``: the names of files other than Python's that ``resolve`` reads
    (`Index.beside`), wherever they stand: a bulk run gets those and no others.
    ``prove``: raises `VerificationError` unless the tree of a file after all its fixes
    (the second one) means what the tree before them did, given the texts of the new
    files by path; run before a file is written. The trees may hold the statements alone
    that the fixes touch, and those that import or define constants: the last argument
    is the text of all others, empty for whole files. What can't be told without them is
    refused, and asked again of the whole.
    """

    name: str
    version: str
    summary: str
    page: str
    trigger: Trigger | Callable[[Any], Trigger]
    reasons: Mapping[str, str]
    survey: Callable[[Module, Any], Survey | None]
    resolve: Callable[[Any, Context, Any], Iterable[Finding]]
    options: type[Options] = Options
    settings: frozenset[str] = frozenset()
    prove: Callable[[ast.Module, ast.Module, Mapping[str, str], bytes], None] | None = (
        None
    )

    def is_triggered(self, data: bytes, options: Options) -> bool:
        """Whether a file has to be parsed for this codemod."""
        trigger = self.trigger(options) if callable(self.trigger) else self.trigger
        return bool(trigger.search(data))

    @property
    def module(self) -> str:
        """The module that its survey is in."""
        if isinstance(self.survey, Later):
            return self.survey.place.partition(":")[0]
        return self.survey.__module__

    def ready(self) -> None:
        """Import what is imported later: before workers are forked, once for all."""
        for step in (self.survey, self.resolve, self.prove):
            if isinstance(step, Later):
                step.ready()
