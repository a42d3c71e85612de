"""The snippet of `best_threshold` finds the same threshold and the same figures where only ``df`` exists."""

import ast
import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from snippet_checks import check_said_thresholds
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most

xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
AS_IS = {**QUICK, "preprocess": None}
WIDTH = 88


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _few_draws():
    """Keep the run short: the code takes as many draws as the result did."""
    with draws_at_most(200):
        yield


def numbers(n=180, labels=(0, 1), seed=0):
    """Numbers that tell the last label from the others, with an amount of each row."""
    rng = np.random.default_rng(seed)
    shares = [*[0.75 / (len(labels) - 1)] * (len(labels) - 1), 0.25]
    y = rng.choice(len(labels), n, p=shares)
    X = rng.normal(size=(n, 3)) + 0.8 * y[:, None]
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(amount=rng.integers(1, 40, n) / 4)
    kind = type(labels[0]) if len({type(label) for label in labels}) == 1 else object
    return frame.assign(y=pd.Series(np.array(labels, dtype=object)[y]).astype(kind))


def ruled(**options):
    """The same with a group and a time of each row; groups hold both classes."""
    frame, rng = numbers(**options), np.random.default_rng(1)
    frame["who"] = rng.integers(1, 30, len(frame))
    return frame.assign(step=rng.permutation(len(frame)) // 3)


def scored(**options):
    """The same with the score of a model that is nobody's: its ties are many."""
    frame = ruled(**options)
    return frame.assign(p=(1 / (1 + np.exp(1.5 - frame["a"] - frame["b"]))).round(2))


def twice(frame):
    """Give every index label to two rows."""
    return frame.set_index(np.arange(len(frame)) // 2)


def unlabelled(frame):
    frame = frame.astype({"y": object})
    frame.loc[np.arange(len(frame)) % 7 == 3, "y"] = None
    return frame


def xgb():
    return xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1)


def search():
    return GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, cv=2)


FOUR = {"fp": 2, "fn": 9.5, "tp": -3, "tn": 0.25}
BY_FEATURE = {"fp": 1, "fn": "amount"}

