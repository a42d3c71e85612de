"""What `fit_eval` concludes: the best strategy, the verdict, the threshold it advises; nothing is fitted twice."""

import numpy as np
import pandas as pd
import pytest
from explained_cases import features
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.modeling.strategies import NAMES

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def numbers(n=400, share=0.15, seed=0, **options):
    X, y = make_classification(n, 5, weights=[1 - share], random_state=seed, **options)
    return pd.DataFrame(X, columns=list("abcde")).assign(y=y)


@pytest.fixture(scope="module")
def mixed():
    return imb.make_churn(500, 0.12).imb.fit_eval("churn", cv=3, **QUICK)


# ---------------------------------------------------------------- best


@pytest.mark.slow
@pytest.mark.parametrize(
    "metric",
    [
        "average_precision",
        "roc_auc",
        "brier",
        "log_loss",
        "recall",
        "precision",
        "f1",
        "f1_tuned",
        "mcc_tuned",
    ],
)
def test_best_is_the_best_out_of_fold(mixed, metric):
    column = mixed.frame.drop("dummy")[f"{metric}_cv"]
    ends = column.min() if metric in {"brier", "log_loss"} else column.max()
    tied = [name for name in column.index if abs(column[name] - ends) < 1e-12]
    assert mixed.best_by(metric) == min(tied, key=NAMES.index)


def test_best_is_decided_by_the_metric_that_was_asked_for():
    frame = numbers()
    by_recall = frame.imb.fit_eval("y", strategies=["class_weight"], metric="sensitivity", cv=2, **QUICK)
    assert by_recall.decided_by == "recall"
    assert by_recall.best == by_recall.best_by("recall") == "class_weight"
    by_brier = frame.imb.fit_eval("y", strategies=["class_weight"], metric="brier", cv=2, **QUICK)
    assert by_brier.best == "none"  # weights bend probabilities
    assert by_brier.distinguished == ([], ["class_weight"])  # less is better


def test_a_higher_figure_alone_does_not_make_a_strategy_the_best(mixed):
    assert mixed.best_by("average_precision") != "none"
    assert mixed.distinguished[0] == []
    assert mixed.best == "none"


def test_of_several_that_are_better_the_best_is_the_one_with_the_highest_figure():
    frame = numbers(800, 0.08)
    strategies = ["undersample", "class_weight", "oversample"]
    found = frame.imb.fit_eval("y", metric="recall", strategies=strategies, cv=3, **QUICK)
    better = found.distinguished[0]
    assert len(better) > 1
    assert found.best == found.frame.loc[better, "recall_cv"].idxmax()


def test_ties_go_to_the_simplest_whatever_the_order():
    frame = numbers()
    tied = frame.imb.fit_eval(
        "y",
        model=DummyClassifier(strategy="prior"),
        strategies=["smote+class_weight", "smote", "undersample", "oversample"],
        cv=2,
        **QUICK,
    )
    assert len(set(tied.frame["average_precision_cv"].drop("dummy"))) == 1
    assert tied.best == "none"
    pair = frame.imb.fit_eval("y", strategies=["smote+class_weight", "smote"], cv=2, **QUICK)
    assert pair.best_by("recall") == "smote"


def test_aliases_are_understood_and_unknown_metrics_named(mixed):
    assert mixed.best_by("auc") == mixed.best_by("roc_auc")
    assert mixed.best_by("pr_auc") == mixed.best_by("average_precision")
    with pytest.raises(OptionError, match="Did you mean 'recall'"):
        mixed.best_by("recal")
    with pytest.raises(OptionError, match="is not known"):
        mixed.best_by("fn")


def test_a_metric_without_a_value_chooses_nobody():
    margins = numbers().imb.fit_eval("y", model="svm", strategies=[], cv=2, **QUICK)
    with pytest.raises(OptionError, match="no probabilities"):
        margins.best_by("brier")
    assert margins.best == "none"


def test_the_test_set_has_no_say_in_what_is_chosen():
    """Another test set, its labels even reversed, changes neither thresholds nor winner."""
    frame = numbers(600)
    train, test = frame.iloc[:400], frame.iloc[400:]
    options = {"strategies": ["class_weight", "oversample"], "cv": 3, **QUICK}
    found = [
        train.imb.fit_eval("y", model=OnlyBalanced(), test=part, **options)
        for part in (test, test.assign(y=1 - test["y"]))
    ]
    chosen = [name for name in found[0].frame if name.endswith("_cv") or name == "threshold"]
    one, other = (each.frame.drop("dummy")[chosen] for each in found)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    pd.testing.assert_frame_equal(found[0].differences, found[1].differences, check_exact=True)
    assert found[0].best == found[1].best == "oversample"
    assert found[0].verdict == found[1].verdict
    assert found[0].best_threshold().value == found[1].best_threshold().value
    assert (found[0].frame["roc_auc"] + found[1].frame["roc_auc"]).tolist() == pytest.approx([1] * 3)


