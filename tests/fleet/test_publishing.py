"""What is handed in, where, and what is never touched."""

from __future__ import annotations

import json
import re

import checkouts
import console
import pytest
import servers
from campaigns import BRANCH, FILES, FOLDER, HEAD, Fleet

HUMAN = {"GIT_AUTHOR_NAME": "Hugo", "GIT_COMMITTER_NAME": "Hugo"}


def ref(server: checkouts.Checkout, name: str = BRANCH) -> str:
    shown = server.git("for-each-ref", "--format=%(objectname)", name)
    return shown.decode().strip()


def human_commit(fleet: Fleet, name: str) -> str:
    """Somebody pushes a commit of their own to the branch of the campaign."""
    work = fleet.work(name)
    server = fleet.path / "server" / f"{name}.git"
    work.git("fetch", "-q", server, "+refs/heads/*:refs/remotes/o/*")
    known = work.git("branch", "-r", "--list", "o/testmend/waits")
    work.git("checkout", "-q", "-B", "mine", "o/testmend/waits" if known else "main")
    work.write("mine.txt", b"mine\n")
    commit = work.commit_all("by hand")
    work.git("push", "-q", "--force", server, f"mine:{BRANCH}")
    return commit


def test_each_repository_gets_one_branch(fleet: Fleet) -> None:
    repositories = [fleet.repository(name) for name in ("alpha", "beta")]
    fleet.manifest()
    fleet.bulk("run")
    done = fleet.bulk("push")
    assert done.returncode == 0, done.stderr
    for server in repositories:
        assert server.git("log", "--format=%an <%ae>", f"main..{BRANCH}") == (
            b"Ann Bot <bot@example.org>\n" * 2
        )
        refs = server.git("for-each-ref", "--format=%(refname)").decode().split()
        assert refs == ["refs/heads/main", BRANCH]
    assert {row["state"] for row in fleet.status().values()} == {"pushed"}


