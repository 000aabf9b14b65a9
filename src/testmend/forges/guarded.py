"""A forge whose answers may be anything: what a client can't take is a `ForgeError`.

Clients trust the forge: an answer of another shape makes them raise whatever comes.
That must cost one change request, not the campaign.
"""

from __future__ import annotations

import contextlib
from itertools import islice
from typing import TYPE_CHECKING

from testmend.errors import ForgeError, TestmendError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.forges.model import Change, Forge, Hosted, Proposal

MOST = 100_000
"""So many repositories of an owner are taken; a list may have no end."""


class Guarded:
    """See `testmend.forges.model.Forge`: another forge, behind a guard."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def find(self, repository: str, head: str, fork: str = "") -> tuple[Change, ...]:
        """As the forge's own."""
        with _understood():
            return self._forge.find(repository, head, fork)

    def create(self, repository: str, proposal: Proposal) -> Change:
        """As the forge's own."""
        with _understood():
            return self._forge.create(repository, proposal)

    def edit(self, repository: str, change: Change, proposal: Proposal) -> None:
        """As the forge's own."""
        with _understood():
            self._forge.edit(repository, change, proposal)

    def mark(self, repository: str, change: Change, proposal: Proposal) -> None:
        """As the forge's own."""
        with _understood():
            self._forge.mark(repository, change, proposal)

    def repositories(self, owner: str) -> Iterator[Hosted]:
        """As the forge's own, `MOST` at most."""
        with _understood():
            yield from islice(self._forge.repositories(owner), MOST)


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except TestmendError:
        raise
    except Exception as error:  # noqa: BLE001  whatever a client makes of an answer
        what = f"{type(error).__name__}: {error}"[:300]
        raise ForgeError("rejected", f"its answer makes no sense: {what}") from None
