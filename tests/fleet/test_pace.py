"""The pace of a host, what forges' refusals mean, and words that stay words."""

from __future__ import annotations

import sys
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from testmend import errors
from testmend.errors import ForgeError
from testmend.fleet import ledger, manifest, proposal, targets
from testmend.fleet.counts import Counts
from testmend.fleet.journal import Row
from testmend.fleet.pace import Pace, Speed
from testmend.forges import answers, opening
from testmend.forges.model import Access

if TYPE_CHECKING:
    from pathlib import Path

    from testmend.forges.model import Kind


class Clock(threading.Event):
    """An event that notes how long somebody would have waited for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return True  # somebody stops the run, so that nobody waits


def due(folder: Path, speed: Speed, calls: int) -> float:
    """Seconds that the next change has to wait after so many, in a new process."""
    with ledger.opened(folder) as opened:
        now = time.time()
        for number in range(calls):
            opened.take("forge", now - 1 + number / 1000, lambda _sent, _until: 0)
    clock = Clock()
    with ledger.opened(folder) as opened:
        pace = Pace(opened, "forge", speed, clock)
        try:
            pace()
        except ForgeError:
            return clock.waits[0]
    return 0.0


@pytest.mark.parametrize(
    ("speed", "calls", "least", "most"),
    [
        (Speed(), 1000, 0, 0),
        (Speed(interval=10), 0, 0, 0),
        (Speed(interval=10), 1, 8, 9.1),
        (Speed(per_minute=5), 4, 0, 0),
        (Speed(per_minute=5), 5, 58, 59.1),
        (Speed(per_hour=3), 5, 3590, 3599.1),
    ],
)
def test_a_new_process_keeps_to_the_pace_of_the_one_before(
    tmp_path: Path, speed: Speed, calls: int, least: float, most: float
) -> None:
    assert least <= due(tmp_path, speed, calls) <= most


def test_a_host_that_wants_to_be_alone_is_left_so_by_the_next_process(
    tmp_path: Path,
) -> None:
    with ledger.opened(tmp_path) as opened:
        Pace(opened, "forge", Speed(), Clock()).pause(120)
        Pace(opened, "other", Speed(), Clock())()
    assert 110 < due(tmp_path, Speed(), 0) <= 120


def test_two_campaigns_at_the_same_time_share_the_turns(tmp_path: Path) -> None:
    """Six threads with connections of their own: a turn is nobody else's."""
    taken: list[bool] = []

    def campaign() -> None:
        with ledger.opened(tmp_path) as opened:
            for _ in range(10):
                pace = Pace(opened, "forge", Speed(per_hour=17), Clock())
                try:
                    pace()
                except ForgeError:
                    continue
                taken.append(True)

    threads = [threading.Thread(target=campaign) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 17


@pytest.mark.parametrize(
    ("status", "headers", "reason", "least", "most"),
    [
        (401, {}, "credentials", 0, 0),
        (403, {}, "credentials", 0, 0),
        (403, {"Retry-After": "30"}, "unreachable", 30, 30),
        (429, {}, "unreachable", 60, 60),
        (429, {"retry-after": formatdate(time.time() + 90)}, "unreachable", 0, 91),
        (503, {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "9"},
         "unreachable", 0, 0),
        (403, {"X-RateLimit-Remaining": "0",
               "X-RateLimit-Reset": str(int(time.time()) + 500)},
         "unreachable", 1, 500),
        (404, {}, "not-found", 0, 0),
        (422, {}, "rejected", 0, 0),
        (307, {}, "rejected", 0, 0),
    ],
)  # fmt: skip
def test_what_a_refusal_means(
    status: int, headers: dict[str, str], reason: str, least: float, most: float
) -> None:
    error = answers.error(status, headers, {"message": "no", "errors": [{"code": "x"}]})
    assert error.reason == reason
    assert least <= error.wait <= most
    assert "no x" in str(error)


@pytest.mark.parametrize(
    "text", ["`", "``x", "a|b", "@all", "<img>", "\n\n# x", "\u202e"]
)
def test_what_comes_from_outside_can_not_end_its_code_span(text: str) -> None:
    shown = proposal.code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    assert fence
    assert shown.endswith(fence)
    assert fence not in shown[len(fence) : -len(fence)]
    assert not set(shown) & set("\n|\u202e")


def test_words_stay_within_what_forges_take(tmp_path: Path) -> None:
    url = "[[repositories]]\nurl = 'https://git.example/o/r'\n"
    file = tmp_path / "waits.toml"
    file.write_text(f"name = 'waits'\n{url}")
    (target,) = targets.listed(manifest.load(file), file, {})
    trouble = ("test_x.py", "syntax-error", "x" * 5000)
    numbers = Counts(
        1, 1, 0, {f"codemod-{n}": 1 for n in range(99)}, {}, {}, (trouble,) * 99
    )
    row = Row("r", base_ref="refs/heads/main", base="0" * 40)
    made = proposal.words("waits", target, row, numbers, "", "$report" * 9)
    assert len(made.title) <= 250
    assert len(made.body) <= 61_000
    assert proposal.untouched(made.title, made.body)
    assert proposal.campaign_of(made.body) == "waits"


CLIENTS: tuple[tuple[Kind, str], ...] = (
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("gitea", "requests"),
)


@pytest.mark.parametrize(("kind", "module"), CLIENTS)
def test_a_client_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, module: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("testmend.forges.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(errors.ConfigError, match=r"testmend\[forges\]"):
        opening.opened(kind, Access("https://x", "", lambda: None))
