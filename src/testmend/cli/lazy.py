"""Groups of commands that are imported when they are called: starting stays fast."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


class LazyGroup(click.Group):
    """A group whose ``places`` say for each command where it is: ``module:name``."""

    places: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, _context: click.Context) -> list[str]:
        """The names in the order of ``places``."""
        return list(self.places)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The command of a name; None if there is none."""
        if name not in self.places:
            return None
        module, _, attribute = self.places[name].partition(":")
        command: Any = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None
