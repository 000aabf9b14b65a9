"""``testmend clean``: forget the results of earlier runs."""

from __future__ import annotations

import click

from testmend.cache.store import Store, folder
from testmend.cli import console, exits


@click.command()
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
def clean(*, quiet: bool) -> int:
    """Remove the cache of results. Runs are slower without it, and the same."""
    place = folder()
    freed = Store(place).clean()
    if not quiet:
        console.say(f"{freed / 1000:,.0f} kB removed from {place}")
    return exits.DONE
