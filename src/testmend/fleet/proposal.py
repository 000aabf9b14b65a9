"""The words of a change request: what was done, what was not and why, and how.

What comes from a repository or the manifest stands in code spans, so that it can't
act on the page of the forge (mentions, links, images, HTML).
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from testmend import __version__, registry
from testmend.errors import ConfigError
from testmend.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from testmend.fleet.counts import Counts
    from testmend.fleet.journal import Row
    from testmend.fleet.targets import Target

TITLE = "$codemods: $summary"
BODY = "$report"
FIELDS = ("campaign", "codemods", "summary", "fixes", "files", "report")
_TITLE, _BODY = 250, 60_000  # characters that all forges take (GitHub: 256 and 65,536)
_MOST = 50  # files that failed, and commands' paths, that are named
_WORDS = 300  # characters of a message
_MARK = re.compile(
    r"<!-- testmend campaign (?P<name>[\w.-]+) (?P<digest>[\da-f]{16}) -->"
)
_DRAFT = re.compile(r"(?:draft|wip):?\s+", re.IGNORECASE)


class Words(Struct, frozen=True):
    """A title and a body; the body ends with a mark that names the campaign."""

    title: str
    body: str


def words(
    campaign: str, target: Target, row: Row, numbers: Counts, title: str, body: str
) -> Words:
    """The templates filled in. Raises `ConfigError` for an unknown ``$name``."""
    files = numbers.changed + numbers.created
    fixes = sum(numbers.fixed.values())
    values = {
        "campaign": campaign,
        "codemods": ", ".join(numbers.fixed) or "testmend",
        "summary": f"{_many(fixes, 'fix', 'fixes')} in {_many(files, 'file')}",
        "fixes": str(fixes),
        "files": str(files),
        "report": "\n".join(_report(campaign, target, row, numbers)).strip(),
    }
    heading = _cut(" ".join(_filled(title or TITLE, values).split()), _TITLE)
    text = _cut(_filled(body or BODY, values).strip(), _BODY)
    mark = f"<!-- testmend campaign {campaign} {_digest(heading, text)} -->"
    return Words(heading, f"{text}\n\n{mark}\n")


def campaign_of(body: str) -> str:
    """The campaign that made a change request; empty if none did."""
    found = _MARK.search(body)
    return found["name"] if found else ""


def untouched(title: str, body: str) -> bool:
    """Whether title and body are still those that a campaign gave them.

    That it is a draft, or no longer, does not count.
    """
    found = _MARK.search(body)
    if found is None:
        return False
    text = body[: found.start()] + body[found.end() :]
    return _digest(_DRAFT.sub("", title, count=1), text) == found["digest"]


def same(one: str, other: str) -> bool:
    """Whether two texts differ in line ends and space around them at most."""
    return _plain(one) == _plain(other)


def _filled(template: str, values: Mapping[str, str]) -> str:
    try:
        return string.Template(template).substitute(values)
    except (KeyError, ValueError) as error:
        known = ", ".join(f"${each}" for each in FIELDS)
        message = f"request: the template has {error}; it may have {known}"
        raise ConfigError(message) from None


def _report(campaign: str, target: Target, row: Row, numbers: Counts) -> Iterator[str]:
    base = row.base_ref.removeprefix("refs/heads/")
    yield f"Made by testmend {__version__} in the campaign {code(campaign)}, on "
    yield f"{code(base)} at {row.base[:12]}. {_many(numbers.files, 'file')} looked at, "
    yield f"{numbers.changed} changed, {numbers.created} new."
    yield ""
    yield "| codemod | fixed | left as it is |"
    yield "| --- | ---: | ---: |"
    for codemod in sorted({*numbers.fixed, *numbers.left}):
        left = sum(numbers.left.get(codemod, {}).values())
        yield f"| {code(codemod)} | {numbers.fixed.get(codemod, 0)} | {left} |"
    yield ""
    yield from _left(numbers)
    yield from _failed(numbers)
    yield from _how(target, row, numbers)


def _left(numbers: Counts) -> Iterator[str]:
    """What was refused, most often first, with a sentence for each reason."""
    if not numbers.left:
        return
    known = registry.load()
    yield "### Left as it is, and why"
    yield ""
    for codemod, reasons in numbers.left.items():
        said = known[codemod].reasons if codemod in known else {}
        for reason, many in sorted(reasons.items(), key=lambda item: -item[1]):
            sentence = said.get(reason, "")
            yield f"- {code(codemod)}: {many} of {code(reason)}. {sentence}".rstrip()
    yield ""


def _failed(numbers: Counts) -> Iterator[str]:
    if not numbers.troubles:
        return
    yield "### Files that could not be worked on"
    yield ""
    for path, error, message in numbers.troubles[:_MOST]:
        yield f"- {code(path)}: {code(_cut(f'{error}: {message}', _WORDS))}"
    if len(numbers.troubles) > _MOST:
        yield f"- and {len(numbers.troubles) - _MOST} more"
    yield ""


def _how(target: Target, row: Row, numbers: Counts) -> Iterator[str]:
    names = ",".join(numbers.fixed)
    paths = " ".join(_quoted(each) for each in target.paths[:_MOST])
    yield "### How to make it again"
    yield ""
    yield "```sh"
    yield f"python -m pip install testmend=={__version__}"
    yield f"git checkout {row.base}"
    if target.root:
        yield f"cd {_quoted(target.root)}"
    yield f"testmend diff --select {names} {paths}".rstrip()
    yield "```"
    yield ""
    table = {key: target.table[key] for key in target.table if key != "select"}
    if table:
        yield "with these settings over those of the project:"
        yield ""
        yield "```toml"
        yield from _toml(table, "tool.testmend")
        yield "```"
        yield ""
    yield "`testmend explain NAME` says what a codemod does, and when it does not."


def _toml(table: Mapping[str, Any], name: str) -> Iterator[str]:
    """A table of plain values and tables. JSON's strings and lists are TOML's, too."""
    plain = {key: each for key, each in table.items() if not isinstance(each, dict)}
    if plain:
        yield f"[{name}]"
    for key, each in plain.items():
        yield f"{_key(key)} = {json.dumps(each).replace('`', chr(92) + 'u0060')}"
    for key, each in table.items():
        if isinstance(each, dict):
            yield from _toml(each, f"{name}.{_key(key)}")


def _key(name: str) -> str:
    if re.fullmatch(r"[\w-]+", name, re.ASCII):
        return name
    return json.dumps(name).replace("`", "\\u0060")


def code(text: str) -> str:
    """Text as a code span that nothing in it can end."""
    shown = " ".join(printable(text).split()).replace("|", "\u2502")
    longest = max((len(each) for each in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{shown or ' '}{space}{fence}"


def _quoted(text: str) -> str:
    """A word for a shell, in a fenced block."""
    shown = printable(text).replace("`", "\\x60")
    plain = re.fullmatch(r"[\w./@%+=:,-]+", shown)
    return shown if plain else "'" + shown.replace("'", "'\\''") + "'"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _many(number: int, one: str, more: str = "") -> str:
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def _digest(title: str, text: str) -> str:
    data = f"{_plain(title)}\0{_plain(text)}".encode("utf-8", "replace")
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _plain(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text).strip()
