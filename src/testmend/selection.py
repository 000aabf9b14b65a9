"""What runs: the codemods, their options, and where they are off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.codemod import Codemod, Options
    from testmend.model import Finding
    from testmend.proofs import Proofs


class Selection(Struct, frozen=True):
    """Which codemods run, with which options, and whether unsafe fixes are made.

    ``ignored`` maps a path (relative to the root) to the codemods that are off there.
    ``within`` maps a path to stretches of 1-based lines (first, last): only findings
    that touch one of them count there; a path that is not in it has no limit.
    ``extras`` are the codemods that no entry point names (guests, plugin files).
    """

    codemods: tuple[str, ...]
    options: Mapping[str, Options] = field(default_factory=dict)
    unsafe: bool = False
    ignored: Mapping[str, frozenset[str]] = field(default_factory=dict)
    within: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    extras: tuple[registry.Extra, ...] = ()

    def codemod(self, name: str) -> Codemod:
        """The codemod of a selected name."""
        return registry.find(name, self.extras)

    def options_of(self, name: str) -> Options:
        """The options of a codemod, or its defaults."""
        return self.options.get(name) or self.codemod(name).options()

    @property
    def proofs(self) -> Proofs:
        """The proofs of the selected codemods that have one, by name."""
        found = ((name, self.codemod(name).prove) for name in self.codemods)
        return {name: prove for name, prove in found if prove is not None}

    def applies(self, finding: Finding) -> bool:
        """Whether a finding has a fix that is to be made."""
        fix = finding.fix
        return fix is not None and (self.unsafe or not fix.unsafe)

    def ready(self) -> None:
        """Import the steps of the codemods: before workers are forked, once for all."""
        for name in self.codemods:
            self.codemod(name).ready()
