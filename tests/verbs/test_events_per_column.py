"""Events per column, expected shrinkage and the rows that Riley et al. ask for, against scikit-learn and the formulas by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

import imbalance_accessor as imb

N = 300
RNG = np.random.default_rng(5)
Y = np.arange(N) % 10 == 3
FRAME = pd.DataFrame(RNG.normal(size=(N, 2)) + Y[:, None], columns=["a", "b"]).assign(
    c=RNG.choice(["x", "y", "z"], N), y=np.where(Y, "yes", "no")
)
ALONE = {"strategies": [], "cv": 2, "n_jobs": 1, "progress": False}
UNPENALISED = LogisticRegression(C=np.inf, max_iter=1000)


@pytest.fixture(scope="module")
def found():
    return FRAME.imb.fit_eval("y", **ALONE)


def test_the_plain_models_size_is_that_of_its_coefficients_and_likelihood(found):
    size, train = found.regression_size, found.plan.parts.train
    p = found.model("none").predict_proba(FRAME.loc[train.X.index])[:, 1]
    y, n = (FRAME.loc[train.X.index, "y"] == "yes").to_numpy(), len(train)
    ratio = 2 * n * (log_loss(y, np.full(n, y.mean())) - log_loss(y, p))
    assert (size.n_rows, size.events, size.n_columns) == (240, 24, 4)  # two numbers, three levels less one
    assert size.n_following == 1
    assert size.ratio == pytest.approx(ratio)
    shrinkage = (ratio - 4) / ratio
    assert size.shrinkage == pytest.approx(shrinkage)
    r2 = shrinkage * (1 - math.exp(-ratio / n))
    assert size.rows_needed == math.ceil(4 / ((0.9 - 1) * math.log(1 - r2 / 0.9)))
    said = repr(found).replace("\n", " ")
    assert (
        "Events per variable: 6.0 (24 events in training, 4 parameters in 5 encoded columns); expected"
        in said
    )
    assert f"expected shrinkage without penalty {shrinkage:.2f}. For 0.9 Riley et al. (2020) ask for" in said
    assert f"{math.ceil(size.rows_needed / 10):,} events in {size.rows_needed:,} rows." in said


def test_trees_have_no_such_formula_and_weighted_rows_the_ratio_alone():
    weighted = FRAME.assign(w=1 + np.arange(N) % 2).imb.fit_eval("y", sample_weight="w", **ALONE)
    assert (
        weighted.regression_size.said
        == "Events per variable: 6.0 (24 events in training, 4 parameters in 5 encoded columns)."
    )
    assert weighted.regression_size.shrinkage is weighted.regression_size.rows_needed is None
    for options in ({"model": "naive_bayes"}, {"model": found_fitted(), "fitted": True}):
        other = FRAME[["a", "b", "y"]].imb.fit_eval("y", **ALONE, **options)
        assert other.regression_size is None
        assert "Events per variable" not in repr(other)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(class_weight="balanced"),
        LogisticRegression(class_weight="balanced", C=np.inf, max_iter=1000),
        LogisticRegression(C=1e-4),
    ],
)
def test_a_likelihood_that_weights_or_a_strong_penalty_lower_tells_no_shrinkage(model):
    found = FRAME[["a", "b", "y"]].imb.fit_eval("y", **ALONE, model=model)
    assert found.regression_size.shrinkage is found.regression_size.rows_needed is None
    assert found.regression_size.said.startswith("Events per variable: 12.0")
    assert "shrinkage" not in repr(found)
    assert "IMB419" not in found.findings.codes


def found_fitted() -> LogisticRegression:
    return LogisticRegression().fit(FRAME[["a", "b"]], FRAME["y"])


def test_too_few_events_are_a_finding_without_penalty_and_a_penalty_mends_it(found):
    few = FRAME.iloc[:100].imb.fit_eval("y", **ALONE, model=UNPENALISED)
    (finding,) = [each for each in few.findings if each.code == "IMB419"]
    shrinkage = few.regression_size.shrinkage
    assert shrinkage < 0.9
    assert f"8 events for 4 columns: expect a shrinkage of {shrinkage:.2f}" in finding.message
    assert finding.cure == "Give it a penalty: LogisticRegression(C=1.0)."
    mended = FRAME.iloc[:100].imb.fit_eval("y", **ALONE, model=LogisticRegression(C=1.0))
    assert "IMB419" not in mended.findings.codes
    assert "IMB419" not in found.findings.codes


def test_counts_say_the_ratio_of_a_frames_columns_and_nothing_of_labels_alone():
    counted = FRAME.imb.counts("y")
    r2 = 0.15 * (1 - (0.1**0.1 * 0.9**0.9) ** 2)
    rows = math.ceil(4 / ((0.9 - 1) * math.log(1 - r2 / 0.9)))
    assert (counted.width.parameters, counted.width.columns, counted.events) == (
        4,
        5,
        24,
    )  # as the fit has it
    assert counted.rows_for_columns == (rows, math.ceil(rows * 0.1))
    said = repr(counted).replace("\n", " ")
    assert "Events per variable: 6.0 (24 events in training, 4 parameters in 5 encoded columns)." in said
    assert f"ask for {math.ceil(rows / 10):,} events in {rows:,} rows, for a shrinkage of 0.9." in said
    # the positive class may be the frequent one, and a column of weights is none of the features
    assert FRAME.imb.counts("y", pos_label="no").events == 24
    assert FRAME.assign(w=1.0).imb.counts("y", sample_weight="w").width.columns == 5
    assert imb.counts(FRAME[["a", "b"]], FRAME["y"]).width.columns == 2
    for none in (FRAME["y"].imb.counts(), FRAME.imb.counts("c"), FRAME[["y"]].imb.counts("y")):
        assert "Events per variable" not in repr(none)
    assert FRAME.imb.counts("c", pos_label="x").events == FRAME.imb.counts("c").frame.loc["x", "train_rows"]


def test_tables_are_counted_by_their_schema():
    pl = pytest.importorskip("polars")
    counted = imb.counts(pl.from_pandas(FRAME).lazy(), "y")
    assert (counted.width.columns, counted.events) == (3, 24)
    assert "8.0 (24 events in training, 3 columns before encoding)" in repr(counted).replace("\n", " ")
