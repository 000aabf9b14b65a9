"""Messages of commits: a template, and trailers that say where a change comes from."""

from __future__ import annotations

import hashlib
import re
import string
from typing import TYPE_CHECKING

from testmend.errors import UsageError
from testmend.git.names import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testmend.commits.plan import Step
    from testmend.git.runner import Git

DEFAULT = "$codemods: $summary\n\n$about"
FIELDS = ("codemods", "summary", "about", "files", "directory")
_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*: \S.*|\s+\S.*")


def render(step: Step, template: str = DEFAULT, *, base: str = "") -> str:
    """The message of a step: the template filled in, then the trailers.

    ``$codemods``, ``$summary`` (how much), ``$about`` (what a codemod is for),
    ``$files`` (their number) and ``$directory`` are known; anything else raises
    `UsageError`.
    """
    names = ", ".join(each.codemod for each in step.passes)
    summaries = [each.summary for each in step.passes if each.summary]
    count = len(step.files)
    fallback = f"{count} file" if count == 1 else f"{count} files"
    values = {
        "codemods": names,
        "summary": summaries[0] if len(summaries) == 1 else fallback,
        "about": step.passes[0].about if len(step.passes) == 1 else "",
        "files": str(count),
        "directory": shown(step.directory or b"."),
    }
    try:
        text = string.Template(template).substitute(values).strip()
    except (KeyError, ValueError) as error:
        known = ", ".join(f"${each}" for each in FIELDS)
        message = f"the message template has {error}; it may have {known}"
        raise UsageError(message) from None
    if not text:
        raise UsageError("the message template gives an empty message")
    if len(step.passes) > 1 and len(summaries) > 1:
        text += "\n\n" + "\n".join(
            f"- {each.codemod}: {each.summary}" for each in step.passes if each.summary
        )
    return with_trailers(text, _provenance(step, base))


def _provenance(step: Step, base: str) -> list[tuple[str, str]]:
    trailers = []
    for each in step.passes:
        trailers.append(("Testmend-Codemod", f"{each.codemod} {each.version}".strip()))
        if each.options:
            trailers.append(("Testmend-Options", f"{each.codemod}: {each.options}"))
    if base:
        trailers.append(("Testmend-Base", base))
    return trailers


def with_trailers(text: str, trailers: Sequence[tuple[str, str]]) -> str:
    """The message with trailers in its last paragraph; present ones stay single."""
    text = text.rstrip()
    lines = [f"{name}: {' '.join(value.split())}" for name, value in trailers]
    last = text.rpartition("\n\n")[2].split("\n") if "\n\n" in text else []
    open_block = bool(last) and all(_TRAILER.fullmatch(line) for line in last)
    new = [line for line in lines if not (open_block and line in last)]
    if not new:
        return text + "\n"
    return text + ("\n" if open_block else "\n\n") + "\n".join(new) + "\n"


def signed_off(git: Git, message: str) -> str:
    """The message with the committer's ``Signed-off-by``."""
    identity = git.line("var", "GIT_COMMITTER_IDENT").decode("utf-8", "replace")
    who = identity.rpartition(">")[0] + ">"
    return with_trailers(message, [("Signed-off-by", who)])


def with_change_id(message: str, *seed: str) -> str:
    """The message with a Gerrit ``Change-Id`` made from the seed, if it has none."""
    if re.search(r"^Change-Id: I[0-9a-f]{8,}$", message, re.MULTILINE):
        return message
    digest = hashlib.sha1("\0".join((*seed, message)).encode(), usedforsecurity=False)
    return with_trailers(message, [("Change-Id", f"I{digest.hexdigest()}")])
