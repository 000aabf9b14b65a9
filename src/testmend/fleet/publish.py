"""Handing in what a campaign made: branches, Gerrit changes, mails.

A branch is only ever moved from a commit that this campaign has put there: the push
names the commit that it expects (a lease), and what is about to be pushed is on record
before it is.
"""

from __future__ import annotations

import fnmatch
import os
import re
import secrets
import shutil
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.errors import TestmendError
from testmend.fleet import faults, hosting, mirrors, objects, proposing
from testmend.fleet.faults import Fault
from testmend.fleet.refreshing import CLOSED
from testmend.git.errors import Refusal
from testmend.git.names import branch_ref, shown

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from testmend.fleet.campaign import Campaign
    from testmend.fleet.journal import Journal, Row
    from testmend.fleet.mirrors import Mirror, Seen
    from testmend.fleet.targets import Target
    from testmend.git.process import Limits

_PLACE = re.compile(r"^remote:\s+(https?://\S+)", re.MULTILINE)
_LACKING = re.compile(
    r"shallow|missing|necessary objects|unpacker|bad object|promisor", re.IGNORECASE
)
_SAME = re.compile(r"no new changes|no changes made", re.IGNORECASE)


class Published(Struct, frozen=True):
    """A row after its repository was handed in; ``fault`` if it could not be."""

    target: Target
    row: Row
    fault: Fault | None = None
    already: bool = False


