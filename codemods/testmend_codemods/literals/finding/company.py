"""Values that are lifted together, or not at all: of one network, list or table."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend_codemods.literals.grammar.values import NETWORKED, network_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from testmend_codemods.literals.model import Seen, Use


_MANY = 5  # addresses: the number of one of more says less than the address


def crowded(names: Iterable[str]) -> set[str]:
    """The names that too many addresses would share, told apart by numbers."""
    return {name for name, count in Counter(names).items() if count > _MANY}


class Decision(Struct, frozen=True):
    """A value's constant, or why it has none. ``new``: the constant has to be made.

    ``given``: where another module makes it, and how (see `testmend.model.Fix`).
    """

    name: str = ""
    reason: str = ""
    new: bool = False
    given: tuple[tuple[str, str], ...] = ()


class Company:
    """Which values of a file stand together; ``values``: uses that may be lifted."""

    def __init__(self, seen: Seen, values: Mapping[str, Sequence[Use]]) -> None:
        self._values = values
        self._constants = {constant for _, constant in seen.constants}
        self._networks: dict[str, set[str]] = defaultdict(set)
        for use in seen.uses:  # those that stay included
            if use.kind in NETWORKED and use.reason != "well-known":
                self._networks[network_of(use.value)].add(use.value)

    def breaks_network(self, value: str, decisions: Mapping[str, Decision]) -> bool:
        """Whether an address would be lifted while others of its network stay."""
        if self._values[value][0].kind not in NETWORKED or not decisions[value].new:
            return False
        return any(
            other not in self._constants
            and (other not in decisions or decisions[other].reason)
            for other in self._networks[network_of(value)]
        )

    def splits_list(self, value: str, decisions: Mapping[str, Decision]) -> bool:
        """Whether a value would be lifted while another one of its list stays."""
        uses = self._values[value]
        return self._stays((text for use in uses for text in use.beside), decisions)

    def splits_rows(self, value: str, decisions: Mapping[str, Decision]) -> bool:
        """Whether a value would be lifted while those of the rows around it stay."""
        uses = self._values[value]
        return self._stays((text for use in uses for text in use.around), decisions)

    def _stays(self, values: Iterable[str], decisions: Mapping[str, Decision]) -> bool:
        return any(
            value not in decisions or decisions[value].reason for value in values
        )
