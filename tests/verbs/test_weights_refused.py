"""Labels by which estimators refuse class weights (IMB212): who refuses, and the line that mends the labels."""

from __future__ import annotations

import datetime
from inspect import signature

import numpy as np
import pandas as pd
import pytest
from imblearn import ensemble as samplers_inside
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import all_estimators

import imbalance_accessor  # noqa: F401  (registers df.imb)

IS_RARE = np.arange(80) % 4 == 0
X = pd.DataFrame(np.random.default_rng(0).normal(size=(80, 2)) + IS_RARE[:, None], columns=["a", "b"])
#: Every classifier that takes ``class_weight=``; the nu of NuSVC has a bound of its own that weights move.
TAKERS = {
    name: kind
    for name, kind in [
        *all_estimators("classifier"),
        *((name, getattr(samplers_inside, name)) for name in samplers_inside.__all__),
    ]
    if "class_weight" in signature(kind).parameters and name != "NuSVC"
}


def labels(common, rare, dtype=object):
    cells = np.empty(len(X), dtype=object)
    cells[:] = [rare if each else common for each in IS_RARE]
    return pd.Series(cells, dtype=object).astype(dtype)


def arrow():
    return pd.ArrowDtype(pytest.importorskip("pyarrow").string())


NUMBER_LIKE = {
    "objects": lambda: labels("0", "1"),
    "str": lambda: labels("1", "2", str),
    "string": lambda: labels("1", "2", "string[python]"),
    "category": lambda: labels("1", "2", "category"),
    "pyarrow": lambda: arrow() and labels("1", "2", "string[pyarrow]"),
    "arrow": lambda: labels("01", "02", arrow()),
    "a sign": lambda: labels("-1", "1"),
    "blanks": lambda: labels(" 1", " 2"),
    "one of two": lambda: labels("x", "1"),
    "one number twice": lambda: labels("01", "1"),
    "too long": lambda: labels("1", "9" * 25),
    "some missing": lambda: labels("1", "2").where(np.arange(80) > 3),
}
NO_LABELS = {
    "two types": lambda: labels(1, "0"),
    "a number and a word": lambda: labels(1, "a"),
    "tuples": lambda: labels((1, 2), (3, 4)),
    "dates": lambda: labels(datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)),
    "numbers as objects": lambda: labels(0, 1),
    "truths as objects": lambda: labels(False, True),
    "fractions": lambda: labels(0.5, 2.5).astype("category"),
    "bytes": lambda: labels(b"a", b"b"),
    "intervals": lambda: pd.Series(pd.cut(IS_RARE.astype(int), [-1, 0.5, 2])),
}
TAKEN = {
    "words": lambda: labels("no", "yes"),
    "numbers": lambda: labels(0, 1, int),
    "other numbers": lambda: labels(1, 2, int),
    "whole fractions": lambda: labels(1.0, 2.0, float),
    "truths": lambda: labels(False, True, bool),
    "truths as categories": lambda: labels(False, True, bool).astype("category"),
    "nullable": lambda: labels(1, 2, "Int64"),
    "points": lambda: labels("1.0", "2.0"),
    "words for truths": lambda: labels("False", "True"),
}


def refused_by(weights, y):
    """Return the classifiers that do not take these weights for these labels."""
    labelled = y.notna().to_numpy()
    found = set()
    for name, kind in TAKERS.items():
        try:
            kind(class_weight=dict(weights)).fit(X[labelled], y[labelled])
        except (TypeError, ValueError):
            found.add(name)
    return found


