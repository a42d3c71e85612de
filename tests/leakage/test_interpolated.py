"""IMB103: frames that SMOTE, or one of its kin, grew before they came; silence where nobody did."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, SVMSMOTE, BorderlineSMOTE
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_classification
from threadpoolctl import threadpool_limits

from imbalance_accessor.data.features import read_features
from imbalance_accessor.leakage import interpolated
from imbalance_accessor.leakage.evidence import Evidence
from imbalance_accessor.leakage.interpolated import Interpolated
from imbalance_accessor.splitting.split import divide
from imbalance_accessor.verbs.best_threshold import best_threshold
from imbalance_accessor.verbs.fit_eval import fit_eval
from imbalance_accessor.verbs.leaks import leaks
from imbalance_accessor.verbs.reliability import reliability

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

KIN = {"SMOTE": SMOTE, "Borderline": BorderlineSMOTE, "ADASYN": ADASYN, "SVMSMOTE": SVMSMOTE}
QUICK = {"cv": 2, "n_jobs": 1, "progress": False}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def real(n=700, columns=8, seed=0, weights=(0.85, 0.15)):
    X, y = make_classification(
        n,
        columns,
        n_informative=max(3, columns // 2),
        n_redundant=0,
        n_classes=len(weights),
        n_clusters_per_class=1,
        weights=list(weights),
        flip_y=0,
        random_state=seed,
    )
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(columns)]).assign(y=y)


def grown(frame, kin="SMOTE", seed=0, **options):
    X, y = KIN[kin](random_state=seed, **options).fit_resample(frame.drop(columns="y"), frame["y"])
    return X.assign(y=y).sample(frac=1, random_state=seed, ignore_index=True)


def told(frame, **options):
    """Return 1, 0 or nan for found, clear and cannot tell, and see that the finding agrees."""
    found = leaks(frame, "y", **options)
    value = found.frame.loc["IMB103", "found"]
    assert (value == 1) == ("IMB103" in found.findings.codes)
    return value


# ---------------------------------------------------------------- named


@pytest.mark.quick(1)
@pytest.mark.parametrize("kin", KIN)
@pytest.mark.parametrize("columns", [5, 20])
@pytest.mark.parametrize("seed", range(2))
def test_a_frame_that_was_grown_is_named(kin, columns, seed):
    frame = real(columns=columns, seed=seed)
    assert told(grown(frame, kin, seed), random_state=seed) == 1
    assert told(frame, random_state=seed) == 0


def test_the_finding_says_how_many_rows_lie_between_two_others_and_of_which_class():
    found = leaks(grown(real().assign(y=lambda frame: np.where(frame["y"] == 1, "ill", "well"))), "y")
    (finding,) = [each for each in found.findings if each.code == "IMB103"]
    row = found.frame.loc["IMB103"]
    assert finding.severity == "error"
    assert (
        f"{row['rows']:.0f} of {row['rows'] / row['share']:.0f} sampled rows of class 'ill'"
        in finding.message
    )
    assert "of class 'well'" in finding.message
    assert "strategies=['smote']" in finding.cure


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", range(2))
def test_synthetic_rows_beside_as_many_real_ones_are_named(seed):
    frame = real(1600, seed=seed, weights=(0.7, 0.3))
    rare = int((frame["y"] == 1).sum())
    assert told(grown(frame, seed=seed, sampling_strategy={1: 2 * rare})) == 1


def test_smotenc_is_named_by_its_numbers():
    frame = real()
    rng = np.random.default_rng(0)
    frame.insert(2, "word", rng.choice(["a", "b", "c"], len(frame)))
    frame.insert(5, "other", rng.choice(["u", "v"], len(frame)))
    X, y = SMOTENC(["word", "other"], random_state=0).fit_resample(frame.drop(columns="y"), frame["y"])
    assert told(X.assign(y=y).sample(frac=1, random_state=0)) == 1
    assert told(frame) == 0


@pytest.mark.quick(1)
@pytest.mark.parametrize("share", [0.02, 0.3])
def test_missing_cells_in_another_column_hide_nothing(share):
    frame = grown(real())
    frame["late"] = np.random.default_rng(0).normal(size=len(frame))
    frame.loc[np.random.default_rng(1).random(len(frame)) < share, "late"] = np.nan
    made = frame.drop(columns="late").assign(late=frame["x0"].where(frame["late"].notna()))
    assert told(made) == 1


def test_wide_integers_that_a_sampler_truncated_are_named_and_real_ones_are_not():
    frame = real()
    names = frame.columns.drop("y")
    whole = frame.assign(**{name: (frame[name] * 1e5).astype(int) for name in names})
    made = grown(whole)
    assert all(pd.api.types.is_integer_dtype(made[name]) for name in names)
    assert told(made) == 1
    assert told(whole) == 0


def test_single_precision_is_named_and_real_rows_are_not():
    frame = real().astype(dict.fromkeys([f"x{i}" for i in range(8)], "float32"))
    assert told(grown(frame)) == 1
    assert told(frame) == 0


@pytest.mark.slow
@pytest.mark.parametrize("kin", ["SMOTE", "Borderline"])
def test_several_classes_are_looked_at_each_in_itself(kin):
    frame = real(1200, seed=1, weights=(0.7, 0.2, 0.1))
    assert told(frame) == 0
    assert told(grown(frame, kin)) == 1
    only = int((frame["y"] == 0).sum())
    found = leaks(grown(frame, kin, sampling_strategy={2: only}), "y")
    (finding,) = [each for each in found.findings if each.code == "IMB103"]
    assert " sampled rows of class 2 " in finding.message


@pytest.mark.slow
@pytest.mark.parametrize("verb", [fit_eval, best_threshold, reliability])
def test_every_modelling_verb_says_so(verb):
    quick = dict(QUICK) | ({"strategies": []} if verb is fit_eval else {})
    made, frame = grown(real(400)), real(400)
    assert "IMB103" in verb(made, "y", **quick).findings.codes
    assert "IMB103" not in verb(frame, "y", **quick).findings.codes
    assert "IMB103" not in verb(made, "y", ignore=("IMB103",), **quick).findings.codes


def test_a_test_frame_of_ones_own_is_looked_at_with_the_train_frame():
    made = grown(real())
    assert told(made.iloc[:600], test=made.iloc[600:]) == 1


# ---------------------------------------------------------------- silent


@pytest.mark.quick(1)
@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_bundled_sets_are_no_alarm(load):
    bunch = load(as_frame=True)
    assert told(bunch.data.assign(y=bunch.target)) != 1


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", range(8))
def test_made_up_frames_that_nobody_grew_are_clear(seed):
    redundant = {"n_redundant": 4, "n_informative": 5, "weights": [0.9], "random_state": seed}
    X, y = make_classification(900, 12, **redundant)
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(12)]).assign(y=y)
    assert told(frame) == 0
    assert told(frame.round(3)) != 1


def test_rows_computed_from_two_rounded_columns_are_no_alarm():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 4000)).round(2)
    frame = pd.DataFrame({"a": a, "b": b, "sum": a + b, "gap": a - b, "mix": 2 * a + b}).round(2)
    for rare in (60, 300):
        assert told(frame.assign(y=np.arange(4000) < rare)) != 1


# ---------------------------------------------------------------- cannot tell


@pytest.mark.parametrize("columns", [1, 2])
def test_two_columns_cannot_be_told_and_the_frame_says_nan(columns):
    frame = real().iloc[:, [*range(columns), -1]]
    for each in (frame, grown(frame)):
        found = leaks(each, "y")
        assert np.isnan(found.frame.loc["IMB103", "found"])
        assert "three are needed" in {check.code: check.saw for check in found.checks}["IMB103"]
        assert "1 could not tell" in repr(found)


def test_words_alone_cannot_be_told():
    rng = np.random.default_rng(0)
    words = pd.DataFrame(rng.choice(list("abcdefgh"), (400, 5)), columns=list("pqrst"))
    assert np.isnan(told(words.assign(y=rng.random(400) < 0.2)))


@pytest.mark.parametrize("decimals", [0, 1])
def test_coarse_numbers_cannot_be_told_grown_or_not(decimals):
    frame = real(columns=5)
    assert np.isnan(told(frame.round(decimals)))
    assert np.isnan(told(grown(frame.round(decimals)).round(decimals)))


def test_a_rare_class_of_a_few_rows_cannot_be_told():
    frame = real(1000)
    few = pd.concat([frame[frame["y"] == 0], frame[frame["y"] == 1].head(4)])
    assert np.isnan(told(few))


# ---------------------------------------------------------------- lines that real rows lie on


def blocks(seed, n=3000):
    """Blocks of a page: whole sides, what is computed from them, and rules, all black and one to four dots high."""
    rng = np.random.default_rng(seed)
    rare = rng.random(n) < 0.1
    height = np.where(rare, rng.integers(1, 5, n), rng.normal(10, 2, n).round().clip(3))
    length = np.exp(rng.normal(np.where(rare, 4.5, 4), 1.2)).round() + 7
    black = np.where(rare, np.where(rng.random(n) < 0.5, 1, rng.beta(20, 2, n)), rng.beta(12, 25, n))
    area = height * length
    ink = (black * area).round().clip(1)
    smeared = np.where(black == 1, ink, (ink + (area - ink) * rng.beta(4, 6, n)).round())
    changes = (ink / np.exp(rng.normal(np.where(rare, 3, 1.1), np.where(rare, 1, 0.35)))).round().clip(1)
    sides = {"height": height, "length": length, "area": area, "eccen": (length / height).round(3)}
    shares = {"p_black": (ink / area).round(3), "p_and": (smeared / area).round(3)}
    counts = {"mean_tr": (ink / changes).round(2), "ink": ink, "smeared": smeared, "changes": changes}
    return pd.DataFrame(sides | shares | counts).assign(y=rare.astype(int))


def accounts(seed):
    """Parts of which most are nothing in the rare class, and totals of them."""
    rng = np.random.default_rng(seed)
    rare = rng.random(2000) < 0.08
    some = rng.random((2000, 5)) < np.where(rare, 0.3, 0.7)[:, None]
    parts = np.where(some, np.exp(rng.normal(6, 1, (2000, 5))).round(), 0)
    total, net = parts.sum(axis=1), parts[:, :2].sum(axis=1) - parts[:, 2:].sum(axis=1)
    return (
        pd.DataFrame(parts)
        .assign(total=total, net=net, half=total / 2, y=rare.astype(int))
        .rename(columns=str)
    )


def series(seed, points=25):
    """Measurements along straight lines in the rare class, scattered ones in the other."""
    rng = np.random.default_rng(seed)
    starts, ways = rng.normal(size=(20, 1, 6)) * 3, rng.normal(size=(20, 1, 6))
    straight = (starts + rng.random((20, points, 1)) * ways).reshape(-1, 6)
    rows = np.vstack([straight, rng.normal(size=(1500, 6)) * 3]).round(4)
    return pd.DataFrame(rows, columns=list("abcdef")).assign(
        y=(np.arange(len(rows)) < 20 * points).astype(int)
    )


def grid(seed):
    """Settings of a trial in the rare class, the same settings read off a gauge in the other."""
    rng = np.random.default_rng(seed)
    rare = rng.random(2000) < 0.12
    units = np.array([20, 1.5, 50, 0.1])
    levels = rng.integers(1, 6, (2000, 4)) * units
    read = np.where(rare[:, None], levels, levels + rng.normal(size=(2000, 4)) * units / 40).round(3)
    out = (read[:, 0] * read[:, 1]).round(2)
    return pd.DataFrame(read, columns=list("abcd")).assign(out=out, y=rare.astype(int))


def answered(frame):
    """Return what this check alone says."""
    features = read_features(frame, "y", for_models=True)
    evidence = Evidence(divide(features, test_size=0.2, random_state=0, nothing=True))
    Interpolated().run(evidence)
    return evidence.answers["IMB103"]


@pytest.mark.quick(4)
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("make", [blocks, accounts, series, grid])
def test_rows_that_a_rule_of_the_frame_puts_on_lines_are_no_alarm(make, seed):
    assert answered(make(seed)).status == "cannot tell"


@pytest.mark.quick(2)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("make", [blocks, series])
def test_such_frames_are_named_once_they_are_grown(make, seed):
    assert answered(grown(make(seed).astype(float).astype({"y": int}))).status == "found"


@pytest.mark.quick(2)
@pytest.mark.parametrize("most", [100_000, 500])
@pytest.mark.parametrize("make", [blocks, lambda seed: grown(real(seed=seed))])
def test_the_answer_does_not_hang_on_the_order_of_rows(make, most, monkeypatch):
    monkeypatch.setattr(interpolated, "_MOST_ROWS", most)
    frame = make(1)
    once, *again = (answered(each) for each in (frame, frame[::-1], frame.sample(frac=1, random_state=0)))
    for other in again:
        assert (other.status, other.saw) == (once.status, once.saw)


@pytest.mark.slow
def test_twenty_synthetic_rows_among_many_real_ones_are_named():
    frame = real(12000, columns=6, weights=(0.85, 0.15))
    assert answered(frame).status == "clear"
    assert answered(grown(frame, sampling_strategy={1: int((frame["y"] == 1).sum()) + 20})).status == "found"
