"""`overview`: counts and weights side by side, each column with its kind, findings, and what to run next."""

from __future__ import annotations

import ast
import pickle

import numpy as np
import pandas as pd
import pytest

from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import FeatureError, OptionError, TargetError
from imbalance_accessor.verbs.counts import counts
from imbalance_accessor.verbs.overview import overview
from imbalance_accessor.verbs.weights import weights

CHURN = make_churn()


def test_it_holds_the_counts_and_the_weights():
    found = overview(CHURN, "churn", test_size=0.3, cv=4)
    expected = counts(CHURN, "churn", test_size=0.3, cv=4)
    pd.testing.assert_frame_equal(found.counts.frame, expected.frame)
    assert found.weights == weights(CHURN, "churn") == {"no": 2000 / 3800, "yes": 10.0}
    pd.testing.assert_frame_equal(found.frame.drop(columns="weight"), expected.frame)
    assert found.frame["weight"].to_dict() == found.weights


def test_each_column_has_its_kind_its_reason_and_its_missing_cells():
    columns = overview(CHURN, "churn").columns
    assert list(columns.index) == list(CHURN.columns.drop("churn"))
    kinds = {
        "customer_id": "id",
        "signup_date": "date",
        **dict.fromkeys(("tenure_months", "monthly_charges", "support_calls", "data_gb", "age"), "number"),
        **dict.fromkeys(("contract", "payment_method", "region", "paperless"), "category"),
    }
    assert columns["read_as"].to_dict() == kinds
    assert columns["why_not"].to_dict() == dict.fromkeys(kinds, "") | {
        "customer_id": "nearly all different, like an id",
        "signup_date": "dates",
    }
    assert columns["used"].to_dict() == {name: kind in ("number", "category") for name, kind in kinds.items()}
    for name, missing in columns["missing"].items():
        assert missing == sum(cell != cell or cell is None for cell in CHURN[name])
    levels = columns["levels"].dropna().to_dict()
    assert levels == {name: len(set(CHURN[name].dropna())) for name in levels}
    assert set(levels) >= {name for name, kind in kinds.items() if kind in ("category", "id")}


def test_the_card_shows_how_each_column_was_read():
    n = 200
    frame = pd.DataFrame(
        {
            "income": [f"${1000 + 7 * i:,}" for i in range(n - 1)] + [" "],
            "day": pd.date_range("2026-01-01", periods=n).strftime("%d/%m/%Y"),
            "zip": [f"{i % 50:05}" for i in range(n)],
            "y": np.arange(n) % 5 == 0,
        }
    )
    shown = repr(overview(frame, "y"))
    for line in (
        "column  read as              missing  levels  used",
        "income  number, like $1,000        1          yes",
        "day     date, %d/%m/%Y                        no: dates",
        "zip     code                              50  yes",
    ):
        assert line in shown
    html = overview(frame, "y")._repr_html_()
    assert html.count("<table") == 2
    assert "date, %d/%m/%Y" in html


def test_the_card_says_what_matters_and_what_to_run_next():
    shown = " ".join(repr(overview(CHURN, "churn")).split())
    for part in (
        "5.0 %",
        "churn='yes'",
        "moderate imbalance",
        "1 : 19 (minority : majority)",
        "5 numeric, 4 categorical, 2 left out",
        'df.imb.fit_eval("churn")',
        'df.imb.smote("churn", impute=True)',
        "IMB202",
    ):
        assert part in shown
    holes = int(CHURN.drop(columns="churn").isna().any().sum())
    assert f"cells in {holes}" in shown


def test_the_calls_it_proposes_run():
    whole = CHURN.dropna(axis=1)
    for frame, target in ((CHURN, "churn"), (whole, "churn"), (whole.drop(columns="churn"), whole["churn"])):
        fit_eval, threshold, smote = overview(frame, target)._card().next
        assert len(eval(smote, {"df": frame, "y": target})) == 4
        named = '"churn"' if isinstance(target, str) else "y"  # the others are slower, and tested elsewhere
        assert fit_eval == f"df.imb.fit_eval({named})"
        assert threshold == f"df.imb.best_threshold({named})"


def test_it_proposes_no_threshold_for_several_classes():
    frame = CHURN.assign(churn=CHURN["contract"])
    assert not any("threshold" in call for call in overview(frame, "churn")._card().next)


