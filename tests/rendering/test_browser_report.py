"""The page of a report in a real browser: at both widths, light and dark, in a frame, and with hostile names."""

from __future__ import annotations

import html
import shutil
from pathlib import Path

import pytest
from every_result import MARKUP, made

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no chromium on PATH", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.slow

CASES = ["report churn", *(case for case in MARKUP if case.startswith("report"))]
HELPERS = Path(__file__).with_name("browser_checks.js").read_text(encoding="utf-8")
#: The checks of cards look at sections; what stands above them becomes one too.
AS_CARDS = """() => {
  const head = document.createElement("section");
  const page = document.querySelector(".imb-report");
  page.prepend(head);
  head.append(...page.querySelectorAll(":scope > h2, :scope > p, :scope > nav"));
  for (const [i, each] of document.querySelectorAll(".imb-report > section").entries()) each.dataset.card = i;
  document.querySelectorAll("details").forEach((each) => { each.open = true });
}"""
PLACE = "(link) => document.getElementById(link.hash.slice(1)).getBoundingClientRect().top"


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def open_page(browser, complaints):
    """Open a file, and note all that it complains of, runs, or asks the network for."""
    opened = []

    def opening(file, **how):
        page = browser.new_page(**how)
        opened.append(page)
        page.add_init_script("window.alert = (what) => console.error(`ran ${what}`)")
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda asked: complaints.append(asked.url) if asked.url.startswith("http") else None
        )
        page.goto(file.as_uri())
        return page

    yield opening
    for page in opened:
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [600, 1300])
@pytest.mark.parametrize("case", CASES)
def test_a_report_runs_nothing_fits_and_is_legible(case, width, scheme, open_page, complaints, tmp_path):
    file = made(case).save(tmp_path / "page.html")
    page = open_page(file, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.wait_for_timeout(100)
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(HELPERS)
    page.evaluate(AS_CARDS)
    found = page.evaluate("checks.contrasts()")
    assert found["nodes"] > 200
    assert found["poor"] == []


def test_the_contents_lead_to_each_section(open_page, complaints, tmp_path):
    page = open_page(
        made("report churn").save(tmp_path / "page.html"), viewport={"width": 900, "height": 600}
    )
    links = page.locator("nav.imb-contents a")
    assert links.count() == 5
    for i in range(1, 4):
        links.nth(i).click()
        assert 0 <= links.nth(i).evaluate(PLACE) < 60
        assert page.evaluate(
            "document.activeElement.matches('h3.imb-asked') || document.activeElement === document.body"
        )
    page.keyboard.press("Tab")  # goes on from there
    assert page.evaluate("document.activeElement.closest('section') !== null")
    assert complaints == []


def test_in_a_frame_that_was_given_its_text_the_links_stay_within(open_page, complaints, tmp_path):
    inner = html.escape(made("report churn")._repr_html_())
    file = tmp_path / "host.html"
    file.write_text(
        f'<!doctype html><iframe width=880 height=500 srcdoc="{inner}"></iframe>', encoding="utf-8"
    )
    page = open_page(file, viewport={"width": 900, "height": 600})
    frame = page.frames[1]
    link = frame.locator("nav.imb-contents a").nth(3)
    link.click()
    assert frame.url == "about:srcdoc"
    assert -1 <= link.evaluate(PLACE) < 60
    assert complaints == []


def test_every_slider_of_a_report_moves(open_page, complaints, tmp_path):
    page = open_page(
        made("report churn").save(tmp_path / "page.html"), viewport={"width": 900, "height": 600}
    )
    sliders = page.locator(".imb-slider")
    assert sliders.count() == 2
    for i in range(2):
        before = sliders.nth(i).inner_text()
        sliders.nth(i).locator("input").evaluate(
            "(range) => { range.value = 0; range.dispatchEvent(new Event('input')) }"
        )
        assert sliders.nth(i).inner_text() != before
    assert complaints == []
