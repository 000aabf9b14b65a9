"""From results to the journal: which repositories are to be done, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.fleet import addresses, mirrors, room
from testmend.fleet.access import hidden
from testmend.fleet.campaign import Known
from testmend.fleet.faults import IDLE
from testmend.fleet.journal import DONE, Row
from testmend.fleet.proposing import INCOMPLETE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from testmend.fleet.campaign import Campaign, Settled
    from testmend.fleet.journal import Journal
    from testmend.fleet.publish import Published
    from testmend.fleet.targets import Target


class Progress(Struct, frozen=True):
    """A campaign and its journal."""

    campaign: Campaign
    journal: Journal

    def enrol(self, targets: Iterable[Target]) -> tuple[Target, ...]:
        """Give every target its row; returns those that the manifest does not skip."""
        kept = []
        rows = self.journal.rows()
        for each in targets:
            row = rows.get(each.name, Row(each.name))
            url = addresses.recorded(each.url, self.campaign.manifest.hosts)
            fresh = replace(row, url=url, branch=each.head, step="")
            if row.branch not in ("", each.head):  # elsewhere nothing is published
                fresh = replace(fresh, published="")
            if each.skip:
                reason = "skipped-by-manifest"
                fresh = replace(
                    fresh, state="skipped", reason=reason, message=each.skip
                )
            elif row.reason == "skipped-by-manifest":
                fresh = replace(fresh, state="queued", reason="", message="")
            if fresh != row:
                self.journal.put(fresh)
            if not each.skip:
                kept.append(each)
        return tuple(kept)

    def evict(self) -> None:
        """Keep the mirrors within their budget; those with unpublished commits stay."""
        rows = self.journal.rows().values()
        kept = {
            mirrors.place(self.campaign.mirrors, row.url, row.name)
            for row in rows
            if row.tip and row.tip != row.published
        }
        budget = self.campaign.manifest.limits.mirrors
        room.evict(self.campaign.mirrors, budget, kept)

    def known(self, targets: Iterable[Target]) -> Mapping[str, Known]:
        """What need not be done again, by target."""
        rows = self.journal.rows()
        return {each.name: self._known(each, rows[each.name]) for each in targets}

    def _known(self, target: Target, row: Row) -> Known:
        place = mirrors.place(self.campaign.mirrors, target.url, target.name)
        published = row.tip == row.published
        there = published or place.is_dir()
        if row.work != self.campaign.fingerprint(target) or not there:
            return Known()
        whole = row.reason in ("", INCOMPLETE) or row.reason in IDLE
        settled = whole and (row.state in DONE or row.state == "skipped")
        looked = row.looked if settled else ""
        return Known(looked, row.tip, row.change, published=published)

    def unfinished(self, targets: Iterable[Target]) -> tuple[Target, ...]:
        """Those that were not done yet, or asked for otherwise."""
        known = self.known(targets)
        return tuple(each for each in targets if not known[each.name].base)

    def failed(self, targets: Iterable[Target]) -> tuple[Target, ...]:
        """Those that failed."""
        rows = self.journal.rows()
        return tuple(each for each in targets if rows[each.name].state == "failed")

    def publishable(self, targets: Iterable[Target]) -> tuple[tuple[Target, Row], ...]:
        """Those with commits that the server does not have yet, or no request for."""
        rows = self.journal.rows()
        pairs = ((each, rows.get(each.name, Row(each.name))) for each in targets)
        return tuple(
            (target, row)
            for target, row in pairs
            if row.tip
            and (row.tip != row.published or _lacks(target, row))
            and row.state != "closed"
            and not target.skip
        )

    def published(self, done: Published) -> Row:
        """Put into the journal what came of a repository that was handed in."""
        hosts = self.campaign.manifest.hosts
        row = replace(done.row, place=hidden(done.row.place, hosts))
        row = replace(row, message=hidden(row.message, hosts))
        if done.fault is not None:
            fault = done.fault
            row = replace(
                row, state="failed", reason=fault.reason, message=fault.message
            )
        self.journal.put(replace(row, step=""))
        return row

    def record(self, settled: Settled) -> Row:
        """Put what came of a repository into the journal; the row that is there now."""
        row = self.journal.row(settled.target.name)
        if not settled.unmoved and not (settled.same and row.state == "closed"):
            row = self._after(row, settled)
        row = replace(row, step="")
        self.journal.put(row)
        return row

    def _after(self, row: Row, settled: Settled) -> Row:
        if not (settled.same and row.reason == INCOMPLETE):  # push tries that again
            row = replace(row, reason="", message="")
        row = replace(row, seconds=round(settled.seconds, 3))
        if settled.counts is not None:
            row = replace(row, counts=settled.counts.encoded())
        fetched, fault = settled.fetched, settled.fault
        if fetched is not None:
            work = self.campaign.fingerprint(settled.target)
            row = replace(row, looked=fetched.base, work=work)
            row = replace(row, base_ref=fetched.base_ref)
        if fault is not None:
            if fault.reason == "nothing-to-do" and row.published:
                return replace(row, state="merged", tip="", change="", published="")
            row = replace(row, reason=fault.reason, message=fault.message)
            if fault.reason in IDLE:
                return replace(row, state="skipped", tip="", change="")
            return replace(row, state="failed")
        row = replace(row, tip=settled.commits[-1], change=settled.change)
        if fetched is not None and not settled.same:
            row = replace(row, base=fetched.base)
        if settled.counts is not None and settled.counts.troubles:
            many = len(settled.counts.troubles)
            word = "file" if many == 1 else "files"
            message = f"{many} {word} could not be worked on"
            row = replace(row, reason="files-failed", message=message)
        if row.published != row.tip:
            return replace(row, state="committed")
        return replace(row, state="proposed" if row.place else "pushed")


def _lacks(target: Target, row: Row) -> bool:
    """Whether the branch is on the server and its change request is not, or not whole.

    A manifest that asked for branches may ask for requests later.
    """
    asked = target.publish == "request" and row.state == "pushed"
    return asked or row.reason == INCOMPLETE
