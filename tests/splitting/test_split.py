"""The guard: row for row scikit-learn's split, groups and times that never cross, folds of the training set alone."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, TimeSeriesSplit, train_test_split

import imbalance_accessor
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import ImbalanceError, OptionError, SplitError
from imbalance_accessor.splitting.folds import make_folds
from imbalance_accessor.splitting.split import TestPart, TrainPart, divide, group_codes

N = 150
POSITIVE = np.random.default_rng(1).random(N) < 0.15

LABELS = {
    "text": pd.Series(np.where(POSITIVE, "yes", "no")),
    "object": pd.Series(np.where(POSITIVE, "a", "b"), dtype=object),
    "int": pd.Series(np.where(POSITIVE, 7, 3)),
    "bool": pd.Series(POSITIVE),
    "category": pd.Series(pd.Categorical(np.where(POSITIVE, "a", "b"), categories=["z", "b", "a"])),
    "float": pd.Series(POSITIVE * 1.0),
    "boolean": pd.Series(POSITIVE, dtype="boolean"),
    "several": pd.Series(np.where(POSITIVE, "c", np.where(np.arange(N) % 3, "a", "b"))),
}
INDEXES = {
    "range": pd.RangeIndex(N),
    "shuffled": pd.Index(np.random.default_rng(2).permutation(N) * 7),
    "text": pd.Index([f"row {i}" for i in range(N)], name="id"),
    "duplicates": pd.Index(np.arange(N) // 2),
    "levels": pd.MultiIndex.from_product([range(10), range(N // 10)], names=["a", "b"]),
    "dates": pd.date_range("2026-01-01", periods=N),
}


def framed(labels=LABELS["text"], index=None, **columns) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"x": rng.normal(size=N), "text": rng.choice([*"abc"], N), **columns, "y": labels})
    return frame if index is None else frame.set_axis(index)


def parted(frame, test_size=0.2, random_state=0, test=None, **rules):
    features = read_features(frame, "y", **rules, test=test)
    return divide(features, test_size=test_size, random_state=random_state)


def assert_parts(parts, X_train, X_test, y_train, y_test):
    pd.testing.assert_frame_equal(parts.train.X, X_train)
    pd.testing.assert_frame_equal(parts.test.X, X_test)
    pd.testing.assert_series_equal(parts.train.y, y_train)
    pd.testing.assert_series_equal(parts.test.y, y_test)


@pytest.mark.quick(5)
@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("index", INDEXES)
def test_the_split_is_scikit_learns_row_for_row(kind, index):
    frame = framed(LABELS[kind], INDEXES[index])
    X, y = frame.drop(columns="y"), frame["y"]
    for test_size, seed in ((0.2, 0), (0.35, 42), (0.5, 7)):
        stratify = y.astype(object)  # the labels themselves, whatever holds them
        expected = train_test_split(X, y, test_size=test_size, stratify=stratify, random_state=seed)
        parts = parted(frame, test_size, seed)
        assert_parts(parts, *expected)
        for part in (parts.train, parts.test):
            assert [parts.features.target.classes[code] for code in part.codes] == part.y.tolist()


@pytest.mark.parametrize("test_size", [0.1, 0.25, 1 / 3, 0.77])
@pytest.mark.parametrize("seed", [0, 1, 123456789])
def test_other_sizes_and_seeds(test_size, seed):
    frame = framed()
    X, y = frame.drop(columns="y"), frame["y"]
    assert_parts(
        parted(frame, test_size, seed),
        *train_test_split(X, y, test_size=test_size, stratify=y, random_state=seed),
    )


def test_rows_without_a_label_stand_on_neither_side():
    frame = framed(LABELS["object"].mask(np.arange(N) % 10 == 3))
    kept = frame[frame["y"].notna()]
    X, y = kept.drop(columns="y"), kept["y"]
    parts = parted(frame)
    assert_parts(parts, *train_test_split(X, y, test_size=0.2, stratify=y, random_state=0))
    assert [finding.code for finding in parts.findings] == ["IMB201"]


def test_a_series_beside_the_frame_splits_like_a_column():
    frame = framed()
    X, y = frame.drop(columns="y"), frame["y"].rename(None)
    parts = divide(read_features(X, y))
    assert_parts(parts, *train_test_split(X, y, test_size=0.2, stratify=y, random_state=0))


def test_one_class_against_the_rest_stays_stratified_on_the_labels():
    frame = framed(LABELS["several"])
    named, plain = parted(frame, pos_label="c"), parted(frame)
    assert_parts(named, plain.train.X, plain.test.X, plain.train.y, plain.test.y)


def test_a_random_state_of_none_draws_anew():
    frame = framed()
    drawn = {tuple(parted(frame, random_state=None).test.X.index) for _ in range(4)}
    assert len(drawn) > 1


# --- groups


GROUPS = {
    "even": np.arange(N) // 5,
    "text": np.random.default_rng(4).choice([f"g{i}" for i in range(30)], N),
    "skewed": np.minimum(np.random.default_rng(4).geometric(0.1, N), 25),
}


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("test_size", [0.2, 0.33, 0.5])
def test_a_group_never_crosses(name, test_size):
    frame = framed(who=GROUPS[name])
    for seed in (0, 1, 2):
        parts = parted(frame, test_size, seed, groups="who")
        assert not set(parts.train.X["who"]) & set(parts.test.X["who"])
        assert sorted([*parts.train.X.index, *parts.test.X.index]) == list(range(N))
        folds = make_folds(parts, cv=4, random_state=seed)
        who = parts.train.X["who"].to_numpy()
        for learn, evaluated in folds.pairs:
            assert not set(who[learn]) & set(who[evaluated])
            assert sorted([*learn, *evaluated]) == list(range(len(parts.train)))


@pytest.mark.quick(2)
@pytest.mark.parametrize("test_size", [0.01, 0.04, 0.15, 0.25, 0.75, 0.97])
def test_groups_come_near_the_share_asked_for_and_say_what_they_got(test_size):
    n = 800
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=n), "who": np.arange(n) // 4, "y": rng.random(n) < 0.2})
    parts = parted(frame, test_size, groups="who")
    got = len(parts.test) / n
    assert parts.test_share == got
    assert got == pytest.approx(test_size, abs=0.05)
    said = [finding for finding in parts.findings if finding.code == "IMB309"]
    assert bool(said) == (abs(got - test_size) > 0.01)
    for finding in said:
        assert f"holds {got:.1%} of the rows where {test_size:.1%} was asked" in finding.message


def test_groups_are_stratified_as_well_as_they_can():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=1000), "who": np.arange(1000) // 5, "y": rng.random(1000) < 0.1}
    )
    parts = parted(frame, groups="who")
    assert parts.test.y.mean() == pytest.approx(frame["y"].mean(), abs=0.02)


def test_group_folds_are_scikit_learns():
    frame = framed(who=[f"g{i % 30}" for i in range(N)])
    parts = parted(frame, groups="who")
    deal = StratifiedGroupKFold(3, shuffle=True, random_state=9)
    expected = list(deal.split(parts.train.X, parts.train.y, parts.train.X["who"]))
    assert_pairs(make_folds(parts, cv=3, random_state=9).pairs, expected)


def test_too_few_groups_are_refused_with_the_cure():
    with pytest.raises(
        SplitError, match=r"groups='who' has 1 group, and a split needs two\. Leave groups= out\."
    ):
        parted(framed(who=np.zeros(N)), groups="who")


def test_one_group_to_learn_from_makes_no_folds():
    parts = parted(framed(who=np.arange(N) % 2), 0.5, groups="who")
    assert len(set(parts.train.X["who"])) == 1
    with pytest.raises(SplitError, match=r"one group of groups='who'; folds need two"):
        make_folds(parts)


def test_group_codes_are_their_places_in_sort_order():
    assert group_codes(pd.Series(["b", "a", "b", "c"])).tolist() == [1, 0, 1, 2]


# --- time


TIMES = {
    "distinct": np.random.default_rng(5).permutation(N),
    "ties": np.random.default_rng(6).integers(0, 12, N),
    "dates": pd.Series(pd.date_range("2026-01-01", periods=15).repeat(10))
    .sample(frac=1, random_state=0)
    .to_numpy(),
    "fractions": np.round(np.random.default_rng(7).random(N), 1),
    "zoned": pd.date_range("2026-01-01", periods=15, tz="Europe/Berlin").repeat(10),
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("test_size", [0.2, 0.5])
def test_train_comes_before_test_in_split_and_folds(kind, test_size):
    frame = framed(when=TIMES[kind])
    parts = parted(frame, test_size, time="when")
    assert parts.train.X["when"].max() < parts.test.X["when"].min()
    assert sorted([*parts.train.X.index, *parts.test.X.index]) == list(range(N))
    assert list(parts.train.X.index) == sorted(parts.train.X.index)
    folds = make_folds(parts, cv=3)
    when = parts.train.X["when"].reset_index(drop=True)
    for learn, evaluated in folds.pairs:
        assert when[learn].max() < when[evaluated].min()
    scored = np.concatenate([evaluated for _, evaluated in folds.pairs])
    assert len(set(scored)) == len(scored)
    assert (folds.ids[scored] >= 0).all()
    assert (folds.ids == -1).sum() == len(parts.train) - len(scored) > 0


def test_the_threshold_in_time_is_the_nearest_change():
    times = np.repeat([1, 2, 3, 4], [40, 60, 30, 20])
    for test_size in (0.05, 0.13, 0.3, 0.34, 0.6, 0.9):
        parts = parted(framed(when=times), test_size, time="when")
        thresholds = [int((times < when).sum()) for when in (2, 3, 4)]
        assert abs(len(parts.train) - (1 - test_size) * N) == min(
            abs(threshold - (1 - test_size) * N) for threshold in thresholds
        )
        share = len(parts.test) / N
        codes = [finding.code for finding in parts.findings]
        assert ("IMB309" in codes) == (abs(share - test_size) > 0.01)


def test_one_time_has_no_before():
    with pytest.raises(SplitError, match=r"time='when' has one value in all 150 rows"):
        parted(framed(when=np.ones(N)), time="when")
    parts = parted(framed(when=np.arange(N) >= 100), 0.3, time="when")
    with pytest.raises(SplitError, match="has one time, False; folds need two"):
        make_folds(parts)


def test_a_class_that_one_side_of_time_lacks_is_refused_by_name():
    labels = np.where(np.arange(N) < 20, "early", "late")
    with pytest.raises(SplitError, match=r"The test set \(30 rows\) has no row of class 'early'"):
        parted(framed(labels, when=np.arange(N)), time="when")


# --- a test set of your own


def test_an_own_test_set_is_taken_as_it_is():
    frame = framed(LABELS["object"])
    first, second = (
        frame.iloc[:100],
        frame.iloc[100:][["y", "text", "x"]].set_axis([f"t{i}" for i in range(50)]),
    )
    parts = parted(first, test=second)
    assert_parts(parts, first.drop(columns="y"), second[["x", "text"]], first["y"], second["y"])
    assert parts.split_by.own_test
    assert "a frame of your own" in parts.split_by.text


def test_rows_without_a_label_in_an_own_test_set_are_left_out_and_reported():
    frame = framed(LABELS["object"])
    second = frame.iloc[100:].copy()
    second.loc[[110, 111, 112], "y"] = None
    parts = parted(frame.iloc[:100], test=second)
    assert len(parts.test) == 47
    assert not {110, 111, 112} & set(parts.test.X.index)
    (finding,) = parts.findings
    assert finding.code == "IMB201"
    assert "3 of 50 rows" in finding.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda test: test.to_numpy(), "test= must be a DataFrame like the first one, not ndarray"),
        (lambda test: test.drop(columns=["x", "text"]), "The test frame lacks 'x', 'text'"),
        (lambda test: test.drop(columns="y"), "The test frame lacks 'y'"),
        (lambda test: test.assign(y="maybe"), "one class, 'maybe'"),
        (
            lambda test: test.assign(y=np.where(test["x"] > 0, "maybe", "no")),
            "that the first one lacks: 'maybe'",
        ),
        (lambda test: test.iloc[:0], "has no rows"),
        (lambda test: test.assign(y=None), "all 50 cells are missing"),
        (lambda test: pd.concat([test, test[["x"]]], axis=1), "'x'"),
    ],
)
def test_an_own_test_set_that_does_not_fit_is_refused(change, said):
    frame = framed()
    with pytest.raises(ImbalanceError, match=said):
        parted(frame.iloc[:100], test=change(frame.iloc[100:]))


# --- refusals


@pytest.mark.parametrize("test_size", [0, 1, 1.0, 0.0, -0.2, 1.5, 20, "0.2", None, True, float("nan"), [0.2]])
def test_a_share_out_of_range_is_refused(test_size):
    with pytest.raises(
        OptionError,
        match=r"test_size=.* (must be a share between 0 and 1|holds nothing out.*)\. Use test_size=0\.2\.",
    ):
        parted(framed(), test_size)


@pytest.mark.parametrize("seed", ["0", 1.5, True, -1, 2**32, np.random.default_rng(0)])
def test_a_seed_that_cannot_be_replayed_is_refused(seed):
    with pytest.raises(
        OptionError, match=r"must be a whole number from 0 to .* so that the split can be replayed"
    ):
        parted(framed(), random_state=seed)


def test_a_class_with_one_row_is_named_with_the_cure():
    labels = ["no"] * (N - 2) + ["once", "only"]
    with pytest.raises(
        SplitError, match=r"'y' has one row of class 'once', 'only'; a split needs two.*Merge classes"
    ):
        parted(framed(labels))


def test_the_line_that_drops_classes_with_one_row_is_the_errors_own():
    frame = pd.DataFrame({"x": np.arange(7.0), "y": ["a", "a", "a", "b", "b", "b", "c"]})
    for data, target in ((frame, "y"), (frame[["x"]], frame["y"])):
        with pytest.raises(
            SplitError, match=r"one row of class 'c'.*Drop such rows, or merge classes\."
        ) as caught:
            imbalance_accessor.split(data, target)
        space = {"df": data, "y": target}
        exec(caught.value.fix.lines, space)
        assert len(imbalance_accessor.split(space["df"], space["y"]).y_train) == 4


@pytest.mark.parametrize("test_size", [0.001, 0.005, 0.995])
def test_a_part_smaller_than_the_classes_is_refused(test_size):
    with pytest.raises(SplitError, match=r"leaves a set smaller than the 2 classes"):
        parted(framed(), test_size)


def test_a_class_too_small_for_both_sides_is_named():
    labels = ["no"] * (N - 2) + ["rare"] * 2
    with pytest.raises(SplitError, match=r"The test set \(15 rows\) has no row of class 'rare'"):
        parted(framed(labels), 0.1)


# --- folds


def assert_pairs(found, expected):
    for (learn, evaluated), (other_learn, other_judged) in itertools.zip_longest(found, expected):
        np.testing.assert_array_equal(learn, other_learn)
        np.testing.assert_array_equal(evaluated, other_judged)


@pytest.mark.parametrize("kind", LABELS)
def test_folds_are_scikit_learns_on_the_training_set(kind):
    parts = parted(framed(LABELS[kind]))
    for cv, seed in ((5, 0), (3, 42)):
        deal = StratifiedKFold(cv, shuffle=True, random_state=seed)
        expected = list(
            deal.split(parts.train.X, parts.train.y.astype(object).to_numpy(dtype=LABEL_TYPES[kind]))
        )
        folds = make_folds(parts, cv=cv, random_state=seed)
        assert_pairs(folds.pairs, expected)
        assert (len(folds), folds.made, folds.findings) == (cv, cv, ())
        for fold, (_, evaluated) in enumerate(expected):
            assert (folds.ids[evaluated] == fold).all()


LABEL_TYPES = {
    kind: {"int": int, "bool": bool, "boolean": bool, "float": float}.get(kind, str) for kind in LABELS
}


def test_folds_of_one_class_against_the_rest_are_dealt_by_that_class():
    parts = parted(framed(LABELS["several"]), pos_label="c")
    expected = StratifiedKFold(5, shuffle=True, random_state=0).split(parts.train.X, parts.train.y == "c")
    assert_pairs(make_folds(parts).pairs, expected)


def test_folds_are_lowered_to_the_rarest_class_and_say_so():
    parts = parted(framed(np.where(np.arange(N) < 5, "rare", "no")))
    rarest = int((parts.train.y == "rare").sum())
    folds = make_folds(parts, cv=10)
    assert len(folds) == rarest == 4
    (finding,) = folds.findings
    assert finding.code == "IMB301"
    assert finding.message == "4 folds instead of 10: the training set has 4 rows of the rarest class."


def test_folds_are_lowered_to_the_groups():
    parts = parted(framed(who=np.arange(N) % 4), 0.25, groups="who")
    folds = make_folds(parts, cv=5)
    assert len(folds) == parts.train.X["who"].nunique() == 3
    assert folds.findings[0].code == "IMB301"


def test_folds_that_lack_a_class_are_dropped_and_say_so():
    when = np.arange(N)
    labels = np.where((when % 10 == 7) & (when > 30), "rare", "no")
    parts = parted(framed(labels, when=when), 0.2, time="when")
    folds = make_folds(parts, cv=5)
    train_y = parts.train.y.to_numpy()
    every = list(TimeSeriesSplit(5).split(train_y))
    expected = [pair for pair in every if all(len(set(train_y[side])) == 2 for side in pair)]
    assert_pairs(folds.pairs, expected)
    assert (folds.made, len(folds)) == (5, len(expected)) == (5, 4)
    assert [finding.code for finding in folds.findings] == ["IMB311"]
    assert folds.findings[0].message == "1 of 5 folds lacks a class on one side and is dropped."


def test_one_row_of_a_class_to_learn_from_makes_no_folds():
    parts = parted(framed(np.where(np.arange(N) < 2, "rare", "no")), 0.5)
    with pytest.raises(
        SplitError, match=r"has 1 row of the rarest class of 'y'; out-of-fold scores need two"
    ):
        make_folds(parts)


@pytest.mark.parametrize("cv", [1, 0, -3, 2.0, "5", True, None])
def test_a_number_of_folds_that_is_none_is_refused(cv):
    with pytest.raises(
        OptionError, match=r"cv=.* must be a whole number of folds, 2 or more\. Use cv=[25]\."
    ):
        make_folds(parted(framed()), cv=cv)


# --- the guard itself


def test_the_frame_is_not_changed_by_any_rule():
    frame = framed(who=np.arange(N) % 30, when=np.arange(N), index=INDEXES["levels"])
    frame.attrs["source"] = "survey"
    before, attrs = pd.util.hash_pandas_object(frame), dict(frame.attrs)
    dtypes, names = frame.dtypes.copy(), list(frame.columns)
    for rules in ({}, {"groups": "who"}, {"time": "when"}):
        parts = parted(frame, **rules)
        make_folds(parts)
        parts.train.X["new"] = 1  # what is done to a part stays there
        parts.test.X.iloc[:, 0] = 0
    pd.testing.assert_series_equal(pd.util.hash_pandas_object(frame), before)
    pd.testing.assert_series_equal(frame.dtypes, dtypes)
    assert (list(frame.columns), dict(frame.attrs)) == (names, attrs)


def test_the_test_set_has_no_method_that_changes_rows():
    own = {name for name in dir(TestPart) if not name.startswith("_")}
    assert own == {"rows"}
    assert not issubclass(TestPart, TrainPart)


def test_the_rule_is_enough_to_do_it_again():
    parts = parted(framed(who=np.arange(N) % 30), 0.3, 7, groups="who")
    assert parts.split_by.text == "test_size=0.3, random_state=7, groups='who'"
    again = divide(
        parts.features, test_size=parts.split_by.test_size, random_state=parts.split_by.random_state
    )
    assert_parts(again, parts.train.X, parts.test.X, parts.train.y, parts.test.y)


def test_what_models_learn_is_worked_out_once():
    frame = pd.DataFrame({"x": np.arange(90.0), "y": np.arange(90) % 3})
    parts = divide(read_features(frame, "y", pos_label=2))
    assert parts.train_outcome is parts.train_outcome
    assert parts.train_outcome.tolist() == (parts.train.y == 2).astype(int).tolist()
    assert parts.test_outcome.tolist() == (parts.test.y == 2).astype(int).tolist()
