"""The whole page. It loads nothing, and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from testmend.escape import printable
from testmend.reports.html import rows
from testmend.reports.html.model import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.reports.html.model import Campaign, Repository, Sheet

HEAD = "<!doctype html>\n<!-- testmend report -->\n"
_UNFOLDED = 100  # changed files; of more, all are folded at first
ROOM = 64 << 20
"""Characters of diffs on one page: beyond, a browser takes long to open it."""

_ROWS = 12  # of the table of findings; a longer one is folded at first
_ADDRESS = re.compile(r"https?://[\x21-\x7e]+")


def render(campaign: Campaign, room: int = ROOM) -> Iterator[str]:
    """The page, piece by piece. All names and sources in it are escaped.

    Diffs take at most ``room`` characters; of later files only the names are there.

    Its style and script are allowed by their hashes (Content Security Policy), so that
    nothing else could run even if it got in.
    """
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    title = _safe(campaign.title)
    yield (
        f'{HEAD}<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{style}</style></head><body>"
        f"<header><h1>{title}</h1>"
    )
    yield from _summary(campaign)
    yield (
        '</header><nav><input id="search" type="search" aria-label="Search" '
        'placeholder="Search ( / )">'
    )
    yield from _filters(campaign)
    yield (
        '<button id="fold">Fold all</button><button id="open">Open all</button>'
        '<output id="count"></output></nav><main>'
    )
    changed = sum(sheet.state == "changed" for sheet in _sheets(campaign))
    for repository in campaign.repositories:
        for piece in _repository(
            repository, unfolded=changed <= _UNFOLDED, diffs=room > 0
        ):
            room -= len(piece)
            yield piece
    yield (
        '</main><p id="none" hidden>Nothing fits the search.</p>'
        "<footer><kbd>/</kbd> search <kbd>j</kbd> <kbd>k</kbd> next and previous file "
        "<kbd>Enter</kbd> fold or open <kbd>Esc</kbd> all again</footer>"
        f"<script>{script}</script></body></html>\n"
    )


def _summary(campaign: Campaign) -> Iterator[str]:
    """Repositories and files by state, findings by codemod and outcome."""
    if len(campaign.repositories) != 1:
        states = Counter(each.state for each in campaign.repositories)
        yield from _states("repositories", states)
    yield from _states("files", Counter(sheet.state for sheet in _sheets(campaign)))
    entries: Counter[tuple[str, str]] = Counter()
    for repository in campaign.repositories:
        for number in repository.counted():
            entries[number.codemod, number.outcome] += number.count
    if entries:
        opened = " open" if len(entries) <= _ROWS else ""
        many = sum(entries.values())
        yield f"<details{opened}><summary>{many:,} findings, by codemod and what came "
        yield "of them</summary>"
        yield '<table id="findings"><tr><th>Codemod<th>Outcome<th>Findings</tr>'
        for (codemod, outcome), count in sorted(entries.items(), key=_often):
            yield f"<tr><td>{_safe(codemod)}<td>{_safe(outcome)}<td>{count:,}</tr>"
        yield "</table></details>"


def _often(item: tuple[tuple[str, str], int]) -> tuple[str, bool, int, str]:
    """By codemod; what is fixed first, then the most frequent reasons."""
    (codemod, outcome), count = item
    return codemod, outcome.startswith("left:"), -count, outcome


def _states(what: str, states: Counter[str]) -> Iterator[str]:
    many = sum(states.values())
    word = {"repositories": "repository", "files": "file"}[what] if many == 1 else what
    yield f'<ul class="states"><li><b>{many:,}</b> {word}</li>'
    for state, count in sorted(states.items()):
        yield f'<li class="{_safe(state)}"><b>{count:,}</b> {_safe(state)}</li>'
    yield "</ul>"


def _filters(campaign: Campaign) -> Iterator[str]:
    numbers = [each for repo in campaign.repositories for each in repo.counted()]
    repositories = {each.state for each in campaign.repositories}
    choices = (
        ("repository", "All repositories", repositories),
        ("state", "All files", {sheet.state for sheet in _sheets(campaign)}),
        ("codemod", "All codemods", {each.codemod for each in numbers}),
        ("outcome", "All outcomes", {each.outcome for each in numbers}),
    )
    for name, everything, values in choices:
        if name == "repository" and len(campaign.repositories) == 1:
            continue
        yield f'<select data-of="{name}" aria-label="{everything}">'
        yield f'<option value="">{everything}</option>'
        yield from (f"<option>{_safe(value)}</option>" for value in sorted(values))
        yield "</select>"


def _repository(
    repository: Repository, *, unfolded: bool, diffs: bool
) -> Iterator[str]:
    """A section; its codemods and outcomes count for files that don't say theirs."""
    state = _safe(repository.state)
    numbers = repository.counted()
    codemods = _list(each.codemod for each in numbers)
    outcomes = _list(each.outcome for each in numbers)
    yield (
        f'<section data-repository="{state}" data-codemod="{codemods}" '
        f'data-outcome="{outcomes}"><details class="repository" open>'
        f'<summary><h2>{_safe(repository.name)}</h2> <span class="tag {state}">{state}'
        f"</span> <small>{_files(repository)}</small></summary>"
    )
    if repository.note:
        yield f"<p>{_safe(repository.note)}</p>"
    if repository.place:
        yield f"<p>{_link(repository.place)}</p>"
    if repository.numbers:
        parts = (
            f"{_safe(each.codemod)} <i>{_safe(each.outcome)}</i> {each.count:,}"
            for each in repository.numbers
        )
        yield f'<p class="numbers">{" · ".join(parts)}</p>'
    if not diffs and repository.sheets:
        yield "<p>The page is full: of this repository it has no diffs.</p>"
    whole = repository.read() if diffs and repository.read else repository.sheets
    for sheet in whole:
        yield from _sheet(sheet, unfolded=unfolded and diffs, diffs=diffs)
    yield "</details></section>"


