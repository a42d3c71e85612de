"""Every card in a real browser: nothing of the data runs, nothing sticks out, all text is legible, the button copies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from every_result import CASES, MARKUP, NO_PICTURE, SLIDER, made

from imbalance_accessor.reference.cheatsheet import TABLES

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no chromium on PATH", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.slow

SHOWN = dict.fromkeys([*MARKUP, *CASES])
REFERENCES = {
    **TABLES,
}
#: The colours of a page: what the reader asked the browser for, and what the notebook's theme sets.
THEMES = {
    "light page": ("light", ""),
    "dark page": ("dark", ""),
    "JupyterLab light": ("light", "--jp-layout-color1: white; --jp-ui-font-color1: rgba(0, 0, 0, .87)"),
    "JupyterLab dark": (
        "light",
        "--jp-layout-color1: #212121; --jp-ui-font-color1: rgba(255, 255, 255, .87)",
    ),
    "JupyterLab light, dark system": (
        "dark",
        "--jp-layout-color1: white; --jp-ui-font-color1: rgba(0, 0, 0, .87)",
    ),
    "VS Code dark": ("dark", "--vscode-editor-background: #1f1f1f; --vscode-editor-foreground: #cccccc"),
}
CONTAINER = 600
#: A card with a picture, and a word that stands in it.
DRAWN = "split churn"
#: What the functions below share: the cards by name, their text nodes, colours laid over each other.
HELPERS = Path(__file__).with_name("browser_checks.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def cards() -> dict[str, str]:
    results = {case: made(case) for case in SHOWN} | REFERENCES
    return {name: result._repr_html_() for name, result in results.items()}


@pytest.fixture(scope="module")
def opened(cards, tmp_path_factory):
    """One page that holds all cards, opened as a file, and what it complained of."""
    boxes = [
        f'<section data-card="{name}" style="width: {CONTAINER}px">{html}</section>'
        for name, html in cards.items()
    ]
    file = tmp_path_factory.mktemp("page") / "cards.html"
    file.write_text(f'<!doctype html><meta charset="utf-8">{"".join(boxes)}', encoding="utf-8")
    complaints: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": CONTAINER + 40, "height": 900})
        page.add_init_script("window.ran = []; window.alert = (what) => window.ran.push(what)")
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"asked for {request.url[:80]}"))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(file.as_uri())
        page.evaluate(HELPERS)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        yield page, complaints
        browser.close()


@pytest.fixture
def page(opened):
    return opened[0]


def test_nothing_of_the_data_runs(opened):
    page, complaints = opened
    page.wait_for_timeout(100)  # an image that fails says so later
    assert page.evaluate("window.ran") == []
    assert complaints == []


def test_no_element_comes_from_the_data(page, cards):
    assert page.evaluate("document.querySelectorAll('[onerror], iframe, link').length") == 0
    scripts = page.evaluate("[...document.querySelectorAll('script')].map((each) => each.textContent.trim())")
    assert set(scripts) == {SLIDER}
    pictures = page.evaluate("checks.pictures()")
    assert set(pictures) == set(cards)
    for name, shown in pictures.items():
        assert set(shown) <= {"imb-picture", "imb-picture imb-plain"}, name
        assert bool(shown) != (name in REFERENCES or name.startswith(NO_PICTURE)), name


def test_hostile_text_is_read_as_it_is(page):
    texts = page.evaluate("checks.texts()")
    for case in MARKUP:
        assert "<script>alert(1)</script>" in texts[case], case
        # these speak of the positive class alone
        if case not in {f"{verb} hostile" for verb in ("fit_eval", "best_threshold", "reliability", "leaks")}:
            assert "<img src=x" in texts[case], case


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_is_drawn_in_the_cards_own_ink(page, scheme):
    page.emulate_media(color_scheme=scheme)
    drawn = page.locator(f'section[data-card="{DRAWN}"] .imb-vector')
    assert drawn.is_visible()
    assert not page.locator(f'section[data-card="{DRAWN}"] .imb-plain').is_visible()
    ink = "(text) => [getComputedStyle(text).fill, getComputedStyle(text.closest('.imb-card')).color]"
    fill, own = drawn.locator("text").first.evaluate(ink)
    assert fill == own
    family = "(each) => getComputedStyle(each).fontFamily"
    assert drawn.locator("text").first.evaluate(family) == drawn.evaluate(family)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_card_follows_the_switch_of_a_page_that_has_one(page, theme):
    """marimo and Sphinx's furo name their theme on the body, whatever the system's is."""
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    page.evaluate("document.body.removeAttribute('style')")
    grounds = "[...document.querySelectorAll('.imb-card, .imb-report')].map((each) => getComputedStyle(each).backgroundColor)"
    before = {*page.evaluate(grounds)}
    page.evaluate("(theme) => { document.body.dataset.theme = theme }", theme)
    after = {*page.evaluate(grounds)}
    page.evaluate("delete document.body.dataset.theme")
    light, dark = {"rgb(255, 255, 255)"}, {"rgb(27, 27, 27)"}
    assert (before, after) == ((dark, light) if theme == "light" else (light, dark))


def test_the_text_of_a_picture_can_be_selected(page):
    drawn = page.locator(f'section[data-card="{DRAWN}"] .imb-vector')
    page.evaluate("getSelection().removeAllRanges()")
    drawn.locator("text", has_text="rows").first.dblclick()
    assert page.evaluate("getSelection().toString()").strip() == "rows"


def test_no_two_elements_of_a_page_share_a_name(page):
    pictures = "document.querySelectorAll('.imb-vector [id], .imb-vector [class], .imb-vector use').length"
    assert page.evaluate("document.querySelectorAll('.imb-vector svg').length") > len(MARKUP)
    assert page.evaluate(pictures) == 0


def test_where_styles_and_drawings_are_dropped_the_image_is_shown(page, cards):
    # as JupyterLab does in a notebook that is not trusted
    page.evaluate(
        "(html) => { document.body.insertAdjacentHTML('beforeend', html) }", f"<aside>{cards[DRAWN]}</aside>"
    )
    box = page.locator("aside")
    box.evaluate(
        "(box) => { box.querySelectorAll('style, script').forEach((each) => each.remove());"
        "box.querySelectorAll('[class]').forEach((each) => each.removeAttribute('class'));"
        "box.querySelectorAll('svg').forEach((each) => each.replaceWith(each.textContent)) }"
    )
    assert box.locator("img").evaluate("(image) => [image.complete, image.naturalWidth > 500]") == [
        True,
        True,
    ]
    assert box.locator("img").is_visible()
    assert not box.locator("div[style='display: none']").first.is_visible()
    box.evaluate("(box) => box.remove()")


def test_nothing_sticks_out_of_its_card(page):
    assert page.evaluate("checks.overflows()") == []


#: Wide tables fit from 560 px on, and small ones are as they are everywhere.
@pytest.mark.parametrize(("case", "squeezed"), [("fit_eval churn", True), ("weights churn", False)])
def test_only_a_table_that_would_not_fit_is_set_smaller(page, case, squeezed):
    box = page.locator(f'section[data-card="{case}"]')
    paddings = set()
    for width in (560, 600, 660, 700, 760, 830, 900, 960):
        box.evaluate("(box, width) => { box.style.width = `${width}px` }", width)
        hidden, padding = box.locator(".imb-scroll").first.evaluate(
            "(each) => [each.scrollWidth - each.clientWidth, getComputedStyle(each.querySelector('td')).paddingLeft]"
        )
        assert hidden == 0, width
        paddings.add(padding)
    box.evaluate("(box, width) => { box.style.width = `${width}px` }", CONTAINER)
    assert (len(paddings) > 1) == squeezed


@pytest.mark.parametrize("theme", THEMES)
def test_all_text_is_legible(page, theme):
    scheme, variables = THEMES[theme]
    page.emulate_media(color_scheme=scheme)
    page.evaluate("(style) => document.body.setAttribute('style', style)", variables)
    found = page.evaluate("checks.contrasts()")
    assert found["nodes"] > 1_000
    assert found["poor"] == []


def test_the_contrast_is_the_one_of_the_guidelines(page):
    # black on white is 21 : 1, #777 is the well known near miss; half black over white shows 127.5 in each channel
    half = 1.05 / (((0.5 + 0.055) / 1.055) ** 2.4 + 0.05)
    known = {"rgb(0, 0, 0)": 21.0, "rgb(119, 119, 119)": 4.48, "rgba(0, 0, 0, 0.5)": half}
    for colour, ratio in known.items():
        found = page.evaluate("(colour) => checks.ratio(colour, 'rgb(255, 255, 255)')", colour)
        assert found == pytest.approx(ratio, abs=0.005)


def test_the_button_copies_exactly_the_snippet(page):
    page.evaluate("document.body.append(document.createElement('textarea'))")
    alone = [case for case in MARKUP if not case.startswith("report")]  # whose parts have a button each
    for case in (*alone, "fit_eval several"):
        box = page.locator(f'section[data-card="{case}"]')
        button = box.locator(".imb-copy")
        assert button.inner_text() == "Copy"
        button.click()
        assert button.inner_text() == "Copied", case
        page.locator("textarea").fill("")
        page.locator("textarea").focus()
        page.keyboard.press("Control+V")
        assert page.locator("textarea").input_value() == str(made(case).snippet()), case


def test_without_its_handler_the_button_hides_and_a_click_selects_the_code(page):
    case = MARKUP[0]
    box = page.locator(f'section[data-card="{case}"]')
    assert box.locator(".imb-copy").is_visible()
    box.locator(".imb-copy").evaluate("(button) => button.removeAttribute('onclick')")
    assert not box.locator(".imb-copy").is_visible()
    assert (
        box.locator(".imb-copy").get_attribute("style") == "display: none"
    )  # where the styles are dropped as well
    box.locator("pre").click()
    assert page.evaluate("getSelection().toString()") == str(made(case).snippet())


def test_each_card_is_light(cards):
    assert max(len(html.encode()) for html in cards.values()) <= 150_000
