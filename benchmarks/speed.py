"""How fast testmend is, as a ratio to peers in the same run.

    python benchmarks/speed.py [--tree FOLDER] [--runs 3] [--jobs 1] [--peers PYTHON]

Without ``--tree`` the tests of the nova 20.0.0 wheel are fetched from the package
registry with pip. ``--peers`` is the interpreter of an environment with ``pip install
ruff autoflake pycln unimport libcst`` (default: this one; their requirements clash with
testmend's). Every run gets a fresh copy of the tree, and the benchmark a cache of its
own, which the row "warm" uses after a run that fills it; CPU is user plus system
time of the process and its workers, memory the peak of the largest process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

WHEEL = "nova==20.0.0"
TESTS = "nova/tests"
PARSE = """\
import ast, pathlib, sys
for file in pathlib.Path(sys.argv[1]).rglob("*.py"):
    ast.parse(file.read_bytes())
"""
SLOW = {"libcst", "unimport"}
WARM = "testmend (warm)"


@dataclass(frozen=True)
class Run:
    """One measured process: seconds and bytes."""

    wall: float
    cpu: float
    memory: int
    status: int


def commands(tree: str, jobs: int, peers: str) -> dict[str, list[str]]:
    """The command line of testmend and of each peer, for a tree."""
    python = sys.executable
    remove = "remove_unused_imports.RemoveUnusedImportsCommand"
    command = [
        python,
        "-m",
        "testmend",
        "diff",
        "-q",
        "-j",
        str(jobs),
        "--no-cache",
        tree,
    ]
    return {
        "ast.parse": [python, "-c", PARSE, tree],
        "testmend": command,
        WARM: [each for each in command if each != "--no-cache"],
        "testmend (unused-imports)": [*command, "--select", "unused-imports"],
        "ruff": [
            python,
            "-m",
            "ruff",
            "check",
            "--isolated",
            "-n",
            "--select",
            "F401",
            tree,
        ],
        "autoflake": [peers, "-m", "autoflake", "-r", "-j", str(jobs), tree],
        "pycln": [peers, "-m", "pycln", "--diff", "-a", tree],
        "unimport": [peers, "-m", "unimport", "--check", tree],
        "libcst": [
            *(peers, "-m", "libcst.tool", "codemod", remove, "--no-format"),
            *("--hide-progress", "-j", str(jobs), tree),
        ],
    }


def measure(command: list[str], folder: Path) -> Run:
    """Run a command to its end in a folder, its output thrown away."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, code)


def fetched(folder: Path) -> Path:
    """The folder that holds the unpacked wheel."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "-d",
        str(folder),
    ]
    subprocess.run([*pip, WHEEL], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "tree")
    return folder / "tree"


def row(name: str, runs: list[Run], base: float) -> str:
    """One line of the table: medians, and the ratio of CPU to bare parsing."""
    cpu = statistics.median(run.cpu for run in runs)
    wall = statistics.median(run.wall for run in runs)
    memory = max(run.memory for run in runs) / 1e6
    ratio = f"{cpu / base:.2f}" if base else "-"
    status = runs[-1].status
    return f"| {name} | {wall:.2f} | {cpu:.2f} | {ratio} | {memory:.0f} | {status} |"


def main() -> None:
    """Fetch, run, print a table in Markdown."""
    parser = argparse.ArgumentParser(description="testmend and its peers, timed")
    parser.add_argument("--tree", type=Path, help="a folder with tests")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of the table's rows")
    parser.add_argument("--peers", default=sys.executable, help="their interpreter")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        top = args.tree or fetched(work)
        tree = "." if args.tree else TESTS
        print("| tool | wall s | CPU s | CPU / ast.parse | peak MB | exit |")
        print("| --- | --- | --- | --- | --- | --- |")
        base = 0.0
        for tool, command in commands(tree, args.jobs, args.peers).items():
            if args.only and tool not in args.only:
                continue
            runs = []
            for _ in range(1 if tool in SLOW else args.runs):
                copy = work / "copy"
                shutil.copytree(top, copy)
                if tool == WARM:
                    measure(command, copy)
                runs.append(measure(command, copy))
                shutil.rmtree(copy)
            if tool == "ast.parse":
                base = statistics.median(run.cpu for run in runs)
            print(row(tool, runs, base), flush=True)


if __name__ == "__main__":
    main()
