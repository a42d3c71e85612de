"""What `best_threshold` hands out: a classifier that thresholds, flags, and the same from a comparison; no silent number."""

import math
import pickle
import types

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, train_test_split
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits
from traitlets.config import Config

from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.evaluation import fit
from imbalance_accessor.evaluation import score_folds as scored
from imbalance_accessor.ipython import magic
from imbalance_accessor.metrics.bootstrap import draws_at_most

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"n_jobs": 1, "progress": False, "cv": 2}


def said_of(result):
    """What a result says, but for the calls in its fixes, which are those that were typed."""
    fixes = {line for each in result.findings for line in each.fix.below().splitlines()}
    return [line for line in repr(result).splitlines() if line not in fixes]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1), draws_at_most(200):
        yield


def numbers(n=240, labels=(0, 1), seed=0):
    """Numbers that tell the last label from the others, and a score that is nobody's model's."""
    rng = np.random.default_rng(seed)
    shares = [*[0.75 / (len(labels) - 1)] * (len(labels) - 1), 0.25]
    y = rng.choice(len(labels), n, p=shares)
    X = rng.normal(size=(n, 3)) + 0.8 * y[:, None]
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(n) * 3 + 1)
    cells = pd.Series([labels[place] for place in y], index=frame.index, dtype=object)
    odd = len({type(label) for label in labels}) > 1 or isinstance(labels[0], tuple)
    return frame.assign(y=cells if odd else cells.astype(type(labels[0])))


def given_scores(**options):
    frame = numbers(**options)
    return frame.assign(p=(1 / (1 + np.exp(1.5 - frame["a"] - frame["b"]))).round(2))


def words(**options):
    """The same with a column of text and holes, which no classifier takes raw."""
    frame = numbers(**options)
    place = np.arange(len(frame))
    return frame.assign(
        kind=pd.Series(np.array(["x", "y", "z"])[place % 3], index=frame.index),
        a=frame["a"].mask(place % 11 == 0),
    )


#: A frame, its options, the positive label and the other answers.
CASES = {
    "text": (lambda: words(labels=("no", "yes")), {}, "yes", {"no"}),
    "text, positive first": (lambda: words(labels=("stay", "leave")), {}, "leave", {"stay"}),
    "whole numbers": (words, {"criterion": "mcc"}, 1, {0}),
    "whole numbers, positive first": (lambda: words(labels=(5, 2)), {}, 2, {5}),
    "true and false": (lambda: words(labels=(False, True)), {}, True, {False}),
    "false is the rare one": (lambda: words(labels=(True, False)), {}, False, {True}),
    "two types": (lambda: words(labels=(1, "0")), {}, "0", {1}),
    "two types, the number": (lambda: words(labels=("b", 2)), {}, 2, {"b"}),
    "two types by margins": (lambda: words(labels=(1, "0")), {"model": "svm"}, "0", {1}),
    "tuples": (lambda: words(labels=(("a", 2), ("a", 1))), {}, ("a", 1), {("a", 2)}),
    "the larger class": (
        lambda: words(labels=("no", "yes")),
        {"pos_label": "no", "min_precision": 0.9},
        "no",
        {"yes"},
    ),
    "margins": (words, {"model": "svm", "min_recall": 0.7}, 1, {0}),
    "margins, positive first": (lambda: words(labels=("stay", "leave")), {"model": "svm"}, "leave", {"stay"}),
    "class weights": (lambda: words(labels=("no", "yes")), {"strategy": "class_weight"}, "yes", {"no"}),
    "sample weights": (words, {"model": "naive_bayes", "strategy": "class_weight"}, 1, {0}),
    "smote": (lambda: words(labels=("stay", "leave")), {"strategy": "smote"}, "leave", {"stay"}),
    "one against the rest": (lambda: words(labels=("x", "y", "z")), {"pos_label": "z"}, True, {False}),
    "one against the rest by margins": (
        lambda: words(labels=(3, 1, 2)),
        {"pos_label": 3, "model": "svm"},
        True,
        {False},
    ),
    "features as they are": (numbers, {"preprocess": None}, 1, {0}),
    "costs": (words, {"cost": {"fp": 1, "fn": 6}}, 1, {0}),
}


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", CASES)
def test_the_model_thresholds_raw_rows_in_the_labels_own_words(case):
    make, options, positive, others = CASES[case]
    frame = make()
    before = frame.copy()
    t = frame.imb.best_threshold("y", **QUICK | options)
    model = t.model()
    assert isinstance(model, FixedThresholdClassifier)
    check_is_fitted(model)
    rows = frame[frame.columns[::-1]]  # the target among them, the columns in another order
    said = model.predict(rows)
    assert set(said.tolist()) == {positive} | others
    assert {type(each) for each in said.tolist()} == {type(each) for each in {positive} | others}
    flags = t.apply(rows)
    assert flags.dtype == bool and flags.index.equals(frame.index)
    assert [each == positive for each in said.tolist()] == flags.tolist()
    inner = model.estimator_
    if t.strategy_scores.scored.is_probability:
        scores = inner.predict_proba(rows)[:, list(inner.classes_).index(positive)]
    else:
        sign = 1 if list(inner.classes_).index(positive) == 1 else -1
        scores = sign * inner.decision_function(rows)
    assert flags.tolist() == (scores >= t.value).tolist()
    without = frame.drop(columns="y")
    for again in (model, pickle.loads(pickle.dumps(model))):
        assert again.predict(without).tolist() == said.tolist()
    assert t.apply(without).tolist() == flags.tolist()
    assert t.model(t.strategy_scores.name).predict(without).tolist() == said.tolist()
    pd.testing.assert_frame_equal(frame, before)


