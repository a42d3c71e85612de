"""A column that gives the answer away, against scikit-learn and counting by hand."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

N, RARE = 400, 60


def noise(n=N, rare=RARE, seed=0, labels=("stay", "leave")):
    """Noise of three kinds, and labels that have nothing to do with it."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    y = rng.permutation(np.arange(n) < rare)
    return frame.assign(
        word=rng.choice(list("pqr"), n), k=rng.integers(0, 6, n), y=np.where(y, *labels[::-1])
    )


def positive(frame):
    return (frame["y"] == "leave").to_numpy()


def told(frame, code, **options):
    """The findings of one code, and the columns that the check names."""
    found = imb.leaks(frame, "y", **options)
    (check,) = (each for each in found.checks if each.code == code)
    return [each for each in found.findings if each.code == code], check


def codes(frame):
    return imb.leaks(frame, "y").findings.codes


def either_way(y, values):
    auc = roc_auc_score(y, values)
    return max(auc, 1 - auc)


# ---------------------------------------------------------------- a column that is the answer


def refund(frame):
    return np.where(positive(frame), 10.0, 3.0)


def amounts(frame):
    return np.abs(np.random.default_rng(5).normal(size=len(frame))) + 10 * positive(frame)


def downwards(frame):
    return -amounts(frame)


def outcome(frame):
    return np.where(positive(frame), "closed", "open")


def several_words(frame):
    """Words of which each says one label, several for each label."""
    rng = np.random.default_rng(6)
    return np.where(
        positive(frame), rng.choice(["x1", "x2"], len(frame)), rng.choice(["y1", "y2"], len(frame))
    )


def flag(frame):
    return positive(frame)


def code_without_order(frame):
    """Thirty numbers of which each says one label, the odd ones the rare one."""
    return 2 * np.random.default_rng(7).integers(0, 15, len(frame)) + positive(frame)


def missing_exactly_when_common(frame):
    return np.where(positive(frame), np.random.default_rng(8).normal(size=len(frame)), np.nan)


def missing_exactly_when_rare(frame):
    return np.where(positive(frame), None, np.random.default_rng(8).choice(["s", "t"], len(frame)))


def constant_or_missing(frame):
    return np.where(positive(frame), 7.0, np.nan)


PERFECT = [
    refund,
    amounts,
    downwards,
    outcome,
    several_words,
    flag,
    code_without_order,
    missing_exactly_when_common,
    missing_exactly_when_rare,
    constant_or_missing,
]


@pytest.mark.quick(3)
@pytest.mark.parametrize("make", PERFECT, ids=lambda make: make.__name__)
@pytest.mark.parametrize("labels", [("stay", "leave"), (0, 1)], ids=str)
def test_a_column_that_is_the_answer_is_named(make, labels):
    frame = noise()
    frame = frame.assign(known_later=make(frame))
    frame["y"] = np.where(positive(frame), *labels[::-1])
    found = imb.leaks(frame, "y")
    (finding,) = (each for each in found.findings if each.code == "IMB106")
    (check,) = (each for each in found.checks if each.code == "IMB106")
    assert finding.severity == "warning"
    assert finding.message.startswith("'known_later' (1.0000) alone ranks")
    assert "Known before the outcome?" in finding.cure
    assert check.columns == ("known_later",)
    assert check.share == 1
    assert found.columns.index[0] == "known_later"
    assert found.frame.loc["IMB106", ["found", "share", "columns"]].tolist() == [1, 1, 1]


def test_the_code_without_order_does_not_rank_as_a_number():
    frame = noise()
    code = code_without_order(frame)
    assert either_way(positive(frame), code) < 0.6
    assert set(pd.Series(positive(frame)).groupby(code).mean()) == {0.0, 1.0}


def test_noise_gives_nothing_away():
    for seed in range(4):
        assert not {"IMB106", "IMB107"} & set(codes(noise(seed=seed)))


