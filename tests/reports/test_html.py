"""The page: complete, and nothing from names or sources gets loose in it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from console import CLEAN, UNUSED, run

from testmend.reports.html import page, rows
from testmend.reports.html.model import Campaign, Entry, Repository, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'\u202e"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


def test_hostile_names_and_sources_stay_text() -> None:
    entry = Entry(EVIL, 1, EVIL, "refused", EVIL)
    source = f"x = '''{EVIL}'''\n".encode()
    sheet = Sheet(EVIL, "changed", source, source + b"\xff\n", (entry,), EVIL)
    text = "".join(page.render(Campaign(EVIL, (Repository(EVIL, "done", (sheet,)),))))
    tags = parsed(text)
    assert [tag for tag, _ in tags.seen].count("script") == 1
    assert not [tag for tag, _ in tags.seen if tag in {"img", "link", "iframe"}]
    assert not [k for _, names in tags.seen for k in names if k.startswith("on")]
    assert "\u202e" not in text
    assert "<img src=x onerror=alert(1)>" in tags.text
    assert "default-src 'none'" in text
    assert "unsafe-inline" not in text


def test_changed_words_are_marked() -> None:
    shown = "".join(rows.render(b"call(one, two)\n", b"call(one, three)\n"))
    assert "<mark>two</mark>" in shown
    assert "<mark>three</mark>" in shown
    assert "<mark>call" not in shown


def test_far_lines_are_folded_away_and_numbers_are_true() -> None:
    before = b"".join(b"a%d = 1\n" % number for number in range(50))
    shown = "".join(rows.render(before, before.replace(b"a30 = 1\n", b"")))
    assert "a10" not in parsed(shown).text
    assert '<td class="no">31</td><td class="del">a30' in shown


def test_diff_writes_the_page_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "test_a.py").write_bytes(UNUSED)
    (folder / "test_b.py").write_bytes(CLEAN)
    target = tmp_path / "page.html"
    for _ in range(2):
        done = run("diff", "--html", str(target), cwd=folder)
        assert (done.returncode, done.stdout) == (1, b"")
        text = parsed(target.read_text("utf-8")).text
        assert "test_a.py" in text
        assert "test_b.py" not in text
    assert (folder / "test_a.py").read_bytes() == UNUSED
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "project"]


@pytest.mark.parametrize("name", ["test_a.py", "link.html", "none/page.html"])
def test_what_is_no_page_is_not_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / "test_a.py").write_bytes(UNUSED)
    (tmp_path / "link.html").symlink_to("test_a.py")
    done = run("diff", "--html", name, cwd=tmp_path)
    assert done.returncode == 2
    assert b"--html" in done.stderr
    assert (tmp_path / "test_a.py").read_bytes() == UNUSED
    assert (tmp_path / "link.html").is_symlink()


def test_a_page_that_is_full_names_the_files_only() -> None:
    def read() -> Iterator[Sheet]:
        yield Sheet("test_a.py", "changed", b"x = 1\n", b"x = 'first'\n")

    light = (Sheet("test_a.py", "changed"),)
    repositories = [
        Repository(name, "done", light, read=read) for name in ("one", "two")
    ]
    campaign = Campaign("waits", tuple(repositories))
    for room, diffs in ((10_000, 2), (100, 1), (0, 0)):
        text = parsed("".join(page.render(campaign, room))).text
        assert text.count("'first'") == diffs
        assert text.count("test_a.py") == 2
        assert text.count("The page is full") == 2 - diffs