def _files(repository: Repository) -> str:
    many = len(repository.sheets)
    return f"{many:,} file{'' if many == 1 else 's'}" if many else ""


def _sheet(sheet: Sheet, *, unfolded: bool, diffs: bool) -> Iterator[str]:
    state = _safe(sheet.state)
    opened = " open" if unfolded and sheet.state == "changed" else ""
    own = ""
    if sheet.entries:
        codemods = _list(entry.codemod for entry in sheet.entries)
        outcomes = _list(map(label, sheet.entries))
        own = f' data-codemod="{codemods}" data-outcome="{outcomes}"'
    yield (
        f'<details class="file"{opened} data-state="{state}"{own}><summary>'
        f'<span class="tag {state}">{state}</span> '
        f"<code>{_safe(sheet.path)}</code></summary>"
    )
    if sheet.note:
        yield f"<p>{_safe(sheet.note)}</p>"
    if sheet.entries:
        yield "<ul>"
        for entry in sheet.entries:
            yield (
                f"<li>line {entry.line}: <b>{_safe(entry.codemod)}</b> "
                f"{_safe(entry.message)} <i>{_safe(label(entry))}</i></li>"
            )
        yield "</ul>"
    if diffs and sheet.before != sheet.after:
        yield '<table class="code"><colgroup><col class="n"><col><col class="n"><col>'
        yield "</colgroup><tbody>"
        yield from rows.render(sheet.before, sheet.after)
        yield "</tbody></table>"
    yield "</details>"


def _sheets(campaign: Campaign) -> Iterator[Sheet]:
    for repository in campaign.repositories:
        yield from repository.sheets


def _link(place: str) -> str:
    """An address to follow, if it is one of the web; else only its text."""
    if not _ADDRESS.fullmatch(place):
        return _safe(place)
    return f'<a href="{escape(place)}" rel="noreferrer noopener">{_safe(place)}</a>'


def _list(values: Iterable[str]) -> str:
    return "|".join(sorted({_safe(value) for value in values}))


def _safe(text: str) -> str:
    return escape(printable(text))


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
