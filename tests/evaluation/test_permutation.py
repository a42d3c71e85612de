"""The score among scores on shuffled labels: the same numbers by hand, and orders that keep to groups and time."""

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from normals import numbers
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.naive_bayes import GaussianNB

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.evaluation import fit, permutation, score_folds
from imbalance_accessor.evaluation.permutation import PermutationTest

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

QUICK = {"model": "naive_bayes", "strategies": ["none"], "cv": 2, "n_jobs": 1, "progress": False}


def ruled(n=240, seed=0, labels=(0, 1)):
    """Groups of six rows each, and days that two rows share."""
    rng = np.random.default_rng(seed)
    frame = numbers(n, labels=labels, seed=seed)
    return frame.assign(who=rng.permutation(np.arange(n) // 6), day=rng.permutation(np.arange(n) // 2))


def evaluated(frame, **options):
    return imb.fit_eval(frame, "y", **QUICK | {"permutations": 3} | options)


def noise(seed, n=200):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    return frame.assign(y=(rng.permutation(n) < n // 4) * 1)


# ---------------------------------------------------------------- the figures


@pytest.mark.parametrize(
    ("n", "beaten", "warned"),
    [
        (1, 0, False),
        (1, 1, True),
        (9, 0, False),
        (9, 1, True),
        (20, 0, False),
        (20, 20, True),
        (38, 1, True),
        (39, 1, False),
        (39, 2, True),
        (99, 4, False),
        (99, 5, True),
    ],
)
def test_p_counts_the_shuffles_that_do_as_well(n, beaten, warned):
    shuffled = pd.Series([0.5] * (n - beaten) + [0.7, 0.9] * (beaten // 2) + [0.7] * (beaten % 2))
    found = PermutationTest(
        0.7, shuffled.sample(frac=1, random_state=0)
    )  # an equal score counts as one that does as well
    assert found.p_value == (1 + beaten) / (1 + n)
    assert [each.code for each in found.findings] == ["IMB409"] * warned
    if warned:
        assert f"On {beaten} of {n} shuffles" in found.findings[0].message


def run(code, **names):
    """Execute a snippet as its reader would, and return the names it leaves."""
    assert "imbalance_accessor" not in code
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(str(code), "<snippet>", "exec"), names)
    return names


CASES = {
    "two classes": (ruled, {}),
    "the first label is the rare one": (lambda: ruled(labels=("stay", "leave")), {"model": "logistic"}),
    "margins": (lambda: ruled(labels=("stay", "leave")), {"model": "svm"}),
    "groups": (ruled, {"groups": "who"}),
    "time": (ruled, {"time": "day"}),
    "groups of text": (lambda: ruled().assign(who=lambda f: "w" + f["who"].astype(str)), {"groups": "who"}),
    "several classes": (lambda: ruled().assign(y=np.arange(240) % 3), {}),
    "one class against the rest": (lambda: ruled().assign(y=np.arange(240) % 3), {"pos_label": 1}),
}


@pytest.mark.quick(1)
@pytest.mark.parametrize("case", CASES)
def test_the_snippet_gives_the_same_numbers(case):
    make, options = CASES[case]
    frame = make()
    found = evaluated(frame, **options)
    left = run(found.snippet(style="full"), df=frame)
    assert len(left["on_shuffled"]) == 3
    assert found.permuted.shuffled.tolist() == pytest.approx(
        [float(each) for each in left["on_shuffled"]], abs=1e-12
    )
    assert found.permuted.real == pytest.approx(found.frame.loc["none", "average_precision"], abs=1e-12)


def test_the_numbers_are_those_of_a_loop_by_hand():
    frame = ruled()
    options = {"model": GaussianNB(), "preprocess": None, "random_state": 5}
    found = evaluated(frame, **options)
    X_train, X_test, y_train, y_test = imb.split(frame, "y", random_state=5)
    rng, by_hand = np.random.default_rng(5), []
    for _ in range(3):
        fitted = GaussianNB().fit(X_train, y_train.to_numpy()[rng.permutation(len(y_train))])
        order = rng.permutation(len(y_test))
        by_hand.append(average_precision_score(y_test.to_numpy()[order], fitted.predict_proba(X_test)[:, 1]))
    assert found.permuted.shuffled.tolist() == pytest.approx(by_hand, abs=1e-12)
    real = GaussianNB().fit(X_train, y_train).predict_proba(X_test)[:, 1]
    assert found.permuted.real == pytest.approx(average_precision_score(y_test, real), abs=1e-12)


def test_noise_is_called_noise():
    """With nine shuffles at least one does as well in nine of ten frames; fewer than 4 of 6 come with p = 0.016."""
    named = 0
    for seed in range(6):
        found = evaluated(noise(seed), permutations=9)
        beaten = int((found.permuted.shuffled >= found.permuted.real).sum())
        assert ("IMB409" in found.findings.codes) == (beaten > 0)
        named += beaten > 0
    assert named >= 4


@pytest.mark.quick(1)
@pytest.mark.parametrize("rule", [{}, {"groups": "who"}, {"time": "day"}])
def test_a_signal_is_not_called_noise(rule):
    frame = ruled(n=360)
    frame["a"] += 3 * frame["y"]
    found = evaluated(frame, permutations=20, **rule)
    assert found.permuted.p_value == 1 / 21
    assert found.permuted.shuffled.max() < found.permuted.real
    assert "IMB409" not in found.findings.codes
    assert "p = 0.048" in repr(found)


def test_nothing_is_shuffled_unless_asked_for():
    found = evaluated(ruled(), permutations=0)
    assert found.permuted is None
    assert "shuffled" not in found.snippet(style="full")


# ---------------------------------------------------------------- the orders


def orders(frame, n=8, **rule):
    """Each part, with the orders of its labels."""
    plan = evaluated(frame, permutations=0, **rule).plan
    train, test = zip(*permutation._orders(plan, n), strict=True)
    return [(plan.parts.train, train), (plan.parts.test, test)]


@pytest.mark.quick(1)
@pytest.mark.parametrize("rule", [{}, {"groups": "who"}, {"time": "day"}])
def test_every_row_gives_its_label_once(rule):
    frame = ruled()
    if "groups" in rule:
        frame["who"] = np.random.default_rng(0).integers(0, 25, len(frame))  # of unequal size
    for part, found in orders(frame, **rule):
        for order in found:
            assert sorted(order.tolist()) == list(range(len(part)))
        assert len({tuple(order) for order in found}) == len(found)


def test_labels_of_whole_groups_change_places():
    moved = 0
    for part, found in orders(ruled(), groups="who"):
        who = part.X["who"].to_numpy()
        assert set(pd.Series(who).value_counts()) == {6}
        for order in found:
            givers = pd.Series(who[order]).groupby(who).unique()
            assert (givers.map(len) == 1).all()  # all six labels of a group come from one group
            moved += sum(given[0] != group for group, given in givers.items())
    assert moved > 100


def test_labels_are_rotated_along_time():
    for part, found in orders(ruled(), time="day"):
        y, n = np.arange(len(part)), len(part)
        by_time = np.argsort(part.X["day"].to_numpy(), kind="stable")
        for order in found:
            along = y[order][by_time].tolist()
            real = y[by_time].tolist()
            shift = along.index(real[0])
            assert 1 <= shift < n
            assert along == real[n - shift :] + real[: n - shift]


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("wrong", [-1, 2.5, 20.0, True, "20", None, np.nan], ids=repr)
def test_what_is_no_number_of_shuffles_is_refused_before_anything_is_fitted(wrong, monkeypatch):
    class Begun(BaseException):
        """No error that the package could take for a model's own."""

    def begin(*args, **kwargs):
        raise Begun

    for room in (fit, score_folds, permutation):
        monkeypatch.setattr(room, "fit_and_score", begin)
    with pytest.raises(OptionError, match="must be a whole number of shuffles, 0 for none"):
        evaluated(ruled(), permutations=wrong)
    with pytest.raises(Begun):
        evaluated(ruled(), permutations=1)


def test_a_fitted_model_cannot_be_refitted():
    frame = ruled()
    model = LogisticRegression().fit(frame[["a", "b", "c"]], frame["y"])
    with pytest.raises(OptionError, match="permutations=5 refits the model, and fitted=True never fits"):
        evaluated(frame, model=model, fitted=True, permutations=5)
    with pytest.raises(OptionError, match="must be a whole number"):
        evaluated(frame, model=model, fitted=True, permutations=-5)
