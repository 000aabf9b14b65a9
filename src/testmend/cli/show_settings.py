"""``--show-settings``: what a run would go by, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from testmend.cli import exits
from testmend.cli.console import write
from testmend.hosts import catalogue

if TYPE_CHECKING:
    from testmend.cli.preparing import Work


def show(work: Work) -> int:
    """Print the settings; returns the exit code."""
    settings = work.settings
    codemods = catalogue.available(work.selection.extras)
    options = {
        name: settings.options.get(name) or codemods[name].options()
        for name in settings.codemods
    }
    rows = {
        "root": str(work.root),
        "configuration": str(settings.file) if settings.file else None,
        "codemods": settings.codemods,
        "include": settings.include,
        "exclude": settings.exclude,
        "force-exclude": settings.force_exclude,
        "per-file-ignores": dict(settings.per_file_ignores),
        "unsafe-fixes": settings.unsafe_fixes,
        "jobs": settings.jobs,
        "options": {name: msgspec.to_builtins(each) for name, each in options.items()},
        "files": len(work.paths),
    }
    write([json.dumps(rows, indent=2), "\n"])
    return exits.DONE
