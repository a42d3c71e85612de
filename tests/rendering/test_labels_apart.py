"""Long labels that differ still differ when they are shortened, in pictures and in tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from imbalance_accessor.rendering.html import table_view
from imbalance_accessor.rendering.labels import columns, drawn_apart, shorten_apart
from imbalance_accessor.rendering.plots import bars, matrices
from imbalance_accessor.rendering.tables import table_lines

LONG = [f"a quite long label of class number {i:02d} with <b>markup</b> and more words" for i in range(12)]
ALIKE = {
    "middles": LONG,
    "no blanks": ["x" * 50 + letter + "x" * 50 for letter in "abc"],
    "wide": [f"日本語の長いラベル{digit}番目の値です" for digit in "一二三"],
    "ends of a long middle": [f"{'a' * 40}{i}{'b' * 40}{i}{'c' * 40}" for i in range(9)],
    "beginnings of each other": ["a" * n for n in range(30, 60)],
}


@pytest.mark.parametrize("width", [12, 18, 40])
@pytest.mark.parametrize("texts", ALIKE.values(), ids=ALIKE)
def test_labels_stay_different(texts, width):
    short = shorten_apart(texts, width)
    assert len(set(short)) == len(texts)
    assert max(map(columns, short)) <= width


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text("ab _", max_size=40), min_size=1, max_size=12), st.integers(12, 30))
def test_shortening_is_one_to_one_within_the_width(texts, width):
    pairs = set(zip(texts, shorten_apart(texts, width), strict=True))
    assert len(pairs) == len(set(texts)) == len({short for _, short in pairs})
    assert all(columns(short) <= width for _, short in pairs)
    assert all(text == short for text, short in pairs if len(text) <= width)


def test_what_differs_is_shown():
    assert [f"{i:02d}" in short for i, short in enumerate(shorten_apart(LONG, 24))] == [True] * 12


def test_tables_and_pictures_name_each_class_once():
    table = pd.DataFrame({"rows": range(12)}, index=LONG)
    assert len({row.label for row in table_view(table, None).rows}) == 12
    lines = table_lines(table, best=LONG[3], width=60)[1:]
    assert len({line[2:].rsplit(maxsplit=1)[0] for line in lines}) == 12
    ax, other = Figure().subplots(1, 2)
    bars.class_bars(ax, LONG, np.arange(12) + 1, title="")
    matrices.confusions(np.array([other]), ["none"], [np.eye(12, dtype=int)], LONG)
    for each in (ax, other):
        assert len({text.get_text() for text in each.get_yticklabels()}) == 12


def test_dollars_stay_dollars():
    assert drawn_apart(["$a$", "b"]) == [r"\$a\$", "b"]