#: A frame, its model's options and what the threshold is asked for.
FITTED = {
    "the default": (lambda: imb.make_churn(200, 0.2).rename(columns={"churn": "y"}), {"preprocess": "auto"}),
    **{
        f"by {name}": (numbers, {"criterion": name})
        for name in ("mcc", "balanced_accuracy", "g_mean", "accuracy", "f2")
    },
    "by fbeta": (numbers, {"beta": 0.5}),
    "costs": (numbers, {"cost": {"fp": 1, "fn": 5}}),
    "costs and gains": (numbers, {"cost": FOUR}),
    "costs beside another criterion": (numbers, {"cost": FOUR, "criterion": "f1"}),
    "costs as a matrix": (
        numbers,
        {"cost": pd.DataFrame([[0.0, 2.0], [7.0, -1.0]], index=[0, 1], columns=[0, 1])},
    ),
    "a feature's costs": (numbers, {"cost": BY_FEATURE}),
    "a feature's costs beside another criterion": (numbers, {"cost": BY_FEATURE, "criterion": "mcc"}),
    "a feature's costs with a gain": (numbers, {"cost": {"fp": 2, "fn": "amount", "tp": -1.5}}),
    "a feature's costs under a limit": (numbers, {"cost": BY_FEATURE, "max_flag_rate": 0.3}),
    "two columns of costs": (lambda: numbers().assign(call=0.5), {"cost": {"fp": "call", "fn": "amount"}}),
    "groups' own costs": (
        lambda: ruled().drop(columns="step"),
        {"cost": {"fp": 3, "fn": "who"}, "groups": "who"},
    ),
    "a constant's costs": (lambda: numbers().assign(fee=2.5), {"cost": {"fp": 1, "fn": "fee"}}),
    "a constant's costs, index twice": (
        lambda: twice(numbers().assign(fee=2.5)),
        {"cost": {"fp": "fee", "fn": 9, "tp": -2}},
    ),
    "groups' own costs, index twice, unlabelled": (
        lambda: twice(unlabelled(ruled().drop(columns="step"))),
        {"cost": {"fp": 3, "fn": "who"}, "groups": "who"},
    ),
    "time's own costs": (
        lambda: ruled().drop(columns="who"),
        {"cost": {"fp": 30, "fn": "step"}, "time": "step", "cv": 3},
    ),
    "a precision": (numbers, {"min_precision": 0.5}),
    "a recall": (numbers, {"min_recall": 0.8}),
    "a flag rate": (numbers, {"max_flag_rate": 0.15}),
    "two limits": (numbers, {"min_precision": 0.4, "min_recall": 0.4}),
    "two limits and a criterion": (
        numbers,
        {"min_recall": 0.5, "max_flag_rate": 0.4, "criterion": "specificity"},
    ),
    "a limit and costs": (numbers, {"min_recall": 0.8, "cost": {"fp": 1, "fn": 1.5}}),
    "a sure precision": (numbers, {"min_precision": 0.4, "confidence": 0.9}),
    "a sure recall and flag rate": (numbers, {"min_recall": 0.5, "max_flag_rate": 0.6, "confidence": 0.8}),
    "rows": (numbers, {"top_k": 31}),
    "rows with a criterion": (numbers, {"top_k": 90, "criterion": "f1"}),
    "a rate": (numbers, {"top_k": 0.12}),
    "out of reach": (numbers, {"min_precision": 1.0, "min_recall": 0.99}),
    "surely out of reach": (numbers, {"min_precision": 0.97, "confidence": 0.99, "cost": FOUR}),
    "naive Bayes": (numbers, {"model": "naive_bayes"}),
    "naive Bayes by sample weights": (numbers, {"model": "naive_bayes", "strategy": "class_weight"}),
    "margins": (numbers, {"model": "svm", "criterion": "mcc"}),
    "margins against the first label": (
        lambda: numbers(labels=("stay", "leave")),
        {"model": "svm", "strategy": "class_weight", "criterion": "balanced_accuracy"},
    ),
    "boosted": (numbers, {"model": xgb(), "min_recall": 0.6}),
    "boosted, text labels": (
        lambda: numbers(labels=("stay", "leave")),
        {"model": xgb(), "strategy": "class_weight", "cost": BY_FEATURE},
    ),
    "a search": (numbers, {"model": search()}),
    "a pipeline": (
        numbers,
        {"model": make_pipeline(StandardScaler(), GaussianNB()), "strategy": "oversample"},
    ),
    "class weights": (numbers, {"strategy": "class_weight", "criterion": "accuracy"}),
    "smote": (numbers, {"strategy": "smote", "criterion": "f2", "preprocess": "auto"}),
    "text labels": (lambda: numbers(labels=("no", "yes")), {}),
    "the first label": (lambda: numbers(labels=("stay", "leave")), {"cost": FOUR}),
    "the larger class": (lambda: numbers(labels=("no", "yes")), {"pos_label": "no", "min_precision": 0.9}),
    "true and false": (lambda: numbers(labels=(False, True)), {}),
    "labels of two types": (lambda: numbers(labels=(1, "0")), {"cost": FOUR}),
    "labels of two types by sample weights": (
        lambda: numbers(labels=("b", 2)),
        {"model": "naive_bayes", "strategy": "class_weight"},
    ),
    "one against the rest": (lambda: numbers(labels=("x", "y", "z")), {"pos_label": "z"}),
    "one against the rest by costs": (
        lambda: numbers(labels=(3, 1, 2)),
        {"pos_label": 1, "cost": BY_FEATURE, "strategy": "class_weight"},
    ),
    "one against the rest by margins": (
        lambda: numbers(labels=("x", "y", "z")),
        {"pos_label": "z", "model": "svm"},
    ),
    "one of two types against the rest": (lambda: numbers(labels=("x", 1, "z")), {"pos_label": "z"}),
    "missing labels": (lambda: unlabelled(numbers()), {"cost": BY_FEATURE}),
    "missing labels, a constant's costs, index twice": (
        lambda: twice(unlabelled(numbers().assign(fee=2.5))),
        {"cost": {"fp": 1, "fn": "fee"}},
    ),
    "groups": (lambda: ruled().drop(columns="step"), {"groups": "who", "cost": {"fp": 1, "fn": 4}}),
    "time": (lambda: ruled().drop(columns="who"), {"time": "step", "cv": 3}),
    "time by sample weights": (
        lambda: ruled().drop(columns="who"),
        {"time": "step", "cv": 3, "model": "naive_bayes", "strategy": "class_weight", "cost": BY_FEATURE},
    ),
    "time and balanced accuracy": (
        lambda: ruled().drop(columns="who"),
        {"time": "step", "cv": 3, "criterion": "balanced_accuracy"},
    ),
    "folds that lack a class": (
        lambda: ruled().drop(columns="who").sort_values(["y", "a"]).assign(step=np.r_[0:150, 40:70]),
        {"time": "step", "cv": 5, "test_size": 0.4},
    ),
}

