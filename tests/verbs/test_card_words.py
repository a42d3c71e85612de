"""The small words of cards: one row is no rows, headers are words, and notes speak of what the card shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor import make_churn
from imbalance_accessor.errors import counted
from imbalance_accessor.present.result import Result

QUICK = {"model": "logistic", "cv": 2, "progress": False}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(2)
    made = pd.DataFrame({"a": draw.normal(size=200), "code": draw.integers(0, 4, 200)})
    return made.assign(
        y=(np.arange(200) % 40 == 0).astype(int)
    )  # five positives, one of them in the test part


def said(result: Result, code: str) -> str:
    (found,) = [each for each in result.findings if each.code == code]
    return str(found)


def test_a_count_and_its_noun_agree():
    assert [counted(n, "class", "classes") for n in (0, 1, 2)] == ["0 classes", "1 class", "2 classes"]


def test_one_positive_is_said_in_the_singular(frame):
    assert "The test part has 1 positive, too few" in said(
        imb.fit_eval(frame, "y", strategies=[], **QUICK), "IMB401"
    )
    assert "hold 1 positive;" in said(imb.reliability(frame, "y", repairs=(), **QUICK), "IMB503")


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
    few = pd.DataFrame({"a": np.arange(21.0), "y": [0] * 11 + [1] * 10}).imb.smote("y", test_size=0.05)
    assert "1 was made, and none of the real ones was dropped" in " ".join(str(few.explain()).split())


def test_a_cut_that_every_resample_leaves_alone_has_no_range():
    frame = make_churn()
    t = frame.imb.best_threshold("churn", model="logistic", top_k=1, cv=2, progress=False, test_size=0.9)
    assert said(t, "IMB402").startswith(
        "IMB402 warning: The cut was chosen on 10 positives: 95 % of resamples"
    )
    assert "between nobody" not in str(t)


def test_the_cure_of_a_cut_that_flags_nobody_names_a_larger_test_part_once(frame):
    t = imb.best_threshold(frame, "y", min_precision=0.95, **QUICK)
    told = [each.cure for each in t.findings if each.code == "IMB404" and "nobody" in each.message]
    assert all(cure == "More rows to judge on would tell: test_size=0.5." for cure in told)


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


def test_several_classes_say_by_which_share_they_are_judged():
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
        imb.reliability(frame, "y", repairs=(), **QUICK)._card(),
    ]
    for card in cards:
        assert not [name for name in card.table.columns if "_" in name]
    assert set(cards[2].table["answer"]) <= {"yes", "no", "cannot tell"}
    assert {"error", "by chance"} <= set(cards[3].table.columns)


def test_a_note_on_whole_numbers_asks_whether_they_are_codes(frame):
    told = said(imb.smote(frame, "y"), "IMB308")
    assert "'code'" in told and "Is one of them a code or a flag?" in told


@pytest.mark.parametrize(("columns", "name"), [(["a", "t"], "SMOTENC"), (["t", "u"], "SMOTEN")])
def test_the_chosen_sampler_says_what_it_means(frame, columns, name):
    wide = frame.assign(t=np.tile(list("pq"), 100), u=np.repeat(list("rs"), 100))
    told = said(imb.smote(wide[[*columns, "y"]], "y"), "IMB310")
    assert f"smote means {name} here" in told and "category is the one most neighbours have" in told
    assert ("New numbers lie between two rows" in told) == (name == "SMOTENC")
