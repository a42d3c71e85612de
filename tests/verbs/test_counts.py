"""`counts` against closed forms, a plain Wilson formula, and scikit-learn's report on always saying the majority."""

from __future__ import annotations

import math
import re
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, classification_report
from sklearn.model_selection import StratifiedKFold, train_test_split

from imbalance_accessor.errors import OptionError, TargetError
from imbalance_accessor.verbs.counts import counts

Z = NormalDist().inv_cdf(0.975)


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """Wilson 1927, as centre and half width."""
    p = successes / trials
    centre = (p + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = Z / (1 + Z**2 / trials) * math.sqrt(p * (1 - p) / trials + Z**2 / (4 * trials**2))
    return centre - half, centre + half


def labels(**rows: int) -> pd.Series:
    return pd.Series([label for label, count in rows.items() for _ in range(count)], name="y", dtype=object)


FRAUD = pd.Series([0] * 950 + [1] * 50, name="y")
SERIES = {
    "fraud": FRAUD,
    "text": labels(no=180, yes=20),
    "tie": labels(a=30, b=30),
    "several": labels(a=70, b=20, c=10),
    "several with ties": labels(b=30, c=30, a=5),
    "bool": pd.Series([True] * 7 + [False] * 93, name="y"),
    "float": pd.Series([1.0] * 7 + [0.0] * 93, name="y"),
    "category": pd.Series(pd.Categorical(["a"] * 90 + ["b"] * 10, categories=["c", "b", "a"]), name="y"),
    "nullable": pd.Series([1] * 7 + [0] * 93, name="y", dtype="Int64"),
    "gaps": labels(no=180, yes=20).mask(np.arange(200) % 7 == 1),
}


def test_the_numbers_everybody_knows():
    found = counts(FRAUD)
    assert found.accuracy_always_majority == 0.95
    assert found.ratio == 19
    assert (found.majority, found.minority, found.severity) == (0, 1, "moderate")
    assert "1 : 19 (minority : majority)" in repr(found)
    assert "0.950" in repr(found)


@pytest.mark.parametrize("kind", SERIES)
def test_rows_shares_and_ratios_equal_a_plain_loop(kind):
    y = SERIES[kind]
    kept = [label for label in y if not pd.isna(label)]
    frame = counts(y).frame
    assert set(frame.index) == set(kept)
    most = max(kept.count(label) for label in set(kept))
    for label, row in frame.iterrows():
        assert row["rows"] == kept.count(label)
        assert row["share"] == kept.count(label) / len(kept)
        assert row["majority_ratio"] == most / kept.count(label)
    assert frame["rows"].is_monotonic_decreasing
    assert (frame.index.name, list(frame.index)) == ("y", sorted(frame.index, key=lambda a: -kept.count(a)))


@pytest.mark.parametrize("kind", SERIES)
@pytest.mark.parametrize(("test_size", "cv"), [(0.2, 5), (0.25, 3), (0.5, 2)])
def test_expected_rows_are_what_a_split_and_its_folds_hold(kind, test_size, cv):
    y = SERIES[kind].dropna().astype(object).reset_index(drop=True)
    y = y.astype(str)  # what the splitters take, whatever held the labels
    frame = counts(y, test_size=test_size, cv=cv).frame
    train, test = train_test_split(y, test_size=test_size, stratify=y, random_state=0)
    assert frame["test_rows"].sum() == len(test)
    assert frame["train_rows"].sum() == len(train)
    for label, row in frame.iterrows():
        assert row["test_rows"] + row["train_rows"] == row["rows"]
        assert abs(row["test_rows"] - (test == label).sum()) <= 1
        if train.value_counts().min() >= cv:
            for _, fold in StratifiedKFold(cv).split(train, train):
                assert abs(row["fold_rows"] - (train.iloc[fold] == label).sum()) <= 1


@pytest.mark.parametrize("kind", SERIES)
def test_the_intervals_are_wilsons_at_that_many_test_rows(kind):
    frame = counts(SERIES[kind]).frame
    for _, row in frame.iterrows():
        for recall in (50, 80):
            low, high = wilson(recall / 100 * row["test_rows"], row["test_rows"])
            assert row[f"recall_{recall}_low"] == pytest.approx(low, abs=1e-12)
            assert row[f"recall_{recall}_high"] == pytest.approx(high, abs=1e-12)


def test_the_rows_that_five_points_take():
    needed = next(n for n in range(1, 2000) if np.diff(wilson(n / 2, n))[0] <= 0.1)
    assert needed == math.ceil(Z**2 * (1 / 0.1**2 - 1)) == 381
    assert set(counts(FRAUD).frame["rows_for_5_points"]) == {needed}
    assert "381" in repr(counts(FRAUD))


@pytest.mark.parametrize("kind", SERIES)
def test_always_saying_the_majority_is_scikit_learns_report(kind):
    y = SERIES[kind].dropna().astype(object)
    found = counts(SERIES[kind])
    always = [found.majority] * len(y)
    report = classification_report(y.map(str), list(map(str, always)), output_dict=True, zero_division=0)
    assert found.accuracy_always_majority == pytest.approx(accuracy_score(y.map(str), list(map(str, always))))
    table = found.always_majority
    assert table.loc["accuracy", "f1"] == pytest.approx(report.pop("accuracy"))
    assert list(table.index) == [*sorted(set(y)), "accuracy", "macro avg", "weighted avg"]
    for label, row in table.drop(index="accuracy").iterrows():
        expected = report.pop(str(label))
        for column, name in (("precision",) * 2, ("recall",) * 2, ("f1", "f1-score"), ("rows", "support")):
            assert row[column] == pytest.approx(expected[name], abs=1e-15)
    assert not report


@pytest.mark.parametrize("kind", SERIES)
def test_no_skill_average_precision_is_that_of_constant_scores(kind):
    y = SERIES[kind].dropna()
    for label, level in counts(SERIES[kind]).no_skill_average_precision.items():
        constant = average_precision_score([cell == label for cell in y], np.zeros(len(y)))
        assert level == pytest.approx(constant, abs=1e-15)


@pytest.mark.parametrize(
    ("rare", "common", "word"),
    [
        (50, 50, "balanced"),
        (400, 600, "balanced"),
        (399, 601, "mild"),
        (200, 800, "mild"),
        (199, 801, "moderate"),
        (1, 99, "moderate"),
        (10, 990, "moderate"),
        (9, 991, "extreme"),
        (1, 4000, "extreme"),
    ],
)
def test_severity_by_the_minoritys_share_lower_edges_inclusive(rare, common, word):
    y = pd.Series([1] * rare + [0] * common)
    assert counts(y).severity == counts(1 - y).severity == word
    assert word in repr(counts(y))


def test_even_classes_are_balanced_however_many():
    assert counts(pd.Series(np.arange(100) % 10)).severity == "balanced"
    assert counts(labels(a=80, b=80, c=2)).severity == "moderate"


@pytest.mark.parametrize("kind", ["fraud", "text", "tie", "several"])
def test_the_ratio_is_printed_with_its_direction(kind):
    found = counts(SERIES[kind])
    rows = SERIES[kind].value_counts()
    assert found.ratio == rows.max() / rows.min()
    assert re.search(r"1 : [\d.]+ \(minority : majority\)", repr(found))


def test_a_positive_class_that_is_the_majority_tells_no_lies():
    found = counts(FRAUD, pos_label=0)
    assert (found.ratio, found.severity, found.majority) == (19, "moderate", 0)
    said = found.explain()
    assert "1 : 19 (minority : majority)" in repr(found)
    assert "1 : 19 (minority : majority)" in said
    assert "and never finds class 1" in said
    assert "which is 0.95 for class 0 without skill" in said
    assert "0.950 (the share of 0)" in repr(found)
    assert found.no_skill_average_precision[0] == 0.95


def test_one_class_against_the_rest_is_named():
    found = counts(SERIES["several"], pos_label="b")
    assert found.minority == "b"
    assert "'b'" in repr(found)
    with pytest.raises(OptionError, match="pos_label='z' is not a label"):
        counts(SERIES["several"], pos_label="z")


def test_missing_labels_are_counted_and_reported():
    y = SERIES["gaps"]
    found = counts(y)
    assert found.missing == int(y.isna().sum()) > 0
    (finding,) = found.findings
    assert finding.code == "IMB201"
    assert f"{found.missing} of 200 rows have no label in 'y'" in finding.message
    assert counts(y, ignore="IMB201").findings == ()
    assert counts(FRAUD).missing == 0


@pytest.mark.parametrize("audience", ["colleague", "interview"])
def test_the_words_carry_the_users_numbers(audience):
    said = counts(FRAUD).explain(audience=audience)
    for part in ("5.0 %", "95.0 %", "0.05"):
        assert part in said
    low, high = wilson(8, 10)
    if audience == "colleague":
        assert "50 of 1,000 rows are of class 1: 5.0 %, or 1 : 19 (minority : majority)" in said
        assert f"may be anything from {low:.2f} to {high:.2f}" in said


def test_balanced_classes_are_not_answered_with_weights():
    for rows in ([200, 200], [180, 220]):
        said = str(counts(pd.Series(np.repeat(["a", "b"], rows), name="y")).explain(audience="interview"))
        assert f"is right in {100 * max(rows) / 400:.1f} % of the rows" in said
        assert "I leave weights and resampling out" in said and "class weights" not in said
    several = pd.Series(np.repeat(["a", "b", "c"], 100), name="y")
    assert "I leave weights and resampling out" in str(counts(several).explain(audience="interview"))
    assert "I try a lower threshold or class weights" in str(counts(FRAUD).explain(audience="interview"))


def test_a_series_a_column_and_a_series_beside_a_frame_count_alike():
    frame = pd.DataFrame({"x": np.arange(1000), "y": FRAUD})
    for found in (FRAUD.imb.counts(), frame.imb.counts("y"), counts(frame, "y"), counts(frame, FRAUD)):
        pd.testing.assert_frame_equal(found.frame, counts(FRAUD).frame)


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", text)]


@pytest.mark.parametrize("kind", SERIES)
def test_the_snippet_prints_the_same_numbers(run, kind):
    y = SERIES[kind]
    found = counts(pd.DataFrame({"y": y}), "y")
    made = run(found.snippet(style="full"), df=pd.DataFrame({"y": y}))
    rows = {label: count for label, count in made["rows"].items() if count}
    assert rows == found.frame["rows"].to_dict()
    printed = numbers(made["printed"])
    assert any(math.isclose(number, found.ratio, rel_tol=1e-9) for number in printed)
    for value in found.always_majority["f1"]:
        assert any(abs(number - value) < 0.0005 + 1e-12 for number in printed)
    short = run(found.snippet(style="short"), df=pd.DataFrame({"y": y}))
    assert any(math.isclose(number, found.ratio, rel_tol=1e-9) for number in numbers(short["printed"]))


def test_the_snippet_of_a_series(run):
    y = SERIES["gaps"]
    made = run(counts(y).snippet(style="full"), y=y)
    assert made["rows"].to_dict() == counts(y).frame["rows"].to_dict()


@pytest.mark.parametrize("test_size", [1, 1.5, -0.1, "a", True, float("nan")])
def test_a_share_out_of_range_is_refused(test_size):
    with pytest.raises(OptionError, match=r"test_size=.* must be a share between 0 and 1"):
        counts(FRAUD, test_size=test_size)


@pytest.mark.parametrize("cv", [0, 1, 2.5, True, "5"])
def test_a_number_of_folds_that_is_none_is_refused(cv):
    with pytest.raises(OptionError, match=r"cv=.* must be a whole number of folds, 2 or more"):
        counts(FRAUD, cv=cv)


def test_other_refusals_come_through():
    with pytest.raises(TargetError, match="one class"):
        counts(pd.Series([1, 1, 1]))
    with pytest.raises(OptionError, match="style='brief' is not known"):
        counts(FRAUD).snippet(style="brief")


def test_one_row_of_a_hundred_thousand_is_not_rounded_away():
    found = counts(pd.Series(np.arange(100_000) == 5, name="y"))
    assert "Always saying False scores 0.99999" in str(found)
    assert "0.00001 (the share of True)" in str(found)
