"""The steps of hardcoded-credential, which only reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend.model import Finding, Survey
from testmend_codemods.knowledge.files import is_generated
from testmend_codemods.literals.finding.credentials import (
    Trigger,
    credential_name,
    may_be_real,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.codemod import Context
    from testmend.source import Module
    from testmend_codemods.literals.options import CredentialOptions

_TRIGGER = Trigger()


def trigger(_options: CredentialOptions) -> Trigger:
    """Which files may hold a credential."""
    return _TRIGGER


def survey(name: str, module: Module, options: CredentialOptions) -> Survey | None:
    """The credentials that a file holds; ``name``: the codemod's."""
    if module.once(is_generated):
        return None
    found = tuple(_findings(name, module, options))
    return Survey(found, names=frozenset()) if found else None


def _findings(
    codemod: str, module: Module, options: CredentialOptions
) -> Iterator[Finding]:
    for text, nodes in module.strings.items():
        if not text or not (options.placeholders or may_be_real(text)):
            continue
        for node in nodes:
            name = credential_name(module, node)
            if name:
                message = f"{name} is written out ({len(text)} characters)"
                where = module.range_of(node)
                yield Finding(codemod, where, message, reason="credential")


def resolve(
    found: tuple[Finding, ...], _context: Context, _options: CredentialOptions
) -> Iterable[Finding]:
    """All that was found."""
    return found
