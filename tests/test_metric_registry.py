"""A metric is one row: one that is registered at run time is found wherever metrics are told, and runs in the snippet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from alone import execute
from best_thresholds import loop_cut

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.ipython.completion import complete
from imbalance_accessor.metrics.registry import METRICS, Metric, register
from imbalance_accessor.verbs.fit_eval.text import _meaning

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


def first_positive(levels):
    first = (levels.hits > 0).argmax(axis=1)
    return 1 / (1 + levels.ahead[np.arange(len(first)), first])


#: One of each kind: of flags, of the order, of probabilities.
TOYS = {
    "jaccard": Metric(
        "jaccard",
        "decision",
        lambda counts: counts.tp / np.maximum(counts.tp + counts.fp + counts.fn, 1),
        label="Jaccard index",
        aliases=("iou",),
        is_criterion=True,
        about="The Jaccard index leaves the true negatives out.",
        code="jaccard_score(is_test, flag)",
        library=("sklearn.metrics", "jaccard_score"),
        formula="tp / np.maximum(tp + fp + fn, 1)",
    ),
    "first_positive": Metric(
        "first_positive",
        "ranking",
        first_positive,
        label="reciprocal rank",
        meaning="one over the rank of the first positive",
        no_skill=lambda prevalence: prevalence,
        code="1 / (1 + (score[~is_test] >= score[is_test].max()).sum())",
        formula="1 / (1 + fp[np.argmax(hits > 0)])",
    ),
    "absolute_error": Metric(
        "absolute_error",
        "probability",
        lambda y, p: np.abs(p - y),
        label="absolute error",
        better=-1,
        meaning="the mean distance of probability and outcome",
        code="np.abs(score - is_test).mean()",
        formula="np.abs(p - y)",
    ),
}
#: The same figures, from labels, scores and flags.
WITNESSES = {
    "jaccard": lambda y, score, flag: sk.jaccard_score(y, flag),
    "first_positive": lambda y, score, flag: 1 / (1 + np.sum(score[~y] >= score[y].max())),
    "absolute_error": lambda y, score, flag: sk.mean_absolute_error(y, score),
}


@contextmanager
def registered(*metrics: Metric) -> Iterator[None]:
    """Have some metrics more for a while."""
    for metric in metrics:
        register(metric)
    try:
        yield
    finally:
        for metric in metrics:
            del METRICS[metric.name]


@pytest.fixture(scope="module", autouse=True)
def _toys():
    with registered(*TOYS.values()):
        yield


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    y = rng.random(600) < 0.15
    return pd.DataFrame(rng.normal(size=(600, 3)) + 0.8 * y[:, None], columns=list("abc")).assign(y=y)


@pytest.fixture(scope="module")
def evaluations(frame):
    asked = {"metric": None, "criterion": "jaccard", "cv": 3, "progress": False, "n_jobs": 1}
    return {
        name: imb.fit_eval(frame, "y", strategies=["class_weight"], **{**asked, "metric": name})
        for name in TOYS
    }


@pytest.mark.parametrize("name", TOYS)
def test_its_figures_are_in_the_frame_with_intervals_and_out_of_fold(name, evaluations):
    e = evaluations[name]
    for strategy in ("none", "class_weight"):
        rows = e.scores[(e.scores["strategy"] == strategy) & (e.scores["part"] == "test")]
        y, score = rows["y"].to_numpy(bool), rows["probability"].to_numpy()
        row = e.frame.loc[strategy]
        assert row[name] == pytest.approx(WITNESSES[name](y, score, score >= 0.5), abs=1e-12)
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
        assert row[f"{name}_low"] < row[f"{name}_high"]
        assert np.isfinite(row[f"{name}_cv"])
        if name == "jaccard":
            tuned = WITNESSES[name](y, score, rows["flagged"].to_numpy(bool))
            assert row["jaccard_tuned"] == pytest.approx(tuned, abs=1e-12)
    assert name in e.differences.columns


@pytest.mark.parametrize("name", TOYS)
def test_the_best_is_chosen_by_it(name, evaluations):
    e = evaluations[name]
    gained = e.frame.drop("dummy")[f"{name}_cv"] * TOYS[name].better
    assert e.settings.metric == e.decided_by == name
    assert e.best_by(name) == gained.idxmax()
    ends = e.differences[[f"{name}_low", f"{name}_high"]] * TOYS[name].better
    better = ends.index[(ends > 0).all(axis=1)]
    assert e.best == (gained[better].idxmax() if len(better) else "none")


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", TOYS)
def test_the_card_and_the_words_name_it(name, evaluations):
    e = evaluations[name]
    text = " ".join(repr(e).split())
    assert f"by {TOYS[name].label}:" in text
    assert {"Jaccard index tuned", "Jaccard index at 0.5"} <= {*e._card().table.columns}
    assert re.search(rf"by {TOYS[name].label}:", e._repr_html_())
    if TOYS[name].meaning:
        assert TOYS[name].meaning in " ".join(_meaning(e))


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", TOYS)
def test_the_snippet_gives_the_same_numbers(name, frame, evaluations):
    rows = execute(evaluations[name].snippet(style="full"), df=frame)["rows"]
    columns = [f"{each}{end}" for each in TOYS for end in ("", "_low", "_high")] + [
        "jaccard_tuned",
        "threshold",
    ]
    for strategy, row in rows.items():
        wanted = evaluations[name].frame.loc[strategy, columns].to_numpy(float)
        np.testing.assert_allclose([float(row[column]) for column in columns], wanted, rtol=0, atol=1e-9)


@pytest.mark.slow
def test_a_threshold_is_chosen_by_it_exactly(frame, evaluations):
    e = evaluations["jaccard"]
    t = e.best_threshold("none", criterion="iou")
    rows = e.scores[(e.scores["strategy"] == "none") & (e.scores["part"] == "train")]
    y, score = rows["y"].to_numpy(bool), rows["probability"].to_numpy()
    # J = F1 / (2 - F1): what is best for one is best for the other
    assert float(t) == loop_cut(y, score, "f1")
    assert float(t) == e.evaluated["none"].threshold
    assert "Jaccard index" in t._card().title
    assert TOYS["jaccard"].about in t.explain()
    assert "for the best Jaccard index" in t.explain(audience="interview")
    space = execute(t.snippet(style="full"), df=frame)
    assert space["threshold"] == pytest.approx(float(t), rel=1e-9)
    assert float(space["rows"]["chosen"]["jaccard"]) == pytest.approx(
        t.report.loc["chosen", "jaccard"], abs=1e-9
    )


@pytest.mark.slow
def test_other_verbs_mind_none_of_them(frame, evaluations):
    r = evaluations["absolute_error"].reliability(["none"])
    assert "absolute_error" not in r.frame
    rows = execute(r.snippet(style="full"), df=frame)["rows"]
    assert rows["none", "none"]["brier_low"] == pytest.approx(r.frame["brier_low"].iloc[0], abs=1e-9)


def test_it_is_offered_and_near_names_find_it(frame):
    assert {*TOYS} <= set(complete("%imbalance fit_eval df y --metric ", {"df": frame})[1])
    assert "jaccard" in complete("%imbalance fit_eval df y --criterion ", {"df": frame})[1]
    assert "jaccard" in complete("%imbalance best_threshold df y --criterion ", {"df": frame})[1]
    with pytest.raises(OptionError, match=r"metric='jacard' is not known\. Did you mean 'jaccard'\?"):
        imb.fit_eval(frame, "y", metric="jacard")
    with pytest.raises(OptionError, match=r"criterion='first_positive' judges the order of all rows"):
        imb.best_threshold(frame, "y", criterion="first_positive")


@pytest.mark.slow
def test_several_classes_leave_out_what_has_no_such_figure():
    rng = np.random.default_rng(0)
    y = rng.choice(3, 300, p=[0.6, 0.25, 0.15])
    several = pd.DataFrame(rng.normal(size=(300, 2)) + y[:, None], columns=["a", "b"]).assign(y=y)
    e = imb.fit_eval(several, "y", strategies=["class_weight"], cv=2, progress=False, n_jobs=1)
    assert "first_positive" in e.frame and not {"jaccard", "absolute_error"} & set(e.frame)
    row = execute(e.snippet(style="full"), df=several)["rows"]["none"]
    assert not {"jaccard", "absolute_error"} & set(row)
    with pytest.raises(OptionError, match="jaccard"):
        imb.fit_eval(several, "y", metric="jaccard", cv=2, progress=False, n_jobs=1)
