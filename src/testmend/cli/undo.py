"""``testmend undo``: take the last run back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from testmend.cli import console, exits
from testmend.cli.remembering import outside_git
from testmend.commits.undo import undo as take_back
from testmend.commits.undo import undo_files
from testmend.discover import project_root, within
from testmend.git.errors import Refusal
from testmend.git.names import shown
from testmend.git.repository import open_repository

if TYPE_CHECKING:
    from testmend.commits.undo import Undone


@click.command()
@click.argument("path", default=".")
@click.option("-q", "--quiet", is_flag=True, help="Name only what was left alone.")
def undo(path: str, *, quiet: bool) -> int:
    """Take back the last apply or commit.

    PATH is a folder of the project [default: this folder]. Files that changed since are
    left alone and named; then the exit code is 2.
    """
    undone = _undone(path)
    for note in undone.notes:
        console.say(f"testmend: {shown(note)}")
    for name, reason in sorted(undone.left.items()):
        console.complain(os.fsdecode(name), "left alone", reason, "")
    if not quiet:
        count = len(undone.files)
        plural = "" if count == 1 else "s"
        console.say(f"{undone.kind} taken back: {count} file{plural}")
    return exits.FAILED if undone.left else exits.DONE


def _undone(path: str) -> Undone:
    place = within(path)
    try:
        repository = open_repository(os.fsencode(place))
    except Refusal as refusal:
        if refusal.reason != "not-a-repository":
            raise
    else:
        return take_back(repository)
    root = project_root([place])
    return undo_files(os.fsencode(root), outside_git(root))
