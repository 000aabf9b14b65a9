"""Report passwords, tokens and keys that stand in test code.

A credential in a repository is read by everybody who can read the repository, for as
long as its history is kept. Whether one is real no program can tell: a person has to
look, revoke it, and take it from the environment. So there is never a fix, and the
value itself appears in no output, only its length.

Found:

    from shop import client


    def connect():
        return client.connect(user='ci', password='hT7#qLz92vRw')

A literal counts that is assigned to, or passed under, a name that ends in ``password``,
``passwd``, ``passphrase``, ``secret``, ``token``, ``api_key``, ``access_key``,
``private_key`` and the like, in code of any form (keyword, dict key, attribute, default
of a parameter, ``set_override``). What is plainly a stand-in is passed over: short or
regular strings, and those that say so (``fake-token``, ``changeme``), and so are tokens
that say where a list goes on (``next_page_token``). Strings that begin like the tokens
of a well-known issuer are always reported.

When it refuses:

- ``credential``: a person has to look; there is never a fix.

There are no unsafe fixes.

Options: ``placeholders`` (false): whether stand-ins are reported too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend.codemod import Codemod, Options
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

NAME = "hardcoded-credential"


class CredentialOptions(Options, frozen=True):
    """``[tool.testmend.hardcoded-credential]``."""

    placeholders: bool = False


def _survey(module: Module, options: CredentialOptions) -> Survey | None:
    if module.once(is_generated):
        return None
    found = tuple(_findings(module, options))
    return Survey(found, names=frozenset()) if found else None


def _findings(module: Module, options: CredentialOptions) -> Iterator[Finding]:
    for text, nodes in module.strings.items():
        if not text or not (options.placeholders or may_be_real(text)):
            continue
        for node in nodes:
            name = credential_name(module, node)
            if name:
                message = f"{name} is written out ({len(text)} characters)"
                yield Finding(NAME, module.range_of(node), message, reason="credential")


def _resolve(
    found: tuple[Finding, ...], _context: Context, _options: CredentialOptions
) -> Iterable[Finding]:
    return found


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Report passwords, tokens and keys in test code (there is no fix)",
    page=__doc__,
    trigger=Trigger(),
    reasons={"credential": "A person has to look; there is never a fix."},
    survey=_survey,
    resolve=_resolve,
    options=CredentialOptions,
)
