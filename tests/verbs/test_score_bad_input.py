"""`score`: what it refuses, each in one sentence, and what it says of odd predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lazy_tables import ENGINES, opened, parts_of

import imbalance_accessor as imb
from imbalance_accessor.data.lazy.tables import table_of
from imbalance_accessor.errors import FeatureError, OptionError, TargetError
from imbalance_accessor.metrics.bootstrap import draws_at_most

N = 200


@pytest.fixture(autouse=True, scope="module")
def _few_draws():
    with draws_at_most(20):
        yield


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    positive = np.arange(N) % 8 == 0
    p = np.clip(rng.beta(2, 8, N) + 0.35 * positive, 0, 0.97)
    return pd.DataFrame(
        {
            "y": np.where(positive, "yes", "no"),
            "p": p,
            "margin": 4 * p - 1,
            "points": 100 * p + 1,
            "flag": (p > 0.4).astype(int),
            "said": np.where(p > 0.4, "yes", "no"),
            "three": np.arange(N) % 3,
            "part": np.where(np.arange(N) % 3 == 0, "test", "train"),
        }
    )


DF = frame()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {},
            "score needs predictions: name a column of labels or 0/1 with pred=, or of scores with scores=.",
        ),
        ({"pred": "said", "scores": "p"}, "pred='said' and scores='p' are two answers, and score takes one."),
        ({"pred": "said", "threshold": 0.3}, "threshold=0.3 is for scores=, and pred= is decided already."),
        ({"pred": "sad"}, "pred='sad' is not a column of this frame. Did you mean 'said'?"),
        ({"pred": "y"}, "pred='y' is the target itself. Name the column that a model wrote."),
        (
            {"pred": "p"},
            "pred='p' holds scores such as 0.55, and pred= takes labels or 0/1. Give them as scores=.",
        ),
        ({"pred": "three"}, "pred='three' holds 0, 1, 2, which 'y' has not."),
        (
            {"scores": "said"},
            "scores='said' holds labels, and scores= takes numbers that rank the rows. Give them as pred=.",
        ),
        ({"scores": "part"}, "scores='part' holds"),
        ({"scores": "p", "threshold": 1.5}, "threshold=1.5 lies outside of scores='p', which run from 0.01"),
        ({"scores": "p", "threshold": 30}, "it flags no row. Use threshold=0.3."),
        ({"scores": "margin", "threshold": -3}, "it flags every row. Give one between."),
        (
            {"scores": "p", "threshold": "half"},
            "threshold='half' must be a number on the scale of scores='p'",
        ),
        ({"scores": "p", "threshold": float("nan")}, "threshold=nan must be a number"),
        ({"scores": "points"}, "neither probabilities nor margins around 0. Give its threshold=."),
        ({"pred": [1, 0] * (N // 2)}, "is not a column of this frame. Put the values into the frame"),
        ({"pred": DF["said"].set_axis(range(1, N + 1))}, "does not stand on the frame's index (200 rows)."),
        ({"pred": pd.Series([None] * N)}, "holds no predictions: every cell is missing."),
        ({"scores": pd.Series([np.nan] * N)}, "holds no scores: every cell is missing."),
        ({"scores": DF["p"].where(DF["p"] < 0.5, np.inf)}, "missing or infinite cell"),
        ({"pred": pd.Series([["yes"]] * N)}, "holds cells that cannot be compared."),
        ({"pred": "said", "split": "three"}, "split='three' holds 2, which marks neither train nor test."),
        (
            {"pred": "said", "split": pd.Series(["train"] * N, name="s")},
            "split='s' marks no row as test; it holds 'train'.",
        ),
        (
            {"pred": "said", "split": pd.Series([None, "test"] * (N // 2), name="s")},
            "split='s' is missing in 100 rows",
        ),
        ({"pred": "said", "split": DF["y"].map({"yes": "test", "no": "train"})}, "is of class 'yes' in 'y'"),
        (
            {"pred": "said", "groups": pd.Series([None, 1] * (N // 2), name="g")},
            "groups='g' is missing in 100 rows",
        ),
        ({"pred": "said", "prevalence": 2}, "Use prevalence=0.02."),
    ],
    ids=lambda each: "" if isinstance(each, dict) else each[:40],
)
def test_one_sentence_each(options, said):
    before = DF.copy()
    with pytest.raises(OptionError) as caught:
        imb.score(DF, "y", **options)
    sentence = str(caught.value)
    assert said in sentence
    assert "\n" not in sentence and sentence.endswith(".")
    pd.testing.assert_frame_equal(DF, before)


def test_scores_are_of_one_class():
    with pytest.raises(
        OptionError, match=r"scores='p' are of one class, and 'three' has 3\. Name it with pos_label="
    ):
        imb.score(DF, "three", scores="p")
    assert imb.score(DF, "three", scores="p", pos_label=2).sides.labels == ("rest", 2)


def test_labels_written_as_another_type_are_named_with_what_they_mean():
    df = DF.assign(y=DF["flag"], said=DF["flag"].astype(str))
    with pytest.raises(OptionError) as caught:
        df.imb.score("y", pred="said")
    assert "They read alike: map them onto the labels." in str(caught.value)


def test_a_series_is_no_frame():
    with pytest.raises(TargetError):
        imb.score(DF["y"], DF["y"], pred=DF["said"])


# --- findings


def codes(**options) -> dict[str, str]:
    df = options.pop("df", DF)
    return {each.code: each.message for each in imb.score(df, "y", **options).findings}


def test_plain_predictions_have_no_findings():
    assert codes(pred="said") == codes(scores="p", threshold=0.4) == codes(scores="margin") == {}


def test_predictions_that_equal_the_target():
    found = codes(df=DF.assign(copy=DF["y"]), pred="copy")
    assert found == {"IMB420": "pred='copy' is right in all 200 rows: it equals the target."}
    assert "IMB420" not in codes(df=DF.assign(copy=DF["y"]).head(9), pred="copy")


def test_inverted_predictions():
    df = DF.assign(flag=1 - DF["flag"])
    own = ((df["y"] == "yes") == (df["flag"] == 1)).mean()
    message = codes(df=df, pred="flag")["IMB421"]
    assert f"accuracy {own:.3f} is below 0.875" in message and f"flipped it is {1 - own:.3f}" in message
    poor = DF.assign(flag=np.random.default_rng(0).random(N) < 0.6)
    assert "IMB421" not in codes(df=poor, pred="flag")  # no worse than chance


def test_scores_that_rank_backwards():
    assert "ranks backwards" in codes(df=DF.assign(p=1 - DF["p"]), scores="p", threshold=0.4)["IMB413"]
    noise = DF.assign(p=np.random.default_rng(0).random(N))
    assert "IMB413" not in codes(df=noise, scores="p")


@pytest.mark.parametrize(
    ("threshold", "said"),
    [(0.99, "flags no row: the highest score is"), (0.0, "flags every row: the lowest score")],
)
def test_a_threshold_that_flags_all_rows_or_none(threshold, said):
    found = imb.score(DF, "y", scores="p", threshold=threshold)
    finding = next(each for each in found.findings if each.code == "IMB403")
    assert said in finding.message
    flagged = imb.score(DF, "y", scores="p", **finding.fix.options)
    assert flagged.counts[:, 1].sum() == (DF["y"] == "yes").sum()


def test_scores_that_are_labels_or_constant():
    assert (
        codes(scores="flag")["IMB412"]
        == "scores='flag' holds 0 and 1 alone: these are decisions, not scores."
    )
    assert "IMB412" in codes(df=DF.assign(s=2 * DF["flag"] - 1), scores="s")
    assert (
        codes(df=DF.assign(s=0.1), scores="s")["IMB414"]
        == "scores='s' is 0.1 in every row: nothing ranks them."
    )


def test_rows_without_a_score():
    df = DF.assign(p=DF["p"].where(DF.index % 10 > 0))
    assert codes(df=df, scores="p", threshold=0.4) == {
        "IMB217": "20 of 200 rows have no score in 'p' and are left out of every figure."
    }


@pytest.mark.quick(1)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_is_asked_for_its_columns(engine, tmp_path):
    options = {"scores": "p", "split": "part"}
    table = opened(engine, parts_of(DF, tmp_path / "rows"))
    with pytest.raises(FeatureError) as caught:
        imb.score(table, "y", **options)
    sentence = str(caught.value)
    assert sentence.startswith(f"score reads rows in pandas, and this is a {table_of(table).came_as}.")
    space = {"df": table, "pd": pd}
    exec(sentence.partition("it needs: ")[2].rstrip("."), space)
    pd.testing.assert_frame_equal(
        imb.score(space["df"], "y", **options).frame, imb.score(DF, "y", **options).frame
    )
    with pytest.raises(FeatureError, match="'nope' is no column of this"):
        imb.score(table, "y", pred="nope")
