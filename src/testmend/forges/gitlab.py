"""GitLab: merge requests, through python-gitlab."""

from __future__ import annotations

import contextlib
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import gitlab
from gitlab.exceptions import GitlabError

from testmend.errors import ForgeError
from testmend.forges import answers
from testmend.forges.model import Change, Hosted, marked
from testmend.forges.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitlab.v4.objects import Project

    from testmend.forges.model import Access, Proposal

DRAFT = "Draft:"
_MOST = 1000  # requests from a branch of one name: a list may have no end
_STATES: Mapping[str, Literal["open", "merged", "closed"]] = {
    "opened": "open",
    "locked": "open",  # for a moment, while it is merged
    "merged": "merged",
}


class GitLab:
    """See `testmend.forges.model.Forge`."""

    def __init__(self, access: Access) -> None:
        self._client = gitlab.Gitlab(
            access.root.removesuffix("/").removesuffix("/api/v4"),
            oauth_token=access.token or None,  # as personal tokens may be sent, too
            session=Session(access),
            per_page=100,
            keep_base_url=True,
        )

    def find(self, repository: str, head: str, fork: str = "") -> tuple[Change, ...]:
        """The merge requests from a branch of the fork, latest first."""
        with _errors():
            source = self._id(fork) if fork else 0
            found = self._project(repository).mergerequests.list(
                source_branch=head,
                state="all",
                order_by="created_at",
                sort="desc",
                iterator=True,
            )
            raw = [each.attributes for each in islice(found, _MOST)]
        return tuple(
            _change(each)
            for each in raw
            if each["source_branch"] == head
            and each["source_project_id"] == (source or each["target_project_id"])
        )

    def create(self, repository: str, proposal: Proposal) -> Change:
        """Make a merge request."""
        with _errors():
            to = {"target_project_id": self._id(repository)} if proposal.fork else {}
            source = self._project(proposal.fork or repository)
            made = source.mergerequests.create(
                {
                    **to,
                    "source_branch": proposal.head,
                    "target_branch": proposal.base,
                    "title": marked(proposal.title, DRAFT, draft=proposal.draft),
                    "description": proposal.body,
                }
            )
            return _change(made.attributes)

    def edit(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Give a merge request the title and body of a proposal; a draft stays one."""
        draft = change.title.startswith(DRAFT)
        fresh = {
            "title": marked(proposal.title, DRAFT, draft=draft),
            "description": proposal.body,
        }
        self._update(repository, change, fresh)

    def mark(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Add the labels and ask the reviewers (names of users)."""
        labels = [each for each in proposal.labels if each not in change.labels]
        asked = set(proposal.reviewers) - change.reviewers
        if labels:
            self._update(repository, change, {"add_labels": ",".join(labels)})
        if asked:
            everyone = sorted(asked | change.reviewers)
            ids = [self._user(each) for each in everyone]
            self._update(repository, change, {"reviewer_ids": ids})

    def repositories(self, owner: str) -> Iterator[Hosted]:
        """All projects of a group, with those of its subgroups, or of a user."""
        with _errors():
            try:
                group = self._client.groups.get(owner, lazy=True)
                found: Iterable[Any] = group.projects.list(
                    include_subgroups=True, with_shared=False, iterator=True
                )
            except ForgeError as error:
                if error.reason != "not-found":
                    raise
                user = self._client.users.get(self._user(owner), lazy=True)
                found = user.projects.list(iterator=True)
        for each in found:
            raw = each.attributes
            yield Hosted(
                raw["path_with_namespace"],
                raw["http_url_to_repo"],
                raw["ssh_url_to_repo"],
                frozenset(raw.get("topics") or raw.get("tag_list") or ()),
                archived=raw.get("archived", False),
                fork="forked_from_project" in raw,
                empty=raw.get("empty_repo", False),
            )

    def _project(self, name: str) -> Project:
        return self._client.projects.get(name, lazy=True)

    def _id(self, name: str) -> int:
        with _errors():
            return int(self._client.projects.get(name).attributes["id"])

    def _update(
        self, repository: str, change: Change, fresh: Mapping[str, object]
    ) -> None:
        with _errors():
            requests = self._project(repository).mergerequests
            requests.update(change.number, dict(fresh))

    def _user(self, name: str) -> int:
        with _errors():
            found = self._client.users.list(username=name, get_all=True)
        if not found:
            raise ForgeError("not-found", f"there is no user {name!r}")
        return int(found[0].attributes["id"])


def _change(raw: Mapping[str, Any]) -> Change:
    return Change(
        raw["iid"],
        raw["web_url"],
        _STATES.get(raw["state"], "closed"),
        raw["title"],
        raw["description"] or "",
        frozenset(raw["labels"]),
        frozenset(each["username"] for each in raw.get("reviewers") or ()),
    )


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """What is left to python-gitlab to complain of: answers that are no JSON."""
    try:
        yield
    except GitlabError as error:
        status = error.response_code or 0
        raise answers.error(status, {}, str(error.error_message)) from None
