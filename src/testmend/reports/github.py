"""Findings as workflow commands, which GitHub Actions shows beside the lines.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """A warning per finding with a fix, a notice per finding without.

    ``named`` turns a path into one relative to the top of the repository.
    """
    for result in results:
        for each in findings(result, refused=refused):
            yield _command(each, named(each.path))


def _command(shown: Shown, path: str) -> str:
    finding = shown.finding
    place = finding.range
    level = "warning" if shown.state == "fixable" else "notice"
    properties = {
        "file": path,
        "line": str(place.line),
        "endLine": str(place.end_line),
        "col": str(place.column),
        "endColumn": str(place.end_column),
        "title": f"testmend {finding.codemod}",
    }
    listed = ",".join(f"{key}={_property(text)}" for key, text in properties.items())
    reason = f" ({finding.reason})" if finding.reason else ""
    return f"::{level} {listed}::{_data(finding.message + reason)}\n"


def _data(text: str) -> str:
    text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
