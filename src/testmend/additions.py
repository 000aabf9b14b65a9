"""One text for a file that fixes of several codemods create or add to.

Each brings the whole text along, as if it were alone. Where all of them start from the
same text and add lines at the same place, every fix gets the text with all the lines.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from testmend.model import Finding, Fix, NewFile


def united(found: Mapping[str, Sequence[Finding]]) -> dict[str, tuple[Finding, ...]]:
    """The findings of all files (by path) with such files made the same.

    A file that others add to keeps its own fixes for the next run.
    """
    files = [
        file
        for findings in found.values()
        for each in findings
        if each.fix
        for file in each.fix.files
    ]
    texts = _united(files)
    added = {file.path for file in files if not file.is_new}
    if not texts and added.isdisjoint(found):
        return {path: tuple(findings) for path, findings in found.items()}
    return {
        path: tuple(_settled(each, texts, path in added) for each in findings)
        for path, findings in found.items()
    }


def _settled(finding: Finding, texts: Mapping[str, str], later: bool) -> Finding:  # noqa: FBT001  of one caller
    if finding.fix is None:
        return finding
    if later:
        return replace(finding, fix=None, reason="overlap")
    return replace(finding, fix=_with(finding.fix, texts))


def _with(fix: Fix, texts: Mapping[str, str]) -> Fix:
    if not any(file.path in texts for file in fix.files):
        return fix
    files = (replace(file, text=texts.get(file.path, file.text)) for file in fix.files)
    return replace(fix, files=tuple(files))


def _united(files: Iterable[NewFile]) -> dict[str, str]:
    """The texts of the files of which there are several versions, by path."""
    versions: dict[str, dict[NewFile, None]] = defaultdict(dict)
    for file in files:
        versions[file.path][file] = None
    found: dict[str, str] = {}
    for path, several in versions.items():
        text = _added(list(several)) if len(several) > 1 else None
        if text is not None:
            found[path] = text
    return found


def _added(files: Sequence[NewFile]) -> str | None:
    """The text with what each file adds; None where they don't agree on the rest."""
    lines = [_lines(file.text) for file in files]
    before = files[0].before
    if any(file.before != before for file in files):
        return None
    if before is None:
        ahead = _common(lines)
        behind: list[str] = []
    else:
        known = _lines(before)
        ahead = _common([known, *lines])
        behind = known[len(ahead) :]
    parts = []
    for each in lines:
        end = len(each) - len(behind)
        if end < len(ahead) or each[end:] != behind:
            return None
        parts.append(each[len(ahead) : end])
    added = dict.fromkeys(line for part in parts for line in part)
    return "".join([*ahead, *added, *behind])


def _lines(text: str) -> list[str]:
    r"""The lines of a text, all with their end; they end at ``\n`` alone."""
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n") if text]


def _common(texts: Sequence[Sequence[str]]) -> list[str]:
    """The lines with which all texts begin."""
    found: list[str] = []
    for lines in zip(*texts, strict=False):
        if len(set(lines)) > 1:
            break
        found.append(lines[0])
    return found
