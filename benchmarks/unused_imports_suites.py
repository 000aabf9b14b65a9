"""What unused-imports does to real test suites, and whether they survive it.

::

    python benchmarks/unused_imports_suites.py [--list] FOLDER ...
    python benchmarks/unused_imports_suites.py --python VENV/bin/python FOLDER ...

For each folder (an unpacked sdist or wheel, or a checkout), all on a copy:

- how many unread imports go, and why the others stay (``--list`` names each),
- with all ``# noqa`` stripped from import statements (and off as a file's comment): how
  many of the imports that they protected stay; those that go are named,
- with ``--python``, an interpreter that has what the suite needs: which test modules
  can be imported, each in a process of its own, and what ``pytest --collect-only``
  finds, before and after the removals.

Nothing is written below the folders.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from msgspec import Struct, field

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / each) for each in ("src", "codemods")]

COMMAND = [sys.executable, str(ROOT / "cli.py")]
NAMED = ["--select", "unused-imports", "--isolated", "-j", "1", "--root", ".", "."]
_NOQA = re.compile(r"\s*#\s*(?:noqa\b|pylint:|type:|nopycln|isort:).*", re.IGNORECASE)
_FILE_WIDE = re.compile(
    r"^\s*#.*?(?:flake8|ruff)[:=]\s*noqa.*|^\s*#\s*pylint:.*", re.IGNORECASE
)
_PATIENCE = 20  # seconds for one module
# Imports each module in a child of its own; prints those that can be imported.
IMPORTER = f"""
import importlib, os, signal, sys, warnings
warnings.simplefilter("ignore")
here = os.getcwd()
for line in sys.stdin.read().split("\\n"):
    folder, name = line.split(" ", 1)
    sys.stdout.flush()
    child = os.fork()
    if not child:
        signal.alarm({_PATIENCE})
        sys.path[:1] = [os.path.join(here, folder), here, os.path.join(here, "src")]
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(1, 2)
        try:
            importlib.import_module(name)
        except BaseException:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(line)
