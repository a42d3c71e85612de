"""Test figures of a table's sample are of all rows that no fit learned from: by brute force, on every engine."""

import functools

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from imbalance_accessor.evaluation.held_out_pass import GridScale
from imbalance_accessor.metrics.bootstrap import draws_at_most
from imbalance_accessor.modeling.calibrators import fit_calibrator

pytest.importorskip("pyarrow")  # which writes the parts

N, MOST = 6000, 1500


@functools.cache
def rows():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(size=N),
            "visits": np.where(rng.random(N) < 0.1, np.nan, rng.normal(size=N)),
            "plan": rng.choice(list("xyz"), N),
        }
    )
    z = 1.2 * frame["amount"] + frame["visits"].fillna(0) + (frame["plan"] == "x") - 4.5
    label = pd.Series(np.where(rng.random(N) < 1 / (1 + np.exp(-z)), "fraud", "none"))
    return frame.assign(label=label.mask(frame.index % 97 == 0))  # some rows have no label


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("parts")
    for part, first in enumerate(range(0, N, 2500)):
        rows().iloc[first : first + 2500].to_parquet(path / f"part{part}.parquet", index=False)
    return path


def _polars(folder):
    return pytest.importorskip("polars").scan_parquet(folder / "*.parquet")


def _duckdb(folder):
    return pytest.importorskip("duckdb").read_parquet(str(folder / "*.parquet"))


def _dask(folder):
    return pytest.importorskip("dask.dataframe").read_parquet(folder)


def evaluation(table, **options):
    options = {"strategies": ["class_weight"], "max_rows": MOST, "progress": False} | options
    import imbalance_accessor as imb

    with draws_at_most(30):
        return imb.fit_eval(table, "label", **options)


def held_out(e, prevalence=None):
    """Return the rows that no fit learned from, whether each is positive, and how much it counts."""
    whole = rows().dropna(subset="label")
    learned = e.plan.parts.features.sample.places[e.plan.parts.train.y.index]
    rest = whole.drop(index=learned)
    y = rest["label"].to_numpy() == "fraud"
    wanted = prevalence or (whole["label"] == "fraud").mean()
    return rest, y, np.where(y, wanted / y.mean(), (1 - wanted) / (1 - y.mean()))


def check_by_hand(e, prevalence=None):
    X, y, w = held_out(e, prevalence)
    for name in e.evaluated:
        p, found = e.model(name).predict_proba(X)[:, 0], e.frame.loc[name]
        assert found["average_precision"] == pytest.approx(
            average_precision_score(y, p, sample_weight=w), abs=1e-6
        )
        assert found["roc_auc"] == pytest.approx(roc_auc_score(y, p, sample_weight=w), abs=1e-6)
        assert found["brier"] == pytest.approx(brier_score_loss(y, p, sample_weight=w), abs=1e-6)
        assert found["log_loss"] == pytest.approx(log_loss(y, p, sample_weight=w), abs=1e-6)
        for end, threshold in (("", 0.5), ("_tuned", found["threshold"])):
            of = precision_recall_fscore_support(
                y, p >= threshold, sample_weight=w, average="binary", zero_division=0
            )
            for metric, value in zip(("precision", "recall", "f1"), of, strict=False):
                assert found[f"{metric}{end}"] == pytest.approx(value, abs=1e-12)


@pytest.fixture(scope="module")
def found(folder):
    return evaluation(_polars(folder))


def test_test_figures_are_those_of_all_rows_that_no_fit_saw(found):
    check_by_hand(found)
    X, y, _ = held_out(found)
    counted = found.scored.weights_of_reported("none").rows(found.scored.reported_codes == 0)
    assert counted.tolist() == [int((~y).sum()), int(y.sum())]
    assert len(X) > 2 * MOST
    said = f"all {len(X):,} rows that no fit saw"
    assert said in " ".join(repr(found).split()) and said in str(found.snippet())
    assert "IMB316" not in {each.code for each in found.findings}


@pytest.mark.slow
@pytest.mark.parametrize("engine", [_duckdb, _dask], ids=["duckdb", "dask"])
def test_engines_agree(found, folder, engine):
    other = evaluation(engine(folder))
    pd.testing.assert_frame_equal(other.frame, found.frame, rtol=1e-9)


@pytest.mark.slow
def test_a_prevalence_in_use_is_that_of_the_held_out_rows(folder):
    e = evaluation(_polars(folder), strategies=[], prevalence=0.01)
    check_by_hand(e, 0.01)
    assert e.prevalence == pytest.approx(0.01)