def test_findings_are_the_frames():
    frame = CHURN.assign(dose=[["?", "10", "20", "30"][i % 4] for i in range(2000)])
    frame.loc[:9, "churn"] = None
    found = overview(frame, "churn")
    assert found.findings.codes == ("IMB201", "IMB202", "IMB209", "IMB203")
    assert overview(frame, "churn", ignore=("IMB201", "IMB203")).findings.codes == ("IMB202", "IMB209")


def test_the_snippet_computes_the_same_numbers(run):
    found = overview(CHURN, "churn")
    made = run(found.snippet(style="full"), df=CHURN)
    assert made["rows"].to_dict() == found.counts.frame["rows"].to_dict()
    assert made["class_weight"] == found.weights
    assert str(dict(found.weights)) in made["printed"]
    short = run(found.snippet(style="short"), df=CHURN)
    assert short["rows"].to_dict() == {"no": 1900, "yes": 100}


def test_the_snippet_is_one_program():
    code = overview(CHURN, "churn").snippet(style="full")
    body = ast.parse(code).body
    positions = [isinstance(each, ast.Import | ast.ImportFrom) for each in body]
    assert positions == sorted(positions, reverse=True)
    names = [each.targets[0].id for each in body if isinstance(each, ast.Assign)]
    assert len(names) == len(set(names))
    assert "def " not in code


def test_the_words_are_the_counts_and_the_weights():
    found = overview(CHURN, "churn")
    assert found.explain().startswith(str(found.counts.explain()))
    assert "With balanced class weights one row of class 'yes' counts as 19 of class 'no'." in found.explain()
    assert found.explain(audience="interview") == found.counts.explain(audience="interview")


def test_a_copy_through_pickle_keeps_every_face():
    found = overview(CHURN, "churn")
    again = pickle.loads(pickle.dumps(found))
    assert repr(again) == repr(found)
    assert again.snippet(style="full") == found.snippet(style="full")
    assert again.explain() == found.explain()
    assert again._repr_html_() == found._repr_html_()
    pd.testing.assert_frame_equal(again.frame, found.frame)


def test_it_is_computed_when_it_is_called_and_not_when_it_is_looked_at(monkeypatch):
    frame = CHURN.copy(deep=True)
    found, wanted = overview(frame, "churn"), overview(CHURN, "churn")
    frame["age"] = np.nan  # the frame goes on, its overview stays
    frame.loc[:, "churn"] = "no"
    monkeypatch.setattr(pd.Series, "isna", None)  # no cell is counted
    object.__setattr__(found.features, "X", None)  # and none is there
    for name in ("_ipython_display_", "_repr_mimebundle_", "_repr_png_", "shape", "__array__", *dir(found)):
        getattr(found, name, None)
    assert repr(found) == repr(wanted)
    assert found._repr_html_() == wanted._repr_html_()
    assert found.columns.equals(wanted.columns) and found.next_calls == wanted.next_calls
    mine = found.columns
    mine["missing"] = 7
    assert found.columns.equals(wanted.columns)


def test_the_frame_is_not_changed():
    frame = CHURN.copy(deep=True)
    found = overview(frame, "churn")
    found._repr_html_()
    shown = found.frame
    shown["rows"] = 0
    pd.testing.assert_frame_equal(frame, CHURN)


def test_several_classes_and_one_of_them():
    frame = pd.DataFrame({"x": np.arange(100) / 7, "y": [*"aaaaaaabbc"] * 10})
    assert list(overview(frame, "y").frame.index) == ["a", "b", "c"]
    assert overview(frame, "y", pos_label="b").counts.minority == "b"


def test_refusals_come_through():
    with pytest.raises(TargetError, match=r"'chrn' is not a column of this frame\. Did you mean 'churn'\?"):
        overview(CHURN, "chrn")
    with pytest.raises(FeatureError, match="A frame with features is needed"):
        overview(CHURN["churn"], None)
    with pytest.raises(OptionError, match="cv=1"):
        overview(CHURN, "churn", cv=1)
    with pytest.raises(OptionError, match="ignore='IMB000'"):
        overview(CHURN, "churn", ignore="IMB000")
