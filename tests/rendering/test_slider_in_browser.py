"""The slider in a real browser: what it shows at a threshold is what a count of the scores gives, without a complaint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from every_result import MARKUP, SLIDER, made

import imbalance_accessor as imb

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no chromium on PATH", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.slow

DF = imb.make_churn(600, 0.1)
COST = {"fp": 1, "fn": 8}
#: How the threshold that flags nobody is called.
ABOVE = "above all scores (none flagged)"
#: What notebooks do: outputs are set as markup, and scripts made anew, since markup runs none.
AS_A_NOTEBOOK = """(html) => {
  document.body.innerHTML = html;
  for (const script of document.querySelectorAll("script")) {
    const anew = document.createElement("script");
    anew.text = script.textContent;
    script.replaceWith(anew);
  }
}"""


@pytest.fixture(scope="module")
def evaluation() -> imb.Evaluation:
    return DF.imb.fit_eval("churn", strategies=["class_weight"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser):
    """A page that is empty, and what it complains of."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.add_init_script("window.alert = (what) => console.log(what)")
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_content("<!doctype html><body></body>")
    yield page, complaints
    page.close()
    assert complaints == []


def shown(page: Any) -> dict[str, str]:
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('[data-is]')].map((e) => [e.dataset.is, e.textContent]))"
    )


def by_hand(e: imb.Evaluation, threshold: float) -> dict[str, str]:
    """Count the training rows at a threshold, as `Evaluation.scores` has them out of fold."""
    rows = e.scores.query("strategy == @e.best and part == 'train'")
    flagged, positive = rows["probability"] >= threshold, rows["churn"] == "yes"
    tp, fp = (flagged & positive).sum(), (flagged & ~positive).sum()
    fn, tn = positive.sum() - tp, (~positive).sum() - fp
    precision = f"{tp / (tp + fp):#.3g}" if tp + fp else "–"
    counts = {"tp": f"{tp:,}", "fp": f"{fp:,}", "fn": f"{fn:,}", "tn": f"{tn:,}", "precision": precision}
    counts["recall"], counts["f1"] = f"{tp / (tp + fn):#.3g}", f"{2 * tp / (2 * tp + fp + fn):#.3g}"
    whole = pd.Series([f"{100 * (tp + fp) / len(rows):#.3g}"]).str.rstrip(".")[0]
    return counts | {"flagged": f"{whole} %", "cost": f"{fp + 8 * fn:,}"}


@pytest.mark.parametrize("verb", ["fit_eval", "best_threshold"])
def test_at_each_position_it_shows_what_the_scores_say(opened, evaluation, verb):
    page, _ = opened
    result = evaluation if verb == "fit_eval" else evaluation.best_threshold(cost=COST)
    page.evaluate(AS_A_NOTEBOOK, result._repr_html_())
    slider = page.get_by_role("slider", name="Threshold")
    last = int(slider.get_attribute("max"))
    seen = set()
    for position in (0, 1, last // 4, last // 2, last - 1, last):
        slider.fill(str(position))
        found = shown(page)
        called, threshold = found.pop("called"), found.pop("threshold")
        assert (called != "") == (threshold == result._card().slider.text)
        assert slider.get_attribute("aria-valuetext") == threshold + called
        wanted = by_hand(evaluation, float(threshold.replace(ABOVE, "inf")))
        assert found == {name: wanted[name] for name in found}
        assert {"tp", "fp", "fn", "tn", "precision", "recall", "f1", "flagged"} <= found.keys()
        assert ("cost" in found) == (verb == "best_threshold")
        seen.add(threshold)
    assert len(seen) == 6


def test_it_opens_at_the_chosen_threshold_with_the_text_of_the_page_without_scripts(
    opened, browser, evaluation
):
    page, _ = opened
    t = evaluation.best_threshold(cost=COST)
    page.evaluate(AS_A_NOTEBOOK, t._repr_html_())
    still = browser.new_context(java_script_enabled=False).new_page()
    still.set_content(t._repr_html_())
    cells = still.locator("[data-is]")
    assert cells.all_inner_texts() == page.locator("[data-is]").all_inner_texts()
    assert cells.first.is_visible() and cells.first.inner_text() == t.threshold_text
    assert still.locator("input").count() == 0
    assert {
        name: text for name, text in shown(page).items() if name not in {"called", "threshold"}
    } == by_hand(evaluation, float(t))


def test_the_keys_move_it_and_a_button_leads_back(opened, evaluation):
    page, _ = opened
    t = evaluation.best_threshold(cost=COST)
    page.evaluate(AS_A_NOTEBOOK, t._repr_html_())
    slider, chosen = page.get_by_role("slider"), t._card().slider.chosen
    slider.focus()
    for key, position in (("ArrowRight", chosen + 1), ("ArrowLeft", chosen), ("Home", 0)):
        page.keyboard.press(key)
        assert slider.input_value() == str(position)
    assert shown(page)["fn"] == "0"
    page.keyboard.press("End")
    assert (shown(page)["threshold"], shown(page)["precision"], shown(page)["tp"]) == (ABOVE, "–", "0")
    focused = "document.querySelector('.imb-slider').shadowRoot.activeElement"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    page.get_by_role("button", name="0.5").click()
    assert shown(page)["threshold"] == "0.5"
    page.get_by_role("button", name=f"chosen: {t.threshold_text}").press("Enter")
    assert slider.input_value() == str(chosen) and shown(page)["called"] == " (chosen)"


def test_cards_on_one_page_do_not_meet(opened, evaluation):
    page, _ = opened
    cards = evaluation._repr_html_() + evaluation.best_threshold(cost=COST)._repr_html_()
    page.evaluate(AS_A_NOTEBOOK, cards)
    page.add_script_tag(content=SLIDER)  # a card that is shown again runs it again
    first, second = page.get_by_role("slider").all()
    before = second.input_value()
    first.fill("3")
    assert second.input_value() == before
    thresholds = page.locator("[data-is=threshold]").all_inner_texts()
    assert thresholds[0] != thresholds[1]


@pytest.mark.parametrize("case", MARKUP)
def test_nothing_of_the_data_runs(opened, case):
    page, _ = opened
    page.evaluate(AS_A_NOTEBOOK, made(case)._repr_html_())
    for slider in page.get_by_role("slider").all():
        slider.fill("0")
    page.wait_for_timeout(50)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_frame_of_its_own_takes_its_theme_from_around_and_its_height_from_within(opened, evaluation, theme):
    page, _ = opened
    around = f'<!doctype html><html style="color-scheme: {theme}"><iframe src="card"></iframe></html>'
    for name, body in (("", around), ("card", evaluation._repr_html_())):
        page.route(f"http://cards.test/{name}", answer(body))
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    page.goto("http://cards.test/")
    frame = page.frames[1]
    frame.wait_for_selector("input")
    back = "getComputedStyle(document.querySelector('.imb-card')).backgroundColor"
    assert frame.evaluate(back) == {"light": "rgb(255, 255, 255)", "dark": "rgb(27, 27, 27)"}[theme]
    assert frame.evaluate("getComputedStyle(document.documentElement).colorScheme") == theme
    # where there is no doctype both are the height of all that is there, and marimo never makes the frame higher
    assert frame.evaluate("document.documentElement.scrollHeight > document.documentElement.clientHeight")


def answer(body: str) -> Any:
    return lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8")
