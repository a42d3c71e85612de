"""Flags and probabilities of rows that are in a table: lazily, and those that pandas gets of the same rows."""

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.errors import ImbalanceError

pytest.importorskip("pyarrow")  # which writes the parts

N = 1500


def _rows():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(size=N),
            "visits": np.where(rng.random(N) < 0.1, np.nan, rng.poisson(3, N)),
            "plan": rng.choice(["a", "b", "c"], N),
            "euro": [f"{each:.1f} €" for each in rng.gamma(2, 9, N)],
        }
    )
    frame["fraud"] = np.where(rng.random(N) < 1 / (1 + np.exp(4 - 2 * frame["amount"])), "yes", "no")
    frame["p"] = rng.random(N)
    return frame


ROWS = _rows()
#: Other rows: with empty cells, and with a level that the models do not know.
OTHERS = ROWS.drop(columns="fraud").assign(
    visits=lambda frame: frame["visits"].mask(frame.index % 7 == 0),
    plan=lambda frame: frame["plan"].mask(frame.index % 5 == 0).mask(frame.index % 11 == 0, "new"),
)


def _polars(tmp_path):
    return pytest.importorskip("polars").scan_parquet(tmp_path / "*.parquet")


def _duckdb(tmp_path):
    return pytest.importorskip("duckdb").read_parquet(str(tmp_path / "*.parquet"))


def _dask(tmp_path):
    return pytest.importorskip("dask.dataframe").read_parquet(tmp_path)


@pytest.fixture(params=[_polars, _duckdb, _dask], ids=["polars", "duckdb", "dask"])
def table(request, tmp_path):
    for part, first in enumerate(range(0, N, 600)):
        OTHERS.iloc[first : first + 600].to_parquet(tmp_path / f"part{part}.parquet")
    return request.param(tmp_path)


def _here(made):
    if hasattr(made, "compute"):
        return made.compute(scheduler="sync")
    if hasattr(made, "collect"):
        return made.collect().to_pandas()
    return made.df()


@pytest.fixture(scope="module")
def threshold():
    return ROWS.drop(columns="p").imb.best_threshold("fraud", prevalence=0.02)


@pytest.fixture(scope="module")
def reliability():
    return ROWS.drop(columns="p").imb.reliability("fraud", calibrators=["sigmoid"])


def _column(made):
    made = _here(made)
    return made if isinstance(made, pd.Series) else made.iloc[:, 0]


def test_rows_are_flagged_as_pandas_rows_are(threshold, table):
    lazy = threshold.apply(table)
    flagged = _column(lazy)
    expected = threshold.apply(OTHERS)
    assert type(lazy).__module__.partition(".")[0] in {"polars", "dask", "duckdb", "_duckdb"}
    assert flagged.name == "flagged" and flagged.dtype == bool
    np.testing.assert_array_equal(flagged, expected)
    assert 0 < expected.sum() < N


def test_probabilities_are_those_of_pandas_rows(reliability, table):
    p = _column(reliability.apply(table, "sigmoid"))
    assert p.name == "probability"
    np.testing.assert_allclose(p, reliability.apply(OTHERS, "sigmoid"), rtol=1e-12)


def test_a_calibrated_model_answers_with_a_column_for_each_label(threshold, table):
    model = threshold.strategy_scores.handed_out
    found = _here(model.predict_proba(table))
    assert list(found.columns) == ["no", "yes"]
    np.testing.assert_allclose(found, model.predict_proba(OTHERS), rtol=1e-12)
    with pytest.raises(ImbalanceError, match=r"reads rows that are here; got a .* by pieces"):
        model.predict(table)


def test_a_column_of_scores_is_flagged_where_it_stands(table):
    t = ROWS[["fraud", "p"]].imb.best_threshold("fraud", scores="p")
    np.testing.assert_array_equal(_column(t.apply(table)), OTHERS["p"] >= t.value)


def test_a_column_that_is_missing_is_named_before_any_row_is_read(threshold, table):
    select = getattr(table, "select", None) or table.__getitem__
    with pytest.raises(ImbalanceError, match="are no columns of this"):
        threshold.apply(select(["amount"]) if hasattr(table, "compute") else select("amount"))


def test_partitions_keep_their_index(threshold):
    dd = pytest.importorskip("dask.dataframe")
    frame = OTHERS.set_index(np.arange(N) * 3 + 5)
    found = threshold.apply(dd.from_pandas(frame, npartitions=4)).compute(scheduler="sync")
    pd.testing.assert_series_equal(found, threshold.apply(frame), check_index_type=False)
