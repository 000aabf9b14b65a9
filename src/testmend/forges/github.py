"""GitHub, and GitHub Enterprise: pull requests, through PyGithub."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import github
import requests
from github import Auth, GithubException, UnknownObjectException
from github.GithubObject import NotSet
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
)

from testmend import __version__
from testmend.forges import answers
from testmend.forges.bounded import Bounded
from testmend.forges.model import Change, Hosted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from github.Repository import Repository

    from testmend.forges.model import Access, Proposal

_PAGE = 100
_SECONDS = 60
_PAGES = 1000  # a list may have no end


class _Http(HTTPRequestsConnectionClass):
    """PyGithub's connection, that takes answers that end alone."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session.mount("http://", Bounded(self.timeout or _SECONDS))


class _Https(HTTPSRequestsConnectionClass):
    """The same, encrypted."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session.mount("https://", Bounded(self.timeout or _SECONDS))


class GitHub:
    """See `testmend.forges.model.Forge`."""

    def __init__(self, access: Access) -> None:
        self._pace = access.pace
        Requester.injectConnectionClasses(_Http, _Https)
        self._client = github.Github(
            auth=Auth.Token(access.token) if access.token else None,
            base_url=access.root,
            timeout=int(access.seconds),
            user_agent=f"testmend/{__version__}",
            per_page=_PAGE,
            retry=None,  # our lane waits, where it can be interrupted and resumed
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )

    def find(self, repository: str, head: str, fork: str = "") -> tuple[Change, ...]:
        """The pull requests from a branch of the fork, latest first."""
        source = fork or repository
        owner = source.partition("/")[0]
        with _errors():
            found = self._pages(
                f"/repos/{repository}/pulls",
                state="all",
                head=f"{owner}:{head}",
                sort="created",
                direction="desc",
            )
            return tuple(
                _change(each) for each in found if _is_from(each, source, head)
            )

    def create(self, repository: str, proposal: Proposal) -> Change:
        """Make a pull request."""
        owner = proposal.fork.partition("/")[0]
        same = owner == repository.partition("/")[0]  # two of one organisation
        self._pace()
        with _errors():
            made = self._repository(repository).create_pull(
                proposal.base,
                f"{owner}:{proposal.head}" if owner else proposal.head,
                head_repo=proposal.fork.rpartition("/")[2] if same else NotSet,
                title=proposal.title,
                body=proposal.body,
                draft=proposal.draft,
            )
            return _change(made.raw_data)

    def edit(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Give a pull request the title and body of a proposal."""
        self._pace()
        with _errors():
            pull = self._repository(repository).get_pull(change.number)
            pull.edit(title=proposal.title, body=proposal.body)

    def mark(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Add the labels and ask the reviewers (``user``, ``organisation/team``)."""
        labels = [each for each in proposal.labels if each not in change.labels]
        known = change.reviewers  # of teams the last word
        asked = [e for e in proposal.reviewers if e.rpartition("/")[2] not in known]
        with _errors():
            if labels:
                self._pace()
                issue = self._repository(repository).get_issue(change.number)
                issue.add_to_labels(*labels)
            if asked:
                self._pace()
                self._repository(repository).get_pull(
                    change.number
                ).create_review_request(
                    reviewers=[each for each in asked if "/" not in each],
                    team_reviewers=[
                        each.partition("/")[2] for each in asked if "/" in each
                    ],
                )

    def repositories(self, owner: str) -> Iterator[Hosted]:
        """All repositories of an organisation or user."""
        name = quote(owner, safe="")
        with _errors():
            try:
                found = list(self._pages(f"/orgs/{name}/repos"))
            except UnknownObjectException:
                found = list(self._pages(f"/users/{name}/repos"))
        for raw in found:
            yield Hosted(
                raw["full_name"],
                raw["clone_url"],
                raw["ssh_url"],
                frozenset(raw.get("topics") or ()),
                archived=raw.get("archived", False),
                fork=raw["fork"],
            )

    def _pages(self, place: str, **query: str) -> Iterator[Any]:
        """All of a list, as far as it may go.

        As PyGithub's objects, one whose entry does not say all would be asked for.
        """
        for page in range(1, _PAGES + 1):
            asked = {**query, "per_page": _PAGE, "page": page}
            _, found = self._client.requester.requestJsonAndCheck(
                "GET", place, parameters=asked
            )
            yield from found
            if len(found) < _PAGE:
                return

    def _repository(self, name: str) -> Repository:
        return self._client.get_repo(name, lazy=True)


def _change(raw: Mapping[str, Any]) -> Change:
    merged = raw.get("merged_at") is not None
    return Change(
        int(raw["number"]),
        raw["html_url"],
        "merged" if merged else "open" if raw["state"] == "open" else "closed",
        raw["title"],
        raw.get("body") or "",
        frozenset(each["name"] for each in raw.get("labels") or ()),
        frozenset(each["login"] for each in raw.get("requested_reviewers") or ())
        | frozenset(each["slug"] for each in raw.get("requested_teams") or ()),
    )


def _is_from(raw: Mapping[str, Any], repository: str, head: str) -> bool:
    """Whether it is from that branch: a filter that GitHub can't read filters nothing.

    A fork that is gone has no repository.
    """
    origin = raw["head"].get("repo") or {}
    name = str(origin.get("full_name", ""))
    return raw["head"].get("ref") == head and name.lower() == repository.lower()


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except GithubException as error:
        headers = error.headers or {}
        raise answers.error(error.status, headers, error.data) from None
    except requests.RequestException as error:
        raise answers.lost(error) from None
