"""What keeps the time of a loop: a `Deadline` of the helper, or plain code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from testmend.model import Edit
from testmend_codemods.sleep_polling.writing import layout

if TYPE_CHECKING:
    import ast

    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Sleep


class Made(Protocol):
    """A variable that is set before a loop."""

    def made(self, module: Module, indent: str) -> str:
        """The statement that sets it, in a block of this indentation."""


class Keeper(Made, Protocol):
    """One that the loop asks, and that is told of its sleeps."""

    @property
    def over(self) -> str:
        """The question whether the time is over."""

    @property
    def under(self) -> str:
        """The question whether there is time left."""

    def slept(self, module: Module, sleep: Sleep) -> tuple[Edit, ...]:
        """The edits by which it learns of a sleep."""

    def stepped(
        self, module: Module, sleep: Sleep, step: ast.stmt
    ) -> tuple[Edit, ...] | None:
        """The same where they take the place of a counter's step; None if not."""


class Deadline(Struct, frozen=True):
    """The helper's: ``function`` makes it with ``arguments``, and it does the sleeping.

    ``timed``: each sleep keeps its own seconds.
    """

    name: str
    function: str
    arguments: tuple[str, ...]
    timed: bool = False

    @property
    def over(self) -> str:
        """The question whether the time is over."""
        return f"{self.name}.expired"

    @property
    def under(self) -> str:
        """The question whether there is time left."""
        return f"not {self.over}"

    def made(self, module: Module, indent: str) -> str:
        """The statement that makes it."""
        around = len(self.name) + 3
        place = layout.Place(len(indent), indent, around, layout.step(indent))
        call = layout.call(module, self.function, list(self.arguments), place)
        return f"{self.name} = {call}"

    def slept(self, module: Module, sleep: Sleep) -> tuple[Edit, ...]:
        """The edits by which it sleeps, in place of what did."""
        method = f"{self.name}.{'sleep_async' if sleep.is_async else 'sleep'}"
        replaced = sleep.call.func if self.timed else sleep.call
        text = method if self.timed else f"{method}()"
        return (Edit(module.start(replaced), module.end(replaced), text),)

    def stepped(self, module: Module, sleep: Sleep, step: ast.stmt) -> None:
        """None: it counts for itself."""
