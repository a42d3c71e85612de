"""Which real row a resampled row comes from: by the sampler's own word, else by all distances."""

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import (
    ADASYN,
    SMOTE,
    SMOTEN,
    SMOTENC,
    SVMSMOTE,
    BorderlineSMOTE,
    KMeansSMOTE,
    RandomOverSampler,
)
from imblearn.under_sampling import ClusterCentroids, EditedNearestNeighbours, NearMiss, RandomUnderSampler
from scipy import sparse
from sklearn.base import BaseEstimator

import imbalance_accessor as imb
from imbalance_accessor.modeling.parents import parents_of

RNG = np.random.default_rng(4)
Y = np.where(RNG.random(120) < 0.25, "rare", "often")
X = RNG.normal(size=(120, 3)) + (Y == "rare")[:, None]


class Shuffling(BaseEstimator):
    """A sampler of one's own that says nothing: every rare row once more, and all rows in another order."""

    def fit_resample(self, X, y):
        rare = np.flatnonzero(y == "rare")
        made, labels = np.vstack([X, X[rare] + 1e-6]), np.concatenate([y, y[rare]])
        order = np.random.default_rng(0).permutation(len(labels))
        self.source = np.concatenate([np.arange(len(y)), rare])[order]
        return made[order], labels[order]


def nearest(distance, label, y):
    """The position of the nearest row of a class, by a function from a position to a distance."""
    return min(np.flatnonzero(y == label), key=distance)


@pytest.mark.parametrize(
    "sampler",
    [
        SMOTE(random_state=0),
        BorderlineSMOTE(random_state=0),
        ADASYN(random_state=0),
        SVMSMOTE(random_state=0),
        KMeansSMOTE(random_state=0, cluster_balance_threshold=0.01, kmeans_estimator=2),
        SMOTETomek(random_state=0),
        SMOTEENN(random_state=0),
        ClusterCentroids(random_state=0),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_rows_that_were_made_come_from_the_nearest_row_of_their_class(sampler):
    made, labels = sampler.fit_resample(X, Y)
    found = parents_of(sampler, X, Y, made, labels)
    for row, label, parent in zip(made, labels, found, strict=True):
        assert parent == nearest(lambda at, row=row: np.abs(row - X[at]).dot(np.abs(row - X[at])), label, Y)
    as_sparse = parents_of(sampler, sparse.csr_matrix(X), Y, sparse.csr_matrix(made), labels)
    distance = [np.linalg.norm(made - X[each], axis=1) for each in (as_sparse, found)]
    assert np.allclose(*distance)  # a centroid of two rows is as near to the one as to the other


@pytest.mark.parametrize(
    "sampler",
    [
        RandomOverSampler(random_state=0),
        RandomOverSampler(random_state=0, shrinkage=2.0),
        RandomUnderSampler(random_state=0),
        NearMiss(),
        EditedNearestNeighbours(),
    ],
    ids=str,
)
def test_what_a_sampler_says_of_its_rows_is_taken(sampler):
    made, labels = sampler.fit_resample(X, Y)
    assert np.array_equal(parents_of(sampler, X, Y, made, labels), sampler.sample_indices_)


def test_equal_rows_keep_their_own_weights_where_a_sampler_appends():
    twice = np.repeat(X, 2, axis=0)
    sampler = SMOTE(random_state=0)
    made, labels = sampler.fit_resample(twice, np.repeat(Y, 2))
    assert parents_of(sampler, twice, np.repeat(Y, 2), made, labels)[:240].tolist() == list(range(240))


def test_a_sampler_that_says_nothing_is_found_out_by_its_rows():
    sampler = Shuffling()
    made, labels = sampler.fit_resample(X, Y)
    assert np.array_equal(parents_of(sampler, X, Y, made, labels), sampler.source)


def test_a_category_that_differs_is_as_far_away_as_smotenc_holds_it():
    frame = pd.DataFrame(X, columns=list("abc")).assign(
        one=np.resize(["u", "v", "w"], 120), two=np.resize([True, False], 120)
    )[["one", "a", "two", "b", "c"]]
    sampler = SMOTENC(categorical_features=["one", "two"], random_state=0)
    made, labels = sampler.fit_resample(frame, Y)
    found, spread = parents_of(sampler, frame, Y, made, labels), np.median(X[Y == "rare"].std(axis=0))
    assert spread == pytest.approx(sampler.median_std_["rare"])
    for place in range(120, len(made)):
        row = made.iloc[place]

        def distance(at, row=row):
            real = frame.iloc[at]
            apart = sum(row[name] != real[name] for name in ("one", "two")) * spread**2
            return sum((row[name] - real[name]) ** 2 for name in "abc") + apart

        assert found[place] == nearest(distance, labels[place], Y)


def test_categories_alone_count_alike():
    frame = pd.DataFrame(
        {
            name: pd.Series(RNG.integers(0, 6, 120)).map(lambda k: f"level {k}")
            for name in ("one", "two", "three", "four", "five")
        }
    )
    sampler = SMOTEN(random_state=0)
    made, labels = sampler.fit_resample(frame, Y)
    found = parents_of(sampler, frame, Y, made, labels)
    cells, new = frame.to_numpy(), made.to_numpy()
    for place in range(120, len(made)):
        differing = (cells != new[place]).sum(axis=1)
        assert Y[found[place]] == "rare"
        assert differing[found[place]] == differing[Y == "rare"].min()


# ---------------------------------------------------------------- smote(sample_weight=)


@pytest.mark.parametrize("kind", ["auto", "oversample", "undersample", "smote_enn"])
def test_smote_hands_out_the_weight_of_each_resampled_row(kind):
    weights = pd.Series(np.arange(120.0) + 1, name="w")
    df = pd.DataFrame(X, columns=list("abc")).assign(y=Y)
    split = imb.split(df, "y")
    made = imb.smote(df.assign(w=weights), "y", kind=kind, sample_weight="w")
    plain = imb.smote(df, "y", kind=kind)
    pd.testing.assert_frame_equal(made.X_train, plain.X_train)  # it is no feature
    pd.testing.assert_frame_equal(made.X_test, plain.X_test)
    assert plain.sample_weight is None and made.sample_weight.index.equals(made.X_train.index)
    beside = imb.smote(df, "y", kind=kind, sample_weight=weights)
    assert beside.sample_weight.tolist() == made.sample_weight.tolist()
    real, y = split.X_train.to_numpy(), split.y_train.to_numpy()
    for row, label, weight in zip(made.X_train.to_numpy(), made.y_train, made.sample_weight, strict=True):
        at = nearest(lambda at, row=row: ((row - real[at]) ** 2).sum(), label, y)
        assert weight == weights[split.X_train.index[at]]


def test_smote_hands_out_weights_where_nothing_is_resampled():
    df = pd.DataFrame(X, columns=list("abc")).assign(y=Y, w=np.arange(120.0))
    made = imb.smote(df, "y", ratio=0.01, sample_weight="w")
    assert made.sampler is None
    assert made.sample_weight.tolist() == made.X_train.index.astype(float).tolist()
