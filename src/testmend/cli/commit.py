"""``testmend commit``: rewrite and commit."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, get_args

import click
from msgspec.structs import replace

from testmend.cli import console, exits, running
from testmend.cli.flags import Flags, common
from testmend.cli.preparing import Work, prepare
from testmend.cli.show_settings import show
from testmend.commits import message, patches
from testmend.commits.eligible import survey
from testmend.commits.passes import FAILURES, Passes
from testmend.commits.plan import (
    Commit,
    Committed,
    Per,
    Plan,
    Wishes,
    needs_of,
    steps,
)
from testmend.commits.shown import describe
from testmend.commits.transaction import commit as make
from testmend.commits.transaction import draft, fit, fit_for_draft, settle
from testmend.errors import SourceError, UsageError
from testmend.git.names import shown
from testmend.git.repository import Repository, open_repository, relative
from testmend.questions import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from testmend.commits.plan import Step
    from testmend.model import FileResult
    from testmend.reports.tally import Tally
    from testmend.selection import Selection


@click.command()
@common
@click.option(
    "--per",
    type=click.Choice(get_args(Per)),
    default="codemod",
    show_default=True,
    help="One commit for each codemod, for each directory, or one for all.",
)
@click.option(
    "--message",
    "template",
    default=message.DEFAULT,
    metavar="TEMPLATE",
    help="With $codemods, $summary, $about, $files, $directory"
    f" [default: {message.DEFAULT!r}].",
)
@click.option("--branch", metavar="NAME", help="Commit on this new branch.")
@click.option(
    "--no-switch",
    is_flag=True,
    help="With --branch: stay here; no file and no index entry changes.",
)
@click.option(
    "--allow-dirty",
    is_flag=True,
    help="Also files with uncommitted changes, where fixes don't touch these.",
)
@click.option("-s", "--signoff", is_flag=True, help="Add Signed-off-by.")
@click.option("--change-id", is_flag=True, help="Add a Change-Id, as Gerrit wants it.")
@click.option(
    "-S",
    "--gpg-sign",
    "sign",
    is_flag=False,
    flag_value="",
    metavar="[KEY]",
    help="Sign the commits [default: as commit.gpgSign says].",
)
@click.option("--no-gpg-sign", is_flag=True, help="Don't sign.")
@click.option("--no-verify", is_flag=True, help="Skip pre-commit and commit-msg hooks.")
@click.option(
    "--patch-dir",
    metavar="FOLDER",
    help="Write mails for git am there, and commit nothing.",
)
@click.option(
    "-n",
    "--dry-run",
    is_flag=True,
    help="Show the commits that would be made and their diffs; exit 1 if any.",
)
@click.option(
    "--check", "only_check", is_flag=True,
    help="Commit nothing; exit 1 if something would be committed.",
)  # fmt: skip
def commit(  # noqa: PLR0913  one for each flag
    flags: Flags,
    *,
    per: Per,
    template: str,
    branch: str | None,
    no_switch: bool,
    allow_dirty: bool,
    signoff: bool,
    change_id: bool,
    sign: str | None,
    no_gpg_sign: bool,
    no_verify: bool,
    patch_dir: str | None,
    dry_run: bool,
    only_check: bool,
) -> int:
    """Rewrite files and commit them, all or nothing.

    What is staged, changed or untracked stays as it is: files with uncommitted changes
    are left alone and named. Hooks and signing work as with git commit. "testmend undo"
    takes the commits back.
    """
    if no_switch and not branch:
        raise UsageError("--no-switch is for --branch")
    if patch_dir and branch:
        raise UsageError("--patch-dir makes no branch")
    wishes = Wishes(
        branch=branch,
        switch=not no_switch,
        allow_dirty=allow_dirty,
        verify=not (no_verify or dry_run or only_check),
        sign=False if no_gpg_sign or dry_run or only_check else _key(sign),
        signoff=signoff,
        change_id=change_id,
    )
    work = prepare(flags)
    if flags.show_settings:
        return show(work)
    if work.given:
        raise UsageError("commit works on files, not on stdin")
    repository = open_repository(os.fsencode(work.root))
    done = not (dry_run or only_check)
    _say(settle(repository))
    if done and not patch_dir:
        fit(repository, wishes)  # rather now than after the work
    else:
        fit_for_draft(repository)
    passes = _passes(work, flags, repository, dirty=allow_dirty)
    with running.counted(flags, done=done) as tally, _notes_told():
        plan = _plan(steps(passes.make(tally), per), passes, repository, template)
        if not plan.commits:
            made = Committed()
        elif not done:
            made = draft(repository, plan, wishes, _show if dry_run else _quietly)
        elif patch_dir:
            made = _mail(repository, plan, wishes, patch_dir)
        else:
            made = make(repository, plan, wishes)
            _tell_commits(made, flags)
        _say(made.notes)
        _tell_left({**passes.left, **made.left}, tally)
    status = exits.of_work(tally, strict=flags.strict)
    return exits.FOUND if status == exits.DONE and made.commits and not done else status


def _key(sign: str | None) -> bool | str | None:
    return True if sign == "" else sign


def _passes(work: Work, flags: Flags, repository: Repository, *, dirty: bool) -> Passes:
    here = relative(repository, os.path.join(os.fsencode(work.root), b"x"))  # noqa: PTH118  bytes
    prefix = here.removesuffix(b"x")
    seen = survey(repository, dirty=dirty)

    def may_import(path: str) -> bool:
        """Not a helper that stands there, of an apply say, and is in no commit yet.

        Other files that git does not know are context like any: they may import names.
        """
        with contextlib.suppress(SourceError):
            committed = seen.committed(prefix + os.fsencode(path))
            return committed or MARKER not in work.workspace.read(path)
        return True

    paths = tuple(filter(may_import, work.paths))
    known = frozenset(filter(may_import, work.context))

    def results(
        selection: Selection, laid: Mapping[str, bytes]
    ) -> Iterator[FileResult]:
        over = replace(
            work,
            selection=selection,
            paths=paths,
            context=tuple(known | laid.keys()),
            given=dict(laid),
        )
        return running.results(over, flags)

    def tell(result: FileResult) -> None:
        running.tell(result, work, flags)
        running.tell_refused(result, work, flags)

    return Passes(work.workspace, work.selection, results, tell, seen.reason, prefix)


def _plan(
    made: Sequence[Step], passes: Passes, repository: Repository, template: str
) -> Plan:
    base = repository.head().commit
    commits = (
        Commit(message.render(each, template, base=base), each.files) for each in made
    )
    needs = needs_of(done for each in made for done in each.passes)
    return Plan(tuple(commits), passes.originals, needs)


def _show(repository: Repository, _base: str, commits: tuple[str, ...]) -> None:
    for each in commits:
        console.write_bytes(describe(repository, each))


def _quietly(_repository: Repository, _base: str, _commits: tuple[str, ...]) -> None:
    """Only whether there would be a commit is asked."""


def _mail(repository: Repository, plan: Plan, wishes: Wishes, folder: str) -> Committed:
    def write(repository: Repository, base: str, commits: tuple[str, ...]) -> None:
        if commits:
            place = os.path.abspath(os.fsencode(folder))  # noqa: PTH100  bytes
            for path in patches.write_mails(repository, base, commits[-1], place):
                console.write([shown(path) + "\n"])

    return draft(repository, plan, wishes, write)


def _tell_commits(made: Committed, flags: Flags) -> None:
    if not flags.quiet:
        branch = shown((made.ref or "").removeprefix("refs/heads/"))
        for each in made.commits:
            console.say(f"[{branch} {each[:12]}]")


def _say(notes: Iterable[str]) -> None:
    for each in notes:
        console.say(f"testmend: {shown(each)}")


@contextlib.contextmanager
def _notes_told() -> Iterator[None]:
    """Say also what an error that ended the run has to say beyond its message."""
    try:
        yield
    except BaseException as error:
        _say(getattr(error, "__notes__", ()))
        raise


def _tell_left(left: Mapping[bytes, str], tally: Tally) -> None:
    for path, reason in sorted(left.items()):
        console.complain(os.fsdecode(path), "left alone", reason, "")
        if reason in FAILURES and not tally.failed[reason]:
            tally.failed[reason] += 1
