"""The embedded frame: its shape, its exact share, its repeatability, and a signal of honest strength."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import OptionError

COLUMNS = [
    "customer_id", "signup_date", "tenure_months", "monthly_charges", "support_calls", "data_gb", "age",
    "contract", "payment_method", "region", "paperless", "churn",
]  # fmt: skip


def test_columns_and_their_kinds():
    frame = make_churn()
    assert list(frame.columns) == COLUMNS
    assert list(frame.index) == list(range(2000))
    assert frame["customer_id"].is_unique
    assert frame["signup_date"].dtype == "datetime64[ns]"
    assert frame["paperless"].dtype == bool
    assert [str(frame[name].dtype) for name in ("tenure_months", "support_calls", "age")] == ["int64"] * 3
    assert frame["tenure_months"].between(1, 72).all()
    assert (frame["support_calls"] >= 0).all()
    assert (frame["data_gb"].dropna() > 0).all()


def test_gaps_are_where_they_are_said_to_be():
    missing = make_churn(20_000).isna().mean()
    assert set(missing[missing > 0].index) == {"data_gb", "payment_method"}
    # three standard errors of a share of 0.05 (0.03) among 20,000 rows
    assert missing["data_gb"] == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 20_000))
    assert missing["payment_method"] == pytest.approx(0.03, abs=3 * np.sqrt(0.03 * 0.97 / 20_000))


@pytest.mark.parametrize(
    ("n", "rate", "churned"),
    [(2000, 0.05, 100), (2000, 0.5, 1000), (333, 0.1, 33), (10, 0.01, 1), (2, 0.9, 1), (50, 0.999, 49)],
)
def test_exact_number_of_churners(n, rate, churned):
    counts = make_churn(n, rate)["churn"].value_counts()
    assert counts.to_dict() == {"yes": churned, "no": n - churned}


def test_same_seed_same_frame_and_another_seed_another():
    pd.testing.assert_frame_equal(make_churn(300, random_state=3), make_churn(300, random_state=3))
    assert not make_churn(300, random_state=3).equals(make_churn(300, random_state=4))
    assert not make_churn(300, random_state=None).equals(make_churn(300, random_state=None))


def test_neither_order_nor_id_tells_the_label():
    frame = make_churn(20_000)
    churned = frame["churn"] == "yes"
    number = frame["customer_id"].str[1:].astype(int)
    # a blind score's ROC-AUC has a standard error of about sqrt(1 / (12 m)) for m = 1,000 positives
    for blind in (frame.index, number, frame["age"]):
        assert roc_auc_score(churned, blind) == pytest.approx(0.5, abs=3.5 * np.sqrt(1 / 12_000))


def test_signup_agrees_with_tenure():
    frame = make_churn()
    months = (pd.Timestamp("2026-01-01") - frame["signup_date"]).dt.days / 30.44
    assert (months - frame["tenure_months"]).between(-0.02, 0.92).all()


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", [0, 2, 5])
def test_signal_is_honest(seed):
    frame = make_churn(random_state=seed)
    features = frame.drop(columns=["customer_id", "signup_date", "churn"]).astype({"paperless": int})
    numeric = make_column_selector(dtype_include="number")
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numeric),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    scores = cross_validate(
        make_pipeline(prepare, LogisticRegression(max_iter=1000)),
        features,
        (frame["churn"] == "yes").astype(int),
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        scoring=["roc_auc", "average_precision"],
    )
    assert 0.78 < scores["test_roc_auc"].mean() < 0.87
    assert 0.22 < scores["test_average_precision"].mean() < 0.45


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n": 1}, "n=1 is not a whole number of at least 2"),
        ({"n": 100.0}, "n=100.0 is not"),
        ({"n": True}, "n=True is not"),
        ({"churn_rate": 0}, "churn_rate=0 is not between 0 and 1"),
        ({"churn_rate": 1.0}, "churn_rate=1.0 is not"),
        ({"churn_rate": float("nan")}, "churn_rate=nan is not"),
        ({"churn_rate": "5%"}, "churn_rate='5%' is not"),
        ({"random_state": -1}, "random_state=-1 is no seed"),
        ({"random_state": 1.5}, "random_state=1.5 is no seed"),
    ],
)
def test_bad_options_are_one_sentence(options, sentence):
    with pytest.raises(OptionError, match=sentence.replace("(", r"\(")) as caught:
        make_churn(**options)
    assert "\n" not in str(caught.value)


def test_numpy_numbers_are_numbers():
    frame = make_churn(np.int64(40), np.float64(0.1), np.int32(0))
    assert frame.equals(make_churn(40, 0.1, 0))


def test_needs_no_scikit_learn():
    code = (
        "import sys; from imbalance_accessor.data.datasets import make_churn; make_churn(50);"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
