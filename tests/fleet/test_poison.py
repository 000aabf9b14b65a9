"""One bad repository of each kind: named with its reason, the others finish."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING

import console
import pytest
import servers
from campaigns import BRANCH, FILES, FOLDER, HEAD, Fleet

from testmend import pool
from testmend.fleet import compute as computing
from testmend.fleet.compute import Task, compute
from testmend.fleet.tree import Files
from testmend.git.objects import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    import checkouts

    from testmend.selection import Selection


def url(address: str, name: str) -> str:
    return f'[[repositories]]\nurl = "{address}"\nname = "{name}"\n'


def insecure(host: str, **more: str) -> str:
    lines = "".join(f'{key.replace("_", "-")} = "{more[key]}"\n' for key in more)
    return f'[hosts."{host}"]\ninsecure = true\nretries = 1\n{lines}'


def tree(repository: checkouts.Checkout, entries: bytes) -> str:
    command = ("hash-object", "-t", "tree", "-w", "--literally", "--stdin")
    return repository.git(*command, stdin=entries).decode().strip()


def point(repository: checkouts.Checkout, tree: str) -> None:
    commit = repository.git("commit-tree", "-m", "odd", tree).decode().strip()
    repository.git("update-ref", "refs/heads/main", commit)


def entry(mode: str, name: bytes, oid: str) -> bytes:
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid)


def blob(repository: checkouts.Checkout, data: bytes) -> str:
    return repository.git("hash-object", "-w", "--stdin", stdin=data).decode().strip()


def bomb(repository: checkouts.Checkout) -> None:
    """Ten folders in ten folders ..., 10^9 files in ten objects."""
    oid, mode = blob(repository, b"import os\n"), "100644"
    for _ in range(9):
        names = [b"test_%d" % number for number in range(10)]
        oid = tree(repository, b"".join(entry(mode, each, oid) for each in names))
        mode = "40000"
    point(repository, oid)


def climbing(repository: checkouts.Checkout) -> None:
    file = blob(repository, console.UNUSED)
    above = tree(repository, entry("100644", b"test_x.py", file))
    point(repository, tree(repository, entry("40000", b"..", above)))


def test_one_of_each_kind(fleet: Fleet) -> None:
    for name in ("alpha", "omega"):
        fleet.repository(name)
    bomb(fleet.repository("bomb"))
    climbing(fleet.repository("climbing"))
    big = {f"tests/test_{sign}.py": b"#" + sign.encode() * 1_500_000 for sign in "ab"}
    fleet.repository("large", {**FILES, **big})
    fleet.repository("broken", {**FILES, "tests/test_odd.py": console.BROKEN})
    fleet.repository("deep", {**FILES, "tests/test_deep.py": b"(" * 5000})
    fleet.repository("settings", {**FILES, "testmend.toml": b"selct = 1"})
    taken = fleet.repository("taken")
    theirs = taken.git("commit-tree", "-m", "mine", "-p", "main", "main^{tree}")
    taken.git("update-ref", BRANCH, theirs.decode().strip())
    fleet.repository("guarded").hook("pre-receive", "echo protected >&2; exit 1")
    taken.git("init", "-q", "--bare", fleet.path / "server" / "empty.git")
    lost = f"127.0.0.1:{servers.free_port()}"
    with (
        servers.http(fleet.path / "server") as (host, _),
        servers.silent() as endless,
    ):
        manifest = (
            FOLDER
            + url(f"git://{endless}/x.git", "endless")
            + url(f"git://{lost}/x.git", "unreachable")
            + url(f"http://{host}/alpha.git", "wrong")
            + url("ext::sh -c touch% /tmp/owned", "odd-url")
            + url("https://bot:pa55word@example.org/x", "secret")
            + insecure(endless)
            + insecure(lost)
            + insecure(host, token_env="WRONG", user="bot")  # noqa: S106  a variable's name
            + "[limits]\nseconds = 8\nfailure-rate = 1.0\nbytes = 2500000\n"
        )
        fleet.manifest(manifest)
        run = fleet.bulk("run", env={"WRONG": "no-such-token"})
        push = fleet.bulk("push", env={"WRONG": "no-such-token"})
    assert run.returncode == push.returncode == 2
    rows = fleet.status()
    found = {name: (row["state"], row["reason"]) for name, row in rows.items()}
    assert found == {
        "alpha": ("pushed", ""),
        "omega": ("pushed", ""),
        "bomb": ("failed", "too-many-files"),
        "climbing": ("failed", "path"),
        "large": ("failed", "too-large"),
        "broken": ("pushed", ""),
        "deep": ("pushed", ""),
        "settings": ("failed", "configuration"),
        "taken": ("failed", "branch-taken"),
        "guarded": ("failed", "rejected"),
        "empty": ("failed", "no-base"),
        "endless": ("failed", "timeout"),
        "unreachable": ("failed", "unreachable"),
        "wrong": ("failed", "credentials"),
        "odd-url": ("failed", "url"),
        "secret": ("failed", "url"),
    }
    assert "the token in WRONG is not accepted" in rows["wrong"]["message"]
    for file in (fleet.path / "waits.campaign").iterdir():
        assert b"pa55word" not in file.read_bytes()
    for row in rows.values():
        assert row["reason"] in {"", *_known_reasons()}


def _known_reasons() -> set[str]:
    from testmend.fleet.faults import REASONS  # noqa: PLC0415  used once

    return set(REASONS)


def test_names_of_a_repository_can_not_act_on_the_terminal(fleet: Fleet) -> None:
    odd = os.fsdecode(b"tests/test_\x1b[31m\xff\nx.py")
    fleet.repository("alpha", {**FILES, odd: console.BROKEN})
    fleet.manifest()
    done = fleet.bulk("plan")
    assert done.returncode == 2
    assert b"\x1b" not in done.stderr + done.stdout
    assert b"\\x1b[31m" in done.stderr


def test_nothing_of_a_repository_runs(fleet: Fleet) -> None:
    own = fleet.path / "ran"
    files = {
        **FILES,
        ".gitattributes": b"*.py filter=odd diff=odd\n",
        "conftest.py": b"open('ran', 'w')\n",
        "sitecustomize.py": b"open('ran', 'w')\n",
        "testmend_plugin.py": b"open('ran', 'w')\n",
        "pyproject.toml": b'[tool.testmend]\nplugins = ["testmend_plugin.py"]\n',
    }
    server = fleet.repository("alpha", files)
    script = f"touch {own}"
    for key in ("filter.odd.clean", "filter.odd.smudge", "diff.odd.textconv"):
        server.git("config", key, script)
    server.git("config", "core.fsmonitor", script)
    server.git("config", "core.sshCommand", script)
    fleet.manifest()
    assert fleet.bulk("plan").returncode == 1
    assert fleet.bulk("run").returncode == 0
    assert not own.exists()
    assert not (fleet.path / "ran").exists()


def fatal(path: str, data: bytes, selection: Selection) -> object:
    """Examine a file, but die of one that says so."""
    from testmend.engine import examine  # noqa: PLC0415  the real one

    if b"# kill" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    return examine(path, data, selection)


@pytest.mark.parametrize("killer", [b"# kill\n"])
def test_a_file_that_kills_its_process_costs_itself_alone(
    monkeypatch: pytest.MonkeyPatch, killer: bytes
) -> None:
    monkeypatch.setattr("testmend.stages.examine", fatal)
    data: Mapping[str, bytes] = {**FILES, "tests/test_fatal.py": killer + console.POLL}
    files = Files(data, {})
    entries = tuple(Entry(os.fsencode(p), "100644", "") for p in data)
    task = Task("alpha", "base", entries, files)
    (died,) = pool.stream(compute, [[task]], 1)
    assert isinstance(died, pool.Died)
    done = computing.compute(Task("alpha", "base", entries, files, jobs=2))
    assert [each[:2] for each in done.troubles] == [
        ("tests/test_fatal.py", "worker-died")
    ]
    changed = {path for each in done.passes for path in each.files}
    assert b"tests/test_boot.py" in changed


def test_a_server_that_sends_without_end_is_cut_off(fleet: Fleet) -> None:
    noise = random.Random(1).randbytes(3 << 20)  # noqa: S311  no secret
    fleet.repository("alpha", {**FILES, "tests/noise.py": noise})
    fleet.repository("beta")
    limits = "[limits]\ntransfer = 1000000\nfailure-rate = 1.0\n"
    fleet.manifest(FOLDER, HEAD + limits)
    assert fleet.bulk("run").returncode == 2
    found = {name: row["reason"] for name, row in fleet.status().items()}
    assert found == {"alpha": "too-large", "beta": ""}
    assert not list((fleet.path / "mirrors").glob("*/objects/pack/tmp_*"))


def test_a_pattern_that_takes_for_ever_costs_its_repository_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "SECONDS_PER_TASK", 2)
    data = {f"{'a' * 60}/test_x.py": console.UNUSED, ".gitignore": b"*a" * 20 + b"*b"}
    entries = tuple(Entry(os.fsencode(path), "100644", "") for path in data)
    done = computing.apart(Task("alpha", "base", entries, Files(data, {})))
    assert done.fault is not None
    assert done.fault.reason == "worker-died"


@pytest.mark.parametrize("name", ["testmend.toml", "pyproject.toml", "ruff.toml"])
@pytest.mark.parametrize("value", [b"[" * 50_000, b"9" * 5000], ids=["deep", "long"])
def test_a_configuration_that_breaks_the_parser_is_an_outcome(
    name: str, value: bytes
) -> None:
    data = {**FILES, name: b"x = " + value}
    entries = tuple(Entry(os.fsencode(path), "100644", "") for path in data)
    done = compute(Task("alpha", "base", entries, Files(data, {})))
    reason = done.fault.reason if done.fault else ""
    assert reason == ("" if name == "ruff.toml" else "configuration")
