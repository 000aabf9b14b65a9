"""One file in memory: bytes in, outcome out. Pure, and the same in every process.

``examine`` parses a file once for all codemods and returns what can travel; ``resolve``
turns that into findings when the index of the whole project is known; ``rewrite`` makes
the edits and proves the result.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from testmend import registry
from testmend.bound import still_bound
from testmend.codemod import Context, Options
from testmend.compose import apply_bytes, compose, localized, on_disk, splice
from testmend.errors import CodemodError, SourceError, VerificationError
from testmend.facts import ModuleFacts, collect
from testmend.importing import insertion
from testmend.model import (
    Changed,
    Failed,
    Finding,
    Outcome,
    Skipped,
    Survey,
    Unchanged,
)
from testmend.proofs import Proofs, proven
from testmend.source import Module, parse
from testmend.verify import still_compiles, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from testmend.codemod import Codemod
    from testmend.index import Index
    from testmend.suppress import Suppressions

    Peers = Mapping[str, Mapping[str, Any]]  # candidates by codemod and path

REASONS = {
    "overlap": "Its edits overlap those of another fix; run again to get this one.",
    "not-proven": "The result failed its proof, so the place was left as it was.",
}


@dataclass(frozen=True, slots=True)
class Selection:
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


@dataclass(frozen=True, slots=True)
class Examination:
    """What one parsed file has to say: facts for the index, surveys by codemod."""

    path: str
    digest: bytes
    facts: ModuleFacts
    surveys: Mapping[str, Survey]
    suppressions: Suppressions


def digest(data: bytes) -> bytes:
    """The fingerprint by which a file is known not to have changed."""
    return hashlib.blake2b(data, digest_size=20).digest()


def examine(path: str, data: bytes, selection: Selection) -> Examination:
    """Parse one file and let each codemod whose trigger matches look at it.

    Raises `SourceError` when the file can't be read.
    """
    module = parse(path, data)
    suppressions = module.suppressions
    surveys: dict[str, Survey] = {}
    ignored = selection.ignored.get(path, frozenset())
    if not suppressions.whole_file:
        for name in selection.codemods:
            codemod = selection.codemod(name)
            if name in ignored or not codemod.trigger.search(data):
                continue
            with _named(name):
                survey = codemod.survey(module, selection.options_of(name))
            if survey is not None:
                surveys[name] = survey
    return Examination(path, digest(data), collect(module), surveys, suppressions)


def narrowed(examination: Examination, codemods: Iterable[str]) -> Examination:
    """The examination as it would be for these codemods alone, in their order."""
    seen = examination.surveys
    surveys = {name: seen[name] for name in codemods if name in seen}
    return replace(examination, surveys=surveys)


def facts_of(path: str, data: bytes) -> ModuleFacts:
    """The facts of a file that is not under work itself. Raises `SourceError`."""
    return collect(parse(path, data))


def peers_of(examined: Iterable[Examination]) -> Peers:
    """The candidates of every codemod in every file."""
    found: dict[str, dict[str, Any]] = {}
    for each in examined:
        for name, survey in each.surveys.items():
            found.setdefault(name, {})[each.path] = survey.candidates
    return found


def resolve(
    examination: Examination,
    index: Index,
    selection: Selection,
    peers: Peers | None = None,
) -> tuple[tuple[Finding, ...], Counter[str]]:
    """The findings of one file in the order of its lines, and how many are suppressed.

    The order is by codemod first: where two fixes overlap, the first one wins. Raises
    `CodemodError` when a codemod breaks or yields what is not a finding of its own.
    """
    found: list[Finding] = []
    suppressed: Counter[str] = Counter()
    for name, survey in examination.surveys.items():
        codemod = selection.codemod(name)
        options = selection.options_of(name)
        context = Context(examination.path, index, (peers or {}).get(name, {}))
        with _named(name):
            findings = list(codemod.resolve(survey.candidates, context, options))
            _check_findings(name, findings)
        for finding in sorted(findings, key=lambda each: each.range):
            if not _wanted(finding, selection.within.get(examination.path)):
                continue
            if examination.suppressions.silence(finding):
                suppressed[name] += 1
            else:
                found.append(finding)
    return tuple(found), suppressed


def _wanted(finding: Finding, lines: tuple[tuple[int, int], ...] | None) -> bool:
    """Whether a finding touches one of the stretches of lines; None: no limit."""
    where = finding.range
    return lines is None or any(
        first <= where.end_line and where.line <= last for first, last in lines
    )


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Say which codemod it was that broke."""
    try:
        yield
    except (SourceError, RecursionError, MemoryError):
        raise
    except Exception as error:
        message = f"{name}: {type(error).__name__}: {error}"
        raise CodemodError("codemod-raised", message) from error


