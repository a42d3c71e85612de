"""Rows that `smote` made are known again, whatever happened to the frame on its way back."""

import io

import numpy as np
import pandas as pd
import pytest
from imblearn.base import SamplerMixin
from imblearn.over_sampling import SVMSMOTE
from resampled import AFTER, MADE, accused, count_in, holey, made_labels, marked, mixed, numbers, said, whole
from sklearn.linear_model import LogisticRegression

import imbalance_accessor as imb
from imbalance_accessor.data import synthetic_rows
from imbalance_accessor.data.synthetic_rows import count_synthetic
from imbalance_accessor.errors import LeakageError
from imbalance_accessor.evaluation import fit, permutation, score_column, score_folds
from imbalance_accessor.splitting import folds, split
from imbalance_accessor.verbs.leaks import demonstration

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

LOOKING = ["counts", "weights", "overview", "leaks"]


@pytest.fixture(autouse=True)
def _own_memory():
    """Each test starts with nothing remembered."""
    synthetic_rows._CALLS.clear()


# ---------------------------------------------------------------- every kind

KINDS = ["auto", "smote", "borderline", "adasyn", "oversample", "smote_tomek", "smote_enn"]


@pytest.mark.parametrize("kind", [*KINDS, SVMSMOTE(random_state=0)], ids=str)
def test_rows_of_every_kind_are_counted(kind):
    frame = numbers()
    made = imb.smote(frame, "y", kind=kind)
    new = len(made_labels(made, frame))
    assert new == made.is_synthetic.sum() > 10
    assert count_in(whole(made)) == (new, len(made.X_train))
    if kind in {"auto", "smote", "borderline", "oversample"}:
        assert (new, len(made.X_train)) == (MADE, AFTER)


@pytest.mark.parametrize("options", [{}, {"scale": True}, {"ratio": 0.5}, {"kind": "oversample"}], ids=str)
def test_rows_of_mixed_columns_are_counted(options):
    made = imb.smote(mixed(), "y", **options)
    wanted = 64 - 32 if "ratio" in options else MADE
    assert count_in(whole(made)) == (wanted, 160 + wanted)


@pytest.mark.parametrize("options", [{"impute": True}, {"impute": True, "scale": True}], ids=str)
def test_rows_made_of_filled_cells_are_counted(options):
    made = imb.smote(holey(), "y", **options)
    assert count_in(whole(made)) == (MADE, AFTER)


def test_copies_of_rows_with_holes_are_counted():
    made = imb.smote(holey(), "y", kind="oversample")
    assert made.X_train.isna().any(axis=None)
    assert count_in(whole(made)) == (MADE, AFTER)


def test_dropping_rows_makes_none():
    made = imb.smote(numbers(), "y", kind="undersample")
    assert imb.split(whole(made), "y").findings.codes == ()
    assert not synthetic_rows._CALLS.now.calls


# ---------------------------------------------------------------- every way back


def merged(frame):
    beside = pd.DataFrame({"word": ["x", "y", "z"], "price": [1.0, 2.0, 3.0]})
    return frame.merge(beside, on="word")


def through_text(frame):
    exact = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
    return pd.read_csv(io.StringIO(frame.to_csv(index=False)), **exact)


WAYS = {
    "as it is": lambda f: f,
    "shuffled": lambda f: f.sample(frac=1, random_state=0),
    "index reset": lambda f: f.reset_index(drop=True),
    "index kept as a column": lambda f: f.reset_index(names="was"),
    "shuffled, index reset": lambda f: f.sample(frac=1, random_state=0).reset_index(drop=True),
    "merged": merged,
    "to a list and back": lambda f: pd.DataFrame(f.to_numpy().tolist(), columns=list(f.columns)),
    "to records and back": lambda f: pd.DataFrame(f.to_dict("records")),
    "through CSV": through_text,
    "columns in another order": lambda f: f[list(f.columns[::-1])],
    "more columns": lambda f: f.assign(more=np.arange(len(f)) % 7, again=f["a"] * 2),
    "whole numbers as floats": lambda f: f.assign(k=f["k"].astype(float), flag=f["flag"].astype(float)),
    "whole numbers as small ones": lambda f: f.assign(k=f["k"].astype("int8")),
    "numbers that may be missing": lambda f: f.assign(k=f["k"].astype("Int64"), a=f["a"].astype("Float64")),
    "categories as text": lambda f: f.assign(level=f["level"].astype(str)),
    "text as categories": lambda f: f.assign(word=f["word"].astype("category")),
    "text as objects": lambda f: f.assign(word=f["word"].astype(object), k=f["k"].astype(object)),
}
#: Columns that were hashed are gone; the token and the index labels are left.
WAYS_WITHOUT_CELLS = {
    "a column dropped": lambda f: f.drop(columns="b"),
    "a column dropped, shuffled": lambda f: f.drop(columns="b").sample(frac=1, random_state=0),
    "a column dropped, index reset": lambda f: f.drop(columns="b").reset_index(drop=True),
    "a column changed, another dropped": lambda f: f.assign(a=f["a"] * 2).drop(columns="b"),
    "scores alone": lambda f: f[["y"]].assign(a=0.1 * f["k"]),
}


