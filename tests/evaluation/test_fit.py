"""One fit: what it returns, why it failed, and what it said."""

import warnings

import numpy as np
import pytest
from fit_rows import rows
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from imbalance_accessor.errors import ModelError
from imbalance_accessor.evaluation.fit import fit_and_score
from imbalance_accessor.evaluation.outputs import scores_of
from imbalance_accessor.evaluation.parallel import Job

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


class Moody(ClassifierMixin, BaseEstimator):
    """Raises, warns, or answers as it is told."""

    def __init__(self, error=None, warning=None, answer=None):
        self.error = error
        self.warning = warning
        self.answer = answer

    def fit(self, X, y):
        if self.warning is not None:
            warnings.warn(self.warning, stacklevel=2)
        if self.error is not None:
            raise self.error
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5) if self.answer is None else self.answer(len(X))


def test_a_job_scores_its_rows_with_a_clone():
    mine, given = LogisticRegression(), rows()
    outcome = fit_and_score(Job("none", -1), mine, given)
    assert outcome.scores == pytest.approx(
        LogisticRegression().fit(given.X, given.y).predict_proba(given.scored)
    )
    assert not hasattr(mine, "coef_")
    assert outcome.model.predict(given.scored).shape == (7,)
    assert (outcome.failure, outcome.warned) == ("", ())


def test_models_of_folds_are_not_kept():
    assert fit_and_score(Job("none", 0), LogisticRegression(), rows()).model is None


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("no such thing\nsecond line"), "ValueError: no such thing"),
        (RuntimeError(), "RuntimeError"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_whatever_a_model_raises_becomes_a_reason_of_one_line(error, says):
    outcome = fit_and_score(Job("none", -1), Moody(error=error), rows())
    assert outcome.scores is None
    assert outcome.model is None
    assert outcome.failure.startswith(says)
    assert "\n" not in outcome.failure


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda n: np.full((n, 3), 1 / 3), "3 columns of scores for 2 classes"),
        (lambda n: np.full((n, 2), np.nan), "not finite"),
    ],
)
def test_scores_that_cannot_be_evaluated_are_a_failure(answer, says):
    assert says in fit_and_score(Job("none", -1), Moody(answer=answer), rows()).failure


def test_a_fit_that_did_not_converge_is_told_and_no_warning_leaks():
    given = rows()
    outcome = fit_and_score(Job("none", 0), Moody(warning=ConvergenceWarning("raise max_iter")), given)
    assert outcome.warned == ("did not converge",)
    assert fit_and_score(Job("none", 0), Moody(warning=FutureWarning("soon")), given).warned == ()


def test_margins_of_two_classes_become_two_columns():
    given = rows()
    fitted = SVC().fit(given.X, given.y)
    margin = fitted.decision_function(given.scored)
    assert (scores_of(fitted, given.scored, 2) == np.column_stack([-margin, margin])).all()


def test_margins_of_several_classes_stay_as_they_are():
    given = rows(labels=(0, 1, 2))
    fitted = SVC().fit(given.X, given.y)
    assert (scores_of(fitted, given.scored, 3) == fitted.decision_function(given.scored)).all()
    with pytest.raises(ModelError, match="3 columns of scores for 2 classes"):
        scores_of(fitted, given.scored, 2)
