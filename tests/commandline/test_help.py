"""What the lists of commands say is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from console import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("group", [(), ("bulk",)])
def test_each_command_has_a_whole_sentence(
    group: tuple[str, ...], tmp_path: Path
) -> None:
    shown = run(*group, "--help", cwd=tmp_path).stdout.decode()
    lines = shown.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert len(lines) >= 7
    for line in lines:
        assert line.endswith("."), line
        assert not line.endswith("..."), line
