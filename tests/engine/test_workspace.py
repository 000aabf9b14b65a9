"""Reading and writing: whole files, beneath the root, never over a change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from testmend.errors import SourceError
from testmend.model import Changed, NewFile
from testmend.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def change(before: bytes, after: bytes, *files: NewFile) -> Changed:
    return Changed((), (), before, ((0, len(before), after),), files)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "test_a.py").write_bytes(b"a = 1\n")
    return folder


def left(root: Path) -> list[str]:
    return sorted(file.relative_to(root).as_posix() for file in root.rglob("*.*"))


def test_write_replaces_the_file_and_keeps_its_mode(root: Path) -> None:
    file = root / "tests" / "test_a.py"
    file.chmod(0o755)
    Workspace(root).write("tests/test_a.py", change(b"a = 1\n", b"a = 2\n"))
    assert file.read_bytes() == b"a = 2\n"
    assert file.stat().st_mode & 0o777 == 0o755
    assert left(root) == ["tests/test_a.py"]


def test_write_keeps_extended_attributes(root: Path) -> None:
    file = root / "tests" / "test_a.py"
    try:
        os.setxattr(file, "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    Workspace(root).write("tests/test_a.py", change(b"a = 1\n", b"a = 2\n"))
    assert os.getxattr(file, "user.note") == b"mine"


def refused(root: Path, path: str, reason: str) -> None:
    before = {
        file: file.read_bytes() for file in root.parent.rglob("*.py") if file.is_file()
    }
    with pytest.raises(SourceError) as caught:
        Workspace(root).write(path, change(b"a = 1\n", b"a = 2\n"))
    assert caught.value.reason == reason
    assert {file: file.read_bytes() for file in before} == before
    assert not list(root.rglob("*.tmp"))


def test_write_refuses_a_file_that_changed(root: Path) -> None:
    (root / "tests" / "test_a.py").write_bytes(b"a = 'mine'\n")
    refused(root, "tests/test_a.py", "changed-meanwhile")


def test_write_refuses_a_hard_link(root: Path) -> None:
    os.link(root / "tests" / "test_a.py", root / "other.py")
    refused(root, "tests/test_a.py", "hard-link")


def test_write_refuses_a_read_only_file(root: Path) -> None:
    (root / "tests" / "test_a.py").chmod(0o444)
    refused(root, "tests/test_a.py", "read-only")


def test_write_refuses_a_link(root: Path) -> None:
    (root / "tests" / "test_l.py").symlink_to("test_a.py")
    refused(root, "tests/test_l.py", "link")


def test_write_refuses_a_linked_folder(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "test_a.py").write_bytes(b"a = 1\n")
    (root / "linked").symlink_to(tmp_path / "outside")
    refused(root, "linked/test_a.py", "link")


@pytest.mark.parametrize(
    "path", ["../test_a.py", "/etc/passwd", "tests/../../a.py", ""]
)
def test_nothing_outside_the_root_is_named(root: Path, path: str) -> None:
    with pytest.raises(SourceError) as caught:
        Workspace(root).read(path)
    assert caught.value.reason == "not-a-file"


def test_read_refuses_links_and_special_files(root: Path) -> None:
    (root / "secret.py").symlink_to("/etc/hostname")
    os.mkfifo(root / "fifo.py")
    for path, reason in [("secret.py", "link"), ("fifo.py", "not-a-file")]:
        with pytest.raises(SourceError) as caught:
            Workspace(root).read(path)
        assert caught.value.reason == reason


def test_read_refuses_a_file_beyond_the_limit(root: Path) -> None:
    with (root / "big.py").open("wb") as file:
        file.truncate(2 * 1024 * 1024 + 1)
    with pytest.raises(SourceError) as caught:
        Workspace(root).read("big.py")
    assert caught.value.reason == "too-large"


def test_new_file_is_made_with_its_folder(root: Path) -> None:
    new = NewFile("tests/helpers/waits.py", "x = 1\n")
    Workspace(root).write("tests/test_a.py", change(b"a = 1\n", b"a = 2\n", new))
    assert (root / "tests/helpers/waits.py").read_text() == "x = 1\n"
    assert not list(root.rglob("*.tmp"))


def test_new_file_never_overwrites(root: Path) -> None:
    (root / "waits.py").write_text("mine = 1\n")
    new = NewFile("waits.py", "x = 1\n")
    with pytest.raises(SourceError) as caught:
        Workspace(root).write("tests/test_a.py", change(b"a = 1\n", b"a = 2\n", new))
    assert caught.value.reason == "exists"
    assert (root / "waits.py").read_text() == "mine = 1\n"
    assert (root / "tests" / "test_a.py").read_bytes() == b"a = 1\n"


def test_full_disk_harms_nothing(root: Path) -> None:
    resource = pytest.importorskip("resource")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, old[1]))
    try:
        with pytest.raises(SourceError) as caught:
            Workspace(root).write("tests/test_a.py", change(b"a = 1\n", b"a" * 64))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert caught.value.reason == "unwritable"
    assert (root / "tests" / "test_a.py").read_bytes() == b"a = 1\n"
    assert not list(root.rglob("*.tmp"))
