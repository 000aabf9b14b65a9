"""``testmend list``: the codemods."""

from __future__ import annotations

import json
from pathlib import Path

import click

from testmend.cli import exits
from testmend.cli.console import write
from testmend.hosts import catalogue, declared


@click.command("list")
@click.option(
    "--format", "style", type=click.Choice(("text", "json")), default="text",
    show_default=True,
)  # fmt: skip
def list_codemods(style: str) -> int:
    """List the codemods.

    Installed ones, and those of this project's configuration.
    """
    codemods = catalogue.available(declared.extras(Path.cwd(), None, ()))
    if style == "json":
        rows = [
            {"name": name, "version": each.version, "summary": each.summary}
            for name, each in codemods.items()
        ]
        write([json.dumps(rows, indent=1), "\n"])
        return exits.DONE
    width = max(map(len, codemods), default=0)
    write(f"{name:{width}}  {each.summary}\n" for name, each in codemods.items())
    return exits.DONE