#: The same for scores that come with the rows.
GIVEN = {
    "a test set": (scored, {"test_size": 0.25}),
    "margins": (lambda: scored().assign(p=numbers()["a"]), {"criterion": "g_mean"}),
    "no test set": (scored, {"test_size": 0, "cost": FOUR}),
    "no test set, costs of rows": (scored, {"test_size": 0, "cost": BY_FEATURE, "min_recall": 0.5}),
    "no test set, a limit at its edge": (scored, {"test_size": 0, "min_precision": 0.9}),
    "no test set, out of reach": (scored, {"test_size": 0, "min_precision": 1.0, "min_recall": 0.9}),
    "groups": (scored, {"groups": "who", "cost": {"fp": 5, "fn": "who"}}),
    "groups, no test set": (scored, {"groups": "who", "test_size": 0, "min_recall": 0.7}),
    "time": (scored, {"time": "step", "cv": 3, "cost": BY_FEATURE}),
    "time, no test set": (scored, {"time": "step", "cv": 3, "test_size": 0, "beta": 2}),
    "missing labels": (lambda: unlabelled(scored()), {"top_k": 40}),
    "missing labels, index twice": (
        lambda: twice(unlabelled(scored())),
        {"test_size": 0, "cost": BY_FEATURE},
    ),
    "single precision": (lambda: scored().astype({"p": "float32"}), {"criterion": "mcc"}),
    "cells that could be missing": (lambda: scored().astype({"p": "Float64"}), {"criterion": "accuracy"}),
    "the first label": (lambda: scored(labels=("stay", "leave")), {"cost": {"fp": 1, "fn": 3}}),
    "labels of two types": (lambda: scored(labels=(1, "0")), {"min_recall": 0.6}),
    "one against the rest": (lambda: scored(labels=("x", "y", "z")), {"pos_label": "z", "test_size": 0}),
    "one against the rest, a test set": (lambda: scored(labels=("x", "y", "z")), {"pos_label": "z"}),
}


def compare(t, space):
    """The code left the very threshold, and each of its figures is one of `report`."""
    assert space["threshold"] == t.value or (np.isnan(space["threshold"]) and np.isnan(t.value))
    if not t.feasible:  # no threshold, and so no figures
        assert "rows" not in space
        return
    rows, report = dict(space["rows"]), t.report
    held_out = len(t.strategy_scores.scored.parts.test) > 0
    assert set(rows) == {*report.index} - {"claimed"} | ({"chosen_cv"} if held_out else set())
    bounds = {f"{each}{end}" for each in rows["chosen"] for end in ("_low", "_high")} & set(report)
    bounds = {each for each in bounds if np.isfinite(report.loc["chosen", each])}  # few groups have none
    assert not bounds or {"precision_low", "recall_high", "mcc_low", "f1_high", "flag_rate_low"} < bounds
    assert bool(bounds) != bool({"IMB410"} & set(t.findings.codes))
    for name, figures in rows.items():
        columns = list(figures)
        assert bounds <= set(columns) if name != "chosen_cv" else not bounds & set(columns)
        assert {"precision", "recall", "f1", "mcc", "g_mean", "specificity", "flag_rate"} < set(columns)
        got = np.array([float(value) for value in figures.values()])
        said = report.loc["chosen", [f"{each}_cv" for each in columns]] if name == "chosen_cv" else None
        said = report.loc[name, columns] if said is None else said
        assert got == pytest.approx(said.to_numpy(float), rel=1e-9, abs=1e-12), name
    assert t.asked.objective.criterion != "fbeta" or "fbeta" in rows["chosen"]
    assert ("cost" in rows["chosen"]) == (t.asked.costs is not None)
    assert ("cost_low" in rows["chosen"]) == (t.asked.costs is not None and bool(bounds))
    if "threshold_low" in space:
        assert (space["threshold_low"], space["threshold_high"]) == (t.threshold_ci.low, t.threshold_ci.high)
    else:  # normal noise stands for the amounts of rows of one score
        noisy = (
            t.asked.cost_columns
            and len(t.threshold_ci.thresholds)
            and t.threshold_ci.groups < len(t.found.grids[0].y)
        )
        assert noisy or not t.threshold_ci.is_drawn