def refusing(found):
    return [finding for finding in found.findings if finding.code == "IMB212"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.quick(3)
@pytest.mark.parametrize("case", NUMBER_LIKE | NO_LABELS | TAKEN)
def test_a_finding_says_when_all_refuse_and_its_line_mends_the_labels(case):
    df = X.assign(y=(NUMBER_LIKE | NO_LABELS | TAKEN)[case]())
    by_code = {"HistGradientBoostingClassifier"}
    weights, found = df.imb.weights("y"), refusing(df.imb.weights("y"))
    refused = refused_by(weights, df["y"])
    assert bool(found) == bool(refused - by_code)
    if not found:
        return
    assert refused == set(TAKERS)
    assert len(found[0].message.split()) < 26
    exec(found[0].fix.lines, {"df": df})
    mended = df.imb.weights("y")
    assert not refusing(mended)
    assert sorted(mended.values()) == sorted(weights.values())
    assert refused_by(mended, df["y"]) <= by_code


@pytest.mark.parametrize("case", ["objects", "arrow", "some missing", "tuples"])
def test_a_series_is_mended_under_its_own_name(case):
    y = (NUMBER_LIKE | NO_LABELS)[case]()
    for ask in (lambda y: y.imb.weights(), lambda y: X.imb.weights(y)):
        space = {"y": y, "pd": pd}
        (finding,) = refusing(ask(y)) or [None]
        if finding is None:  # an old release of scikit-learn, which looks text up as it is
            continue
        exec(finding.fix.lines, space)
        assert not refusing(ask(space["y"]))


def test_the_sentence_names_who_refuses():
    if not refusing(labels("0", "1").imb.weights()):
        pytest.skip("this release of scikit-learn looks text up as it is")
    (finding,) = refusing(X.assign(y=labels("0", "1")).imb.weights("y"))
    assert str(finding) == (
        "IMB212 warning: scikit-learn reads '0', '1' as numbers before it looks weights up: its classifiers with class_weight=, "
        "and imbalanced-learn's BalancedRandomForestClassifier, refuse this dict. "
        "Make numbers of them."
    )
    assert finding.fix.lines == 'df["y"] = df["y"].astype(int)'

    (finding,) = refusing(labels((1, 2), (3, 4)).imb.weights())
    assert str(finding) == (
        "IMB212 warning: The classifiers of scikit-learn, imbalanced-learn and LightGBM take no labels such as (1, 2) "
        "in a column of dtype object, weighted or not. Make numbers of them."
    )
    assert finding.fix.lines == "y = y.map({(1, 2): 0, (3, 4): 1})"

    assert not labels("0", "1").imb.weights(ignore="IMB212").findings


def test_the_card_offers_only_what_runs():
    (call,) = labels("no", "yes").imb.weights()._card().next
    assert call == "LogisticRegression(class_weight=weights)"
    if refusing(labels("0", "1").imb.weights()):
        assert labels("0", "1").imb.weights()._card().next == ()


@pytest.mark.parametrize("pair", [("no", "yes"), (1, 2)])
def test_the_card_says_how_histogram_boosting_takes_them(pair):
    y = labels(*pair, dtype=type(pair[0]))
    weights = y.imb.weights()
    with pytest.raises(ValueError, match="not in class_weight"):
        HistGradientBoostingClassifier(class_weight=weights, max_iter=2).fit(X, y)
    note = weights._card().notes[-1]
    assert note.startswith("HistGradientBoostingClassifier takes them by code: class_weight=")
    given = eval(note.partition("class_weight=")[2].rstrip("."), {"weights": weights})
    own, balanced = (
        HistGradientBoostingClassifier(class_weight=each, max_iter=2).fit(X, y)
        for each in (given, "balanced")
    )
    np.testing.assert_array_equal(own.predict_proba(X), balanced.predict_proba(X))
    assert len(labels(0, 1, int).imb.weights()._card().notes) == 1


@pytest.mark.parametrize("case", NUMBER_LIKE)
def test_the_code_runs_and_its_model_learns_by_code(case, run):
    df = X.assign(y=NUMBER_LIKE[case]())
    weights = df.imb.weights("y")
    made = run(weights.snippet(style="full"), df=df)
    assert made["class_weight"] == dict(weights)
    labelled = df["y"].notna().to_numpy()
    kind = made["model"].fit(X[labelled], made["codes"])
    plain = LogisticRegression(class_weight="balanced", max_iter=1000).fit(X[labelled], made["codes"])
    np.testing.assert_array_equal(kind.coef_, plain.coef_)
    RandomForestClassifier(3, class_weight=made["weight_by_code"]).fit(X[labelled], made["codes"])
