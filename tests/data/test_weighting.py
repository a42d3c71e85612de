"""How much rows count: read at the door, against closed forms and repeated rows; columns that look like weights."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.data.target import read_target
from imbalance_accessor.data.weighting import read_weighting
from imbalance_accessor.errors import OptionError


def frame(n: int = 120, classes: tuple[str, ...] = ("no", "yes")) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    y = np.where(np.arange(n) % 4 == 0, classes[-1], classes[0])
    if len(classes) > 2:
        y[5::8] = classes[1]
    return pd.DataFrame({"a": rng.normal(size=n), "w": rng.integers(1, 6, n), "y": y})


@pytest.mark.parametrize("weights", [None, "w"])
def test_factors_bring_the_weighted_share_to_the_prevalence(weights):
    df = frame()
    found = read_features(df, "y", prevalence=0.02, sample_weight=weights).weighting
    own = np.ones(len(df)) if weights is None else df["w"].to_numpy()
    positive = (df["y"] == "yes").to_numpy()
    sample = own[positive].sum() / own.sum()
    assert found.factors == pytest.approx([0.98 / (1 - sample), 0.02 / sample], rel=1e-14)
    counted = own * found.factors[positive.astype(int)]
    assert counted[positive].sum() / counted.sum() == pytest.approx(0.02, rel=1e-14)
    assert counted.sum() == pytest.approx(own.sum(), rel=1e-14)


def test_of_several_classes_each_has_a_factor_and_one_against_the_rest_keeps_the_others_shares():
    df = frame(160, ("a", "b", "c"))
    wanted = {"a": 0.9, "b": 0.08, "c": 0.02}
    shares = df["y"].value_counts(normalize=True)
    each = read_features(df, "y", prevalence=wanted).weighting
    assert each.factors == pytest.approx([wanted[label] / shares[label] for label in "abc"], rel=1e-14)
    one = read_features(df, "y", prevalence=0.02, pos_label="c").weighting
    rest = 0.98 / (1 - shares["c"])
    assert one.factors == pytest.approx([rest, rest, 0.02 / shares["c"]], rel=1e-14)


@pytest.mark.parametrize(
    "share", [10**400, 1e-320, -1e300, 1 + 2j, pd.NA, {}, set(), "lots", np.array([0.02])]
)
def test_what_is_no_share_is_refused_in_one_sentence(share):
    with pytest.raises(OptionError, match=r"^prevalence="):
        read_features(frame(), "y", prevalence=share)


@pytest.mark.parametrize("cell", [pd.Timestamp("2026-01-01"), 1j, "x", [1], {1}], ids=repr)
def test_what_is_no_weight_is_refused_in_words(cell):
    with pytest.raises(OptionError, match=r"and weights are numbers\. Name a column") as caught:
        read_features(frame().assign(w=pd.Series([cell] * 120)), "y", sample_weight="w")
    assert not caught.value.fix


def test_shares_of_other_rows_may_come_as_pandas_counts_them():
    shares = pd.Series(["no"] * 9 + ["yes"]).value_counts(normalize=True)
    found = read_features(frame(), "y", prevalence=shares).weighting
    assert (found.prevalence, found.wanted.tolist()) == ({"no": 0.9, "yes": 0.1}, [0.9, 0.1])


@pytest.mark.parametrize(
    "share", [0.25, np.float32(0.25), Fraction(1, 4), {"no": 0.75, "yes": np.float64(0.25)}, 0.25 + 1e-11]
)
def test_the_frames_own_share_is_as_if_it_were_not_given(share):
    found = read_features(frame(), "y", prevalence=share)
    assert found.weighting.factors is None
    assert found.weighting.of(found.X, 1).are_ones


def test_weights_that_are_all_one_are_none():
    assert (
        read_features(frame().assign(w=1), "y", sample_weight="w")
        .weighting.of(pd.DataFrame({"w": [1.0]}), 1)
        .are_ones
    )


def test_shares_may_be_rounded_and_keys_numpys():
    target = read_target(pd.Series([0, 1, 2] * 10))
    thirds = {np.int64(0): 0.333333, np.int64(1): 0.333333, 2.0: np.float32(0.333333)}
    assert read_weighting(thirds, None, target, pd.DataFrame()).factors is None or np.allclose(
        read_weighting(thirds, None, target, pd.DataFrame()).wanted, 1 / 3, atol=1e-6
    )
    with pytest.raises(OptionError, match=r"must add to 1; these shares add to 0\.999\."):
        read_weighting(dict.fromkeys([0, 1, 2], 0.333), None, target, pd.DataFrame())


@pytest.mark.parametrize("odd", [np.nan, -3.0, np.inf])
def test_weights_of_rows_without_a_label_do_not_matter(odd):
    df = frame().astype({"w": float})
    df.loc[[3, 4], "y"], df.loc[[3, 4], "w"] = None, odd
    found = read_features(df, "y", sample_weight="w")
    kept = df[df["y"].notna()]
    assert found.weighting.shares.tolist() == (kept.groupby("y")["w"].sum() / kept["w"].sum()).tolist()
    assert found.weighting.own(found.X).tolist() == kept["w"].tolist()


KINDS = {
    "numbers": lambda w: w,
    "money": lambda w: w.map("${}.50".format),
    "nullable": lambda w: w.astype("Int64"),
    "objects": lambda w: w.astype(object),
    "category of text": lambda w: w.map("{}.5 kg".format).astype("category"),
    "truth values": lambda w: w > 2,
}


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_read_as_their_owner_means_them_and_are_no_feature(kind):
    df = frame().assign(w=lambda rows: KINDS[kind](rows["w"]))
    found = read_features(df, "y", sample_weight="w", test=df[:60])
    wanted = frame()["w"] + (0.5 if kind in ("money", "category of text") else 0)
    wanted = (wanted > 2) if kind == "truth values" else wanted
    assert found.weighting.own(found.X).tolist() == wanted.astype(float).tolist()
    assert found.weighting.own(found.test.X).tolist() == wanted[:60].astype(float).tolist()
    assert (found.columns.kinds["w"], found.columns.used) == ("weights", ("a",))


def test_a_series_stands_in_a_column_of_its_own_and_the_frame_is_not_changed():
    df = frame().rename(columns={"a": "sample_weight"})
    before = df.copy()
    found = read_features(df, "y", sample_weight=df["y"].map({"no": 1, "yes": 3}))
    assert found.weighting.column == "sample_weight_"
    assert not found.weighting.in_frame
    assert found.columns.kinds["sample_weight_"] == "weights"
    assert found.weighting.own(found.X).tolist() == [3.0 if label == "yes" else 1.0 for label in df["y"]]
    pd.testing.assert_frame_equal(df, before)
    named = read_features(df, "y", sample_weight=df["w"])
    assert (named.weighting.column, named.weighting.in_frame) == ("w", True)


def test_huge_and_tiny_weights_give_shares_and_nothing_overflows():
    df = frame()
    for power in (1e40, 1e-40):
        found = read_features(df.assign(w=df["w"] * power), "y", sample_weight="w").weighting
        assert found.shares == pytest.approx(
            read_features(df, "y", sample_weight="w").weighting.shares, rel=1e-12
        )


SURVEYS = [
    "fnlwgt",
    "PERWT",
    "HHWT",
    "WTFINL",
    "ASECWT",
    "PWGTP",
    "WGTP",
    "pspwght",
    "dweight",
    "pweight",
    "WTSSALL",
    "_LLCPWT",
    "WTMEC2YR",
    "REPWTP12",
    "PWGTP7",
    "A_FNLWGT",
    "_FINALWT",
    "anweight",
    "W_FSTUWT",
    "TOTWGT",
    "sample_weight",
    "sampling_weight",
    "survey_weight",
    "case_weight",
    "instance_weight",
    "final_weight",
    "iptw",
    "survey_wt",
    "sampling_wgt",
]


@pytest.mark.parametrize("name", [*SURVEYS, "instance weight", "Sample Weight"])
def test_names_of_surveys_look_like_row_weights(name):
    df = frame().rename(columns={"w": name})
    for rows, said in ((df, "looks like row weights"), (df.assign(height=1.7), "may be row weights")):
        (found,) = [each for each in read_features(rows, "y").findings if each.code == "IMB214"]
        assert f"{name!r} {said}" in found.message
        assert found.fix.options == {"sample_weight": name}


@pytest.mark.parametrize("name", ["weight", "weights", "w", "wt", "pw", "exposure", "Weight"])
def test_names_that_may_mean_other_things_may_be_row_weights_unless_a_body_is_measured(name):
    df = frame().rename(columns={"w": name})
    (found,) = [each for each in read_features(df, "y").findings if each.code == "IMB214"]
    assert f"{name!r} may be row weights" in found.message
    for other in ("height", "BMI", "horsepower", "systolic_pressure"):
        body = df.assign(**{other: df["a"] ** 2})
        assert "IMB214" not in [each.code for each in read_features(body, "y").findings]


@pytest.mark.parametrize("cells", [0, -1, np.nan])
def test_what_is_not_positive_throughout_does_not_look_like_weights(cells):
    df = frame().astype({"w": float}).rename(columns={"w": "fnlwgt"})
    df.loc[7, "fnlwgt"] = cells
    assert "IMB214" not in [each.code for each in read_features(df, "y").findings]
    for name in ("birth_weight", "weight_kg", "body_weight", "weighted", "gross weight", "watts"):
        others = frame().rename(columns={"w": name})
        assert "IMB214" not in [each.code for each in read_features(others, "y").findings]


@pytest.mark.parametrize("given", ["column", "series"])
def test_leaks_checks_rows_as_they_are_without_the_weights(given):
    df = frame(200).assign(b=lambda rows: rows["w"] * 2.0)
    weights = "w" if given == "column" else df["w"].rename("z") * 3
    rows = df if given == "column" else df.drop(columns="w")
    found = rows.imb.leaks("y", sample_weight=weights, prevalence=0.01)
    pd.testing.assert_frame_equal(found.frame, df.drop(columns="w").imb.leaks("y").frame)
    assert not {"w", "sample_weight"} & {*found.columns.index}
    names = {"df": rows, "sample_weight": weights}
    exec(str(found.snippet(style="short")), names)
    assert list(names["X"].columns) == ["a", "b"]


def test_scores_are_no_weights():
    df = frame().assign(p=lambda rows: rows["a"].rank(pct=True))
    for verb in (df.imb.best_threshold, df.imb.reliability):
        with pytest.raises(OptionError, match="sample_weight='p' is the column of scores="):
            verb("y", scores="p", sample_weight="p")


def test_the_demo_has_no_column_that_looks_like_weights():
    assert "IMB214" not in imb.make_churn().imb.overview("churn").findings.codes


def test_weights_divided_by_their_sum_are_said_to_add_up_to_little():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=300), "y": ["a", "b", "b"] * 100, "w": rng.uniform(1, 9, 300)})

    def codes(weights):
        return {each.code for each in read_features(df.assign(w=weights), "y", sample_weight="w").findings}

    assert "IMB215" in codes(df["w"] / df["w"].sum())
    for many in (df["w"], df["w"] / df["w"].mean(), rng.integers(0, 3, 300), rng.uniform(0.1, 0.9, 300)):
        assert "IMB215" not in codes(many)


def test_weights_of_one_number_for_each_class_are_said_to_be_a_prevalence():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=300), "y": ["a", "b", "b"] * 100})

    def said(weights, **options):
        found = read_features(df.assign(w=weights), "y", sample_weight="w", **options).findings
        return [each.cure for each in found if each.code == "IMB216"]

    by_class = df["y"].map({"a": 0.5, "b": 12.0})
    share = 100 * 0.5 / (100 * 0.5 + 200 * 12.0)
    assert said(by_class) == [f"Say so by the share: prevalence={share:.9g}, without these weights."]
    assert said(by_class, prevalence=0.1) == ["Leave the weights out."]
    for other in (df["y"].map({"a": 1.0, "b": 1.5}), by_class * rng.uniform(0.9, 1.1, 300), 1.0):
        assert not said(other)