# ---------------------------------------------------------------- the verdict


class OnlyBalanced(ClassifierMixin, BaseEstimator):
    """Learns nothing unless half of its rows are positive; `turned` learns the wrong way round then."""

    def __init__(self, turned=False):
        self.turned = turned

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.inner_ = LogisticRegression().fit(X, y)
        self.balanced_ = counts[0] == counts[1]
        return self

    def predict_proba(self, X):
        p = self.inner_.predict_proba(X)
        return np.full_like(p, 0.5) if self.balanced_ == self.turned else p


def levels(found, name, metric):
    return f"{found.frame.loc[name, f'{metric}_cv']:.3f}"


def moved(found, name, verb):
    """Where the headline moves a threshold, and what that comes to."""
    row = found.frame.loc[name]
    return (
        f"{verb} its threshold to about {found.about_threshold(name)}: F1 {row['f1_cv']:.2f} → "
        f"{row['f1_tuned_cv']:.2f} out of fold"
    )


@pytest.fixture(scope="module", params=[False, True], ids=["better", "worse"])
def sure(request):
    """An evaluation whose one correction is surely better than the plain model, or surely worse."""
    frame = numbers(600, 0.2, class_sep=2.0)
    model = OnlyBalanced(turned=request.param)
    found = frame.imb.fit_eval("y", model=model, strategies=["oversample"], cv=2, **QUICK)
    return found, "none" if request.param else "oversample"


def test_the_verdict_names_what_surely_beats_the_plain_model(sure):
    found, best = sure
    row = found.differences.loc["oversample"]
    name, ends = "average_precision", ("average_precision_low", "average_precision_high")
    if best == "none":
        assert row[ends[1]] < 0 and found.distinguished == ([], ["oversample"])
        head = f"No correction beats the plain model (average precision {levels(found, 'none', name)} out of fold)"
        assert "'oversample' is worse than the plain model." in found.explain()
    else:
        assert row[ends[0]] > 0 and found.distinguished == (["oversample"], [])
        against = f"{levels(found, 'oversample', name)} against {levels(found, 'none', name)} out of fold"
        gain = f"({row[name]:+.3f} [{row[ends[0]]:+.3f}, {row[ends[1]]:+.3f}])".replace("-", "−")
        head = f"'oversample' beats the plain model: average precision {against} {gain}"
        assert "'oversample' is better than the plain model." in found.explain()
    assert found.verdict.split(". ")[0] == head


def test_everything_that_follows_takes_the_model_that_the_verdict_names(sure):
    found, best = sure
    assert found.best == best
    assert found.model() is found.model(best)
    assert float(found.best_threshold()) == found.frame.loc[best, "threshold"]
    assert found.best_threshold().model().estimator is found.model(best)
    assert list(found.reliability(calibrators=()).best) == [best]
    assert found.trace().strategy_scores.name == best
    assert found._card().best == best
    shown = repr(found)
    assert ("by average precision" in shown) and ("the plain model by" in shown) == (best == "none")


def test_the_verdict_can_be_to_lower_the_threshold(mixed):
    assert mixed.distinguished == ([], [])
    level = levels(mixed, "none", "average_precision")
    assert mixed.verdict == (
        f"No correction beats the plain model (average precision {level} out of fold). "
        + moved(mixed, "none", "Lower")
    )
    said = mixed.explain()
    assert said.startswith(f"**{mixed.verdict.replace('. Lower', '.** Lower')}. ")
    interview = mixed.explain(audience="interview")
    assert f"I would lower its threshold to about {mixed.about_threshold('none')}, which" in interview
    assert f"No correction beats my plain model: average precision {level} out of fold" in interview
    test = mixed.frame.loc["none", "average_precision"]
    assert f"On the test set the plain model has average precision {test:.3f}" in said


def test_a_better_strategys_own_threshold_is_moved():
    found = numbers(share=0.1).imb.fit_eval("y", metric="recall", strategies=["class_weight"], cv=3, **QUICK)
    assert found.best == "class_weight"
    assert "its threshold" not in found.verdict  # a higher one would undo the recall that decided


