"""Work that grows with the square of the rows: what is said before it starts, and the cap that shortens it."""

from __future__ import annotations

from itertools import repeat

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.preprocessing import OneHotEncoder

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation import runtime
from imbalance_accessor.evaluation.plan import make_plan
from imbalance_accessor.evaluation.runtime import Trial, Work
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


def plan(df, model, strategies=("smote",), **capped):
    rows = {"test_size": 0.2, "cv": 2, "random_state": 0, **capped}
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
    sampler.set_params(categorical_encoder=OneHotEncoder())  # then the library's own search is timed
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
    assert runtime.work_of_fits(plan(frame(), model, strategies), trial()).seconds == pytest.approx(wanted)


def test_support_vectors_grow_with_the_square():
    # of 100 rows and of 200, and for the scores of 50 rows by what learned from 200
    work = runtime.work_of_fits(plan(frame(), "svm", ["oversample"]), trial([0.01, 0.04, 0.002]))
    # 0.03 s for 200² − 100² pairs; 3 fits as they come, 3 with twice the rows
    assert work.pairs == pytest.approx(0.03 / 30_000 * 800**2 * 3 * (1 + 4))
    # each time 400 rows are scored, by four times the support vectors; oversampled ones are twice as many
    assert work.lookups == pytest.approx(0.002 * (400 / 50) * (800 / 200) * 3 * (1 + 2))


def test_few_rows_and_other_models_are_not_timed():
    assert runtime.work_of_fits(plan(frame(), "svm"), trial(few=801)).seconds == 0  # of 800 train rows
    assert runtime.work_of_fits(plan(frame(), "svm"), trial([1.0, 2.0, 3.0, 4.0], few=800)).seconds > 0
    assert runtime.work_of_fits(plan(frame(), "logistic"), trial(few=500)).seconds == 0
    capped = plan(frame(), "svm", max_rows=700)
    assert runtime.work_of_fits(capped, trial(few=701)).seconds == 0
    assert runtime.work_of_fits(capped, trial([1.0, 2.0, 3.0, 4.0], few=700)).seconds > 0


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
    parts = divide(read_features(df, "y"))  # 40,000 train rows, of which 8,000 are rare
    assert runtime.long_work(Work(pairs=59.0), parts, "It") == []
    (finding,) = runtime.long_work(Work(pairs=2_000.0), parts, "It")
    assert finding.code == "IMB317"
    assert "It on 40,000 train rows: expected to take about 33 minutes" in finding.message
    assert "max_rows=4_000 should take about 20 seconds" in finding.cure  # (4,000 / 40,000)² of 2,000 s
    (finding,) = runtime.long_work(Work(pairs=2e6), parts, "It")
    assert (
        "max_rows=1_000 should take about 21 minutes" in finding.cure
    )  # no fewer: (1,000 / 40,000)² of 2,000,000 s
    (finding,) = runtime.long_work(Work(lookups=200.0), parts, "It")
    assert "max_rows=4_000 should take about 20 seconds" in finding.cure  # 4,000 / 40,000 of 200 s
    (finding,) = runtime.long_work(Work(search=320.0), parts, "It")
    assert (
        "max_rows=4_000 should take about 20 seconds" in finding.cure
    )  # 2,000 of 8,000 rare rows: 1/16 of 320 s
    ruled = divide(read_features(df, "y", groups="rule"))
    (finding,) = runtime.long_work(Work(pairs=2_000.0), ruled, "It")
    assert "max_rows=" not in finding.cure
    assert (
        "fewer groups, or to its latest rows: 4,000 train rows should take about 20 seconds" in finding.cure
    )


@pytest.mark.parametrize("model", [KNeighborsClassifier(metric="nonsense"), "svm"])
def test_what_cannot_be_timed_does_not_stop_the_fits(model):
    df = frame(1_000, rare=0.01)
    few = Trial(100, fitted=(5, 10))  # no rare row among them
    assert runtime.work_of_fits(plan(df, model, ["none"]), few).seconds == 0
    if isinstance(model, str):
        assert len(imb.fit_eval(df, "y", model=model, strategies=["none"], cv=2, progress=False).frame) == 2
        return
    with pytest.raises(ModelError, match="KNeighborsClassifier cannot be fitted on these rows"):
        imb.fit_eval(df, "y", model=model, strategies=["none"], cv=2, progress=False)


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", ["fit_eval", "smote"])
def test_verbs_say_what_is_long_before_and_after(verb, monkeypatch, capfd):
    module = imb.fit_eval.__module__ if verb == "fit_eval" else imb.smote.__module__
    asked = "work_of_fits" if verb == "fit_eval" else "seconds_of_search"
    made = Work if verb == "fit_eval" else float
    monkeypatch.setattr(f"{module}.{asked}", lambda *given: made(300.0))
    options = {"strategies": ["class_weight"], "cv": 2, "progress": True} if verb == "fit_eval" else {}
    found = getattr(imb, verb)(frame(), "y", **options)
    assert "IMB317" in [each.code for each in found.findings]
    assert "about 5 minutes" in capfd.readouterr().err
    monkeypatch.setattr(f"{module}.{asked}", lambda *given: made(3.0))
    found = getattr(imb, verb)(frame(), "y", **options)
    assert "IMB317" not in [each.code for each in found.findings]
    assert "minute" not in capfd.readouterr().err
