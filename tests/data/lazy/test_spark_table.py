"""Frames of PySpark: the same sample, figures and code as of any other engine, by an id."""

from __future__ import annotations

import shutil
import sys
import warnings

import pandas as pd
import pytest
from alone import execute
from lazy_tables import rows_with_ids

import imbalance_accessor as imb
from imbalance_accessor.data.lazy.hashing import hash_ids, splitmix64
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import draw_sample
from imbalance_accessor.data.lazy.tables import table_of
from imbalance_accessor.metrics.bootstrap import draws_at_most

pytest.importorskip("pyspark")
pytest.importorskip("pyarrow")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="PySpark needs Java"),
    pytest.mark.filterwarnings("ignore"),  # PySpark's own, of the pandas it meets
]

#: A name with a dot, which Spark looks into, and with the mark that it quotes names by.
ROWS = rows_with_ids(1_200, 60).rename(columns={"a": "a.`x"})
OPTIONS = {"max_rows": 400, "strategies": [], "cv": 3, "progress": False, "n_jobs": 1}


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


@pytest.fixture(scope="module")
def table(spark):
    return spark.createDataFrame(ROWS).repartition(3).cache()


def by_hand(most=400):
    """The sample's rows by its rule: all positives, and the negatives with the smallest numbers."""
    number = pd.Series(splitmix64(hash_ids(ROWS["key"]), 0))
    negatives = number[ROWS["y"] == 0].nsmallest(most - 60).index
    return ROWS.loc[(ROWS["y"] == 1) | ROWS.index.isin(negatives)].sort_values("key", ignore_index=True)


def test_counts_and_code_of_them(table):
    found = table.imb.counts("y")
    assert found.frame["rows"].to_dict() == {0: 1_140, 1: 60}
    assert execute(found.snippet(), df=table)["rows"].to_dict() == {0: 1_140, 1: 60}


def test_the_sample_is_that_of_the_rule(table):
    with pytest.raises(imb.FeatureError, match=r"no order after they went through Spark.*: id=\.$"):
        imb.fit_eval(table, "y", **OPTIONS)
    read = table_of(table)
    drawn = draw_sample(read, count_labels(read, "y", None), most=400, seed=0, id="key")
    pd.testing.assert_frame_equal(drawn.frame, by_hand().drop(columns="key"), check_dtype=False)


def test_figures_are_those_of_another_engine_and_code_gives_the_sample(table):
    polars = pytest.importorskip("polars")
    with draws_at_most(50):
        e = imb.fit_eval(table, "y", id="key", **OPTIONS)
        wanted = imb.fit_eval(polars.from_pandas(ROWS).lazy(), "y", id="key", **OPTIONS)
    pd.testing.assert_frame_equal(e.frame, wanted.frame)
    names = execute(e.snippet(), df=table)
    pd.testing.assert_frame_equal(names["df"], by_hand().drop(columns="key"), check_dtype=False)


def test_scores_are_counted_by_id(table):
    polars = pytest.importorskip("polars")
    with draws_at_most(50):
        t = imb.best_threshold(table, "y", scores="b", id="key")
        wanted = imb.best_threshold(polars.from_pandas(ROWS).lazy(), "y", scores="b", id="key")
    pd.testing.assert_frame_equal(t.report, wanted.report)
    flags = t.apply(table).toPandas().set_index("key")
    assert flags["flagged"].equals(flags["b"] >= float(t))


def test_what_a_worker_says_is_told_in_one_sentence(table):
    from pyspark.sql import functions

    odd = table.withColumn("odd", functions.udf(lambda b: 1 / 0, "double")("b"))
    with pytest.raises(imb.FeatureError, match="ZeroDivisionError: division by zero") as told:
        imb.best_threshold(odd, "y", scores="odd", id="key")
    assert "\n" not in str(told.value)
    with pytest.raises(imb.FeatureError, match="names several rows"):
        imb.fit_eval(table, "y", id="word", **OPTIONS)