def back(made, way):
    return WAYS[way](whole(made)) if way in WAYS else WAYS_WITHOUT_CELLS[way](marked(made))


@pytest.mark.quick(6)
@pytest.mark.parametrize("way", [*WAYS, *WAYS_WITHOUT_CELLS])
@pytest.mark.parametrize("kind", ["auto", "oversample"])
def test_every_way_back_is_seen_through(way, kind):
    frame = back(imb.smote(mixed(), "y", kind=kind), way)
    assert count_in(frame) == (MADE, AFTER)
    (finding,) = accused(imb.counts(frame, "y"))
    assert finding.severity == "error"
    assert said(finding.message) == (MADE, AFTER)


def test_a_part_of_the_rows_is_counted_as_what_it_is():
    made = imb.smote(mixed(), "y")
    frame = whole(made).sample(frac=1, random_state=3)
    first, rest = frame.iloc[:70], frame.iloc[70:]
    one, other = count_in(first)[0], count_in(rest)[0]
    assert one == made.is_synthetic[first.index].sum()
    assert one + other == MADE
    single = whole(made).loc[[*made.X_train.index[:100], made_labels(made, mixed())[5]]]
    with pytest.raises(LeakageError, match=r"\[IMB101\] 1 of these 101 rows was made by \.smote\(\)"):
        imb.split(single, "y")


def test_both_parts_glued_together_are_counted():
    made = imb.smote(numbers(), "y")
    X, y = pd.concat([made.X_train, made.X_test]), pd.concat([made.y_train, made.y_test])
    assert count_in(X.assign(y=y)) == (MADE, AFTER + 40)
    assert count_in(X.assign(y=y).reset_index(drop=True)) == (MADE, AFTER + 40)


def test_rows_of_two_calls_are_counted_together_and_once():
    one, other = imb.smote(numbers(), "y"), imb.smote(numbers(), "y", random_state=1)
    both = pd.concat([whole(one), whole(other).loc[other.is_synthetic]], ignore_index=True)
    assert count_in(both) == (2 * MADE, AFTER + MADE)
    imb.smote(numbers(), "y")  # the same rows, remembered once more
    assert count_in(whole(one)) == (MADE, AFTER)


# ---------------------------------------------------------------- every verb


#: Where rows are divided and models are fitted; loaded before anything is put in the place of their functions.
ROOMS = [
    *(
        (fit, "fit_and_score"),
        (score_folds, "fit_and_score"),
        (permutation, "fit_and_score"),
        (demonstration, "fit_and_score"),
    ),
    *((split, "sides"), (folds, "make_folds"), (score_column, "make_folds")),
]


@pytest.fixture
def _nothing_is_fitted(monkeypatch):
    """Raise what no verb takes for a model's error as soon as anything is divided, fitted or sampled."""

    class Begun(BaseException):
        """No error that the package could take for a model's own."""

    def begin(*args, **kwargs):
        raise Begun

    monkeypatch.setattr(LogisticRegression, "fit", begin)
    monkeypatch.setattr(SamplerMixin, "fit_resample", begin)
    for room, name in ROOMS:
        monkeypatch.setattr(room, name, begin)
    with pytest.raises(Begun):
        imb.split(pd.DataFrame({"a": range(8), "y": [0, 1] * 4}), "y")


REFUSING = {
    "fit_eval": {"strategies": ["class_weight"]},
    "fit_eval fitted": {"strategies": ["none"], "fitted": True, "model": LogisticRegression()},
    "reliability": {},
    "reliability scores": {"scores": "p"},
    "best_threshold": {},
    "best_threshold scores": {"scores": "p"},
    "best_threshold all rows": {"scores": "p", "test_size": 0},
    "smote": {},
    "smote oversample": {"kind": "oversample"},
    "split": {},
    "leaks": {"demonstrate": True},
}


def verb_of(case):
    return getattr(imb, case.split()[0])


@pytest.mark.quick(4)
@pytest.mark.parametrize("case", REFUSING)
@pytest.mark.parametrize("way", ["as it is", "through CSV", "a column dropped"])
def test_verbs_that_model_refuse_before_anything_is_fitted(case, way, request):
    frame = back(imb.smote(mixed(), "y"), way).assign(p=0.5)
    request.getfixturevalue("_nothing_is_fitted")
    before = frame.copy(deep=True)
    with pytest.raises(LeakageError) as caught:
        verb_of(case)(frame, "y", **REFUSING[case], ignore=("IMB101",))  # no code mutes an error
    sentence = str(caught.value)
    assert sentence.startswith(f"[IMB101] {MADE} of these {AFTER} rows were made by .smote()")
    assert "Evaluate on the test set it returned" in sentence
    assert "\n" not in sentence
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == before.attrs


