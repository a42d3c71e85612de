"""Thresholds and calibration of scores in a table: those of the same rows in a pandas frame, whichever engine counts them."""

import numpy as np
import pandas as pd
import pytest
from alone import execute
from scipy.special import expit

import imbalance_accessor as imb
from imbalance_accessor.data.lazy.hashing import splitmix64
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import draw_sample
from imbalance_accessor.data.lazy.tables import table_of
from imbalance_accessor.errors import FeatureError, OptionError, SplitError
from imbalance_accessor.evaluation.table_scores import read_scored_table, score_table
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.verbs.best_threshold.options import ThresholdOptions
from imbalance_accessor.verbs.best_threshold.result import threshold_of
from tests.lazy_tables import ENGINES, opened, parts_of

LIMITS = {"f1": {}, "cost": {"cost": {"fp": 1, "fn": 12}}, "limit": {"min_recall": 0.6, "confidence": 0.9}}


def scored_rows(n=6000, seed=0):
    """Rows with a probability that is nearly true, and a margin."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(-2.5, 1.2, n)
    y = (rng.random(n) < expit(margin)).astype(int)
    return pd.DataFrame({"p": expit(margin + 0.2), "m": margin, "y": y})


def divided(frame, share=0.2, seed=0):
    """The rows that choose and those that report, by the number of each row's place."""
    in_test = splitmix64(np.arange(len(frame), dtype=np.uint64), seed) > (1 - share) * 2.0**64
    return frame[~in_test], frame[in_test]


@pytest.fixture(autouse=True)
def few_draws():
    with draws_at_most(100):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return parts_of(scored_rows(), tmp_path_factory.mktemp("scored"))


def lazy(frame, tmp_path):
    return opened("polars", parts_of(frame, tmp_path / "parts"))


@pytest.mark.slow
@pytest.mark.quick(1)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("asked", LIMITS)
def test_a_table_gives_what_its_rows_give(engine, asked, folder):
    found = imb.best_threshold(opened(engine, folder), "y", scores="p", **LIMITS[asked])
    train, test = divided(scored_rows())
    wanted = imb.best_threshold(train, "y", scores="p", test=test, **LIMITS[asked])
    assert float(found) == float(wanted)
    points = [name for name in wanted.report if not name.endswith(("_low", "_high", "_cv"))]
    pd.testing.assert_frame_equal(found.report[points], wanted.report[points])
    pd.testing.assert_frame_equal(found.frame, wanted.frame, check_dtype=False)
    assert found.threshold_ci.low == pytest.approx(wanted.threshold_ci.low, abs=0.03)
    assert found.threshold_ci.high == pytest.approx(wanted.threshold_ci.high, abs=0.03)
    for end in ("precision_low", "precision_high", "recall_low", "recall_high"):
        assert found.report[end]["chosen"] == pytest.approx(wanted.report[end]["chosen"], rel=1e-12)
    assert found.report["f1_low"]["chosen"] == pytest.approx(wanted.report["f1_low"]["chosen"], abs=0.03)
    flags = found.apply(scored_rows())
    assert flags.tolist() == (scored_rows()["p"] >= float(found)).tolist()


@pytest.mark.slow
@pytest.mark.quick(1)
@pytest.mark.parametrize("engine", ENGINES)
def test_calibration_of_a_table_is_that_of_its_rows(engine, folder):
    found = imb.reliability(opened(engine, folder), "y", scores="p").frame
    train, test = divided(scored_rows())
    wanted = imb.reliability(train, "y", scores="p", test=test).frame
    drawn = ("_low", "_high", "_cv", "_expected")
    exact = [name for name in wanted if not name.endswith(drawn) or name.startswith("calibration_")]
    pd.testing.assert_frame_equal(found[exact], wanted[exact], rtol=1e-6)
    for name in ("brier_low", "brier_high", "ece_expected"):
        assert found[name].to_numpy() == pytest.approx(wanted[name].to_numpy(), rel=0.15), name


def test_rows_without_an_order_are_divided_by_their_id(folder):
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    rows = scored_rows().assign(key=lambda each: each.index.to_numpy()[::-1] * 3 - 50)
    table = duckdb.query("select * from rows join (select distinct key from rows) using (key)")
    with pytest.raises(FeatureError, match=r"have no order after a join.*: id=, or sort the table\.$"):
        imb.best_threshold(table, "y", scores="p")
    with pytest.raises(FeatureError, match="'kez' is no column"):
        imb.reliability(table, "y", scores="p", id="kez")
    found = imb.best_threshold(table, "y", scores="p", id="key")
    in_test = splitmix64(rows["key"].to_numpy().view(np.uint64), 0) > 0.8 * 2.0**64
    wanted = imb.best_threshold(rows[~in_test], "y", scores="p", test=rows[in_test], id="key")
    points = [name for name in wanted.report if not name.endswith(("_low", "_high", "_cv"))]
    pd.testing.assert_frame_equal(found.report[points], wanted.report[points])
    assert execute(found.snippet(), df=table)["y_test"].sum() == rows["y"][in_test].sum()


