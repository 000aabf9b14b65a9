"""The page in a real browser: search, filters, keys, folds, print, light and dark.

Skipped where there is no Chromium (`CHROMIUM` names one that is elsewhere).
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Literal

import pytest

from testmend.reports.html import page
from testmend.reports.html.model import Campaign, Entry, Number, Repository, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOUND = filter(None, map(shutil.which, NAMES))
CHROMIUM = os.environ.get("CHROMIUM") or next(FOUND, "")
EVIL = (
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'"
    "</script>\"' onmouseover=\"document.title='owned'\" javascript:x \u202e"
)
BEFORE = b"import os\n" + b"".join(b"line%d = %d\n" % (n, n) for n in range(60))
AFTER = BEFORE.replace(b"line30 = 30\n", b"line30 = 'thirty'\n")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        running = started.chromium.launch(
            executable_path=CHROMIUM, args=options, timeout=120_000
        )
        yield running
        running.close()


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A campaign of four repositories, in a browser that is offline."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(60_000)
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("dialog", lambda dialog: said.append(dialog.message))
    opened.goto(written(tmp_path).as_uri())
    yield opened
    assert not said
    assert opened.title() == "waits"
    context.close()


def written(folder: Path) -> Path:
    file = Sheet("tests/test_boot.py", "changed", BEFORE, AFTER)
    fresh = Sheet("tests/waits.py", "new", after=b"def poll():\n    pass\n")
    evil = Sheet(EVIL, "changed", f"x = '{EVIL}'\n".encode(), b"x = 1\n")
    entry = Entry("unused-imports", 3, "os is not used", "left", "noqa")
    left = Sheet("tests/test_left.py", "left", entries=(entry,))
    broken = Sheet("tests/test_odd.py", "failed", note="syntax-error: odd")
    numbers = (
        Number("sleep-polling", "fixed", 2),
        Number("sleep-polling", "left: bare-sleep", 1200),
    )
    repositories = (
        Repository("alpha", "pushed", (file, fresh), numbers=numbers),
        Repository("beta", "merged", (left, broken)),
        Repository("gamma", "failed", (), note="unreachable: no answer"),
        Repository(EVIL, "proposed", (evil,), note=EVIL, place=f"javascript:{EVIL}"),
    )
    target = folder / "page.html"
    target.write_text("".join(page.render(Campaign("waits", repositories))), "utf-8")
    return target


def files(shown: Page) -> list[str]:
    """The paths of the files that can be seen."""
    heads = shown.locator("details.file > summary > code").all()
    return [each.inner_text() for each in heads if each.is_visible()]


def repositories(shown: Page) -> list[str]:
    heads = shown.locator("section h2").all()
    return [each.inner_text() for each in heads if each.is_visible()]


def test_the_summary_counts_repositories_files_and_findings(shown: Page) -> None:
    header = shown.locator("header").inner_text()
    for words in ("4 repositories", "1 merged", "5 files", "2 changed"):
        assert words in header
    rows = shown.locator("#findings tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["Codemod", "Outcome", "Findings"],
        ["sleep-polling", "fixed", "2"],
        ["sleep-polling", "left: bare-sleep", "1,200"],
        ["unused-imports", "left: noqa", "1"],
    ]


def test_search_finds_code_names_and_notes(shown: Page) -> None:
    shown.fill("#search", "THIRTY")
    assert files(shown) == ["tests/test_boot.py"]
    assert shown.locator("#count").inner_text() == "1 of 5 files"
    shown.fill("#search", "alpha")
    assert files(shown) == ["tests/test_boot.py", "tests/waits.py"]
    shown.fill("#search", "unreachable")
    assert (repositories(shown), files(shown)) == (["gamma"], [])
    shown.fill("#search", "nothing of the kind")
    assert repositories(shown) == []
    assert shown.locator("#none").is_visible()
    shown.keyboard.press("Escape")
    assert len(repositories(shown)) == 4
    assert len(files(shown)) == 5


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        ("repository", "merged", ["tests/test_left.py", "tests/test_odd.py"]),
        ("state", "new", ["tests/waits.py"]),
        ("codemod", "unused-imports", ["tests/test_left.py", "tests/test_odd.py"]),
        ("outcome", "left: bare-sleep", ["tests/test_boot.py", "tests/waits.py"]),
    ],
)
def test_filters(shown: Page, of: str, value: str, expected: list[str]) -> None:
    shown.select_option(f"select[data-of={of}]", value)
    assert files(shown) == expected
    assert len(repositories(shown)) == 1


def test_a_filter_shows_repositories_that_have_no_files(shown: Page) -> None:
    shown.select_option("select[data-of=repository]", "failed")
    assert (repositories(shown), files(shown)) == (["gamma"], [])


def test_keys_go_from_file_to_file_and_open_them(shown: Page) -> None:
    shown.keyboard.press("/")
    shown.keyboard.type("tests/")
    assert shown.input_value("#search") == "tests/"
    shown.keyboard.press("Escape")
    for key in ("j", "j"):
        shown.keyboard.press(key)
    focused = "document.activeElement.innerText"
    assert "tests/waits.py" in shown.evaluate(focused)
    assert not shown.get_by_text("def poll").first.is_visible()
    shown.keyboard.press("Enter")
    assert shown.locator("td", has_text="poll").first.is_visible()
    shown.keyboard.press("k")
    assert "tests/test_boot.py" in shown.evaluate(focused)


def test_folding(shown: Page) -> None:
    code = shown.locator("td", has_text="thirty").first
    assert code.is_visible()
    shown.click("#fold")
    assert not code.is_visible()
    shown.click("#open")
    assert code.is_visible()
    shown.locator("section summary").first.click()
    assert not shown.get_by_text("tests/test_boot.py").is_visible()


def test_lines_far_from_a_change_are_left_out(shown: Page) -> None:
    text = shown.locator("details.file table").first.inner_text()
    assert "line29" in text
    assert "line10" not in text


def test_hostile_names_and_sources_are_text(shown: Page) -> None:
    shown.click("#open")
    assert shown.locator("img, iframe, object, main script, a").count() == 0
    for each in shown.locator("section h2, summary code").all():
        each.hover()
    assert "<img src=x onerror=" in repositories(shown)[-1]
    assert "\\u202e" in repositories(shown)[-1]


def test_what_is_printed_is_whole_and_has_no_buttons(shown: Page) -> None:
    shown.click("#fold")
    shown.emulate_media(media="print")
    shown.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not shown.locator("nav").is_visible()
    assert shown.locator("td", has_text="thirty").first.is_visible()
    assert shown.pdf()[:5] == b"%PDF-"
    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    shown.emulate_media(media="screen")
    assert not shown.locator("td", has_text="thirty").first.is_visible()


def test_light_and_dark_can_be_read(shown: Page) -> None:
    def luminance(what: str, where: str) -> float:
        script = f"getComputedStyle(document.querySelector('{where}')).{what}"
        found = shown.evaluate(script)
        red, green, blue = (int(e) / 255 for e in found[4:-1].split(",")[:3])
        channels = (
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
            for each in (red, green, blue)
        )
        weights = (0.2126, 0.7152, 0.0722)
        return sum(k * v for k, v in zip(weights, channels, strict=True))

    grounds = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        shown.emulate_media(color_scheme=scheme)
        ground = luminance("backgroundColor", "body")
        for where in ("body", "small", "td .k", "td .s", ".tag"):
            pair = sorted((luminance("color", where), ground))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (scheme, where)
        grounds.append(ground)
    assert grounds[0] > 0.9
    assert grounds[1] < 0.1