def check_text(code):
    """Lines stay narrow, and whatever is imported is used."""
    assert max(map(len, code.splitlines())) <= WIDTH, max(code.splitlines(), key=len)
    tree = ast.parse(code)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    brought = {alias.asname or alias.name for node in imports for alias in node.names}
    assert brought and brought <= used, brought - used


def check(t, run, **names):
    """Run both styles on copies, and hold them against the result."""
    full, short = t.snippet(style="full"), t.snippet(style="short")
    given = {
        name: each.copy() if isinstance(each, pd.DataFrame | pd.Series) else each
        for name, each in names.items()
    }
    space = run(full, **given)
    compare(t, space)
    brief = run(short, **given)
    assert "rows" not in brief
    assert len(short.splitlines()) <= len(full.splitlines()) - t.feasible
    assert brief["threshold"] == t.value or (np.isnan(brief["threshold"]) and np.isnan(t.value))
    assert str(space["threshold"]) in space["printed"] and str(brief["threshold"]) in brief["printed"]
    check_said_thresholds(t, brief["printed"])
    for code in (full, short):
        check_text(code)
    for name, each in names.items():
        if isinstance(each, pd.DataFrame):
            pd.testing.assert_frame_equal(given[name], each)


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [1, 2])
def test_the_code_draws_many_rows_by_their_kind(repeats, run):
    tree = {"model": DecisionTreeClassifier(max_depth=3), "repeats": 2, "test_size": 0, **AS_IS}
    given = {"scores": "p", "cost": {"fp": 1, "fn": 9}, "test_size": 0}
    frame = scored(n=150_000)
    t = frame.drop(columns=["who", "step"]).imb.best_threshold("y", **(tree if repeats == 2 else given))
    assert "np.unique(told, axis=1" in t.snippet(style="full")
    check(t, run, df=frame.drop(columns=["who", "step"]))


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", FITTED)
def test_the_code_finds_the_same_threshold_and_figures(case, run):
    make, options = FITTED[case]
    frame = make()
    t = frame.imb.best_threshold("y", **AS_IS | options)
    check(t, run, df=frame)
    assert t.feasible != ("out of reach" in case)


#: Of the cases above those that are tried with several deals of the folds; the rest differs in nothing that deals touch.
DEALT = (
    *("the default", "by balanced_accuracy", "by fbeta", "costs and gains", "a feature's costs"),
    *("a feature's costs under a limit", "groups' own costs", "a recall", "two limits", "a sure precision"),
    *(
        "a sure recall and flag rate",
        "rows with a criterion",
        "out of reach",
        "margins against the first label",
    ),
    *("one against the rest", "a pipeline"),
)
DEALT_GIVEN = ("a test set", "no test set, costs of rows", "no test set", "groups, no test set", "groups")


@pytest.mark.quick(2)
@pytest.mark.parametrize(("case", "test_size"), [*zip(DEALT, itertools.cycle([0, 0.2]), strict=False)])
def test_the_code_deals_the_folds_again(case, test_size, run):
    make, options = FITTED[case]
    frame = make()
    t = frame.imb.best_threshold("y", **AS_IS | options, repeats=2, test_size=test_size)
    assert len(t.fold_thresholds) == 4
    check(t, run, df=frame)


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", DEALT_GIVEN)
def test_the_code_deals_the_folds_of_given_scores_again(case, run):
    make, options = GIVEN[case]
    frame = make()
    t = frame.imb.best_threshold("y", scores="p", **options, cv=2, repeats=3)
    check(t, run, df=frame)


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", GIVEN)
def test_the_code_reads_scores_that_come_with_the_rows(case, run):
    make, options = GIVEN[case]
    frame = make()
    t = frame.imb.best_threshold("y", scores="p", **{"cv": 2} | options)
    check(t, run, df=frame)
    assert t.feasible != ("out of reach" in case)


def fitted_elsewhere():
    frame = numbers(seed=5)
    return LogisticRegression().fit(frame[["b", "a"]], frame["y"])


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "options", [{}, {"cost": {"fp": 1, "fn": "amount"}}, {"min_precision": 1.0, "min_recall": 1.0}]
)
def test_a_model_that_was_fitted_before(options, run):
    frame, model = numbers(), fitted_elsewhere()
    t = frame.imb.best_threshold("y", model=model, fitted=True, **QUICK, **options)
    assert t.feasible != ("min_recall" in options)
    check(t, run, df=frame, model=model)


