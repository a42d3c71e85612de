"""Samplers: which one the columns call for, how many rows it makes, which of them are real."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import (
    ADASYN,
    SMOTE,
    SMOTEN,
    SMOTENC,
    SVMSMOTE,
    BorderlineSMOTE,
    KMeansSMOTE,
    RandomOverSampler,
)
from imblearn.under_sampling import ClusterCentroids, EditedNearestNeighbours, NearMiss, RandomUnderSampler

import imbalance_accessor as imb
from imbalance_accessor.data.column_kinds import Columns
from imbalance_accessor.errors import ModelError, OptionError
from imbalance_accessor.modeling.by_code import estimator_by_code, sampler_by_label
from imbalance_accessor.modeling.own_samplers import (
    check_sampler,
    check_sampling_strategy,
    with_affordable_neighbours,
)
from imbalance_accessor.modeling.samplers import (
    affordable_neighbours,
    copies,
    resample,
    rows_short,
    sampler_for_one_row,
    takes_categories,
)
from imbalance_accessor.modeling.sampling_ratio import Ratio, read_ratio, strategy_of, wanted_rows
from imbalance_accessor.modeling.strategies import TABLE, SamplerContext, kinds

NUMBERS = Columns(("a", "b"), ("a", "b"), ())
MIXED = Columns(("a", "c"), ("a",), ("c",))
TEXT = Columns(("c", "d"), (), ("c", "d"))


@pytest.mark.parametrize(
    ("kind", "columns", "encoded", "expected"),
    [
        ("smote", NUMBERS, False, SMOTE(random_state=3)),
        ("smote", MIXED, False, SMOTENC(["c"], random_state=3)),
        ("smote", TEXT, False, SMOTEN(random_state=3)),
        ("smote", MIXED, True, SMOTE(random_state=3)),
        ("smote", TEXT, True, SMOTE(random_state=3)),
        ("borderline", NUMBERS, False, BorderlineSMOTE(random_state=3)),
        ("adasyn", NUMBERS, False, ADASYN(random_state=3)),
        ("oversample", MIXED, False, RandomOverSampler(random_state=3)),
        ("undersample", TEXT, False, RandomUnderSampler(random_state=3)),
        ("smote_tomek", NUMBERS, False, SMOTETomek(random_state=3)),
        ("smote_enn", NUMBERS, False, SMOTEENN(random_state=3)),
    ],
)
def test_the_sampler_of_a_kind(kind, columns, encoded, expected):
    made = TABLE[kind].sampler(SamplerContext(columns, random_state=3, encoded=encoded))
    assert type(made) is type(expected)
    assert str(made.get_params()) == str(expected.get_params())


@pytest.mark.parametrize("kind", kinds())
def test_neighbours_and_strategy_reach_the_sampler(kind):
    made = TABLE[kind].sampler(SamplerContext(NUMBERS, k_neighbors=2, sampling_strategy=0.5))
    assert made.sampling_strategy == 0.5
    params = made.get_params(deep=True)
    inner = params.get("smote")
    if inner is not None:
        assert (inner.k_neighbors, inner.sampling_strategy) == (2, 0.5)
    elif not copies(made):
        assert params["n_neighbors" if kind == "adasyn" else "k_neighbors"] == 2


def test_what_copies_and_what_takes_categories():
    assert copies(RandomOverSampler())
    assert copies(RandomUnderSampler())
    assert not copies(RandomOverSampler(shrinkage=0.1))
    assert not copies(SMOTE())
    assert not copies("oversample")
    assert takes_categories(SMOTEN())
    assert takes_categories(SMOTENC(["c"]))
    assert not takes_categories(SMOTE())


@pytest.mark.parametrize("asked", [1, 3, 5])
@pytest.mark.parametrize("fewest", range(1, 8))
def test_neighbours_stay_below_the_rows(asked, fewest):
    k, findings = affordable_neighbours(asked, fewest)
    assert k == min(asked, fewest - 1)  # a row is no neighbour of itself
    assert [finding.code for finding in findings] == ([] if k == asked else ["IMB302"])
    for finding in findings:
        assert finding.message.startswith(
            f"{k} neighbour{'' if k == 1 else 's'} instead of {asked}: the rarest class has {fewest} "
            f"row{'' if fewest == 1 else 's'} to learn from"
        )


@pytest.mark.parametrize("fewest", [2, 3, 6])
def test_lowered_neighbours_are_enough_for_imbalanced_learn(fewest):
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.arange(40) < fewest
    k, _ = affordable_neighbours(5, fewest)
    SMOTE(k_neighbors=k).fit_resample(X, y)
    with pytest.raises(ValueError, match="Expected n_neighbors"):
        SMOTE(k_neighbors=k + 1).fit_resample(X, y)


def test_neighbours_of_ones_own_sampler_are_lowered_in_a_copy():
    own = SMOTE(k_neighbors=4, random_state=1)
    lowered, findings = with_affordable_neighbours(own, 3)
    assert (lowered.k_neighbors, own.k_neighbors, lowered.random_state) == (2, 4, 1)
    assert [finding.code for finding in findings] == ["IMB302"]
    assert with_affordable_neighbours(own, 50)[1] == []
    assert with_affordable_neighbours(RandomOverSampler(), 1)[1] == []


def test_one_row_is_copied():
    sampler, (finding,) = sampler_for_one_row(4, 0.5)
    assert copies(sampler)
    assert (sampler.random_state, sampler.sampling_strategy) == (4, 0.5)
    assert finding.code == "IMB303"


# --- how many rows


@pytest.mark.parametrize(
    ("given_ratio", "share"),
    [
        (1, 1.0),
        (1.0, 1.0),
        (0.5, 0.5),
        ("1:3", 1 / 3),
        ("2:3", 2 / 3),
        ("1:1", 1.0),
        ("0.5", 0.5),
        (" 1 : 4 ", 0.25),
    ],
)
def test_a_ratio_is_read(given_ratio, share):
    assert read_ratio(given_ratio) == Ratio(share)


def test_a_ratio_of_rows_by_label_is_read():
    assert read_ratio({np.int64(1): 30}).rows == {1: 30}


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(2, 400), min_size=2, max_size=5), st.integers(1, 10), st.booleans())
def test_wanted_rows_are_what_imbalanced_learn_then_makes(rows, parts, under):
    rows = np.array(rows)
    classes = tuple(range(len(rows)))
    ratio = read_ratio(f"1:{parts}")
    wanted = wanted_rows(ratio, classes, rows, under=under)
    if under:
        assert wanted.tolist() == [min(count, rows.min() * parts) for count in rows]
    else:
        assert wanted.tolist() == [max(count, rows.max() // parts) for count in rows]
    if (wanted == rows).all():
        return
    strategy = strategy_of(ratio, list(classes), rows, wanted)
    codes = np.repeat(classes, rows)
    sampler = (RandomUnderSampler if under else RandomOverSampler)(sampling_strategy=strategy, random_state=0)
    _, made = sampler.fit_resample(np.arange(len(codes)).reshape(-1, 1), codes)
    assert np.bincount(made).tolist() == wanted.tolist()


def test_the_strategy_is_written_in_its_plainest_form():
    rows = np.array([90, 10])
    assert strategy_of(Ratio(1.0), [0, 1], rows, np.array([90, 90])) == "auto"
    assert strategy_of(Ratio(0.5), [0, 1], rows, np.array([90, 45])) == 0.5
    assert strategy_of(Ratio(rows={1: 50}), [0, 1], rows, np.array([90, 50])) == {1: 50}
    several = np.array([90, 60, 10])
    assert strategy_of(Ratio(0.5), [0, 1, 2], several, np.array([90, 60, 45])) == {2: 45}


# --- which rows are real

N = 60
CODES = (np.arange(N) % 6 == 0).astype(np.intp)
ROWS = pd.DataFrame(np.random.default_rng(1).normal(size=(N, 3)) + CODES[:, None], columns=[*"abc"])
EVERY = [
    SMOTE(random_state=0),
    BorderlineSMOTE(random_state=0),
    ADASYN(random_state=0),
    SMOTETomek(random_state=0),
    SMOTEENN(random_state=0),
    RandomOverSampler(random_state=0),
    RandomOverSampler(random_state=0, shrinkage=0.5),
    RandomUnderSampler(random_state=0),
    RandomUnderSampler(random_state=0, replacement=True, sampling_strategy={0: 50}),
    ClusterCentroids(random_state=0),
    EditedNearestNeighbours(),
    NearMiss(),
]


@pytest.mark.parametrize("sampler", EVERY, ids=repr)
@pytest.mark.parametrize("twins", [False, True])
def test_an_origin_is_a_row_of_the_same_cells_and_class(sampler, twins):
    X, codes = ROWS.copy(), CODES
    if twins:
        X.iloc[7] = X.iloc[1]
        X.iloc[6] = X.iloc[12]
    before = X.copy()
    made = resample(sampler, X, codes)
    pd.testing.assert_frame_equal(X, before)
    assert len(made.X) == len(made.codes) == len(made.train_row)
    kept = made.train_row[made.train_row >= 0]
    assert len(set(kept)) == len(kept)
    np.testing.assert_array_equal(made.X.to_numpy()[made.train_row >= 0], X.to_numpy()[kept])
    np.testing.assert_array_equal(made.codes[made.train_row >= 0], codes[kept])
    # a row that is not among the train rows was made; one that is there as often was not
    seen = set(map(tuple, X.to_numpy()))
    new = sum(tuple(cells) not in seen for cells in made.X.to_numpy())
    copied = len(made.X) - new - len(kept)
    assert (made.train_row == -1).sum() == new + copied
    if not isinstance(sampler, RandomOverSampler | RandomUnderSampler) and not twins:
        assert copied == 0


def test_a_sampler_is_not_fitted_by_its_work():
    sampler = SMOTE(random_state=0)
    first, second = resample(sampler, ROWS, CODES), resample(sampler, ROWS, CODES)
    check_sampler(sampler, "kind")
    pd.testing.assert_frame_equal(first.X, second.X)


SEPARATE = ROWS.assign(a=ROWS["a"] + 1_000 * CODES)


@pytest.mark.parametrize(
    ("sampler", "X", "says"),
    [
        (SMOTE(k_neighbors=30), ROWS, r"a search for neighbours needs 31 rows, and has \d+"),
        (SMOTENC(["d"]), ROWS, r"its categorical_features=\['d'\] are not all columns"),
        (SMOTENC([]), ROWS, "it needs categorical columns, and its categorical_features name none"),
        (SMOTENC(["a", "b", "c"]), ROWS, "it needs a numeric column"),
        (SMOTE(), ROWS.assign(c="x"), "it takes numbers only, and 'c' holds categories"),
        (ADASYN(), SEPARATE, "no row of the class that is to grow has a row of another class near"),
        (KMeansSMOTE(cluster_balance_threshold=1.0, random_state=0), ROWS, "no cluster holds enough rows"),
        (SMOTE(sampling_strategy={7: 90}), ROWS, "its sampling_strategy names 7, and no row has that label"),
        (
            SMOTE(sampling_strategy={0: 1}),
            ROWS,
            r"its sampling_strategy wants 1 rows of a class that has \d+",
        ),
    ],
)
def test_what_a_sampler_cannot_do_is_said_in_words(sampler, X, says):
    with pytest.raises(ModelError, match=rf"^{type(sampler).__name__} cannot work on these rows: {says}"):
        resample(sampler, X, CODES)


def test_the_first_cure_that_works_is_offered():
    others = [("smote", SMOTE(random_state=0)), ("oversample", RandomOverSampler())]
    for sampler, X, fix in (
        (ADASYN(random_state=0), SEPARATE, "kind='smote'"),
        (SMOTE(), ROWS.assign(c="x"), "kind='oversample'"),
        (BorderlineSMOTE(m_neighbors=900), ROWS, f"kind=BorderlineSMOTE(m_neighbors={len(ROWS) - 1})"),
    ):
        with pytest.raises(ModelError) as caught:
            resample(sampler, X, CODES, given=sampler, others=others)
        assert str(caught.value.fix) == fix


@pytest.mark.parametrize("sampler", [BorderlineSMOTE(), SVMSMOTE(random_state=0)])
def test_rows_that_were_not_made_are_counted(sampler):
    rows = np.bincount(CODES)
    made = resample(sampler, SEPARATE, CODES)
    asked = int(rows.max() - rows[1])
    expected = (asked, int((made.codes == 1).sum() - rows[1]))
    assert made.short == {1: expected}
    assert expected[1] < 0.95 * asked
    assert rows_short(sampler, SEPARATE, np.where(CODES, "yes", "no")) == {"yes": expected}
    assert resample(SMOTE(), SEPARATE, CODES).short == {}


@pytest.mark.parametrize("kind", [SMOTE, SMOTETomek, RandomUnderSampler])
def test_a_fitted_sampler_is_refused(kind):
    sampler = kind()
    check_sampler(sampler, "kind")
    sampler.fit_resample(ROWS, CODES)
    with pytest.raises(OptionError, match=rf"The sampler {kind.__name__} is fitted already.*sklearn\.clone"):
        check_sampler(sampler, "kind")


@pytest.mark.parametrize("thing", ["smoth", SMOTE, None, 3, ROWS])
def test_what_is_no_sampler_is_refused(thing):
    with pytest.raises(OptionError, match=r"is no sampler\. Known kinds: 'smote'"):
        check_sampler(thing, "kind")


def test_labels_of_ones_own_sampler_become_codes():
    classes = ("no", "yes")
    assert estimator_by_code(SMOTE(sampling_strategy={"yes": 9}), classes).sampling_strategy == {1: 9}
    assert estimator_by_code(
        EditedNearestNeighbours(sampling_strategy=["no"]), classes
    ).sampling_strategy == [0]
    for strategy in ("auto", "minority", 0.5):
        assert estimator_by_code(SMOTE(sampling_strategy=strategy), classes).sampling_strategy == strategy


@pytest.mark.parametrize("labels", [("no", "yes"), (3, 8), (False, True), (("a", 1), ("b", 2))])
def test_a_function_is_called_with_labels(labels):
    codes = np.array([0] * 6 + [1] * 3)

    def grown(y):
        assert sorted(set(y)) == sorted(labels)
        return {labels[1]: int((pd.Series(list(y)) == labels[0]).sum()) - 1}

    sampler = estimator_by_code(RandomOverSampler(sampling_strategy=grown, random_state=0), labels)
    made = resample(sampler, ROWS.iloc[:9], codes)
    assert np.bincount(made.codes).tolist() == [6, 5]
    assert sampler_by_label(sampler, labels).sampling_strategy is grown


TWO = {"no": 100, "yes": 20}
THREE = {**TWO, "maybe": 10}


@pytest.mark.parametrize(
    ("sampler", "rows", "says", "mended"),
    [
        (SMOTE(sampling_strategy={"maybe": 100}), TWO, "'maybe' is not among the labels 'no', 'yes'", None),
        (SMOTE(sampling_strategy={"Yes": 100}), TWO, "Did you mean 'yes'", {"yes": 100}),
        (EditedNearestNeighbours(sampling_strategy=["nO"]), TWO, "Did you mean 'no'", ["no"]),
        (
            SMOTE(sampling_strategy={"no": 50, "yes": 60}),
            TWO,
            "'no' has 100 rows .* cannot shrink to 50",
            {"yes": 60},
        ),
        (SMOTE(sampling_strategy={"yes": 90.0}), TWO, "whole numbers. Round them", {"yes": 90}),
        (SMOTE(sampling_strategy={"yes": 9}), TWO, "'yes' has 20 rows", "auto"),
        (
            NearMiss(sampling_strategy={"no": 900}),
            TWO,
            "'no' has 80 rows .* cannot grow to 900 by NearMiss",
            "auto",
        ),
        (
            SMOTE(sampling_strategy=0.1),
            TWO,
            r"less even than the rows .* already, 0\.2, and SMOTE only adds",
            "auto",
        ),
        (NearMiss(sampling_strategy=0.1), TWO, r"already, 0\.2, and NearMiss only drops", "auto"),
        (SMOTE(sampling_strategy=0.5), THREE, "for two classes, and these are 3", {"yes": 50, "maybe": 50}),
        (NearMiss(sampling_strategy=0.5), THREE, "for two classes", {"no": 16}),
    ],
)
def test_a_sampling_strategy_that_cannot_be_is_refused(sampler, rows, says, mended):
    fold = {label: count * 4 // 5 for label, count in rows.items()}
    with pytest.raises(OptionError, match=says) as caught:
        check_sampling_strategy(sampler, [rows, fold], "kind")
    fix = caught.value.fix
    assert (fix.options["kind"].sampling_strategy if fix else None) == mended
    if fix:
        check_sampling_strategy(fix.options["kind"], [rows, fold], "kind")


def test_kinds_are_those_that_are_named():
    assert kinds() == [
        "smote",
        "borderline",
        "adasyn",
        "oversample",
        "undersample",
        "smote_tomek",
        "smote_enn",
    ]
    for kind, columns in itertools.product(kinds(), (NUMBERS,)):
        assert hasattr(TABLE[kind].sampler(SamplerContext(columns)), "fit_resample")


def test_a_fit_says_in_words_why_its_sampler_failed():
    df = SEPARATE.assign(y=np.where(CODES, "yes", "no"))
    given = [ADASYN(random_state=0), BorderlineSMOTE(random_state=0)]
    found = imb.fit_eval(df, "y", strategies=given, model="naive_bayes", cv=2, progress=False)
    said = {each.code: each.message for each in found.findings}
    assert "ADASYN cannot work on these rows: no row of the class that is to grow has" in said["IMB305"]
    rows = np.bincount(found.scored.train_codes)
    assert (
        f"'BorderlineSMOTE' made none of the {rows.max() - rows.min()} rows wanted of class 'yes'"
        in said["IMB320"]
    )


def test_a_column_may_be_named_by_its_place_or_a_mask():
    df = ROWS.assign(c=np.resize(["u", "v"], N), y=np.where(CODES, "yes", "no"))
    expected = imb.smote(df, "y", kind=SMOTENC(["c"], random_state=0))
    for named in ([2], [False, False, True]):
        found = imb.smote(df, "y", kind=SMOTENC(named, random_state=0))
        pd.testing.assert_frame_equal(found.X_train, expected.X_train)
    whole = df.assign(c=np.resize([0.0, 1.0], N))
    made = imb.smote(whole, "y", kind=SMOTENC(["c"], random_state=0))
    assert set(made.X_train["c"]) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda _: 3, "must return a dict of rows by label; got 3"),
        (lambda _: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_a_function_that_fails_is_named(function, says):
    df = ROWS.assign(y=np.where(CODES, "yes", "no"))
    with pytest.raises(OptionError, match=f"sampling_strategy: the function {says}"):
        imb.smote(df, "y", kind=SMOTE(sampling_strategy=function))


def test_a_function_of_the_users_stands_in_the_snippet():
    df = ROWS.assign(y=np.where(CODES, "yes", "no"))
    found = imb.smote(df, "y", kind=SMOTE(sampling_strategy=lambda y: {"yes": 40}, random_state=0))
    assert found.frame.loc["yes", "after"] == 40
    assert "OfLabels" not in str(found.snippet(style="full"))
