"""A campaign that is killed with -9 at random moments and resumed, again and again.

As a command, the long form::

    python tests/killed_campaign.py --repositories 200 --kills 30 --trees FOLDER

``--trees`` names a folder with unpacked projects; parts of them become the
repositories. Without it small ones are made up. ``--forge`` (github, gitlab, gitea)
publishes change requests on a forge of that kind, with ``--fork`` from forks that lag
behind. ``--dask`` runs the second campaign
on a Dask cluster instead, one worker of which is killed half-way. Prints what was
compared.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent)]

import checkouts
import console
import forge_server
import servers
from campaigns import BRANCH, FOLDER, HEAD, Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forge_server import Forge

_FILES = 40  # of a real tree in one repository, at most


class Killer(Struct, frozen=True):
    """Runs a command of testmend and kills it after some time."""

    fleet: Fleet
    seed: int

    def campaign(self, seconds: float, kills: int) -> int:
        """Run and push until both end by themselves; how often they were killed."""
        dice = random.Random(self.seed)  # noqa: S311  no secret
        done = 0
        for command in ("run", "push"):
            first = True
            while True:
                moment = dice.uniform(0, seconds) if done < kills else None
                begun = any(self.fleet.path.glob("*.campaign/journal.sqlite"))
                again = begun and not first and command == "run"
                word = "resume" if again else command
                first = dice.random() < 0.5
                if self._ended(word, moment):
                    break
                done += 1
            if command == "run":
                kills = max(kills, done + kills // 3)  # some are left for the push
        return done

    def _ended(self, command: str, seconds: float | None) -> bool:
        arguments = ["waits.toml", "--mirrors", "mirrors", "-j", "2", "-q"]
        with subprocess.Popen(
            [*console.COMMAND, "bulk", command, *arguments],
            cwd=self.fleet.path,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "BOT_TOKEN": servers.TOKEN},
        ) as process:
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                return False
        assert code in {0, 2}, code
        return True


def workers(pid: int) -> list[int]:
    """The processes that another one has spawned to work for it."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
                command = (place / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            if parent == pid and b"spawn_main" in command:
                found.append(int(place.name))
    return found


def on_dask(fleet: Fleet, many: int) -> int:
    """Run a campaign on a cluster and kill a worker after so many; how many died."""
    arguments = ["waits.toml", "--mirrors", "mirrors", "-j", "2"]
    with subprocess.Popen(
        [*console.COMMAND, "bulk", "run", *arguments,
         "--executor", "dask", "--format", "json"],
        cwd=fleet.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "BOT_TOKEN": servers.TOKEN},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for _ in range(many):
            process.stdout.readline()
        victims = workers(process.pid)[:1]
        for each in victims:
            os.kill(each, signal.SIGKILL)
        process.communicate()
    assert process.returncode in {0, 2}, process.returncode
    return len(victims)


def filled(
    path: Path,
    trees: Iterator[dict[str, bytes]],
    forge: Forge | None = None,
    *,
    fork: bool = False,
) -> Fleet:
    """A fleet whose servers count the pushes that they get; on a forge, if given.

    ``fork``: requests come from forks, every second of which does not know the base.
    """
    fleet = Fleet(path)
    urls = ""
    for number, files in enumerate(trees):
        name = f"org/r{number:03}" if forge else f"r{number:03}"
        server = fleet.repository(name, files)
        server.hook("post-receive", f"cat >> {server.path}/pushes")
        if forge and fork:
            theirs = fleet.path / "server" / f"bot/r{number:03}.git"
            server.git("clone", "-q", "--bare", server.path, theirs)
            forked = checkouts.Checkout(theirs)
            forked.git("config", "http.receivepack", "true")
            forked.hook("post-receive", f"cat >> {theirs}/pushes")
            if number % 2:
                work = fleet.work(name)
                work.write("later.txt", b"later\n")
                work.commit_all("later")
                work.git("push", "-q", server.path, "main")
                (server.path / "pushes").unlink()  # that was not the campaign's
        if forge:
            if not fork:
                server.git("config", "http.receivepack", "true")
            urls += f'[[repositories]]\nurl = "http://{forge.host}/{name}.git"\n'
    limits = "[limits]\nfailure-rate = 1.0\n"
    if forge is None:
        fleet.manifest(FOLDER, HEAD + limits)
        return fleet
    host = f'[hosts."{forge.host}"]\nforge = "{forge.kind}"\ninsecure = true\n'
    host += f'user = "{servers.USER}"\ntoken-env = "BOT_TOKEN"\ninterval = 0\n'
    whose = 'fork = "bot"\n' if fork else ""
    per_hour = "per-minute = 0\nper-hour = 0\n"
    fleet.manifest(
        urls + host + per_hour, f'{HEAD}publish = "request"\n{whose}{limits}'
    )
    return fleet


def made_up(count: int) -> Iterator[dict[str, bytes]]:
    """Small projects, each a little different."""
    for number in range(count):
        more = {
            f"tests/test_{part}.py": console.UNUSED + b"# %d\n" % number
            for part in range(number % 5)
        }
        yield {
            "tests/test_boot.py": console.POLL.replace(b"10", b"%d" % (number + 2)),
            **more,
        }


def of_trees(folder: Path, count: int) -> Iterator[dict[str, bytes]]:
    """Parts of real projects: some files of a folder of tests each."""
    folders = sorted({file.parent for file in folder.rglob("test_*.py")})
    step = max(1, len(folders) // count)
    made = 0
    for offset in range(step):
        for place in folders[offset::step]:
            files = sorted(place.glob("*.py"))[:_FILES]
            data = {f"tests/{f.name}": f.read_bytes() for f in files if f.is_file()}
            if made < count and data:
                made += 1
                yield data


def published(fleet: Fleet) -> dict[str, tuple[str, int]]:
    """Of each repository: the branch's commit, and how many pushes it took."""
    found: dict[str, tuple[str, int]] = {}
    for path in sorted((fleet.path / "server").rglob("*.git")):
        command = ["git", "for-each-ref", "--format=%(refname) %(objectname)"]
        refs = subprocess.run(command, cwd=path, capture_output=True, check=True)
        lines = dict(line.split() for line in refs.stdout.decode().splitlines())
        assert lines.keys() <= {"refs/heads/main", BRANCH}, lines
        subprocess.run(["git", "fsck", "--strict"], cwd=path, check=True,
                       capture_output=True)  # fmt: skip
        log = path / "pushes"
        pushes = len(log.read_text().splitlines()) if log.exists() else 0
        tip, before = found.get(path.name, ("", 0))  # of its fork
        assert not (tip and BRANCH in lines), path
        found[path.name] = (tip or lines.get(BRANCH, ""), before + pushes)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--trees", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forge", choices=["github", "gitlab", "gitea"])
    parser.add_argument("--fork", action="store_true")
    parser.add_argument("--dask", action="store_true")
    wishes = parser.parse_args()
    say = sys.stdout.write
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="killed-"))
        fleets, forges = [], []
        for name in ("undisturbed", "killed"):
            root = Path(scratch) / name / "server"
            forge = None
            if wishes.forge:
                forge = stack.enter_context(forge_server.running(wishes.forge, root))
                forges.append(forge)
            trees = (
                of_trees(wishes.trees, wishes.repositories)
                if wishes.trees
                else made_up(wishes.repositories)
            )
            place = Path(scratch) / name
            fleets.append(filled(place, trees, forge, fork=wishes.fork))
        start = time.monotonic()
        Killer(fleets[0], 0).campaign(1, 0)
        seconds = time.monotonic() - start
        calm = published(fleets[0])
        branches = sum(bool(tip) for tip, _ in calm.values())
        say(f"undisturbed: {len(calm)} repositories, {branches} branches, ")
        say(f"{seconds:.1f} s\n")
        longest = 2 * seconds / wishes.kills  # so that about all of it is done between
        if wishes.dask:
            kills = on_dask(fleets[1], wishes.repositories // 2)
            Killer(fleets[1], wishes.seed).campaign(1, 0)  # finds nothing left to run
            what = "workers of Dask killed"
        else:
            kills = Killer(fleets[1], wishes.seed).campaign(longest, wishes.kills)
            what = "times killed"
        after = published(fleets[1])
        say(f"{what}: {kills}; equal: {after == calm}; ")
        say(f"most pushes to one repository: {max(n for _, n in after.values())}\n")
        for forge in forges:
            heads = [each.repository for each in forge.requests]
            say(f"{len(heads)} change requests for {len(set(heads))} repositories\n")
        rows = fleets[1].status()
        for name, row in rows.items():
            if after[f"{name}.git"] != calm[f"{name}.git"]:
                say(f"{name}: {row['state']} {row['reason']}: {row['message']}\n")
        sys.exit(after != calm)


if __name__ == "__main__":
    main()
