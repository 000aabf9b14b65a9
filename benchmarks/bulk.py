"""Bulk runs measured: one large repository against a clone, and many small ones.

::

    python benchmarks/bulk.py one REPOSITORY --paths nova/tests
    python benchmarks/bulk.py many REPOSITORY --count 200

``REPOSITORY`` is a bare repository on this machine. ``one`` serves copies of it with
``git daemon`` on the loopback interface and runs, each cold: ``git clone``,
``testmend commit`` and ``git push``; the same with ``git clone --depth 1``;
``testmend bulk run`` and ``bulk push``. ``many`` makes repositories of its folders of
tests and runs the campaign over them. Seconds of wall and CPU time (without the
server's), peak memory of the largest process, room on disk; the trees that are pushed
must be the same.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

HERE = Path(__file__).resolve().parents[1]
TESTMEND = [sys.executable, str(HERE / "cli.py")]
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{HERE / 'codemods'}",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Bench"), ("EMAIL", "bench@example.org"))
    },
}
BRANCH = "testmend/bench"
_DONE = (0, 1)  # of testmend
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


class Measured(Struct, frozen=True):
    """What one way took: seconds, seconds, MiB, MiB."""

    name: str
    wall: float
    cpu: float
    memory: float
    disk: float
    tree: str


def run(command: Sequence[str | Path], cwd: Path, codes: Sequence[int] = (0,)) -> bytes:
    """Run to the end; the output. Raises on another exit code."""
    done = subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, check=False
    )
    if done.returncode not in codes:
        sys.stderr.write(done.stderr.decode(errors="replace")[-2000:])
        raise SystemExit(f"{command}: exit code {done.returncode}")
    return done.stdout


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """``git daemon`` on a folder; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--export-all", "--enable=receive-pack", f"--base-path={folder}"]
    where = ["--listen=127.0.0.1", f"--port={port}", str(folder)]
    with subprocess.Popen(
        ["git", "daemon", *options, *where], env=ENVIRONMENT, start_new_session=True
    ) as process:
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 5).close()
                    break
            yield f"127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, 15)


def measured(
    name: str, folder: Path, server: Path, way: Callable[[Path], None]
) -> Measured:
    """One way in a process of its own, so that its children are counted alone."""
    folder.mkdir()
    read, write = os.pipe()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            # Workers that a testmend leaves to be collected are counted here too.
            ctypes.CDLL(None).prctl(_SUBREAPER, 1)
            way(folder)
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.wait()
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            text = f"{used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}"
            os.write(write, text.encode())
            status = 0
        os._exit(status)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    wall = time.monotonic() - start
    if not said:
        raise SystemExit(f"{name} failed")
    cpu, memory = map(float, said.split())
    disk = float(run(["du", "-sm", folder], folder).split()[0])
    tree = run(["git", "rev-parse", f"{BRANCH}^{{tree}}"], server).decode().strip()
    print(f"{name:16} {wall:7.1f} {cpu:7.1f} {memory:7.0f} {disk:7.0f}", flush=True)
    return Measured(name, wall, cpu, memory, disk, tree)


def by_clone(url: str, paths: Sequence[str], *options: str) -> Callable[[Path], None]:
    """A clone, ``testmend commit`` in it, and a push."""

    def way(folder: Path) -> None:
        run(["git", "clone", "-q", *options, url, "clone"], folder)
        clone = folder / "clone"
        command = ["commit", "-q", "--no-verify", "--branch", BRANCH, *paths]
        run([*TESTMEND, *command], clone, _DONE)
        run(["git", "push", "-q", "origin", BRANCH], clone)

    return way


def by_bulk(url: str, paths: Sequence[str]) -> Callable[[Path], None]:
    """A campaign of one repository."""

    def way(folder: Path) -> None:
        host = url.removeprefix("git://").partition("/")[0]
        wanted = ", ".join(f'"{each}"' for each in paths)
        (folder / "bench.toml").write_text(
            f'name = "bench"\npaths = [{wanted}]\n[[repositories]]\nurl = "{url}"\n'
            f'[hosts."{host}"]\ninsecure = true\n'
        )
        for command in ("run", "push"):
            arguments = ["bench.toml", "--mirrors", "mirrors", "-q"]
            run([*TESTMEND, "bulk", command, *arguments], folder, _DONE)

    return way


def one(
    repository: Path, paths: Sequence[str], ways: Sequence[str], scratch: Path
) -> None:
    """The large repository, one way after the other."""
    servers = scratch / "servers"
    for name in ways:
        place = servers / name
        shutil.copytree(repository, place)
        run(["git", "config", "uploadpack.allowFilter", "true"], place)
    print(f"{'':16} {'wall s':>7} {'CPU s':>7} {'MiB':>7} {'disk':>7}")
    with served(servers) as host:
        results = [
            measured(
                name,
                scratch / name,
                servers / name,
                by_bulk(f"git://{host}/{name}", paths)
                if name == "bulk"
                else by_clone(
                    f"git://{host}/{name}",
                    paths,
                    *(["--depth=1"] if name == "shallow-clone" else []),
                ),
            )
            for name in ways
        ]
    bulk = next(each for each in results if each.name == "bulk")
    for each in results:
        if each is bulk:
            continue
        wall, cpu = each.wall / bulk.wall, each.cpu / bulk.cpu
        same = each.tree == bulk.tree
        print(
            f"{each.name} / bulk: wall {wall:.1f}, CPU {cpu:.1f}; trees equal: {same}"
        )


def many(repository: Path, count: int, scratch: Path) -> None:
    """Many repositories made of the folders of tests of a large one."""
    sys.path.insert(0, str(HERE / "tests"))
    from killed_campaign import filled, of_trees  # noqa: PLC0415  tests' own

    run(["git", "clone", "-q", "--depth=1", f"file://{repository}", "tree"], scratch)
    fleet = filled(scratch / "fleet", of_trees(scratch / "tree", count))
    shutil.rmtree(scratch / "tree")
    for command in ("run", "push"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        arguments = ["waits.toml", "--mirrors", "mirrors", "-q"]
        run([*TESTMEND, "bulk", command, *arguments], fleet.path, _DONE)
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"{command}: {count} repositories in {wall:.1f} s, "
            f"{wall / count:.2f} s each, {cpu:.1f} s CPU, "
            f"largest process {after.ru_maxrss / 1024:.0f} MiB"
        )
    disk = run(["du", "-sm", "mirrors"], fleet.path).split()[0].decode()
    print(f"mirrors: {disk} MiB")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["one", "many"])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--paths", nargs="*", default=[])
    ways = ["clone", "shallow-clone", "bulk"]
    parser.add_argument("--ways", nargs="*", choices=ways, default=ways)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--scratch", type=Path)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bulk-", dir=wishes.scratch) as scratch:
        repository = wishes.repository.resolve()
        if wishes.what == "one":
            one(repository, wishes.paths, wishes.ways, Path(scratch))
        else:
            many(repository, wishes.count, Path(scratch))


if __name__ == "__main__":
    main()
