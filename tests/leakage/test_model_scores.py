"""A model that is too good, and one that a single column beats: named, with cures that are followed to the letter."""

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

N = 1500
QUICK = {"strategies": [], "progress": False}


def noise(seed=0, share=0.15):
    rng = np.random.default_rng(seed)
    y = rng.random(N) < share
    return pd.DataFrame({"a": rng.normal(size=N), "b": rng.normal(size=N), "y": y * 1}), y, rng


def finding_of(result, code):
    return next((each for each in result.findings if each.code == code), None)


def followed(fix, frame):
    """Run the lines of a fix that change the frame."""
    space = {"df": frame.copy()}
    exec(fix.lines, space)
    return space["df"]


def two_halves():
    """No column alone tells the label: their sum does."""
    frame, y, rng = noise()
    half = rng.normal(size=N) * 3
    return frame.assign(one=half, two=np.where(y, 4.0, 0.0) - half + rng.normal(size=N) * 0.3)


def money():
    """Amounts written as text: zero exactly where the label is 0."""
    frame, y, rng = noise()
    return frame.assign(paid=np.where(y, [f"${v:,}" for v in rng.integers(100, 90_000, N)], "$0"))


@pytest.mark.parametrize("make", [two_halves, money])
def test_a_near_perfect_score_is_named_with_the_columns_that_carry_it(make):
    frame = make()
    found = imb.fit_eval(frame, "y", **QUICK)
    finding = finding_of(found, "IMB113")
    oof = found.scored.by_name["none"].oof[:, 1]
    auc = roc_auc_score(found.scored.train_codes, oof)
    assert auc > 0.998
    assert finding.severity == "warning"
    carry = ["one", "two"] if make is two_halves else ["paid"]
    assert all(f"{name!r} (" in finding.message for name in carry)
    assert not any(f"{name!r} (" in finding.message for name in ("a", "b"))
    assert found.verdict.startswith("Near perfect: look for a leak first. ")
    assert found.verdict in repr(found).replace("\n", " ") or "Near perfect" in repr(found)
    clean = followed(finding.fix, frame)
    assert finding_of(imb.fit_eval(clean, "y", **QUICK), "IMB113") is None


def test_what_a_shuffled_column_costs_is_counted_by_hand():
    frame = money()
    found = imb.fit_eval(frame, "y", **QUICK)
    X, y = found.scored.parts.test.X, found.scored.test_codes
    model, order = found.model("none"), np.random.default_rng(0).permutation(len(X))
    lost = roc_auc_score(y, model.predict_proba(X)[:, 1]) - roc_auc_score(
        y, model.predict_proba(X.assign(paid=X["paid"].to_numpy()[order]))[:, 1]
    )
    assert f"'paid' ({lost:.2f})" in finding_of(found, "IMB113").message


def test_every_verb_that_fits_says_it_and_it_can_be_muted():
    frame = money()
    given = {"progress": False, "cv": 3}
    assert finding_of(imb.reliability(frame, "y", **given), "IMB113") is not None
    found = imb.best_threshold(frame, "y", **given)
    assert finding_of(found, "IMB113") is not None
    assert "Near perfect: look for a leak first." in " ".join(repr(found).split())
    evaluated = imb.fit_eval(frame, "y", **QUICK)
    assert finding_of(evaluated.best_threshold(), "IMB113") is not None
    muted = imb.fit_eval(frame, "y", **QUICK, ignore=["IMB113"])
    assert not muted.verdict.startswith("Near perfect")


def test_several_classes_and_models_of_the_users_own_are_judged_too():
    rng = np.random.default_rng(0)
    label = rng.choice(["p", "q", "r"], N, p=[0.6, 0.3, 0.1])
    place = pd.Series(label).map({"p": 0.0, "q": 5.0, "r": 10.0}).to_numpy()
    frame = pd.DataFrame({"a": rng.normal(size=N), "x": place + rng.normal(size=N) * 0.1, "y": label})
    finding = finding_of(imb.fit_eval(frame, "y", **QUICK, model=KNeighborsClassifier()), "IMB113")
    assert "'x' (" in finding.message


def test_an_honest_score_is_no_alarm():
    for seed in range(4):
        frame, y, rng = noise(seed)
        frame["x"] = rng.normal(size=N) + 3.0 * y  # ROC-AUC 0.983
        assert finding_of(imb.fit_eval(frame, "y", **QUICK), "IMB113") is None


# ---------------------------------------------------------------- one column that is better


def inside():
    frame, y, rng = noise()
    return frame.assign(u=np.where(y, rng.normal(size=N) * 0.2, rng.normal(size=N) * 2))


