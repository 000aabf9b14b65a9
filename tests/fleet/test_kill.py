"""Killed with -9 at random moments, resumed: the same as if nothing had been."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import forge_server
import pytest
import servers
from killed_campaign import Killer, filled, made_up, published

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_campaign_ends_like_an_undisturbed_one(
    tmp_path: Path, seed: int
) -> None:
    calm = filled(tmp_path / "calm", made_up(6))
    start = time.monotonic()
    assert Killer(calm, 0).campaign(1, 0) == 0
    seconds = time.monotonic() - start
    killed = filled(tmp_path / "killed", made_up(6))
    assert Killer(killed, seed).campaign(0.4 * seconds, 5) > 0
    assert published(killed) == published(calm)
    assert {pushes for _, pushes in published(killed).values()} == {1}
    assert all(row["state"] == "pushed" for row in killed.status().values())


def test_a_killed_push_makes_no_change_request_twice(tmp_path: Path) -> None:
    with forge_server.running("github", tmp_path / "server") as forge:
        fleet = filled(tmp_path, made_up(6), forge)
        assert fleet.bulk("run", env={"BOT_TOKEN": servers.TOKEN}).returncode == 0
        forge.forget = 2
        assert Killer(fleet, 3).campaign(4.0, 6) > 0
        wanted = sorted(f"org/r{number:03}" for number in range(6))
        assert sorted(each.repository for each in forge.requests) == wanted
        assert all(row["state"] == "proposed" for row in fleet.status().values())
        assert {pushes for _, pushes in published(fleet).values()} == {1}
