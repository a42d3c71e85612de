"""What a card's HTML says without its styles, how long tables are shortened, and how their shares are drawn."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from imbalance_accessor.findings import Finding, Findings
from imbalance_accessor.rendering.card import Card
from imbalance_accessor.rendering.cells import Interval, Share
from imbalance_accessor.rendering.html import as_html, table_view


def of(shares: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"share": [Share(each) for each in shares]}, index=[f"class {i}" for i in range(len(shares))]
    )


def test_a_long_table_shows_its_top_and_its_end():
    rows = table_view(of([1 / 120] * 120), None).rows
    assert [row.label for row in rows[:10]] == [f"class {i}" for i in range(10)]
    assert rows[10].gap and rows[10].label == "… 105 more"
    assert [row.label for row in rows[11:]] == [f"class {i}" for i in range(115, 120)]


def test_a_table_of_forty_rows_is_shown_whole():
    rows = table_view(of([1 / 40] * 40), None).rows
    assert len(rows) == 40 and not any(row.gap for row in rows)


@pytest.mark.parametrize(
    ("shares", "drawn"),
    [
        ([0.95, 0.05], [95.0, 5.0]),
        ([0.5, 0.3, 0.2], [50.0, 30.0, 20.0]),
        ([0.4, 0.3, 0.2, 0.1], [40.0, 30.0, 20.0, 10.0]),
        ([0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_the_track_of_a_share_ends_at_100_percent(shares, drawn):
    assert [row.cells[0].share for row in table_view(of(shares), None).rows] == drawn


def test_without_styles_the_title_is_bold_a_severity_has_its_colon_and_numbers_stay_on_a_line():
    table = pd.DataFrame({"recall": [Interval(0.5, 0.4, 0.6)], "what": ["words"]}, index=["a"])
    card = Card("It is so", table=table, findings=Findings([Finding("IMB401", "warning", "Few.", "")]))
    html = re.sub(r"<style>.*?</style>", "", as_html(card), flags=re.DOTALL)
    assert "<strong>It is so</strong>" in html
    assert re.search(r">warning:</span> Few\.", html)
    cells = re.findall(r"<td([^>]*)>", html)
    assert "nowrap" in cells[0] and "nowrap" not in cells[1]
