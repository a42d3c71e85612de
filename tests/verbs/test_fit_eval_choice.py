"""What `fit_eval` concludes: the best strategy, the verdict, the cut it advises; nothing is fitted twice."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.strategies import NAMES

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
    column = mixed.frame.drop("no_skill")[f"{metric}_cv"]
    ends = column.min() if metric in {"brier", "log_loss"} else column.max()
    tied = [name for name in column.index if abs(column[name] - ends) < 1e-12]
    assert mixed.best_by(metric) == min(tied, key=NAMES.index)


def test_best_is_chosen_by_the_metric_that_was_asked_for():
    frame = numbers()
    by_recall = frame.imb.fit_eval("y", strategies=["class_weight"], metric="sensitivity", cv=2, **QUICK)
    assert by_recall.best == by_recall.best_by("recall") == "class_weight"
    by_brier = frame.imb.fit_eval("y", strategies=["class_weight"], metric="brier", cv=2, **QUICK)
    assert by_brier.best == "none"  # weights bend probabilities


def test_ties_go_to_the_simplest_whatever_the_order():
    frame = numbers()
    tied = frame.imb.fit_eval(
        "y",
        model=DummyClassifier(strategy="prior"),
        strategies=["smote+class_weight", "smote", "undersample", "oversample"],
        cv=2,
        **QUICK,
    )
    assert len(set(tied.frame["average_precision_cv"].drop("no_skill"))) == 1
    assert tied.best == "none"
    pair = frame.imb.fit_eval("y", strategies=["smote+class_weight", "smote"], cv=2, **QUICK)
    assert pair.best_by("recall") == "smote"


def test_aliases_are_understood_and_unknown_metrics_named(mixed):
    assert mixed.best_by("auc") == mixed.best_by("roc_auc")
    assert mixed.best_by("pr_auc") == mixed.best_by("average_precision") == mixed.best
    with pytest.raises(OptionError, match="Did you mean 'recall'"):
        mixed.best_by("recal")
    with pytest.raises(OptionError, match="is not known"):
        mixed.best_by("fn")


def test_a_metric_without_a_value_chooses_nobody():
    margins = numbers().imb.fit_eval("y", model="svm", strategies=[], cv=2, **QUICK)
    with pytest.raises(OptionError, match="no probabilities"):
        margins.best_by("brier")
    assert margins.best == "none"


def test_the_test_part_has_no_say_in_what_is_chosen():
    """Another test part, its labels even reversed, changes neither cuts nor winner."""
    frame = numbers(600)
    train, test = frame.iloc[:400], frame.iloc[400:]
    options = {"strategies": ["class_weight", "oversample"], "cv": 3, **QUICK}
    found = [train.imb.fit_eval("y", test=part, **options) for part in (test, test.assign(y=1 - test["y"]))]
    chosen = [name for name in found[0].frame if name.endswith("_cv") or name == "cut"]
    one, other = (each.frame.drop("no_skill")[chosen] for each in found)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert found[0].best == found[1].best
    assert (found[0].frame["roc_auc"] + found[1].frame["roc_auc"]).tolist() == pytest.approx([1] * 4)


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


def consistent(found, metric):
    """What the intervals say: strategies surely above and surely below doing nothing."""
    table = found.differences
    above = [name for name in table.index if table.loc[name, f"{metric}_low"] > 0]
    return above, [name for name in table.index if table.loc[name, f"{metric}_high"] < 0]


def test_the_verdict_names_a_strategy_that_surely_beats_doing_nothing():
    frame = numbers(600, 0.2, class_sep=2.0)
    found = frame.imb.fit_eval("y", model=OnlyBalanced(), strategies=["oversample"], cv=2, **QUICK)
    assert consistent(found, "f1_tuned") == (["oversample"], [])
    row = found.differences.loc["oversample"]
    assert found.verdict.startswith(
        "Of these fitted models 'oversample' beats doing nothing, each at its own cut"
    )
    assert f"F1 {found.frame.loc['oversample', 'f1_tuned']:.3f}" in found.verdict
    assert f"against {found.frame.loc['none', 'f1_tuned']:.3f}" in found.verdict
    assert (
        f"{row['f1_tuned']:+.3f} [{row['f1_tuned_low']:+.3f}, {row['f1_tuned_high']:+.3f}]" in found.verdict
    )


def test_the_verdict_names_a_strategy_that_surely_does_worse():
    frame = numbers(600, 0.2, class_sep=2.0)
    found = frame.imb.fit_eval("y", model=OnlyBalanced(turned=True), strategies=["oversample"], cv=2, **QUICK)
    assert consistent(found, "f1_tuned") == ([], ["oversample"])
    assert found.verdict.startswith("None of these fitted models beats doing nothing, each at its own cut")
    assert "'oversample' did worse" in found.verdict


def test_the_verdict_can_be_to_move_the_cut(mixed):
    assert consistent(mixed, "f1_tuned") == ([], [])
    assert mixed.verdict.startswith("None of these fitted models is distinguishable from doing nothing")
    assert mixed.frame.loc["none", "f1_tuned_cv"] > mixed.frame.loc["none", "f1_cv"]
    assert mixed.verdict.endswith(f"move the cut to {mixed.cut_text('none')}")
    assert f"F1 {mixed.frame.loc['none', 'f1_tuned']:.3f}" in mixed.verdict


def test_the_verdict_compares_by_the_criterion():
    found = numbers().imb.fit_eval("y", criterion="mcc", strategies=["oversample"], cv=2, **QUICK)
    assert f"MCC {found.frame.loc['none', 'mcc_tuned']:.3f}" in found.verdict


def test_one_row_alone_is_described_and_compared_with_nothing():
    found = numbers().imb.fit_eval("y", strategies=[], cv=2, **QUICK)
    assert found.verdict.startswith("Doing nothing about the imbalance: F1")
    assert found.differences.empty


# ---------------------------------------------------------------- cuts that can be written down


@pytest.mark.slow
@pytest.mark.parametrize("criterion", ["f1", "accuracy", "balanced_accuracy"])
def test_the_written_cut_flags_the_same_rows(criterion):
    found = imb.make_churn(500, 0.12, random_state=3).imb.fit_eval(
        "churn", strategies=["class_weight", "undersample"], criterion=criterion, cv=3, **QUICK
    )
    for strategy in ("none", "class_weight", "undersample"):
        rows = found.scores[found.scores["strategy"] == strategy]
        written = float(found.cut_text(strategy))
        assert ((rows["probability"] >= written) == rows["flagged"]).all()
        assert written <= found.frame.loc[strategy, "cut"]
        assert len(found.cut_text(strategy)) <= len(repr(found.frame.loc[strategy, "cut"].item()))


def test_a_row_for_each_strategy_and_no_other_can_be_asked_for(mixed):
    with pytest.raises(OptionError, match="Did you mean 'smote'"):
        mixed.cut_text("smoot")
    with pytest.raises(OptionError, match="'no_skill'"):
        mixed.model("no_skill")


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
    assert len(FITS) == 2 * (3 + 1)  # none and smote; three folds and the whole train part
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
    found.best_by("recall"), found.model("smote"), found.snippet(), found.explain()
    assert FITS == []