def test_a_second_push_does_nothing(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    fleet.bulk("push")
    before = ref(server)
    done = fleet.bulk("push")
    assert (done.returncode, ref(server)) == (0, before)
    assert b"alpha" not in done.stderr


def test_a_change_made_anew_replaces_the_one_before(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    fleet.bulk("push")
    work = fleet.work("alpha")
    work.write("tests/test_more.py", console.UNUSED)
    head = work.commit_all("more")
    work.git("push", "-q", server.path, "main")
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 0
    parents = server.git("rev-list", "--parents", f"main..{BRANCH}").decode().split()
    assert parents[-1] == head
    assert ref(server) == fleet.status()["alpha"]["published"]


def test_a_base_that_moves_before_the_push_is_no_obstacle(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    server.git("config", "uploadpack.allowFilter", "true")
    fleet.manifest()
    fleet.bulk("run")
    work = fleet.work("alpha")
    work.write("README", b"more\n")
    work.commit_all("more")
    work.git("push", "-q", server.path, "main")
    done = fleet.bulk("push")
    assert done.returncode == 0, done.stderr
    server.git("fsck", "--strict")
    assert ref(server) == fleet.tip("alpha")


@pytest.mark.parametrize("published", [False, True])
def test_a_branch_with_a_commit_of_a_human_is_left_alone(
    fleet: Fleet, *, published: bool
) -> None:
    server = fleet.repository("alpha")
    fleet.repository("beta")
    fleet.manifest()
    fleet.bulk("run")
    if published:
        fleet.bulk("push")
        work = fleet.work("alpha")
        work.write("tests/test_more.py", console.UNUSED)
        work.commit_all("more")
        work.git("push", "-q", server.path, "main")
    theirs = human_commit(fleet, "alpha")
    fleet.bulk("run")
    done = fleet.bulk("push")
    assert done.returncode == 2
    assert ref(server) == theirs
    rows = fleet.status()
    assert rows["alpha"]["reason"] == "branch-taken"
    assert rows["beta"]["state"] == "pushed"


@pytest.mark.parametrize("branch", ["main", "stable/2026.1", "release/x"])
def test_protected_branches_are_refused(fleet: Fleet, branch: str) -> None:
    server = fleet.repository("alpha")
    before = server.git("for-each-ref")
    fleet.manifest(f'branch = "{branch}"\n' + FOLDER)
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 2
    assert fleet.status()["alpha"]["reason"] == "branch-protected"
    assert server.git("for-each-ref") == before


def test_the_base_is_never_the_branch(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    server.git("branch", "work", "main")
    before = server.git("for-each-ref")
    fleet.manifest('branch = "work"\nbase = "work"\n' + FOLDER)
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 2
    assert server.git("for-each-ref") == before


def test_a_server_that_refuses_is_a_reason(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    server.hook("pre-receive", "echo this branch is protected >&2; exit 1")
    fleet.manifest()
    fleet.bulk("run")
    done = fleet.bulk("push")
    assert done.returncode == 2
    row = fleet.status()["alpha"]
    assert row["reason"] == "rejected"
    assert "this branch is protected" in row["message"]


def test_a_branch_that_somebody_deleted_stays_so(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    fleet.bulk("push")
    server.git("update-ref", "-d", BRANCH)
    work = fleet.work("alpha")
    work.write("tests/test_more.py", console.UNUSED)
    work.commit_all("more")
    work.git("push", "-q", server.path, "main")
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 0
    assert not ref(server)
    row = fleet.status()["alpha"]
    assert (row["state"], row["reason"]) == ("closed", "branch-deleted")


def test_a_change_that_was_merged_is_done(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    fleet.bulk("push")
    server.git("update-ref", "refs/heads/main", ref(server))
    assert fleet.bulk("run").returncode == 0
    assert fleet.status()["alpha"]["state"] == "merged"
    assert fleet.bulk("push").returncode == 0


def test_branches_that_are_merged_can_be_cleaned_up(fleet: Fleet) -> None:
    merged, other = fleet.repository("alpha"), fleet.repository("beta")
    fleet.manifest()
    fleet.bulk("run")
    fleet.bulk("push")
    merged.git("update-ref", "refs/heads/main", ref(merged))
    fleet.bulk("run")
    assert fleet.bulk("clean", "--branches").returncode == 0
    assert (ref(merged), ref(other)) == ("", fleet.tip("beta"))
    human = human_commit(fleet, "beta")
    assert fleet.bulk("clean", "--withdraw").returncode == 2
    assert ref(other) == human


def test_mirrors_stay_within_their_budget(fleet: Fleet) -> None:
    for name in ("alpha", "beta"):
        fleet.repository(name)
    fleet.manifest("[limits]\nmirrors = 1\n" + FOLDER)
    fleet.bulk("run")
    assert len(list((fleet.path / "mirrors").glob("*.git"))) == 2  # still needed
    assert fleet.bulk("push").returncode == 0
    assert not list((fleet.path / "mirrors").glob("*.git"))
    assert fleet.bulk("run").returncode == 0
    assert {row["state"] for row in fleet.status().values()} == {"pushed"}


def test_another_branch_of_the_manifest_is_a_new_branch(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    fleet.bulk("push")
    before = ref(server)
    fleet.manifest('branch = "other"\n' + FOLDER)
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 0
    assert ref(server, "refs/heads/other") == fleet.tip("alpha")
    assert ref(server) == before


def test_a_mirror_that_is_gone_is_made_again(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    assert fleet.bulk("clean", "--caches").returncode == 0
    assert fleet.bulk("push").returncode == 2
    assert fleet.status()["alpha"]["reason"] == "mirror-gone"
    assert fleet.bulk("run").returncode == 0
    assert fleet.bulk("push").returncode == 0
    before = ref(server)
    fleet.bulk("clean", "--caches")
    work = fleet.work("alpha")
    work.write("README", b"more\n")
    work.commit_all("more")
    work.git("push", "-q", server.path, "main")
    assert fleet.bulk("run").returncode == 0
    row = fleet.status()["alpha"]
    assert (row["state"], row["tip"]) == ("pushed", before)


def test_the_report_adds_up(fleet: Fleet) -> None:
    for name in ("alpha", "beta"):
        fleet.repository(name)
    fleet.manifest()
    fleet.bulk("run")
    done = fleet.bulk("report", "--format", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["version"] == 1
    assert document["states"] == {"committed": 2}
    assert document["total"]["fixed"] == {"sleep-polling": 2, "unused-imports": 2}
    assert (document["total"]["changed"], document["total"]["created"]) == (4, 2)
    text = fleet.bulk("report").stdout.decode()
    assert "sleep-polling: 2 fixed" in text
    fleet.bulk("report", "--html", "page.html")
    page = (fleet.path / "page.html").read_text()
    assert "<td>sleep-polling<td>fixed<td>2" in page
    assert "alpha" in page
    assert "test_boot.py" in page


def test_a_branch_that_is_there_already_as_it_should_be_is_taken_over(
    fleet: Fleet,
) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    fleet.bulk("push")
    before = ref(server)
    fleet.bulk("run", "--state", "other")
    done = fleet.bulk("push", "--state", "other")
    assert (done.returncode, ref(server)) == (0, before)


def test_the_canary_goes_first_and_the_others_wait(fleet: Fleet) -> None:
    for name in ("alpha", "beta", "gamma"):
        fleet.repository(name)
    fleet.manifest(FOLDER, HEAD + "canary = 1\n")
    fleet.bulk("run")
    first = fleet.bulk("push")
    assert b"2 repositories wait for the next push" in first.stderr
    states = [row["state"] for row in fleet.status().values()]
    assert states == ["pushed", "committed", "committed"]
    fleet.bulk("push", "--max-changes", "1")
    states = [row["state"] for row in fleet.status().values()]
    assert states == ["pushed", "pushed", "committed"]


def test_mails_can_be_applied(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest('publish = "mail"\n' + FOLDER)
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 0
    clone = checkouts.Checkout(fleet.path / "clone")
    fleet.work("alpha").git("clone", "-q", server.path, clone.path)
    mails = sorted((fleet.path / "waits.mails" / "alpha").iterdir())
    assert len(mails) == 2
    clone.git("am", "-q", *mails)
    tree = clone.git("rev-parse", "HEAD^{tree}").decode().strip()
    assert tree == fleet.tip("alpha", "refs/testmend/waits/tip^{tree}")
    assert not server.git("for-each-ref", BRANCH)


GERRIT = """
while read old new ref; do
    case $ref in refs/for/main%topic=waits,r=rita) ;; *) exit 1;; esac
    for commit in $(git rev-list main..$new); do
        id=$(git log -1 --format=%B $commit | sed -n 's/^Change-Id: //p')
        [ -n "$id" ] || { echo "missing Change-Id" >&2; exit 1; }
        n=$(git for-each-ref "refs/sets/$id/" | wc -l)
        env -u GIT_QUARANTINE_PATH git update-ref refs/sets/$id/$((n + 1)) $commit
    done
    echo "  https://review.example.org/c/alpha/+/7 change [NEW]" >&2
done
"""

FORGET = "while read old new ref; do git update-ref -d $ref; done"  # it is no real ref


def test_gerrit_gets_a_change_for_each_commit_and_patch_sets_later(
    fleet: Fleet,
) -> None:
    server = fleet.repository("alpha")
    server.hook("pre-receive", GERRIT)
    server.hook("post-receive", FORGET)
    fleet.manifest('publish = "gerrit"\nreviewers = ["rita"]\n' + FOLDER)

    def sets() -> list[str]:
        shown = server.git("for-each-ref", "--format=%(refname)", "refs/sets")
        return re.findall(r"refs/sets/(I[0-9a-f]{40}/\d)", shown.decode())

    fleet.bulk("run")
    done = fleet.bulk("push")
    assert done.returncode == 0, done.stderr
    first = sets()
    assert [each[-1] for each in first] == ["1", "1"]
    row = fleet.status()["alpha"]
    assert row["state"] == "proposed"
    assert row["place"] == "https://review.example.org/c/alpha/+/7"
    work = fleet.work("alpha")
    work.write("tests/test_more.py", console.UNUSED)
    work.commit_all("more")
    server.git("fetch", "-q", work.path, "main:main")  # past the review
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 0
    assert {each[:-2] for each in sets()} == {each[:-2] for each in first}
    assert sorted(each[-1] for each in sets()) == ["1", "1", "2", "2"]


AGIT = """
[ "$GIT_PUSH_OPTION_COUNT" = 3 ] || exit 1
[ "$GIT_PUSH_OPTION_0" = topic=testmend/waits ] || exit 1
[ "$GIT_PUSH_OPTION_2" = force-push=true ] || exit 1
while read old new ref; do
    [ $ref = refs/for/main ] || exit 1
    echo "$GIT_PUSH_OPTION_1" >title
    env -u GIT_QUARANTINE_PATH git update-ref refs/pull/7/head $new
    echo "Visit the pull request:" >&2
    echo "  https://git.example.org/o/alpha/pulls/7" >&2
done
"""


def test_agit_makes_a_request_by_push_and_renews_it(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    server.git("config", "receive.advertisePushOptions", "true")
    server.hook("pre-receive", AGIT)
    server.hook("post-receive", FORGET)
    fleet.manifest('publish = "agit"\n' + FOLDER)
    for number in range(2):
        fleet.bulk("run")
        done = fleet.bulk("push")
        assert done.returncode == 0, done.stderr
        assert ref(server, "refs/pull/7/head") == fleet.tip("alpha")
        row = fleet.status()["alpha"]
        assert row["place"] == "https://git.example.org/o/alpha/pulls/7"
        assert row["state"] == "proposed"
        work = fleet.work("alpha")
        work.write(f"tests/test_more_{number}.py", console.UNUSED)
        work.commit_all("more")
        server.git("fetch", "-q", work.path, "main:main")  # past the review
    title = server.path.joinpath("title").read_bytes()
    assert title.endswith(b"3 fixes in 4 files\n")
    assert not ref(server)


def test_a_token_opens_the_way_and_is_never_shown(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    server.git("config", "http.receivepack", "true")
    server.git("config", "uploadpack.allowFilter", "true")
    with servers.http(fleet.path / "server") as (host, seen):
        url = f'[[repositories]]\nurl = "http://{host}/alpha.git"\n'
        table = f'[hosts."{host}"]\ninsecure = true\nuser = "{servers.USER}"\n'
        fleet.manifest(url + table + 'token-env = "BOT_TOKEN"\n')
        env = {"BOT_TOKEN": servers.TOKEN}
        run = fleet.bulk("run", env=env)
        assert run.returncode == 0, run.stderr
        fetches = len([each for each in seen if each == "POST git-upload-pack"])
        push = fleet.bulk("push", env=env)
        assert push.returncode == 0, push.stderr
        wrong = fleet.bulk("run", "--fresh", env={"BOT_TOKEN": "wr0ng-t0ken-of-us"})
        none = fleet.bulk("run", "--fresh", env={"BOT_TOKEN": ""})
    assert ref(server) == fleet.tip("alpha")
    assert fetches <= 6  # refs, commit, contents: two requests each at most
    assert wrong.returncode == none.returncode == 2
    assert b"credentials" in wrong.stderr
    assert b"BOT_TOKEN" in none.stderr
    said = b"".join(each.stderr + each.stdout for each in (run, push, wrong, none))
    secrets = {servers.TOKEN.encode(), b"wr0ng-t0ken-of-us"}
    for secret in secrets:
        assert secret not in said
    for file in fleet.path.rglob("*"):
        if file.is_file():
            assert not any(secret in file.read_bytes() for secret in secrets), file


def test_git_daemon_serves_when_the_manifest_says_that_it_may(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    with servers.daemon(fleet.path / "server") as host:
        url = f'[[repositories]]\nurl = "git://{host}/alpha.git"\n'
        fleet.manifest(url)
        refused = fleet.bulk("run")
        assert refused.returncode == 2
        assert b"insecure = true" in refused.stderr
        fleet.manifest(url + f'[hosts."{host}"]\ninsecure = true\n')
        assert fleet.bulk("run").returncode == 0
        assert fleet.bulk("push").returncode == 0
    assert ref(server) == fleet.tip("alpha")


def test_only_contents_that_are_needed_are_fetched(fleet: Fleet) -> None:
    server = fleet.repository("alpha", {**FILES, "data.bin": bytes(range(256)) * 64})
    server.git("config", "uploadpack.allowFilter", "true")
    fleet.manifest()
    assert fleet.bulk("run").returncode == 0
    blob = server.git("rev-parse", "main:data.bin").decode().strip()
    (mirror,) = (fleet.path / "mirrors").glob("*.git")
    listing = checkouts.Checkout(mirror).git(
        "cat-file", "--batch-all-objects", "--batch-check"
    )
    assert blob not in listing.decode()
    assert fleet.bulk("push").returncode == 0
    server.git("fsck", "--strict")


def test_the_users_own_clone_gets_a_branch_and_nothing_else(fleet: Fleet) -> None:
    fleet.repository("alpha")
    work = fleet.work("alpha")
    work.write("tests/test_path.py", console.UNUSED + b"# not yet committed\n")
    work.write("new.txt", b"untracked\n")
    before = checkouts.snapshot(work)
    fleet.manifest('[[repositories]]\npath = "work/alpha"\n')
    fleet.bulk("run")
    assert fleet.bulk("push").returncode == 0
    after = checkouts.snapshot(work)
    assert ref(work) == fleet.tip("alpha")
    work.git("update-ref", "-d", BRANCH)
    assert {**after, "refs": b""} == {**before, "refs": b""}
