"""How often a needed import stays and an unneeded one goes, by tool.

Runs each tool that is found over the labelled set, every case in a folder of its own,
and prints one row a tool: needed imports kept, unneeded ones removed, as cases.

    python benchmarks/unused_imports.py [--bin FOLDER]

``--bin`` is where ruff, autoflake, pycln, unimport and python (with libcst) are.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / each) for each in ("src", "codemods", "tests")]

from labelled import Labelled, cases  # noqa: E402  from the checkout

if TYPE_CHECKING:
    from collections.abc import Callable

LIBCST = "libcst.codemod.commands.remove_unused_imports"
SCRIPT = f"""
import sys
from libcst import parse_module
from libcst.codemod import CodemodContext, transform_module, TransformSuccess
from {LIBCST} import RemoveUnusedImportsCommand
for path in sys.argv[1:]:
    command = RemoveUnusedImportsCommand(CodemodContext(filename=path))
    result = transform_module(command, open(path).read())
    if isinstance(result, TransformSuccess):
        open(path, "w").write(result.code)
"""
TESTMEND = """
import sys
sys.path[:0] = ["src", "codemods", "tests"]
from projects import Project
from labelled import cases
from pathlib import Path
from testmend.model import Changed
for case in cases():
    project = Project({path: text.encode() for path, text in case.files.items()})
    done = project.run(["unused-imports"], only=[case.path])[case.path].outcome
    if isinstance(done, Changed):
        Path(sys.argv[1], case.id, case.path).write_bytes(done.after)
"""


def tools(folder: Path) -> dict[str, Callable[[Path, list[str]], list[list[str]]]]:
    """Each tool's command lines for the top folder and the files under work."""
    python, ruff, autoflake, pycln, unimport = (
        str(folder / name)
        for name in ("python", "ruff", "autoflake", "pycln", "unimport")
    )
    fix = ["check", "--isolated", "--fix", "--unsafe-fixes", "--exit-zero", "-q"]
    return {
        "testmend": lambda top, _: [[sys.executable, "-c", TESTMEND, str(top)]],
        "ruff": lambda _, files: [[ruff, *fix, "--select", "F401,F811", *files]],
        "autoflake": lambda _, files: [
            [autoflake, "--in-place", "--remove-all-unused-imports", *files]
        ],
        # One by one: it stops at the first file that breaks it.
        "pycln": lambda _, files: [[pycln, "--all", "-q", file] for file in files],
        "unimport": lambda top, _: [[unimport, "-r", str(top)]],
        "LibCST": lambda _, files: [[python, "-c", SCRIPT, *files]],
    }


def unpack(top: Path) -> list[str]:
    """Write all cases below a folder; the files under work."""
    for case in cases():
        for path, text in case.files.items():
            file = top / case.id / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return [str(top / case.id / case.path) for case in cases()]


def labelled_imports(case: Labelled, source: str) -> int | None:
    """How many labelled names a source still imports; None if it is broken."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    names = {each.partition("@")[0] for each in case.names}
    return sum(
        (alias.asname or alias.name.partition(".")[0]) in names
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def score(top: Path) -> dict[str, tuple[int, int]]:
    """For each label the cases that came out as labelled, of how many."""
    right = {"keep": [0, 0], "remove": [0, 0]}
    for case in cases():
        before = labelled_imports(case, case.files[case.path]) or 0
        after = labelled_imports(case, (top / case.id / case.path).read_text("utf-8"))
        wanted = before - (len(case.names) if case.label == "remove" else 0)
        right[case.label][0] += after == wanted
        right[case.label][1] += 1
    return {label: (good, every) for label, (good, every) in right.items()}


def main() -> None:
    """Run the tools and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, default=Path(sys.executable).parent)
    folder = parser.parse_args().bin
    print("| tool | needed, kept | unneeded, removed |\n| --- | --- | --- |")
    for name, command in tools(folder).items():
        with tempfile.TemporaryDirectory() as made:
            top = Path(made)
            files = unpack(top)
            try:
                for run in command(top, files):
                    subprocess.run(run, cwd=ROOT, capture_output=True, check=False)
            except FileNotFoundError:
                print(f"| {name} | not installed | |")
                continue
            rows = [f"{good} of {every}" for good, every in score(top).values()]
            print(f"| {name} | {' | '.join(rows)} |", flush=True)


if __name__ == "__main__":
    main()
