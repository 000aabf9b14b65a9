"""A run of commits as one transaction: all of it happens, or nothing.

1. settle what a killed run left; look whether the checkout is fit;
2. build the commits beside the user's index, asking the user's hooks (`build`);
3. put the move on disk; 4. move the branch if it is still where it was: the commit
point; 5. bring HEAD, work tree and index after it (`finish`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.commits import hooks
from testmend.commits.build import Builder, merged_files, state_folder
from testmend.commits.eligible import survey
from testmend.commits.finish import forward, recover
from testmend.commits.journal import Journal
from testmend.commits.moves import Move
from testmend.commits.plan import Committed, without
from testmend.commits.stopping import stoppable
from testmend.errors import GitError
from testmend.git.errors import GitFailed, Refusal
from testmend.git.names import branch_ref, shown
from testmend.git.process import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.commits.build import Built
    from testmend.commits.finish import Recovered
    from testmend.commits.plan import Plan, Wishes
    from testmend.git.repository import Head, Repository

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


def _unwatched(step: str) -> None:
    """Nobody wants to know how far it is."""


class Site(Struct, frozen=True):
    """A checkout whose lock is held and in which nothing is unfinished."""

    repository: Repository
    journal: Journal
    settled: Recovered | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell about a run that was settled first."""
        return () if self.settled is None else self.settled.notes


@contextlib.contextmanager
def opened(repository: Repository, seconds: float = 600.0) -> Iterator[Site]:
    """Lock a checkout and settle what a killed run left. Raises `Refusal`.

    When the body raises, what it began is taken back, or ended if the branch has moved.
    Where a full or broken disk does not let it, the next run does.
    """
    journal = Journal(state_folder(repository), repository)
    with stoppable(), journal.locked() as lock:
        limits = Limits(seconds=seconds)
        git = replace(repository.git, keep=(lock,), limits=limits)
        repository = replace(repository, git=git)
        site = Site(repository, journal, recover(repository, journal))
        try:
            yield site
        except BaseException as error:
            for note in _settled_after(error, repository, journal):
                error.add_note(note)
            if isinstance(error, OSError) and error.errno in _DISK:
                refusal = Refusal("disk", f"{error.strerror}: nothing was lost")
                for note in getattr(error, "__notes__", ()):
                    refusal.add_note(note)
                raise refusal from error
            raise


def _settled_after(
    error: BaseException, repository: Repository, journal: Journal
) -> tuple[str, ...]:
    """Settle what a run began that ended in an error; what to tell."""
    try:
        settled = recover(repository, journal)
    except (OSError, GitError) as again:
        if again is error:
            return ()
        return (f"not settled yet ({again}): run testmend undo when that is mended",)
    return settled.kept if settled else ()


def settle(repository: Repository) -> tuple[str, ...]:
    """Settle what a killed run left, if anything; what to tell about it."""
    with opened(repository) as site:
        return site.notes


def commit(
    repository: Repository,
    plan: Plan,
    wishes: Wishes,
    watch: Callable[[str], None] = _unwatched,
) -> Committed:
    """Make the commits of a plan; files that can't take part are left and named.

    ``watch`` is called with the name of each step before it is taken. Raises `Refusal`
    and `GitFailed` (a hook or the signer refused), with everything as it was.
    """
    with opened(repository, wishes.seconds) as site:
        watch("look")
        ref, head = fit(site.repository, wishes)
        site.journal.begin()
        built, left = _built(site, plan, wishes, head, watch)
        if not built.commits:
            site.journal.discard()
            return Committed(left=left, notes=site.notes)
        move = _move(built, wishes, ref, head)
        watch("record")
        site.journal.write(move)
        watch("move")
        move_ref(site.repository, move)
        watch("finish")
        late = forward(site.repository, site.journal, move)
        watch("done")
        notes = site.notes
        try:
            hooks.post_commit(site.repository)
        except GitFailed as error:  # as git has it: too late to refuse
            notes = (*notes, str(error))
    files = tuple(each.path for each in built.files) or tuple(plan.originals)
    return Committed(built.commits, ref, files, left | late, notes)


