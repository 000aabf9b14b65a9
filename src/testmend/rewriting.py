"""From the findings of one file to its new bytes, proven. Pure."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.bound import still_bound
from testmend.compose import compose, localized, on_disk, splice
from testmend.errors import CodemodError, SourceError, VerificationError
from testmend.excerpt import excerpt
from testmend.importing import insertion
from testmend.model import Changed, Finding, Outcome, Unchanged, apply_bytes
from testmend.outline import outline
from testmend.proofs import Proofs, proven
from testmend.source import decode
from testmend.verify import compiles, still_compiles, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from testmend.model import Edit
    from testmend.outline import Outline
    from testmend.source import Module

REASONS = {
    "overlap": "Its edits overlap those of another fix; run again to get this one.",
    "not-proven": "The result failed its proof, so the place was left as it was.",
}


def rewrite(
    path: str,
    data: bytes,
    findings: Sequence[Finding],
    *,
    unsafe: bool = False,
    proofs: Proofs | None = None,
    known: Outline | None = None,
) -> Outcome:
    """Make the edits of the findings' fixes and prove the result.

    A fix that fails the proof is left out and reported with ``not-proven``; ``proofs``
    are those of the codemods (`Selection.proofs`), ``known`` is the file's outline.
    """
    wanted = [each for each in findings if each.fix and (unsafe or not each.fix.unsafe)]
    if not wanted:
        return Unchanged(tuple(findings))
    module = decode(path, data)
    blocks = outline(module) if known is None else known
    findings = [_with_imports(module, each) for each in findings]
    wanted = [each for each in findings if each.fix and (unsafe or not each.fix.unsafe)]
    for each in wanted:
        _check_edits(module, each)
    wanted = proven(module, blocks, wanted, proofs or {})
    made: Changed | None
    try:
        made = _make(module, blocks, wanted) if wanted else None
    except (VerificationError, SourceError):
        wanted = _provable(module, blocks, wanted)
        made = _make(module, blocks, wanted) if wanted else None
    fixed = made.fixed if made else ()
    left = tuple(_left(each, fixed, wanted) for each in findings if each not in fixed)
    if made is None or not fixed:
        return Unchanged(left)
    return replace(made, findings=left)


def _with_imports(module: Module, finding: Finding) -> Finding:
    """The finding with the edits that make the imports of its fix."""
    if finding.fix is None or not finding.fix.imports:
        return finding
    fix = finding.fix
    inserted = (insertion(module, each, fix.sorting) for each in fix.imports)
    edits = tuple(dict.fromkeys(chain(finding.fix.edits, *inserted)))
    return replace(finding, fix=replace(finding.fix, edits=edits, imports=()))


def _check_edits(module: Module, finding: Finding) -> None:
    for edit in finding.fix.edits if finding.fix else ():
        if not 0 <= edit.start <= edit.end <= len(module.utf8):
            message = f"{finding.codemod}: an edit outside of the file"
            raise CodemodError("codemod-rubbish", message)


def _make(module: Module, blocks: Outline, findings: Sequence[Finding]) -> Changed:
    """Make the edits and prove them.

    Where guests have a part in it, the edits of the others are proven on their own; of
    the whole it is asked that it compiles, and that no codemod took away what another
    one needs.
    """
    own = [each for each in findings if each.fix and not each.fix.foreign]
    mixed = len(own) < len(findings)
    if mixed and own:
        _make(module, blocks, own)
    composition = compose(findings)
    edits = localized(module, composition.edits)
    text = splice(module.utf8, edits)
    changes = on_disk(module, edits)
    after = apply_bytes(module.data, changes)
    result = decode(module.path, after)
    if result.text != text:
        raise VerificationError("the bytes to be written don't read as what was made")
    if mixed:
        still_compiles(module, result)
        if len({each.codemod for each in composition.fixed}) > 1:
            still_bound(module, result)
    else:
        _verify(module, blocks, result, edits)
    files = {
        file: None for each in composition.fixed if each.fix for file in each.fix.files
    }
    return Changed(
        fixed=composition.fixed,
        findings=(),
        before=module.data,
        edits=changes,
        files=tuple(files),
    )


def _verify(
    module: Module, blocks: Outline, result: Module, edits: Sequence[Edit]
) -> None:
    """Prove the edits on the statements that they touch; if that fails, on the file."""
    try:
        part = excerpt(module, blocks, edits)
        alone = compiles(part.before.tree)  # not so ahead of imports from __future__
        if alone:
            verify(part.before, part.after, part.edits)
            return
    except (VerificationError, SourceError):
        pass
    verify(module, result, edits)


def _provable(
    module: Module, blocks: Outline, findings: Sequence[Finding]
) -> list[Finding]:
    """The findings whose fixes can be made together, tried one after the other."""
    kept: list[Finding] = []
    for finding in findings:
        try:
            _make(module, blocks, [*kept, finding])
        except (VerificationError, SourceError):
            continue
        kept.append(finding)
    return kept


def _left(
    finding: Finding, fixed: Iterable[Finding], wanted: Sequence[Finding]
) -> Finding:
    """A finding that was not fixed, with its reason where it had a safe fix."""
    if finding.fix is None or finding in fixed:
        return finding
    if finding in wanted:
        return replace(finding, fix=None, reason="overlap")
    if finding.fix.unsafe:
        return finding
    return replace(finding, fix=None, reason="not-proven")
