from __future__ import annotations

import os
from typing import TYPE_CHECKING

import checkouts
import pytest
from campaigns import Fleet

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's git configuration, and dates that stand still."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in checkouts.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)
