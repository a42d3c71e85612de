"""Work that grows with the square of the rows: what is said before it starts, and the cap that shortens it."""

from __future__ import annotations

from itertools import repeat

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import ModelError, OptionError, SplitError
from imbalance_accessor.evaluation import runtime
from imbalance_accessor.evaluation.plan import make_plan
from imbalance_accessor.evaluation.runtime import Trial
from imbalance_accessor.modeling.models import read_model
from imbalance_accessor.modeling.strategies import TABLE, SamplerContext
from imbalance_accessor.splitting.split import divide


def frame(n=1_000, rare=0.2, columns=4, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) < round(n * rare))
    X = rng.normal(size=(n, columns)) + y[:, None]
    return pd.DataFrame(X, columns=[f"x{place}" for place in range(columns)]).assign(
        y=np.where(y, "yes", "no")
    )


def plan(df, model, strategies=("smote",)):
    rows = {"test_size": 0.2, "cv": 2, "random_state": 0}
    return make_plan(read_features(df, "y"), read_model(model), list(strategies), **rows)


def trial(seconds=1.0, few=100):
    """Try so few rows as there are; every piece of work is done, and takes so many seconds, or as many as they name."""
    taken = iter(seconds) if isinstance(seconds, list) else repeat(seconds)

    def told(work):
        work()
        return next(taken)

    return Trial(few, looked_up=50, fitted=(100, 200), seconds=told)


def of_search(df, columns, sampler, codes=None):
    codes = (df["y"] == "yes").astype(int).to_numpy() if codes is None else codes
    return runtime.seconds_of_search(df.drop(columns="y"), codes, columns, sampler, trial())


def test_a_search_is_foreseen_from_some_rows():
    df = frame()
    columns = read_features(df, "y").columns
    sampler = TABLE["smote"].sampler(SamplerContext(columns))
    assert of_search(df, columns, sampler) == 200 / 50  # a second for 50 rows, and 200 rows are rare
    sampler.set_params(k_neighbors=NearestNeighbors(n_neighbors=6, algorithm="brute"))
    assert of_search(df, columns, sampler) == 200 / 50


def test_a_search_that_cannot_be_timed_counts_as_nothing():
    df = frame()
    columns = read_features(df, "y").columns
    sampler = (
        TABLE["smote"]
        .sampler(SamplerContext(columns))
        .set_params(k_neighbors=NearestNeighbors(metric="nonsense"))
    )
    assert of_search(df, columns, sampler) == 0


def test_every_large_class_that_grows_is_searched():
    df = frame(n=1_000)
    codes = np.repeat([0, 1, 2, 3], [500, 250, 200, 50])
    columns = read_features(df, "y").columns
    assert (
        of_search(df, columns, TABLE["smote"].sampler(SamplerContext(columns)), codes) == 250 / 50 + 200 / 50
    )


def test_categories_are_searched_as_smotenc_does():
    df = frame().assign(word=np.resize(["a", "b", "c"], 1_000))
    columns = read_features(df, "y").columns
    sampler = TABLE["smote"].sampler(SamplerContext(columns))
    assert type(sampler).__name__ == "SMOTENC"
    assert of_search(df, columns, sampler) == 200 / 50


@pytest.mark.parametrize(
    ("model", "strategies", "wanted"),
    [
        # 2 folds and the whole: 3 fits each, and 160 rare train rows whose search takes 160 / 50
        ("naive_bayes", ["smote"], 3 * 160 / 50),
        ("naive_bayes", ["smote", "borderline"], 3 * 2 * 160 / 50),
        ("naive_bayes", ["smote", "smote+class_weight"], 3 * 160 / 50),
        ("naive_bayes", ["oversample"], 0),
        # 800 train rows are looked up a fold at a time, 400 / 50; oversampled ones in twice as many
        ("knn", ["oversample"], 3 * (1 + 2) * 400 / 50),
        ("knn", ["smote"], 3 * ((1 + 2) * 400 / 50 + 160 / 50)),
    ],
)
def test_fits_and_searches_add_up(model, strategies, wanted):
    assert runtime.seconds_of_fits(plan(frame(), model, strategies), trial()) == pytest.approx(wanted)


