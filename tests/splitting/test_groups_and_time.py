"""No group on both sides, nothing learned from later rows: in both parts, every fold, every threshold, every calibrator."""

import datetime

import numpy as np
import pandas as pd
import pytest
from alone import execute
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.evaluation import calibrated_scores
from imbalance_accessor.metrics import cross_fitting
from imbalance_accessor.metrics.thresholds import ThresholdGrid
from imbalance_accessor.modeling import calibrators as modeling_calibrators
from imbalance_accessor.modeling.calibrators import Calibrator
from imbalance_accessor.verbs.best_threshold import search

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

N = 300
QUICK = {"cv": 3, "n_jobs": 1, "progress": False}
RULES = [{"groups": "who"}, {"time": "when"}]
LEARNED, SCORED = [], []


@pytest.fixture(autouse=True)
def _forget():
    LEARNED.clear()
    SCORED.clear()
    with threadpool_limits(1):
        yield


def named(rows):
    """A probability of its own for each row, so that what sees it alone can be asked which row it was."""
    return (np.asarray(rows, dtype=float) + 1) / (2 * N + 2)


def rows_of(p):
    return (np.asarray(p) * (2 * N + 2) - 1).round().astype(int)


class Namer(ClassifierMixin, BaseEstimator):
    """Says a row's own number as its probability, and writes down what it learned from and what it scored."""

    def fit(self, X, y):
        self.classes_, self.seen_ = np.unique(y), X["mark"].to_numpy().astype(int)
        return self

    def predict_proba(self, X):
        rows = X["mark"].to_numpy().astype(int)
        LEARNED.append(self.seen_)
        SCORED.append(rows)
        p = named(rows)
        rest = np.column_stack([1 - p] * (len(self.classes_) - 1)) / (len(self.classes_) - 1)
        return np.column_stack([rest, p])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def framed(rule, seed=0, labels=("no", "yes")):
    """Rows with a number, a group and a time that lie across each other; only what rules stays."""
    rng = np.random.default_rng(seed)
    y = rng.random(N) < 0.3
    # numbers without gaps would be an id, which no model sees
    frame = pd.DataFrame({"mark": 2.0 * rng.permutation(N), "a": rng.normal(size=N) + y})
    frame["who"] = rng.integers(0, 45, N)
    frame["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 120, N), unit="D")
    frame["y"] = np.where(y, labels[-1], rng.choice(labels[:-1], N))
    frame["p"] = named(frame["mark"])
    drop = [name for name in ("who", "when") if name not in rule.values()]
    return frame.drop(columns=drop).set_index("mark", drop=False)


def assert_kept(frame, rule, learned, scored):
    """No group on both sides, or no learned row as late as the rows it is to judge."""
    (name,) = rule.values()
    assert len(learned)
    assert len(scored)
    before, after = frame.loc[list(learned), name], frame.loc[list(scored), name]
    if "groups" in rule:
        assert not set(before) & set(after)
    else:
        assert before.max() < after.min()


# ---------------------------------------------------------------- parts


@pytest.mark.quick(1)
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("size", [0.2, 0.35])
def test_split_and_smote_keep_to_the_rule(rule, size):
    frame = framed(rule)
    for seed in range(4):
        X_train, X_test, *_ = imb.split(frame, "y", test_size=size, random_state=seed, **rule)
        assert len(X_train) + len(X_test) == N
        assert_kept(frame, rule, X_train.index, X_test.index)
        numbers = frame.select_dtypes("number") if "groups" in rule else frame
        made = imb.smote(
            numbers, "y" if "y" in numbers else frame["y"], test_size=size, random_state=seed, **rule
        )
        real = made.X_train.index[~made.is_synthetic]
        assert_kept(frame, rule, real, made.X_test.index)
        assert set(real) == set(X_train.index)


def test_a_test_set_of_ones_own_that_breaks_the_rule_is_refused():
    frame = framed({"groups": "who"})
    early = frame.iloc[:200]
    with pytest.raises(
        imb.errors.SplitError, match=r"groups of both frames, such as .* out of the test frame"
    ):
        imb.best_threshold(early, "y", groups="who", test=frame.iloc[200:], **QUICK)
    frame = framed({"time": "when"})
    with pytest.raises(imb.errors.SplitError, match="Test on later rows"):
        imb.reliability(frame.iloc[:200], "y", time="when", test=frame.iloc[200:], **QUICK)


# ---------------------------------------------------------------- fits


def threshold(frame, **rule):
    return imb.best_threshold(frame.drop(columns="p"), "y", model=Namer(), preprocess=None, **QUICK, **rule)


def reliability(frame, **rule):
    return imb.reliability(frame.drop(columns="p"), "y", model=Namer(), preprocess=None, **QUICK, **rule)


def cheapest(frame, **rule):
    labels = sorted(frame["y"].unique())
    costs = pd.DataFrame(1.0 - np.eye(len(labels)), labels, labels)
    options = {"model": Namer(), "preprocess": None, "cost": costs} | QUICK
    return imb.best_threshold(frame.drop(columns="p"), "y", **options, **rule)


@pytest.mark.quick(2)
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("verb", [threshold, reliability, cheapest])
def test_every_fit_of_every_verb_keeps_to_the_rule(verb, rule):
    frame = framed(rule, labels=("low", "middle", "top") if verb is cheapest else ("no", "yes"))
    verb(frame, **rule)
    assert len(LEARNED) >= 4  # three folds and the whole training set
    assert len({len(rows) for rows in LEARNED}) > 1
    for learned, scored in zip(LEARNED, SCORED, strict=True):
        assert_kept(frame, rule, learned, scored)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_right_order_of_the_demonstration_keeps_to_the_rule(rule):
    frame = framed(rule).drop(columns="p")
    found = imb.leaks(frame, "y", demonstrate=True, model="naive_bayes", **QUICK, **rule)
    shown = found.demonstration
    index = shown.parts.train.X.index
    assert len(shown.folds.pairs) == 3
    for learned, scored in shown.folds.pairs:
        assert_kept(frame, rule, index[learned], index[scored])


# ---------------------------------------------------------------- thresholds and calibrators


@pytest.fixture
def cut_sides(monkeypatch):
    """Rows whose scores chose each fold's threshold, and rows that it flags."""
    sides, real_tables, real_table = [], cross_fitting.others_tables, ThresholdGrid.table_of
    asked = []

    def table_of(grid, rows):
        asked.append(rows)
        return real_table(grid, rows)

    def others_tables(grid, fold, **options):
        for held_out, table in real_tables(grid, fold, **options):
            sides.append((np.asarray(asked[-1]), fold == held_out))
            yield held_out, table

    monkeypatch.setattr(ThresholdGrid, "table_of", table_of)
    monkeypatch.setattr(search, "others_tables", others_tables)
    return sides


GIVEN = {
    "model": {"model": Namer(), "preprocess": None},
    "scores": {"scores": "p"},
    "scores of all rows": {"scores": "p", "test_size": 0},
}


def rows_that_chose(found):
    scored = found.strategy_scores.scored
    return scored.parts.train.X.index.to_numpy()[scored.folds.ids >= 0]


@pytest.mark.quick(3)
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("given", GIVEN)
def test_the_threshold_of_a_fold_is_chosen_by_rows_that_the_rule_allows(given, rule, cut_sides):
    frame = framed(rule)
    data = frame.drop(columns="p") if given == "model" else frame
    found = imb.best_threshold(data, "y", **GIVEN[given], **QUICK, **rule)
    rows = rows_that_chose(found)
    assert len(cut_sides) >= 3 - ("time" in rule)  # nothing is earlier than the first fold
    for chose, flagged in cut_sides:
        assert_kept(frame, rule, rows[chose], rows[flagged])


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("given", ["model", "scores"])
def test_the_threshold_is_chosen_by_rows_that_the_rule_keeps_from_the_test_set(given, rule):
    frame = framed(rule)
    data = frame.drop(columns="p") if given == "model" else frame
    found = imb.best_threshold(data, "y", **GIVEN[given], **QUICK, **rule)
    rows = rows_that_chose(found)
    assert_kept(frame, rule, rows, found.strategy_scores.scored.parts.test.X.index)
    fresh = found.strategy_scores.scored.parts.train.codes[found.strategy_scores.scored.folds.ids >= 0]
    assert found.found.table.positives == int((fresh == 1).sum())  # those rows and no other


@pytest.fixture
def calibrator_sides(monkeypatch):
    """Rows that each calibrator was fitted on, and rows whose probabilities it calibrates."""
    fitted, sides, real_fit, real_apply = [], [], modeling_calibrators.fit_calibrator, Calibrator.apply

    def fit_calibrator(name, y, p, margin, *more):
        calibrator = real_fit(name, y, p, margin, *more)
        fitted.append((calibrator, rows_of(p)))
        return calibrator

    def apply(calibrator, p, margin=None):
        of = [rows for each, rows in fitted if each is calibrator]
        if of and len(p) > 2:  # two made-up rows are asked whether the order is turned round
            sides.append((of[0], rows_of(p)))
        return real_apply(calibrator, p, margin)

    monkeypatch.setattr(calibrated_scores, "fit_calibrator", fit_calibrator)
    monkeypatch.setattr(Calibrator, "apply", apply)
    return sides


def calibrated(frame, given, rule, calibrators=("sigmoid", "isotonic")):
    data = frame.drop(columns="p") if given == "model" else frame
    return imb.reliability(data, "y", calibrators=calibrators, **GIVEN[given], **QUICK, **rule)


@pytest.mark.quick(2)
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("given", GIVEN)
def test_calibrators_are_fitted_on_rows_that_the_rule_allows(given, rule, calibrator_sides):
    frame = framed(rule)
    found = calibrated(frame, given, rule)
    assert set(found.frame.index.get_level_values("calibrator")) == {"none", "sigmoid", "isotonic"}
    assert len(calibrator_sides) >= 2 * 3
    for learned, scored in calibrator_sides:
        assert_kept(frame, rule, learned, scored)


@pytest.mark.quick(2)
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("given", ["model", "scores"])
def test_calibrators_of_the_test_set_keep_to_the_rule(given, rule, calibrator_sides):
    frame = framed(rule)
    found = calibrated(frame, given, rule)
    (strategy_scores,) = found.scores_by_strategy.values()
    test = set(strategy_scores.scored.parts.test.X.index)
    last = [(learned, scored) for learned, scored in calibrator_sides if set(scored) == test]
    assert len(last) == 2
    for learned, scored in last:
        assert_kept(frame, rule, learned, scored)


WHO = [f"g{each}" for each in np.random.default_rng(0).integers(0, 40, N)]
MIXED = [{0: True, 1: "1"}.get(each, each + 0.5) for each in np.random.default_rng(2).integers(0, 30, N)]
GROUPS = {
    "categories in an order of their own": pd.Categorical(
        WHO, categories=[f"g{i}" for i in (7, *range(7), *range(8, 40))]
    ),
    "categories of several types": pd.Categorical(MIXED),
    "several types": pd.Series(MIXED, dtype=object),
    "sets of several types": pd.Series([frozenset([name]) for name in WHO], dtype=object),
    "tuples": pd.Series([(name, 1) for name in WHO], dtype=object),
    "nullable": pd.array([int(name[1:]) for name in WHO], dtype="Int64"),
}


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", GROUPS)
def test_groups_of_any_kind_are_dealt_as_scikit_learn_deals_them(kind):
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"a": draw.normal(size=300), "y": np.arange(300) % 4 == 0, "who": GROUPS[kind]})
    parts = frame.imb.split("y", groups="who", random_state=4)
    code = execute(parts.snippet(style="full"), df=frame.copy())
    assert list(code["X_test"].index) == list(parts.X_test.index)
    found = frame.imb.fit_eval("y", groups="who", random_state=4, strategies=["none"], **QUICK)
    left = execute(found.snippet(style="full"), df=frame.copy())
    assert left["rows"]["none"]["average_precision"] == pytest.approx(
        found.frame.loc["none", "average_precision"]
    )
    known = (
        pd.factorize(frame["who"].astype(object), sort=True)[0]
        if "types" in kind
        else frame["who"].to_numpy()
    )
    sides = StratifiedGroupKFold(5, shuffle=True, random_state=4).split(frame, frame["y"], known)
    assert list(next(sides)[1]) == list(parts.X_test.index)


@pytest.mark.parametrize("cells", [
    lambda k: pd.Timestamp(2020, 1, 1 + k, tz="UTC" if k % 2 else None),
    lambda k: datetime.date(2020, 1, 1) if k == 3 else pd.Timestamp(2020, 1, 1 + k),
    lambda k: complex(k, 1),
])  # fmt: skip
def test_groups_that_have_no_order_are_refused(cells):
    groups = np.empty(N, dtype=object)
    groups[:] = [cells(int(each)) for each in np.random.default_rng(0).integers(0, 30, N)]
    frame = pd.DataFrame(
        {"a": np.arange(N) / N, "y": np.arange(N) % 4 == 0, "who": pd.Series(groups, dtype=object)}
    )
    for verb in (imb.split, imb.fit_eval):
        with pytest.raises(OptionError, match=r"groups=.who. holds cells of type .*, which cannot be sorted"):
            verb(frame, "y", groups="who")
