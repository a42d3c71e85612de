"""`weights` against scikit-learn to the last bit, closed forms, and the ways a dict is used."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from imbalance_accessor.errors import OptionError, TargetError
from imbalance_accessor.verbs.weights import weights

FRAUD = pd.Series([0] * 950 + [1] * 50, name="y")
RNG = np.random.default_rng(0)
SERIES = {
    "int": (FRAUD, int),
    "int8": (FRAUD.astype("int8"), int),
    "bool": (FRAUD == 1, bool),
    "object bool": ((FRAUD == 1).astype(object), bool),
    "float": (FRAUD.astype(float), float),
    "text": (FRAUD.map({0: "no", 1: "yes"}), str),
    "numpy text": (FRAUD.map({0: np.str_("no"), 1: np.str_("yes")}).astype(object), str),
    "string": (FRAUD.map({0: "no", 1: "yes"}).astype("string"), str),
    "category": (pd.Series(pd.Categorical(FRAUD.map({0: "no", 1: "yes"}), ["z", "yes", "no"])), str),
    "int category": (FRAUD.astype("category"), int),
    "Int64": (FRAUD.astype("Int64"), int),
    "boolean": ((FRAUD == 1).astype("boolean"), bool),
    "several": (pd.Series(RNG.choice([*"abcd"], 333, p=[0.6, 0.25, 0.1, 0.05])), str),
    "several int": (pd.Series(RNG.choice([3, 1, 2], 1000, p=[0.9, 0.07, 0.03])), int),
}


@pytest.mark.parametrize("kind", SERIES)
def test_balanced_equals_scikit_learn_to_the_last_bit(kind):
    y, _ = SERIES[kind]
    plain = y.astype(object).to_numpy()
    plain = plain.astype(str) if isinstance(plain[0], str) else np.array(plain.tolist())
    classes = np.unique(plain)
    expected = compute_class_weight("balanced", classes=classes, y=plain)
    assert list(weights(y).items()) == list(zip(classes.tolist(), expected.tolist(), strict=True))


@pytest.mark.parametrize("kind", SERIES)
@pytest.mark.parametrize("method", ["balanced", "sqrt", "effective"])
def test_keys_and_values_are_plain_python(kind, method):
    y, plain = SERIES[kind]
    found = weights(y, method=method)
    assert {type(key) for key in found} == {plain}
    assert {type(value) for value in found.values()} == {float}


@pytest.mark.parametrize("kind", SERIES)
@pytest.mark.parametrize("beta", [0.0, 0.9, 0.999, 0.999999])
def test_sqrt_and_effective_have_their_closed_forms(kind, beta):
    y, _ = SERIES[kind]
    cells = y.tolist()
    rows = {label: cells.count(label) for label in set(cells)}
    n, k = len(cells), len(rows)
    root, effective = weights(y, method="sqrt"), weights(y, method="effective", beta=beta)
    # Cui et al. 2019: E_n = (1 - beta^n) / (1 - beta), the weights 1 / E_n scaled to sum to k
    inverse = {label: (1 - beta) / (1 - beta**count) for label, count in rows.items()}
    total = math.fsum(inverse.values())
    for label, count in rows.items():
        assert root[label] == pytest.approx(math.sqrt(n / (k * count)), rel=1e-14)
        # 1 - beta^n loses digits where beta is near 1; how many hangs on the processor's power function
        close = max(1e-12, 1e-15 / (1 - beta))
        assert effective[label] == pytest.approx(k * inverse[label] / total, rel=close)
    assert math.fsum(effective.values()) == pytest.approx(k)


def test_the_numbers_everybody_knows():
    found = weights(FRAUD)
    assert found == {0: 1000 / (2 * 950), 1: 10.0}
    assert round(found[0], 3) == 0.526
    assert repr(found) == "{0: 0.5263157894736842, 1: 10.0}"
    assert weights(FRAUD, method="effective", beta=0.0) == {0: 1.0, 1: 1.0}


# --- a dict


def cloned(found):
    return clone(LogisticRegression(class_weight=found)).class_weight


@pytest.mark.parametrize(
    "again", [cloned, copy.copy, copy.deepcopy, lambda w: pickle.loads(pickle.dumps(w)), dict]
)
def test_a_copy_holds_the_same_weights(again):
    found = weights(SERIES["text"][0])
    made = again(found)
    assert made == found == {"no": 1000 / 1900, "yes": 10.0}
    assert isinstance(made, dict)
    made["yes"] = 3.0
    assert found["yes"] == 10.0


def test_it_is_a_dict_and_mutable():
    found = weights(FRAUD)
    assert isinstance(found, dict)
    found[1] = 7.0
    found |= {0: 2.0}
    assert found == {0: 2.0, 1: 7.0}
    assert {**found} == {0: 2.0, 1: 7.0}
    assert sorted(found) == [0, 1]


def test_what_is_derived_follows_a_change():
    found = weights(FRAUD)
    assert found.sample_weight.iloc[-1] == 10.0
    found[1] = 7.0
    assert found.sample_weight.iloc[-1] == 7.0
    assert found.frame.loc[1, "weight"] == 7.0


def test_the_snippet_and_the_words_follow_a_change(run):
    found = weights(FRAUD.to_frame(), "y")
    found[1] = 7.0
    assert run(found.snippet(style="full"), df=FRAUD.to_frame())["class_weight"] == found
    assert "10" not in found.explain()
    assert "7" in found.explain()


def test_text_labels_make_json():
    found = weights(SERIES["text"][0])
    assert json.loads(json.dumps(found)) == found


def test_a_model_that_holds_them_keeps_them_through_pickle(run):
    model = LogisticRegression(class_weight=weights(FRAUD, method="effective", beta=0.9))
    for again in (pickle.loads(pickle.dumps(model)), clone(model), copy.deepcopy(model)):
        found = again.class_weight
        assert (found.method, found.beta) == ("effective", 0.9)
        pd.testing.assert_series_equal(found.sample_weight, model.class_weight.sample_weight)
        assert run(found.snippet(style="full"), y=FRAUD)["class_weight"] == found
        found[1] = 7.0
        assert model.class_weight[1] != 7.0 and found.method == "own"


def test_the_card_draws_the_weights_as_they_are():
    found = weights(FRAUD)
    before = found._repr_html_()
    found[1] = 1.0
    after, made = found._repr_html_(), weights(FRAUD, method={0: found[0], 1: 1.0})
    picture = r'src="data:image/svg\+xml;base64,([^"]+)"'
    assert re.findall(picture, after) == re.findall(picture, made._repr_html_())
    assert re.findall(picture, after) != re.findall(picture, before)


@pytest.mark.parametrize("kind", ["int", "text", "bool", "several", "several int"])
@pytest.mark.parametrize("model", [LogisticRegression(), RandomForestClassifier(5, random_state=0)])
def test_as_class_weight_it_fits_what_balanced_fits(kind, model):
    y, _ = SERIES[kind]
    X = np.random.default_rng(1).normal(size=(len(y), 3)) + np.arange(len(y))[:, None] / len(y)
    own = clone(model).set_params(class_weight=weights(y)).fit(X, y)
    theirs = clone(model).set_params(class_weight="balanced").fit(X, y)
    np.testing.assert_array_equal(own.predict_proba(X), theirs.predict_proba(X))
    assert "{" in repr(own)


# --- other libraries' dialects


@pytest.mark.parametrize("kind", SERIES)
def test_sample_weight_equals_scikit_learns_on_the_frames_index(kind):
    y, _ = SERIES[kind]
    y = y.set_axis([f"r{i}" for i in range(len(y))])
    found = weights(y).sample_weight
    plain = y.astype(object).to_numpy()
    plain = plain.astype(str) if isinstance(plain[0], str) else np.array(plain.tolist())
    np.testing.assert_array_equal(found.to_numpy(), compute_sample_weight("balanced", plain))
    assert found.index.equals(y.index)
    assert found.name == "sample_weight"


def test_rows_without_a_label_have_no_sample_weight():
    y = pd.Series(["a", None, "b", "b"], dtype=object)
    found = weights(y).sample_weight
    np.testing.assert_array_equal(found, [1.5, np.nan, 0.75, 0.75])
    assert weights(y).findings.codes == ("IMB201",)


@pytest.mark.parametrize("kind", ["int", "bool", "float", "text", "category", "Int64"])
def test_scale_pos_weight_is_negatives_over_positives(kind):
    found = weights(SERIES[kind][0])
    assert found.scale_pos_weight == found.pos_weight == 950 / 50
    assert type(found.scale_pos_weight) is float


def test_scale_pos_weight_follows_the_positive_class():
    assert weights(FRAUD, pos_label=0).scale_pos_weight == 50 / 950
    several = SERIES["several"][0]
    rows = (several == "c").sum()
    assert weights(several, pos_label="c").scale_pos_weight == (len(several) - rows) / rows


def test_several_classes_have_a_vector_in_label_order():
    y = SERIES["several int"][0]
    found = weights(y)
    np.testing.assert_array_equal(
        found.pos_weight, compute_class_weight("balanced", classes=np.array([1, 2, 3]), y=y.to_numpy())
    )
    with pytest.raises(OptionError, match=r"scale_pos_weight is for two classes; 'target' has 3"):
        found.scale_pos_weight


@pytest.mark.parametrize("kind", SERIES)
def test_the_frame_shows_rows_weights_and_their_share(kind):
    y, _ = SERIES[kind]
    frame = weights(y).frame
    np.testing.assert_allclose(frame["share_of_weight"], 1 / len(frame))  # what balanced means
    assert frame["rows"].sum() == len(y)


def test_a_series_a_column_and_a_series_beside_a_frame_weigh_alike():
    frame = FRAUD.to_frame().assign(x=1)
    for found in (FRAUD.imb.weights(), frame.imb.weights("y"), weights(frame, "y"), weights(frame, FRAUD)):
        assert found == weights(FRAUD)


# --- weights of one's own


def test_own_weights_are_taken_and_completed():
    found = weights(FRAUD, method={np.int64(1): np.float32(4)})
    assert found == {0: 1.0, 1: 4.0}
    assert {type(value) for value in found.values()} == {float}
    assert found.method == "own"
    (finding,) = found.findings
    assert finding.code == "IMB204"
    assert "No weight was given for class 0: 1 is taken" in finding.message
    assert weights(FRAUD, method={0: 1, 1: 0}) == {0: 1.0, 1: 0.0}
    assert not weights(FRAUD, method={0: 1, 1: 10}).findings


@pytest.mark.parametrize(
    ("y", "method", "said"),
    [
        (FRAUD, {"0": 1, "1": 10}, r"'0', '1' are not among the labels 0, 1 \(int\)"),
        (FRAUD, {0: 1, 2: 5}, r"2 is not among the labels 0, 1 \(int\)"),
        (FRAUD.astype(str), {0: 1, 1: 10}, r"0, 1 are not among the labels '0', '1' \(str\)"),
        (FRAUD, {0: 1, 1: -10}, r"the weight of class 1 is -10; weights are numbers of 0 or more"),
        (FRAUD, {0: 1, 1: float("nan")}, r"the weight of class 1 is nan"),
        (FRAUD, {0: 1, 1: float("inf")}, r"the weight of class 1 is inf"),
        (FRAUD, {0: 1, 1: "10"}, r"the weight of class 1 is '10'"),
        (FRAUD, {0: 1, 1: None}, r"the weight of class 1 is None"),
        (FRAUD, {0: 1, 1: True}, r"the weight of class 1 is True"),
        (FRAUD, {0: 0, 1: 0}, r"every weight is 0"),
        (FRAUD, "ballanced", r"method='ballanced' is not known\. Did you mean 'balanced'\? Known:"),
        (FRAUD, 3, r"method=3 is not known"),
    ],
)
def test_wrong_weights_are_refused(y, method, said):
    with pytest.raises(OptionError, match=said):
        weights(y, method=method)


@pytest.mark.parametrize("beta", [1, 1.0, -0.1, "0.9", True, None, float("nan")])
def test_a_beta_out_of_range_is_refused(beta):
    with pytest.raises(OptionError, match=r"beta=.* must be at least 0 and below 1"):
        weights(FRAUD, method="effective", beta=beta)


def test_other_refusals_come_through():
    with pytest.raises(TargetError, match="one class"):
        weights(pd.Series([1, 1]))
    with pytest.raises(OptionError, match="library='torch' is not known"):
        weights(FRAUD).snippet(style="full", library="torch")


# --- code and words


@pytest.mark.parametrize("kind", SERIES)
@pytest.mark.parametrize("method", ["balanced", "sqrt", "effective", "own"])
def test_the_snippet_gives_the_same_weights(run, kind, method):
    frame = SERIES[kind][0].rename("y").to_frame()
    labels = list(weights(frame, "y"))
    given = {label: place + 0.5 for place, label in enumerate(labels)} if method == "own" else method
    found = weights(frame, "y", method=given, beta=0.99)
    for style in ("full", "short"):
        made = run(found.snippet(style=style), df=frame)["class_weight"]
        assert all(isinstance(key, type(labels[0])) for key in made)
        assert set(made) == set(found)
        for label, weight in found.items():
            assert made[label] == (
                weight if method in {"balanced", "own"} else pytest.approx(weight, rel=1e-13)
            )


def test_the_snippet_where_labels_are_missing(run):
    frame = FRAUD.to_frame().mask(np.arange(1000)[:, None] % 9 == 0)
    for method in ("balanced", "sqrt", "effective"):
        found = weights(frame, "y", method=method)
        assert run(found.snippet(style="full"), df=frame)["class_weight"] == pytest.approx(found)
    beside = weights(frame["y"])
    assert run(beside.snippet(style="full"), y=frame["y"])["class_weight"] == beside


@pytest.mark.parametrize(
    ("method", "formula"),
    [
        ("balanced", "w_c = n / (k · n_c).** Here they are 1,000 / (2 · 50) = 10 for class 1"),
        ("sqrt", f"√(1,000 / (2 · 50)) = {math.sqrt(10):.3g} for class 1"),
        ("effective", "w_c ∝ (1 − β) / (1 − β^n_c) with β = 0.999.** Here they are "),
        ({0: 1, 1: 4}, "these weights are your own.** Here they are 4 for class 1"),
    ],
)
def test_the_words_carry_the_formula_and_the_numbers(method, formula):
    found = weights(FRAUD, method=method)
    assert formula in found.explain()
    for audience in ("colleague", "interview"):
        times = f"one row of class 1 counts as {found[1] / found[0]:.3g} of class 0"
        assert times in found.explain(audience=audience)


def test_the_labels_are_not_changed():
    y = FRAUD.copy()
    found = weights(y)
    weight = found.sample_weight
    weight.iloc[:] = 0
    pd.testing.assert_series_equal(y, FRAUD)
    assert found.sample_weight.iloc[0] == 1000 / 1900
