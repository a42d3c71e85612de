"""Memory that samplers of categories hold: foreseen against what they take, refused before any work, and cured."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTETomek
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from sklearn.base import clone
from sklearn.preprocessing import OneHotEncoder

import imbalance_accessor as imb
from imbalance_accessor.data.features import read_features
from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation import runtime
from imbalance_accessor.evaluation.memory import (
    bytes_held,
    free_memory,
    free_of_container,
    held_by,
    memory_of,
    rows_to_make,
)
from imbalance_accessor.evaluation.plan import make_plan
from imbalance_accessor.evaluation.runtime import Trial
from imbalance_accessor.modeling.mixed_neighbours import searched_in_blocks
from imbalance_accessor.modeling.models import read_model

QUICK = {"model": "naive_bayes", "cv": 2, "progress": False}


def frame(n=1_000, levels=400, columns=1, numbers=2):
    """Return rows whose columns of categories have each level at least once."""
    rng = np.random.default_rng(0)
    cells = [np.r_[np.arange(levels), rng.integers(0, levels, n - levels)] for _ in range(columns)]
    found = {f"n{place}": rng.normal(size=n) for place in range(numbers)}
    found |= {
        f"c{place}": ("at " + pd.Series(rng.permutation(each)).astype(str)).to_numpy()
        for place, each in enumerate(cells)
    }
    return pd.DataFrame(found).astype({name: object for name in found if name.startswith("c")})


def labels(n=1_000, rare=100):
    return np.random.default_rng(1).permutation(np.arange(n) < rare).astype(int)


def frame_of_few(X, y, few):
    rows = np.r_[np.flatnonzero(y)[:few], np.flatnonzero(y == 0)[: 2 * few]]
    return X.iloc[rows], y[rows]


def peak_of(sampler, X, y, few=12):
    clone(sampler).fit_resample(*frame_of_few(X, y, few))  # what it imports is not counted
    tracemalloc.start()
    try:
        with searched_in_blocks(sampler):
            sampler.fit_resample(X, y)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def mixed(X, **options):
    return SMOTENC([name for name in X if name[0] == "c"], random_state=0, **options)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("levels", "columns", "k", "rare"), [(200, 1, 5, 100), (200, 1, 2, 300), (60, 3, 10, 100)]
)
def test_what_smotenc_takes_is_foreseen(levels, columns, k, rare):
    X, y = frame(levels=levels, columns=columns), labels(rare=rare)
    sampler = mixed(X, k_neighbors=k, categorical_encoder=OneHotEncoder(handle_unknown="ignore"))
    assert not held_by(sampler, X).in_blocks
    foreseen = bytes_held(sampler, X, np.bincount(y), lambda rows: rows.max() - rows)
    assert foreseen == pytest.approx(peak_of(sampler, X, y), rel=0.25)


@pytest.mark.parametrize(
    ("levels", "columns", "numbers", "k", "rare"),
    [(400, 2, 2, 5, 1_500), (5, 2, 3, 5, 300), (300, 1, 1, 40, 200)],
    ids=["many levels", "many cells", "many neighbours"],
)
def test_what_the_search_in_blocks_takes_is_foreseen(levels, columns, numbers, k, rare):
    n = 5_000
    X, y = frame(n, levels, columns, numbers), labels(n, rare)
    sampler = mixed(X, k_neighbors=k)
    taken = peak_of(sampler, X, y, few=100)
    foreseen = bytes_held(sampler, X, np.bincount(y), lambda rows: rows.max() - rows)
    assert foreseen == pytest.approx(taken, rel=0.25)
    plain = held_by(mixed(X, k_neighbors=k, categorical_encoder=OneHotEncoder()), X)
    assert levels == 5 or taken < 0.6 * plain.bytes(np.bincount(y), np.array([0, n - 2 * rare]))


def test_where_votes_are_not_in_blocks_their_arrays_are_foreseen():
    """A category's weight is a whole number beside whole numbers, so 0 beside those of little spread."""
    X = frame(levels=50).astype({"n0": int, "n1": int})
    assert not held_by(mixed(X), X).in_blocks
    assert held_by(mixed(X), X * {"n0": 100, "n1": 100, "c0": 1}).in_blocks
    assert held_by(mixed(X), X, scaled=True).in_blocks
    assert not held_by(mixed(X), X.astype({"n0": "float32", "n1": "float32"})).in_blocks
    assert held_by(SMOTETomek(smote=mixed(X)), frame(levels=50)).in_blocks


@pytest.mark.slow
def test_what_smoten_takes_is_foreseen():
    X, y = frame(n=4_000, levels=20, columns=3, numbers=0), labels(n=4_000, rare=1_500)
    foreseen = bytes_held(SMOTEN(), X, np.bincount(y), lambda rows: rows.max() - rows)
    assert foreseen == pytest.approx(peak_of(SMOTEN(random_state=0), X, y), rel=0.25)


