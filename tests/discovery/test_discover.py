"""Which files are under work, in trees of all kinds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testmend.config import TEST_CODE
from testmend.discover import Choice, pick, project_files, project_root, walk, within
from testmend.errors import UsageError


def make(folder: Path, *names: str) -> Path:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return folder


def picked(
    root: Path,
    *paths: str,
    include: tuple[str, ...] = TEST_CODE,
    exclude: tuple[str, ...] = (),
    force: bool = False,
) -> list[str]:
    choice = Choice(root, include, exclude, force_exclude=force)
    wanted = [root / path for path in paths or (".",)]
    return list(pick(root, wanted, project_files(root), choice))


def test_only_test_code_by_default(tmp_path: Path) -> None:
    make(
        tmp_path,
        *("setup.py", "pkg/core.py", "pkg/testing_tools.py", "pkg/contest.py"),
        *("pkg/test_core.py", "pkg/core_test.py", "pkg/conftest.py"),
        *("tests/helper.py", "pkg/test/base.py", "pkg/testing/x.py"),
        *("functional/deep/er/x.py", "tests/notes.txt", "tests/module.pyc"),
    )
    assert picked(tmp_path) == [
        "functional/deep/er/x.py",
        "pkg/conftest.py",
        "pkg/core_test.py",
        "pkg/test/base.py",
        "pkg/test_core.py",
        "pkg/testing/x.py",
        "tests/helper.py",
    ]


def test_include_and_exclude(tmp_path: Path) -> None:
    make(tmp_path, "tests/a.py", "tests/data/b.py", "checks/c.py", "checks/d.py")
    assert picked(tmp_path, exclude=("data/",)) == ["tests/a.py"]
    assert picked(tmp_path, include=("/checks/", "!d.py")) == ["checks/c.py"]


def test_a_named_file_beats_what_excludes_it(tmp_path: Path) -> None:
    make(tmp_path, "tests/a.py", "tests/data/b.py", "core.py", "built/tests/c.py")
    make(tmp_path, ".git/HEAD")
    (tmp_path / ".gitignore").write_text("built/\n")
    names = ["built/tests/c.py", "core.py", "tests/a.py", "tests/data/b.py"]
    assert picked(tmp_path, *names, exclude=("data/",)) == names
    assert picked(tmp_path, *names, exclude=("data/",), force=True) == ["tests/a.py"]
    assert picked(tmp_path, "built", exclude=("data/",)) == ["built/tests/c.py"]
    assert picked(tmp_path, exclude=("data/",)) == ["tests/a.py"]


def test_folders_of_tools_are_not_searched(tmp_path: Path) -> None:
    make(
        tmp_path,
        *(".git/tests/a.py", ".tox/py/tests/a.py", "node_modules/x/tests/a.py"),
        *("venv/tests/a.py", "env/pyvenv.cfg", "env/lib/tests/a.py"),
        *("lib/site-packages/pkg/tests/a.py", "tests/__pycache__/a.py", "tests/a.py"),
        "src/shop/_vendor/pkg/tests/a.py",
    )
    assert list(project_files(tmp_path)) == ["tests/a.py"]
    inside = tmp_path / "lib/site-packages/pkg"
    assert list(project_files(inside)) == ["tests/a.py"]


def test_what_a_build_copied_is_not_searched(tmp_path: Path) -> None:
    """Not the folder of that name that somebody wrote."""
    for path in ("setup.py", "build/lib/shop/tests/a.py", "tests/build/lib/a.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert project_files(tmp_path) == ("setup.py", "tests/build/lib/a.py")


def test_submodules_and_other_work_trees_are_not_searched(tmp_path: Path) -> None:
    """Their .git is a file; a clone that lies in a folder of many is searched."""
    make(tmp_path, "tests/a.py", "libs/sub/tests/a.py", "clones/x/tests/a.py")
    (tmp_path / "libs/sub/.git").write_text("gitdir: ../../.git/modules/sub\n")
    (tmp_path / "clones/x/.git").mkdir()
    assert list(project_files(tmp_path)) == ["clones/x/tests/a.py", "tests/a.py"]
    assert list(project_files(tmp_path / "libs/sub")) == ["tests/a.py"]
    assert picked(tmp_path, "libs/sub") == ["libs/sub/tests/a.py"]


def test_links_and_special_files_are_left_alone(tmp_path: Path) -> None:
    make(tmp_path, "outside/test_a.py", "project/tests/a.py")
    tests = tmp_path / "project/tests"
    (tests / "test_file.py").symlink_to(tmp_path / "outside/test_a.py")
    (tests / "folder").symlink_to(tmp_path / "outside")
    (tests / "loop").symlink_to(tests)
    os.mkfifo(tests / "test_pipe.py")
    assert list(project_files(tmp_path / "project")) == ["tests/a.py"]


def test_names_of_any_bytes(tmp_path: Path) -> None:
    make(tmp_path, "tests/a b.py", "tests/n\u00e4ive.py", "tests/new\nline.py")
    odd = os.fsencode(tmp_path) + b"/tests/\xff\xfe.py"
    Path(os.fsdecode(odd)).touch()
    assert [os.fsencode(name) for name in picked(tmp_path)] == [
        b"tests/a b.py",
        b"tests/new\nline.py",
        "tests/n\u00e4ive.py".encode(),
        b"tests/\xff\xfe.py",
    ]


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, *(f"tests/{number}.py" for number in range(20)))
    monkeypatch.setattr(walk, "MAX_ENTRIES", 20)
    with pytest.raises(UsageError, match="more than 20 files and folders"):
        project_files(tmp_path)


def test_depth_has_a_limit(tmp_path: Path) -> None:
    deep = "/".join("d" * 1 for _ in range(walk.MAX_DEPTH + 2))
    make(tmp_path, f"{deep}/test_a.py", "test_b.py")
    assert list(project_files(tmp_path)) == ["test_b.py"]


# -- as git ignores ------------------------------------------------------------

NAMES = ["a", "b", "tests", "build", "x.py", "y.py", "test_z.py"]
LINES = [
    "a", "a/", "/a", "*.py", "!x.py", "!a/", "build/", "**/b", "a/**", "a/*", "!a/b",
    "/tests/x.py", "b/x.py", "# comment", "", "\\!a", "x.p?", "[xy].py",
    "tests/**/y.py",
    "!tests/", "*/x.py", "**/build/", "!/build/", "x.py ", "a/**/x.py",
]  # fmt: skip
trees = st.dictionaries(
    st.lists(st.sampled_from(NAMES[:4]), max_size=3).map("/".join),
    st.lists(st.sampled_from(LINES), max_size=4),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(ignores=trees, excluded=st.lists(st.sampled_from(LINES), max_size=2))
def test_same_files_as_git(
    tmp_path_factory: pytest.TempPathFactory,
    ignores: dict[str, list[str]],
    excluded: list[str],
) -> None:
    root = tmp_path_factory.mktemp("tree")
    subprocess.run(["git", "init", "-q", root], check=True)
    folders = ["", "a/", "a/b/", "tests/", "tests/a/", "build/", "build/tests/"]
    for folder in {*folders, *(f"{name}/" if name else "" for name in ignores)}:
        make(root, *(f"{folder}{name}" for name in NAMES[4:]))
    for folder, lines in ignores.items():
        (root / folder / ".gitignore").write_text("\n".join(lines))
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("\n".join(excluded))
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard", "*.py"],
        cwd=root,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True,
        check=True,
    )
    expected = [name for name in listed.stdout.decode().split("\0") if name]
    assert sorted(project_files(root)) == sorted(expected)


def test_ignore_files_above_the_project_count(tmp_path: Path) -> None:
    make(tmp_path, ".git/HEAD", "sub/setup.py", "sub/tests/a.py", "sub/tests/b.py")
    (tmp_path / ".gitignore").write_text("b.py\n")
    assert list(project_files(tmp_path / "sub")) == ["setup.py", "tests/a.py"]


def test_an_ignore_file_that_is_a_pipe_or_a_link_is_not_read(tmp_path: Path) -> None:
    make(tmp_path, "tests/a.py", "other/tests/b.py")
    os.mkfifo(tmp_path / ".gitignore")
    (tmp_path / "outside").write_text("*.py\n")
    (tmp_path / "other/.gitignore").symlink_to(tmp_path / "outside")
    assert list(project_files(tmp_path)) == ["other/tests/b.py", "tests/a.py"]


# -- the root ------------------------------------------------------------------


@pytest.mark.parametrize("marker", ["pyproject.toml", ".git", "setup.py", "setup.cfg"])
def test_the_root_has_a_project_file(tmp_path: Path, marker: str) -> None:
    make(tmp_path, f"outer/{marker}", "outer/pkg/__init__.py", "outer/pkg/test_a.py")
    assert project_root([tmp_path / "outer/pkg/test_a.py"]) == tmp_path / "outer"


def test_the_root_of_several_paths_holds_them_all(tmp_path: Path) -> None:
    make(tmp_path, ".git/HEAD", "one/setup.py", "one/a.py", "two/setup.py", "two/b.py")
    assert project_root([tmp_path / "one/a.py"]) == tmp_path / "one"
    paths = [tmp_path / "one/a.py", tmp_path / "two/b.py"]
    assert project_root(paths) == tmp_path


def test_without_a_project_file_packages_are_climbed(tmp_path: Path) -> None:
    if any((place / ".git").exists() for place in tmp_path.parents):
        pytest.skip("the temporary folder is in a repository")
    make(tmp_path, "x/pkg/__init__.py", "x/pkg/tests/__init__.py", "x/pkg/tests/a.py")
    assert project_root([tmp_path / "x/pkg/tests"]) == tmp_path / "x"
    assert project_root([tmp_path / "x/pkg/tests/a.py"]) == tmp_path / "x"


def test_links_within_the_project_are_followed(tmp_path: Path) -> None:
    make(tmp_path, "setup.py", "tests/a.py")
    (tmp_path / "link.py").symlink_to("tests/a.py")
    assert within(str(tmp_path / "link.py")) == tmp_path.resolve() / "tests/a.py"


@pytest.mark.parametrize("name", ["file.py", "folder", "folder/test_a.py"])
def test_links_out_of_the_project_are_refused(tmp_path: Path, name: str) -> None:
    make(tmp_path, "project/setup.py", "elsewhere/test_a.py")
    (tmp_path / "project/file.py").symlink_to(tmp_path / "elsewhere/test_a.py")
    (tmp_path / "project/folder").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="a link leads out of the project"):
        within(str(tmp_path / "project" / name))


def test_links_to_the_project_are_followed(tmp_path: Path) -> None:
    make(tmp_path, "disk/project/setup.py", "disk/project/tests/a.py")
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    found = within(str(tmp_path / "home/project/tests/a.py"))
    assert found == tmp_path.resolve() / "disk/project/tests/a.py"


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to("nowhere.py")
    for name in ("nothing.py", "link.py"):
        with pytest.raises(UsageError):
            within(str(tmp_path / name))
