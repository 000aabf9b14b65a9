"""Diffs and mails made from files of any bytes: git and unidiff take them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import checkouts
import console
import pytest
from unidiff.patch import PatchSet

if TYPE_CHECKING:
    from pathlib import Path

_TEST = b"import json\nimport os\n\n\ndef test_path():\n    assert os.sep\n"
SOURCES = {
    "tests/test_crlf.py": _TEST.replace(b"\n", b"\r\n"),
    "tests/test_cr.py": _TEST.replace(b"\n", b"\r"),
    "tests/test_mixed.py": b"import json\r\nimport os\r\n\n\rdef test():\r    os.sep\n",
    "tests/test_form_feed.py": _TEST.replace(b"\n\n\n", b"\n\x0c\n\n") + b"\x0c\n",
    "tests/test_latin_1.py": b"# coding: latin-1\n" + _TEST + b"# \xe9\xff\n",
    "tests/test_no_end.py": _TEST.removesuffix(b"\n"),
    "tests/test_only.py": b"import os\nos.sep\nimport json",
    "tests/test_crlf_no_end.py": _TEST.replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
    "tests/test_crlf_poll.py": console.POLL.replace(b"\n", b"\r\n"),
    "tests/test_bom.py": b"\xef\xbb\xbf" + _TEST,
    "tests/test_separators.py": _TEST + "# \u2028 \x85 \x0b\x1c\n".encode(),
    "tests/test_from.py": _TEST + b'"""\nFrom me\n--- a\n+++ b\n@@ -1 +1 @@\n"""\n',
    "tests/test_n\xe4me and blank.py": _TEST,
}


@pytest.fixture
def checkout(tmp_path: Path) -> checkouts.Checkout:
    made = checkouts.new(tmp_path / "repository")
    console.project(made.path, SOURCES)
    made.commit_all()
    return made


def _clone(checkout: checkouts.Checkout, path: Path) -> checkouts.Checkout:
    checkout.git("clone", "-q", ".", str(path))
    return checkouts.Checkout(path)


def _applied(checkout: checkouts.Checkout, path: Path) -> dict[str, tuple[int, bytes]]:
    """What `apply` makes of the same files."""
    clone = _clone(checkout, path)
    assert console.run("apply", cwd=clone.path).returncode == 0
    found = checkouts.files(clone)
    for name, source in SOURCES.items():
        assert found[name][1] != source, name
    return found


def test_git_takes_the_diff(checkout: checkouts.Checkout, tmp_path: Path) -> None:
    shown = console.run("diff", cwd=checkout.path)
    assert shown.returncode == 1
    lines = shown.stdout.decode("latin-1").split("\n")
    parsed = PatchSet(line + "\n" for line in lines[:-1])
    assert len(parsed) == len(SOURCES) + 1
    checkout.git("apply", "--check", stdin=shown.stdout)
    checkout.git("apply", stdin=shown.stdout)
    assert checkouts.files(checkout) == _applied(checkout, tmp_path / "clone")


@pytest.mark.parametrize("per", ["codemod", "all"])
def test_git_takes_the_mails(
    checkout: checkouts.Checkout, tmp_path: Path, per: str
) -> None:
    clone = _clone(checkout, tmp_path / "other")
    before = checkouts.snapshot(checkout)
    flags = ("--per", per, "--patch-dir", "../mails", "--message", "Mënd $codemods")
    done = console.run("commit", *flags, cwd=checkout.path)
    assert done.returncode == 0, done.stderr
    assert checkouts.snapshot(checkout) == before
    mails = sorted((tmp_path / "mails").iterdir())
    assert len(mails) == (2 if per == "codemod" else 1)
    clone.git("am", "-q", *mails)
    assert checkouts.files(clone) == _applied(checkout, tmp_path / "clone")
    assert clone.log()[0].startswith("Mënd ")
    assert console.run("commit", "--per", per, cwd=checkout.path).returncode == 0
    tree = clone.git("rev-parse", "HEAD^{tree}")
    assert checkout.git("rev-parse", "HEAD^{tree}") == tree
    # A second time, nothing is written over.
    assert console.run("undo", cwd=checkout.path).returncode == 0
    again = console.run("commit", *flags, cwd=checkout.path)
    assert again.returncode == 2
    assert b"exists" in again.stderr
    assert sorted((tmp_path / "mails").iterdir()) == mails


def test_git_takes_the_diffs_of_a_dry_run(checkout: checkouts.Checkout) -> None:
    shown = console.run("commit", "-n", "--per", "all", cwd=checkout.path)
    assert shown.returncode == 1
    checkout.git("apply", "--check", stdin=shown.stdout)
    patch = shown.stdout[shown.stdout.index(b"diff --git") :].decode("latin-1")
    parsed = PatchSet(line + "\n" for line in patch.split("\n")[:-1])
    assert len(parsed) == len(SOURCES) + 1
