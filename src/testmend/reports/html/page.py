"""The whole page. It loads nothing, and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from testmend.escape import printable
from testmend.reports.html import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.reports.html.model import Campaign, Entry, Repository, Sheet

HEAD = "<!doctype html>\n<!-- testmend report -->\n"


def render(campaign: Campaign) -> Iterator[str]:
    """The page, piece by piece. All names and sources in it are escaped.

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
        f"<title>{title}</title><style>{style}</style></head><body>"
        f"<header><h1>{title}</h1>"
    )
    yield from _summary(campaign)
    yield (
        '</header><nav><input id="search" type="search" aria-label="Search" '
        'placeholder="Search files, messages and code  ( / )">'
    )
    yield from _filters(campaign)
    yield (
        '<button id="fold">Fold all</button><button id="open">Open all</button>'
        '<output id="count"></output></nav><main>'
    )
    for repository in campaign.repositories:
        yield from _repository(repository)
    yield f"</main><script>{script}</script></body></html>\n"


def _summary(campaign: Campaign) -> Iterator[str]:
    states = Counter(sheet.state for sheet in _sheets(campaign))
    entries = Counter(
        (entry.codemod, _label(entry))
        for sheet in _sheets(campaign)
        for entry in sheet.entries
    )
    yield '<ul class="states">'
    for state, count in sorted(states.items()):
        yield f'<li class="{_safe(state)}"><b>{count}</b> {_safe(state)}</li>'
    yield "</ul>"
    if entries:
        yield "<table><tr><th>Codemod<th>Outcome<th>Findings</tr>"
        for (codemod, label), count in sorted(entries.items()):
            yield f"<tr><td>{_safe(codemod)}<td>{_safe(label)}<td>{count}</tr>"
        yield "</table>"


def _filters(campaign: Campaign) -> Iterator[str]:
    entries = [entry for sheet in _sheets(campaign) for entry in sheet.entries]
    choices = (
        ("state", "All files", {sheet.state for sheet in _sheets(campaign)}),
        ("codemod", "All codemods", {entry.codemod for entry in entries}),
        ("outcome", "All outcomes", {_label(entry) for entry in entries}),
    )
    for name, everything, values in choices:
        yield f'<select data-of="{name}" aria-label="{everything}">'
        yield f'<option value="">{everything}</option>'
        yield from (f"<option>{_safe(value)}</option>" for value in sorted(values))
        yield "</select>"


def _repository(repository: Repository) -> Iterator[str]:
    state = _safe(repository.state)
    yield f"<section><h2>{_safe(repository.name)} <small>{state}</small></h2>"
    for sheet in repository.sheets:
        yield from _sheet(sheet)
    yield "</section>"


def _sheet(sheet: Sheet) -> Iterator[str]:
    state = _safe(sheet.state)
    codemods = _list(entry.codemod for entry in sheet.entries)
    outcomes = _list(map(_label, sheet.entries))
    unfolded = " open" if sheet.state == "changed" else ""
    yield (
        f'<details{unfolded} data-state="{state}" data-codemod="{codemods}" '
        f'data-outcome="{outcomes}"><summary><span class="tag {state}">{state}</span> '
        f"<code>{_safe(sheet.path)}</code></summary>"
    )
    if sheet.note:
        yield f"<p>{_safe(sheet.note)}</p>"
    if sheet.entries:
        yield "<ul>"
        for entry in sheet.entries:
            yield (
                f"<li>line {entry.line}: <b>{_safe(entry.codemod)}</b> "
                f"{_safe(entry.message)} <i>{_safe(_label(entry))}</i></li>"
            )
        yield "</ul>"
    if sheet.before != sheet.after:
        yield '<table class="code"><colgroup><col class="n"><col><col class="n"><col>'
        yield "</colgroup><tbody>"
        yield from rows.render(sheet.before, sheet.after)
        yield "</tbody></table>"
    yield "</details>"


def _sheets(campaign: Campaign) -> Iterator[Sheet]:
    for repository in campaign.repositories:
        yield from repository.sheets


def _label(entry: Entry) -> str:
    return f"left: {entry.reason}" if entry.reason else entry.state


def _list(values: Iterable[str]) -> str:
    return "|".join(sorted({_safe(value) for value in values}))


def _safe(text: str) -> str:
    return escape(printable(text))


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