def test_a_category_of_many_levels_is_no_answer():
    """Learned on its own rows alone it would rank with 0.9 and more."""
    frame = noise()
    words = np.char.add("w", np.random.default_rng(3).integers(0, 200, N).astype(str))
    by_itself = pd.Series(positive(frame)).groupby(words).transform("mean")
    assert roc_auc_score(positive(frame), by_itself) > 0.85
    found = imb.leaks(frame.assign(word=words), "y")
    assert found.columns["word"] == 0.5
    assert "IMB106" not in found.findings.codes


def ranked(frame, wanted):
    """A column whose ROC-AUC is as wanted, but for one pair of rows."""
    y = positive(frame)
    n1, n0 = int(y.sum()), int((~y).sum())
    wrong = round((1 - wanted) * n1 * n0)
    values = np.where(y, 2.0, 0.0) + np.random.default_rng(0).permutation(len(y)) / len(y) / 2
    rare, common = np.flatnonzero(y), np.sort(values[~y])[::-1]
    whole_rows, pairs = divmod(wrong, n0)
    values[rare[:whole_rows]] = -1.0 - np.arange(whole_rows)
    if pairs:  # one rare row falls below so many common ones
        values[rare[whole_rows]] = (common[pairs - 1] + common[pairs]) / 2
    return values


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("wanted", "is_named"), [(0.99, False), (0.998, False), (0.9989, False), (0.9991, True), (0.9999, True)]
)
def test_only_what_ranks_almost_perfectly_is_named(wanted, is_named):
    frame = noise(n=2000, rare=400)
    frame["score"] = ranked(frame, wanted)
    auc = roc_auc_score(positive(frame), frame["score"])
    assert auc == pytest.approx(wanted, abs=2e-6)
    findings, check = told(frame, "IMB106")
    assert check.share == pytest.approx(auc, abs=1e-12)
    assert [each.message.split(" alone")[0] for each in findings] == [f"'score' ({auc:.4f})"] * is_named


def test_a_perfect_column_of_few_rows_may_be_chance():
    """Of C(n, 3) places of three rare rows among n two are perfect, for each of the three columns."""
    for n, is_named in [(40, False), (60, False), (80, True), (200, True)]:
        rng = np.random.default_rng(0)
        frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
        frame["y"] = np.where(frame["a"] >= np.sort(frame["a"])[-3], "leave", "stay")
        assert (2 * 3 / comb(n, 3) < 1e-4) == is_named
        assert ("IMB106" in codes(frame)) == is_named, n


def test_noise_with_three_positives_is_no_alarm():
    for seed in range(3):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(rng.normal(size=(60, 40)), columns=[f"x{i}" for i in range(40)])
        frame["y"] = (rng.permutation(60) < 3) * 1
        assert "IMB106" not in codes(frame)


def test_one_of_several_classes_is_enough():
    rng = np.random.default_rng(0)
    label = rng.choice(["low", "middle", "top"], 600, p=[0.6, 0.3, 0.1])
    frame = pd.DataFrame({"a": rng.normal(size=600), "bonus": np.where(label == "top", 5.0, rng.random(600))})
    findings, check = told(frame.assign(y=label), "IMB106")
    assert findings[0].message.startswith("'bonus' (1.0000) alone ranks 'top' almost perfectly")
    assert check.columns == ("bonus",)
    middle = np.where(label == "middle", rng.random(600), rng.choice([-1, 1], 600) * (2 + rng.random(600)))
    assert "IMB106" not in codes(frame.drop(columns="bonus").assign(size=middle, y=label))


def test_several_columns_are_named_together_with_their_figures():
    frame = noise(n=1000, rare=150)
    for i in range(6):
        frame[f"late_{i}"] = positive(frame) + 0.1 * np.random.default_rng(i).random(1000)
    findings, check = told(frame, "IMB106")
    (finding,) = findings
    assert len(check.columns) == 6
    assert " and 2 more alone each rank 'leave' almost perfectly" in finding.message
    assert finding.message.count("(1.0000)") == 4
    assert "drop them" in finding.cure


# ---------------------------------------------------------------- the figures


