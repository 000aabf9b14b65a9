"""Change requests on forges: made once, kept up to date, never over a human's work."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import console
import forge_server
import pytest
import servers
from campaigns import BRANCH, Fleet

from testmend import errors
from testmend.fleet import hosting, ledger
from testmend.fleet.manifest import Host

if TYPE_CHECKING:
    from collections.abc import Iterator

    import checkouts
    from forge_server import Forge, Request

KINDS = ("github", "gitlab", "gitea")
ENV = {"BOT_TOKEN": servers.TOKEN}
BELOW = {"forge": "gitlab", "api": "https://own.example/git/lab/api/v4/"}


@pytest.fixture(params=KINDS)
def forge(request: pytest.FixtureRequest, fleet: Fleet) -> Iterator[Forge]:
    with forge_server.running(request.param, fleet.path / "server") as running:
        yield running


@pytest.fixture
def github(fleet: Fleet) -> Iterator[Forge]:
    """For what does not depend on the kind of forge."""
    with forge_server.running("github", fleet.path / "server") as running:
        yield running


def alpha(fleet: Fleet) -> checkouts.Checkout:
    server = fleet.repository("org/alpha")
    server.git("config", "http.receivepack", "true")
    server.git("config", "uploadpack.allowFilter", "true")
    return server


def manifest(fleet: Fleet, forge: Forge, text: str = "", **host: object) -> None:
    lines = "".join(f"{key.replace('_', '-')} = {host[key]}\n" for key in host)
    fleet.manifest(
        f'publish = "request"\n{text}\n'
        f'[[repositories]]\nurl = "http://{forge.host}/org/alpha.git"\n'
        f'[hosts."{forge.host}"]\nforge = "{forge.kind}"\ninsecure = true\n'
        f'user = "{servers.USER}"\ntoken-env = "BOT_TOKEN"\ninterval = 0\n{lines}'
    )


def publish(fleet: Fleet, *more: str) -> subprocess.CompletedProcess[bytes]:
    assert fleet.bulk("run", env=ENV).returncode == 0
    return fleet.bulk("push", *more, env=ENV)


def move_base(fleet: Fleet, server: checkouts.Checkout, name: str = "more") -> None:
    work = fleet.work("org/alpha")
    work.write(f"tests/test_{name}.py", console.UNUSED)
    work.commit_all(name)
    work.git("push", "-q", server.path, "main")


def one(forge: Forge) -> Request:
    (request,) = forge.requests
    return request


def test_a_request_says_what_was_done_and_is_made_once(
    fleet: Fleet, forge: Forge
) -> None:
    server = alpha(fleet)
    manifest(fleet, forge, 'labels = ["tests"]\nreviewers = ["rita"]')
    done = publish(fleet)
    assert done.returncode == 0, done.stderr
    request = one(forge)
    assert (request.head, request.base) == ("testmend/waits", "main")
    assert request.title == "sleep-polling, unused-imports: 2 fixes in 3 files"
    assert "| `sleep-polling` | 1 | 0 |" in request.body
    assert "testmend diff --select sleep-polling,unused-imports" in request.body
    base = server.git("rev-parse", "main").decode().strip()
    assert f"git checkout {base}" in request.body
    assert (request.labels, request.reviewers) == (["tests"], ["rita"])
    row = fleet.status()["alpha"]
    assert row["state"] == "proposed"
    assert row["place"].endswith("/1")
    assert row["place"].encode() in done.stderr
    changes = [each for each in forge.calls if not each.startswith("GET")]
    assert fleet.bulk("push", env=ENV).returncode == 0
    fleet.bulk("run", "--state", "other", env=ENV)
    assert fleet.bulk("push", "--state", "other", env=ENV).returncode == 0
    assert [each for each in forge.calls if not each.startswith("GET")] == changes


def test_words_are_renewed_and_a_closed_request_stays_so(
    fleet: Fleet, forge: Forge
) -> None:
    server = alpha(fleet)
    manifest(fleet, forge)
    publish(fleet)
    move_base(fleet, server)
    assert publish(fleet).returncode == 0
    assert "3 fixes in 4 files" in one(forge).title
    assert "| `unused-imports` | 2 | 0 |" in one(forge).body
    before = forge.at("org/alpha", "testmend/waits")
    one(forge).state = "closed"
    move_base(fleet, server, "still_more")
    assert publish(fleet).returncode == 0
    assert one(forge).state == "closed"
    assert forge.at("org/alpha", "testmend/waits") == before
    row = fleet.status()["alpha"]
    assert (row["state"], row["reason"]) == ("closed", "request-closed")


def test_words_of_a_human_stay(fleet: Fleet, github: Forge) -> None:
    server = alpha(fleet)
    manifest(fleet, github)
    publish(fleet)
    one(github).body = "Please review. " + one(github).body
    mine = one(github).body
    move_base(fleet, server)
    assert publish(fleet).returncode == 0
    assert one(github).body == mine
    assert github.at("org/alpha", "testmend/waits") == fleet.status()["alpha"]["tip"]


def test_a_lost_answer_and_a_busy_forge_make_no_duplicate(
    fleet: Fleet, forge: Forge
) -> None:
    alpha(fleet)
    manifest(fleet, forge)
    forge.busy = [(429, {"Retry-After": "1"})]
    forge.forget = 1
    done = publish(fleet)
    assert done.returncode == 0, done.stderr
    assert one(forge).state == "open"
    assert fleet.status()["alpha"]["state"] == "proposed"


def test_a_long_pause_can_be_interrupted_and_is_remembered(
    fleet: Fleet, github: Forge
) -> None:
    alpha(fleet)
    manifest(fleet, github)
    assert fleet.bulk("run", env=ENV).returncode == 0
    github.busy = [(429, {"Retry-After": "600"})]
    with subprocess.Popen(
        [*console.COMMAND, "bulk", "push", "waits.toml", "--mirrors", "mirrors"],
        cwd=fleet.path,
        env={**os.environ, **ENV},
        stderr=subprocess.PIPE,
    ) as process:
        paused = 0.0
        while not paused and process.poll() is None:
            with ledger.opened(fleet.path / "mirrors") as opened:
                paused = opened.paused(github.host)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"left alone for 600 s" in said
    assert paused > time.time() + 500
    assert fleet.status()["alpha"]["state"] == "committed"
    assert not github.requests


def test_what_became_of_a_request_is_asked_for(fleet: Fleet, github: Forge) -> None:
    server = alpha(fleet)
    manifest(fleet, github)
    publish(fleet)
    states = []
    for state in ("closed", "open", "merged"):
        one(github).state = state
        done = fleet.bulk("status", "--refresh", env=ENV)
        assert done.returncode == 0, done.stderr
        states.append(fleet.status()["alpha"]["state"])
    assert states == ["closed", "proposed", "merged"]
    one(github).state = "closed"
    move_base(fleet, server)
    publish(fleet)
    one(github).state = "open"
    fleet.bulk("status", "--refresh", env=ENV)
    assert fleet.bulk("push", env=ENV).returncode == 0
    assert github.at("org/alpha", "testmend/waits") == fleet.tip("alpha")


def test_a_branch_that_was_pushed_before_gets_its_request_later(
    fleet: Fleet, github: Forge
) -> None:
    alpha(fleet)
    manifest(fleet, github)
    text = (fleet.path / "waits.toml").read_text()
    (fleet.path / "waits.toml").write_text(text.replace('"request"', '"branch"'))
    assert publish(fleet).returncode == 0
    assert fleet.status()["alpha"]["state"] == "pushed"
    (fleet.path / "waits.toml").write_text(text)
    assert publish(fleet).returncode == 0
    assert one(github).state == "open"
    assert fleet.status()["alpha"]["state"] == "proposed"


def test_after_a_merge_more_work_is_a_new_request(fleet: Fleet, github: Forge) -> None:
    server = alpha(fleet)
    manifest(fleet, github)
    publish(fleet)
    server.git("update-ref", "refs/heads/main", BRANCH)
    server.git("update-ref", "-d", BRANCH)
    one(github).state = "merged"
    work = fleet.work("org/alpha")
    work.git("pull", "-q", server.path, "main")
    move_base(fleet, server)
    done = publish(fleet)
    assert done.returncode == 0, done.stderr
    assert [each.state for each in github.requests] == ["merged", "open"]


def test_a_branch_of_a_human_gets_no_request(fleet: Fleet, github: Forge) -> None:
    server = alpha(fleet)
    manifest(fleet, github)
    theirs = server.git("commit-tree", "-m", "mine", "-p", "main", "main^{tree}")
    server.git("update-ref", BRANCH, theirs.decode().strip())
    assert publish(fleet).returncode == 2
    assert not github.requests
    assert fleet.status()["alpha"]["reason"] == "branch-taken"


def test_a_request_that_is_there_for_the_branch_is_not_made_again(
    fleet: Fleet, github: Forge
) -> None:
    server = alpha(fleet)
    manifest(fleet, github)
    server.git("branch", "testmend/waits", "main")
    github.open("org/alpha", "testmend/waits", "main", title="Mine", body="by hand")
    server.git("branch", "-D", "testmend/waits")
    assert publish(fleet).returncode == 0
    assert (one(github).title, one(github).body) == ("Mine", "by hand")


def test_drafts_templates_and_a_reviewer_that_nobody_knows(
    fleet: Fleet, forge: Forge
) -> None:
    alpha(fleet)
    request = 'title = "$campaign: $fixes"\nbody = "Hi.\\n$report"\ndraft = true'
    manifest(fleet, forge, f'reviewers = ["nobody"]\n[request]\n{request}')
    done = publish(fleet)
    assert done.returncode == 2
    row = fleet.status()["alpha"]
    assert (row["state"], row["reason"]) == ("proposed", "request-incomplete")
    assert b"request-incomplete" in done.stderr
    made = one(forge)
    assert made.title.endswith("waits: 2")
    assert made.draft or made.title.startswith(("Draft: ", "WIP: "))
    assert made.body.startswith("Hi.\nMade by testmend")
    forge.users = (*forge.users, "nobody")
    assert fleet.bulk("push", env=ENV).returncode == 0
    assert one(forge).reviewers == ["nobody"]
    assert fleet.status()["alpha"]["reason"] == ""


def test_a_token_is_in_no_message_and_no_file(fleet: Fleet, forge: Forge) -> None:
    alpha(fleet)
    manifest(fleet, forge)
    done = publish(fleet)
    secrets = {"BOT_TOKEN": "wr0ng-t0ken-of-us"}
    wrong = fleet.bulk("push", "--state", "x", env=secrets)
    fleet.bulk("run", "--state", "other", env=ENV)
    refused = fleet.bulk("push", "--state", "other", env=secrets)
    assert refused.returncode == 2
    assert b"credentials" in refused.stderr
    said = b"".join(each.stderr + each.stdout for each in (done, wrong, refused))
    for secret in (servers.TOKEN.encode(), b"wr0ng-t0ken-of-us"):
        assert secret not in said
        for file in fleet.path.rglob("*"):
            if file.is_file():
                assert secret not in file.read_bytes(), file
    assert servers.TOKEN not in one(forge).body


def test_a_repository_on_this_machine_gets_none(fleet: Fleet) -> None:
    alpha(fleet)
    fleet.manifest(
        'publish = "request"\n[[repositories]]\n'
        f'url = "file://{fleet.path}/server/org/alpha.git"\n'
    )
    done = publish(fleet)
    assert done.returncode == 2
    assert b"on no forge" in done.stderr


@pytest.mark.parametrize("owner", ["org", "rita"])
def test_the_repositories_of_an_owner(fleet: Fleet, forge: Forge, owner: str) -> None:
    for name in ("alpha", "beta", "gamma", "delta", "old"):
        server = fleet.repository(f"{owner}/{name}")
        server.git("config", "uploadpack.allowFilter", "true")
    topics = "tag_list" if forge.kind == "gitlab" else "topics"
    more = {topics: ["python"]}
    all_ = {
        "alpha": more, "beta": more, "gamma": {},
        "delta": more, "old": {**more, "archived": True},
    }  # fmt: skip
    forge.owners = {owner: all_}
    fleet.manifest(
        f'[[repositories]]\nowner = "http://{forge.host}/{owner}"\ntopic = "python"\n'
        f'match = ["*ta", "a*", "old"]\n[hosts."{forge.host}"]\ninsecure = true\n'
        f'forge = "{forge.kind}"\nuser = "{servers.USER}"\ntoken-env = "BOT_TOKEN"\n'
    )
    done = fleet.bulk("run", env=ENV)
    assert done.returncode == 0, done.stderr
    asked = len(forge.calls)
    assert sorted(fleet.status()) == ["alpha", "beta", "delta"]
    assert len(forge.calls) == asked


@pytest.mark.parametrize(
    ("url", "settings", "root", "path"),
    [
        ("https://github.com/o/r.git", {}, "https://api.github.com", "o/r"),
        ("git@gitlab.com:o/sub/r.git", {}, "https://gitlab.com/api/v4", "o/sub/r"),
        ("ssh://git@codeberg.org/o/r", {}, "https://codeberg.org/api/v1", "o/r"),
        ("https://own.example/o/r", {"forge": "github"},
         "https://own.example/api/v3", "o/r"),
        ("https://own.example/o/r", {"forge": "gitea", "api": "https://x.example/git"},
         "https://x.example/git", "o/r"),
        ("https://own.example/git/lab/o/sub/r.git", BELOW, BELOW["api"], "o/sub/r"),
        ("git@own.example:o/r.git", BELOW, BELOW["api"], "o/r"),
    ],
)  # fmt: skip
def test_where_the_api_of_an_address_is(
    url: str, settings: dict[str, Any], root: str, path: str
) -> None:
    hosts = {"own.example": Host(**settings)}
    assert hosting.around(url, hosts).root == root
    assert hosting.around(url, hosts).path(url) == path


@pytest.mark.parametrize(
    ("url", "settings", "words"),
    [
        ("https://own.example/o/r", {}, "forge = ...: is it github"),
        ("http://own.example/o/r", {"forge": "gitea"}, "insecure = true"),
        ("https://own.example/o/r", {"forge": "gitea", "api": "ftp://x"}, "https"),
        ("https://own.example/o/r", {"forge": "gitea", "token_env": "NO_SUCH"},
         "NO_SUCH"),
    ],
)  # fmt: skip
def test_what_the_manifest_must_say_of_a_host(
    url: str, settings: dict[str, Any], words: str
) -> None:
    hosts = {"own.example": Host(**settings)}
    with pytest.raises(errors.TestmendError, match=re.escape(words)):
        hosting.around(url, hosts).opened(lambda: None, 1)


@pytest.mark.parametrize(
    ("url", "settings", "words"),
    [
        ("https://own.example/o/r", BELOW, "is at /git/lab"),
        ("https://own.example/git/o/r", {"forge": "gitea"}, "below a path?"),
        ("https://own.example/r", {"forge": "gitea"}, "OWNER/NAME"),
        ("https://own.example/../r", {"forge": "gitea"}, "OWNER/NAME"),
        ("https://own.example/o/../../r", {"forge": "gitlab"}, "OWNER/NAME"),
    ],
)
def test_addresses_that_are_no_repository_of_their_forge(
    url: str, settings: dict[str, Any], words: str
) -> None:
    hosts = {"own.example": Host(**settings)}
    with pytest.raises(errors.TestmendError, match=re.escape(words)):
        hosting.around(url, hosts).path(url)


@pytest.mark.parametrize(
    ("url", "settings", "fork", "path", "address"),
    [
        ("https://github.com/o/r.git", {}, "bot", "bot/r",
         "https://github.com/bot/r.git"),
        ("git@github.com:o/r.git", {}, "bot/o-$name", "bot/o-r",
         "git@github.com:bot/o-r.git"),
        ("https://own.example/git/lab/o/sub/r", BELOW, "all/bots", "all/bots/r",
         "https://own.example/git/lab/all/bots/r"),
        ("https://own.example/r/r/", {"forge": "gitea"}, "bot", "bot/r",
         "https://own.example/bot/r/"),
    ],
)  # fmt: skip
def test_where_a_fork_is(
    url: str, settings: dict[str, Any], fork: str, path: str, address: str
) -> None:
    hosts = {"own.example": Host(**settings)}
    assert hosting.around(url, hosts).fork(url, fork) == (path, address)


@pytest.mark.parametrize("fork", ["o", "..", "a/b/c/d", "-x y", "$name"])
def test_what_is_no_fork(fork: str) -> None:
    with pytest.raises(errors.TestmendError):
        hosting.around("https://github.com/o/r", {}).fork(
            "https://github.com/o/r", fork
        )
