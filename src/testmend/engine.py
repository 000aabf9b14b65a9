"""One file in memory: bytes in, outcome out. Pure, and the same in every process.

``examine`` parses a file once for all codemods and returns what can travel; ``resolve``
turns that into findings when the index of the whole project is known. What comes then
is `testmend.rewriting`.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from testmend.codemod import Context
from testmend.errors import CodemodError, SourceError
from testmend.examination import Examination, digest
from testmend.facts import ModuleFacts, collect, glimpsed
from testmend.model import Failed, Finding, Outcome, Skipped, Survey
from testmend.outline import outline
from testmend.rewriting import rewrite
from testmend.source import decode, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from testmend.index import Index
    from testmend.selection import Selection
    from testmend.source import Module

    Peers = Mapping[str, Mapping[str, Any]]  # candidates by codemod and path


def examine(path: str, data: bytes, selection: Selection) -> Examination:
    """Parse one file and let each codemod whose trigger matches look at it.

    Raises `SourceError` when the file can't be read.
    """
    module = parse(path, data)
    try:
        return _examined(module, selection)
    finally:
        module.release()


def _examined(module: Module, selection: Selection) -> Examination:
    path, data = module.path, module.data
    suppressions = module.suppressions
    surveys: dict[str, Survey] = {}
    ignored = selection.ignored.get(path, frozenset())
    if not suppressions.whole_file:
        for name in selection.codemods:
            codemod = selection.codemod(name)
            options = selection.options_of(name)
            if name in ignored or not codemod.is_triggered(data, options):
                continue
            with _named(name):
                survey = codemod.survey(module, options)
            if survey is not None:
                surveys[name] = survey
    return Examination(
        path,
        digest(data),
        collect(module),
        surveys,
        suppressions,
        outline(module) if surveys else None,
    )


def facts_of(path: str, data: bytes) -> ModuleFacts:
    """The facts of a file that is not under work itself. Raises `SourceError`.

    One that can't be parsed may still need what others have: its text tells of it.
    """
    module = decode(path, data)
    try:
        _ = module.tree
    except SourceError:
        return glimpsed(path, module.text)
    try:
        return collect(module)
    finally:
        module.release()


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


def in_memory(path: str, data: bytes, index: Index, selection: Selection) -> Outcome:
    """All steps for one file whose surroundings are known."""
    try:
        examination = examine(path, data, selection)
        findings, _ = resolve(examination, index, selection)
        return rewrite(
            path,
            data,
            findings,
            unsafe=selection.unsafe,
            proofs=selection.proofs,
            known=examination.outline,
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