@pytest.mark.slow
def test_a_threshold_is_reported_on_the_same_rows(folder, found):
    import imbalance_accessor as imb

    sample = found.plan.parts.features.sample
    with draws_at_most(30):
        t = imb.best_threshold(sample, "label", criterion="mcc", prevalence=sample.prevalence, progress=False)
    X, y, w = held_out(found)
    flagged = t.apply(X).to_numpy()
    precision, recall, *_ = precision_recall_fscore_support(y, flagged, sample_weight=w, average="binary")
    assert t.report.loc["chosen", "precision"] == pytest.approx(precision, abs=1e-12)
    assert t.report.loc["chosen", "recall"] == pytest.approx(recall, abs=1e-12)
    at = t.at(prevalence=0.3)
    w = np.where(y, 0.3 / y.mean(), 0.7 / (1 - y.mean()))
    assert at["precision"] == pytest.approx((w * y)[flagged].sum() / w[flagged].sum(), abs=1e-12)


def test_calibration_is_of_the_same_rows(found):
    with draws_at_most(30):
        r = found.reliability(["class_weight"], calibrators=["prior", "sigmoid"])
    X, y, w = held_out(found)
    undone = found.model("class_weight").predict_proba(X)[
        :, 0
    ]  # by the shares of the rows that were learned from
    np.testing.assert_allclose(r.apply(X, "prior"), undone, rtol=1e-9)
    for calibrator in ("none", "prior", "sigmoid"):
        p = r.apply(X, calibrator)
        assert r.frame.loc[("class_weight", calibrator), "brier"] == pytest.approx(
            np.average((p - y) ** 2, weights=w), abs=1e-6
        )
    of_table = rows()["label"].dropna() == "fraud"  # the share is counted in all rows, not in those held out
    known = binomtest(int(of_table.sum()), len(of_table)).proportion_ci(method="wilson")
    assert r.frame.iloc[0][["prevalence_low", "prevalence_high"]].tolist() == pytest.approx(
        list(known), rel=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"test_size": 0}, None),
        ({"groups": "amount"}, "groups"),
    ],
)
def test_where_there_is_no_pass_it_is_said(folder, options, why):
    e = evaluation(_polars(folder), strategies=[], **options)
    said = [each.message for each in e.findings if each.code == "IMB316"]
    assert len(said) == (why is not None)
    assert all(each.held_out is None for each in e.scored.by_name.values())


def _breaks(pieces):
    yield next(pieces)
    raise OSError("the disk is gone")


def _turns(pieces):
    return iter([*pieces][::-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read", "why"),
    [(_breaks, "OSError: the disk is gone"), (_turns, "gave other rows when it was read again (")],
)
def test_a_pass_that_fails_or_sees_rows_in_another_order_costs_no_fit(folder, monkeypatch, read, why):
    from imbalance_accessor.data.lazy.polars_table import PolarsTable

    whole = PolarsTable._pieces
    monkeypatch.setattr(
        PolarsTable,
        "_pieces",
        lambda self, columns: (read if len(columns) > 1 else iter)(iter([*whole(self, columns)])),
    )
    monkeypatch.setattr("imbalance_accessor.data.lazy.polars_table.rows_of_piece", lambda *_: 1000)
    e = evaluation(_polars(folder), strategies=[])
    (said,) = [each.message for each in e.findings if each.code == "IMB316"]
    assert why in said
    assert e.scored.held_out and e.scored.by_name["none"].held_out is None


@pytest.mark.parametrize("is_margin", [False, True])
@pytest.mark.parametrize("name", ["prior", "sigmoid"])
def test_the_least_score_that_reaches_a_threshold_is_found_to_the_last_bit(name, is_margin):
    rng = np.random.default_rng(0)
    margin = rng.normal(-2, 2, 500)
    y = rng.random(500) < expit(margin)
    calibrator = fit_calibrator(name, y, expit(margin), margin, 7.0)
    scale = GridScale(True, is_margin, calibrator, reads_margin=True, tells_margin=True)
    for threshold in rng.uniform(0.001, 0.9, 12):
        least = scale.least(threshold)
        below, at = scale.brought(np.array([np.nextafter(least, -np.inf), least]))
        assert below < threshold <= at


@pytest.mark.slow
def test_an_id_tells_rows_apart_as_their_place_does(folder, found):
    table = _polars(folder).with_row_index("key").reverse()
    again = evaluation(table, id="key")
    pd.testing.assert_frame_equal(again.frame, found.frame)
