"""The small words of cards: one row is no rows, headers are words, and notes speak of what the card shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.datasets import make_churn
from imbalance_accessor.errors import counted
from imbalance_accessor.rendering.result import Result

QUICK = {"model": "logistic", "cv": 2, "progress": False}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(2)
    made = pd.DataFrame({"a": draw.normal(size=200), "code": draw.integers(0, 4, 200)})
    return made.assign(
        y=(np.arange(200) % 40 == 0).astype(int)
    )  # five positives, one of them in the test set


def said(result: Result, code: str) -> str:
    (found,) = [each for each in result.findings if each.code == code]
    return str(found)


def test_a_count_and_its_noun_agree():
    assert [counted(n, "class", "classes") for n in (0, 1, 2)] == ["0 classes", "1 class", "2 classes"]


def test_one_positive_is_said_in_the_singular(frame):
    assert "The test set has 1 positive, too few" in said(
        imb.fit_eval(frame, "y", strategies=[], **QUICK), "IMB401"
    )
    assert "hold 1 positive;" in said(imb.reliability(frame, "y", calibrators=(), **QUICK), "IMB503")


def test_smote_says_what_became_of_the_test_rows():
    frame = make_churn()
    card = frame.imb.smote("churn", impute=True)._card()
    gaps = int(
        frame.imb.split("churn").X_test.drop(columns=["customer_id", "signup_date"]).isna().sum().sum()
    )
    assert gaps and dict(card.figures)["test"] == f"400 rows, not resampled, {gaps} cells filled as in train"
    assert card.title.endswith("; the 400 test rows were not resampled")
    whole = frame[["tenure_months", "support_calls", "churn"]].imb.smote("churn")._card()
    assert dict(whole.figures)["test"] == "400 rows, not resampled"


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("asked", "said_of"),
    [
        ({"top_k": 1}, "flag nobody"),
        ({"cost": {"fp": 20, "fn": 1}, "random_state": 1}, "put it at {threshold} or above, or flag nobody"),
        ({"cost": {"fp": 1, "fn": 20}}, "put it between {low:.3g} and {high:.3g}"),
    ],
)
def test_how_far_a_threshold_may_lie_elsewhere_is_said_in_words_that_fit(asked, said_of):
    t = make_churn().imb.best_threshold("churn", test_size=0.9, **asked, **QUICK)
    span = said_of.format(
        low=t.threshold_ci.low, high=t.threshold_ci.high, threshold=t.threshold_text
    )  # 0.519, not 0.52: the threshold is in its range
    assert np.isinf([t.threshold_ci.low, t.threshold_ci.high]).tolist() == [
        "nobody" in said_of and "or" not in said_of,
        "nobody" in said_of,
    ]
    chosen = "IMB402 warning: The threshold was chosen on 10 positives: 95 % of resamples of these scores"
    assert said(t, "IMB402") == f"{chosen} {span}. Read it as that range, or choose on all rows."


def test_the_precision_of_a_threshold_that_flags_nobody_takes_more_rows():
    draw = np.random.default_rng(0)
    made = pd.DataFrame({"a": draw.normal(size=200)})
    made["y"] = (made["a"] + draw.normal(size=200) > 1.3).astype(int)
    t = imb.best_threshold(made, "y", min_precision=0.95, **QUICK)
    assert t.report.loc["chosen", "flag_rate"] == 0
    assert said(t, "IMB404").endswith("cannot be measured. Test on more rows.")


def test_one_row_without_a_label_is_said_in_the_singular(frame):
    gap = frame["y"].astype(float).where(np.arange(200) != 7)
    assert "1 of 200 rows has no label in 'y' and is not counted" in said(imb.counts(gap), "IMB201")
    assert "1 of 200 rows has no label in 'y' and is left out" in said(
        imb.overview(frame.assign(y=gap), "y"), "IMB201"
    )


def test_the_overviews_notes_speak_of_its_own_columns(frame):
    card = imb.overview(frame, "y")._card()
    assert "recall" not in " ".join(card.notes) and "Wilson" not in " ".join(card.notes)
    for column in ("weight", "test"):
        assert column in card.table.columns and f"{column}: " in " ".join(card.notes)


def test_several_classes_say_by_which_share_they_are_evaluated():
    y = pd.Series(np.repeat([f"c{i}" for i in range(120)], [30, *[12] * 118, 10]), name="y")
    found = imb.counts(y)
    assert found.severity == "mild"
    (note,) = [note for note in found._card().notes if note.startswith("mild: ")]
    assert "'c119' is 25.0 % of these two together" in note  # 10 of 10 + 30
    assert not [note for note in imb.counts(y.isin(["c0"]))._card().notes if "these two" in note]


def test_headers_of_tables_are_words(frame):
    cards = [
        imb.split(frame, "y")._card(),
        imb.weights(frame, "y")._card(),
        imb.leaks(frame, "y")._card(),
        imb.reliability(frame, "y", calibrators=(), **QUICK)._card(),
    ]
    for card in cards:
        assert not [name for name in card.table.columns if "_" in name]
    assert set(cards[2].table["answer"]) <= {"yes", "no", "cannot tell"}
    assert {"error", "by chance up to"} <= set(cards[3].table.columns)


def test_a_note_on_whole_numbers_asks_whether_they_are_codes(frame):
    told = said(imb.smote(frame, "y"), "IMB308")
    assert "'code'" in told and "Is one of them a code or a flag?" in told


@pytest.mark.parametrize(("columns", "name"), [(["a", "t"], "SMOTENC"), (["t", "u"], "SMOTEN")])
def test_the_chosen_sampler_says_what_it_means(frame, columns, name):
    wide = frame.assign(t=np.tile(list("pq"), 100), u=np.repeat(list("rs"), 100))
    told = said(imb.smote(wide[[*columns, "y"]], "y"), "IMB310")
    assert f"smote means {name} here" in told and "category is the one most neighbours have" in told
    assert ("New numbers lie between two rows" in told) == (name == "SMOTENC")
