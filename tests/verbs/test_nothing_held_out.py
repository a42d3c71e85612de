"""`test_size=0`: every row is scored out of fold, and nothing is held out; `repeats=`: folds are dealt several times."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from best_thresholds import tuned_threshold
from scipy.stats import rankdata
from sklearn.datasets import load_wine, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False}
MODEL = LogisticRegression(max_iter=1000)
OF_FLAGS = {
    "f1": sk.f1_score,
    "recall": sk.recall_score,
    "precision": lambda y, flags: sk.precision_score(y, flags, zero_division=0),
    "balanced_accuracy": sk.balanced_accuracy_score,
}


def frame(n=500, seed=0):
    X, y = make_classification(
        n, n_features=4, n_redundant=0, weights=[0.85], flip_y=0.1, class_sep=0.7, random_state=seed
    )
    return pd.DataFrame(X, columns=list("abcd")).assign(y=y)


def evaluated(df, **options):
    return df.imb.fit_eval("y", model=MODEL, strategies=["class_weight"], preprocess=None, **QUICK, **options)


def by_hand(X, y, seed, **weights):
    """Out-of-fold probabilities, ranks within folds and cross-fitted flags of one deal, by plain loops."""
    folds = list(StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y))
    model = LogisticRegression(max_iter=1000, **weights)
    p = cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1]
    rank, flags = np.empty(len(p)), np.empty(len(p), bool)
    for others, inside in folds:
        rank[inside] = rankdata(p[inside]) / len(inside)
        flags[inside] = p[inside] >= tuned_threshold(y[others] == 1, p[others], "f1")
    return p, rank, flags


def figures_by_hand(y, p, rank, flags):
    found = {
        "average_precision": sk.average_precision_score(y, rank),
        "roc_auc": sk.roc_auc_score(y, rank),
        "brier": sk.brier_score_loss(y, p),
        "log_loss": sk.log_loss(y, p),
    }
    for name, of in OF_FLAGS.items():
        found |= {name: of(y, p >= 0.5), f"{name}_tuned": of(y, flags)}
    return found


WEIGHTS = {"none": {}, "class_weight": {"class_weight": "balanced"}}


@pytest.mark.parametrize("name", ["none", "class_weight"])
def test_every_row_is_reported_out_of_fold(name):
    df = frame()
    row = evaluated(df, test_size=0).frame.loc[name]
    X, y = df[list("abcd")], df["y"].to_numpy()
    wanted = figures_by_hand(y, *by_hand(X, y, 0, **WEIGHTS[name]))
    for metric, value in wanted.items():
        assert row[metric] == pytest.approx(value, abs=1e-9), metric
        assert row[f"{metric}_cv"] == row[metric]
        assert row[f"{metric}_low"] < row[metric] < row[f"{metric}_high"]
    assert row[["tp", "fp", "fn", "tn"]].sum() == len(df)


def test_the_threshold_is_that_of_all_rows_and_the_model_is_fitted_on_all():
    df = frame()
    e = evaluated(df, test_size=0)
    X, y = df[list("abcd")], df["y"].to_numpy()
    p, *_ = by_hand(X, y, 0)
    assert e.frame.loc["none", "threshold"] == pytest.approx(tuned_threshold(y == 1, p, "f1"), abs=1e-12)
    said = e.model("none").predict_proba(df)[:, 1]
    np.testing.assert_allclose(said, MODEL.fit(X, y).predict_proba(X)[:, 1], atol=1e-9)
    assert set(e.scores["part"]) == {"train"}
    assert len(e.scores) == 2 * len(df)


def test_the_card_says_that_nothing_was_held_out_and_what_follows():
    e = evaluated(frame(), test_size=0)
    text = repr(e) + str(e.explain()) + str(e.explain(audience="interview"))
    assert "held out  " in repr(e)
    assert "nothing: 500 rows" in repr(e)
    assert "optimistic" in " ".join(repr(e).split())
    assert "optimistic" in str(e.explain())
    assert "test set" not in text
    assert "on test" not in text
    alone = frame().imb.fit_eval("y", model=MODEL, strategies=["none"], test_size=0, **QUICK)
    assert "optimistic" not in repr(alone) + str(alone.explain())  # nothing was selected


@pytest.mark.parametrize("options", [{}, {"cost": {"fp": 1, "fn": 5}}, {"min_recall": 0.8}])
def test_best_threshold_judges_all_rows_cross_fitted(options):
    t = frame().imb.best_threshold("y", model=MODEL, test_size=0, **options, **QUICK)
    row = t.report.loc["chosen"]
    assert row[["tp", "fp", "fn", "tn"]].sum() == 500
    assert "on test" not in repr(t) + str(t.explain())


def test_other_verbs_hold_nothing_out_too():
    df = frame()
    r = df.imb.reliability("y", model=MODEL, preprocess=None, test_size=0, **QUICK)
    X, y = df[list("abcd")], df["y"].to_numpy()
    p, *_ = by_hand(X, y, 0)
    assert r.frame.loc[("none", "none"), "brier"] == pytest.approx(sk.brier_score_loss(y, p), abs=1e-9)
    checks = df.imb.leaks("y", test_size=0)
    assert "cannot tell" in next(line for line in repr(checks).splitlines() if line.startswith("IMB104"))
    counted = df.imb.counts("y", test_size=0).frame
    assert counted["test_rows"].eq(0).all()
    assert counted["train_rows"].eq(counted["rows"]).all()
    assert counted["recall_80_low"].gt(0).all()  # of all rows, which are all scored
    trace = evaluated(df, test_size=0).trace("class_weight", row=3)
    assert trace.frame is not None


def test_several_classes_hold_nothing_out():
    wine = load_wine(as_frame=True).frame
    e = wine.imb.fit_eval("target", strategies=["class_weight"], test_size=0, **QUICK)
    said = e.scored.by_name["none"].oof.argmax(axis=1)
    assert e.frame.loc["none", "accuracy"] == pytest.approx((said == wine["target"]).mean())
    costs = pd.DataFrame([[0, 1, 1], [5, 0, 5], [9, 9, 0]])
    c = wine.imb.best_threshold("target", cost=costs, test_size=0, **QUICK)
    paid = costs.to_numpy()[wine["target"], (c.scored.by_name["none"].oof @ costs.to_numpy()).argmin(axis=1)]
    assert c.frame.loc["cheapest", "cost_per_row"] == pytest.approx(paid.mean())
    assert "on test" not in repr(c) + str(c.explain())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"test_size": 0, "test": frame(100, 1)},
            "test_size=0 holds nothing out, and test= is a frame to report on",
        ),
        (
            {"test_size": 0, "permutations": 5},
            "permutations=5 scores the test set, and test_size=0 holds none out",
        ),
        ({"repeats": 0}, "repeats=0 must be a whole number, 1 or more"),
        ({"repeats": 1.5}, "repeats=1.5 must be a whole number"),
        ({"repeats": True}, "repeats=True must be a whole number"),
        ({"repeats": 3, "time": "a"}, "repeats=3 deals the folds anew, and time='a' leaves one order only"),
    ],
)
@pytest.mark.usefixtures("_nothing_is_fitted")
def test_what_makes_no_sense_is_refused_before_any_fit(options, said):
    with pytest.raises(imb.ImbalanceError, match=said):
        frame().imb.fit_eval("y", **options)


@pytest.mark.parametrize("verb", ["split", "smote"])
def test_a_split_needs_rows_to_hold_out(verb):
    with pytest.raises(imb.ImbalanceError, match="test_size=0 holds nothing out, and this needs a test set"):
        getattr(frame().imb, verb)("y", test_size=0)


# ---------------------------------------------------------------- repeats


@pytest.mark.parametrize("test_size", [0, 0.2])
def test_figures_and_thresholds_are_means_over_the_deals(test_size):
    df = frame()
    e = evaluated(df, test_size=test_size, repeats=3)
    X, y = df[list("abcd")], df["y"].to_numpy()
    if test_size:
        X, _, y, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    deals = [by_hand(X, y, seed) for seed in (0, 1, 2)]
    wanted = pd.DataFrame([figures_by_hand(y, *deal) for deal in deals]).mean()
    row = e.frame.loc["none"]
    for metric, value in wanted.items():
        assert row[f"{metric}_cv"] == pytest.approx(value, abs=1e-9), metric
    threshold = np.mean([tuned_threshold(y == 1, p, "f1") for p, *_ in deals])
    assert row["threshold"] == float(f"{threshold:.4g}")
    assert "5 folds, dealt 3 times" in " ".join(repr(e).split())


def test_differences_are_those_of_the_means_in_the_same_draws():
    e = evaluated(frame(), repeats=2)
    resamples = e.comparison.resamples
    y = e.scored.train_codes == 1
    every = []
    for weights in resamples.blocks():
        for times in weights:
            ap = {
                name: np.mean(
                    [sk.average_precision_score(y, each.rank, sample_weight=times) for each in scores.repeats]
                )
                for name, scores in e.comparison.scores.items()
            }
            every.append(ap["class_weight"] - ap["none"])
        if len(every) > 30:
            break
    (kept,) = (
        e.comparison.figures("ranking")[name].samples["average_precision"] for name in ["class_weight"]
    )
    base = e.comparison.figures("ranking")["none"].samples["average_precision"]
    np.testing.assert_allclose((kept - base)[: len(every)], every, atol=1e-9)


def test_one_deal_is_what_it_was():
    df = frame()
    pd.testing.assert_frame_equal(evaluated(df, repeats=1).frame, evaluated(df).frame)


# ---------------------------------------------------------------- thresholds that do not carry over


def test_a_threshold_that_flags_another_share_of_the_test_set_is_named():
    class Moody(LogisticRegression):
        """Says half as much when it has learned from many rows, as a refitted model may."""

        def predict_proba(self, X):
            p = super().predict_proba(X)[:, 1] * (0.4 if self.n_iter_.max() and self.seen_ >= 400 else 1.0)
            return np.column_stack([1 - p, p])

        def fit(self, X, y, sample_weight=None):
            self.seen_ = len(y)
            return super().fit(X, y, sample_weight)

    df = frame(500, 2)
    found = {f.code: f for f in df.imb.fit_eval("y", model=Moody(), strategies=["none"], **QUICK).findings}
    assert "does not carry over to the refitted model" in found["IMB407"].message
    steady = df.imb.fit_eval("y", model=MODEL, strategies=["none"], **QUICK)
    assert "IMB407" not in steady.findings.codes


# ---------------------------------------------------------------- one voice, and intervals at the edge


def test_one_models_scores_are_ranked_as_they_are_whatever_the_folds():
    df = frame()
    model = LogisticRegression(max_iter=1000).fit(df[list("abcd")], df["y"])
    ap = sk.average_precision_score(df["y"], model.predict_proba(df[list("abcd")])[:, 1])
    for options in ({"cv": 3}, {"cv": 10}, {"repeats": 2}):
        e = df.imb.fit_eval("y", model=model, fitted=True, preprocess=None, test_size=0, **options, **QUICK)
        assert e.frame.loc["none", "average_precision"] == pytest.approx(ap, abs=1e-12)
        assert "rank within their fold" not in repr(e) + str(e.explain())
        assert "repeats=5" not in repr(e)


@pytest.mark.parametrize("criterion", ["balanced_accuracy", "mcc", "f1"])
def test_the_threshold_that_follows_is_of_the_same_criterion(criterion):
    e = evaluated(frame(), criterion=criterion)
    assert e.best_threshold("none").value == e.frame.loc["none", "threshold"]
    assert e.best_threshold("none", min_recall=0.5).asked.objective.criterion == "precision"


def test_advice_does_not_undo_what_decided():
    df = frame(2000)
    e = evaluated(df, metric="recall")
    assert e.best == "class_weight"
    assert "its threshold" not in e.verdict


@pytest.mark.parametrize("test_size", [0, 0.2])
def test_no_interval_of_what_is_not_known_has_width_0(test_size):
    draw = np.random.default_rng(0)
    y = np.arange(120) % 12 == 0
    df = pd.DataFrame({"a": y + 0.01 * draw.normal(size=120), "y": y.astype(int)})  # told apart with ease
    e = df.imb.fit_eval("y", strategies=["class_weight"], test_size=test_size, cv=3, **QUICK)
    row = e.frame.loc["none"]
    n = min(row["tp"] + row["fn"], row["fp"] + row["tn"])
    share = 1.959963984540054**2 / (n + 1.959963984540054**2)
    if test_size:  # out of fold ranks tie where folds have other shares of positives
        assert row["average_precision"] == 1
        assert row["average_precision_low"] == pytest.approx(1 - share)
    for name in (column.removesuffix("_low") for column in e.frame if column.endswith("_low")):
        if name not in {"brier", "log_loss", "mean_probability"}:
            assert row[f"{name}_low"] < row[f"{name}_high"], name
            assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"], name
    for name in ("average_precision", "roc_auc", "f1_tuned"):
        assert (e.differences[f"{name}_low"] < e.differences[f"{name}_high"]).all()


def test_intervals_hold_their_means_over_deals():
    draw = np.random.default_rng(3)
    df = pd.DataFrame(draw.normal(size=(1000, 5)), columns=list("abcde")).assign(y=np.arange(1000) % 20 == 0)
    frame_ = df.imb.fit_eval("y", strategies=["class_weight"], test_size=0, repeats=2, **QUICK).frame
    for name in (column.removesuffix("_low") for column in frame_ if column.endswith("_low")):
        rows = frame_.loc[["none", "class_weight"], [f"{name}_low", name, f"{name}_high"]].to_numpy()
        assert (np.diff(rows, axis=1) >= 0).all(), name