class Publisher(Struct, frozen=True):
    """Hands in one repository after the other. Safe to use from several threads."""

    campaign: Campaign
    journal: Journal
    stop: threading.Event

    def hand_in(  # noqa: PLR0911  one for each way
        self, target: Target, row: Row, pace: Callable[[], None]
    ) -> Published:
        """Hand in a row's commits. What fails is in the result, not raised.

        ``pace`` is called before each change that is sent to the host.
        """
        manifest = self.campaign.manifest
        limits = manifest.limits.of_transfer(self.stop)
        try:
            with mirrors.opened(
                self.campaign.mirrors, target.url, target.name, manifest.hosts, limits
            ) as mirror:
                self._check_there(mirror, row)
                match target.publish:
                    case "mail":
                        return self._mail(target, row, mirror)
                    case "gerrit":
                        return self._gerrit(target, row, mirror, pace)
                    case "agit":
                        return self._agit(target, row, mirror, pace)
                    case "request":
                        return self._request(target, row, mirror, pace)
                    case _:
                        return self._branch(target, row, mirror, pace)
        except TestmendError as error:
            return Published(target, row, faults.at(target.url, manifest.hosts, error))
        except OSError as error:
            fault = Fault("git", f"{error.filename}: {error.strerror}")
            return Published(target, row, fault)
        except Exception as error:  # noqa: BLE001  its own outcome
            return Published(target, row, faults.unexpected(error))

    def withdraw(self, target: Target, row: Row) -> Published:
        """Delete the branch on the server, if all on it is of this campaign."""
        manifest = self.campaign.manifest
        limits = manifest.limits.of_transfer(self.stop)
        ref = branch_ref(target.branch)
        try:
            with mirrors.opened(
                self.campaign.mirrors, target.url, target.name, manifest.hosts, limits
            ) as mirror:
                theirs = self._to(target, mirror, limits)
                seen = theirs.look(ref)
                self._check_branch(target, row, seen)
                there = seen.refs.get(ref, "")
                if there and there not in self.journal.ours(row.name):
                    message = f"{target.branch} has commits that are not of this "
                    raise Refusal("branch-taken", f"{message}campaign; it stays")
                if there:
                    lease = f"--force-with-lease={ref}:{there}"
                    options = ("--no-verify", lease, theirs.name)
                    theirs.remote.run("push", *options, f":{ref}")
        except TestmendError as error:
            return Published(target, row, faults.at(target.url, manifest.hosts, error))
        state = row.state if row.state == "merged" else "closed"
        gone = replace(row, state=state, published="", reason="", message="")
        return Published(target, gone, already=not there)

    def _to(self, target: Target, mirror: Mirror, limits: Limits) -> Mirror:
        """The mirror, turned to where the branch goes: the fork if there is one."""
        if not target.fork:
            return mirror
        hosts = self.campaign.manifest.hosts
        _, url = hosting.around(target.url, hosts).fork(target.url, target.fork)
        return mirror.towards(url, hosts, limits)

    def _check_there(self, mirror: Mirror, row: Row) -> None:
        if mirror.at(self.campaign.refs.tip) != row.tip:
            message = "its mirror was cleared meanwhile; run makes the commits again"
            raise Refusal("mirror-gone", message)

    def _request(
        self, target: Target, row: Row, mirror: Mirror, pace: Callable[[], None]
    ) -> Published:
        """A branch, and a change request for it."""
        desk = proposing.desk(self.campaign.manifest, target, pace)
        known = desk.latest()
        if known is not None and known.state == "closed":
            message = f"{known.url} was closed, and stays so"
            gone = replace(row, state="closed", reason=CLOSED, place=known.url)
            return Published(target, replace(gone, message=message))
        if known is not None and known.state == "merged":
            row = replace(row, published="")  # its branch may well have been deleted
        done = self._branch(target, row, mirror, pace)
        if done.row.state == "closed":
            return done
        return replace(done, row=desk.hand_in(done.row, known))

    def _branch(
        self, target: Target, row: Row, mirror: Mirror, pace: Callable[[], None]
    ) -> Published:
        ref = branch_ref(target.branch)
        theirs = self._to(target, mirror, mirror.remote.limits)
        seen = theirs.look(ref, row.base_ref)
        self._check_branch(target, row, seen)
        there = seen.refs.get(ref, "")
        pushed = replace(row, state="pushed", published=row.tip, reason="", message="")
        if there == row.tip:
            self.journal.intend(row.name, row.tip)
            return Published(target, pushed, already=True)
        if there and there not in self.journal.ours(row.name):
            message = f"{target.branch} is at {there[:12]}, which is not of this "
            raise Refusal("branch-taken", f"{message}campaign; it was left as it is")
        if not there and row.published:
            message = f"{target.branch} was deleted on the server, and stays so"
            gone = replace(row, state="closed", reason="branch-deleted")
            return Published(target, replace(gone, message=message))
        self.journal.intend(row.name, row.tip)
        lease = f"--force-with-lease={ref}:{there}"
        pace()
        try:
            self._push(theirs, row, lease, ref, seen)
        except TestmendError as error:
            if not target.fork or not _LACKING.search(str(error)):
                raise
            with mirror.complete(row.base_ref) as whole:  # the fork lags behind
                theirs = self._to(target, whole, mirror.remote.limits)
                self._push(theirs, row, lease, ref, seen)
        return Published(target, pushed)

    def _check_branch(self, target: Target, row: Row, seen: Seen) -> None:
        ref = branch_ref(target.branch)
        patterns = self.campaign.manifest.protected
        if ref in (seen.head, row.base_ref) or any(
            fnmatch.fnmatchcase(target.branch, each) for each in patterns
        ):
            message = f"{target.branch} is a protected branch, or the base"
            raise Refusal("branch-protected", message)

    def _push(
        self,
        mirror: Mirror,
        row: Row,
        lease: str,
        ref: str,
        seen: Seen,
        more: tuple[str, ...] = (),
    ) -> str:
        """Push the tip; what the server says. Raises `Refusal`, `GitError`."""
        remote = mirror.remote
        if row.base not in seen.refs.values():  # it moved: ask what the server has
            remote = remote.with_settings("push.negotiate=true")
        options = ("--porcelain", "--no-verify", "--no-follow-tags", "--no-signed")
        where = f"{row.tip}:{ref}"
        ended = remote.run(
            "push", *options, *more, lease, mirror.name, where, ok=(0, 1)
        )
        said = os.fsdecode(ended.err)
        line = next(
            (each for each in os.fsdecode(ended.out).split("\n") if each[:1] == "!"), ""
        )
        if ended.code == 0 or _SAME.search(line):
            return said
        if "stale info" in line:
            raise Refusal("branch-taken", "somebody pushed to the branch meanwhile")
        words = [line.replace("\t", " "), *said.strip().split("\n")]
        text = "; ".join(shown(each) for each in words if each.strip())
        raise Refusal("rejected", text[:1000])

    def _gerrit(
        self, target: Target, row: Row, mirror: Mirror, pace: Callable[[], None]
    ) -> Published:
        manifest = self.campaign.manifest
        seen = mirror.look(row.base_ref)
        options = [f"topic={manifest.topic or manifest.name}"]
        options += [f"r={each}" for each in target.reviewers]
        options += [f"hashtag={each}" for each in target.labels]
        branch = row.base_ref.removeprefix("refs/heads/")
        ref = f"refs/for/{branch}%{','.join(options)}"
        self.journal.intend(row.name, row.tip)
        pace()
        said = self._push(mirror, row, "--no-force-with-lease", ref, seen)
        place = _PLACE.search(said)
        where = place[1] if place else row.place or f"refs/for/{branch}"
        done = replace(row, state="proposed", published=row.tip, place=where)
        return Published(target, replace(done, reason="", message=""))

    def _agit(
        self, target: Target, row: Row, mirror: Mirror, pace: Callable[[], None]
    ) -> Published:
        """A change request by push alone (Gitea, Forgejo), without right to push.

        The topic makes it the same request the next time; the server keys it by the
        user, too. https://docs.gitea.com/usage/pull-requests/agit
        """
        seen = mirror.look(row.base_ref)
        base = row.base_ref.removeprefix("refs/heads/")
        said = {
            "topic": target.branch,
            "title": proposing.title(self.campaign.manifest, target, row),
            "force-push": "true",
        }
        options = tuple(f"--push-option={key}={said[key]}" for key in said)
        self.journal.intend(row.name, row.tip)
        pace()
        ref, lease = f"refs/for/{base}", "--no-force-with-lease"
        place = _PLACE.search(self._push(mirror, row, lease, ref, seen, options))
        where = place[1] if place else row.place or ref
        done = replace(row, state="proposed", published=row.tip, place=where)
        return Published(target, replace(done, reason="", message=""))

    def _mail(self, target: Target, row: Row, mirror: Mirror) -> Published:
        manifest, file = self.campaign.manifest, self.campaign.file
        above = file.parent.resolve() / (manifest.mails or f"{manifest.name}.mails")
        folder = above / target.name
        _replace_folder(folder, dict(objects.mails(mirror.git, row.base, row.tip)))
        done = replace(row, state="proposed", published=row.tip, place=str(folder))
        return Published(target, replace(done, reason="", message=""))


def _replace_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Put a folder with these files in place of an older one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}.tmp")
    fresh.mkdir()
    for name, data in files.items():
        (fresh / name).write_bytes(data)
    if folder.exists():
        shutil.rmtree(folder)
    fresh.rename(folder)
