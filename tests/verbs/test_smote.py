"""`smote` against imbalanced-learn itself on the same training set; the test set stays as it was, bit for bit."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import (
    ADASYN,
    SMOTE,
    SMOTEN,
    SMOTENC,
    SVMSMOTE,
    BorderlineSMOTE,
    RandomOverSampler,
)
from imblearn.under_sampling import ClusterCentroids, RandomUnderSampler, TomekLinks
from sklearn.base import clone
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import FeatureError, ModelError, OptionError, SplitError
from imbalance_accessor.verbs.smote import smote
from imbalance_accessor.verbs.split import split

N = 300
RNG = np.random.default_rng(0)
RARE = np.arange(N) % 10 == 3
NUMBERS = RNG.normal(size=(N, 4)) + RARE[:, None]
TEXTS = {
    "color": np.where(RARE, RNG.choice([*"rg"], N), RNG.choice([*"rgb"], N)),
    "shape": RNG.choice(["round", "long", "flat"], N),
    "flag": RNG.random(N) < 0.4,
}


def numeric(index=None, labels=("no", "yes")) -> pd.DataFrame:
    frame = pd.DataFrame(NUMBERS, columns=[*"abcd"])
    frame["y"] = np.where(RARE, labels[1], labels[0])
    return frame if index is None else frame.set_axis(index)


def mixed() -> pd.DataFrame:
    return numeric().drop(columns=["c", "d"]).assign(**TEXTS)[["color", "a", "shape", "b", "flag", "y"]]


def categorical() -> pd.DataFrame:
    return mixed().drop(columns=["a", "b"])


def train_part(frame, seed=0):
    X, y = frame.drop(columns="y"), frame["y"]
    return train_test_split(X, y, test_size=0.2, stratify=y, random_state=seed)


def assert_rows(found, X, y):
    """The same cells in the same order; imbalanced-learn starts a new index."""
    pd.testing.assert_frame_equal(found.X_train.reset_index(drop=True), X.reset_index(drop=True))
    assert found.y_train.tolist() == y.tolist()
    assert found.X_train.index.equals(found.y_train.index)


KINDS = {
    "auto": (numeric, SMOTE),
    "smote": (numeric, SMOTE),
    "borderline": (numeric, BorderlineSMOTE),
    "adasyn": (numeric, ADASYN),
    "oversample": (numeric, RandomOverSampler),
    "undersample": (numeric, RandomUnderSampler),
    "smote_tomek": (numeric, SMOTETomek),
    "smote_enn": (numeric, SMOTEENN),
}
CATEGORIES = {
    "mixed": (mixed, lambda **given: SMOTENC(["color", "shape", "flag"], **given)),
    "categorical": (categorical, SMOTEN),
}


@pytest.mark.quick(6)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 42])
def test_each_kind_is_imbalanced_learns_own(kind, seed):
    make, sampler = KINDS[kind]
    frame = make()
    X_train, X_test, y_train, y_test = train_part(frame, seed)
    found = smote(frame, "y", kind=kind, random_state=seed)
    assert_rows(found, *sampler(random_state=seed).fit_resample(X_train, y_train))
    pd.testing.assert_frame_equal(found.X_test, X_test)
    pd.testing.assert_series_equal(found.y_test, y_test)


@pytest.mark.parametrize("columns", CATEGORIES)
@pytest.mark.parametrize("seed", [0, 42])
def test_auto_takes_the_sampler_that_the_columns_call_for_and_says_so(columns, seed):
    make, sampler = CATEGORIES[columns]
    frame = make()
    X_train, _, y_train, _ = train_part(frame, seed)
    found = smote(frame, "y", random_state=seed)
    assert_rows(found, *sampler(random_state=seed).fit_resample(X_train, y_train))
    (finding,) = [each for each in found.findings if each.code == "IMB310"]
    name = type(sampler()).__name__
    assert f"smote means {name} here" in finding.message
    assert name in repr(found)


@pytest.mark.quick(4)
@pytest.mark.parametrize(
    "sampler",
    [
        SMOTE(k_neighbors=3, random_state=7),
        SMOTE(sampling_strategy={"yes": 100}, random_state=7),
        SMOTE(sampling_strategy=0.5, random_state=7),
        SVMSMOTE(random_state=7),
        RandomOverSampler(random_state=7, shrinkage=0.3),
        RandomOverSampler(sampling_strategy={"yes": 50}, random_state=7),
        RandomUnderSampler(sampling_strategy={"no": 50}, random_state=7),
        TomekLinks(),
        ClusterCentroids(random_state=7),
        SMOTETomek(random_state=7),
    ],
    ids=lambda sampler: repr(sampler),
)
@pytest.mark.parametrize("labels", [("no", "yes"), (1, 2)])
def test_a_sampler_of_ones_own(run, sampler, labels):
    strategy = sampler.sampling_strategy
    if isinstance(strategy, dict):
        place = {"no": labels[0], "yes": labels[1]}
        given = {place[label]: rows for label, rows in strategy.items()}
        sampler = type(sampler)(**sampler.get_params(deep=False) | {"sampling_strategy": given})
    frame = numeric(labels=labels)
    X_train, X_test, y_train, _ = train_part(frame)
    found = smote(frame, "y", kind=sampler)
    assert_rows(found, *clone(sampler).fit_resample(X_train, y_train))
    pd.testing.assert_frame_equal(found.X_test, X_test)
    real = found.X_train[~found.is_synthetic]
    pd.testing.assert_frame_equal(real, X_train.loc[real.index])
    cells = set(map(tuple, X_train.to_numpy()))
    assert len(real) == len(cells & set(map(tuple, found.X_train.to_numpy())))
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])


def test_the_numbers_everybody_knows():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(1000, 5)), columns=[*"abcde"]).assign(y=[1] * 100 + [0] * 900)
    found = smote(frame, "y")
    assert (len(found.parts.train), len(found.X_test), len(found.X_train)) == (800, 200, 1440)
    assert found.frame.loc[0].tolist() == [720, 720, 0, 0]
    assert found.frame.loc[1].tolist() == [80, 720, 640, 0]
    assert found.is_synthetic.sum() == 640
    assert "800 train rows became 1,440" in repr(found)


# --- which rows are real


INDEXES = {
    "range": pd.RangeIndex(N, name="row"),
    "shuffled": pd.Index(np.random.default_rng(2).permutation(N) * 3 - 50),
    "duplicates": pd.Index(np.arange(N) // 3),
    "text": pd.Index([f"r{i}" for i in range(N)], name="id"),
    "text duplicates": pd.Index([f"r{i // 2}" for i in range(N)]),
    "levels": pd.MultiIndex.from_product([range(30), [*"abcdefghij"]], names=["site", "unit"]),
    "three levels": pd.MultiIndex.from_product([range(30), [*"abcde"], [True, False]]),
    "dates": pd.date_range("2026-01-01", periods=N),
}


@pytest.mark.quick(6)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("index", ["shuffled", "duplicates", "text duplicates", "levels"])
def test_real_rows_keep_their_labels_and_cells_and_made_ones_are_marked(kind, index):
    frame = numeric(INDEXES[index])
    found = smote(frame, "y", kind=kind)
    X_train, _, y_train, _ = train_part(frame)
    made = found.is_synthetic.to_numpy()
    assert found.is_synthetic.index.equals(found.X_train.index)
    assert found.X_train.index.names == frame.index.names
    real = rows_of(found.X_train[~made], found.y_train[~made])
    train = rows_of(X_train, y_train)
    assert len(set(real)) == len(real)
    assert set(real) <= set(train)
    if kind not in {"undersample", "smote_tomek", "smote_enn"}:
        assert real == train
    cells = {row[1] for row in train}
    new = {row[1] for row in rows_of(found.X_train[made], found.y_train[made])}
    assert new <= cells if kind == "oversample" else not new & cells
    assert not set(found.X_train.index[made]) & set(frame.index)
    assert found.X_train.index[made].is_unique


def rows_of(X, y):
    return [
        (label, tuple(cells), answer) for label, cells, answer in zip(X.index, X.to_numpy(), y, strict=True)
    ]


@pytest.mark.parametrize("index", INDEXES)
def test_synthetic_rows_are_labelled_after_the_largest_number_or_as_synthetic(index):
    frame = numeric(INDEXES[index])
    found = smote(frame, "y")
    labels = found.X_train.index[found.is_synthetic.to_numpy()]
    if index in {"range", "shuffled", "duplicates"}:
        after = frame.index.max() + 1
        assert labels.tolist() == list(range(after, after + len(labels)))
    else:
        assert [label[:2] for label in labels] == [("synthetic", i) for i in range(len(labels))]


@pytest.mark.quick(4)
@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("rule", ["plain", "time", "own test"])
def test_a_made_row_is_labelled_like_no_other(index, rule):
    frame = numeric(INDEXES[index]).assign(when=np.arange(N))
    frame["y"] = frame["y"].mask(np.arange(N) == N - 1)  # the largest label may be that of a row without one
    rows, rules = frame, {"time": "when"} if rule == "time" else {}
    if rule == "own test":
        rows, rules = frame.iloc[:200], {"test": frame.iloc[200:]}
    found = smote(rows, "y", **rules)
    made = found.X_train.index[found.is_synthetic.to_numpy()]
    assert made.is_unique
    assert not set(made) & {*rows.index, *found.X_test.index}


@pytest.mark.parametrize("dtype", [None, "category", "Int64", "boolean", "float", "string", object])
def test_labels_keep_their_kind(dtype):
    frame = numeric(labels=(0, 1) if dtype in {"Int64", "boolean", "float"} else ("no", "yes"))
    frame["y"] = frame["y"] if dtype is None else frame["y"].astype(dtype)
    found = smote(frame, "y")
    assert found.y_train.dtype == found.y_test.dtype == frame["y"].dtype
    assert found.frame["after"].tolist() == [216, 216]
    assert found.y_train.name == "y"


@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_counts_before_after_made_and_dropped(kind):
    found = smote(numeric(), "y", kind=kind)
    before = train_part(numeric())[2]
    for label, row in found.frame.iterrows():
        after = found.y_train == label
        made = after & found.is_synthetic
        assert row.tolist() == [
            (before == label).sum(),
            after.sum(),
            made.sum(),
            (before == label).sum() - (after & ~found.is_synthetic).sum(),
        ]


def test_a_made_row_lies_between_two_rare_rows():
    found = smote(numeric(), "y")
    X, _, y, _ = train_part(numeric())
    rare = X[y == "yes"].to_numpy()
    for new in found.X_train[found.is_synthetic].to_numpy()[:40]:
        gaps = [
            np.linalg.norm(new - a) + np.linalg.norm(new - b) - np.linalg.norm(a - b)
            for i, a in enumerate(rare)
            for b in rare[:i]
        ]
        assert min(gaps) < 1e-9


# --- the ratio


@pytest.mark.quick(3)
@pytest.mark.parametrize(
    ("ratio", "after"),
    [(1.0, 216), (1, 216), (0.5, 108), ("1:2", 108), ("1:3", 72), ("2:3", 144), ("1 : 4", 54)],
)
def test_the_ratio_is_minority_to_majority_after(ratio, after):
    for kind in ("auto", "oversample"):
        assert smote(numeric(), "y", kind=kind, ratio=ratio).frame["after"].tolist() == [216, after]


@pytest.mark.parametrize(("ratio", "after"), [(1.0, 24), (0.5, 48), ("1:3", 72), ("2:3", 36)])
def test_the_ratio_when_shrinking(ratio, after):
    assert smote(numeric(), "y", kind="undersample", ratio=ratio).frame["after"].tolist() == [after, 24]


def several() -> pd.DataFrame:
    labels = np.where(np.arange(N) % 10 < 6, "a", np.where(np.arange(N) % 10 < 9, "b", "c"))
    return numeric().assign(y=labels)  # 144, 72 and 24 of them to learn from


@pytest.mark.quick(4)
@pytest.mark.parametrize(
    ("options", "after"),
    [
        ({}, [144, 144, 144]),
        ({"ratio": 0.75}, [144, 108, 108]),
        ({"ratio": "1:3"}, [144, 72, 48]),
        ({"ratio": {"c": 100}}, [144, 72, 100]),
        ({"ratio": {"c": 100, "b": 90}}, [144, 90, 100]),
        ({"kind": "undersample"}, [24, 24, 24]),
        ({"kind": "undersample", "ratio": "1:2"}, [48, 48, 24]),
        ({"kind": "undersample", "ratio": {"a": 30}}, [30, 72, 24]),
        ({"kind": "oversample", "ratio": {"c": 60}}, [144, 72, 60]),
        ({"pos_label": "c"}, [144, 144, 144]),
    ],
)
def test_several_classes(run, options, after):
    found = smote(several(), "y", **options)
    assert found.frame["before"].tolist() == [144, 72, 24]
    assert found.frame["after"].tolist() == after
    made = run(found.snippet(style="full"), df=several())
    assert_rows(found, made["X_train"], made["y_train"])


@pytest.mark.parametrize("ratio", [0, -1, 1.5, "3:1", "1:0", "a:b", "half", None, True, float("nan"), [1]])
def test_a_ratio_that_is_none_is_refused(ratio):
    with pytest.raises(OptionError, match=r"ratio=.* must be minority : majority after resampling"):
        smote(numeric(), "y", ratio=ratio)


@pytest.mark.parametrize(
    ("ratio", "kind", "said"),
    [
        ({"maybe": 5}, "auto", r"'maybe' .*not among the labels 'no', 'yes'"),
        ({"yes": 3}, "auto", r"'yes' has 24 rows to learn from and cannot shrink to 3"),
        ({"yes": 30}, "undersample", r"'yes' has 24 rows to learn from and cannot grow to 30"),
        ({"yes": 30.5}, "auto", r"whole numbers above 0"),
        ({"yes": 0}, "auto", r"whole numbers above 0"),
        ({"yes": True}, "auto", r"whole numbers above 0"),
    ],
)
def test_rows_by_label_that_cannot_be_are_refused(ratio, kind, said):
    with pytest.raises(OptionError, match=said):
        smote(numeric(), "y", kind=kind, ratio=ratio)


@pytest.mark.parametrize("options", [{}, {"kind": "oversample"}, {"kind": "undersample"}, {"scale": True}])
def test_balanced_data_comes_back_as_it_was(run, options):
    frame = numeric().assign(y=np.where(np.arange(N) % 2, "yes", "no"))
    found = smote(frame, "y", **options)
    for part, other in zip(found, split(frame, "y"), strict=True):
        (pd.testing.assert_frame_equal if part.ndim == 2 else pd.testing.assert_series_equal)(part, other)
    assert not found.is_synthetic.any()
    assert found.sampler is None
    assert "IMB314" in found.findings.codes
    made = run(found.snippet(style="full"), df=frame)
    pd.testing.assert_frame_equal(made["X_train"], found.X_train)


def test_data_more_even_than_asked_for_comes_back_too():
    assert "IMB314" in smote(numeric(), "y", ratio="1:20").findings.codes
    assert smote(numeric(), "y", ratio="1:20").sampler is None


# --- neighbours


@pytest.mark.quick(5)
@pytest.mark.parametrize("rare", [8, 6, 3])
@pytest.mark.parametrize("kind", ["auto", "borderline", "adasyn", "smote_tomek", "smote_enn"])
def test_neighbours_are_lowered_where_the_class_is_small(kind, rare):
    frame = numeric().assign(y=np.arange(N) < rare)
    left = int(train_part(frame)[2].sum())
    try:
        found = smote(frame, "y", kind=kind)
    except ModelError as error:  # ADASYN and Borderline may find no rare row near the other class
        assert kind in {"adasyn", "borderline"}, error
        return
    lowered = [finding for finding in found.findings if finding.code == "IMB302"]
    assert bool(lowered) == (left <= 5)
    if lowered:
        k = left - 1
        told = f"{k} neighbour{'' if k == 1 else 's'} instead of 5: the rarest class has {left} row"
        assert lowered[0].message.startswith(told)


def test_lowered_neighbours_give_imbalanced_learns_rows():
    frame = numeric().assign(y=np.arange(N) < 5)
    X_train, _, y_train, _ = train_part(frame)
    assert y_train.sum() == 4
    assert_rows(smote(frame, "y"), *SMOTE(k_neighbors=3, random_state=0).fit_resample(X_train, y_train))
    assert_rows(
        smote(frame, "y", kind=SMOTE(random_state=0)),
        *SMOTE(k_neighbors=3, random_state=0).fit_resample(X_train, y_train),
    )


def test_neighbours_asked_for_are_used():
    X_train, _, y_train, _ = train_part(numeric())
    expected = SMOTE(k_neighbors=2, random_state=0).fit_resample(X_train, y_train)
    found = smote(numeric(), "y", k_neighbors=2)
    assert_rows(found, *expected)
    assert "IMB302" not in found.findings.codes


@pytest.mark.parametrize("kind", ["auto", "borderline", "adasyn", "smote_tomek", "smote_enn"])
def test_a_single_row_is_duplicated(run, kind):
    frame = numeric().assign(y=np.arange(N) < 2)
    found = smote(frame, "y", kind=kind, test_size=0.5)
    assert found.frame.loc[True, "before"] == 1
    rare = found.X_train[found.y_train]
    assert len(rare) == found.frame.loc[False, "after"] > 100
    assert (rare == rare.iloc[0]).all(axis=None)
    assert found.is_synthetic[found.y_train].sum() == len(rare) - 1
    (finding,) = [each for each in found.findings if each.code == "IMB303"]
    assert "has one row to learn from: rows are copied" in finding.message
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])


@pytest.mark.parametrize("k", [0, -1, 2.5, "5", None, True])
def test_a_number_of_neighbours_that_is_none_is_refused(k):
    with pytest.raises(OptionError, match=r"k_neighbors=.* must be a whole number, 1 or more"):
        smote(numeric(), "y", k_neighbors=k)


# --- the split


def test_unlabelled_rows_are_left_out_and_reported(run):
    frame = numeric()
    frame["y"] = frame["y"].astype(object).mask(np.arange(N) % 17 == 0)
    found = smote(frame, "y")
    labelled = frame[frame["y"].notna()]
    X_train, X_test, y_train, _ = train_part(labelled)
    assert_rows(found, *SMOTE(random_state=0).fit_resample(X_train, y_train))
    pd.testing.assert_frame_equal(found.X_test, X_test)
    assert "IMB201" in found.findings.codes
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])


@pytest.mark.parametrize("rule", ["groups", "time"])
def test_groups_and_time_rule_the_split_and_only_train_grows(run, rule):
    frame = numeric().assign(who=np.arange(N) // 5, when=np.arange(N) // 2)
    column = {"groups": "who", "time": "when"}[rule]
    found, parts = smote(frame, "y", **{rule: column}), split(frame, "y", **{rule: column})
    used = [name for name in frame.columns if name not in {"y", column}]
    pd.testing.assert_frame_equal(found.X_test, parts.X_test[used])
    assert_rows(found, *SMOTE(random_state=0).fit_resample(parts.X_train[used], parts.y_train))
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])


def test_a_series_beside_the_frame(run):
    frame = numeric()
    y = frame.pop("y")
    found = smote(frame, y)
    assert_rows(found, *SMOTE(random_state=0).fit_resample(*train_part(numeric())[::2]))
    made = run(found.snippet(style="full"), df=frame, y=y)
    assert_rows(found, made["X_train"], made["y_train"])


# --- code, words, refusals


SNIPPETS = {
    **{kind: (make, {"kind": kind}) for kind, (make, _) in KINDS.items()},
    "mixed": (mixed, {}),
    "categorical": (categorical, {}),
    "half": (numeric, {"ratio": 0.5, "test_size": 0.3, "random_state": 5}),
    "few neighbours": (lambda: numeric().assign(y=np.arange(N) < 5), {}),
    "few neighbours, tomek": (lambda: numeric().assign(y=np.arange(N) < 5), {"kind": "smote_tomek"}),
    "churn": (lambda: make_churn(400), {"impute": True, "target": "churn"}),
    "numbers for names": (lambda: numeric().rename(columns={"a": 0, "b": 1, "c": 2, "d": 3}), {}),
}


@pytest.mark.quick(3)
@pytest.mark.parametrize("case", SNIPPETS)
def test_the_snippet_makes_the_same_rows(run, case):
    make, options = SNIPPETS[case]
    options = dict(options)
    frame = make()
    found = smote(frame, options.pop("target", "y"), **options)
    for style in ("full", "short")[: 2 if case == "mixed" else 1]:
        made = run(found.snippet(style=style), df=frame.copy())
        assert_rows(found, made["X_train"], made["y_train"])
        pd.testing.assert_frame_equal(made["X_test"], found.X_test)
        pd.testing.assert_series_equal(made["y_test"], found.y_test)
        for rows in found.frame["after"]:
            assert str(rows) in made["printed"]


def test_the_rows_made_of_whole_numbers_written_as_text_are_not_rounded(run):
    frame = numeric().assign(a=np.random.default_rng(1).integers(20, 70, N))
    by_hand = frame.assign(a=frame["a"].astype(float))
    written = frame.assign(a=frame["a"].map("{} %".format))
    found = smote(written, "y")
    X_train, _, y_train, _ = train_part(by_hand)
    made = run(found.snippet(), df=written)
    wanted = SMOTE(random_state=0).fit_resample(X_train, y_train)
    assert (wanted[0]["a"] % 1 > 0).any()
    assert_rows(found, *wanted)
    assert_rows(found, made["X_train"], made["y_train"])


def test_many_categories_are_named_by_what_they_have_in_common(run):
    frame = mixed().assign(**{f"a category of a long name {n}": TEXTS["shape"] for n in range(5)})
    found = smote(frame, "y")
    assert 'cat = X.select_dtypes(exclude="number").columns.tolist()\n' in found.snippet()
    made = run(found.snippet(), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_carry_the_numbers(kind):
    found = smote(numeric(), "y", kind=kind)
    said = found.explain()
    changed = found.frame[found.frame["before"] != found.frame["after"]]
    row = changed.loc["yes" if "yes" in changed.index else "no"]
    moved = f"{row.name!r} went from {row['before']:,} to {row['after']:,} rows"
    assert moved in said and moved in found.explain(audience="interview")
    assert ("among others" in said) == (len(changed) > 1)
    assert f"{len(found.X_test):,} test rows were not resampled" in said


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"kind": "smoth"}, OptionError, r"kind='smoth' is not known\. Did you mean 'smote'.*'undersample'"),
        ({"kind": SMOTE}, OptionError, "is no sampler"),
        ({"kind": StandardScaler()}, OptionError, "is no sampler"),
        ({"kind": None}, OptionError, "is no sampler"),
        ({"kind": SMOTE(), "ratio": 0.5}, OptionError, r"ratio=0\.5 is for named kinds"),
        ({"kind": SMOTE().fit(NUMBERS, RARE)}, OptionError, "SMOTE is fitted already.*sklearn.clone"),
        ({"test_size": 1.0}, OptionError, r"test_size=1\.0 must be a share"),
        ({"random_state": "x"}, OptionError, "random_state='x'"),
        ({"ignore": "IMB"}, OptionError, "ignore='IMB'"),
        ({"groups": "nobody"}, OptionError, "groups='nobody' is not a column"),
    ],
)
def test_options_are_refused_with_the_cure(options, error, said):
    with pytest.raises(error, match=said):
        smote(numeric(), "y", **options)


def test_a_class_with_one_row_is_named():
    with pytest.raises(SplitError, match="'y' has one row of class 'once'"):
        smote(numeric().assign(y=["once", *["no"] * (N - 1)]), "y")


def test_names_that_no_library_takes_are_refused():
    frame = numeric().rename(columns={"a": 0, "b": 1.5})
    with pytest.raises(FeatureError, match=r"names must be text here; 0, 1\.5 are not"):
        smote(frame, "y")
    assert smote(frame, "y", kind="oversample").frame["after"].tolist() == [216, 216]


def test_rows_of_an_unknown_label_are_refused_in_ones_own_sampler_too():
    with pytest.raises(OptionError, match=r"'maybe' .*not among the labels 'no', 'yes'"):
        smote(numeric(), "y", kind=SMOTE(sampling_strategy={"maybe": 100}))


def test_infinite_cells_are_refused_by_column():
    with pytest.raises(FeatureError, match=r"Infinite values in 'b' \(30\)"):
        smote(numeric().assign(b=lambda df: df["b"].mask(RARE, np.inf)), "y")


def test_one_feature_is_drawn_along_a_line():
    frame = numeric()[["a", "y"]]
    found = smote(frame, "y")
    left, right = found.plot()
    before = np.concatenate([each.get_offsets() for each in left.collections])
    after = np.concatenate([each.get_offsets() for each in right.collections])
    assert len(before) == len(train_part(frame)[0])
    assert np.allclose(np.sort(after[:, 0]), np.sort(found.X_train["a"]))
    # a band a class: the first within 0.3 of height 0, the second within 0.3 of height -1
    assert np.bincount(np.rint(-after[:, 1]).astype(int)).tolist() == found.frame["after"].tolist()
    assert np.abs(after[:, 1] - np.rint(after[:, 1])).max() <= 0.3
    assert "could not be drawn" not in found._repr_html_()


def points(ax):
    return np.concatenate([each.get_offsets() for each in ax.collections])


def in_order(values):
    return np.asarray(sorted(map(tuple, np.asarray(values, float))))


@pytest.mark.parametrize(
    ("columns", "named", "drawn"),
    [
        ("bd", {}, "bd"),  # the only two numbers there are
        ("abcd", {"x": "d", "y": "a"}, "da"),
        ("abcd", {"x": "b"}, "ba"),
        ("abcd", {"y": "a"}, "ba"),
    ],
)
def test_a_picture_by_two_columns_is_those_two_columns(columns, named, drawn):
    found = smote(numeric()[[*columns, "y"]], "y")
    left, right = found.plot(**named)
    assert (left.get_xlabel(), left.get_ylabel(), right.get_xlabel()) == (*drawn, drawn[0])
    assert np.array_equal(in_order(points(left)), in_order(found.parts.train.X[[*drawn]]))
    assert np.array_equal(in_order(points(right)), in_order(found.X_train[[*drawn]]))
    made = found.X_train.loc[found.is_synthetic, [*drawn]]
    assert np.array_equal(in_order(right.collections[-1].get_offsets()), in_order(made))
    assert left.get_xlim() == right.get_xlim()
    assert left.get_ylim() == right.get_ylim()
    assert left.get_title(loc="left") == "before: 216 no, 24 yes"
    assert right.get_title(loc="left") == "after: 216 no, 216 yes (192 made)"


def test_dropped_rows_are_seen_before_and_no_longer_after():
    left, right = smote(numeric()[["a", "b", "y"]], "y", kind="undersample").plot()
    assert [len(points(left)), len(points(right))] == [240, 48]
    assert right.get_title(loc="left") == "after: 24 no, 24 yes (192 dropped)"


def test_rows_without_a_value_and_those_too_many_are_said_not_to_be_drawn():
    frame = numeric()[["a", "b", "y"]]
    found = smote(frame.assign(a=frame["a"].mask(RARE)), "y", kind="oversample")
    left, right = found.plot()
    assert [len(points(left)), len(points(right))] == [216, 216]
    assert left.figure.legends[0].get_title().get_text() == "216 of 432 rows drawn"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"x": "color"}, "x='color' is no numeric feature. Known: 'a', 'b'."),
        ({"x": "a", "y": "bb"}, "y='bb' is no numeric feature. Did you mean 'b'? Known: 'b'."),
        ({"x": "a", "y": "a"}, "x='a' is the column of the other axis. Known: 'b'."),
        ({"y": ["a"]}, "y=['a'] is no numeric feature. Known: 'a', 'b'."),
    ],
)
def test_columns_that_no_picture_can_be_drawn_by(named, said):
    with pytest.raises(OptionError, match=re.escape(said)):
        smote(mixed(), "y").plot(**named)


def test_one_numeric_feature_makes_no_picture_by_two():
    with pytest.raises(OptionError, match="takes two numeric features, and there is one"):
        smote(numeric()[["a", "y"]], "y").plot(x="a")


def test_several_classes_are_not_held_against_a_threshold():
    frame = pd.DataFrame({"a": np.sin(np.arange(120.0)), "y": np.repeat(["a", "b", "c"], [70, 30, 20])})
    assert "compare it with class weights" in frame.imb.smote("y").explain(audience="interview")
    two = frame.assign(y=frame["y"].replace("c", "b"))
    assert "compare it with a moved threshold" in two.imb.smote("y").explain(audience="interview")
