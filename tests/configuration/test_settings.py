"""What a configuration may say, and what is said about a wrong one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest
from msgspec.structs import replace

from testmend import __version__
from testmend.codemod import Codemod, Options
from testmend.config import TEST_CODE, Overrides, Settings, load
from testmend.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Inner(Options, frozen=True):
    import_path: str = ""


class SleepOptions(Options, frozen=True):
    style: Literal["vendor", "inline"] = "vendor"
    max_wait: float = 30.0
    inner: Inner = Inner()


def codemod(name: str, options: type[Options] = Options) -> Codemod:
    return Codemod(
        name=name,
        version="1",
        summary="",
        page="",
        trigger=re.compile(b""),
        reasons={},
        survey=lambda _module, _options: None,
        resolve=lambda _found, _context, _options: (),
        options=options,
    )


CODEMODS = {
    "sleep-polling": codemod("sleep-polling", SleepOptions),
    "unused-imports": codemod("unused-imports"),
}
NOTHING = Overrides()


def settings(
    folder: Path, text: str, overrides: Overrides = NOTHING, name: str = "testmend.toml"
) -> Settings:
    (folder / name).write_text(text, "utf-8")
    return load(folder, CODEMODS, overrides)


def test_defaults(tmp_path: Path) -> None:
    found = load(tmp_path, CODEMODS, NOTHING, isolated=True)
    assert found == Settings(tmp_path, None, ("sleep-polling", "unused-imports"))
    assert found.include == TEST_CODE


def test_everything(tmp_path: Path) -> None:
    text = """
        select = ["unused-imports", "sleep-polling"]
        ignore = ["unused-imports"]
        include = ["checks/"]
        exclude = ["checks/data/"]
        force-exclude = true
        unsafe-fixes = true
        jobs = 3
        required-version = ">=0.1,<99"

        [per-file-ignores]
        "checks/old/" = ["sleep-polling"]

        [sleep-polling]
        style = "inline"
        max-wait = 60
    """
    assert settings(tmp_path, text) == Settings(
        base=tmp_path,
        file=tmp_path / "testmend.toml",
        codemods=("sleep-polling",),
        include=("checks/",),
        exclude=("checks/data/",),
        force_exclude=True,
        per_file_ignores={"checks/old/": ("sleep-polling",)},
        unsafe_fixes=True,
        jobs=3,
        options={"sleep-polling": SleepOptions(style="inline", max_wait=60.0)},
    )


def test_the_command_line_wins_and_what_narrows_adds(tmp_path: Path) -> None:
    text = """
        select = ["sleep-polling"]
        include = ["checks/"]
        exclude = ["checks/data/"]
        jobs = 3
        unsafe-fixes = true
    """
    overrides = Overrides(
        select=("unused-imports",),
        include=("tests/",),
        exclude=("tests/data/",),
        jobs=0,
        unsafe_fixes=False,
    )
    found = settings(tmp_path, text, overrides)
    assert found.codemods == ("unused-imports",)
    assert found.include == ("tests/",)
    assert found.exclude == ("checks/data/", "tests/data/")
    assert (found.jobs, found.unsafe_fixes) == (0, False)
    ignoring = settings(tmp_path, text, Overrides(ignore=("sleep-polling",)))
    assert ignoring.codemods == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "unknown key 'selct'; did you mean 'select'?"),
        ("per_file_ignores = {}", "unknown key 'per_file_ignores'; did you mean "),
        ("[sleep-pollin]", "unknown key 'sleep-pollin'; did you mean 'sleep-polling'?"),
        ("zzzzzz = 1", "unknown key 'zzzzzz'; known: "),
        (
            "[sleep-polling]\nmax_wait = 1",
            "unknown key 'sleep-polling.max_wait'; did you mean 'max-wait'?",
        ),
        (
            "[sleep-polling.inner]\nimport_path = ''",
            "unknown key 'sleep-polling.inner.import_path'; did you mean 'import-path'",
        ),
        ("select = 'all'", "select: Expected array"),
        ("select = [1]", "select[0]: Expected str, got int"),
        ("select = ['sleep-poling']", "select: no codemod is named 'sleep-poling'"),
        ("ignore = ['x']", "ignore: no codemod is named 'x'; known: sleep-polling, un"),
        (
            "[per-file-ignores]\n'a/' = ['unused-import']",
            "per-file-ignores.\"a/\": no codemod is named 'unused-import'; did you",
        ),
        ("[per-file-ignores]\n'a/' = 1", "per-file-ignores[...]: Expected array"),
        ("jobs = -1", "jobs: Expected int >= 0"),
        ("jobs = true", "jobs: Expected int, got bool"),
        ("sleep-polling = 1", "sleep-polling: Expected table, got int"),
        ("[sleep-polling]\nmax-wait = '1'", "sleep-polling.max-wait: Expected float"),
        (
            "[sleep-polling]\nstyle = 'vender'",
            "sleep-polling.style: Invalid enum value 'vender'; did you mean 'vendor'?",
        ),
        (
            "[sleep-polling]\nstyle = 'xyz'",
            "style: Invalid enum value 'xyz'; known: inline, vendor",
        ),
        ("required-version = '>=99'", f"'>=99' does not hold for {__version__}"),
        ("required-version = '99'", f"'99' does not hold for {__version__}"),
        ("required-version = 'new'", "'new' is not a version specifier"),
        ("extend = 'nowhere.toml'", "nowhere.toml: there is no such configuration"),
        ("extend = 'testmend.toml'", "extend: the files extend each other in a ring"),
        ("select = [", "not valid TOML"),
        ("select = '\udc80'", "not valid TOML"),
    ],
)
def test_errors_name_key_file_and_closest_key(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "testmend.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, CODEMODS, NOTHING)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


def test_unknown_names_on_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--select: .* mean 'sleep-polling'"):
        load(tmp_path, CODEMODS, Overrides(select=("sleep-poling",)))


def test_pyproject_has_it_under_tool(tmp_path: Path) -> None:
    text = "[tool.testmend]\njobs = 2\n[tool.testmend.sleep-polling]\nstyle = 'inline'"
    found = settings(tmp_path, text, name="pyproject.toml")
    assert (found.jobs, found.file) == (2, tmp_path / "pyproject.toml")
    assert found.options == {"sleep-polling": SleepOptions(style="inline")}


def test_the_nearest_file_is_taken(tmp_path: Path) -> None:
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    settings(tmp_path, "jobs = 1")
    (tmp_path / "one" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert load(inner, CODEMODS, NOTHING).jobs == 1
    (tmp_path / "one" / "pyproject.toml").write_text("[tool.testmend]\njobs = 2\n")
    assert load(inner, CODEMODS, NOTHING).jobs == 2
    (tmp_path / "one" / "testmend.toml").write_text("jobs = 3\n")
    assert load(inner, CODEMODS, NOTHING).jobs == 3
    assert load(inner, CODEMODS, NOTHING, isolated=True).file is None
    named = load(inner, CODEMODS, NOTHING, file=tmp_path / "testmend.toml")
    assert (named.jobs, named.base) == (1, tmp_path)


def test_no_file_above_the_repository_is_taken(tmp_path: Path) -> None:
    settings(tmp_path, "jobs = 1")
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    (tmp_path / "clone" / "tests").mkdir()
    assert load(tmp_path / "clone" / "tests", CODEMODS, NOTHING).file is None


def test_extend_takes_what_is_not_said_here(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        "jobs = 5\nexclude = ['a/']\n"
        "[sleep-polling]\nstyle = 'inline'\nmax-wait = 5\n"
        "[per-file-ignores]\n'a/' = ['sleep-polling']\n"
    )
    text = """
        extend = "../base.toml"
        exclude = ["b/"]
        [sleep-polling]
        max-wait = 7
        [per-file-ignores]
        "b/" = ["sleep-polling"]
    """
    (tmp_path / "here").mkdir()
    found = settings(tmp_path / "here", text)
    assert (found.jobs, found.exclude) == (5, ("b/",))
    assert found.options == {
        "sleep-polling": SleepOptions(style="inline", max_wait=7.0)
    }
    assert set(found.per_file_ignores) == {"a/", "b/"}


def test_an_error_in_an_extended_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("job = 5\n")
    with pytest.raises(ConfigError, match=r"base\.toml: unknown key 'job'"):
        settings(tmp_path, 'extend = "base.toml"')


def test_per_file_ignores_count_from_the_file(tmp_path: Path) -> None:
    text = (
        "[per-file-ignores]\n'old/' = ['sleep-polling']\n'*_x.py' = ['unused-imports']"
    )
    found = settings(tmp_path, text)
    paths = ["old/test_a.py", "old/test_x.py", "new/test_x.py", "new/test_a.py"]
    assert found.ignored(tmp_path / "pkg", paths) == {
        "old/test_a.py": {"sleep-polling"},
        "old/test_x.py": {"sleep-polling", "unused-imports"},
        "new/test_x.py": {"unused-imports"},
    }
    rooted = replace(found, per_file_ignores={"/old/": ("sleep-polling",)})
    assert rooted.ignored(tmp_path, paths[:1])
    assert not rooted.ignored(tmp_path / "pkg", paths[:1])
