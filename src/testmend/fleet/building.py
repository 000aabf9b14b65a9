"""From what the codemods made of a repository to commits in its mirror."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.commits import message
from testmend.commits.plan import Commit, steps
from testmend.fleet import objects
from testmend.fleet.objects import Stamp

if TYPE_CHECKING:
    from testmend.commits.plan import Step
    from testmend.fleet.compute import Rewritten
    from testmend.fleet.fetching import Fetched
    from testmend.fleet.manifest import Identity, Manifest


def build(
    manifest: Manifest,
    who: Identity,
    fetched: Fetched,
    rewritten: Rewritten,
    ref: str,
) -> tuple[str, ...]:
    """Make the commits and let ``ref`` of the mirror keep them; oldest first.

    Empty if there is nothing to commit. Raises `GitError`.
    """
    target = fetched.target
    made = steps(rewritten.passes, target.per)
    if not made:
        return ()
    commits = [
        Commit(_message(manifest, who, fetched, each), each.files) for each in made
    ]
    git = fetched.mirror.git
    if manifest.date is None:
        stamp = Stamp(who, fetched.date)
    else:
        offset = manifest.date.strftime("%z")[:5]
        stamp = Stamp(who, int(manifest.date.timestamp()), offset)
    return objects.write(git, fetched.base, commits, fetched.modes, stamp, ref)


def _message(manifest: Manifest, who: Identity, fetched: Fetched, step: Step) -> str:
    target = fetched.target
    text = message.render(step, target.message, base=fetched.base)
    trailers = [("Testmend-Campaign", manifest.name)]
    if manifest.signoff:
        trailers.append(("Signed-off-by", f"{who.name} <{who.mail}>"))
    if target.publish == "gerrit":
        trailers.append(("Change-Id", change_id(manifest.name, fetched, step)))
    return message.with_trailers(text, trailers)


def change_id(campaign: str, fetched: Fetched, step: Step) -> str:
    """The Change-Id of a step: the same whenever it is made anew, on any base."""
    names = ",".join(each.codemod for each in step.passes)
    place = (step.directory or b"").decode("utf-8", "backslashreplace")
    target = fetched.target
    parts = (campaign, target.url, target.name, fetched.base_ref, names, place)
    data = "\0".join(parts).encode("utf-8", "surrogateescape")
    digest = hashlib.sha1(data, usedforsecurity=False)
    return f"I{digest.hexdigest()}"


def change_digest(rewritten: Rewritten, fetched: Fetched) -> str:
    """The fingerprint of a change: what becomes of which file contents.

    On another base it is the same if the files concerned are the same there: then the
    commits that are published already need not be made anew.
    """
    digest = hashlib.blake2b(digest_size=20)
    for each in rewritten.passes:
        for path, data in sorted(each.files.items()):
            before = rewritten.originals.get(path)
            known = b"-" if before is None else hashlib.blake2b(before).digest()
            digest.update(
                b"%s\0%s\0%s\0%s\0%s\n"
                % (
                    each.codemod.encode(),
                    path,
                    fetched.modes.get(path, "").encode(),
                    known,
                    hashlib.blake2b(data).digest(),
                )
            )
    return digest.hexdigest()


class Refs(Struct, frozen=True):
    """The refs of a campaign in its mirrors."""

    campaign: str

    @property
    def folder(self) -> str:
        """What they have in common."""
        return f"refs/testmend/{self.campaign}"

    @property
    def tip(self) -> str:
        """Keeps what was made."""
        return f"{self.folder}/tip"

    @property
    def plan(self) -> str:
        """Keeps what a dry run made."""
        return f"{self.folder}/plan"
