"""`fit_eval` of several models at once: each as it is alone, and one comparison over all."""

import contextlib
import io
import re

import numpy as np
import pandas as pd
import pytest
from imblearn.ensemble import BalancedBaggingClassifier
from sklearn.dummy import DummyClassifier
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
STRATEGIES = ["class_weight", "oversample", BalancedBaggingClassifier(n_estimators=2, random_state=0)]
BAGGED = "BalancedBaggingClassifier"
#: Sums of all columns that are measured together are one matrix product, whose last bits depend on their number.
LAST_BITS = {"rtol": 1e-12, "atol": 1e-14}


def numbers(n=300, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.2
    X = rng.normal(size=(n, 3)) + 0.8 * y[:, None]
    return pd.DataFrame(X, columns=list("abc")).assign(y=np.where(y, "yes", "no"))


@pytest.fixture(scope="module")
def together():
    with threadpool_limits(1):
        models = {"linear": "logistic", "bayes": GaussianNB()}
        return numbers().imb.fit_eval("y", model=models, strategies=STRATEGIES, metric="recall", **QUICK)


@pytest.fixture(scope="module")
def alone():
    with threadpool_limits(1):
        return {
            name: numbers().imb.fit_eval("y", model=model, strategies=STRATEGIES, metric="recall", **QUICK)
            for name, model in {"linear": "logistic", "bayes": GaussianNB()}.items()
        }


def test_each_model_is_as_it_is_alone_and_an_ensemble_stands_once(together, alone):
    assert list(together.frame.index) == [
        *(f"{model}: {name}" for model in alone for name in ("none", "class_weight", "oversample")),
        BAGGED,
        "dummy",
    ]
    for model, one in alone.items():
        shown = {f"{model}: {name}": name for name in ("none", "class_weight", "oversample")}
        own = together.frame.loc[list(shown)].rename(index=shown)
        pd.testing.assert_frame_equal(own, one.frame.loc[own.index], **LAST_BITS)
        for name, bare in shown.items():
            assert together.best_threshold(name).threshold_text == one.best_threshold(bare).threshold_text
            rows = together.scores.query("strategy == @name").drop(columns="strategy")
            other = one.scores.query("strategy == @bare").drop(columns="strategy")
            pd.testing.assert_frame_equal(rows, other)
    row = alone["linear"].frame.loc[BAGGED]
    pd.testing.assert_series_equal(together.frame.loc[BAGGED], row, **LAST_BITS)
    assert (
        together.model("bayes").predict(numbers()).tolist()
        == alone["bayes"].model("none").predict(numbers()).tolist()
    )
    assert together.model("none") is together.model(together.base)
    found = together.reliability(["bayes: class_weight"]).frame.loc["bayes: class_weight"]
    wanted = alone["bayes"].reliability(["class_weight"]).frame.loc["class_weight"]
    pd.testing.assert_frame_equal(found, wanted, **LAST_BITS)


def brute_force(figures, metric, pairs):
    """Intervals that hold for all pairs at once, draw by draw."""
    samples = {name: each.samples[metric] for name, each in figures.items()}
    drawn = {(name, base): samples[name] - samples[base] for name, base in pairs}
    point = {pair: figures[pair[0]].points[metric] - figures[pair[1]].points[metric] for pair in pairs}
    error = {pair: pd.Series(each).std() for pair, each in drawn.items()}
    moving = [pair for pair in pairs if np.ptp(drawn[pair]) > 1e-12]
    furthest = []
    for draw in range(len(drawn[pairs[0]])):
        furthest.append(max(abs(drawn[pair][draw] - point[pair]) / error[pair] for pair in moving))
    times = np.quantile(furthest, 0.95)
    return {pair: (point[pair], times * error[pair]) for pair in moving}


def test_intervals_hold_for_all_pairs_of_a_row_and_a_plain_model_at_once(together):
    plain = ["linear: none", "bayes: none"]
    pairs = [(name, base) for base in plain for name in together.evaluated if name != base]
    assert list(together.differences.index) == pairs
    by_hand = brute_force(together.comparison.figures("ranking"), "average_precision", pairs)
    assert len(by_hand) > 6
    for pair, (point, half) in by_hand.items():
        row = together.differences.loc[pair]
        ends = row["average_precision_low"], row["average_precision_high"]
        assert row["average_precision"] == pytest.approx(point, abs=1e-12)
        assert ends == pytest.approx((point - half, point + half), abs=1e-12)
    # they are wider than those within one model: more is claimed at once
    few = brute_force(together.comparison.figures("ranking"), "average_precision", pairs[:2])
    assert all(by_hand[pair][1] > few[pair][1] for pair in few)


def test_the_verdict_holds_the_best_row_against_the_best_plain_one(together):
    recall = together.frame["recall_cv"]
    base = max(["linear: none", "bayes: none"], key=lambda name: recall[name])
    better = together.differences.xs(base, level="against").query("recall_low > 0").index
    assert together.base == base
    assert together.best == max(better, key=lambda name: recall[name])
    said = f"{together.best!r} beats the best plain model, {base.split(':')[0]!r}: recall {recall[together.best]:.3f}"
    assert together.verdict.startswith(said)
    assert "than their own plain model" in str(together.explain())
    assert "compared 2 models, each with its corrections" in str(together.explain(audience="interview"))


def test_a_strategy_is_shown_against_its_own_plain_model(together):
    found = together._card().table["recall over own plain model"]
    for name in ("bayes: class_weight", "linear: oversample"):
        row = together.differences.loc[name, f"{name.split(':')[0]}: none"]
        shown = found[name].point, found[name].low, found[name].high
        assert shown == tuple(row[["recall", "recall_low", "recall_high"]])
    assert found[["bayes: none", "linear: none"]].isna().all()
    assert found[BAGGED].point == together.differences.loc[(BAGGED, together.base), "recall"]


def test_the_forest_has_differences_to_the_own_and_to_the_best_plain_model(together):
    own, best, *_ = together.plot("intervals")
    assert "their own plain" in own.get_xlabel().replace("\n", " ")
    assert repr(together.base) in best.get_xlabel().replace("\n", " ")
    assert [text.get_text() for text in own.get_yticklabels()][:6] == list(together.evaluated)[:6]


@pytest.mark.parametrize("style", ["short", pytest.param("full", marks=pytest.mark.slow)])
def test_code_gives_the_same_numbers(together, style):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(together.snippet(style=style), "snippet", "exec"), {"df": numbers()})
    printed = re.findall(r"^(.+?)  +(0\.\d+.*)$", out.getvalue(), re.M)
    assert len(printed) == 7
    column = "average_precision_cv" if style == "short" else "average_precision"
    for (_, figures), name in zip(printed, _in_order(together, style), strict=True):
        assert float(figures.split()[0]) == pytest.approx(together.frame.loc[name, column], abs=2e-6)


