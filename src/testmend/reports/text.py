"""Findings as lines: ``path:line:column: codemod: message [what becomes of it]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend.escape import printable
from testmend.reports.shown import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from testmend.model import FileResult
    from testmend.reports.shown import Shown


def render(
    results: Iterable[FileResult],
    named: Callable[[str], str],
    *,
    refused: bool = False,
) -> Iterator[str]:
    """One line per finding. ``named`` turns a path into what the user calls it."""
    for result in results:
        for each in findings(result, refused=refused):
            yield line(each, named)


def line(shown: Shown, named: Callable[[str], str]) -> str:
    """The line of one finding, with its line end."""
    finding = shown.finding
    place = (
        f"{printable(named(shown.path))}:{finding.range.line}:{finding.range.column}"
    )
    message = printable(finding.message)
    return f"{place}: {finding.codemod}: {message} [{_fate(shown)}]\n"


def _fate(shown: Shown) -> str:
    fix = shown.finding.fix
    if shown.state == "fixable":
        return "unsafe fix" if fix and fix.unsafe else "fix"
    if shown.state == "unsafe":
        return f"unsafe fix: {printable(fix.unsafe) if fix else ''}"
    return f"left: {shown.finding.reason}"
