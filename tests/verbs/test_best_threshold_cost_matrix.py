"""Several classes and a matrix of costs: every answer and figure against plain loops over the probabilities."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted
from snippet_checks import linted
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.verbs.best_threshold.cost_matrix import CheapestClass
from imbalance_accessor.verbs.best_threshold.result import Threshold

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
AMOUNTS = [[0.0, 2.0, 9.0], [4.0, -1.0, 3.0], [40.0, 25.0, 0.5]]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def numbers(n=240, labels=("x", "y", "z"), seed=0):
    """Numbers that tell the labels apart, the last of them rare."""
    rng = np.random.default_rng(seed)
    shares = [*[0.85 / (len(labels) - 1)] * (len(labels) - 1), 0.15]
    y = rng.choice(len(labels), n, p=shares)
    X = rng.normal(size=(n, 3)) + np.column_stack([y, y == 1, y == 2]) * 0.9
    cells = pd.Series([labels[place] for place in y])
    return pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=cells)


def costs(labels=("x", "y", "z"), amounts=AMOUNTS):
    return pd.DataFrame(amounts, index=list(labels), columns=list(labels))


def by_hand(frame, matrix, weights=None):
    """Labels, out-of-fold and test probabilities, by scikit-learn alone."""
    X, y = frame.drop(columns="y"), frame["y"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, class_weight=weights))
    folds = StratifiedKFold(2, shuffle=True, random_state=0)
    oof = cross_val_predict(model, X_train, y_train, cv=folds, method="predict_proba")
    model.fit(X_train, y_train)
    labels = model.classes_.tolist()
    return labels, (y_train.tolist(), oof), (y_test.tolist(), model.predict_proba(X_test)), X_test


def cheapest_of(row, labels, matrix):
    """The label whose expected cost is least, in plain Python; the first in sort order of equals."""
    expected = [
        sum(p * float(matrix.loc[true, said]) for p, true in zip(row, labels, strict=True)) for said in labels
    ]
    return labels[expected.index(min(expected))]


def answers(labels, y_train, p, matrix):
    whole = [sum(float(matrix.loc[true, said]) for true in y_train) for said in labels]
    return {
        "cheapest": [cheapest_of(row, labels, matrix) for row in p],
        "likeliest": [labels[int(row.argmax())] for row in p],
        "constant": [labels[whole.index(min(whole))]] * len(p),
    }


def paid(y, said, matrix):
    return [float(matrix.loc[true, answer]) for true, answer in zip(y, said, strict=True)]


@pytest.mark.quick(1)
@pytest.mark.parametrize("strategy", ["none", "class_weight"])
@pytest.mark.parametrize("labels", [("x", "y", "z"), ("z", "x", "y"), (3, 1, 2)])
def test_answers_and_figures_equal_a_plain_loop(strategy, labels):
    frame, matrix = numbers(labels=labels), costs(labels)
    shuffled = matrix.loc[[labels[1], labels[2], labels[0]], [labels[2], labels[0], labels[1]]]
    before = frame.copy()
    t = frame.imb.best_threshold("y", cost=shuffled, strategy=strategy, **QUICK)
    assert isinstance(t, CheapestClass)
    order, (y_train, oof), (y_test, p), X_test = by_hand(
        frame, matrix, "balanced" if strategy == "class_weight" else None
    )
    said, said_oof = answers(order, y_train, p, matrix), answers(order, y_train, oof, matrix)
    assert said["cheapest"] != said["likeliest"] and len(set(said["cheapest"])) > 1
    assert list(t.frame.index) == ["cheapest", "likeliest", "constant"]
    base = np.mean(paid(y_test, said["likeliest"], matrix))
    for name, row in t.frame.iterrows():
        costed = paid(y_test, said[name], matrix)
        assert row["cost"] == pytest.approx(sum(costed))
        assert row["cost_per_row"] == pytest.approx(np.mean(costed))
        assert row["cost_per_row_cv"] == pytest.approx(np.mean(paid(y_train, said_oof[name], matrix)))
        assert row["difference"] == pytest.approx(np.mean(costed) - base)
        assert row["accuracy"] == pytest.approx(
            sum(map(lambda a, b: a == b, y_test, said[name])) / len(y_test)
        )
        assert row["cost_per_row_low"] < row["cost_per_row"] < row["cost_per_row_high"]
        assert row["difference_low"] <= row["difference"] <= row["difference_high"]
    still = t.frame.loc["likeliest", ["difference", "difference_low", "difference_high"]]
    assert still.tolist() == [0, 0, 0]
    model = t.model()
    check_is_fitted(model)
    for each in (model, pickle.loads(pickle.dumps(model)), t.model(strategy)):
        got = each.predict(frame.loc[X_test.index])
        assert got.tolist() == said["cheapest"]
        assert each.predict(X_test[["c", "a", "b"]]).tolist() == said["cheapest"]
        assert {type(label) for label in got.tolist()} == {type(labels[0])}
    pd.testing.assert_frame_equal(frame, before)


def test_intervals_are_percentiles_of_paired_draws():
    frame = numbers(n=600)
    t = frame.imb.best_threshold("y", cost=costs(), **QUICK)
    order, (y_train, _), (y_test, p), _ = by_hand(frame, costs())
    said = answers(order, y_train, p, costs())
    one = np.array(paid(y_test, said["cheapest"], costs()))
    other = np.array(paid(y_test, said["likeliest"], costs()))
    rng = np.random.default_rng(99)
    rows = rng.integers(0, len(one), (4000, len(one)))
    for values, name in ((one, "cost_per_row"), (one - other, "difference")):
        low, high = np.quantile(values[rows].mean(axis=1), [0.025, 0.975])
        row = t.frame.loc["cheapest"]
        assert row[[f"{name}_low", f"{name}_high"]].tolist() == pytest.approx(
            [low, high], abs=0.15 * (high - low)
        )


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("labels", "options"),
    [
        (("x", "y", "z"), {}),
        ((3, 1, 2), {"strategy": "class_weight", "model": "naive_bayes"}),
        (("x", "y", "z"), {"strategy": "smote"}),
        ((1, "b", 2.5), {}),
        ((True, "maybe", "no"), {"preprocess": None}),
        (("x", "y", "z"), {"test_size": 0}),
    ],
)
def test_the_code_prints_the_same_numbers(labels, options, run):
    frame = numbers(labels=labels)
    t = frame.imb.best_threshold("y", cost=costs(labels), **QUICK | options)
    for style in ("full", "short"):
        check_printed(t, t.snippet(style=style), frame, run)
    linted(t.snippet())
    assert len(t.snippet().splitlines()) <= (35 if "strategy" in options else 31)


def check_printed(t, code, frame, run):
    lines = [line.split() for line in run(code, df=frame.copy())["printed"].splitlines()]
    assert [name for name, *_ in lines] == list(t.frame.index)
    for name, *said in lines:
        wanted = t.frame.loc[name, ["cost_per_row", "cost_per_row_cv"]].tolist()
        assert [float(each) for each in said] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.quick(1)
@pytest.mark.parametrize("rule", ["time", "groups"])
def test_the_code_keeps_to_the_rule_that_divides(rule, run):
    frame = numbers(n=300)
    frame["by"] = np.random.default_rng(3).permutation(300) // 5
    t = frame.imb.best_threshold("y", cost=costs(), **{rule: "by"}, **QUICK | {"cv": 3})
    for style in ("full", "short"):
        check_printed(t, t.snippet(style=style), frame, run)


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [("x", "y", "z"), (0, 1, 2), (0, 1, 2, 3)])
def test_one_for_each_mistake_is_the_likeliest_class(labels):
    frame = numbers(labels=labels)
    k = len(labels)
    t = frame.imb.best_threshold("y", cost=costs(labels, 1 - np.eye(k)), **QUICK)
    row = t.frame.loc["cheapest"]
    assert row["difference"] == row["difference_low"] == row["difference_high"] == 0
    assert row["cost_per_row"] == pytest.approx(1 - row["accuracy"])
    assert t.model().predict(frame).tolist() == t.model().estimator.predict(frame).tolist()


@pytest.mark.quick(1)
@pytest.mark.parametrize("labels", [(False, True), (0, 1), ("no", "yes"), ("stay", "leave"), (1, "0")])
def test_a_matrix_of_two_classes_is_read_by_outcome(labels):
    frame, (negative, positive) = numbers(labels=labels), labels
    matrix = pd.DataFrame(
        {negative: {negative: 0.5, positive: 7.0}, positive: {negative: 2.0, positive: -1.0}}
    )
    t = frame.imb.best_threshold("y", cost=matrix.iloc[::-1], **QUICK)
    same = frame.imb.best_threshold("y", cost={"fp": 2, "fn": 7, "tp": -1, "tn": 0.5}, **QUICK)
    assert isinstance(t, Threshold) and t.asked == same.asked
    assert t.value == same.value
    assert t.theory == pytest.approx(1.5 / (1.5 + 8))
    pd.testing.assert_frame_equal(t.report, same.report)
    swapped = frame.imb.best_threshold("y", cost=matrix.T, pos_label=positive, **QUICK)
    assert swapped.asked.costs == {"fp": 7, "fn": 2, "tp": -1, "tn": 0.5}


def _with(row, column, amount):
    matrix = costs()
    matrix.loc[row, column] = amount
    return matrix


WRONG = {
    "another label": (costs(("x", "y", "w")), {}, "rows are 'x', 'y', 'w'"),
    "a label too few": (costs().iloc[:2], {}, "rows are"),
    "a label twice": (costs().loc[["x", "y", "y"]], {}, "rows are"),
    "other columns": (costs().rename(columns={"z": "Z"}), {}, "columns are"),
    "nan": (_with("x", "y", np.nan), {}, "finite"),
    "inf": (_with("x", "y", np.inf), {}, "finite"),
    "text": (costs().astype(object).replace(2.0, "two"), {}, "numbers only"),
    "all alike": (costs(amounts=np.ones((3, 3))), {}, "none is better"),
    "alike in each row": (costs(amounts=[[1, 1, 1], [2, 2, 2], [9, 9, 9]]), {}, "none is better"),
    "a limit": (costs(), {"min_recall": 0.5}, "min_recall"),
    "a criterion": (costs(), {"criterion": "f1"}, "criterion"),
    "rows": (costs(), {"top_k": 5}, "top_k"),
    "confidence": (costs(), {"confidence": 0.9}, "confidence"),
    "beta": (costs(), {"beta": 2}, "beta"),
    "a limit beside its criterion": (costs(), {"criterion": "cost", "min_recall": 0.5}, "min_recall"),
    "one against the rest": (costs(), {"pos_label": "x"}, "pos_label"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_weighed_is_one_sentence(case, monkeypatch):
    matrix, options, said = WRONG[case]
    monkeypatch.setattr(LogisticRegression, "fit", lambda *a, **k: pytest.fail("fitted first"))
    with pytest.raises(OptionError, match=said) as caught:
        numbers().imb.best_threshold("y", cost=matrix, **QUICK, **options)
    assert "\n" not in str(caught.value)


def test_the_criterion_may_be_named():
    t, other = (
        numbers().imb.best_threshold("y", cost=costs(), **QUICK, **more)
        for more in ({}, {"criterion": "cost"})
    )
    pd.testing.assert_frame_equal(t.frame, other.frame)


def test_margins_cannot_be_weighed():
    with pytest.raises(ModelError, match="gives no probabilities"):
        numbers().imb.best_threshold("y", cost=costs(), model="svm", **QUICK)


def test_several_classes_without_costs_are_refused_with_the_cure():
    with pytest.raises(OptionError, match=r"3 classes.*pos_label=.*DataFrame"):
        imb.best_threshold(numbers(), "y", **QUICK)


def test_no_other_strategy_has_a_model():
    t = numbers().imb.best_threshold("y", cost=costs(), **QUICK)
    with pytest.raises(OptionError, match="'smote' is not known"):
        t.model("smote")


def test_one_answer_for_all_rows_is_named_where_it_costs_no_more():
    frame = numbers()
    frame["y"] = np.random.default_rng(0).permutation(frame["y"])
    labels = sorted(set(frame["y"]))
    matrix = pd.DataFrame(1.0 - np.eye(3), index=labels, columns=labels)
    matrix.loc[labels[0], labels[1:]] = 30.0
    t = frame.imb.best_threshold("y", cost=matrix, **QUICK)
    mine, other = t.frame.loc[["cheapest", "constant"], "cost_per_row"]
    assert other <= mine  # this sample must show it
    assert "IMB403" in t.findings.codes
    assert " ".join(repr(t).split()).startswith(
        f"Answer {labels[0]!r} for every row: it costs {other:.3f} a row on test"
    )
