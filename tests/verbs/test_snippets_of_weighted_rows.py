"""With row weights or a prevalence, snippets of `best_threshold` and `reliability` give the same points without this package."""

import ast

import numpy as np
import pandas as pd
import pytest
from imblearn.under_sampling import ClusterCentroids
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from snippet_checks import by_strategy
from threadpoolctl import threadpool_limits

from imbalance_accessor.metrics.bootstrap import draws_at_most

QUICK = {"n_jobs": 1, "progress": False, "cv": 2, "preprocess": None}
WIDTH = 88
RARE = {"prevalence": 0.02}
OWN = {"sample_weight": "w"}
BOTH = RARE | OWN
SHARES = {"x": 0.9, "y": 0.08, "z": 0.02}
FOUR = {"fp": 2, "fn": 9.5, "tp": -3, "tn": 0.25}
BY_ROW = {"fp": 1, "fn": "amount"}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _few_draws():
    with draws_at_most(20):
        yield


def numbers(labels=(0, 1), n=300):
    """Numbers that tell the last label, with an amount, a weight (some 0), a time and a group of each row."""
    rng = np.random.default_rng(0)
    y = rng.choice(len(labels), n, p=[*[0.7 / (len(labels) - 1)] * (len(labels) - 1), 0.3])
    X = rng.normal(size=(n, 3)) + 0.8 * y[:, None]
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(amount=rng.integers(1, 40, n) / 4)
    frame = frame.assign(w=rng.integers(0, 5, n) / 2, y=np.array(labels, dtype=object)[y])
    return frame.infer_objects()


