"""The project's linter configuration says where unused imports are allowed."""

from __future__ import annotations

import pytest

from testmend.linters import ignored

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
}
NOT_CONFIGURED = {
    "other-file": ("setup.cfg", "[flake8]\nper-file-ignores = __init__.py:F401\n"),
    "other-code": ("setup.cfg", "[flake8]\nper-file-ignores = tests/*:F811,E501\n"),
    "other-tool": ("setup.cfg", "[isort]\nignore = F401\n"),
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
