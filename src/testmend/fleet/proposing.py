"""Change requests on forges: one for each branch, looked up before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.errors import ForgeError
from testmend.fleet import counts, hosting, proposal
from testmend.forges.model import Proposal

if TYPE_CHECKING:
    from collections.abc import Callable

    from testmend.fleet.journal import Row
    from testmend.fleet.manifest import Manifest
    from testmend.fleet.proposal import Words
    from testmend.fleet.targets import Target
    from testmend.forges.model import Change, Forge

INCOMPLETE = "request-incomplete"


class Desk(Struct, frozen=True):
    """Where one repository's change request is handed in."""

    manifest: Manifest
    target: Target
    forge: Forge
    repository: str
    fork: str = ""

    def latest(self) -> Change | None:
        """The change request from the branch that counts; None if there is none.

        An open one, whoever made it: a branch has one. Else the last that this campaign
        has made.
        """
        found = self.forge.find(self.repository, self.target.branch, self.fork)
        started = next((each for each in found if each.state == "open"), None)
        name = self.manifest.name
        ours = (each for each in found if proposal.campaign_of(each.body) == name)
        return started or next(ours, None)

    def hand_in(self, row: Row, known: Change | None) -> Row:
        """Make the change request of a branch that is on the server, or renew it.

        Raises `ForgeError`. What is missing at one that is made (labels, reviewers) is
        told in the row.
        """
        wanted = self._proposal(row)
        if known is None or known.state != "open":
            known = self._created(wanted)
        elif proposal.untouched(known.title, known.body) and not (
            known.title.endswith(wanted.title)
            and proposal.same(known.body, wanted.body)
        ):
            self.forge.edit(self.repository, known, wanted)
        done = replace(row, state="proposed", place=known.url, reason="", message="")
        try:
            self.forge.mark(self.repository, known, wanted)
        except ForgeError as error:
            if error.reason == "unreachable":
                raise
            message = f"labels or reviewers: {error}"
            return replace(done, reason=INCOMPLETE, message=message)
        return done

    def _created(self, wanted: Proposal) -> Change:
        """A new one. A lost answer may hide that it is there: then it is that one."""
        try:
            return self.forge.create(self.repository, wanted)
        except ForgeError as error:
            if error.reason != "rejected":
                raise
            there = self.latest()
            if there is None or there.state != "open":
                raise
            return there

    def _proposal(self, row: Row) -> Proposal:
        request = self.manifest.request
        words = _words(self.manifest, self.target, row)
        return Proposal(
            head=self.target.branch,
            base=row.base_ref.removeprefix("refs/heads/"),
            title=words.title,
            body=words.body,
            draft=request.draft,
            labels=self.target.labels,
            reviewers=self.target.reviewers,
            fork=self.fork,
        )


def title(manifest: Manifest, target: Target, row: Row) -> str:
    """The title of a repository's change request. Raises `ConfigError`."""
    return _words(manifest, target, row).title


def _words(manifest: Manifest, target: Target, row: Row) -> Words:
    request, numbers = manifest.request, counts.decoded(row.counts)
    return proposal.words(
        manifest.name, target, row, numbers, request.title, request.body
    )


def desk(manifest: Manifest, target: Target, pace: Callable[[], None]) -> Desk:
    """Where a repository's request is handed in. Raises `ConfigError`, `Refusal`."""
    place = hosting.around(target.url, manifest.hosts)
    forge = place.opened(pace, min(manifest.limits.seconds, 60.0))
    repository = place.path(target.url)
    fork = place.fork(target.url, target.fork)[0] if target.fork else ""
    return Desk(manifest, target, forge, repository, fork)
