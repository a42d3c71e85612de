"""Fewer than ten groups say nothing of how far a figure may move: no interval, no verdict; what can be said is said."""

import re

import numpy as np
import pandas as pd
import pytest
from alone import execute
from sklearn.metrics import average_precision_score

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"cv": 3, "n_jobs": 1, "progress": False, "strategies": ["class_weight", "undersample"]}


def grouped(n_groups, n=600, labels=(0, 1), seed=0):
    """Rows whose groups have nothing to do with them."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(labels), n, p=[0.8, *[0.2 / (len(labels) - 1)] * (len(labels) - 1)])
    X = pd.DataFrame(rng.normal(size=(n, 3)) + y[:, None], columns=list("abc"))
    return X.assign(y=np.array(labels)[y], who=rng.integers(0, n_groups, n))


def ends(frame):
    return frame[[column for column in frame if str(column).endswith(("_low", "_high"))]]


@pytest.fixture(scope="module")
def eight():
    return imb.fit_eval(grouped(8), "y", groups="who", **QUICK)


@pytest.fixture(scope="module")
def forty():
    return imb.fit_eval(grouped(40), "y", groups="who", **QUICK)


def test_eight_groups_have_no_interval_and_no_verdict(eight):
    tested = eight.scored.parts.test.X["who"].nunique()
    learned = eight.scored.parts.train.X["who"].nunique()
    assert learned + tested == 8 and eight.few_groups == tested
    assert ends(eight.frame.drop("dummy")).isna().all(axis=None)
    assert ends(eight.differences).isna().all(axis=None)
    assert np.isfinite(eight.differences["average_precision"]).all()
    level = eight.frame.loc["none", "average_precision_cv"]
    said = f"{learned} groups to learn from cannot say whether a correction beats the plain model"
    assert eight.verdict == f"{said} (average precision {level:.3f} out of fold)"
    assert eight.best == "none" and eight.distinguished == ([], [])
    words = repr(eight) + eight.explain() + eight.explain(audience="interview")
    assert not re.search(r"nan|worse|' beats the plain model:|distinguishable|dummy baseline \(", words)


def test_the_cards_and_pictures_of_few_groups_show_points_alone(eight):
    for found in (eight, eight.best_threshold("none"), eight.reliability(["none"])):
        assert not re.search(r"(?<!np\.)\bnan\b", repr(found) + found._repr_html_() + found.explain())
        assert found.plot() is not None
        assert "IMB410" in found.findings.codes


def test_thresholds_of_few_groups_have_no_interval_and_no_range(eight):
    t = eight.best_threshold("none")
    assert ends(t.report).drop(index="claimed").isna().all(axis=None)
    assert not t.threshold_ci.is_drawn and np.isnan(t.threshold_ci.low) and np.isnan(t.threshold_ci.high)
    assert "not known: too few groups to resample" in repr(t)
    assert t.found.calibration_check is None
    assert "IMB402" not in t.findings.codes


def test_probabilities_of_few_groups_have_no_interval(eight):
    r = eight.reliability(["none", "class_weight"])
    kept = [column for column in ends(r.frame) if "expected" not in column]  # what chance alone would show
    assert r.frame[kept].isna().all(axis=None)
    assert "too few groups to judge the level" in repr(r)


@pytest.mark.parametrize("verb", ["best_threshold", "reliability"])
def test_scores_of_a_column_in_few_groups_have_none_either(verb, eight):
    rows = eight.scores[eight.scores["strategy"] == "none"].reset_index(drop=True)
    frame = rows[["y", "probability"]].assign(who=np.arange(len(rows)) % 7)
    found = getattr(imb, verb)(frame, "y", scores="probability", groups="who", test_size=0)
    assert "These rows have 7 groups of 'who'" in str(found.findings)
    told = found.report.drop(index="claimed") if verb == "best_threshold" else found.frame
    assert ends(told)["recall_low" if verb == "best_threshold" else "brier_low"].isna().all()


def test_the_cure_names_a_share_that_holds_out_ten_groups(forty):
    (finding,) = [each for each in forty.findings if each.code == "IMB410"]
    share = float(re.search(r"test_size=([\d.]+)\.", finding.cure)[1])
    again = imb.fit_eval(grouped(40), "y", groups="who", test_size=share, **QUICK)
    assert "IMB410" not in again.findings.codes
    assert ends(again.frame.drop("dummy")).notna().all(axis=None)
    smaller = imb.fit_eval(grouped(40), "y", groups="who", test_size=share - 0.1, **QUICK)
    assert "IMB410" in smaller.findings.codes


def test_no_cure_is_named_where_none_helps(eight):
    (finding,) = [each for each in eight.findings if each.code == "IMB410"]
    assert finding.cure == "Collect more groups."


def test_strategies_are_compared_where_ten_groups_are_learned_from(forty):
    assert forty.scored.parts.test.X["who"].nunique() < 10 <= forty.scored.parts.train.X["who"].nunique()
    assert ends(forty.frame.drop("dummy")).isna().all(axis=None)
    assert ends(forty.differences).notna().all(axis=None)
    level = forty.frame.loc["none", "average_precision_cv"]
    assert forty.verdict.startswith(
        f"No correction beats the plain model (average precision {level:.3f} out of fold)"
    )
    scores = forty.scores[forty.scores["part"] == "train"]
    flagged = {
        name: (rows["probability"] >= 0.5).to_numpy() for name, rows in scores.groupby("strategy", sort=False)
    }
    y = scores[scores["strategy"] == "none"]["y"].to_numpy() == 1
    recalls = {name: (y & flags).sum() / y.sum() for name, flags in flagged.items()}
    for name in ("class_weight", "undersample"):
        assert forty.differences.loc[name, "recall"] == pytest.approx(
            recalls[name] - recalls["none"], abs=1e-12
        )


def test_several_classes_in_few_groups_are_compared_too():
    frame = grouped(40, labels=("x", "y", "z"))
    e = imb.fit_eval(frame, "y", groups="who", **QUICK)
    assert ends(e.frame.drop("dummy")).isna().all(axis=None)
    assert ends(e.differences).notna().all(axis=None)
    assert re.search(r"plain model \(average precision 0.\d+ out of fold\)", e.verdict)
    assert "the mean over folds, weighted by their positives" in repr(e).replace("\n", " ")
    assert not re.search(r"\bnan\b", repr(e) + e._repr_html_() + e.explain())


def test_one_group_to_test_on_is_a_few():
    frame = grouped(30)
    test = frame[frame["who"] == 0]
    e = imb.fit_eval(frame[frame["who"] > 0], "y", groups="who", test=test, **QUICK)
    assert "The test set has 1 group of 'who'" in str(e.findings)
    assert e.is_compared and e.verdict.startswith("No correction beats the plain model (average")


def test_one_model_alone_in_few_groups_is_told_by_its_figure(eight):
    e = imb.fit_eval(grouped(8), "y", groups="who", **{**QUICK, "strategies": []})
    assert e.verdict.startswith("The plain model: average precision ")
    assert not re.search(r"\bnan\b", repr(e) + e.explain())


def test_the_cheapest_class_of_few_groups_has_no_interval():
    frame = grouped(8, labels=("x", "y", "z"))
    cost = pd.DataFrame([[0, 1, 1], [5, 0, 5], [9, 9, 0]], index=list("xyz"), columns=list("xyz"))
    found = imb.best_threshold(frame, "y", groups="who", cost=cost, cv=3, n_jobs=1, progress=False)
    assert ends(found.frame).isna().all(axis=None)
    words = repr(found) + found.explain() + found.explain(audience="interview")
    assert "IMB410" in words and not re.search(r"nan|95 %", words)


@pytest.mark.parametrize("metric", ["f1", "mcc_tuned", "average_precision", "brier"])
def test_what_hangs_on_a_threshold_decides_nothing_across_folds_of_groups(metric):
    e = imb.fit_eval(grouped(40), "y", groups="who", metric=metric, **QUICK)
    decided, column = (
        ("Brier score", "brier") if metric == "brier" else ("average precision", "average_precision")
    )
    assert e.decided_by == column
    level = e.frame.loc["none", f"{column}_cv"]
    assert e.verdict.startswith(f"No correction beats the plain model ({decided} {level:.3f} out of fold)")
    weighted = "the mean over folds, weighted by their positives"
    assert (weighted in repr(e).replace("\n", " ").replace("  ", " ")) == (metric != "brier")
    assert f"so I compared 3 strategies by {decided}" in e.explain(audience="interview")
    asked = {"f1": "F1", "mcc_tuned": "MCC at its tuned threshold"}.get(metric)
    note, *_ = e._card().notes
    assert ("in place of" in note) == (asked is not None)
    assert asked is None or note.endswith(f"With groups=, average precision decides in place of {asked}.")


@pytest.mark.parametrize("rule", ["groups", "time"])
def test_a_level_across_such_folds_is_their_mean_and_held_against_theirs_of_a_random_order(rule):
    """Folds whose shares of the class differ: noise has a high mean of fold values, and is not called a signal."""
    rng = np.random.default_rng(1)
    share = np.linspace(0.9, 0.02, 40)[np.arange(800) // 20]
    frame = pd.DataFrame(
        {"a": rng.normal(size=800), "day": np.arange(800), "y": (rng.random(800) < share) * 1}
    )
    if rule == "groups":
        frame = frame.assign(day=frame["day"] // 20)
    e = imb.fit_eval(frame, "y", model="logistic", **{rule: "day"}, **(QUICK | {"strategies": []}))
    rows = e.scores[e.scores["part"] == "train"].dropna(subset="probability")
    folds = [fold for _, fold in rows.groupby("fold") if 0 < fold["y"].sum() < len(fold)]
    hits = [fold["y"].sum() for fold in folds]
    level = np.average(
        [average_precision_score(fold["y"], fold["probability"]) for fold in folds], weights=hits
    )
    floor = np.average([fold["y"].mean() for fold in folds], weights=hits)
    assert e.frame.loc["none", "average_precision_cv"] == pytest.approx(level, abs=1e-12)
    assert e.comparison.dummy["average_precision"] == pytest.approx(floor, abs=1e-12)
    if rule == "time":
        assert level > rows["y"].mean() + 0.02  # against the share of all rows it would look like a signal
    assert e.verdict == (
        f"The plain model: average precision {level:.3f} out of fold; a dummy baseline (a random order) scores {floor:.3f}. "
        "Look for better features first"
    )


@pytest.mark.parametrize("rule", ["groups", "time"])
def test_the_code_of_a_test_frame_of_ones_own_runs_by_groups_and_time(rule):
    frame = grouped(40).assign(day=np.arange(600)).drop(columns="day" if rule == "groups" else "who")
    inside = frame["who"] >= 6 if rule == "groups" else frame["day"] < 400
    train, test = frame[inside], frame[~inside]
    e = imb.fit_eval(train, "y", **{rule: "who" if rule == "groups" else "day"}, test=test, **QUICK)
    rows = execute(e.snippet(style="full"), df=train, test=test)["rows"]
    for name in ("none", "undersample"):
        assert float(rows[name]["f1_tuned"]) == pytest.approx(e.frame.loc[name, "f1_tuned"], abs=1e-9)
        level = e.frame.loc[name, "average_precision_cv"]  # folds weighted by their positives
        assert float(rows[name]["average_precision_cv"]) == pytest.approx(level, abs=1e-9)
        assert ("brier_low" in rows[name]) == (rule == "time")
    t = e.best_threshold("none")
    assert execute(t.snippet(style="full"), df=train, test=test)["threshold"] == pytest.approx(
        float(t), rel=1e-9
    )
    r = e.reliability(["none"])
    found = execute(r.snippet(style="full"), df=train, test=test)["rows"]["none", "none"]
    assert float(found["brier"]) == pytest.approx(r.frame["brier"].iloc[0], abs=1e-9)