def in_cells(frame, tmp_path, most, **asked):
    table = table_of(lazy(frame, tmp_path))
    none = dict.fromkeys(("groups", "time", "test", "sample_weight"))
    features = read_scored_table(table, "y", "p", pos_label=None, prevalence=None, **none)
    how = {"cv": 5, "test_size": 0.2, "random_state": 0, "at": "lowest", "edges": (0.5,), "most": most}
    names = (
        "criterion",
        "beta",
        "cost",
        "min_precision",
        "min_recall",
        "max_flag_rate",
        "top_k",
        "confidence",
    )
    options = ThresholdOptions(**{name: asked.get(name) for name in names})
    return threshold_of(
        score_table(features, table, "p", **how), options.read(features, matrix=False), [], []
    )


@pytest.mark.slow
@pytest.mark.quick(1)
@pytest.mark.parametrize("asked", LIMITS)
def test_figures_in_cells_are_exact_and_the_threshold_is_within_one(asked, tmp_path):
    rows = scored_rows()
    t = in_cells(rows, tmp_path, 200, **LIMITS[asked])
    assert not t.strategy_scores.grid.is_exact
    _, test = divided(rows)
    for kind in ("chosen", "default"):
        flagged = test["p"] >= t.report["threshold"][kind]
        assert t.report["tp"][kind] == (flagged & (test["y"] == 1)).sum()
        assert t.report["fp"][kind] == (flagged & (test["y"] == 0)).sum()
    whole = in_cells(rows, tmp_path, 2**18, **LIMITS[asked])
    grid = t.strategy_scores.grid
    place = [np.searchsorted(grid.lowest, float(each), side="right") for each in (t, whole)]
    value = t.report if asked != "cost" else -t.report
    shown = {"f1": "f1", "cost": "cost", "limit": "precision"}[asked]
    assert value[shown]["chosen"] == pytest.approx(
        (whole.report if asked != "cost" else -whole.report)[shown]["chosen"], rel=0.05
    )
    assert abs(place[0] - place[1]) <= 12  # the criterion is flat: cells of 1/200 of the scores
    assert "in 1" in str(t)
    assert "cells of the score" in str(t)


def test_rows_that_a_model_is_fitted_on_do_not_report(tmp_path):
    rows = scored_rows()
    table = table_of(lazy(rows, tmp_path))
    sample = draw_sample(table, count_labels(table, "y", None), most=1500, seed=0)
    negatives = rows.iloc[sample.places].query("y == 0").index
    train, test = divided(rows)
    assert 700 < len(negatives) < len(train) / 2
    assert not len(test.index.intersection(negatives))


@pytest.mark.slow
def test_words_count_rows(folder):
    t = imb.best_threshold(opened("polars", folder), "y", scores="p", max_flag_rate=0.1)
    said, (_, test) = " ".join(str(t).split()), divided(scored_rows())
    assert f"{len(test):,} test rows" in said
    assert f"of {len(test):,} rows flagged" in said
    counted = f"6,000 rows were counted in one pass, in {scored_rows()['p'].nunique():,} distinct scores"
    assert counted in said
    r = imb.reliability(opened("polars", folder), "y", scores="p", calibrators=[])
    positives = scored_rows()["y"].sum()
    assert f"of 6,000 rows are positive ({positives:,})" in " ".join(str(r).split())
    for each in (t, r):
        assert each.explain()
        each.plot()


@pytest.mark.slow
@pytest.mark.quick(1)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_short_code_gives_the_same_figures(engine, folder, capsys):
    df = opened(engine, folder)
    t = imb.best_threshold(df, "y", scores="p", cost={"fp": 1, "fn": 12}, random_state=3)
    code = str(t.snippet())
    assert len(code.splitlines()) <= 40
    exec(code, {"df": df})
    printed = capsys.readouterr().out
    assert f"threshold {float(t)}" in printed
    assert f"precision {t.report['precision']['chosen']}" in printed
    assert f"cost {t.report['cost']['chosen']:.0f}" in printed
    for test_size in (0.3, 0):
        r = imb.reliability(df, "y", scores="p", test_size=test_size)
        code = str(r.snippet())
        assert len(code.splitlines()) <= 40
        exec(code, {"df": df})
        printed = capsys.readouterr().out
        assert all(f"{brier:.6f}" in printed for brier in r.frame["brier"])