def test_support_vectors_grow_with_the_square():
    taken = trial([0.01, 0.04])  # of 100 rows and of 200
    # 0.03 s for 200² − 100² pairs; 3 fits as they come, 3 with twice the rows
    wanted = 0.03 / 30_000 * 800**2 * 3 * (1 + 4)
    assert runtime.seconds_of_fits(plan(frame(), "svm", ["oversample"]), taken) == pytest.approx(wanted)


def test_few_rows_and_other_models_are_not_timed():
    assert runtime.seconds_of_fits(plan(frame(), "svm"), trial(few=801)) == 0  # of 800 train rows
    assert runtime.seconds_of_fits(plan(frame(), "svm"), trial([1.0, 2.0, 3.0, 4.0], few=800)) > 0
    assert runtime.seconds_of_fits(plan(frame(), "logistic"), trial(few=500)) == 0


def test_work_is_timed_twice_and_the_shorter_counts():
    done = []
    assert 0 <= runtime.timed(lambda: done.append(1)) < 60
    assert done == [1, 1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4.0, "about 4 seconds"),
        (60.0, "about 1 minute"),
        (200.0, "about 3 minutes"),
        (7_200.0, "about 2.0 hours"),
    ],
)
def test_long_times_in_words(seconds, words):
    assert runtime.duration_text(seconds) == words


@pytest.mark.slow
def test_the_proposed_cap_takes_some_twenty_seconds():
    df = frame(50_000).assign(rule=np.arange(50_000) // 10)
    parts = divide(read_features(df, "y"))  # 40,000 train rows
    assert runtime.long_work(59.0, parts, "It") == []
    (finding,) = runtime.long_work(2_000.0, parts, "It")
    assert finding.code == "IMB317"
    assert "It on 40,000 train rows: expected to take about 33 minutes" in finding.message
    assert "max_rows=4_000 should take about 20 seconds" in finding.cure  # (4,000 / 40,000)² of 2,000 s
    (finding,) = runtime.long_work(2e6, parts, "It")
    assert (
        "max_rows=1_000 should take about 21 minutes" in finding.cure
    )  # no fewer: (1,000 / 40,000)² of 2,000,000 s
    ruled = divide(read_features(df, "y", groups="rule"))
    (finding,) = runtime.long_work(2_000.0, ruled, "It")
    assert "max_rows=" not in finding.cure
    assert "fewer groups" in finding.cure


@pytest.mark.parametrize("model", [KNeighborsClassifier(metric="nonsense"), "svm"])
def test_what_cannot_be_timed_does_not_stop_the_fits(model):
    df = frame(1_000, rare=0.01)
    few = Trial(100, fitted=(5, 10))  # no rare row among them
    assert runtime.seconds_of_fits(plan(df, model, ["none"]), few) == 0
    if isinstance(model, str):
        assert len(imb.fit_eval(df, "y", model=model, strategies=["none"], cv=2, progress=False).frame) == 2
        return
    with pytest.raises(ModelError, match="KNeighborsClassifier cannot be fitted on these rows"):
        imb.fit_eval(df, "y", model=model, strategies=["none"], cv=2, progress=False)


def test_a_model_fitted_elsewhere_takes_no_cap():
    df = frame()
    model = LogisticRegression().fit(df.drop(columns="y"), df["y"])
    with pytest.raises(OptionError, match="a fitted model learns from none"):
        imb.fit_eval(df, "y", model=model, fitted=True, max_rows=100)


def test_the_trace_counts_the_frame_as_it_came():
    found = (
        imb.fit_eval(frame(), "y", strategies=["oversample"], cv=2, max_rows=300).trace("oversample").frame
    )
    assert found.loc["raw", ["rows[no]", "rows[yes]"]].tolist() == [800, 200]
    assert found.loc["split", ["rows[no]", "rows[yes]"]].tolist() == [240, 60]


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", ["fit_eval", "smote"])
def test_verbs_say_what_is_long_before_and_after(verb, monkeypatch, capfd):
    module = imb.fit_eval.__module__ if verb == "fit_eval" else imb.smote.__module__
    asked = "seconds_of_fits" if verb == "fit_eval" else "seconds_of_search"
    monkeypatch.setattr(f"{module}.{asked}", lambda *given: 300.0)
    options = {"strategies": ["class_weight"], "cv": 2, "progress": True} if verb == "fit_eval" else {}
    found = getattr(imb, verb)(frame(), "y", **options)
    assert "IMB317" in [each.code for each in found.findings]
    assert "about 5 minutes" in capfd.readouterr().err
    monkeypatch.setattr(f"{module}.{asked}", lambda *given: 3.0)
    found = getattr(imb, verb)(frame(), "y", **options)
    assert "IMB317" not in [each.code for each in found.findings]
    assert "minute" not in capfd.readouterr().err


# ---------------------------------------------------------------- the cap


def test_the_cap_is_scikit_learns_draw_by_class_and_leaves_the_test_set_whole():
    df = frame()
    made = imb.smote(df, "y", max_rows=300)
    X, y = df.drop(columns="y"), df["y"]
    X_train, X_test, y_train, _ = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)
    X_train, _, y_train, _ = train_test_split(
        X_train, y_train, train_size=300, stratify=y_train, random_state=0
    )
    pd.testing.assert_frame_equal(made.parts.train.X, X_train)
    pd.testing.assert_series_equal(made.parts.train.y, y_train)
    pd.testing.assert_frame_equal(made.X_test, X_test)
    assert y_train.value_counts().to_dict() == {"no": 240, "yes": 60}
    (finding,) = [each for each in made.findings if each.code == "IMB316"]
    assert "300 of 800 train rows" in finding.message
    assert "max_rows=300" in repr(made)


