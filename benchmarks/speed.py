"""How fast testmend is, as a ratio to peers in the same run.

    python benchmarks/speed.py [--tree FOLDER] [--runs 3] [--jobs 1] [--peers PYTHON]
    python benchmarks/speed.py --sizes 1 2 4 8
    python benchmarks/speed.py --compare | --save

Without ``--tree`` the tests of the nova 20.0.0 wheel are fetched from the package
registry with pip. ``--peers`` is the interpreter of an environment with ``pip install
ruff autoflake pycln unimport libcst`` (default: this one; their requirements clash with
testmend's). Every run gets a fresh copy of the tree, and the benchmark a cache of its
own, which the row "warm" uses after a run that fills it; CPU is user plus system
time of the process and its workers, memory the peak of the largest process. Tools take
turns, run by run, so that a machine that slows down slows down all of them.

``--sizes`` shows how the cost grows: so many copies of the tests, side by side, on one
process and on two. ``--save`` writes the ratios of testmend to ``ratios.json`` beside
this file; ``--compare`` measures them again, and fails if one has grown by a fifth.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from msgspec import Struct

WHEEL = "nova==20.0.0"
TESTS = "nova/tests"
PARSE = """\
import ast, pathlib, sys
for file in pathlib.Path(sys.argv[1]).rglob("*.py"):
    ast.parse(file.read_bytes())
"""
SLOW = {"libcst", "unimport"}
WARM = "testmend (warm)"
OURS = ("testmend", WARM, "testmend (unused-imports)")
STORED = Path(__file__).with_name("ratios.json")
TOLERATED = 1.2  # how much a ratio may grow: machines differ


class Run(Struct, frozen=True):
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


def environment(cache: Path) -> dict[str, str]:
    """The environment of a run: with byte code, as it is after an installation."""
    own = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    return own


def measure(command: list[str], folder: Path) -> Run:
    """Run a command to its end in a folder, its output thrown away."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder.parent / "cache"),
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


def cpu(runs: list[Run]) -> float:
    """The median of the CPU seconds."""
    return statistics.median(run.cpu for run in runs)


def row(name: str, runs: list[Run], base: float) -> str:
    """One line of the table: medians, and the ratio of CPU to bare parsing."""
    wall = statistics.median(run.wall for run in runs)
    memory = max(run.memory for run in runs) / 1e6
    ratio = f"{cpu(runs) / base:.2f}" if base else "-"
    status = runs[-1].status
    return (
        f"| {name} | {wall:.2f} | {cpu(runs):.2f} | {ratio} | {memory:.0f} | {status} |"
    )


def timed(
    chosen: dict[str, list[str]], top: Path, work: Path, count: int
) -> dict[str, list[Run]]:
    """Run the commands in turn, each as often as asked; the slowest ones once."""
    runs: dict[str, list[Run]] = {name: [] for name in chosen}
    for number in range(count):
        for tool, command in chosen.items():
            if number and tool in SLOW:
                continue
            copy = work / "copy"
            shutil.copytree(top, copy)
            if tool == WARM:
                measure(command, copy)
            runs[tool].append(measure(command, copy))
            shutil.rmtree(copy)
    return runs


def compare(runs: dict[str, list[Run]]) -> bool:
    """Print testmend's ratios beside those that are stored. Whether none has grown."""
    stored = json.loads(STORED.read_text())
    fine = True
    for name, ratio in ratios(runs).items():
        grown = ratio / stored[name]
        print(f"{name}: {ratio:.2f}, stored {stored[name]:.2f} ({grown:.0%})")
        fine &= grown <= TOLERATED
    return fine


def ratios(runs: dict[str, list[Run]]) -> dict[str, float]:
    """CPU of testmend in units of bare parsing."""
    base = cpu(runs["ast.parse"])
    return {name: cpu(runs[name]) / base for name in OURS if name in runs}


def grow(top: Path, tree: str, work: Path, sizes: list[int], count: int) -> None:
    """Print what the tests cost when there are several times as many."""
    print(
        "| copies | ast.parse CPU s | CPU s | ratio | wall s | -j 2 wall s | peak MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for size in sizes:
        large = work / "large"
        for number in range(size):
            name = f"copy_{number}"
            shutil.copytree(top / tree, large / name / tree, dirs_exist_ok=True)
        one, two = (commands(".", jobs, sys.executable)["testmend"] for jobs in (1, 2))
        bare = commands(".", 1, sys.executable)["ast.parse"]
        chosen = {"ast.parse": bare, "one": one, "two": two}
        runs = timed(chosen, large, work, count)
        base, own = cpu(runs["ast.parse"]), cpu(runs["one"])
        walls = (statistics.median(r.wall for r in runs[key]) for key in ("one", "two"))
        alone, both = walls
        peak = max(run.memory for key in ("one", "two") for run in runs[key]) / 1e6
        print(
            f"| {size} | {base:.2f} | {own:.2f} | {own / base:.2f} | {alone:.2f} "
            f"| {both:.2f} | {peak:.0f} |",
            flush=True,
        )
        shutil.rmtree(large)


def main() -> None:
    """Fetch, run, print a table in Markdown."""
    parser = argparse.ArgumentParser(description="testmend and its peers, timed")
    parser.add_argument("--tree", type=Path, help="a folder with tests")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of the table's rows")
    parser.add_argument("--peers", default=sys.executable, help="their interpreter")
    parser.add_argument(
        "--sizes", nargs="*", type=int, help="how many copies of the tree"
    )
    parser.add_argument("--save", action="store_true", help="store the ratios")
    parser.add_argument("--compare", action="store_true", help="with those stored")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        top = args.tree or fetched(work)
        tree = "." if args.tree else TESTS
        if args.sizes:
            grow(top, tree, work, args.sizes, args.runs)
            return
        own = ["ast.parse", *OURS] if args.save or args.compare else None
        only = args.only or own
        found = commands(tree, args.jobs, args.peers)
        chosen = {
            name: each for name, each in found.items() if not only or name in only
        }
        runs = timed(chosen, top, work, args.runs)
    print("| tool | wall s | CPU s | CPU / ast.parse | peak MB | exit |")
    print("| --- | --- | --- | --- | --- | --- |")
    base = cpu(runs["ast.parse"]) if "ast.parse" in runs else 0.0
    for tool, each in runs.items():
        print(row(tool, each, base), flush=True)
    if args.save:
        STORED.write_text(json.dumps(ratios(runs), indent=2) + "\n")
    if args.compare and not compare(runs):
        sys.exit("slower than it was")


if __name__ == "__main__":
    main()