def draft(
    repository: Repository,
    plan: Plan,
    wishes: Wishes,
    use: Callable[[Repository, str, tuple[str, ...]], None],
) -> Committed:
    """Build the commits, hand repository, base and commits to ``use``, keep no trace.

    No branch, index or work tree changes, and the objects go to a folder of their own.
    Raises as `commit`.
    """
    wishes = replace(wishes, switch=False)
    with opened(repository, wishes.seconds) as site:
        head = fit_for_draft(site.repository)
        site.journal.begin()
        objects = os.path.join(site.journal.run, b"objects")
        os.mkdir(objects)
        apart = replace(site, repository=site.repository.with_objects(objects))
        built, left = _built(apart, plan, wishes, head, _unwatched)
        use(apart.repository, head.commit, built.commits)
        site.journal.discard()
    return Committed(built.commits, None, tuple(plan.originals), left, site.notes)


def fit(repository: Repository, wishes: Wishes) -> tuple[str, Head]:
    """The ref that `commit` moves, and where HEAD is. Raises `Refusal`."""
    head = repository.head()
    repository.check_state()
    repository.check_identity()
    if wishes.branch is None:
        if head.ref is None:
            raise Refusal("detached", "HEAD is detached; name a branch with --branch")
        return head.ref, head
    ref = branch_ref(wishes.branch)
    if repository.resolve(ref) is not None:
        raise Refusal("branch-exists", f"the branch {shown(wishes.branch)} exists")
    return ref, head


def fit_for_draft(repository: Repository) -> Head:
    """Where HEAD is. Raises `Refusal` where not even a `draft` can be made."""
    head = repository.head()
    repository.check_identity()
    return head


def _built(
    site: Site,
    plan: Plan,
    wishes: Wishes,
    head: Head,
    watch: Callable[[str], None],
) -> tuple[Built, dict[bytes, str]]:
    seen = survey(site.repository, dirty=wishes.allow_dirty)
    left = seen.left(plan.originals)
    fit = without(plan, left)
    merged = merged_files(site.repository, fit, seen, head.commit)
    left |= {path: "edits-meet" for path, each in merged.items() if each is None}
    clean = {path: each for path, each in merged.items() if each is not None}
    rest = without(plan, left)
    for path in plan.originals.keys() - rest.originals.keys() - left.keys():
        if plan.originals[path] is not None:
            left[path] = "helper"
    watch("build")
    token = secrets.token_hex(8)
    builder = Builder(site.repository, site.journal, wishes, seen, token)
    return builder.build(rest, clean, head), left


def _move(built: Built, wishes: Wishes, ref: str, head: Head) -> Move:
    before = f"commit:{head.commit}" if head.ref is None else f"ref:{head.ref}"
    return Move(
        kind="commit",
        phase="moving",
        files=built.files,
        token=secrets.token_hex(8),
        ref=ref,
        old=head.commit if wishes.branch is None else None,
        new=built.commits[-1],
        head_before=before,
        head_after=f"ref:{ref}" if wishes.switch else before,
    )


def move_ref(repository: Repository, move: Move) -> None:
    """The commit point: the branch goes from ``old`` to ``new``, or nothing happens.

    Raises `GitFailed` when it is elsewhere by now, locked, or a hook refuses.
    """
    if move.ref is None:
        return
    message = f"testmend: {move.kind}"
    none = "0" * len(move.new or move.old or "")
    options: tuple[str, ...] = ("-m", message, "--no-deref", move.ref)
    if move.new is None:
        options = ("-d", *options, move.old or none)
    else:
        options = (*options, move.new, move.old or none)
    repository.git.run("update-ref", *options, hooks=True)
