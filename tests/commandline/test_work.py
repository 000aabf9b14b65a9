"""How much work a run is, counted in parsed bytes: seconds differ from day to day."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from console import project

COUNTING = """
import json, sys
seen = {}
def count(event, args):
    if event == "compile" and args[0] and str(args[1]).endswith(".py"):
        if not str(args[1]).startswith("/"):
            seen[args[1]] = seen.get(args[1], 0) + len(args[0])
sys.addaudithook(count)
from testmend.cli import main
sys.argv[0] = "testmend"
try:
    main()
finally:
    print(json.dumps(seen), file=sys.stderr)
"""
ROOT = Path(__file__).parents[2]
CHECKOUT = [str(ROOT / "src"), str(ROOT / "codemods")]
UUID = "3a7d5b0e-9c1f-4d2a-8b6e-7f0c1d2e3f{:02x}"


def parsed(folder: Path, *arguments: str) -> dict[str, int]:
    """The characters that a run has parsed, by path."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, *arguments, "-q", "-j1", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(CHECKOUT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    found: dict[str, int] = json.loads(done.stderr.splitlines()[-1])
    return found


def large(number: int) -> bytes:
    """A test module with many tests, a few of which get a fix."""
    lines = ["import api", "import os", "", "", "class TestIt:"]
    for test in range(200):
        image = f"'{UUID.format(number)}'" if test in (17, 150) else "'x'"
        lines += [f"    def test_{test}(self):", f"        api.show(image_id={image})"]
    return "\n".join([*lines, ""]).encode()


def test_a_file_is_parsed_once_and_what_a_fix_touches_again(tmp_path: Path) -> None:
    files = {f"tests/test_{number}.py": large(number) for number in range(5)}
    files["tests/test_plain.py"] = b"import os\n\n\ndef test_it():\n    os.stat('.')\n"
    files["src/api.py"] = b"def show(image_id):\n    return image_id\n" * 100
    folder = project(tmp_path, files)
    counts = parsed(folder, "diff", "tests")
    assert "src/api.py" not in counts  # nothing is asked of it
    assert counts["tests/test_plain.py"] == len(files["tests/test_plain.py"])
    for number in range(5):
        size = len(files[f"tests/test_{number}.py"])
        assert size < counts[f"tests/test_{number}.py"] < 1.25 * size


def test_a_comment_that_says_a_new_name_costs_nothing(tmp_path: Path) -> None:
    data = large(1) + b"        # an IMAGE_ID, and its IMAGE_ID2\n"
    folder = project(tmp_path, {"tests/test_it.py": data})
    counts = parsed(folder, "diff", "tests")
    assert len(data) < counts["tests/test_it.py"] < 1.25 * len(data)


def test_the_work_grows_with_the_number_of_files(tmp_path: Path) -> None:
    few = {f"tests/test_{number}.py": large(number) for number in range(3)}
    many = {f"tests/test_{number}.py": large(number) for number in range(12)}
    small, big = tmp_path / "small", tmp_path / "big"
    for folder, files in ((small, few), (big, many)):
        folder.mkdir()
        project(folder, files)
    one = sum(parsed(small, "check", "tests").values())
    four = sum(parsed(big, "check", "tests").values())
    assert four < 4.1 * one


def imported(folder: Path, cache: Path) -> set[str]:
    """The modules that a run imports, by what Python says of them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "testmend", "check", "-j1"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(CHECKOUT),
            "XDG_CACHE_HOME": str(cache),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_a_run_that_finds_all_in_the_cache_imports_no_step(tmp_path: Path) -> None:
    where, cache = tmp_path / "project", tmp_path / "cache"
    where.mkdir()
    folder = project(where, {"tests/test_it.py": large(1)})
    steps = {"testmend.engine", "testmend_codemods.literals.grammar.words"}
    assert steps <= imported(folder, cache)
    again = imported(folder, cache)
    assert not [each for each in again if each in steps or each.startswith("libcst")]
