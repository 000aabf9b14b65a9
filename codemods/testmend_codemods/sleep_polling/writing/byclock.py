"""Style ``inline`` where sleeps have no length: a deadline by the clock.

::

    deadline = time.monotonic() + 30
    while not server.is_up():
        assert time.monotonic() < deadline, "timed out: server.is_up()"
        await asyncio.sleep(0)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.sleep_polling.writing import deadlines

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.sleep_polling.reading.sleeps import Loop

_CLOCK = "time.monotonic"


class Clock(Struct, frozen=True):
    """The variable with the moment, by ``function``, at which the time is over.

    ``imports``: what the file needs to read the clock.
    """

    name: str
    timeout: str
    function: str
    imports: tuple[str, ...] = ()

    @classmethod
    def of(cls, module: Module, loop: Loop, timeout: str) -> Clock | None:
        """That of a loop, as its file would write it; None if ``time`` is taken."""
        name = deadlines.name(module, loop)
        for each in module.scopes.imports:
            if each in module.scopes.bindings(each.name, loop):
                if each.target == "time":
                    return cls(name, timeout, f"{each.name}.monotonic")
                if each.target == _CLOCK:
                    return cls(name, timeout, each.name)
        if module.scopes.is_mentioned("time"):
            return None
        return cls(name, timeout, _CLOCK, ("import time",))

    @property
    def under(self) -> str:
        """The question whether there is time left."""
        return f"{self.function}() < {self.name}"

    def made(self, module: Module, indent: str) -> str:  # noqa: ARG002  as a Keeper's
        """The statement that sets it."""
        return f"{self.name} = {self.function}() + {self.timeout}"
