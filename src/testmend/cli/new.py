"""``testmend new NAME``: a codemod to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click

from testmend import scaffold
from testmend.cli import exits
from testmend.cli.console import say, write


@click.command()
@click.argument("name")
@click.option(
    "--into", default="tools/codemods", show_default=True, metavar="FOLDER",
    help="The plugin folder in which it is written.",
)  # fmt: skip
def new(name: str, into: str) -> int:
    """Write a codemod to start from.

    Its module and page, its fixtures and its tests.
    """
    folder = Path(into)
    write(f"{path}\n" for path in scaffold.write(name, folder))
    shown = os.path.relpath(folder)
    say("Run its tests:")
    say(f"    python -m pytest {shown}/tests")
    say("Let testmend find it, in pyproject.toml:")
    say("    [tool.testmend]")
    say(f'    plugins = ["{folder.as_posix()}"]')
    return exits.DONE