@pytest.mark.slow
@pytest.mark.parametrize("test_size", [0, 0.25])
def test_a_model_that_was_fitted_before_in_the_order_of_time(test_size, run):
    frame, model = ruled(n=260).drop(columns="who"), fitted_elsewhere()
    options = {"time": "step", "test_size": test_size, **QUICK, "cv": 3}
    t = frame.imb.best_threshold("y", model=model, fitted=True, **options)
    assert (t.strategy_scores.scored.folds.ids < 0).any()  # no fold holds the first rows
    check(t, run, df=frame, model=model)


def own_test(make, **options):
    frame = make(n=260, **options)
    return frame.iloc[:170].assign(fee=2.0), frame.iloc[170:].assign(fee=np.arange(90) / 9.0 + 0.5, more="x")


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "case", [numbers, lambda **o: twice(numbers(**o)), lambda **o: twice(unlabelled(numbers(**o)))]
)
@pytest.mark.parametrize("amount", ["amount", "fee"])
def test_a_test_frame_of_ones_own(case, amount, run):
    train, test = own_test(case)
    t = train.imb.best_threshold("y", test=test, cost={"fp": 1, "fn": amount}, **AS_IS)
    check(t, run, df=train, test=test)


def test_a_test_frame_of_ones_own_index_twice_there_alone(run):
    train, test = own_test(numbers)
    test = twice(test)
    t = train.imb.best_threshold("y", test=test, cost={"fp": 1, "fn": "fee"}, **AS_IS)
    check(t, run, df=train, test=test)


def test_a_test_frame_with_scores_and_labels_alone(run):
    frame = scored(n=260)
    train, test = frame.iloc[:170], unlabelled(frame.iloc[170:])[["y", "p", "amount"]]
    t = train.imb.best_threshold("y", scores="p", test=test, cost=BY_FEATURE, cv=2)
    check(t, run, df=train, test=test)


@pytest.mark.slow
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("doubled", [False, True])
def test_labels_beside_the_frame(missing, doubled, run):
    frame = scored().assign(fee=3.0)
    frame = unlabelled(frame) if missing else frame
    frame = twice(frame) if doubled else frame
    X, y = frame.drop(columns="y"), frame["y"]
    t = X.imb.best_threshold(y, cost={"fp": 1, "fn": "fee"}, **AS_IS)
    check(t, run, df=X, y=y)
    t = X.imb.best_threshold(y, scores="p", test_size=0, cost=BY_FEATURE, cv=2)
    check(t, run, df=X, y=y)


HOSTILE = '"]; import os'


@pytest.mark.slow
def test_hostile_names_stay_names(run):
    frame = numbers(labels=("no'", '"]; import os #')).rename(
        columns={"a": HOSTILE, "b": "it's", "amount": "line\nbreak"}
    )
    frame = frame.assign(**{'fe"e': 2.0}).rename(columns={"y": "t{y}'\n"})
    for amount in ("line\nbreak", 'fe"e', HOSTILE):
        given = frame.assign(**{HOSTILE: frame[HOSTILE].abs()})
        t = given.imb.best_threshold("t{y}'\n", cost={"fp": 0.1, "fn": amount}, **AS_IS)
        check(t, run, df=given)


@pytest.mark.quick(1)
@pytest.mark.parametrize("rule", ["groups", "time"])
@pytest.mark.parametrize("test_size", [0, 0.25])
def test_hostile_names_of_scores_groups_and_times(rule, test_size, run):
    names = {"p": HOSTILE, "who": "line\nbreak", "step": 'quo"te'}
    frame = scored().rename(columns=names)
    column = names["who" if rule == "groups" else "step"]
    cost = {"fp": 9, "fn": column}
    t = frame.imb.best_threshold("y", scores=HOSTILE, test_size=test_size, cost=cost, cv=3, **{rule: column})
    check(t, run, df=frame)


def test_names_that_are_no_text(run):
    frame = scored().rename(columns={"p": 7, "amount": ("a", 1), "y": 0})
    t = frame.imb.best_threshold(0, scores=7, cost={"fp": 1, "fn": ("a", 1)}, cv=2)
    check(t, run, df=frame)


def test_tuples_as_labels(run):
    pairs = pd.Series([("a", 1), ("a", 2)])
    frame = scored()
    frame["y"] = pairs[frame["y"]].to_numpy()
    t = frame.imb.best_threshold("y", scores="p", cv=2)
    check(t, run, df=frame)
