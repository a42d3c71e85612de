"""Leaks that were planted are named, frames without one are not accused; `benchmarks/planted_leaks.py` has many more of both."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import honest_frames as frames
import planted_leaks as planting

sys.path.pop()

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


def positive(frame):
    return frame["y"].isin([1, "yes"]).to_numpy()


# ---------------------------------------------------------------- what was planted is a leak


def pure_rows(column):
    """The rows of each rule that a column's owner might ask about."""
    number = pd.to_numeric(column.astype(str).str.replace(r"[$€,]", "", regex=True), errors="coerce")
    rules = [column.isna(), column.notna(), number == 0, number > 0]
    return [rule.to_numpy() for rule in rules + [column == level for level in column.dropna().unique()[:60]]]


@pytest.mark.parametrize("kind", ["level", "zero", "missing", "text money"])
def test_a_planted_mark_is_a_pure_subset(kind):
    for seed in range(4):
        case = planting.planted(kind, seed)
        y = positive(case.frame)
        assert 0.015 < y.mean() < 0.31
        pure = [
            (y[rows].mean() >= 0.99 and rows.sum() >= 20) or (not y[rows].any() and y[~rows].mean() >= 0.9)
            for rows in pure_rows(case.frame[case.column])
            if 0 < rows.sum() < len(y)
        ]
        assert any(pure), case.flavour


def test_no_honest_extra_column_has_a_pure_subset():
    rng = np.random.default_rng(0)
    y = rng.random(3000) < 0.1
    for make in frames.EXTRAS.values():
        for name, cells in make(rng, y).items():
            purest = max(y[rows].mean() for rows in pure_rows(pd.Series(cells)) if rows.sum() >= 20)
            assert purest < 0.7, name


def test_planted_groups_have_one_label_each():
    for seed in range(3):
        case = planting.planted("group", seed)
        by_group = pd.Series(positive(case.frame)).groupby(case.frame[case.column])
        assert by_group.nunique().max() == 1
        assert by_group.size().mean() > 1.25


def test_natural_repeats_repeat():
    for seed in range(3):
        frame, y = frames.honest(np.random.default_rng(seed), "natural repeats", 1.0, lowest=0.02, rare=40)
        assert 0.25 < frame.duplicated().mean() < 0.75
        assert y.sum() >= 40


# ---------------------------------------------------------------- what is said of it


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        ("level", 5),
        ("date", 6),
        ("missing", 3),
        ("threshold", 6),
        ("group", 1),
    ],
)
def test_a_leak_is_named(kind, seed):
    assert planting.judge_planted(kind, seed)["found"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", planting.KINDS)
def test_leaks_of_each_kind_are_named_in_all_shapes(kind):
    told = [planting.judge_planted(kind, seed) for seed in range(5)]
    assert [each["case"] for each in told if not each["found"]] == []


@pytest.mark.parametrize("seed", [8, 13])
def test_a_frame_without_a_leak_is_not_accused(seed):
    told = planting.judge_clean(seed, orders=2)
    assert (told["messages"], told["changed"]) == ({}, [])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(15))
def test_frames_without_a_leak_are_not_accused_in_any_order(seed):
    told = planting.judge_clean(seed, orders=2)
    assert (told["messages"], told["changed"]) == ({}, [])
