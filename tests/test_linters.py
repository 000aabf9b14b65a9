"""The project's linter configuration says where unused imports are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from console import UNUSED, run
from projects import Project

from testmend.linters import ignored
from testmend.model import Changed

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURED = {
    "flake8-per-file": ("setup.cfg", "[flake8]\nper-file-ignores = tests/*:F401\n"),
    "flake8-lines": (
        ".flake8",
        "[flake8]\nper-file-ignores =\n    # why\n  a.py: E1\n  tests/*.py: E5,F401\n",
    ),
    "flake8-one-line": (
        "tox.ini",
        "[flake8]\nper-file-ignores = a.py:E1 tests/x.py,tests/y.py:F\n",
    ),
    "flake8-everywhere": ("tox.ini", "[flake8]\nextend-ignore = E501, F401\n"),
    "ruff-per-file": (
        "pyproject.toml",
        '[tool.ruff.lint.per-file-ignores]\n"tests/**" = ["F401"]\n',
    ),
    "ruff-deep": (
        "pyproject.toml",
        '[tool.ruff.per-file-ignores]\n"**/x.py" = ["F401"]\n',
    ),
    "ruff-file": ("ruff.toml", 'lint.ignore = ["F4"]\n'),
    "ruff-all": ("ruff.toml", '[per-file-ignores]\n"tests/*" = ["ALL"]\n'),
    "pylint": (
        ".pylintrc",
        "[MESSAGES CONTROL]\ndisable=missing-docstring,\n  unused-import\n",
    ),
    "pylint-toml": (
        "pyproject.toml",
        '[tool.pylint.messages_control]\ndisable = ["W0611"]\n',
    ),
    "pylint-all": ("setup.cfg", "[pylint.messages control]\ndisable = all\n"),
    "pylint-own-toml": (
        "pylintrc.toml",
        '[tool.pylint."messages control"]\ndisable = ["unused-import"]\n',
    ),
    "pylint-one-string": ("pyproject.toml", '[tool.pylint.main]\ndisable = "all"\n'),
    "flake8-toml": (
        "pyproject.toml",
        '[tool.flake8]\nper-file-ignores = ["tests/*:F401"]\n',
    ),
    "nested-ruff": (
        "tests/pyproject.toml",
        '[tool.ruff.lint.per-file-ignores]\n"x.py" = ["F401"]\n',
    ),
    "nested-flake8": ("tests/.flake8", "[flake8]\nignore = F401\n"),
    "nested-pylint": ("tests/.pylintrc", "[MAIN]\ndisable=W0611\n"),
    "everywhere-else": ("ruff.toml", 'per-file-ignores."!src/**" = ["F401"]\n'),
}
NOT_CONFIGURED = {
    "other-file": ("setup.cfg", "[flake8]\nper-file-ignores = __init__.py:F401\n"),
    "other-code": ("setup.cfg", "[flake8]\nper-file-ignores = tests/*:F811,E501\n"),
    "other-tool": ("setup.cfg", "[isort]\nignore = F401\n"),
    "sibling": ("docs/setup.cfg", "[flake8]\nignore = F401\n"),
    "sibling-of-a-like-name": ("test/ruff.toml", 'lint.ignore = ["F401"]\n'),
    "nested-other-file": (
        "tests/ruff.toml",
        '[lint.per-file-ignores]\n"tests/*" = ["F401"]\n',
    ),
    "negated": ("ruff.toml", 'per-file-ignores."!tests/**" = ["F401"]\n'),
    "broken": ("setup.cfg", "flake8]\nignore = F401\n"),
    "broken-toml": ("pyproject.toml", "[tool.ruff\nignore = ['F401']\n"),
    "odd-toml": ("pyproject.toml", "[tool]\nruff = 3\n"),
}


def _covers(name: str, text: str) -> bool:
    rules = ignored({name: text.encode()})
    codes = ("F401", "W0611", "unused-import")
    return any(rule.covers("tests/x.py", codes) for rule in rules)


@pytest.mark.parametrize(("name", "text"), CONFIGURED.values(), ids=CONFIGURED)
def test_unused_imports_are_allowed(name: str, text: str) -> None:
    assert _covers(name, text)


@pytest.mark.parametrize(("name", "text"), NOT_CONFIGURED.values(), ids=NOT_CONFIGURED)
def test_unused_imports_are_not_allowed(name: str, text: str) -> None:
    assert not _covers(name, text)


ALLOWED = b'lint.ignore = ["F401"]\n'
RUFF = {
    "the-root's": ({"ruff.toml": ALLOWED}, True),
    "nearest": ({"ruff.toml": ALLOWED, "tests/ruff.toml": b""}, False),
    "nearest-in-pyproject": (
        {"ruff.toml": ALLOWED, "tests/pyproject.toml": b"[tool.ruff]\n"},
        False,
    ),
    "no-table-of-ruff's": (
        {"ruff.toml": ALLOWED, "tests/pyproject.toml": b"[tool.black]\n"},
        True,
    ),
    "beside-a-pyproject": (
        {"ruff.toml": ALLOWED, "pyproject.toml": b"[tool.ruff]\n"},
        True,
    ),
    "extended": (
        {"ruff.toml": ALLOWED, "tests/ruff.toml": b'extend = "../ruff.toml"\n'},
        True,
    ),
    "extended-for-a-path": (
        {
            "ruff.toml": b'lint.per-file-ignores."tests/*" = ["F401"]\n',
            "tests/ruff.toml": b'extend = "../ruff.toml"\n',
        },
        True,
    ),
    "extends-itself": ({"tests/ruff.toml": b'extend = "./ruff.toml"\n'}, False),
}


@pytest.mark.parametrize(("files", "allowed"), RUFF.values(), ids=RUFF)
def test_the_nearest_configuration_of_ruff_counts(
    files: dict[str, bytes], *, allowed: bool
) -> None:
    assert (
        any(rule.covers("tests/x.py", ("F401",)) for rule in ignored(files)) is allowed
    )


def test_folders_above_files_are_read() -> None:
    project = Project(
        {
            "tests/unit/.flake8": b"[flake8]\nignore = F401\n",
            "tests/unit/net/test_a.py": b"import os\n\nx = 1\n",
            "tests/test_b.py": b"import os\n\nx = 1\n",
        }
    )
    results = project.run(["unused-imports"])
    changed = [
        path for path, each in results.items() if isinstance(each.outcome, Changed)
    ]
    assert changed == ["tests/test_b.py"]


def test_folders_above_the_root_are_read_as_far_as_the_repository_goes(
    tmp_path: Path,
) -> None:
    top, shop = tmp_path / "top", tmp_path / "top/services/shop"
    (shop / "tests").mkdir(parents=True)
    (top / ".git").mkdir()
    (shop / "pyproject.toml").write_text("[project]\n")
    (shop / "tests/test_a.py").write_bytes(UNUSED)
    (tmp_path / "ruff.toml").write_bytes(ALLOWED)
    assert b"-import json" in run("diff", ".", cwd=shop).stdout
    (top / "ruff.toml").write_text('lint.per-file-ignores."services/*" = ["F401"]\n')
    assert not run("diff", ".", cwd=shop).stdout
    (top / "ruff.toml").unlink()
    (top / "ruff.toml").symlink_to(tmp_path / "ruff.toml")
    assert b"-import json" in run("diff", ".", cwd=shop).stdout
