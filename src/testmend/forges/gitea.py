"""Gitea and Forgejo: pull requests.

By plain calls: six are needed, and the client libraries for Python are either made
by machine for one release of one of the two, or ask for more than is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from testmend.errors import ForgeError
from testmend.forges.model import Change, Hosted, marked
from testmend.forges.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

    from testmend.forges.model import Access, Proposal

DRAFT = "WIP:"
_PAGE = 50
_PAGES = 2000  # a list may have no end
_CLOSED_PAGES = 10  # of requests that are done: so far back is looked for our own


class Gitea:
    """See `testmend.forges.model.Forge`."""

    def __init__(self, access: Access) -> None:
        self._root = access.root.rstrip("/")
        self._session = Session(access)
        self._session.auth = _Token(access.token)

    def find(self, repository: str, head: str, fork: str = "") -> tuple[Change, ...]:
        """The pull requests from a branch of the fork, latest first.

        There is no filter for a branch: open ones are all looked at, of the others the
        latest 500.
        """
        found = [
            each
            for state, pages in (("open", _PAGES), ("closed", _CLOSED_PAGES))
            for each in self._pages(
                f"repos/{repository}/pulls", pages, state=state, sort="recentupdate"
            )
            if _is_from(each, fork or repository, head)
        ]
        found.sort(key=lambda each: int(each["number"]), reverse=True)
        return tuple(map(_change, found))

    def create(self, repository: str, proposal: Proposal) -> Change:
        """Make a pull request."""
        owner = proposal.fork.partition("/")[0]
        made = self._send(
            "POST",
            f"repos/{repository}/pulls",
            head=f"{owner}:{proposal.head}" if owner else proposal.head,
            base=proposal.base,
            title=marked(proposal.title, DRAFT, draft=proposal.draft),
            body=proposal.body,
        )
        return _change(made)

    def edit(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Give a pull request the title and body of a proposal; a draft stays one."""
        title = marked(proposal.title, DRAFT, draft=change.title.startswith(DRAFT))
        place = f"repos/{repository}/pulls/{change.number}"
        self._send("PATCH", place, title=title, body=proposal.body)

    def mark(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Add the labels (they must be known) and ask the reviewers.

        A reviewer is a ``user``, or a team of the organisation: ``organisation/team``.
        """
        labels = [each for each in proposal.labels if each not in change.labels]
        there = change.reviewers  # of teams the last word
        asked = [e for e in proposal.reviewers if e.rpartition("/")[2] not in there]
        if labels:
            known = self._labels(repository)
            if missing := [each for each in labels if each not in known]:
                raise ForgeError("not-found", f"no label {', '.join(missing)}")
            place = f"repos/{repository}/issues/{change.number}/labels"
            self._send("POST", place, labels=[known[each] for each in labels])
        if asked:
            self._send(
                "POST",
                f"repos/{repository}/pulls/{change.number}/requested_reviewers",
                reviewers=[each for each in asked if "/" not in each],
                team_reviewers=[
                    each.partition("/")[2] for each in asked if "/" in each
                ],
            )

    def repositories(self, owner: str) -> Iterator[Hosted]:
        """All repositories of an organisation or user."""
        name = quote(owner, safe="")
        try:
            found = list(self._pages(f"orgs/{name}/repos"))
        except ForgeError as error:
            if error.reason != "not-found":
                raise
            found = list(self._pages(f"users/{name}/repos"))
        for each in found:
            yield Hosted(
                each["full_name"],
                each["clone_url"],
                each["ssh_url"],
                frozenset(each.get("topics") or ()),
                archived=each.get("archived", False),
                fork=each.get("fork", False),
                empty=each.get("empty", False),
            )

    def _labels(self, repository: str) -> dict[str, int]:
        owner = repository.partition("/")[0]
        found = list(self._pages(f"repos/{repository}/labels"))
        try:
            found += self._pages(f"orgs/{quote(owner, safe='')}/labels")
        except ForgeError as error:
            if error.reason != "not-found":  # a user's repository has no more
                raise
        return {each["name"]: int(each["id"]) for each in found}

    def _pages(self, place: str, most: int = _PAGES, **query: str) -> Iterator[Any]:
        for page in range(1, most + 1):
            asked = {**query, "page": str(page), "limit": str(_PAGE)}
            answer = self._session.get(f"{self._root}/{place}", params=asked)
            items = answer.json()
            yield from items
            if not items or 'rel="next"' not in answer.headers.get("Link", ""):
                return

    def _send(self, verb: str, place: str, **body: object) -> Any:
        answer = self._session.request(verb, f"{self._root}/{place}", json=body)
        return answer.json()


class _Token:
    """The token of each call; without it the machine's netrc would be asked."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"token {self._token}"
        return request


def _change(raw: Mapping[str, Any]) -> Change:
    return Change(
        int(raw["number"]),
        raw["html_url"],
        "open"
        if raw["state"] == "open"
        else "merged"
        if raw.get("merged")
        else "closed",
        raw["title"],
        raw.get("body") or "",
        frozenset(each["name"] for each in raw.get("labels") or ()),
        frozenset(each["login"] for each in raw.get("requested_reviewers") or ())
        | frozenset(e["name"] for e in raw.get("requested_reviewers_teams") or ()),
    )


def _is_from(raw: Mapping[str, Any], repository: str, head: str) -> bool:
    """Whether it is from that branch; of one that is deleted only the label stays."""
    origin = raw["head"].get("repo") or {}
    name = str(origin.get("full_name", ""))
    return head in (raw["head"].get("ref"), raw["head"].get("label")) and (
        name.lower() == repository.lower()
    )
