"""Rows that a regression needs, against published examples; slopes and likelihoods against numpy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import log_loss

from imbalance_accessor.metrics.sample_size import (
    expected_shrinkage,
    free_columns,
    gain_per_doubling,
    largest_r2,
    likelihood_ratio,
    r2_on_new_rows,
    rows_for_shrinkage,
)


def test_rows_are_those_of_published_examples():
    # the example of pmsampsize's manual: 24 parameters, R² .288, prevalence .174: criterion 1 takes 623 rows, and
    # criterion 2, which is the same at a shrinkage of R² / (R² + .05 max R²), 662
    assert rows_for_shrinkage(24, 0.288) == 623
    least = 0.288 / (0.288 + 0.05 * largest_r2(0.174))
    assert rows_for_shrinkage(24, 0.288, least) == 662
    # pmsampsize 1.1.3: 30 parameters, R² .158 (of an area of .78 at a prevalence of .2): criterion 1 binds at 1,556
    assert rows_for_shrinkage(30, 0.1580) == pytest.approx(1556, abs=5)


@pytest.mark.parametrize("prevalence", [0.5, 0.3, 0.1, 0.01])
def test_the_largest_r2_is_that_of_a_model_that_is_always_right(prevalence):
    y = np.arange(1000) < 1000 * prevalence
    expected = 1 - np.exp(-2 * log_loss(y, np.full(1000, prevalence)))
    assert largest_r2(prevalence) == pytest.approx(expected)
    assert largest_r2(1 - prevalence) == pytest.approx(largest_r2(prevalence))


def test_the_likelihood_ratio_is_that_of_log_losses():
    rng = np.random.default_rng(0)
    y, p = rng.random(300) < 0.2, rng.uniform(0.01, 0.9, 300)
    expected = 2 * 300 * (log_loss(y, np.full(300, y.mean())) - log_loss(y, p))
    assert likelihood_ratio(y, p) == pytest.approx(expected)


def test_a_model_that_says_nothing_is_shrunk_to_nothing():
    assert expected_shrinkage(5.0, 12) == expected_shrinkage(-1.0, 12) == 0
    assert r2_on_new_rows(5.0, 12, 100) == 0
    # S (1 - exp(-LR / n)) by hand
    assert r2_on_new_rows(100.0, 10, 500) == pytest.approx(0.9 * (1 - np.exp(-0.2)))


def test_slopes_are_numpys():
    rng, n = np.random.default_rng(1), np.array([11, 23, 36, 48, 60])
    values = rng.random((7, 5))
    expected = [np.polyfit(np.log2(n), each, 1, w=np.sqrt(n))[0] for each in values]
    assert gain_per_doubling(n, values) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("as_matrix", [np.asarray, csr_matrix])
def test_free_columns_are_the_rank_beside_a_constant(as_matrix):
    rng = np.random.default_rng(2)
    levels = np.eye(4)[rng.integers(0, 4, 200)]  # the last follows from the others
    mean = 1e6 if as_matrix is np.asarray else 10
    numbers = rng.normal(mean, 1, (200, 3)) * [1, 1e-9, 1e9]
    X = np.column_stack([levels, numbers, numbers[:, :1] * 2 + 1, np.full(200, 7.0)])
    scaled = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    assert free_columns(as_matrix(X)) == np.linalg.matrix_rank(scaled) == 6