def timed():
    return numbers().assign(step=np.random.default_rng(1).permutation(300) // 3)


def grouped():
    return numbers().assign(who=np.random.default_rng(1).integers(1, 30, 300))


def scored():
    """The same with a score of nobody's, which is no probability."""
    return numbers().assign(p=lambda frame: (frame["a"] + frame["b"]).round(1))


def probable():
    return scored().assign(p=lambda frame: (1 / (1 + np.exp(5 - frame["p"]))).round(3))


def twice_unlabelled():
    frame = numbers().astype({"y": object})
    frame.loc[np.arange(300) % 7 == 3, "y"] = None
    return frame.set_index(np.arange(300) // 2)


def several():
    return numbers(labels=("x", "y", "z"))


def trees():
    return RandomForestClassifier(n_estimators=8, random_state=0)


def check_text(code):
    """Lines stay narrow, and whatever is imported is used."""
    assert max(map(len, code.splitlines())) <= WIDTH, max(code.splitlines(), key=len)
    tree = ast.parse(code)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {alias.asname or alias.name for node in imports for alias in node.names} <= used


def ran(found, run, **names):
    """Run both styles on copies."""
    spaces = []
    for style in ("full", "short"):
        code = found.snippet(style=style)
        check_text(code)
        spaces.append(run(code, **{name: each.copy() for name, each in names.items()}))
    return spaces


def same_points(figures, wanted, rel=1e-9):
    got = np.array([float(value) for value in figures.values()])
    assert got == pytest.approx(np.asarray(wanted, float), rel=rel, abs=rel / 1000, nan_ok=True)


def check_threshold(t, run, **names):
    full, short = ran(t, run, **names)
    assert full["threshold"] == t.value == short["threshold"]
    report, rows = t.report, full["rows"]
    assert set(rows) - {"chosen_cv"} == {*report.index} - {"claimed"}
    for name, figures in rows.items():
        columns = list(figures)
        said = report.loc["chosen", [f"{each}_cv" for each in columns]] if name == "chosen_cv" else None
        same_points(figures, report.loc[name, columns] if said is None else said)
    assert "# intervals are not written out here" in t.snippet(style="full")


THRESHOLDS = {
    "scores": (scored, BOTH | {"scores": "p", "criterion": "g_mean"}),
    "the default at a prevalence": (numbers, RARE),
    "the default by weights": (numbers, OWN),
    "a weighted strategy": (numbers, BOTH | {"strategy": "class_weight"}),
    "copies, costs, nothing held out": (
        numbers,
        BOTH | {"strategy": "oversample", "cost": FOUR, "test_size": 0},
    ),
    "costs of rows under a limit": (numbers, BOTH | {"cost": BY_ROW, "max_flag_rate": 0.1}),
    "naive Bayes, balanced accuracy, deals": (
        numbers,
        BOTH
        | {
            "model": "naive_bayes",
            "strategy": "class_weight",
            "criterion": "balanced_accuracy",
            "test_size": 0,
            "repeats": 2,
        },
    ),
    "trees, whose sigmoid is dealt": (numbers, BOTH | {"model": trees(), "min_recall": 0.5, "repeats": 2}),
    "a sure precision": (numbers, BOTH | {"min_precision": 0.05, "confidence": 0.8}),
    "costs of rows, deals": (numbers, RARE | {"cost": BY_ROW, "repeats": 2}),
    "rows that can be looked at": (numbers, BOTH | {"top_k": 31, "strategy": "undersample"}),
    "margins": (numbers, BOTH | {"model": "svm", "criterion": "mcc"}),
    "time": (timed, BOTH | {"time": "step", "cv": 3, "cost": BY_ROW, "criterion": "f2"}),
    "groups": (grouped, BOTH | {"groups": "who"}),
    "missing labels, index twice": (twice_unlabelled, BOTH),
    "one against the rest": (several, BOTH | {"pos_label": "z"}),
    "scores, deals": (scored, BOTH | {"scores": "p", "criterion": "accuracy", "test_size": 0, "repeats": 2}),
}


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", THRESHOLDS)
def test_the_code_finds_the_same_threshold_and_points(case, run):
    make, options = THRESHOLDS[case]
    frame = make()
    known = {} if "scores" in options else QUICK
    check_threshold(frame.imb.best_threshold("y", **{"cv": 2} | known | options), run, df=frame)


def check_calibration(found, run, **names):
    shown = found.frame[found.frame["brier"].notna()]
    full, short = (space["rows"] for space in ran(found, run, **names))
    assert set(full) == set(shown.index)
    if not isinstance(next(iter(short)), tuple):  # one strategy's calibrators are named alone
        short = by_strategy(found, short)
    assert set(short) <= set(full)
    for rows in (full, short):
        for key, figures in rows.items():
            # scikit-learn finds a temperature to fewer digits, and a sigmoid
            rel = 1e-6 if "temperature" in key else 1e-7 if "sigmoid" in key else 1e-9
            same_points(figures, shown.loc[key, list(figures)], rel)
            assert {"brier", "mean_probability", "average_precision"} <= set(figures)


CALIBRATED = {
    "scores": (probable, BOTH | {"scores": "p"}),
    "a prevalence": (numbers, RARE | {"strategies": ["class_weight"]}),
    "weights, two strategies": (numbers, OWN | {"strategies": ["class_weight", "oversample"]}),
    "trees, nothing held out": (numbers, BOTH | {"model": trees(), "test_size": 0}),
    "naive Bayes, deals": (
        numbers,
        BOTH | {"model": "naive_bayes", "strategies": ["class_weight"], "repeats": 2, "bins": "uniform"},
    ),
    "no calibrator, text labels": (
        lambda: numbers(labels=("stay", "leave")),
        BOTH | {"calibrators": (), "repeats": 2, "test_size": 0},
    ),
    "time, nothing held out": (timed, BOTH | {"time": "step", "cv": 3, "test_size": 0}),
    "margins": (numbers, BOTH | {"model": "svm"}),
    "the likeliest class": (several, OWN | {"prevalence": SHARES, "top_class": True}),
    "the likeliest class, deals": (
        several,
        {"prevalence": SHARES, "top_class": True, "test_size": 0, "repeats": 2},
    ),
    "scores, nothing held out": (probable, BOTH | {"scores": "p", "test_size": 0}),
    "scores, deals": (probable, RARE | {"scores": "p", "test_size": 0.25, "repeats": 2}),
}


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", CALIBRATED)
def test_the_code_judges_and_calibrates_alike(case, run):
    make, options = CALIBRATED[case]
    frame = make()
    known = {"progress": False, "cv": 2} if "scores" in options else QUICK
    check_calibration(frame.imb.reliability("y", **known | options), run, df=frame)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "rows", [{}, {"test_size": 0}, {"repeats": 2}, {"repeats": 2, "test_size": 0}], ids=str
)
def test_the_code_of_a_cheapest_class(rows, run):
    frame, labels = several(), list("xyz")
    cost = pd.DataFrame([[0, 2, 3], [7, -1, 1], [4, 4, 0]], index=labels, columns=labels)
    t = frame.imb.best_threshold("y", cost=cost, sample_weight="w", prevalence=SHARES, **QUICK, **rows)
    for space in ran(t, run, df=frame):
        for line in space["printed"].splitlines():
            name, *costs = line.split()
            wanted = t.frame.loc[name, ["cost_per_row", "cost_per_row_cv"]].tolist()
            assert [float(each) for each in costs] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.slow
def test_weights_and_a_test_set_that_stand_beside_the_frame(run):
    frame = numbers()
    X, w = frame.drop(columns="w"), frame["w"]
    check_threshold(X.imb.best_threshold("y", sample_weight=w, **RARE, **QUICK), run, df=X, sample_weight=w)
    train, test = frame.iloc[:200], frame.iloc[200:]
    check_calibration(train.imb.reliability("y", test=test, **BOTH, **QUICK), run, df=train, test=test)


def test_a_fitted_model_is_only_judged(run):
    frame = numbers()
    model = LogisticRegression().fit(frame[["a", "b"]], frame["y"])
    found = frame.imb.reliability("y", model=model, fitted=True, **BOTH, **QUICK | {"preprocess": "auto"})
    space = run(found.snippet(style="full"), df=frame.copy(), model=model)
    for key, figures in space["rows"].items():
        same_points(figures, found.frame.loc[key, list(figures)])


@pytest.mark.slow
def test_what_a_few_lines_cannot_weigh_is_left_out(run):
    frame, sampler = numbers(), ClusterCentroids(random_state=0)
    t = frame.imb.best_threshold("y", strategy=sampler, **BOTH, **QUICK)
    assert t.snippet(style="full").startswith("# left out: ClusterCentroids")
    found = frame.imb.reliability("y", strategies=[sampler], **BOTH, **QUICK)
    assert {name for name, _ in run(found.snippet(style="full"), df=frame.copy())["rows"]} == {"none"}


def test_a_prevalence_that_is_the_frames_changes_no_line():
    frame = probable()
    share = float(frame["y"].mean())
    for call in (frame.imb.best_threshold, frame.imb.reliability):
        assert call("y", scores="p", prevalence=share).snippet(style="full") == call("y", scores="p").snippet(
            style="full"
        )
