"""The snippet of `reliability` calibrates and judges alike where only ``df`` exists, without this package."""

import ast

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from snippet_checks import by_strategy, check_rows
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.modeling.calibrators import known_calibrators

xgboost = pytest.importorskip("xgboost")

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}
AS_IS = {**QUICK, "preprocess": None}
WIDTH = 88
#: scikit-learn before 1.8 has no temperature scaling.
EVERY = known_calibrators()
LAST = EVERY[-1]
BOUNDED = {"brier", "brier_skill", "log_loss", "mean_probability", "average_precision"}
BOUNDED |= {"calibration_intercept", "calibration_slope"}
FIGURES = BOUNDED | {f"{name}{end}" for name in BOUNDED for end in ("_low", "_high")}
for each in ("miscalibration", "ece"):
    FIGURES |= {each, f"{each}_expected", f"{each}_expected_high"}
FIGURES |= {"discrimination", "uncertainty"}
SHORT = {"mean_probability", "brier", "average_precision"}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def _few_draws():
    """Keep the run short: the code takes as many draws as the result did."""
    with draws_at_most(20):
        yield


def numbers(n=200, labels=(0, 1), seed=0):
    """Numbers that tell the last label from the others."""
    rng = np.random.default_rng(seed)
    shares = [*[0.75 / (len(labels) - 1)] * (len(labels) - 1), 0.25]
    y = rng.choice(len(labels), n, p=shares)
    X = rng.normal(size=(n, 3)) + 0.6 * y[:, None]
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    kind = type(labels[0]) if len({type(label) for label in labels}) == 1 else object
    return frame.assign(y=pd.Series(np.array(labels, dtype=object)[y]).astype(kind))


def ruled(**options):
    """The same with a group and a time of each row; groups hold both classes."""
    frame, rng = numbers(**options), np.random.default_rng(1)
    frame["who"] = rng.integers(1, 30, len(frame))
    return frame.assign(step=rng.permutation(len(frame)) // 3)


def grouped(**options):
    return ruled(**options).drop(columns="step")


def timed(**options):
    return ruled(**options).drop(columns="who")


def scored(**options):
    """The same with the score of a model that is nobody's: its ties are many, and 0 and 1 are among them."""
    frame = ruled(**options)
    return frame.assign(p=(1 / (1 + np.exp(1.5 - 3 * frame["a"] - frame["b"]))).round(2))


def twice(frame):
    """Give every index label to two rows."""
    return frame.set_index(np.arange(len(frame)) // 2)


def unlabelled(frame):
    frame = frame.astype({"y": object})
    frame.loc[np.arange(len(frame)) % 7 == 3, "y"] = None
    return frame


def churn():
    return imb.make_churn(160, 0.25).rename(columns={"churn": "y"})


def xgb():
    return xgboost.XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1)


def trees(**options):
    return RandomForestClassifier(n_estimators=8, random_state=0, **options)


def search():
    return GridSearchCV(LogisticRegression(), {"C": [0.01, 1.0]}, cv=2)


def own_pipeline():
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("numbers", StandardScaler(), ["age", "tenure_months"]), ("words", words, ["contract"])]
    return Pipeline([("columns", ColumnTransformer(parts)), ("last", LogisticRegression(C=0.5))])


CHANGING = ["class_weight", "oversample", "undersample"]

