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
from testmend.errors import SourceError, VerificationError
from testmend.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.model import Finding
    from testmend.outline import Outline
    from testmend.source import Module

# Called with the trees before and after, the new files' texts by path (and what fixes
# rely on of others), and the bytes of the file that are in neither tree: the trees may
# be those of an excerpt.
Proof = Callable[[ast.Module, ast.Module, Mapping[str, str], bytes], None]
Proofs = Mapping[str, Proof]  # by the codemod's name


def proven(
    module: Module, blocks: Outline, findings: Sequence[Finding], proofs: Proofs
) -> list[Finding]:
    """The findings without those whose codemod's proof fails, in their order.

    The fixes of one codemod are proven without those of the others: on the statements
    that they touch, and where that fails on the whole file. ``blocks`` is its outline.
    """
    kept: list[Finding] = []
    for name, group in groupby(findings, key=lambda each: each.codemod):
        own = list(group)
        proof = proofs.get(name)
        if proof is None or _holds(module, blocks, own, proof):
            kept += own
            continue
        good: list[Finding] = []
        for finding in own:
            if _holds(module, blocks, [*good, finding], proof):
                good.append(finding)
        kept += good
    return kept


def _holds(
    module: Module, blocks: Outline, findings: Sequence[Finding], proof: Proof
) -> bool:
    edits = localized(module, compose(findings).edits)
    files = known(findings)

    def in_part() -> None:
        part = excerpt(module, blocks, edits)
        proof(part.before.tree, part.after.tree, files, part.rest)

    def in_whole() -> None:
        proof(module.tree, ast.parse(splice(module.utf8, edits)), files, b"")

    return _passes(in_part) or _passes(in_whole)


def known(findings: Sequence[Finding]) -> Mapping[str, str]:
    """The texts of other files by path: what fixes rely on, and what they bring."""
    found: dict[str, str] = {}
    for fix in (each.fix for each in findings if each.fix):
        for path, text in fix.given:
            found[path] = found.get(path, "") + f"{text}\n"
    for fix in (each.fix for each in findings if each.fix):
        found |= {file.path: file.text for file in fix.files}
    return found


def _passes(prove: Callable[[], None]) -> bool:
    try:
        prove()
    except (VerificationError, SourceError, SyntaxError, ValueError):
        return False
    except (RecursionError, MemoryError):
        return False
    return True
