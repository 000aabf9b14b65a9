"""The options of the codemods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from msgspec import field

from testmend.codemod import Options

if TYPE_CHECKING:
    from testmend_codemods.literals.grammar.values import Grammar

Placement = Literal["module", "shared", "sentinel"]
Naming = Literal["specific", "numbered", "neutral"]


class LiteralOptions(Options, frozen=True):
    """What the options of all have in common."""

    min_uses: int = 2
    min_scopes: int = 2
    naming: Naming = "neutral"
    class_attributes: bool = False

    @property
    def grammar(self) -> Grammar:
        """What is a value."""
        return _grammar()


class UuidOptions(LiteralOptions, frozen=True):
    """``[tool.testmend.hardcoded-uuid]``.

    A value without a name of its own is lifted when ``min-uses`` literals of it stand
    in ``min-scopes`` functions. ``naming`` is the worst name that is taken then:
    ``specific`` (``VOLUME_ID``), ``numbered`` (``VOLUME2_ID``), ``neutral``
    (``FAKE_UUID``). ``placement``: ``module`` (constants), ``sentinel`` (where a file
    imports uuidsentinel, and where that can be: ``uuids.volume``; an unsafe fix),
    ``shared`` (values of several files of a folder in its ``fixtures/constants.py``).
    ``class-attributes``: the constants of classes are used, too, by the name of the
    class. ``embedded``: longer strings that hold a value which has a constant become
    f-strings. ``undashed``: 32 hex digits that are shaped as a random UUID count where
    a name says that they are an id.
    """

    placement: Placement = "module"
    embedded: bool = False
    undashed: bool = False

    @property
    def grammar(self) -> Grammar:
        """What is a value."""
        return _grammar(undashed=self.undashed)


class IpOptions(LiteralOptions, frozen=True):
    """``[tool.testmend.hardcoded-ip]``; see `UuidOptions`."""

    min_uses: int = 3
    naming: Naming = "numbered"
    placement: Literal["module", "shared"] = "module"
    embedded: bool = False


class ValueOptions(LiteralOptions, frozen=True):
    """``[tool.testmend.hardcoded-value]``; see `UuidOptions`.

    ``kinds``: regular expressions for whole strings, by the word in which the names of
    their constants end (``mac = '..(:..){5}'``).
    """

    naming: Naming = "numbered"
    kinds: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises `ValueError` for what is no kind."""
        for kind, pattern in self.kinds.items():
            _check(kind, pattern)

    @property
    def grammar(self) -> Grammar:
        """What is a value."""
        return _grammar(more=tuple(self.kinds.items()))


class CredentialOptions(Options, frozen=True):
    """``[tool.testmend.hardcoded-credential]``."""

    placeholders: bool = False


# A run that looks for no value need not import what knows them.


def _grammar(**known: Any) -> Grammar:
    from testmend_codemods.literals.grammar.values import Grammar  # noqa: PLC0415

    return Grammar(**known)


def _check(kind: str, pattern: str) -> None:
    """Raises `ValueError` for what is no kind."""
    from testmend_codemods.literals.grammar import words  # noqa: PLC0415

    if not words.is_kind(kind):
        raise ValueError(
            f"kinds: {kind!r} can't be a kind: take a lower-case word that is "
            "not in use for ids or addresses, such as 'mac' or 'hostname'"
        )
    try:
        empty = re.fullmatch(pattern, "")
    except re.error as error:
        raise ValueError(f"kinds.{kind}: {error}") from None
    if empty:
        raise ValueError(f"kinds.{kind}: it matches an empty string")