def gaps():
    frame, y, rng = noise()
    return frame.assign(m=np.where(rng.random(N) < np.where(y, 0.7, 0.1), np.nan, rng.normal(size=N)))


@pytest.mark.parametrize(
    ("make", "name", "view"), [(inside, "u", "in ranges"), (gaps, "m", "missing or not")]
)
def test_a_column_that_ranks_better_alone_is_named_and_the_cure_works(make, name, view):
    frame = make()
    found = imb.fit_eval(frame, "y", **QUICK)
    finding = finding_of(found, "IMB411")
    assert finding.message.startswith(
        f"{name!r} alone, {view}, scores better than the model: average precision "
    )
    train = found.scored.parts.train.X[name].to_numpy()
    y, fold = found.scored.train_codes.astype(bool), found.scored.folds.ids
    if view == "missing or not":
        score = [y[(fold != fold[i]) & (np.isnan(train) == np.isnan(train[i]))].mean() for i in range(len(y))]
        rank = pd.Series(score).groupby(fold).rank(pct=True)
        expected = average_precision_score(y, rank)
        assert f"average precision {expected:.3f} against " in finding.message
    if "model='boosting'" in finding.cure:
        again = imb.fit_eval(frame, "y", **QUICK, model="boosting")
    else:
        again = imb.fit_eval(followed(finding.fix, frame), "y", **QUICK)
    assert finding_of(again, "IMB411") is None
    assert (
        again.evaluated["none"].cv["average_precision"]
        > found.evaluated["none"].cv["average_precision"] + 0.1
    )


def test_a_column_that_gives_a_class_away_is_not_advised_to_be_added():
    frame, y, rng = noise()
    frame["gone"] = np.where(y & (rng.random(N) < 0.8), np.nan, rng.normal(size=N))
    found = imb.fit_eval(frame, "y", **QUICK)
    assert "'gone' is missing" in finding_of(found, "IMB112").message
    assert finding_of(found, "IMB411") is None


def test_no_indicator_is_advised_where_the_model_would_not_read_it():
    own = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    finding = finding_of(imb.fit_eval(gaps(), "y", **QUICK, model=own), "IMB411")
    assert not finding.fix
    assert "model='boosting'" in finding.cure


def test_a_model_that_noise_drowns_is_told_so():
    """Near neighbours in forty columns of noise lose what one column tells; the plain model of them does not."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(N, 40)), columns=[f"x{i}" for i in range(40)])
    frame["y"] = (rng.random(N) < 1 / (1 + np.exp(4 - 3 * frame["x0"]))).astype(int)
    finding = finding_of(imb.fit_eval(frame, "y", model="knn", **QUICK), "IMB411")
    assert finding.message.startswith("'x0' alone, in order, scores better than the model")
    assert "a simpler model" in finding.cure
    assert finding_of(imb.fit_eval(frame, "y", **QUICK), "IMB411") is None


def test_what_a_column_of_a_common_class_carries_is_seen():
    frame, y, rng = noise(share=0.08)
    frame["z"] = np.where(y, 1 + 5 * rng.random(N), -rng.random(N))
    finding = finding_of(imb.fit_eval(frame, "y", pos_label=0, **QUICK), "IMB113")
    assert "'z' (" in finding.message


def test_a_model_that_uses_its_columns_is_no_alarm():
    for seed in range(6):
        frame, y, rng = noise(seed)
        frame["x"] = rng.normal(size=N) + y
        frame["step"] = np.round(rng.gamma(2, 1 + 0.3 * y), 1)
        assert finding_of(imb.fit_eval(frame, "y", **QUICK), "IMB411") is None


def test_noise_is_no_alarm():
    """The best of forty columns of noise scores better than a model of all by luck."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(rng.normal(size=(300, 40)), columns=[f"x{i}" for i in range(40)])
        frame["y"] = rng.permutation(np.arange(300) < 40)
        assert finding_of(imb.fit_eval(frame, "y", **QUICK), "IMB411") is None


@pytest.mark.parametrize("weights", [{"prevalence": 0.004}, {"sample_weight": "w"}], ids=str)
def test_checks_of_a_model_are_about_the_rows_as_they_are(weights):
    frame = gaps()
    plain = finding_of(imb.fit_eval(frame, "y", **QUICK), "IMB411")
    weighed = frame.assign(w=1.0 + np.arange(len(frame)) % 3) if "sample_weight" in weights else frame
    found = finding_of(imb.fit_eval(weighed, "y", **QUICK, **weights), "IMB411")
    assert found is not None
    if "prevalence" in weights:  # the fits are the same
        assert found.message == plain.message
