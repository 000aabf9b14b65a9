"""``testmend explain NAME``: a codemod's page, or what a reason code means."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from testmend.cli import exits
from testmend.cli.console import write
from testmend.config.tables import closest, describe
from testmend.errors import UsageError
from testmend.hosts import catalogue, declared
from testmend.rewriting import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from testmend.codemod import Codemod


@click.command()
@click.argument("name")
def explain(name: str) -> int:
    """Say what a codemod does, and when it does not.

    With before and after, every reason code, and its options. NAME may be a reason
    code, too.
    """
    codemods = catalogue.available(declared.extras(Path.cwd(), None, ()))
    if name in codemods:
        write(_page(codemods[name]))
        return exits.DONE
    meanings = list(_meanings(name, codemods.values()))
    if not meanings:
        raise UsageError(f"no codemod is named {name!r}{closest(name, codemods)}")
    write(meanings)
    return exits.DONE


def _meanings(code: str, codemods: Iterable[Codemod]) -> Iterator[str]:
    """What a reason code means, for each codemod that leaves findings for it."""
    if code in REASONS:
        yield f"{code}: {REASONS[code]}\n"
    for each in codemods:
        if code in each.reasons:
            yield f"{code} ({each.name}): {each.reasons[code]}\n"


def _page(codemod: Codemod) -> Iterator[str]:
    page = cleandoc(codemod.page)
    yield f"{codemod.name} (version {codemod.version})\n\n{page}\n"
    reasons = {**codemod.reasons, **REASONS}
    more = {code: said for code, said in reasons.items() if f"`{code}`" not in page}
    yield "\nReason codes of findings without a fix"
    yield ", besides those above:\n\n" if len(more) < len(reasons) else ":\n\n"
    width = max(map(len, more))
    for code, sentence in more.items():
        yield f"  {code:{width}}  {sentence}\n"
    rows = list(describe(codemod.options))
    if rows:
        yield f"\nDefaults of [tool.testmend.{codemod.name}]:\n\n"
        yield from (f"  {row}\n" for row in rows)
