"""``testmend explain NAME``: a codemod's page."""

from __future__ import annotations

from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from testmend.cli import exits
from testmend.cli.console import write
from testmend.config.tables import closest, describe
from testmend.engine import REASONS
from testmend.errors import UsageError
from testmend.hosts import catalogue, declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.codemod import Codemod


@click.command()
@click.argument("name")
def explain(name: str) -> int:
    """Say what a codemod does, with before and after and every reason code."""
    codemods = catalogue.available(declared.extras(Path.cwd(), None, ()))
    if name not in codemods:
        raise UsageError(f"no codemod is named {name!r}{closest(name, codemods)}")
    write(_page(codemods[name]))
    return exits.DONE


def _page(codemod: Codemod) -> Iterator[str]:
    yield f"{codemod.name} (version {codemod.version})\n\n"
    yield f"{cleandoc(codemod.page)}\n"
    yield "\nReason codes, for findings without a fix:\n\n"
    reasons = {**codemod.reasons, **REASONS}
    width = max(map(len, reasons))
    for code, sentence in reasons.items():
        yield f"  {code:{width}}  {sentence}\n"
    rows = list(describe(codemod.options))
    if rows:
        yield f"\nKeys of [tool.testmend.{codemod.name}]:\n\n"
        yield from (f"  {row}\n" for row in rows)
