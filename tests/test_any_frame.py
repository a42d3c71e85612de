"""Any frame: each verb that fits no model is right, or says in one sentence why not, and leaves all as it was."""

from __future__ import annotations

import math
import numbers
import warnings
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alone import execute
from hypothesis import given, note
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from odd_frames import LONG, Odd, attempt, nothing_left, odd_frames, tallied, tried
from odd_numbers import check_numbers
from odd_options import any_division

from imbalance_accessor.data.synthetic_rows import _CALLS

LIGHT = ("counts", "weights", "split", "smote", "overview")
SPLITS = {"test_size": st.sampled_from([0.2, 0.2, 0.5, 3]), "random_state": st.sampled_from([0, 7])}
SMOTES = {
    "kind": st.sampled_from(["smote", "smote", "borderline", "adasyn", "oversample", "undersample"]),
    "impute": st.booleans(),
    "scale": st.booleans(),
    "k_neighbors": st.sampled_from([1, 5, 5]),
}


@pytest.fixture(autouse=True)
def synthetic_rows_forgotten():
    """Rows made for one frame stand in the next one too, where cells are few."""
    _CALLS.clear()


def any_options(draw: Any, verb: str, odd: Odd, data: pd.DataFrame) -> dict[str, Any]:
    """Draw options that the verb takes."""
    wanted = {"smote": SMOTES | SPLITS, "split": SPLITS}.get(verb, {})
    options = {name: draw(values) for name, values in wanted.items() if draw(st.booleans())}
    if verb in ("split", "smote"):
        options |= any_division(draw, odd, data)
    if verb == "smote" and draw(st.sampled_from([False, False, True])):
        options["max_rows"] = draw(st.sampled_from([1, 20, 1_000]))
    if odd.classes and draw(st.sampled_from([False, False, True])):
        options["pos_label"] = draw(st.sampled_from(odd.classes))
    return options


def rows_of_classes(odd: Odd) -> dict[str, int]:
    """Return how many rows each class was given, by its name; 1 and 1.0 and True have one name, 1 and "1" have two."""
    codes = odd.codes()
    rows = np.bincount(codes[codes >= 0], minlength=len(odd.classes))
    return {_name(label): int(n) for label, n in zip(odd.classes, rows, strict=True) if n}


def _name(label: Any) -> str:
    number = isinstance(label, numbers.Real | np.bool_)
    return repr(int(label)) if number and int(label) == label else repr(label)


def check_counts(found: Any, odd: Odd) -> None:
    rows = found.frame["rows"]
    assert rows.sum() + found.missing == odd.n
    assert {_name(label): n for label, n in rows.items()} == rows_of_classes(odd)
    assert math.isclose(found.frame["share"].sum(), 1)


def check_weights(found: Any, odd: Odd) -> None:
    rows, codes = rows_of_classes(odd), odd.codes()
    n = sum(rows.values())
    wanted = {label: n / len(rows) / each for label, each in rows.items()}
    assert {_name(label): weight for label, weight in found.items()} == pytest.approx(wanted)
    weight = found.sample_weight
    assert len(weight) == odd.n
    assert np.isclose(np.nansum(weight), (codes >= 0).sum())


def check_parts(found: Any, data: pd.DataFrame, target: Any, options: dict[str, Any]) -> None:
    """Train and test are disjoint and complete, and their rows are the original ones."""
    X_train, X_test, y_train, y_test = found
    train, test = rows_of(X_train, y_train), rows_of(X_test, y_test)
    wanted = labelled_rows(data, target, X_train)
    if "test" in options:
        assert Counter(train) == wanted
        assert Counter(test) == labelled_rows(options["test"], target, X_train)
        return
    assert Counter([*train, *test]) == wanted
    for rule in {"groups", "time"} & options.keys():
        before, after = ([_cell(cell) for cell in X[options[rule]]] for X in (X_train, X_test))
        assert not set(before) & set(after), f"{rule} on both sides"
        if rule == "time":
            assert X_train[options[rule]].max() < X_test[options[rule]].min()


def labelled_rows(data: pd.DataFrame, target: Any, like: pd.DataFrame) -> Counter[str]:
    features, labels = features_of(data, target)
    known = labels.notna().to_numpy()
    # by places: pandas 2.2 takes names None and nan for a mask
    positions = [list(map(repr, features.columns)).index(repr(name)) for name in like.columns]
    return Counter(rows_of(as_read(features.loc[known].iloc[:, positions], like), labels[known]))