#: A frame, and what `reliability` is asked for.
FITTED = {
    "the default": (churn, {"preprocess": "auto", "strategies": ["smote"]}),
    "all strategies": (numbers, {"strategies": [*CHANGING, "smote"], "calibrators": EVERY}),
    "prior alone": (numbers, {"strategies": ["undersample"], "calibrators": ["prior"]}),
    "sigmoid alone": (numbers, {"strategies": ["class_weight"], "calibrators": ["sigmoid"]}),
    "the last one alone": (numbers, {"strategies": ["class_weight"], "calibrators": [LAST]}),
    "no calibrator": (numbers, {"strategies": ["class_weight"], "calibrators": ()}),
    "bins of equal width": (numbers, {"strategies": ["class_weight"], "bins": "uniform", "n_bins": 7}),
    "isotonic steps": (numbers, {"strategies": ["class_weight"], "bins": "isotonic"}),
    "a forest": (numbers, {"model": trees(), "strategies": CHANGING, "calibrators": EVERY}),
    "a weighted forest": (numbers, {"model": trees(class_weight="balanced")}),
    "naive Bayes by sample weights": (
        churn,
        {"preprocess": "auto", "model": "naive_bayes", "strategies": ["class_weight"], "calibrators": EVERY},
    ),
    "margins": (numbers, {"model": "svm", "strategies": ["class_weight"], "calibrators": EVERY}),
    "margins, no calibrator": (numbers, {"model": "svm", "calibrators": ()}),
    "margins, prior alone": (numbers, {"model": "svm", "calibrators": ["prior"]}),
    "margins against the first label": (
        lambda: numbers(labels=("stay", "leave")),
        {"model": "svm", "strategies": ["oversample"]},
    ),
    "boosted": (numbers, {"model": xgb(), "strategies": ["class_weight", "oversample"]}),
    "boosted and double": (
        numbers,
        {"model": {"plain": LogisticRegression(), "boosted": xgb()}, "calibrators": EVERY},
    ),
    "boosted, the larger class": (numbers, {"model": xgb(), "pos_label": 0, "calibrators": EVERY}),
    "boosted, text labels, the first": (
        lambda: numbers(labels=("stay", "leave")),
        {"model": xgb(), "strategies": ["class_weight"], "calibrators": EVERY},
    ),
    "a search": (numbers, {"model": search(), "strategies": ["oversample"]}),
    "a pipeline": (churn, {"model": own_pipeline(), "strategies": ["class_weight"]}),
    "a pipeline that ends in a search": (
        numbers,
        {
            "model": make_pipeline(
                StandardScaler(), GridSearchCV(GaussianNB(), {"var_smoothing": [0.1, 1]}, cv=2)
            ),
            "strategies": ["undersample"],
        },
    ),
    "models": (
        churn,
        {"preprocess": "auto", "model": {"plain": "logistic", "bayes": "naive_bayes"}, "calibrators": EVERY},
    ),
    "models and strategies": (
        numbers,
        {"model": {"plain": LogisticRegression(), "trees": trees()}, "strategies": ["none", "class_weight"]},
    ),
    "models weighted by samples": (
        numbers,
        {"model": {"bayes": GaussianNB(), "plain": LogisticRegression()}, "strategies": ["class_weight"]},
    ),
    "the first label": (
        lambda: numbers(labels=("stay", "leave")),
        {"strategies": ["class_weight"], "calibrators": EVERY},
    ),
    "the larger class": (
        lambda: numbers(labels=("no", "yes")),
        {"pos_label": "no", "strategies": ["class_weight"], "calibrators": EVERY},
    ),
    "true and false": (lambda: numbers(labels=(False, True)), {"strategies": ["undersample"]}),
    "labels of two types": (lambda: numbers(labels=(1, "0")), {"strategies": ["class_weight"]}),
    "labels of two types by sample weights": (
        lambda: numbers(labels=("b", 2)),
        {"model": "naive_bayes", "strategies": ["class_weight"]},
    ),
    "one against the rest": (
        lambda: numbers(labels=("x", "y", "z")),
        {"pos_label": "z", "strategies": ["class_weight"]},
    ),
    "one number against the rest": (
        lambda: numbers(labels=(3, 1, 2)),
        {"pos_label": 1, "strategies": ["oversample"], "calibrators": EVERY},
    ),
    "one against the rest by margins": (
        lambda: numbers(labels=("x", "y", "z")),
        {"pos_label": "z", "model": "svm"},
    ),
    "missing labels": (lambda: unlabelled(numbers()), {"strategies": ["class_weight"]}),
    "missing labels, index twice": (lambda: twice(unlabelled(numbers())), {"calibrators": EVERY}),
    "groups": (grouped, {"groups": "who", "strategies": ["class_weight"], "calibrators": EVERY}),
    "time": (timed, {"time": "step", "cv": 3, "strategies": ["class_weight"], "calibrators": EVERY}),
    "time, trees": (timed, {"time": "step", "cv": 3, "model": trees(), "calibrators": EVERY}),
    "time, models with margins and without": (
        timed,
        {
            "time": "step",
            "cv": 3,
            "model": {"plain": LogisticRegression(), "trees": trees()},
            "calibrators": EVERY,
        },
    ),
    "margins that are no log odds": (
        numbers,
        {"model": SGDClassifier(loss="modified_huber", random_state=0), "calibrators": EVERY},
    ),
    "time by margins": (timed, {"time": "step", "cv": 3, "model": "svm", "calibrators": EVERY}),
    "time by margins, the first label": (
        lambda: timed(labels=("stay", "leave")),
        {"time": "step", "cv": 3, "model": LinearSVC()},
    ),
    "time by sample weights": (
        timed,
        {"time": "step", "cv": 3, "model": "naive_bayes", "strategies": ["class_weight"]},
    ),
}