def _check_findings(name: str, findings: Iterable[object]) -> None:
    for finding in findings:
        if not isinstance(finding, Finding) or finding.codemod != name:
            message = f"{name}: {type(finding).__name__} is not a finding of it"
            raise CodemodError("codemod-rubbish", message)


def rewrite(
    path: str,
    data: bytes,
    findings: Sequence[Finding],
    *,
    unsafe: bool = False,
    proofs: Proofs | None = None,
) -> Outcome:
    """Make the edits of the findings' fixes and prove the result.

    A fix that fails the proof is left out and reported with ``not-proven``; ``proofs``
    are those of the codemods (`Selection.proofs`).
    """
    wanted = [each for each in findings if each.fix and (unsafe or not each.fix.unsafe)]
    if not wanted:
        return Unchanged(tuple(findings))
    module = parse(path, data)
    findings = [_with_imports(module, each) for each in findings]
    wanted = [each for each in findings if each.fix and (unsafe or not each.fix.unsafe)]
    for each in wanted:
        _check_edits(module, each)
    wanted = proven(module, wanted, proofs or {})
    made: Changed | None
    try:
        made = _make(module, wanted) if wanted else None
    except (VerificationError, SourceError):
        wanted = _provable(module, wanted)
        made = _make(module, wanted) if wanted else None
    fixed = made.fixed if made else ()
    left = tuple(_left(each, fixed, wanted) for each in findings if each not in fixed)
    if made is None or not fixed:
        return Unchanged(left)
    return replace(made, findings=left)


def _with_imports(module: Module, finding: Finding) -> Finding:
    """The finding with the edits that make the imports of its fix."""
    if finding.fix is None or not finding.fix.imports:
        return finding
    inserted = (insertion(module, each) for each in finding.fix.imports)
    edits = tuple(dict.fromkeys(chain(finding.fix.edits, *inserted)))
    return replace(finding, fix=replace(finding.fix, edits=edits, imports=()))


def _check_edits(module: Module, finding: Finding) -> None:
    for edit in finding.fix.edits if finding.fix else ():
        if not 0 <= edit.start <= edit.end <= len(module.utf8):
            message = f"{finding.codemod}: an edit outside of the file"
            raise CodemodError("codemod-rubbish", message)


def _make(module: Module, findings: Sequence[Finding]) -> Changed:
    """Make the edits and prove them.

    Where guests have a part in it, the edits of the others are proven on their own; of
    the whole it is asked that it compiles, and that no codemod took away what another
    one needs.
    """
    own = [each for each in findings if each.fix and not each.fix.foreign]
    mixed = len(own) < len(findings)
    if mixed and own:
        _make(module, own)
    composition = compose(findings)
    edits = localized(module, composition.edits)
    text = splice(module.utf8, edits)
    changes = on_disk(module, edits)
    after = apply_bytes(module.data, changes)
    result = parse(module.path, after)
    if result.text != text:
        raise VerificationError("the bytes to be written don't read as what was made")
    if mixed:
        still_compiles(module, result)
        if len({each.codemod for each in composition.fixed}) > 1:
            still_bound(module, result)
    else:
        verify(module, result, edits)
    files = {
        file: None for each in composition.fixed if each.fix for file in each.fix.files
    }
    return Changed(
        fixed=composition.fixed,
        findings=(),
        before=module.data,
        after=after,
        edits=changes,
        files=tuple(files),
    )


def _provable(module: Module, findings: Sequence[Finding]) -> list[Finding]:
    """The findings whose fixes can be made together, tried one after the other."""
    kept: list[Finding] = []
    for finding in findings:
        try:
            _make(module, [*kept, finding])
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


def in_memory(path: str, data: bytes, index: Index, selection: Selection) -> Outcome:
    """All steps for one file whose surroundings are known."""
    try:
        findings, _ = resolve(examine(path, data, selection), index, selection)
        return rewrite(
            path, data, findings, unsafe=selection.unsafe, proofs=selection.proofs
        )
    except SourceError as error:
        return refusal(error)


def refusal(error: SourceError) -> Outcome:
    """The outcome of a file that can't be worked on.

    Broken syntax and broken codemods fail, others skip.
    """
    if error.reason == "syntax-error" or isinstance(error, CodemodError):
        return Failed(error.reason, str(error))
    return Skipped(error.reason, str(error))
