"""Models of the user's that break the rules, and rows to come that are not like those that were learned from."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

import imbalance_accessor as imb
from imbalance_accessor.errors import ModelError, OptionError, TargetError

pytestmark = pytest.mark.filterwarnings("error")


def numbers(n=120):
    rng = np.random.default_rng(0)
    y = (np.arange(n) % 4 == 0).astype(int)
    return pd.DataFrame(rng.normal(size=(n, 2)) + y[:, None], columns=["x0", "x1"]).assign(y=y)


class ChangesLabels(LogisticRegression):
    """Writes to the labels that it is given."""

    def fit(self, X, y, sample_weight=None):
        found = super().fit(X, y.copy(), sample_weight)
        y[:] = 1 - y
        return found


def test_a_model_that_writes_to_its_labels_spoils_no_other_fit():
    df = numbers()
    options = {"strategies": ["none", "class_weight", "oversample"], "n_jobs": 1, "progress": False}
    wanted = imb.fit_eval(df, "y", model=LogisticRegression(), **options).frame
    pd.testing.assert_frame_equal(imb.fit_eval(df, "y", model=ChangesLabels(), **options).frame, wanted)


class Tripled(LogisticRegression):
    """Says more than can be."""

    def predict_proba(self, X):
        return super().predict_proba(X) * 3 - 1


def test_probabilities_that_are_none_fail_the_strategy():
    with pytest.raises(ModelError, match=r"its probabilities reach from -0\.\d+ to 1\.\d+"):
        imb.fit_eval(numbers(), "y", model=Tripled(), n_jobs=1, progress=False)


class AnySettings(LogisticRegression):
    """Names none of its settings."""

    def __init__(self, *args, **settings):
        super().__init__(**settings)


@pytest.mark.parametrize(("model", "said"), [
    (Pipeline([]), r"Pipeline\(\[\]\) has no step"),
    (AnySettings(), "AnySettings cannot be copied for each fold: RuntimeError"),
])  # fmt: skip
def test_models_that_cannot_be_read_are_refused(model, said):
    with pytest.raises(ModelError, match=said):
        imb.fit_eval(numbers(), "y", model=model, n_jobs=1, progress=False)


def test_a_number_of_workers_as_numpy_holds_it():
    imb.fit_eval(numbers(), "y", strategies="none", n_jobs=np.int64(1), progress=False)


@pytest.mark.quick(2)
@pytest.mark.parametrize(("cells", "said"), [
    (pd.Timestamp("2024"), "numbers"),
    (pd.Timedelta("1D"), "numbers"),
    (1j, "numbers"),
    ("3%", "numbers"),
    ([None] * 119 + ["x"], "numbers"),
])  # fmt: skip
def test_rows_to_come_with_other_cells_are_refused(cells, said):
    df = numbers()
    threshold = imb.best_threshold(df, "y", progress=False)
    other = df.assign(**{df.columns[0]: cells})
    for answer in (threshold.apply, threshold.model().predict):
        with pytest.raises(OptionError, match=f"This model reads {said}"):
            answer(other)
    twice = pd.concat([df, df.iloc[:, :1]], axis=1)
    with pytest.raises(OptionError, match="more than once"):
        threshold.apply(twice)


@pytest.mark.parametrize("y", [0, np.nan])
def test_what_is_wrong_with_a_test_frame_is_said_of_it(y):
    df = numbers()
    with pytest.raises(TargetError, match=r"^The test frame: 'y' has"):
        imb.split(df, "y", test=df.assign(y=y))
