"""Whether the training set is large enough for a logistic regression's columns: events per column, and its expected shrinkage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import Pipeline

from imbalance_accessor.data.encoded_width import columns_said
from imbalance_accessor.errors import counted
from imbalance_accessor.evaluation.plan import Plan
from imbalance_accessor.evaluation.scores import CrossValScores
from imbalance_accessor.findings import Finding
from imbalance_accessor.metrics.rounding import fixed
from imbalance_accessor.metrics.sample_size import (
    SHRINKAGE,
    expected_shrinkage,
    free_columns,
    likelihood_ratio,
    r2_on_new_rows,
    rows_for_shrinkage,
)
from imbalance_accessor.modeling.estimators import steps_of
from imbalance_accessor.modeling.strategies import Estimator
from imbalance_accessor.process_state import own_filters

#: A penalty as weak as none, and the strongest one that leaves the likelihood about as without any: scikit-learn's own.
_WEAK, _USUAL = 1e6, 1.0


@dataclass(frozen=True)
class RegressionSize:
    """Events per column of a logistic regression, and what follows from its likelihood.

    Attributes
    ----------
    n_rows, events : int
        Rows that it learned from, and those of the rarer outcome.
    n_columns : int
        After encoding, without those that follow from others: the last level of a category, or a copy.
    n_following : int
        Those.
    ratio : float, optional
        Its likelihood ratio χ² on these rows; None where it does not maximise their likelihood, or nearly: rows or classes
        have weights, or the penalty is stronger than scikit-learn's.
    is_penalised : bool
    """

    n_rows: int
    events: int
    n_columns: int
    n_following: int
    ratio: float | None
    is_penalised: bool

    @property
    def shrinkage(self) -> float | None:
        """The expected shrinkage (van Houwelingen & le Cessie 1990)."""
        return None if self.ratio is None else expected_shrinkage(self.ratio, self.n_columns)

    @property
    def rows_needed(self) -> int | None:
        """The rows that Riley et al. (2020) ask for, by the R² that its likelihood leaves for new rows."""
        r2 = 0.0 if self.ratio is None else r2_on_new_rows(self.ratio, self.n_columns, self.n_rows)
        return rows_for_shrinkage(self.n_columns, r2) if 0 < r2 < SHRINKAGE else None

    @property
    def said(self) -> str:
        """The events per variable in two sentences at most."""
        columns = columns_said(self.n_columns, self.n_columns + self.n_following)
        each = fixed(self.events / self.n_columns, 1)
        found = f"Events per variable: {each} ({counted(self.events, 'event')} in training, {columns})"
        if self.shrinkage is None:
            return f"{found}."
        without = " without penalty" if self.is_penalised else ""
        found += f"; expected shrinkage{without} {fixed(self.shrinkage, 2)}."
        if self.rows_needed is None:
            return found
        events = int(np.ceil(self.rows_needed * self.events / self.n_rows))
        return f"{found} For {SHRINKAGE:g} Riley et al. (2020) ask for {events:,} events in {self.rows_needed:,} rows."

    @property
    def findings(self) -> list[Finding]:
        """Whether a regression without penalty has too few events for its columns."""
        if self.is_penalised or self.shrinkage is None or self.shrinkage >= SHRINKAGE:
            return []
        sentence = (
            f"A regression without penalty has {counted(self.events, 'event')} for {counted(self.n_columns, 'column')}: expect "
            f"a shrinkage of {fixed(self.shrinkage, 2)} on new rows, where {SHRINKAGE:g} is asked."
        )
        return [Finding("IMB419", "warning", sentence, "Give it a penalty: LogisticRegression(C=1.0).")]


def regression_size(plan: Plan, scored: CrossValScores) -> RegressionSize | None:
    """Return the size of the plain model; None where it is no logistic regression of two sides that was fitted here."""
    steps = _steps(plan, scored)
    if steps is None:
        return None
    last, encode = steps[-1][1], steps[1:-1]
    outcome = plan.parts.learned_outcome == scored.positive
    X, ratio = plan.reader.features(plan.parts.learned), None
    with own_filters():
        encoded = Pipeline(encode).transform(X) if encode else X
        if plan.parts.learned_weights.own is None and _is_likeliest(last):
            p = last.predict_proba(encoded)[:, scored.positive]
            ratio = likelihood_ratio(outcome, np.asarray(p, np.float64))
    n_columns = max(free_columns(_as_numbers(encoded)), 1)
    events, following = int(min(outcome.sum(), (~outcome).sum())), last.coef_.shape[1] - n_columns
    return RegressionSize(len(outcome), events, n_columns, following, ratio, _is_penalised(last))


def _as_numbers(encoded: Any) -> Any:
    """Return encoded columns as an array, or as the sparse matrix that they are."""
    is_sparse = hasattr(encoded, "toarray")
    return encoded.astype(np.float64) if is_sparse else np.asarray(encoded, np.float64)


def unpenalised_findings(plan: Plan, scored: CrossValScores) -> list[Finding]:
    """Say where the plain model is a regression without penalty that has too few events for its columns."""
    steps = _steps(plan, scored)
    if steps is None or _is_penalised(steps[-1][1]):
        return []
    size = regression_size(plan, scored)
    return [] if size is None else size.findings


def _steps(plan: Plan, scored: CrossValScores) -> list[tuple[str, Estimator]] | None:
    """Return the fitted steps of the plain model, the column selector first; None where it is no logistic regression."""
    if plan.model.fitted or scored.positive is None:
        return None
    steps = steps_of((scored.as_fitted or scored).by_name["none"].model)
    resamples = any(hasattr(step, "fit_resample") for _, step in steps)
    return steps if isinstance(steps[-1][1], LogisticRegression) and not resamples else None


def _is_penalised(classifier: Estimator) -> bool:
    """Whether coefficients are held small."""
    return classifier.penalty is not None and _weakness(classifier) < _WEAK


def _is_likeliest(classifier: Estimator) -> bool:
    """Whether its probabilities are about the likeliest: no weights move them, and no strong penalty flattens them."""
    usual = classifier.penalty is None or _weakness(classifier) >= _USUAL
    return usual and classifier.class_weight is None


def _weakness(classifier: Estimator) -> float:
    """Return how weak its penalty is, as scikit-learn's `C` says."""
    return float(np.max(classifier.C_) if isinstance(classifier, LogisticRegressionCV) else classifier.C)
