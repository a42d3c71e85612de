"""The thresholds of a slider: few enough, evenly along the ROC curve; and its script, which no card changes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import imbalance_accessor.rendering as rendering
from imbalance_accessor.metrics.thresholds import ThresholdGrid
from imbalance_accessor.rendering.slider import MOST, places_on_slider, said

HERE = Path(rendering.__file__).parent


@pytest.mark.parametrize(("rows", "positives"), [(5, 2), (199, 20), (5_000, 25), (50_000, 20_000)])
def test_thresholds_are_few_and_evenly_along_the_roc_curve(rows, positives):
    rng = np.random.default_rng(rows)
    y = np.arange(rows) < positives
    table = ThresholdGrid(y, rng.normal(y, 1.0)).table
    keep = [rows // 3, rows // 2]
    places = places_on_slider(table, keep)
    assert len(places) <= MOST
    assert np.all(np.diff(places) > 0)
    assert {0, rows, *keep} <= set(places.tolist())
    if rows < MOST:
        assert len(places) == rows + 1
    along = table.tp[places] / positives + table.fp[places] / (rows - positives)
    assert np.diff(along).max() <= 2 / (MOST - 5) + 1 / positives + 1 / (rows - positives)


def test_each_of_few_positives_has_a_step_of_its_own():
    y = np.arange(20_000) % 400 == 0
    table = ThresholdGrid(y, np.random.default_rng(0).normal(y, 1.0)).table
    assert set(table.tp[places_on_slider(table, [])].tolist()) == set(range(51))


def test_rows_of_one_class_have_thresholds_too():
    table = ThresholdGrid(np.zeros(500, bool), np.arange(500.0)).table
    assert places_on_slider(table, [3]).max() == 500


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (99.96, "100"), (1234567.0, "1,234,567"), (-250.4, "−250"), (0.01234, "0.0123")],
)
def test_counts_and_amounts_are_short(value, text):
    assert said(value) == text


def test_the_script_is_no_template_and_ends_nowhere_early():
    script = (HERE / "slider.js").read_text(encoding="utf-8")
    assert not re.search(r"\{\{|\{%|\{#|</script|<!--", script)


def test_the_script_knows_the_colours_of_the_card():
    card, script = ((HERE / name).read_text(encoding="utf-8") for name in ("card.html.j2", "slider.js"))
    for name in ("--imb-ink-page", "--imb-page"):
        (dark, light) = re.search(rf'"{name}", dark \? "(#\w+)" : "(#\w+)"', script).groups()
        assert re.findall(rf"{name}: (#\w+)", card) == 2 * [
            light,
            dark,
        ]  # by the system, and by the page's switch