def as_read(features: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Numbers that are written as text are handed out as numbers, and nothing else changes."""
    features = features.copy(deep=False)
    for place, dtype in enumerate(like.dtypes):
        cells = features.iloc[:, place]
        if dtype == np.float64 and pd.api.types.infer_dtype(cells) == "string":
            numbers = pd.to_numeric(cells.astype(object), errors="coerce")
            features.isetitem(
                place, pd.Series(numbers.to_numpy("float64", na_value=np.nan), index=cells.index)
            )
    return features


def check_real(X: pd.DataFrame, y: pd.Series, data: pd.DataFrame, target: Any) -> None:
    """Each row stands in the frame: label, index, cells and types."""
    features, labels = features_of(data, target)
    assert list(X.columns) == list(features.columns)
    features = as_read(features, X)
    assert list(map(str, X.dtypes)) == list(map(str, features.dtypes))
    assert y.dtype == labels.dtype
    assert not Counter(rows_of(X, y)) - Counter(rows_of(features, labels))


def check_resampled(found: Any, data: pd.DataFrame, target: Any, options: dict[str, Any]) -> None:
    """Test rows are real ones; so are the train rows that were not made; columns of floats hold the frame's own cells."""
    X_train, X_test, y_train, y_test = found
    features, labels = features_of(data, target)
    assert set(X_test.columns) <= set(features.columns)
    untouched = not (options.get("impute") or options.get("scale"))
    whole = [name for name in X_test.columns if untouched and features[name].dtype == np.float64]
    made = found.is_synthetic.to_numpy()
    real = Counter(rows_of(features[whole], labels))
    given = features_of(options["test"], target) if "test" in options else None
    held = Counter(rows_of(given[0][whole], given[1])) if given else real
    assert not Counter(rows_of(X_test[whole], y_test)) - held
    assert not Counter(cells_of(X_train[whole][~made], y_train[~made])) - Counter(
        cells_of(features[whole], labels)
    )
    assert set(y_train.dropna()) <= set(labels.dropna())
    assert (0 if given else len(X_test)) + (~made).sum() <= labels.notna().sum()


def features_of(data: pd.DataFrame, target: Any) -> tuple[pd.DataFrame, pd.Series]:
    beside = isinstance(target, pd.Series)
    X, y = (data, target) if beside else (data.drop(columns=[target]), data[target])
    odd = y.dtype in (np.float16, np.longdouble)  # by which pandas looks nothing up
    return X, y.astype(float) if odd else y


def cells_of(X: pd.DataFrame, y: pd.Series) -> list[str]:
    return rows_of(X.reset_index(drop=True).set_axis([0] * len(X), axis=0), y)


def _cell(cell: Any) -> str:
    return repr(cell + 0.0 if isinstance(cell, float) else cell)  # -0.0 is 0.0


def rows_of(X: pd.DataFrame, y: pd.Series) -> list[str]:
    """Return each row as text: its label, its place in the index, its cells."""
    columns = [list(map(_cell, X.iloc[:, place])) for place in range(X.shape[1])]
    return list(map(repr, zip(map(repr, y), map(repr, X.index), *columns, strict=True)))


def check_words(found: Any) -> None:
    """Text, words and code, which is Python."""
    assert repr(found)
    assert found.explain()
    assert found.explain(audience="interview")
    for style in ("full", "short"):
        compile(found.snippet(style=style), "<snippet>", "exec")


def check_faces(verb: str, found: Any, data: pd.DataFrame, target: Any, options: dict[str, Any]) -> None:
    """Card and picture; the code gives the same numbers where only the frame is."""
    html = found._repr_html_() if hasattr(found, "_repr_html_") else ""
    assert "could not be drawn" not in html
    assert "<script>alert" not in html
    if found._pictures():
        found.plot()
        plt.close("all")
    for style in ("full", "short"):
        names = {"df": data.copy()} | ({"y": target.copy()} if isinstance(target, pd.Series) else {})
        names |= {"test": options["test"].copy()} if "test" in options else {}
        with warnings.catch_warnings():  # the split's own, of groups; it is true
            warnings.filterwarnings("ignore", "The least populated class in y has only")
            space = execute(found.snippet(style=style), **names)
        check_numbers(verb, found, space, style)


@tried(160, 50_000)
@given(st.data(), odd_frames())
def test_light_verbs(data, odd):
    frame, target = odd.frame()
    shown = data.draw(st.sampled_from([*LIGHT, *[None] * (495 if LONG else 45)]))
    followed = data.draw(st.sampled_from([True, *[False] * 9]))
    for verb in LIGHT:
        options = any_options(data.draw, verb, odd, frame)
        note(f"{verb} {options}")
        _CALLS.clear()
        with nothing_left(frame, *([target] if odd.as_series else [])):
            found = attempt(verb, frame, target, follow=followed, **options)
            tallied(odd, verb, found)
            if found is None:
                continue
            if verb == "counts":
                check_counts(found, odd)
            if verb == "weights":
                check_weights(found, odd)
            if verb == "split":
                check_parts(found, frame, target, options)
            if verb == "smote":
                check_resampled(found, frame, target, options)
            check_words(found)
            if verb == shown:
                check_faces(verb, found, frame, target, options)


@tried(60, 3_000)
@given(odd_frames())
def test_the_order_of_rows_and_columns_changes_nothing(odd):
    frame, target = odd.frame()
    rows = np.random.default_rng(odd.seed).permutation(odd.n)
    columns = np.random.default_rng(odd.seed + 1).permutation(frame.shape[1])
    moved = frame.iloc[rows, columns]
    if odd.as_series:
        target = target.set_axis(frame.index)
    for verb in ("counts", "weights", "overview"):
        one = attempt(verb, frame, target)
        other = attempt(verb, moved, target.iloc[rows] if odd.as_series else target)
        assert (one is None) == (other is None)
        if one is not None:
            pd.testing.assert_frame_equal(one.frame, other.frame)


@tried(60, 3_000)
@given(odd_frames())
def test_names_of_labels_change_names_alone(odd):
    """The same rows in train and test, the same counts and weights, whatever the classes are called, in the same order.

    In another order scikit-learn's split draws another one of two equally good numbers of rows for a class.
    """
    frame, target = odd.frame()
    for verb in ("counts", "weights", "split"):
        one = attempt(verb, frame, target)
        if one is None:
            continue
        y = features_of(frame, target)[1]
        classes = list((one.parts.features if verb == "split" else one).target.classes)
        new = y.astype(object).map(
            lambda cell, known=classes: f"class {known.index(cell):04d}", na_action="ignore"
        )
        renamed = frame if odd.as_series else frame.assign().drop(columns=[target])
        other = attempt(verb, renamed, new.rename("renamed"))
        assert other is not None
        assert len(other.frame) == len(classes)
        pd.testing.assert_frame_equal(
            one.frame.reset_index(drop=True), other.frame.reset_index(drop=True), check_names=False
        )