@pytest.mark.slow
def test_labels_of_all_kinds(tmp_path):
    rows = scored_rows(3000)
    wanted = imb.best_threshold(lazy(rows, tmp_path), "y", scores="p")
    text = rows.assign(y=rows["y"].map({0: "no", 1: "yes"}))
    assert float(imb.best_threshold(lazy(text, tmp_path), "y", scores="p")) == float(wanted)
    several = rows.assign(y=np.where(rows["y"] == 1, "c", np.where(np.arange(3000) % 2, "a", "b")))
    t = imb.best_threshold(lazy(several, tmp_path), "y", scores="p", pos_label="c")
    assert float(t) == float(wanted)
    with pytest.raises(OptionError, match="has 3 classes"):
        imb.best_threshold(lazy(several, tmp_path), "y", scores="p")
    unlabelled = text.assign(y=text["y"].where(np.arange(3000) % 10 > 0))
    t = imb.best_threshold(lazy(unlabelled, tmp_path), "y", scores="p")
    assert "300 of 3,000 rows have no label in 'y' and are left out" in str(t.findings)
    assert (
        t.report["tp"]["chosen"] + t.report["fn"]["chosen"]
        == (divided(unlabelled)[1]["y"] == "yes").sum()  # places count all rows
    )
    exec(str(t.snippet()), {"df": lazy(unlabelled, tmp_path)})


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 2])
def test_figures_are_those_of_a_prevalence(seed, folder, capsys):
    df = opened("polars", folder)
    t = imb.best_threshold(df, "y", scores="m", prevalence=0.02, cost={"fp": 1, "fn": 20}, random_state=seed)
    report = t.report.loc["chosen"]
    positives, rows = report[["tp", "fn"]].sum(), report[["tp", "fn", "fp", "tn"]].sum()
    assert positives / rows == pytest.approx(0.02, rel=1e-12)  # whatever share the test set got
    exec(str(t.snippet()), {"df": df})
    printed = dict(zip(*[iter(capsys.readouterr().out.split())] * 2, strict=True))
    assert float(printed["threshold"]) == float(t)
    for name in ("precision", "recall"):
        assert float(printed[name]) == pytest.approx(report[name], rel=1e-9)
    assert float(printed["cost"]) == pytest.approx(report["cost"], rel=1e-9)
    r = imb.reliability(df.with_columns(p=df.collect()["p"] / 8), "y", scores="p", prevalence=0.02)
    exec(str(r.snippet()), {"df": df.with_columns(p=df.collect()["p"] / 8)})
    printed = capsys.readouterr().out
    for name in ("brier", "average_precision", "mean_probability"):
        assert f"{r.frame[name].iloc[0]:.6f}" in printed, name


def test_what_a_table_of_scores_cannot_be(tmp_path):
    rows = scored_rows(500)
    with pytest.raises(FeatureError, match="'q' is no column of this polars LazyFrame"):
        imb.best_threshold(lazy(rows, tmp_path), "y", scores="q")
    with pytest.raises(OptionError, match="is the target itself"):
        imb.best_threshold(lazy(rows, tmp_path), "y", scores="y")
    with pytest.raises(OptionError, match=r"without groups=\. Leave it out"):
        imb.best_threshold(lazy(rows, tmp_path), "y", scores="p", groups="m")
    with pytest.raises(OptionError, match="cost= names 'm'"):
        imb.best_threshold(lazy(rows, tmp_path), "y", scores="p", cost={"fp": "m", "fn": 3})
    with pytest.raises(OptionError, match="has 5 missing or infinite cells"):
        imb.best_threshold(
            lazy(rows.assign(p=rows["p"].where(np.arange(500) % 100 > 0)), tmp_path), "y", scores="p"
        )
    with pytest.raises(OptionError, match=r"is 0\.5 in every row"):
        imb.best_threshold(lazy(rows.assign(p=0.5), tmp_path), "y", scores="p")
    with pytest.raises(OptionError, match="Name a column of numbers"):
        imb.best_threshold(lazy(rows.assign(p="high"), tmp_path), "y", scores="p")
    with pytest.raises(OptionError, match="which are no probabilities"):
        imb.reliability(lazy(rows, tmp_path), "y", scores="m")
    few = rows.assign(y=(np.arange(500) == 7).astype(int))
    with pytest.raises(SplitError, match="has 1 row of a class"):
        imb.best_threshold(lazy(few, tmp_path), "y", scores="p")