def test_a_metric_at_half_does_not_hide_that_a_lower_threshold_helps():
    """At 0.5 F1 is below that of flagging everybody, and above it at the tuned threshold."""
    rng = np.random.default_rng(0)
    y = np.arange(800) % 12 == 0
    frame = pd.DataFrame({"a": rng.normal(size=800) + 0.8 * y, "y": y.astype(int)})
    found = frame.imb.fit_eval("y", model="logistic", metric="f1", strategies=[], cv=3, **QUICK)
    row, y = found.frame.loc["none"], found.scored.train_codes == found.scored.positive
    always = 2 * y.mean() / (1 + y.mean())
    assert row["f1_cv"] < always < row["f1_tuned_cv"]
    head = f"The plain model: F1 {row['f1_cv']:.3f} out of fold; a dummy baseline (always positive) scores {always:.3f}"
    assert found.verdict == f"{head}. {moved(found, 'none', 'Lower')}"


@pytest.mark.parametrize("criterion", ["mcc", "g_mean"])
def test_the_threshold_is_moved_by_the_criterion(criterion):
    found = numbers().imb.fit_eval("y", criterion=criterion, strategies=[], cv=2, **QUICK)
    row, shown = found.frame.loc["none"], {"mcc": "MCC", "g_mean": "G-mean"}[criterion]
    gain = f"{shown} {row[f'{criterion}_cv']:.2f} → {row[f'{criterion}_tuned_cv']:.2f} out of fold"
    assert (gain in found.verdict) == (
        round(row[f"{criterion}_tuned_cv"], 2) > round(row[f"{criterion}_cv"], 2)
    )


def test_one_row_alone_is_described_and_compared_with_nothing():
    found = numbers().imb.fit_eval("y", strategies=[], cv=2, **QUICK)
    level = levels(found, "none", "average_precision")
    assert found.verdict.startswith(f"The plain model: average precision {level} out of fold")
    assert found.differences.empty


def test_scores_that_only_rank_have_their_threshold_moved_on_their_own_scale():
    found = numbers(share=0.08).imb.fit_eval("y", model="svm", strategies=["class_weight"], cv=3, **QUICK)
    assert float(found.threshold_text("none")) < 0
    assert found.verdict.endswith(moved(found, "none", "Lower"))


@pytest.mark.parametrize(
    ("metric", "name", "better"),
    [
        ("brier", "Brier score", False),
        ("recall", "recall", True),
        ("f1_tuned", "F1 at its tuned threshold", None),
    ],
)
def test_the_verdict_is_decided_by_the_metric(metric, name, better):
    found = numbers(share=0.1).imb.fit_eval("y", metric=metric, strategies=["class_weight"], cv=3, **QUICK)
    level, other = levels(found, "none", metric), levels(found, "class_weight", metric)
    assert found.decided_by == metric
    if better:
        assert found.verdict.startswith(
            f"'class_weight' beats the plain model: {name} {other} against {level} out of fold"
        )
    else:
        assert found.verdict.startswith(f"No correction beats the plain model ({name} {level} out of fold)")
    assert f"the plain model has {name} " in found.explain() or better


def test_a_model_that_came_fitted_has_its_figures_on_test():
    frame = numbers(600, 0.15)
    model = LogisticRegression().fit(frame[list("abcde")][:300], frame["y"][:300])
    found = frame.imb.fit_eval("y", model=model, fitted=True, **QUICK)
    row = found.frame.loc["none"]
    head = f"The fitted model, as it is: average precision {row['average_precision']:.3f} on test"
    assert found.verdict.split(". ")[0] == head
    words = found.verdict + found.explain() + found.explain(audience="interview") + repr(found)
    assert "out of fold" not in words
    # another threshold gains nothing here
    assert f"{row['f1']:.2f}" == f"{row['f1_tuned']:.2f}"
    assert found.verdict.endswith(". Choose its threshold by what mistakes cost: .best_threshold(cost=...)")


def test_several_classes_are_decided_by_macro_figures():
    frame = numbers(500).assign(
        y=lambda df: np.where(df["y"] == 1, "rare", np.where(df["a"] > 0, "up", "down"))
    )
    for metric, name in (("average_precision", "average precision"), ("f1", "macro F1")):
        found = frame.imb.fit_eval("y", model="logistic", metric=metric, strategies=["smote"], cv=2, **QUICK)
        assert f"{name} " in found.verdict and "threshold" not in found.verdict
        low = found.differences.loc["smote", f"{metric}_low"]
        assert found.best == ("smote" if low > 0 else "none")


