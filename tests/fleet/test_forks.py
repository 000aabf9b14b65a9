"""Change requests from a fork, and forges that are below a path of their host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import checkouts
import console
import forge_server
import pytest
import servers
from campaigns import BRANCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaigns import Fleet
    from forge_server import Forge

KINDS = ("github", "gitlab", "gitea")
ENV = {"BOT_TOKEN": servers.TOKEN}


@pytest.fixture(params=KINDS)
def forge(request: pytest.FixtureRequest, fleet: Fleet) -> Iterator[Forge]:
    with forge_server.running(request.param, fleet.path / "server") as running:
        yield running


@pytest.fixture
def gitea(fleet: Fleet) -> Iterator[Forge]:
    """For what does not depend on the kind of forge."""
    with forge_server.running("gitea", fleet.path / "server") as running:
        yield running


def upstream(fleet: Fleet) -> checkouts.Checkout:
    """A repository that nobody may push to."""
    server = fleet.repository("org/alpha")
    server.git("config", "uploadpack.allowFilter", "true")
    return server


def forked(
    fleet: Fleet, server: checkouts.Checkout, name: str = "bot/alpha"
) -> checkouts.Checkout:
    fork = checkouts.Checkout(fleet.path / "server" / f"{name}.git")
    fork.path.parent.mkdir(exist_ok=True)
    server.git("clone", "-q", "--bare", server.path, fork.path)
    fork.git("config", "http.receivepack", "true")
    fork.hook("post-receive", f"cat >> {fork.path}/pushes")
    return fork


def move_base(fleet: Fleet, server: checkouts.Checkout, *names: str) -> None:
    work = fleet.work("org/alpha")
    for name in names:
        work.write(f"tests/test_{name}.py", console.UNUSED)
        work.write(f"{name}.txt", name.encode())
        work.commit_all(name)
    work.git("push", "-q", server.path, "main")


def manifest(fleet: Fleet, forge: Forge, *lines: str, fork: str = "bot") -> None:
    text = "".join(f"{each}\n" for each in lines)
    fleet.manifest(
        f'publish = "request"\nfork = "{fork}"\nlabels = ["tests"]\n'
        f'[[repositories]]\nurl = "http://{forge.host}{forge.below}/org/alpha.git"\n'
        f'[hosts."{forge.host}"]\nforge = "{forge.kind}"\ninsecure = true\n{text}'
        f'user = "{servers.USER}"\ntoken-env = "BOT_TOKEN"\ninterval = 0\n'
    )


def publish(fleet: Fleet, code: int = 0) -> bytes:
    assert fleet.bulk("run", env=ENV).returncode == 0
    done = fleet.bulk("push", env=ENV)
    assert done.returncode == code, done.stderr
    return done.stderr


def test_a_request_from_a_fork_is_made_once_and_renewed(
    fleet: Fleet, forge: Forge
) -> None:
    server = upstream(fleet)
    fork = forked(fleet, server)
    manifest(fleet, forge)
    publish(fleet)
    (request,) = forge.requests
    assert (request.repository, request.source) == ("org/alpha", "bot/alpha")
    assert (request.head, request.base) == ("testmend/waits", "main")
    assert request.labels == ["tests"]
    assert not forge.at("org/alpha", "testmend/waits")
    assert fork.git("rev-parse", BRANCH).decode().strip() == fleet.tip("alpha")
    changes = [each for each in forge.calls if not each.startswith("GET")]
    publish(fleet)
    fleet.bulk("run", "--state", "other", env=ENV)
    assert fleet.bulk("push", "--state", "other", env=ENV).returncode == 0
    assert [each for each in forge.calls if not each.startswith("GET")] == changes
    move_base(fleet, server, "more", "again")
    publish(fleet)
    (request,) = forge.requests
    assert "4 fixes" in request.title
    assert fork.git("rev-parse", BRANCH).decode().strip() == fleet.tip("alpha")
    fork.git("fsck", "--strict")


def test_a_fork_that_lags_behind_gets_what_it_lacks(fleet: Fleet, gitea: Forge) -> None:
    server = upstream(fleet)
    fork = forked(fleet, server)
    move_base(fleet, server, "one", "two", "three")
    manifest(fleet, gitea)
    publish(fleet)
    assert len(gitea.requests) == 1
    assert fork.git("rev-parse", BRANCH).decode().strip() == fleet.tip("alpha")
    many = fork.git("rev-list", "--count", BRANCH).decode().strip()
    assert many == "6"  # four of the base, and ours
    fork.git("fsck", "--strict", "--connectivity-only")


def test_what_stands_in_the_way_of_a_fork_is_named(fleet: Fleet, gitea: Forge) -> None:
    server = upstream(fleet)
    manifest(fleet, gitea)
    assert b"not-found" in publish(fleet, 2)
    fork = forked(fleet, server)
    theirs = fork.git("commit-tree", "-m", "mine", "-p", "main", "main^{tree}")
    fork.git("update-ref", BRANCH, theirs.decode().strip())
    assert b"branch-taken" in publish(fleet, 2)
    assert not gitea.requests
    fork.git("symbolic-ref", "HEAD", BRANCH)
    assert b"branch-protected" in publish(fleet, 2)


def test_a_fork_of_the_same_organisation(fleet: Fleet) -> None:
    """GitHub alone has such forks; there the owner does not say which one is meant."""
    with forge_server.running("github", fleet.path / "server") as forge:
        forked(fleet, upstream(fleet), "org/alpha-bots")
        manifest(fleet, forge, fork="org/$name-bots")
        publish(fleet)
        publish(fleet)
        (request,) = forge.requests
    assert (request.repository, request.source) == ("org/alpha", "org/alpha-bots")


def test_a_branch_in_a_fork_can_be_withdrawn(fleet: Fleet, gitea: Forge) -> None:
    fork = forked(fleet, upstream(fleet))
    manifest(fleet, gitea)
    publish(fleet)
    done = fleet.bulk("clean", "--withdraw", env=ENV)
    assert done.returncode == 0, done.stderr
    assert fork.git("for-each-ref", BRANCH) == b""


def test_a_fork_without_a_request_is_a_mistake(fleet: Fleet) -> None:
    fleet.manifest('[[repositories]]\nurl = "https://github.com/o/r"\nfork = "bot"\n')
    done = fleet.bulk("plan")
    assert done.returncode == 2
    assert b'repositories[0].fork: it is for publish = "request"' in done.stderr


def test_a_forge_below_a_path_of_its_host(fleet: Fleet, forge: Forge) -> None:
    forge.below = "/code/forge"
    forked(fleet, upstream(fleet))
    api = forge_server.PREFIXES[forge.kind]
    manifest(fleet, forge, f'api = "http://{forge.host}/code/forge{api}"')
    publish(fleet)
    (request,) = forge.requests
    assert (request.repository, request.source) == ("org/alpha", "bot/alpha")


def test_the_owner_of_a_forge_below_a_path(fleet: Fleet, forge: Forge) -> None:
    forge.below = "/code"
    upstream(fleet)
    forge.owners = {"org": {"alpha": {}}}
    api = forge_server.PREFIXES[forge.kind]
    fleet.manifest(
        f'[[repositories]]\nowner = "http://{forge.host}/code/org"\n'
        f'[hosts."{forge.host}"]\ninsecure = true\nforge = "{forge.kind}"\n'
        f'api = "http://{forge.host}/code{api}"\n'
        f'user = "{servers.USER}"\ntoken-env = "BOT_TOKEN"\n'
    )
    done = fleet.bulk("run", env=ENV)
    assert done.returncode == 0, done.stderr
    assert list(fleet.status()) == ["alpha"]