def test_what_the_model_flags_is_what_the_report_counts():
    frame = words(labels=("no", "yes"))
    t = frame.imb.best_threshold("y", **QUICK)
    _, test = train_test_split(frame, test_size=0.2, stratify=frame["y"], random_state=0)
    said = t.model().predict(test)
    row = t.report.loc["chosen"]
    assert row["f1"] == pytest.approx(sk.f1_score(test["y"], said, pos_label="yes"))
    assert row["precision"] == pytest.approx(sk.precision_score(test["y"], said, pos_label="yes"))
    tn, fp, fn, tp = sk.confusion_matrix(test["y"], said).ravel()
    assert row[["tn", "fp", "fn", "tp"]].tolist() == [tn, fp, fn, tp]


@pytest.mark.parametrize("kind", [LogisticRegression, LinearSVC])
@pytest.mark.parametrize("labels", [("no", "yes"), ("stay", "leave")])
def test_a_model_fitted_elsewhere_reads_its_own_columns(kind, labels):
    frame, elsewhere = words(labels=labels), numbers(labels=labels, seed=9)
    model = kind().fit(elsewhere[["c", "b"]], elsewhere["y"])
    t = frame.imb.best_threshold("y", model=model, fitted=True, **QUICK)
    given = pickle.loads(pickle.dumps(t.model()))
    check_is_fitted(given)
    assert set(given.predict(frame)) == set(labels)
    margin = model.decision_function(frame[["c", "b"]])
    score = 1 / (1 + np.exp(-margin)) if kind is LogisticRegression else margin
    if labels[1] == "leave":  # it is the first one in sort order
        score = 1 - score if kind is LogisticRegression else -score
    clear = np.abs(score - t.value) > 1e-9
    flags = t.apply(frame)
    assert clear.sum() >= len(frame) - 2 and 0 < flags.sum() < len(frame)
    assert flags[clear].tolist() == (score >= t.value)[clear].tolist()
    assert ((given.predict(frame) == labels[1]) == flags).all()
    with pytest.raises(OptionError, match="lacks"):
        t.apply(frame.drop(columns="b"))


