"""A frame with numbers and dates as text is answered as the frame that is parsed by hand, and so do its snippets."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

import imbalance_accessor as imb

N = 400
FITS = {"cv": 3, "n_jobs": 1, "progress": False}


def billed(seed=0, rows=N):
    """Customers as a telephone company exports them; a total is blank where nobody was billed yet."""
    rng = np.random.default_rng(seed)
    tenure, monthly = rng.integers(0, 72, rows), rng.normal(1300, 500, rows).clip(200)
    share, day = (
        rng.random(rows) * 100,
        pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 500, rows), unit="D"),
    )
    left = rng.random(rows) < 1 / (1 + np.exp(0.06 * tenure - 0.001 * monthly))
    return pd.DataFrame(
        {
            "customerID": [f"{number:04}-QZ{number % 89}" for number in rng.permutation(rows) * 17 + 100],
            "tenure": tenure,
            "monthly": [f"${number:,.2f}" for number in monthly],
            "total": [f"{months * number:.2f}" if months else " " for months, number in zip(tenure, monthly, strict=True)],
            "used": [f"{number:.1f} %".replace(".", ",") for number in share],
            "contract": rng.choice(["month", "year"], rows),
            "zip": [f"{number:05}" for number in rng.integers(501, 520, rows)],
            "joined": day.strftime("%d/%m/%Y"),
            "billed": day.strftime("%Y%m%d").astype("int64"),
            "churn": np.where(left, "Yes", "No"),
        }
    )  # fmt: skip


def by_hand(frame):
    return frame.assign(
        monthly=[float(cell[1:].replace(",", "")) for cell in frame["monthly"]],
        total=[float(cell) if cell.strip() else np.nan for cell in frame["total"]],
        used=[float(cell.removesuffix(" %").replace(",", ".")) for cell in frame["used"]],
        joined=pd.to_datetime(frame["joined"], dayfirst=True),
        billed=pd.to_datetime(frame["billed"].astype(str)),
    )


RAW = billed()
PARSED = by_hand(RAW)


def run(snippet, **names):
    with contextlib.redirect_stdout(io.StringIO()):
        exec(snippet, names)
    return names


def test_a_comparison_is_that_of_the_parsed_frame_and_the_snippet_says_the_same():
    before = RAW.copy(deep=True)
    found = imb.fit_eval(RAW, "churn", strategies=["none", "smote"], **FITS)
    pd.testing.assert_frame_equal(
        found.frame, imb.fit_eval(PARSED, "churn", strategies=["none", "smote"], **FITS).frame
    )
    snippet = str(found.snippet(style="full"))
    assert 'X["total"] = pd.to_numeric(X["total"], errors="coerce")' in snippet
    assert snippet.index("pd.to_numeric") < snippet.index("train_test_split(\n")
    rows = run(snippet, df=RAW)["rows"]
    for strategy in ("none", "smote"):
        assert rows[strategy]["average_precision"] == pytest.approx(
            found.frame.loc[strategy, "average_precision"], abs=1e-12
        )
    pd.testing.assert_frame_equal(RAW, before)


@pytest.mark.quick(1)
@pytest.mark.parametrize("dtype", ["object", "string", "string[pyarrow]"])
def test_a_model_takes_raw_rows_of_any_type_and_spelling(dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    model = imb.fit_eval(RAW, "churn", strategies=["none"], **FITS).model("none")
    text = [name for name in RAW if RAW[name].dtype != "int64"]
    expected = model.predict_proba(PARSED)
    np.testing.assert_array_equal(model.predict_proba(RAW.astype(dict.fromkeys(text, dtype))), expected)
    np.testing.assert_array_equal(
        model.predict_proba(RAW.drop(columns=["customerID", "joined", "billed", "churn"])), expected
    )
    spelled = RAW.assign(total=["n/a" if not cell.strip() else f" {cell} " for cell in RAW["total"]])
    np.testing.assert_array_equal(model.predict_proba(spelled), expected)
    assert imb.fit_eval(RAW.astype(dict.fromkeys(text, dtype)), "churn", strategies=["none"], **FITS).model("none").predict_proba(
        RAW
    ) == pytest.approx(expected, abs=1e-12)  # fmt: skip


def test_split_hands_out_numbers_and_dates():
    parts, expected = imb.split(RAW, "churn"), imb.split(PARSED, "churn")
    pd.testing.assert_frame_equal(parts.X_train, expected.X_train, check_dtype=False)
    pd.testing.assert_frame_equal(parts.X_test, expected.X_test, check_dtype=False)
    names = run(parts.snippet(style="full"), df=RAW)
    pd.testing.assert_frame_equal(names["X_train"], parts.X_train)
    pd.testing.assert_frame_equal(names["X_test"], parts.X_test)


@pytest.mark.parametrize("kind", ["auto", "oversample"])
def test_samplers_are_given_numbers(kind):
    found = imb.smote(RAW, "churn", kind=kind, impute=True)
    pd.testing.assert_frame_equal(
        found.X_train, imb.smote(PARSED, "churn", kind=kind, impute=True).X_train, check_dtype=False
    )
    assert found.X_train["monthly"].dtype == np.float64
    names = run(found.snippet(style="full"), df=RAW)
    for made in (names["X_train"], found.X_train):
        made.index = range(len(made))  # copies have no labels of their own
    pd.testing.assert_frame_equal(names["X_train"], found.X_train, check_dtype=False)


def test_leaks_sees_numbers():
    answer = RAW.assign(
        fee=[f"${100 + 7 * i % 50 + 1000 * (label == 'Yes')}.50" for i, label in enumerate(RAW["churn"])]
    )
    (finding,) = [each for each in imb.leaks(answer, "churn").findings if each.code == "IMB106"]
    assert "'fee'" in finding.message
    pd.testing.assert_frame_equal(imb.leaks(RAW, "churn").frame, imb.leaks(PARSED, "churn").frame)


@pytest.mark.quick(1)
@pytest.mark.parametrize("time", ["joined", "billed"])
def test_dates_as_text_order_rows(time):
    found = imb.fit_eval(RAW, "churn", time=time, strategies=["none"], **FITS)
    pd.testing.assert_frame_equal(
        found.frame, imb.fit_eval(PARSED, "churn", time=time, strategies=["none"], **FITS).frame
    )
    rows = run(found.snippet(style="full"), df=RAW)["rows"]
    assert rows["none"]["average_precision"] == pytest.approx(
        found.frame.loc["none", "average_precision"], abs=1e-12
    )


def test_a_test_frame_with_other_blanks_is_scored_as_its_numbers():
    test = billed(seed=1, rows=150)
    test["total"] = [cell if i % 3 else "?" for i, cell in enumerate(test["total"])]
    parsed = by_hand(test.assign(total=test["total"].replace("?", " ")))
    options = {"strategies": ["none"], **FITS}
    found = imb.fit_eval(RAW, "churn", test=test, **options)
    pd.testing.assert_frame_equal(found.frame, imb.fit_eval(PARSED, "churn", test=parsed, **options).frame)
    score = found.model("none").predict_proba(test)[:, 1]
    assert average_precision_score(test["churn"] == "Yes", score) == pytest.approx(
        found.frame.loc["none", "average_precision"], abs=1e-12
    )
    rows = run(found.snippet(style="full"), df=RAW, test=test)["rows"]
    assert rows["none"]["average_precision"] == pytest.approx(
        found.frame.loc["none", "average_precision"], abs=1e-12
    )


@pytest.mark.quick(1)
@pytest.mark.parametrize("verb", [imb.best_threshold, imb.reliability], ids=lambda verb: verb.__name__)
def test_the_other_verbs_answer_as_for_the_parsed_frame(verb):
    found = verb(RAW, "churn", **FITS)
    pd.testing.assert_frame_equal(found.frame, verb(PARSED, "churn", **FITS).frame)
    run(found.snippet(style="full"), df=RAW)


def test_the_trace_shows_numbers():
    traces = [
        imb.fit_eval(frame, "churn", strategies=["none"], **FITS).trace("none", row=RAW.index[3])
        for frame in (RAW, PARSED)
    ]
    pd.testing.assert_frame_equal(traces[0].frame, traces[1].frame)
    assert traces[0].explain() == traces[1].explain()


@pytest.mark.parametrize("name", ['"; import os', 'it\'s \\ "q"\n', "\\d+[", "{x}", "a.b"])
def test_any_name_is_written_out(name):
    frame = RAW.rename(columns={"monthly": name})
    found = imb.split(frame, "churn")
    names = run(found.snippet(style="full"), df=frame)
    pd.testing.assert_frame_equal(names["X_train"], found.X_train)


@pytest.mark.parametrize(
    "index", [[0] * N, [f"r{i}" for i in range(N)], range(N, 0, -1)], ids=["same", "text", "backwards"]
)
def test_any_index_is_kept(index):
    frame = RAW.set_axis(list(index))
    found = imb.split(frame, "churn")
    pd.testing.assert_frame_equal(
        found.X_train.reset_index(drop=True), imb.split(RAW, "churn").X_train.reset_index(drop=True)
    )
    assert set(found.X_train.index) <= set(index)