#: The same for scores that come with the rows.
GIVEN = {
    "a test set": (scored, {"test_size": 0.25, "calibrators": EVERY}),
    "the first label": (
        lambda: scored(labels=("stay", "leave")),
        {"test_size": 0.25, "calibrators": EVERY},
    ),
    "no test set": (scored, {"test_size": 0, "calibrators": EVERY}),
    "no test set, the first label": (
        lambda: scored(labels=("stay", "leave")),
        {"test_size": 0, "calibrators": EVERY},
    ),
    "no calibrator": (scored, {"calibrators": ()}),
    "prior, which has no row": (scored, {"calibrators": ["prior"], "test_size": 0}),
    "prior, which has no row, with a test set": (scored, {"calibrators": ["prior"]}),
    "bins of equal width": (scored, {"test_size": 0, "bins": "uniform", "n_bins": 5}),
    "isotonic steps": (scored, {"bins": "isotonic"}),
    "groups": (scored, {"groups": "who"}),
    "groups, no test set": (scored, {"groups": "who", "test_size": 0, "calibrators": EVERY}),
    "time": (scored, {"time": "step", "cv": 3}),
    "time, no test set": (scored, {"time": "step", "cv": 3, "test_size": 0}),
    "time, no calibrator": (scored, {"time": "step", "cv": 3, "calibrators": ()}),
    "labels of two types": (lambda: scored(labels=(1, "0")), {"test_size": 0.25}),
    "labels of two types, no test set": (lambda: scored(labels=(1, "0")), {"test_size": 0}),
    "one against the rest": (lambda: scored(labels=("x", "y", "z")), {"pos_label": "z", "test_size": 0.25}),
    "one against the rest, no test set": (
        lambda: scored(labels=("x", "y", "z")),
        {"pos_label": "x", "test_size": 0},
    ),
    "missing labels": (lambda: twice(unlabelled(scored())), {"test_size": 0.25}),
    "missing labels, no test set": (lambda: twice(unlabelled(scored())), {"test_size": 0}),
    "flags for scores": (
        lambda: scored().assign(p=lambda frame: frame["a"] > 0.5),
        {"calibrators": ["sigmoid"]},
    ),
}


def well_written(code):
    """Lines are short, and no name is imported or assigned for nothing."""
    assert max(map(len, str(code).splitlines())) <= WIDTH
    tree = ast.parse(str(code))
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    read = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert imported <= read


def compare(found, rows, figures):
    """Every row with probabilities is there, and every figure of it is that of `frame`."""
    shown = found.frame[found.frame["brier"].notna()]
    assert set(rows) == set(shown.index) or figures == SHORT
    if "IMB410" in found.findings.codes:  # few groups have no interval, but what chance alone would show
        figures = {each for each in figures if not each.endswith(("_low", "_high")) or "expected" in each}
    for key, said in rows.items():
        assert set(said) in (figures, SHORT | {"ece"} if figures == SHORT else figures)  # every interval
        wanted = shown.loc[key, list(said)].to_numpy(float)
        got = np.array([float(value) for value in said.values()])
        assert got == pytest.approx(wanted, rel=1e-7, abs=1e-7, nan_ok=True), key


def same(found, run, *, short=False, **names):
    code = found.snippet(style="short" if short else "full")
    well_written(code)
    space = run(code, **{name: frame.copy() for name, frame in names.items()})
    rows = by_strategy(found, space["rows"]) if short else space["rows"]
    compare(found, rows, SHORT if short else FIGURES)
    assert all(calibrator in space["printed"] for _, calibrator in rows)


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", FITTED)
def test_the_code_of_fitted_models_gives_the_same_numbers(case, run):
    make, options = FITTED[case]
    frame = make()
    same(frame.imb.reliability("y", **AS_IS | options), run, df=frame)