@pytest.mark.slow
def test_a_limit_out_of_reach_is_no_number():
    frame = numbers()
    t = frame.imb.best_threshold("y", min_precision=1.0, min_recall=0.99, **QUICK)
    assert not t.feasible and math.isnan(t.value) and math.isnan(float(t))
    first = repr(t).split("\n\n")[0].replace("\n", " ")
    assert first.startswith("No threshold keeps a precision of at least 1 and a recall of at least 0.99")
    for call in (t.model, lambda: t.apply(frame)):
        with pytest.raises(ModelError) as caught:
            call()
        assert str(caught.value).startswith(first)
    # the nearest one misses its worst limit by least: recounted at every score
    sides = t.strategy_scores.labelled_scores
    table = {
        threshold: (
            sk.precision_score(sides.y_oof, sides.score_oof >= threshold, zero_division=0),
            sk.recall_score(sides.y_oof, sides.score_oof >= threshold),
        )
        for threshold in set(sides.score_oof)
    }
    missed = {threshold: max(1 - p, 0.99 - r) for threshold, (p, r) in table.items()}
    near = min(
        each for each in missed if each >= t.found.threshold
    )  # the threshold is rounded down within its gap
    assert missed[near] == pytest.approx(min(missed.values()))
    assert (
        f"The nearest is {t.threshold_text}, with precision {table[near][0]:.3f} and recall {table[near][1]:.3f}"
        in first
    )


def test_flag_nobody_is_a_threshold_too():
    frame = numbers().assign(a=0.0, b=1.0)
    frame["c"] = frame["c"].clip(upper=2.5)
    frame.loc[frame.index[frame["y"] == 0][:20], "c"] = 3.0  # whatever rises with c puts these on top
    t = frame.imb.best_threshold("y", cost={"fp": 1000, "fn": 1}, **QUICK)
    assert t.feasible and t.value == float(t) == math.inf
    assert not t.apply(frame).any()
    assert set(t.model().predict(frame)) == {0}
    assert set(pickle.loads(pickle.dumps(t.model())).predict(frame)) == {0}
    assert repr(t).startswith("Flag nobody")
    assert "IMB403" in [each.code for each in t.findings]


@pytest.mark.parametrize("labels", [("no", "yes"), ("stay", "leave")])
def test_scores_that_came_with_the_rows_flag_but_give_no_model(labels):
    frame = given_scores(labels=labels)
    t = frame.imb.best_threshold("y", scores="p", cv=2)
    flags = t.apply(frame[["p"]])
    assert flags.tolist() == [score >= t.value for score in frame["p"]]
    assert flags.index.equals(frame.index) and 0 < flags.sum() < len(frame)
    with pytest.raises(ModelError, match=r"Nothing was fitted.*'p'.*apply"):
        t.model()
    for wrong, why in (
        (frame.assign(p=frame["p"].mask(frame["p"] > 0.9)), "missing"),
        (frame.drop(columns="p"), "'p' is not a column"),
        (frame.assign(p="high"), "numbers"),
        (frame["p"], "DataFrame"),
    ):
        with pytest.raises(OptionError, match=why):
            t.apply(wrong)


def test_no_other_strategy_has_a_model():
    t = numbers().imb.best_threshold("y", **QUICK)
    with pytest.raises(OptionError, match="'smote' is not known"):
        t.model("smote")
    with pytest.raises(OptionError, match="DataFrame"):
        t.apply([[1, 2, 3]])


ASKED = [
    {},
    {"criterion": "f2"},
    {"cost": {"fp": 1, "fn": "amount"}},
    {"min_precision": 0.5},
    {"top_k": 40, "criterion": "f1"},
    {"min_recall": 0.6, "confidence": 0.8},
    {"min_precision": 1.0, "min_recall": 0.99},
]


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["none", "smote", "class_weight"])
def test_a_comparison_thresholds_its_own_scores_and_fits_nothing(strategy, monkeypatch):
    frame = numbers(labels=("stay", "leave")).assign(amount=1.5)
    frame.loc[frame.index[::2], "amount"] = 4.0
    e = frame.imb.fit_eval("y", strategies=["smote", "class_weight"], **QUICK)
    alone = [frame.imb.best_threshold("y", strategy=strategy, **QUICK | asked) for asked in ASKED]

    def refuse(*args, **kwargs):
        raise AssertionError("something was fitted")

    for owner, name in (
        (fit, "fit_and_score"),
        (scored, "fit_and_score"),
        (scored, "run_all"),
        (LogisticRegression, "fit"),
    ):
        monkeypatch.setattr(owner, name, refuse)
    for asked, other in zip(ASKED, alone, strict=True):
        t = e.best_threshold(strategy, **asked)
        assert t.value == other.value or (math.isnan(t.value) and math.isnan(other.value))
        pd.testing.assert_frame_equal(t.report, other.report)
        pd.testing.assert_frame_equal(t.frame, other.frame)
        assert t.threshold_ci.low == other.threshold_ci.low or math.isnan(t.threshold_ci.low)
        if t.feasible:
            assert t.model().predict(frame).tolist() == other.model().predict(frame).tolist()
    assert e.best_threshold(strategy).value == e.frame.loc[strategy, "threshold"]
    assert e.best_threshold().strategy_scores.name == e.best
    with pytest.raises(OptionError, match="'smot'"):
        e.best_threshold("smot")


