"""What `smote` does before neighbours are searched: scale, fill, leave columns out; and the way back."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTETomek
from imblearn.over_sampling import SMOTE, SMOTENC, BorderlineSMOTE, RandomOverSampler
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from imbalance_accessor.errors import FeatureError
from imbalance_accessor.verbs.smote import smote

N = 300
RNG = np.random.default_rng(0)
RARE = np.arange(N) % 10 == 3
NUMBERS = RNG.normal(size=(N, 4)) + RARE[:, None]
TEXTS = {
    "color": np.where(RARE, RNG.choice([*"rg"], N), RNG.choice([*"rgb"], N)),
    "shape": RNG.choice(["round", "long", "flat"], N),
    "flag": RNG.random(N) < 0.4,
}


def numeric() -> pd.DataFrame:
    return pd.DataFrame(NUMBERS, columns=[*"abcd"]).assign(y=np.where(RARE, "yes", "no"))


def mixed() -> pd.DataFrame:
    return numeric().drop(columns=["c", "d"]).assign(**TEXTS)[["color", "a", "shape", "b", "flag", "y"]]


def train_part(frame):
    X, y = frame.drop(columns="y"), frame["y"]
    return train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)


def assert_rows(found, X, y):
    """The same cells in the same order; imbalanced-learn starts a new index."""
    pd.testing.assert_frame_equal(found.X_train.reset_index(drop=True), X.reset_index(drop=True))
    assert found.y_train.tolist() == y.tolist()
    assert found.X_train.index.equals(found.y_train.index)


KINDS = {"auto": SMOTE, "borderline": BorderlineSMOTE, "smote_tomek": SMOTETomek}


@pytest.mark.parametrize("kind", KINDS)
def test_scaled_neighbours_are_those_of_standardised_data_and_real_rows_stay_exact(kind):
    frame = numeric().assign(a=lambda df: df["a"] * 1e4 + 3)
    X_train, X_test, y_train, _ = train_part(frame)
    scaler = StandardScaler().fit(X_train)
    sampler = KINDS[kind](random_state=0)
    rows, labels = sampler.fit_resample(scaler.transform(X_train), y_train)
    found = smote(frame, "y", kind=kind, scale=True)
    np.testing.assert_allclose(found.X_train, scaler.inverse_transform(rows), rtol=1e-9, atol=1e-9)
    assert found.y_train.tolist() == labels.tolist()
    real = found.X_train[~found.is_synthetic]
    pd.testing.assert_frame_equal(real, X_train.loc[real.index], check_exact=True)
    pd.testing.assert_frame_equal(found.X_test, X_test, check_exact=True)
    assert not np.allclose(found.X_train.iloc[-50:], smote(frame, "y").X_train.iloc[-50:])


def test_scaling_leaves_categories_alone():
    found = smote(mixed(), "y", scale=True)
    real = found.X_train[~found.is_synthetic]
    pd.testing.assert_frame_equal(real, train_part(mixed())[0].loc[real.index], check_exact=True)
    assert set(found.X_train["color"]) == set(mixed()["color"])


def test_columns_of_very_different_spread_are_pointed_out():
    wide = numeric().assign(a=lambda df: df["a"] * 100)
    (finding,) = [each for each in smote(wide, "y").findings if each.code == "IMB307"]
    assert "'a'" in finding.message
    assert "scale=True" in finding.cure
    assert "IMB307" not in smote(wide, "y", scale=True).findings.codes
    assert "IMB307" not in smote(wide, "y", kind="oversample").findings.codes
    assert "IMB307" not in smote(numeric(), "y").findings.codes
    spreads = train_part(numeric())[0].std(ddof=0)
    for factor, said in ((10.2, True), (9.8, False)):
        edge = numeric().assign(b=lambda df, factor=factor: df["b"] * factor * spreads["a"] / spreads["b"])
        edge = edge[["a", "b", "y"]]
        assert ("IMB307" in smote(edge, "y").findings.codes) == said


def test_whole_numbers_are_interpolated_honestly():
    frame = numeric().assign(count=np.arange(N) % 7, flag=(np.arange(N) % 3 == 0) * 1.0)
    found = smote(frame, "y")
    (finding,) = [each for each in found.findings if each.code == "IMB308"]
    assert "In 'count' new values are truncated to whole numbers" in finding.message
    assert "In 'flag' real values are whole numbers, and new ones lie between them." in finding.message
    made = found.X_train[found.is_synthetic]
    assert made["count"].dtype.kind == "i"
    assert ((made["flag"] > 0) & (made["flag"] < 1)).any()
    assert "IMB308" not in smote(numeric(), "y").findings.codes
    assert "IMB308" not in smote(frame, "y", kind="oversample").findings.codes


def holed() -> pd.DataFrame:
    frame = mixed()
    frame.loc[frame.index[::7], "a"] = np.nan
    frame["shape"] = frame["shape"].astype(object).mask(np.arange(N) % 11 == 0)
    return frame


def test_missing_cells_are_refused_by_column_and_count():
    columns = holed()[["a", "shape"]].isna().sum()
    assert columns.tolist() == [43, 28]
    order = r"Missing cells in 'a' \(43\), 'shape' \(28\)|Missing cells in 'shape' \(28\), 'a' \(43\)"
    with pytest.raises(FeatureError, match=order) as caught:
        smote(holed(), "y")
    assert str(caught.value).endswith("neighbours need values. Fill them, or pass impute=True.")


def test_fills_are_learned_on_the_training_set_and_applied_to_both(run):
    frame = holed()
    X_train, X_test, y_train, _ = train_part(frame)
    fills = {"a": X_train["a"].median(), "shape": "missing"}
    assert fills["a"] != frame["a"].median()
    found = smote(frame, "y", impute=True)
    pd.testing.assert_frame_equal(found.X_test, X_test.fillna(fills))
    real = found.X_train[~found.is_synthetic]
    pd.testing.assert_frame_equal(real, X_train.fillna(fills))
    sampler = SMOTENC(["color", "shape", "flag"], random_state=0)
    assert_rows(found, *sampler.fit_resample(X_train.fillna(fills), y_train))
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])
    pd.testing.assert_frame_equal(made["X_test"], found.X_test)


def test_fills_reach_a_test_set_of_ones_own(run):
    first, second = mixed().iloc[:200], holed().iloc[200:]
    found = smote(first, "y", test=second, impute=True)
    pd.testing.assert_frame_equal(
        found.X_test, second.drop(columns="y").fillna({"a": first["a"].median(), "shape": "missing"})
    )
    made = run(found.snippet(style="full"), df=first, test=second)
    pd.testing.assert_frame_equal(made["X_test"], found.X_test)


@pytest.mark.quick(2)
@pytest.mark.parametrize("dtype", ["category", "string", "boolean", "Int64"])
def test_fills_of_other_dtypes(run, dtype):
    column = pd.Series(TEXTS["flag"] * 1 if dtype in {"boolean", "Int64"} else TEXTS["shape"]).astype(dtype)
    frame = mixed().assign(x=column.mask(np.arange(N) % 11 == 0))
    found = smote(frame, "y", impute=True)
    assert not found.X_train.isna().any(axis=None)
    assert not found.X_test.isna().any(axis=None)
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])
    pd.testing.assert_frame_equal(made["X_test"], found.X_test)


def test_imputing_complete_data_changes_nothing():
    for part, other in zip(smote(mixed(), "y", impute=True), smote(mixed(), "y"), strict=True):
        assert part.equals(other)


def with_id() -> pd.DataFrame:
    return numeric().assign(
        id=[f"c{i}" for i in range(N)],
        day=pd.date_range("2026-01-01", periods=N),
        tags=[["a"]] * N,
        gap=pd.Series(np.arange(N) / 7).mask(np.arange(N) < 9),
    )


def test_columns_without_neighbours_are_left_out_of_both_parts_and_named():
    frame = with_id().drop(columns="gap")
    found = smote(frame, "y")
    assert list(found.X_train.columns) == list(found.X_test.columns) == [*"abcd"]
    (finding,) = [each for each in found.findings if each.code == "IMB202"]
    assert "'id'" in finding.message and "'tags'" in finding.message
    (finding,) = [each for each in found.findings if each.code == "IMB209"]
    assert "'day' (2026-01-01 to " in finding.message
    pd.testing.assert_frame_equal(found.X_test, train_part(frame)[1][[*"abcd"]])


@pytest.mark.parametrize("kind", ["oversample", "undersample", RandomOverSampler(random_state=0)])
def test_copying_keeps_every_column_and_every_cell(run, kind):
    frame = with_id()
    found = smote(frame, "y", kind=kind)
    assert list(found.X_train.columns) == list(found.X_test.columns) == list(frame.columns.drop("y"))
    assert "IMB202" not in found.findings.codes
    kept = found.X_train[~found.is_synthetic]
    pd.testing.assert_frame_equal(kept, frame.drop(columns="y").loc[kept.index])
    for _, row in found.X_train[found.is_synthetic].head(20).iterrows():
        original = frame.loc[frame["id"] == row["id"]].iloc[0]
        assert original["day"] == row["day"]
        np.testing.assert_array_equal(
            original[[*"abcd", "gap"]].astype(float), row[[*"abcd", "gap"]].astype(float)
        )
    assert found.X_test["gap"].isna().sum() == train_part(frame)[1]["gap"].isna().sum()
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])


@pytest.mark.parametrize("kind", ["smote", "borderline", "adasyn", "smote_tomek", "smote_enn"])
def test_text_for_a_sampler_of_numbers_is_refused_by_column(kind):
    with pytest.raises(
        FeatureError, match=rf"kind='{kind}' takes numbers only; 'color', 'shape', 'flag' are"
    ):
        smote(mixed(), "y", kind=kind)


@pytest.mark.quick(4)
@pytest.mark.parametrize(
    "columns",
    [
        {"x": pd.Series(np.arange(N) % 50, dtype="Int64")},
        {"x": pd.Series(NUMBERS[:, 0], dtype="Float64")},
        {"x": pd.Series(RARE, dtype="boolean")},
        {"x": pd.Series(TEXTS["shape"], dtype="string")},
        {"x": pd.Series(TEXTS["shape"], dtype="category")},
        {"x": pd.Series(np.arange(N) % 4, dtype="category")},
        {"x": pd.Series(np.arange(N) % 50, dtype=object)},
        {"x": pd.Series([1 if rare else "a" for rare in RARE], dtype=object)},
    ],
    ids=lambda columns: str(columns["x"].dtype),
)
def test_columns_of_other_dtypes(run, columns):
    frame = numeric()[["a", "b", "y"]].assign(**columns)
    found = smote(frame, "y")
    assert found.frame["after"].tolist() == [216, 216]
    made = run(found.snippet(style="full"), df=frame)
    assert_rows(found, made["X_train"], made["y_train"])


@pytest.mark.parametrize(
    "make", [numeric, mixed, lambda: numeric().rename(columns={"a": 0, "b": 1, "c": 2, "d": 3})]
)
def test_the_snippet_of_scaled_neighbours(run, make):
    found = smote(make(), "y", scale=True)
    made = run(found.snippet(style="full"), df=make())
    pd.testing.assert_frame_equal(
        made["X_train"].reset_index(drop=True), found.X_train.reset_index(drop=True), rtol=1e-9, atol=1e-9
    )
    assert made["y_train"].tolist() == found.y_train.tolist()


def test_the_frame_is_not_changed():
    frame = with_id()
    before = frame.copy(deep=True)
    for options in ({"impute": True, "scale": True}, {"kind": "oversample"}, {"kind": "undersample"}):
        X_train, X_test, y_train, y_test = smote(frame, "y", **options)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for part in (X_train, X_test):
                part["new"] = 1
                part.iloc[:, 0] = 0.0
            y_train.iloc[0] = y_test.iloc[0] = "changed"
    pd.testing.assert_frame_equal(frame, before)


def test_findings_can_be_muted():
    frame = with_id().drop(columns="gap")
    assert "IMB202" not in smote(frame, "y", ignore=("IMB202",)).findings.codes
