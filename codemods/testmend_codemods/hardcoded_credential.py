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

from testmend.codemod import Codemod, Later
from testmend_codemods.literals.options import CredentialOptions

NAME = "hardcoded-credential"
_STEPS = "testmend_codemods.literals.credential_steps"

CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Report passwords, tokens and keys in test code (there is no fix)",
    page=__doc__,
    trigger=Later(f"{_STEPS}:trigger"),
    reasons={"credential": "A person has to look; there is never a fix."},
    survey=Later(f"{_STEPS}:survey", (NAME,)),
    resolve=Later(f"{_STEPS}:resolve"),
    options=CredentialOptions,
)