class OnTheScaleOfItsRows(ClassifierMixin, BaseEstimator):
    """Ranks well, and says less of every row the more rows it has learned from, where both classes are as many."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.inner_, self.over_ = LogisticRegression().fit(X, y), len(y) if counts[0] == counts[1] else 1
        return self

    def predict_proba(self, X):
        p = self.inner_.predict_proba(X)[:, 1] ** (self.over_ / 300)
        return np.column_stack([1 - p, p])


def test_a_threshold_that_does_not_carry_over_to_the_refitted_model_is_named_so():
    rng, y = np.random.default_rng(0), np.arange(1500) % 5 == 0
    frame = pd.DataFrame({"a": rng.normal(size=1500) + 1.5 * y, "y": y.astype(int)})
    found = frame.imb.fit_eval("y", model=OnTheScaleOfItsRows(), strategies=["oversample"], cv=2, **QUICK)
    row = found.frame.loc["oversample"]
    assert row["f1_tuned"] < 0.9 * row["f1_tuned_cv"] and row["roc_auc"] > 0.8
    scores = found.scores.query("strategy == 'oversample'")
    here, there = (100 * scores.loc[scores["part"] == part, "flagged"].mean() for part in ("train", "test"))
    (said,) = [each for each in found.findings if each.code == "IMB407"]
    assert said.message == (
        "The tuned threshold of 'oversample' does not carry over to the refitted model. "
        f"It flags {here:.1f} % of the rows out of fold and {there:.1f} % of the test set."
    )
    assert "worse" not in found.verdict


# ---------------------------------------------------------------- thresholds that can be written down


@pytest.mark.slow
@pytest.mark.parametrize("criterion", ["f1", "accuracy", "balanced_accuracy"])
def test_the_written_threshold_flags_the_same_rows(criterion):
    found = imb.make_churn(500, 0.12, random_state=3).imb.fit_eval(
        "churn", strategies=["class_weight", "undersample"], criterion=criterion, cv=3, **QUICK
    )
    for strategy in ("none", "class_weight", "undersample"):
        rows = found.scores[found.scores["strategy"] == strategy]
        written = float(found.threshold_text(strategy))
        assert ((rows["probability"] >= written) == rows["flagged"]).all()
        assert written <= found.frame.loc[strategy, "threshold"]
        assert len(found.threshold_text(strategy)) <= len(repr(found.frame.loc[strategy, "threshold"].item()))


def test_a_row_for_each_strategy_and_no_other_can_be_asked_for(mixed):
    with pytest.raises(OptionError, match="Did you mean 'smote'"):
        mixed.threshold_text("smoot")
    with pytest.raises(OptionError, match="'dummy'"):
        mixed.model("dummy")


# ---------------------------------------------------------------- nothing is fitted twice

FITS = []


class Counting(LogisticRegression):
    """Counts how often it is fitted."""

    def fit(self, X, y, sample_weight=None):
        FITS.append(len(y))
        return super().fit(X, y, sample_weight)


def test_smote_with_class_weight_is_smote_to_the_bit_and_nothing_is_fitted_twice():
    FITS.clear()
    found = numbers().imb.fit_eval(
        "y", model=Counting(), strategies=["smote", "smote+class_weight"], cv=3, **QUICK
    )
    assert len(FITS) == 2 * (3 + 1)  # none and smote; three folds and the whole training set
    scores = found.scores.set_index("strategy")["probability"]
    assert (scores["smote"].to_numpy() == scores["smote+class_weight"].to_numpy()).all()
    assert found.frame.loc["smote"].equals(found.frame.loc["smote+class_weight"])
    assert found.model("smote") is found.model("smote+class_weight")
    said = [finding for finding in found.findings if finding.code == "IMB306"]
    assert len(said) == 1
    assert "'smote+class_weight' is 'smote'" in said[0].message
    assert said[0].cure.startswith("Leave it out.")
    assert "IMB306" not in numbers().imb.fit_eval("y", cv=2, **QUICK).findings.codes  # as the defaults do


def test_looking_at_a_result_fits_nothing():
    found = numbers().imb.fit_eval("y", model=Counting(), strategies=["smote"], cv=2, **QUICK)
    FITS.clear()
    repr(found), found._repr_html_(), found.frame, found.scores, found.differences, found.verdict
    found.best_by("recall"), found.model("smote"), found.snippet(style="full"), found.explain()
    assert FITS == []


def test_too_high_probabilities_are_said_of_the_strategy_that_is_recommended():
    options = {"metric": "recall", "strategies": ["class_weight", "undersample"], "model": "naive_bayes"}
    e = imb.fit_eval(features(), "y", cv=2, **options, **QUICK)
    means = e.frame["mean_probability"]
    assert e.best == "class_weight" and means["undersample"] > means["class_weight"] > 0.3
    assert (
        f"'class_weight' says {means['class_weight']:.3f} on average where 0.200 is observed" in e.explain()
    )
    assert "'undersample' says" not in e.explain()