def _in_order(together, style):
    names = [name for name in together.evaluated if name != BAGGED]
    return [*names[:3], BAGGED, *names[3:]]


def test_plain_models_alone_are_compared_with_the_next():
    models = {"bayes": GaussianNB(), "constant": DummyClassifier()}
    found = numbers(300).imb.fit_eval("y", model=models, strategies=["none"], test_size=0, **QUICK)
    assert found.comparison.pairs("average_precision")["constant: none", "bayes: none"][2] < 0
    assert found.best == found.base == "bayes: none"
    assert found.verdict.startswith("The best of 2 plain models is 'bayes' (average precision ")
    assert "Plain 'constant', the next, is worse" in found.verdict


def test_a_list_is_named_by_its_words_and_classes_and_what_one_cannot_take_is_said_of_it():
    models = ["logistic", GaussianNB()]
    found = numbers(200).imb.fit_eval("y", model=models, strategies=["focal"], **QUICK)
    assert list(found.evaluated) == ["logistic: none", "logistic: focal", "GaussianNB: none"]
    (said,) = [each.message for each in found.findings if each.code == "IMB304"]
    assert said.startswith("Model 'GaussianNB': 'focal' is left out")
    assert sum(each.code == "IMB401" for each in found.findings) == 1  # of the rows, once


def test_what_several_models_cannot_share_is_refused():
    shuffled = {"permutations": 20, "model": ["logistic", "knn"]}
    with pytest.raises(imb.OptionError, match="permutations=20 asks one model for signal"):
        numbers().imb.fit_eval("y", **shuffled)
    fitted = GaussianNB().fit(numbers()[["a"]], numbers()["y"])
    for options in ({"model": [fitted, "knn"], "fitted": True}, {"model": {1: "knn", 2: "svm"}}):
        with pytest.raises(imb.ImbalanceError):
            numbers().imb.fit_eval("y", **options)


def test_a_trace_names_the_model_beside_the_strategy(together):
    said = together.trace("bayes: class_weight").explain()
    assert "'bayes: class_weight'" in said and "'class_weight'" not in said


def test_a_cure_never_names_a_model_twice():
    with pytest.raises(imb.OptionError, match="Did you mean 'logistic'") as caught:
        numbers().imb.fit_eval("y", model=["logistic", "logistc"])
    assert 'model="logistic"' in str(caught.value.fix)
    with pytest.raises(imb.OptionError, match="Did you mean 'forest'") as caught:
        numbers().imb.fit_eval("y", model=["logistic", "forst", "forest"])
    assert 'model=["logistic", "forest"]' in str(caught.value.fix)