#: Nothing held out, several deals of the folds, and both.
AGAIN = [{"test_size": 0}, {"repeats": 2}, {"test_size": 0, "repeats": 2}]
#: Of the cases above those that are tried with these, by turns.
DEALT = (
    *(
        "all strategies",
        "naive Bayes by sample weights",
        "margins against the first label",
        "boosted and double",
    ),
    *(
        "models and strategies",
        "one number against the rest",
        "missing labels, index twice",
        "groups",
        "no calibrator",
    ),
)


@pytest.mark.quick(2)
@pytest.mark.parametrize(("case", "rows"), [*zip(DEALT, AGAIN * 3, strict=True)], ids=str)
def test_the_code_deals_the_folds_again_and_holds_nothing_out(case, rows, run):
    make, options = FITTED[case]
    frame = make()
    same(frame.imb.reliability("y", **AS_IS | options, **rows), run, df=frame)


@pytest.mark.parametrize("rows", AGAIN, ids=str)
def test_the_short_code_deals_the_folds_again_and_holds_nothing_out(rows, run):
    frame = numbers()
    found = frame.imb.reliability("y", **AS_IS, **rows)
    same(found, run, short=True, df=frame)


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", ["time", "time, models with margins and without", "time by margins"])
def test_the_code_holds_nothing_out_in_the_order_of_time(case, run):
    make, options = FITTED[case]
    frame = make()
    same(frame.imb.reliability("y", **AS_IS | options, test_size=0), run, df=frame)


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", ["a test set", "no test set", "no calibrator", "groups, no test set"])
def test_the_code_deals_the_folds_of_given_scores_again(case, run):
    make, options = GIVEN[case]
    frame = make()
    found = frame.imb.reliability("y", scores="p", **QUICK | options, repeats=3)
    same(found, run, df=frame)


@pytest.mark.parametrize("rows", [{"test_size": 0}, {"test_size": 0, "repeats": 2}, {"repeats": 2}], ids=str)
def test_the_code_of_a_likeliest_class_out_of_fold(rows, run):
    frame = numbers(labels=("x", "y", "z"))
    same(frame.imb.reliability("y", **AS_IS, top_class=True, **rows), run, df=frame)


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", ["no calibrator", "models weighted by samples", "time", "margins"])
def test_the_short_code_of_fitted_models(case, run):
    make, options = FITTED[case]
    frame = make()
    found = frame.imb.reliability("y", **AS_IS | options)
    same(found, run, short=True, df=frame)
    assert len(found.snippet(style="short").splitlines()) < len(found.snippet(style="full").splitlines())


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", GIVEN)
def test_the_code_of_given_scores_gives_the_same_numbers(case, run):
    make, options = GIVEN[case]
    frame = make()
    found = frame.imb.reliability("y", scores="p", **QUICK | options)
    same(found, run, df=frame)


@pytest.mark.quick(2)
@pytest.mark.parametrize("case", ["a test set", "no test set", "no calibrator", "time, no test set"])
def test_the_short_code_of_given_scores(case, run):
    make, options = GIVEN[case]
    frame = make()
    found = frame.imb.reliability("y", scores="p", **QUICK | options)
    same(found, run, short=True, df=frame)
    assert len(found.snippet(style="short").splitlines()) < len(found.snippet(style="full").splitlines())


@pytest.mark.quick(1)
@pytest.mark.parametrize("given", [{}, {"scores": "p"}, {"scores": "p", "calibrators": ()}])
def test_a_test_frame_of_ones_own(given, run):
    frame = scored(n=400).drop(columns=["who", "step"])
    train, test = frame.iloc[:250], frame.iloc[250:].assign(extra=1)
    same(train.imb.reliability("y", test=test, **QUICK | given), run, df=train, test=test)


