"""GitHub, and GitHub Enterprise: pull requests, through PyGithub."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import github
import requests
from github import Auth, Consts, GithubException, UnknownObjectException

from testmend import __version__
from testmend.forges import answers
from testmend.forges.model import Change, Hosted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from github.PullRequest import PullRequest
    from github.Repository import Repository

    from testmend.forges.model import Access, Proposal

ROOT = Consts.DEFAULT_BASE_URL


class GitHub:
    """See `testmend.forges.model.Forge`."""

    def __init__(self, access: Access) -> None:
        self._pace = access.pace
        self._client = github.Github(
            auth=Auth.Token(access.token) if access.token else None,
            base_url=access.root,
            timeout=int(access.seconds),
            user_agent=f"testmend/{__version__}",
            per_page=100,
            retry=None,  # our lane waits, where it can be interrupted and resumed
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )

    def find(self, repository: str, head: str) -> tuple[Change, ...]:
        """The pull requests from a branch of the repository itself, latest first."""
        owner = repository.partition("/")[0]
        with _errors():
            found = self._repository(repository).get_pulls(
                state="all", head=f"{owner}:{head}", sort="created", direction="desc"
            )
            return tuple(
                _change(each) for each in found if _is_from(each, repository, head)
            )

    def create(self, repository: str, proposal: Proposal) -> Change:
        """Make a pull request."""
        self._pace()
        with _errors():
            made = self._repository(repository).create_pull(
                proposal.base,
                proposal.head,
                title=proposal.title,
                body=proposal.body,
                draft=proposal.draft,
            )
            return _change(made)

    def edit(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Give a pull request the title and body of a proposal."""
        self._pace()
        with _errors():
            pull = self._repository(repository).get_pull(change.number)
            pull.edit(title=proposal.title, body=proposal.body)

    def mark(self, repository: str, change: Change, proposal: Proposal) -> None:
        """Add the labels and ask the reviewers (``user``, ``organisation/team``)."""
        labels = [each for each in proposal.labels if each not in change.labels]
        asked = [each for each in proposal.reviewers if each not in change.reviewers]
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
        with _errors():
            try:
                found = list(self._client.get_organization(owner).get_repos())
            except UnknownObjectException:
                found = list(self._client.get_user(owner).get_repos())
            for each in found:
                yield Hosted(
                    each.full_name,
                    each.clone_url,
                    each.ssh_url,
                    frozenset(each.topics),
                    archived=each.archived,
                    fork=each.fork,
                    empty=each.size == 0,
                )

    def _repository(self, name: str) -> Repository:
        return self._client.get_repo(name, lazy=True)


def _change(pull: PullRequest) -> Change:
    merged = pull.merged_at is not None
    return Change(
        pull.number,
        pull.html_url,
        "merged" if merged else "open" if pull.state == "open" else "closed",
        pull.title,
        pull.body or "",
        frozenset(each.name for each in pull.labels),
        frozenset(each.login for each in pull.requested_reviewers)
        | frozenset(f"{each.slug}" for each in pull.requested_teams),
    )


def _is_from(pull: PullRequest, repository: str, head: str) -> bool:
    """Whether it is from that branch: a filter that GitHub can't read filters nothing.

    A fork that is gone has no repository.
    """
    origin = pull.head.raw_data.get("repo") or {}
    name = str(origin.get("full_name", ""))
    return pull.head.ref == head and name.lower() == repository.lower()


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except GithubException as error:
        headers = error.headers or {}
        raise answers.error(error.status, headers, error.data) from None
    except requests.RequestException as error:
        raise answers.lost(error) from None
