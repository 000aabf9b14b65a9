"""The proofs that codemods bring along: what must hold of all their fixes together.

They stand beside `testmend.verify`, which knows the edits only: a codemod knows what
its edits mean (a constant is worth the literal that it replaces).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from testmend.compose import compose, localized, splice
from testmend.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.model import Finding
    from testmend.source import Module

# Called with the trees before and after, and the new files' texts by path.
Proof = Callable[[ast.Module, ast.Module, Mapping[str, str]], None]
Proofs = Mapping[str, Proof]  # by the codemod's name


def proven(
    module: Module, findings: Sequence[Finding], proofs: Proofs
) -> list[Finding]:
    """The findings without those whose codemod's proof fails, in their order.

    The fixes of one codemod are proven without those of the others.
    """
    kept: list[Finding] = []
    for name, group in groupby(findings, key=lambda each: each.codemod):
        own = list(group)
        proof = proofs.get(name)
        if proof is None or _holds(module, own, proof):
            kept += own
            continue
        good: list[Finding] = []
        for finding in own:
            if _holds(module, [*good, finding], proof):
                good.append(finding)
        kept += good
    return kept


def _holds(module: Module, findings: Sequence[Finding], proof: Proof) -> bool:
    edits = localized(module, compose(findings).edits)
    files = {
        file.path: file.text
        for finding in findings
        if finding.fix
        for file in finding.fix.files
    }
    try:
        proof(module.tree, ast.parse(splice(module.utf8, edits)), files)
    except (VerificationError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