@pytest.mark.slow
@pytest.mark.parametrize("missing", [False, True])
def test_labels_beside_the_frame(missing, run):
    frame = unlabelled(numbers()) if missing else numbers()
    X, y = frame.drop(columns="y"), frame["y"]
    same(X.imb.reliability(y, strategies=["class_weight"], **AS_IS), run, df=X, y=y)


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", [LogisticRegression, GaussianNB, LinearSVC, trees])
@pytest.mark.parametrize("labels", [(0, 1), ("stay", "leave")])
def test_a_model_that_was_fitted_before(kind, labels, run):
    elsewhere, frame = numbers(seed=9, labels=labels), numbers(labels=labels)
    model = kind().fit(elsewhere[["a", "b", "c"]], elsewhere["y"])
    found = frame.imb.reliability("y", model=model, fitted=True, calibrators=EVERY, **QUICK)
    for style, figures in (("full", FIGURES), ("short", SHORT)):
        code = found.snippet(style=style)
        well_written(code)
        rows = run(code, df=frame, model=model)["rows"]
        compare(found, rows if style == "full" else by_strategy(found, rows), figures)


@pytest.mark.slow
@pytest.mark.parametrize("test_size", [0, 0.25])
def test_a_model_that_was_fitted_before_in_the_order_of_time(test_size, run):
    frame = timed(n=260)
    model = LogisticRegression().fit(frame[["a", "b", "c"]], frame["y"])
    options = {"time": "step", "test_size": test_size, **QUICK, "cv": 3}
    found = frame.imb.reliability("y", model=model, fitted=True, **options)
    assert (found._first.scored.folds.ids < 0).any()  # no fold holds the first rows
    for short in (False, True):
        code = found.snippet(style="short" if short else "full")
        rows = run(code, df=frame, model=model)["rows"]
        compare(found, by_strategy(found, rows) if short else rows, SHORT if short else FIGURES)


@pytest.mark.slow
@pytest.mark.parametrize("models", [["logistic", "svm"], ["svm", "naive_bayes"]], ids=str)
@pytest.mark.parametrize("options", [{}, {"test_size": 0}], ids=str)
def test_margins_beside_probabilities(models, options, run):
    """Margins are calibrated with their pipelines, and left out where calibrators learn from scores."""
    frame = numbers()
    found = frame.imb.reliability("y", model={name: name for name in models}, **AS_IS | options)
    rows = run(found.snippet(style="full"), df=frame.copy())["rows"]
    told = [key for key in found.frame.index if np.isfinite(found.frame.loc[key, "brier"])]
    assert set(rows) == {key for key in told if not options or key[0] != "svm"}
    check_rows(rows, found.frame, rel=1e-7, absolute=1e-9)


def test_time_with_margins_that_are_no_log_odds_has_no_code_for_calibrators(run):
    frame, model = timed(), SGDClassifier(loss="modified_huber", random_state=0)
    found = frame.imb.reliability("y", model=model, time="step", **AS_IS | {"cv": 3})
    code = found.snippet(style="full")
    rows = run(code, df=frame.copy())["rows"]
    assert set(rows) == {("none", "none"), ("none", "prior")}
    assert (
        "# no sigmoid and isotonic here: CalibratedClassifierCV\n    # refuses folds that leave rows unscored;"
        in code
    )
    for key, figures in rows.items():
        for name, value in figures.items():
            assert value == pytest.approx(found.frame.loc[key, name], rel=1e-7, abs=1e-9), name


@pytest.mark.slow
def test_from_a_comparison(run):
    frame = numbers()
    e = frame.imb.fit_eval("y", strategies=["class_weight", "smote"], **AS_IS)
    same(e.reliability(["smote", "none"], calibrators=EVERY), run, df=frame)


@pytest.mark.slow
@pytest.mark.parametrize("name", ['it\'s "odd"', "line\nbreak", "back\\slash", "{braces}", ("a", 1), 3])
def test_hostile_names_stay_names(name, run):
    frame = scored().drop(columns=["who", "step"])
    left = frame.rename(columns={"a": name} if isinstance(name, str) else {})
    if isinstance(name, str):
        same(left.imb.reliability("y", strategies=["class_weight"], **QUICK), run, df=left)
    frame.columns = [name if each == "p" else each for each in frame.columns]
    same(frame.imb.reliability("y", scores=name, **QUICK), run, df=frame)


def test_a_hostile_name_of_a_model(run):
    frame = numbers()
    models = {'it\'s\n"one"': LogisticRegression(), "x" * 120: GaussianNB()}
    found = frame.imb.reliability("y", model=models, calibrators=["prior"], **AS_IS)
    compare(found, run(found.snippet(style="full"), df=frame)["rows"], FIGURES)