def test_every_fit_learns_from_the_capped_rows_alone():
    df = frame()
    capped = imb.fit_eval(df, "y", strategies=["class_weight"], cv=2, max_rows=300)
    train, test = capped.scored.parts.train, capped.scored.parts.test
    own = imb.fit_eval(
        train.X.assign(y=train.y), "y", strategies=["class_weight"], cv=2, test=test.X.assign(y=test.y)
    )
    # whose test rows were split off by class has intervals of its own
    points = [name for name in own.frame if not name.endswith(("_low", "_high"))]
    pd.testing.assert_frame_equal(capped.frame[points], own.frame[points])
    assert len(test) == 200


@pytest.mark.parametrize("most", [800, 799, 5_000])
def test_a_cap_that_thresholds_nothing_is_not_spoken_of(most):
    made = imb.smote(frame(), "y", max_rows=most)
    assert len(made.parts.train) == 800
    assert "IMB316" not in [each.code for each in made.findings]
    assert "fewer rows" not in str(made.snippet())


@pytest.mark.parametrize("verb", ["fit_eval", "smote"])
@pytest.mark.parametrize("most", [0, 1, -5, 2.5, "many", True])
def test_a_cap_that_is_no_number_of_rows(verb, most):
    with pytest.raises(OptionError, match=r"max_rows=.* must be a whole number of train rows"):
        getattr(imb, verb)(frame(), "y", max_rows=most)


@pytest.mark.parametrize("ruled", ["groups", "time"])
def test_a_cap_does_not_break_groups_or_time(ruled):
    df = frame().assign(rule=np.arange(1_000) // 10)
    with pytest.raises(OptionError, match="max_rows= draws rows by class alone"):
        imb.fit_eval(df, "y", max_rows=100, **{ruled: "rule"})


def test_a_cap_that_would_lose_a_class_says_which_cap_keeps_it():
    with pytest.raises(
        SplitError, match=r"would keep 0\.4 of the 16 train rows of class 'yes'.*max_rows=100,"
    ) as told:
        imb.smote(frame(rare=0.02), "y", max_rows=20)
    assert "\n" not in str(told.value)
    assert len(imb.smote(frame(rare=0.02), "y", max_rows=100).parts.train) == 100


def test_the_cap_holds_beside_a_test_frame_of_ones_own():
    made = imb.smote(frame(), "y", test=frame(200, seed=1), max_rows=300)
    assert (len(made.parts.train), len(made.X_test)) == (300, 200)