def test_a_comparison_of_several_classes_has_no_threshold():
    e = numbers(labels=("x", "y", "z")).imb.fit_eval("y", strategies=[], **QUICK)
    with pytest.raises(OptionError, match=r"3 classes.*pos_label"):
        e.best_threshold()


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    config = Config()
    config.HistoryManager.enabled = False
    found = InteractiveShell(
        config=config,
        ipython_dir=str(tmp_path_factory.mktemp("ipython")),
        user_module=types.ModuleType("shell_of_this_test"),
    )
    magic.load_magic(found)
    yield found
    magic.unload_magic(found)
    found.restore_sys_module_state()


FACES = {
    "--cost \"{'fp': 1, 'fn': 5}\"": {"cost": {"fp": 1, "fn": 5}},
    "--cost fp=1,fn=5": {"cost": {"fp": 1, "fn": 5}},
    "--cost fp=1 fn=amount": {"cost": {"fp": 1, "fn": "amount"}},
    "--cost fp:1,fn:0.5": {"cost": {"fp": 1, "fn": 0.5}},
    "--cost \"{'fp': 1, 'fn': 'amount'}\"": {"cost": {"fp": 1, "fn": "amount"}},
    "--min-precision 0.2": {"min_precision": 0.2},
    "--top-k 50": {"top_k": 50},
    "--top-k 0.1": {"top_k": 0.1},
    "--scores p": {"scores": "p"},
    "--scores p --test-size 0": {"scores": "p", "test_size": 0},
    "--criterion f2": {"criterion": "f2"},
    "--beta 0.5": {"beta": 0.5},
    "--min-recall 0.5 --max-flag-rate 0.4 --criterion mcc": {
        "min_recall": 0.5,
        "max_flag_rate": 0.4,
        "criterion": "mcc",
    },
    "--min-precision 0.4 --confidence 0.9 --model naive_bayes": {
        "min_precision": 0.4,
        "confidence": 0.9,
        "model": "naive_bayes",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("line", FACES)
def test_the_magic_and_the_accessor_give_one_threshold(line, shell, capsys):
    frame = given_scores(labels=("no", "yes")).assign(amount=np.arange(240) % 7 + 1.0)
    before = frame.copy()
    shell.user_ns["df"] = frame
    typed = shell.run_cell(f"%imbalance best_threshold df y --cv 2 --n-jobs 1 {line} -o t;")
    typed.raise_error()
    capsys.readouterr()
    by_line, t = shell.user_ns.pop("t"), frame.imb.best_threshold("y", cv=2, **FACES[line])
    assert t.value == by_line.value and t.feasible
    assert t.asked == by_line.asked
    pd.testing.assert_frame_equal(t.report, by_line.report)
    assert repr(t.findings.codes) == repr(by_line.findings.codes)
    assert said_of(t) == said_of(by_line)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--criterion roc_auc", "no threshold is best by it"),
        ("--min-precision two", "--min-precision takes"),
        ("--cost {fp:1}", "--cost"),
        ("--cost \"{'fp': 1}\"", "needs both 'fp' and 'fn'"),
        ("--scores q", "'q' is not a column"),
    ],
)
def test_a_typed_mistake_is_one_line(line, sentence, shell):
    shell.user_ns["df"] = given_scores()
    with pytest.raises(UsageError) as caught:
        magic.run_line(shell, f"best_threshold df y {line}")
    said = str(caught.value).partition("\nFix:")[0]
    assert sentence in said and "\n" not in said
