from __future__ import annotations

from html import unescape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from every_result import COPY

from imbalance_accessor.errors import Fix
from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.rendering.card import Badge, Card, as_text
from imbalance_accessor.rendering.card_picture import CardPicture
from imbalance_accessor.rendering.cells import Interval, Share
from imbalance_accessor.rendering.html import as_html, markdown, table_view
from imbalance_accessor.rendering.labels import columns

_VOID = {"img", "br", "meta"}


class Page(HTMLParser):
    """What a browser would make of a card: its elements, their attributes, its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.handlers: list[tuple[str, str, str | None]] = []
        self.images: list[dict[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.handlers += [(tag, name, value) for name, value in attrs if name.startswith("on")]
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


def test_text_says_everything(result):
    assert repr(result).splitlines() == [
        "5.0 % churn: moderate imbalance",
        "",
        "  rows   2,000",
        "  ratio  1 : 19",
        "",
        "  churn   rows   share              recall",
        "  no     1,900  95.0 %                   –",
        "* yes      100   5.0 %  0.500 [0.30, 0.70]",
        "",
        "random_state 0",
        "",
        "! IMB401 warning: The test set has 20 positives. Collect more.",
        "",
        'Next: df.imb.smote("churn")',
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_text_keeps_to_its_width(result, hostile, width):
    for each in (result, hostile):
        lines = as_text(each.card, width).splitlines()
        assert max(map(columns, lines)) <= width


def test_text_neutralises_hostile_labels(hostile):
    assert all(line.isprintable() for line in repr(hostile).splitlines())
    assert "\x1b" not in repr(hostile)
    assert r"two\nlines" in repr(hostile)


def test_wide_tables_are_split_and_long_ones_threshold():
    table = pd.DataFrame(np.arange(50_000).reshape(500, 100), columns=[f"column {i}" for i in range(100)])
    lines = as_text(Card("wide", table=table, best=250)).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 150
    assert any(line.startswith("* 250") for line in lines)
    assert "… 85 more columns in .frame" in lines
    # 20 from the top, 10 from the end and the best one are shown, so the gaps hold the other 469
    gaps = [int(line.split()[1]) for line in lines[: lines.index("", 2)] if "more" in line]
    assert sum(gaps) == 500 - 20 - 10 - 1


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame(index=["a", "b"]),
        pd.DataFrame([[1, 2]], columns=["same", "same"]),
        pd.DataFrame({("a", "b"): [1]}, index=pd.MultiIndex.from_tuples([("x", 1)])),
        pd.DataFrame({0: pd.array([1, None], dtype="Int64"), 1: pd.Categorical(["a", None])}),
        pd.DataFrame({"when": pd.to_datetime(["2024-01-01", None])}, index=[np.nan, None]),
    ],
)
def test_odd_tables(table):
    card = Card("odd", table=table, best="none of them")
    assert as_text(card).startswith("odd")
    Page(as_html(card))


def test_html_says_everything(result):
    page = Page(result._repr_html_())
    said = (
        "moderate imbalance",
        "1 : 19",
        "1,900",
        "95.0 %",
        "[0.30, 0.70]",
        "IMB401",
        "warning",
        "Collect more",
    )
    for part in (
        *said,
        "random_state 0",
        "df.imb.smote",
        "For a colleague",
        "value_counts",
        ".plot('strategies')",
    ):
        assert part in page.text
    assert page.images[0]["alt"] == result.card.title
    assert page.tags.count("details") == 3
    assert not page.open


def test_badges_stand_before_the_figures_in_text_and_read_as_text_on_a_page():
    weights = Badge("row weights", "<w>; 20 rows", "row weights: <w>")
    share = Badge(
        "prevalence", "2.0 % where the model is used; 25.0 % in this sample", "sample 25.0 % → in use 2.0 %"
    )
    card = Card("title", figures=(("ratio", "1 : 3"),), badges=(share, weights))
    assert as_text(card).splitlines()[2:] == [
        "  prevalence   2.0 % where the model is used; 25.0 % in this sample",
        "  row weights  <w>; 20 rows",
        "  ratio        1 : 3",
    ]
    page = Page(as_html(card))  # without styles: one paragraph behind the title
    assert "title sample 25.0 % → in use 2.0 % · row weights: <w> ratio" in " ".join(page.text.split())
    assert "w" not in page.tags and not page.handlers


def test_html_shows_hostile_labels_as_text(hostile):
    html = hostile._repr_html_()
    page = Page(html)
    assert "script" not in page.tags
    assert len(page.images) == 1
    assert page.handlers == [("button", "onclick", COPY)]
    for label in (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(2)>',
        r"two\nlines",
        "{{ 7 * 7 }}",
    ):
        assert label in page.text
    assert "\x1b" not in html
    assert not page.open


def test_a_card_without_code_has_no_button(result):
    html = as_html(result.card)
    assert "<button" not in html
    assert Page(html).handlers == []


def test_styles_are_scoped_to_the_card(result):
    html = result._repr_html_()
    style = html.partition("<style>")[2].partition("</style>")[0]
    narrow = [f"@container (max-width: {width}px) {{" for width in (860, 740, 600, 520)]
    for around in ("@media (prefers-color-scheme: dark) {", *narrow):
        assert around in style
        style = style.replace(around, "")
    rules = style.split("}")
    for selectors in (rule.partition("{")[0] for rule in rules if "{" in rule):
        assert all(selector.strip().startswith(".imb-card") for selector in selectors.split(","))
    assert "<script" not in html


def test_a_heavy_card_stays_under_150_kb(result, hostile):
    rng = np.random.default_rng(0)
    cells = [[Interval(*rng.random(3)) for _ in range(60)] for _ in range(500)]
    table = pd.DataFrame(cells, index=[f"{'long label ' * 20}{i}" for i in range(500)])
    findings = Findings(Finding("IMB401", "note", "word " * 5_000, "cure " * 5_000) for _ in range(5))
    card = Card("title " * 5_000, (("a", "b" * 9_000),) * 5, table, None, ("note " * 5_000,), findings)
    noise = CardPicture(png=bytes(rng.integers(0, 256, 200_000, dtype=np.uint8)))
    heavy = as_html(card, picture=noise, explanation="word " * 90_000)
    for html in (heavy, result._repr_html_(), hostile._repr_html_()):
        assert len(html.encode()) < 150_000


@pytest.mark.parametrize(("kilobytes", "ways"), [(40, ["<svg", "svg+xml"]), (80, ["svg+xml"]), (140, [])])
def test_a_picture_is_carried_twice_once_or_not_at_all(kilobytes, ways):
    picture = CardPicture(10, 10, "<g></g>" * (1_000 * kilobytes // 7))
    html = as_html(Card("A title"), picture=picture)
    assert [way for way in ("<svg", "svg+xml") if way in html] == ways
    assert len(html.encode()) < 150_000


def test_intervals_of_a_column_share_one_scale():
    column = [Interval(0.3, 0.2, 0.4), Interval(0.5, 0.4, 0.6)]
    first, second = (row.cells[0] for row in table_view(pd.DataFrame({"recall": column}), None).rows)
    # the scale runs from 0.2 to 0.6, so 0.3 is a quarter of the way and 0.4 half of it
    assert (first.low, first.point, first.high) == (0.0, 25.0, 50.0)
    assert (second.low, second.point, second.high) == (50.0, 75.0, 100.0)


@pytest.mark.parametrize(
    ("columns", "css"),
    [(3, ""), (6, " imb-below-520"), (12, " imb-below-740"), (16, " imb-below-860")],
)
def test_a_table_is_set_smaller_where_it_would_not_fit(columns, css):
    table = table_view(pd.DataFrame(0.1234567, ["row"], [f"c{i}" for i in range(columns)]), None)
    assert table.width == columns * len("0.123__") + len("row__")
    assert table.css == css
    # a text is broken into lines, so its longest word is what it needs
    assert table_view(pd.DataFrame({"c": ["a word or three " * 9]}, ["row"]), None).width == 5 + 7


def test_shares_are_drawn_in_percent():
    cells = [
        row.cells[0] for row in table_view(pd.DataFrame({"share": [Share(0.05), Share(1.0)]}), None).rows
    ]
    assert [cell.share for cell in cells] == [5.0, 100.0]


def test_markdown_escapes_before_it_formats():
    html = str(
        markdown("# Head\n\n**a<b** and `x & y`\nnext line\n\n- one\n  more\n- <img src=x onerror=alert(1)>")
    )
    assert html == (
        "<p><strong>Head</strong></p>\n"
        "<p><strong>a&lt;b</strong> and <code>x &amp; y</code> next line</p>\n"
        "<ul><li>one more</li><li>&lt;img src=x onerror=alert(1)&gt;</li></ul>"
    )


def test_dollar_signs_are_kept_from_mathjax(result):
    assert '<div class="imb-card tex2jax_ignore mathjax_ignore">' in result._repr_html_()


def test_a_fix_stands_below_its_finding_unbroken_and_escaped():
    names = [
        '"; import os',
        "<script>alert(1)</script>",
        "$a$ \u200b",
        *(f"a long name {i}" for i in range(9)),
    ]
    fix = Fix(f"df = df.drop(columns={names!r})", {"cv": 3})
    found = Finding("IMB202", "note", "Columns are left out.", "Drop them.", fix=fix)
    card = Card("A title", findings=Findings([found]))
    above, drop, call = as_text(card).splitlines()[-3:]
    assert above == "- IMB202 note: Columns are left out. Drop them."
    assert drop == f"    df = df.drop(columns={names!r})" and len(drop) > 200 and "\u200b" not in drop
    assert call == "    cv=3"
    html = as_html(card)
    shown = html.partition('<pre class="imb-fix" tabindex="0">')[2].partition("</pre>")[0]
    assert unescape(shown) == f"df = df.drop(columns={names!r})\ncv=3"
    assert "<script" not in html and "\u200b" not in html