"""


class Result(Struct):
    """What became of one suite."""

    fixed: list[str] = field(default_factory=list)
    unsafe: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    suppressed: int = 0


def findings(top: Path) -> Result:
    """What testmend says of a suite."""
    done = subprocess.run(
        [*COMMAND, "check", "--show-refused", "-q", "--format", "json", *NAMED],
        cwd=top,
        capture_output=True,
        check=False,
        text=True,
    )
    result = Result()
    for file in json.loads(done.stdout)["files"]:
        result.suppressed += sum(file["suppressed"].values())
        for each in file["findings"]:
            text = f"{file['path']}:{each['line']}: {each['message']}"
            if each["reason"]:
                result.refused[each["reason"]] += 1
            elif each["unsafe"]:
                result.unsafe.append(f"{text} ({each['unsafe']})")
            else:
                result.fixed.append(text)
    return result


# -- noqa ----------------------------------------------------------------------


def strip(top: Path) -> list[tuple[str, str, int]]:
    """Take the linters' comments off all imports; the (path, name, count) protected.

    A comment protects the names of its statement that no other code of the file has:
    so far as the words of a file tell.
    """
    protected = []
    for file in sorted(top.rglob("*.py")):
        try:
            source = file.read_text("utf-8")
            tree = ast.parse(source)
        except (OSError, SyntaxError, ValueError):
            continue
        lines = source.split("\n")
        names: Counter[str] = Counter()
        for number, line in enumerate(lines):
            if _FILE_WIDE.match(line):
                lines[number] = "#"
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names += _stripped(lines, node, source)
        path = file.relative_to(top).as_posix()
        if "\n".join(lines) != source:
            file.write_text("\n".join(lines), "utf-8")
        protected += [(path, name, count) for name, count in names.items()]
    return protected


def _stripped(
    lines: list[str], node: ast.Import | ast.ImportFrom, source: str
) -> Counter[str]:
    names: Counter[str] = Counter()
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    for number in range(first, last + 1):
        head, sign, tail = lines[number].partition("#")
        bare = _NOQA.sub("", f"{sign}{tail}")
        if bare != f"{sign}{tail}":
            lines[number] = f"{head}{bare}".rstrip()
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                on_line = first == last or alias.lineno - 1 == number or number == first
                if on_line and name != "*" and _is_unread(name, source):
                    names[name] += 1
    return names


def _is_unread(name: str, source: str) -> bool:
    """Whether no code of a file reads a name (it may be a parameter, or in strings)."""
    return not any(
        isinstance(node, ast.Name) and node.id == name
        for node in ast.walk(ast.parse(source))
    )


def kept(top: Path, protected: list[tuple[str, str, int]]) -> tuple[int, list[str]]:
    """How many of the protected names are still imported, and which are not."""
    good, lost = 0, []
    for path, name, count in protected:
        tree = ast.parse((top / path).read_text("utf-8"))
        left = sum(
            (alias.asname or alias.name.partition(".")[0]) == name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        )
        good += min(left, count)
        if left < count:
            lost.append(f"{path}: {name}")
    return good, lost


# -- imports and collection ----------------------------------------------------


def importable(python: str, top: Path, names: list[str]) -> set[str]:
    """The modules that can be imported."""
    done = subprocess.run(
        [python, "-c", IMPORTER],
        cwd=top,
        input="\n".join(names),
        capture_output=True,
        check=False,
        text=True,
    )
    return set(done.stdout.split("\n")) - {""}


def collected(python: str, top: Path, folders: list[str]) -> set[str]:
    """The tests, and the errors, that pytest finds."""
    done = subprocess.run(
        [
            *(python, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"),
            *("--continue-on-collection-errors", *folders),
        ],
        cwd=top,
        capture_output=True,
        check=False,
        text=True,
    )
    return {
        re.sub(r"0x[0-9a-f]+", "", line)
        for line in done.stdout.split("\n")
        if "::" in line or line.startswith("ERROR ")
    }


def modules(top: Path) -> list[str]:
    """The files under work: the folder that pytest would import from, and the name."""
    done = subprocess.run(
        [*COMMAND, "check", "-q", "--format", "json", *NAMED],
        cwd=top,
        capture_output=True,
        check=False,
        text=True,
    )
    paths = [each["path"] for each in json.loads(done.stdout)["files"]]
    return [_module(top, path) for path in paths if "-" not in path]


def _module(top: Path, path: str) -> str:
    folder = Path(path).parent
    while (top / folder / "__init__.py").exists() and folder.name:
        folder = folder.parent
    name = Path(path).relative_to(folder).with_suffix("").as_posix()
    return f"{folder} {name.removesuffix('/__init__').replace('/', '.')}"


def apply(top: Path) -> None:
    """Make the safe removals."""
    subprocess.run(
        [*COMMAND, "apply", "-q", *NAMED], cwd=top, capture_output=True, check=False
    )


def survive(python: str, top: Path) -> None:
    """Print what imports and what is collected, before and after the removals."""
    folders = sorted(
        each.name
        for each in top.iterdir()
        if each.is_dir() and each.name in ("test", "tests", "t", "testing")
    ) or ["."]
    names = modules(top)
    imports, tests = importable(python, top, names), collected(python, top, folders)
    apply(top)
    after = importable(python, top, names)
    print(f"  imported: {len(imports)} of {len(names)} before, {len(after)} after")
    for name in sorted(imports - after):
        print(f"    NOT ANY MORE: {name}")
    found = collected(python, top, folders)
    print(f"  collected: {len(tests)} lines before, {len(found)} after")
    for line in sorted(tests ^ found)[:20]:
        print(f"    DIFFERS: {line}")


def copied(source: Path, made: str) -> Path:
    """A copy of a suite."""
    top = Path(made) / "suite"
    shutil.copytree(
        source, top, symlinks=True, ignore=shutil.ignore_patterns(".git", "*.pyc")
    )
    return top


def main() -> None:
    """Go through the folders and print what is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--python", help="an interpreter with what the suites need")
    parser.add_argument("--list", action="store_true", help="name each import")
    given = parser.parse_args()
    total = lost_in_all = 0
    for folder in given.folders:
        with tempfile.TemporaryDirectory() as made:
            top = copied(folder, made)
            result = findings(top)
            print(
                f"{folder.name}: {len(result.fixed)} go, {len(result.unsafe)} unsafe, "
                f"{result.suppressed} under noqa, {dict(result.refused.most_common())}"
            )
            if given.list:
                print("".join(f"  {each}\n" for each in result.fixed), end="")
                print("".join(f"  unsafe {each}\n" for each in result.unsafe), end="")
            if given.python and result.fixed:  # else nothing changes
                survive(given.python, top)
        with tempfile.TemporaryDirectory() as made:
            top = copied(folder, made)
            protected = strip(top)
            apply(top)
            good, lost = kept(top, protected)
            print(f"  noqa stripped: {good} of {good + len(lost)} stay", flush=True)
            print("".join(f"    {each}\n" for each in lost), end="")
            total, lost_in_all = total + good + len(lost), lost_in_all + len(lost)
    print(f"noqa stripped, in all: {total - lost_in_all} of {total} stay")


if __name__ == "__main__":
    main()