@pytest.mark.parametrize("case", [each for each in REFUSING if not each.startswith("leaks")])
def test_verbs_that_model_refuse_a_made_test_set(case, request):
    frame, made = numbers().assign(p=0.5), imb.smote(numbers(), "y")
    test = whole(made).assign(p=0.5).sample(frac=1, random_state=0).reset_index(drop=True)
    options = {key: value for key, value in REFUSING[case].items() if key != "test_size"}
    request.getfixturevalue("_nothing_is_fitted")
    with pytest.raises(LeakageError, match=rf"\[IMB101\] {MADE} of these {AFTER} rows were made"):
        verb_of(case)(frame, "y", **options, test=test)


def test_labels_beside_the_frame_do_not_hide_it():
    made = imb.smote(numbers(), "y")
    with pytest.raises(LeakageError, match=rf"{MADE} of these {AFTER} rows"):
        imb.fit_eval(made.X_train, made.y_train)
    with pytest.raises(LeakageError, match=rf"{MADE} of these {AFTER} rows"):
        made.X_train.imb.best_threshold(made.y_train)


@pytest.mark.quick(6)
@pytest.mark.parametrize("verb", LOOKING)
@pytest.mark.parametrize("way", ["as it is", "through CSV", "a column dropped"])
def test_verbs_that_only_look_say_it(verb, way):
    frame = back(imb.smote(mixed(), "y"), way)
    (finding,) = accused(getattr(imb, verb)(frame, "y"))
    assert finding.severity == "error"
    assert said(finding.message) == (MADE, AFTER)
    assert not accused(getattr(imb, verb)(frame, "y", ignore=("IMB101",)))


def test_leaks_counts_synthetic_rows_in_its_table():
    made = imb.smote(mixed(), "y")
    row = imb.leaks(whole(made), "y").frame.loc["IMB101"]
    assert row["found"] == 1
    assert row["rows"] == MADE
    assert row["share"] == pytest.approx(MADE / AFTER)
    calm = imb.leaks(mixed(), "y").frame.loc["IMB101"]
    assert calm[["found", "rows", "share"]].tolist() == [0, 0, 0]


def test_leaks_counts_synthetic_rows_of_a_test_set():
    made = imb.smote(numbers(), "y")
    found = imb.leaks(numbers(), "y", test=whole(made))
    (finding,) = accused(found)
    assert said(finding.message) == (MADE, AFTER)
    assert found.frame.loc["IMB101", "rows"] == MADE


WITH_LABELS = {
    "as they are": lambda y: y,
    "shuffled": lambda y: y.sample(frac=1, random_state=0),
    "index reset": lambda y: y.reset_index(drop=True),
}


@pytest.mark.parametrize("way", WITH_LABELS)
@pytest.mark.parametrize("frame", [numbers, mixed])
def test_labels_alone_are_counted(frame, way):
    y_train = WITH_LABELS[way](imb.smote(frame(), "y").y_train)
    for found in (y_train.imb.counts(), y_train.imb.weights()):
        (finding,) = accused(found)
        assert said(finding.message) == (MADE, AFTER)


def test_some_of_the_labels_are_counted_by_their_index():
    made = imb.smote(numbers(), "y")
    rare = made.y_train[made.y_train == "yes"]
    (finding,) = accused(pd.concat([rare, made.y_train[made.y_train == "no"]]).imb.counts())
    assert said(finding.message) == (MADE, AFTER)
    half = made.y_train.iloc[100:200]
    assert said(accused(half.imb.counts())[0].message) == (made.is_synthetic.iloc[100:200].sum(), 100)


@pytest.mark.parametrize("way", ["bootstrapped", "moved to other labels", "kept as they are"])
def test_real_rows_stay_real_whatever_their_new_labels(way):
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(300, 2)), columns=["a", "b"]).assign(y=np.arange(300) % 6 == 0)
    made = frame.imb.smote("y")
    real = made.X_train[~made.is_synthetic].assign(y=made.y_train[~made.is_synthetic])
    moved = {
        "bootstrapped": lambda: real.sample(1_000, replace=True, ignore_index=True, random_state=0),
        "moved to other labels": lambda: real.set_axis(np.arange(len(real)) + 330),
        "kept as they are": lambda: real,
    }[way]()
    assert moved.attrs and count_synthetic(moved) == 0
    whole = made.X_train.assign(y=made.y_train)
    boot = whole.sample(1_000, replace=True, random_state=0)
    assert (
        count_synthetic(boot)
        == made.is_synthetic[boot.index].sum()
        == count_synthetic(boot.reset_index(drop=True))
    )
    scaled = whole.assign(a=whole["a"] * 2, b=whole["b"] - 1)
    assert (
        count_synthetic(scaled) == made.is_synthetic.sum() == count_synthetic(scaled.reset_index(drop=True))
    )