def test_cells_are_counted_by_class():
    X = frame(levels=50, columns=2)
    encoder = OneHotEncoder()
    held = held_by(SMOTENC(["c0", "c1"], k_neighbors=3, categorical_encoder=encoder), X)
    assert (held.levels, held.numbers, held.neighbours) == ((50, 50), 2, 3)
    assert held_by(SMOTENC([2, 3]), X).levels == (50, 50)
    assert held_by(SMOTETomek(smote=SMOTENC(["c0", "c1"])), X).levels == (50, 50)
    assert held_by(SMOTE(), X) is None and held_by(RandomOverSampler(), X) is None
    rows, made = np.array([900, 100, 40]), np.array([0, 800, 860])
    # one-hot cells of the class and of each new row's neighbours, and 2.2 copies of one column's
    assert held.bytes(rows, made) == pytest.approx(8 * (102 * (40 + 3 * 860) + 2.2 * 50 * 860))
    assert held.bytes(rows, np.zeros(3)) == 0
    # in blocks a cell of each row, and the levels of the largest class that grows; later an object for each cell
    held = held_by(SMOTENC(["c0", "c1"], k_neighbors=3), X)
    assert held.bytes(rows, made) == 68 * 4 * (1_040 + 1_660)
    assert held.bytes(np.array([900, 600, 0]), np.array([0, 300, 0])) == pytest.approx(
        30 * 4 * 1_500 + 13.3 * 100 * 600
    )
    assert held.bytes(rows, np.zeros(3)) == 0


@pytest.mark.parametrize(
    ("strategy", "made"),
    [
        ("auto", [0, 60]),
        (0.5, [0, 20]),
        ({"yes": 30}, [0, 10]),
        ({"yes": 3}, [0, 0]),
        (lambda y: {"yes": 21}, [0, 1]),
    ],
)
def test_rows_to_make_are_those_that_the_sampler_reads(strategy, made):
    found = rows_to_make(
        SMOTENC([0], sampling_strategy=strategy), np.array(["no", "yes"]), np.array([80, 20])
    )
    assert found.tolist() == made


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, float("inf")),
        ({"memory.max": "max", "memory.current": "5", "memory.stat": ""}, float("inf")),
        ({"memory.max": "900", "memory.current": "500", "memory.stat": "anon 1\ninactive_file 100"}, 500.0),
        ({"memory.max": "900", "memory.current": "950", "memory.stat": "anon 1"}, 0.0),
        (
            {
                "memory/memory.limit_in_bytes": "70",
                "memory/memory.usage_in_bytes": "50",
                "memory/memory.stat": "inactive_file 5",
            },
            25.0,
        ),
    ],
)
def test_a_containers_limit_counts(tmp_path, files, free):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    assert free_of_container(tmp_path) == free


def test_some_memory_is_free_here():
    assert free_memory() > 1e6


SMALL = frame(levels=60).assign(y=np.where(labels(), "yes", "no"))


def test_smote_refuses_before_any_work_and_the_cap_fits(monkeypatch):
    with (
        memory_of(4e5),
        pytest.raises(
            ModelError, match=r"SMOTENC would hold about \d+ MB at once, for \d+ levels and 800 rows"
        ) as caught,
    ):
        monkeypatch.setattr(SMOTENC, "fit_resample", None)
        imb.smote(SMALL, "y")
    monkeypatch.undo()
    cap = caught.value.fix.options["max_rows"]
    with memory_of(4e5):
        made = imb.smote(SMALL, "y", max_rows=cap)
        assert made.frame["made"].sum() > 0
        with pytest.raises(ModelError):
            imb.smote(SMALL, "y", max_rows=cap + 100)
    with memory_of(4e5), pytest.raises(ModelError, match="Copy rare rows") as caught:
        imb.smote(SMALL.assign(g=np.arange(1_000) // 2), "y", groups="g")
    assert caught.value.fix.options == {"kind": "oversample"}


def planned(*strategies, **options):
    options = {"test_size": 0.2, "cv": 2, "random_state": 0, **options}
    features = read_features(SMALL, "y", for_models=True)
    return make_plan(features, read_model("naive_bayes"), list(strategies), **options)


def test_a_row_that_does_not_fit_is_left_out():
    with memory_of(4e5):
        plan = planned("class_weight", "smote", SMOTENC(["c0"], sampling_strategy=0.15))
        assert list(plan.candidates) == ["none", "class_weight", "SMOTENC"]
        (finding,) = [each for each in plan.findings if each.code == "IMB321"]
        assert finding.message.startswith("'smote' is left out: SMOTENC would hold about")
        assert "smote" in planned("smote", **finding.fix.options).candidates
        with pytest.raises(ModelError, match="'smote' is left out") as caught:
            imb.best_threshold(SMALL, "y", strategy="smote", **QUICK)
        assert eval(str(caught.value.fix), {"df": SMALL}).strategy_scores.name == "smote"
    with memory_of(8e4):
        plan = planned("smote", "class_weight")
    (finding,) = [each for each in plan.findings if each.code == "IMB321"]
    assert finding.fix.options["strategies"] == ["oversample", "class_weight"]


def test_long_work_on_large_arrays_is_foreseen():
    trial = Trial(large=1e6, cells=(10, 10), seconds=lambda work: [work(), 0.5][1])
    assert runtime.seconds_of_making(1e6 - 1, trial) == 0
    assert runtime.seconds_of_making(8e6, trial) == 3 * 0.5 * 8e6 / 800


def test_a_demonstration_that_does_not_fit_names_no_model_that_it_has():
    with (
        memory_of(8e4),
        pytest.raises(ModelError, match="needs a sampler that works here: SMOTENC would hold") as caught,
    ):
        imb.leaks(SMALL, "y", demonstrate=True, cv=2)
    assert not caught.value.fix