def test_figures_of_numbers_are_those_of_scikit_learn():
    frame = noise(seed=3).rename(columns={"k": "few"})
    frame["b"] += 0.8 * positive(frame)
    frame["down"] = np.round(-frame["b"], 1) + np.random.default_rng(0).normal(size=N)
    found = imb.leaks(frame, "y").columns
    for name in ("a", "b", "down"):
        assert found[name] == pytest.approx(either_way(positive(frame), frame[name]), abs=1e-12)


def test_missing_cells_rank_as_the_lowest_the_highest_or_by_being_missing():
    rng = np.random.default_rng(4)
    y = np.arange(N) < RARE
    base = rng.normal(size=N)
    cells = {
        "low": np.where(y, base + 1, np.where(rng.random(N) < 0.5, np.nan, base)),
        "high": np.where(y & (rng.random(N) < 0.6), np.nan, base + 0.5 * y),
        "gone": np.where(rng.random(N) < np.where(y, 0.9, 0.2), np.nan, base),
    }
    frame = pd.DataFrame(cells).assign(y=np.where(y, "leave", "stay"))
    found = imb.leaks(frame, "y").columns
    for name, values in cells.items():
        ways = [np.where(np.isnan(values), end, values) for end in (-1e9, 1e9)]
        by_hand = [either_way(y, each) for each in (*ways, np.isnan(values))]
        assert found[name] == pytest.approx(max(by_hand), abs=1e-12)
    assert found["low"] > either_way(y, np.isnan(cells["low"]))


def by_the_other_half(levels, y):
    """Each row's share of the label among rows of its value in the other half, by a loop."""
    half = np.random.default_rng(0).permutation(len(y)) % 2
    shares = np.empty(len(y))
    for row in range(len(y)):
        there = [y[i] for i in range(len(y)) if half[i] != half[row] and levels[i] == levels[row]]
        anyhow = [y[i] for i in range(len(y)) if half[i] != half[row]]
        shares[row] = np.mean(there or anyhow)
    return shares


def test_categories_rank_by_the_rows_of_the_other_half():
    frame = noise(seed=5)
    rng = np.random.default_rng(5)
    signal = rng.random(N) < 0.5
    frame["word"] = np.where(positive(frame) & signal, rng.choice(list("uv"), N), frame["word"])
    frame["k"] = np.where(positive(frame) & signal, 3, frame["k"])
    found = imb.leaks(frame, "y")
    rows = pd.concat([found.parts.train.X, found.parts.test.X])
    y = positive(frame.loc[rows.index])
    word = roc_auc_score(y, by_the_other_half(rows["word"].tolist(), y))
    assert word > 0.6
    assert found.columns["word"] == pytest.approx(word, abs=1e-12)
    k = max(either_way(y, rows["k"]), roc_auc_score(y, by_the_other_half(rows["k"].tolist(), y)))
    assert found.columns["k"] == pytest.approx(k, abs=1e-12)


def test_several_classes_have_a_figure_each():
    rng = np.random.default_rng(0)
    label = rng.choice(["p", "q", "r"], 500, p=[0.5, 0.3, 0.2])
    frame = pd.DataFrame({"a": rng.normal(size=500) + (label == "q"), "b": rng.normal(size=500)})
    found = imb.leaks(frame.assign(y=label), "y")
    for name in "ab":
        by_hand = [either_way(label == each, frame[name]) for each in ("p", "q", "r")]
        assert found.aucs.loc[name].tolist() == pytest.approx(by_hand, abs=1e-12)
        assert found.columns[name] == pytest.approx(max(by_hand), abs=1e-12)


@pytest.mark.slow
def test_of_many_rows_a_sample_keeps_every_rare_one():
    frame = noise(n=60_000, rare=300)
    frame["b"] += positive(frame)
    found = imb.leaks(frame, "y").columns
    # the standard error of an AUC of some 0.76 with 300 positives is below 0.014; of the sampled common rows far less
    assert found["b"] == pytest.approx(roc_auc_score(positive(frame), frame["b"]), abs=0.005)
    assert found["b"] != roc_auc_score(positive(frame), frame["b"])
    frame.loc[positive(frame), "a"] = 99.0
    assert imb.leaks(frame, "y").columns["a"] == 1
