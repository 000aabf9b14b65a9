"""Dry runs and runs over several repositories."""

from __future__ import annotations

import checkouts
import console
import pytest
from campaigns import FILES, FOLDER, HEAD, Fleet
from unidiff.patch import PatchSet


def test_plan_prints_one_diff_with_the_names_of_the_repositories(fleet: Fleet) -> None:
    for name in ("alpha", "beta"):
        fleet.repository(name)
    fleet.manifest()
    done = fleet.bulk("plan")
    assert done.returncode == 1, done.stderr
    paths = [each.path for each in PatchSet(done.stdout.decode())]
    assert paths == [
        f"{name}/tests/{file}"
        for name in ("alpha", "beta")
        for file in ("test_boot.py", "test_path.py", "testmend_waits.py")
    ]
    assert b"2 repositories: 2 would change" in done.stderr


def test_plan_publishes_nothing_and_writes_no_journal(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    before = server.git("for-each-ref")
    fleet.manifest()
    fleet.bulk("plan")
    assert server.git("for-each-ref") == before
    assert not (fleet.path / "waits.campaign").exists()


SETTINGS = {
    "": b"",
    "pytest.ini": b"[pytest]\naddopts = --import-mode=importlib\n",
    ".github/workflows/odd-name.yml": b"jobs:\n- run: pytest --import-mode=importlib\n",
    "tests/CMakeLists.txt": b"install(FILES test_boot.py)\n",
    "tests/setup.cfg": b"[flake8]\nignore = F401\n",
    "tests/test_path.out": b"",
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_commits_are_those_of_a_work_tree_run(settings: str, fleet: Fleet) -> None:
    around = {settings: SETTINGS[settings]} if settings else {}
    server = fleet.repository("alpha", FILES | around)
    fleet.manifest()
    assert fleet.bulk("run").returncode == 0
    clone = checkouts.Checkout(fleet.path / "clone")
    fleet.work("alpha").git("clone", "-q", server.path, clone.path)
    assert console.run("commit", cwd=clone.path).returncode == 0
    tip = fleet.tip("alpha")
    (mirror,) = (fleet.path / "mirrors").glob("*.git")
    trees = checkouts.Checkout(mirror).git("log", "--format=%T %s", tip)
    assert trees == clone.git("log", "--format=%T %s")


def test_a_second_run_does_nothing(fleet: Fleet) -> None:
    fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    before = fleet.status()
    again = fleet.bulk("run")
    assert again.returncode == 0
    assert b"as it was" in again.stderr
    assert fleet.status() == before


def test_results_do_not_depend_on_the_number_of_workers(fleet: Fleet) -> None:
    fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run", "-j", "1", "--mirrors", "one", "--state", "one.state")
    fleet.bulk("run", "-j", "3")
    (one,) = (fleet.path / "one").glob("*.git")
    ref = "refs/testmend/waits/tip"
    alone = checkouts.Checkout(one).git("rev-parse", ref).decode().strip()
    assert alone == fleet.tip("alpha")


def test_a_moved_base_is_done_anew(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    before = fleet.tip("alpha")
    work = fleet.work("alpha")
    work.write("tests/test_more.py", console.UNUSED)
    head = work.commit_all("more")
    work.git("push", "-q", server.path, "main")
    assert fleet.bulk("run").returncode == 0
    row = fleet.status()["alpha"]
    assert row["base"] == head
    assert row["tip"] == fleet.tip("alpha") != before
    assert row["counts"]["fixed"] == {"sleep-polling": 1, "unused-imports": 2}


def test_a_base_that_moved_elsewhere_keeps_the_commits(fleet: Fleet) -> None:
    server = fleet.repository("alpha")
    fleet.manifest()
    fleet.bulk("run")
    before = fleet.status()["alpha"]
    work = fleet.work("alpha")
    work.write("README", b"more\n")
    work.commit_all("more")
    work.git("push", "-q", server.path, "main")
    assert fleet.bulk("run").returncode == 0
    after = fleet.status()["alpha"]
    assert (after["tip"], after["base"]) == (before["tip"], before["base"])


def test_one_broken_repository_does_not_stop_the_others(fleet: Fleet) -> None:
    fleet.repository("alpha")
    fleet.manifest(FOLDER + '[[repositories]]\npath = "nowhere"\n')
    done = fleet.bulk("run")
    assert done.returncode == 2
    states = {name: row["state"] for name, row in fleet.status().items()}
    assert states == {"alpha": "committed", "nowhere": "failed"}
    assert fleet.status()["nowhere"]["reason"] == "not-found"


def test_a_broken_file_costs_itself_and_the_exit_code(fleet: Fleet) -> None:
    fleet.repository("alpha", {**FILES, "tests/test_odd.py": console.BROKEN})
    fleet.manifest()
    assert fleet.bulk("run").returncode == 2
    row = fleet.status()["alpha"]
    assert (row["state"], row["reason"]) == ("committed", "files-failed")
    assert row["counts"]["troubles"][0][:2] == ["tests/test_odd.py", "syntax-error"]


def test_resume_only_does_what_is_not_done(fleet: Fleet) -> None:
    fleet.repository("alpha")
    fleet.repository("beta")
    fleet.manifest()
    fleet.bulk("run", "--only", "alpha")
    done = fleet.bulk("resume")
    assert done.returncode == 0
    assert b"alpha" not in done.stderr
    assert fleet.status()["beta"]["state"] == "committed"


def test_failed_repositories_can_be_tried_again(fleet: Fleet) -> None:
    fleet.repository("alpha")
    fleet.manifest(FOLDER + '[[repositories]]\npath = "server/late.git"\n')
    assert fleet.bulk("run").returncode == 2
    fleet.repository("late")
    fleet.manifest('[[repositories]]\npath = "server/alpha.git"\n'
                   '[[repositories]]\npath = "server/late.git"\n')  # fmt: skip
    done = fleet.bulk("run", "--failed")
    assert done.returncode == 0
    assert b"alpha" not in done.stderr
    assert fleet.status()["late"]["state"] == "committed"


def test_nothing_to_do_is_no_failure(fleet: Fleet) -> None:
    fleet.repository("alpha", {"tests/test_same.py": console.CLEAN})
    fleet.manifest()
    assert fleet.bulk("plan").returncode == 0
    assert fleet.bulk("run").returncode == 0
    assert fleet.status()["alpha"]["reason"] == "nothing-to-do"


def test_the_repository_says_what_is_left_alone_and_so_does_the_manifest(
    fleet: Fleet,
) -> None:
    own = b'[tool.testmend]\nignore = ["sleep-polling"]\n'
    fleet.repository("alpha", {**FILES, "pyproject.toml": own})
    fleet.manifest('[testmend]\nignore = ["unused-imports"]\n' + FOLDER)
    assert fleet.bulk("plan").returncode == 0


def test_a_failing_canary_stops_the_run(fleet: Fleet) -> None:
    fleet.repository("beta")
    text = '[[repositories]]\npath = "nowhere"\n' + FOLDER
    fleet.manifest(text, HEAD + "canary = 1\n")
    assert fleet.bulk("run").returncode == 2
    assert fleet.status()["beta"]["state"] == "queued"


def test_too_many_failures_stop_the_run(fleet: Fleet) -> None:
    lost = "".join(f'[[repositories]]\npath = "lost{number}"\n' for number in range(40))
    fleet.manifest(lost)
    done = fleet.bulk("run")
    assert done.returncode == 2
    assert b"stopped: 5 of 5 repositories failed" in done.stderr
    states = [row["state"] for row in fleet.status().values()]
    assert states.count("queued") > 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[repositories]]\nulr = "x"\n', ("unknown key", "ulr", "url")),
        (f'testmend.plugins = ["mine.py"]\n{FOLDER}', ("plugins", "installed package")),
        (f'testmend.guests.mine.libcst = "m.M"\n{FOLDER}', ("guests", "diff, apply")),
        ("[[repositories]]\n", ("repositories[0]", "one of url, path")),
        ('[testmend]\nselct = ["x"]\n' + FOLDER, ("selct", "select")),
        ('branch = "a..b"\n' + FOLDER, ("a..b",)),
        ("[testmend]\nguests = {}\n" + FOLDER, ("guests", "bulk")),
        ("canary = -1\n" + FOLDER, ("canary",)),
        ("", ("repositories",)),
    ],
)
def test_mistakes_in_a_manifest_are_named(
    fleet: Fleet, text: str, words: tuple[str, ...]
) -> None:
    fleet.repository("alpha")
    fleet.manifest(text)
    done = fleet.bulk("plan")
    assert done.returncode == 2
    assert not done.stdout
    for word in words:
        assert word in done.stderr.decode()


def test_without_an_author_the_user_of_git_commits(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.repository("alpha")
    fleet.manifest(head='name = "waits"\n')
    assert fleet.bulk("run").returncode == 0
    (mirror,) = (fleet.path / "mirrors").glob("*.git")
    who = checkouts.Checkout(mirror).git(
        "log", "-1", "--format=%an", fleet.tip("alpha")
    )
    assert who == b"Ann Author\n"
    monkeypatch.delenv("GIT_AUTHOR_NAME")
    done = fleet.bulk("run")
    assert done.returncode == 2
    assert b"author" in done.stderr
