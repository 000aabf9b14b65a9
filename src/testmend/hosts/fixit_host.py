"""Fixit's lint rules as guests: their autofixes, until nothing more changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import fixit.engine
import libcst as cst
from fixit import LintRule
from fixit.config import CollectionError, find_rules
from fixit.engine import LintRunner
from fixit.ftypes import Config, QualifiedRule

from testmend.errors import ConfigError
from testmend.hosts import loading
from testmend.hosts.messages import Answer, Note, Unable

if TYPE_CHECKING:
    from fixit import LintViolation

    from testmend.hosts.messages import Job
    from testmend.hosts.spec import Spec

ROUNDS = 10


def describe(spec: Spec) -> Answer:
    """Load the rules. Raises `ConfigError`."""
    rules = _rules(spec)
    if spec.args:
        raise ConfigError(f"guest {spec.name!r}: a Fixit rule takes no args")
    said = (rules[0].__doc__ or "").strip().partition("\n\n")[0]
    own = len(rules) == 1 and rules[0].__doc__ != LintRule.__doc__
    summary = " ".join(said.split()) if own else f"fixit: {spec.target}"
    return Answer(summary=summary)


def rewrite(job: Job) -> tuple[str, tuple[Note, ...]]:
    """What is left when the rules' autofixes are made. Raises `Unable`."""
    rules, path = _rules(job.spec), Path(job.spec.root, job.path)
    # The difference that Fixit computes for each violation is not needed here, and
    # takes most of the time.
    fixit.engine.diff_violation = lambda *_: ""
    text = job.text
    notes: tuple[Note, ...] = ()
    for number in range(ROUNDS + 1):
        runner = _runner(path, text)
        config = Config(path=path, root=Path(job.spec.root))
        instances = [rule() for rule in rules]
        violations = list(runner.collect_violations(instances, config))
        if number == 0:
            notes = tuple(_note(each) for each in violations)
        fixable = [each for each in violations if each.replacement]
        result = runner.apply_replacements(fixable).code if fixable else text
        if result == text:
            return text, notes
        text = result
    message = f"still changing after {ROUNDS} rounds of replacements"
    raise Unable("not-stable", message)


def metadata(job: Job) -> dict[str, bytes]:
    """Nothing: Fixit asks LibCST's repository manager itself, file by file."""
    return dict.fromkeys(job.paths, b"")


def _runner(path: Path, text: str) -> LintRunner:
    try:
        # Text has no encoding cookie to obey; the parser takes both.
        runner = LintRunner(path, cast("bytes", text))
    except (cst.ParserSyntaxError, RecursionError) as error:
        message = f"LibCST cannot read it: {type(error).__name__}"
        raise Unable("could-not-read", message) from None
    if runner.module.code != text:
        raise Unable("no-round-trip", "LibCST does not give this file back as it was")
    return runner


def _note(violation: LintViolation) -> Note:
    start, end = violation.range.start, violation.range.end
    return Note(
        start.line,
        f"{violation.rule_name}: {' '.join(violation.message.split())}",
        start.column + 1,
        end.line,
        end.column + 1,
        "" if violation.replacement else "no-autofix",
    )


def _rules(spec: Spec) -> list[type[LintRule]]:
    """The rules of a target, which may also be ``package:Rule`` as Fixit writes it."""
    try:
        return loading.named(spec, LintRule)
    except ConfigError as nothing:
        if loading.file_of(spec) is not None:
            raise
        module, _, name = spec.target.partition(":")
        try:
            found = list(find_rules(QualifiedRule(module, name or None)))
        except (CollectionError, ImportError):
            raise nothing from None
        if not found:
            raise
        return found
