"""A column that gives the answer away, against scikit-learn and counting by hand."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

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
    assert finding.message.endswith(f"(ROC-AUC in brackets): 'known_later' (1.0000) for {labels[1]!r}.")
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
    assert np.isnan(found.columns.loc["word", "roc_auc"])  # all levels are rare: nothing can be measured
    assert "IMB106" not in found.findings.codes


def ranked(frame, wanted):
    """A column whose ROC-AUC is as wanted: some rare rows lie among the common ones, each below so many of them."""
    y = positive(frame)
    n1, n0 = int(y.sum()), int((~y).sum())
    wrong = round((1 - wanted) * n1 * n0)
    values = np.where(y, 2.0, 0.0) + np.random.default_rng(0).permutation(len(y)) / len(y) / 2
    rare, common = np.flatnonzero(y), np.sort(values[~y])[::-1]
    rows = -(-2 * wrong // n0)
    below = np.linspace(0, 2 * wrong / rows, rows).round().astype(int)
    below[-1] += wrong - below.sum()
    values[rare[:rows]] = np.append(common, -1.0)[below] + np.where(below > 0, 1e-9, 1.0)
    return values


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("wanted", "is_named"), [(0.98, False), (0.99, False), (0.996, False), (0.9994, True), (0.9999, True)]
)
def test_only_what_ranks_almost_perfectly_is_named(wanted, is_named):
    frame = noise(n=2000, rare=400)
    frame["score"] = ranked(frame, wanted)
    auc = roc_auc_score(positive(frame), frame["score"])
    assert auc == pytest.approx(wanted, abs=5e-6)
    findings, check = told(frame, "IMB106")
    assert auc - 1e-12 <= check.share  # ranges may catch some of the rows that lie wrong
    assert [each.message.split(": ")[1] for each in findings] == [
        f"'score' ({check.share:.4f}) for 'leave'."
    ] * is_named


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
    assert findings[0].message.endswith("'bonus' (1.0000) for 'top'.")
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
    assert finding.message.startswith("6 columns each rank a class almost perfectly alone")
    assert finding.message.endswith(" for 'leave', and 2 more.")
    assert finding.message.count("(1.0000)") == 4
    space = {"df": frame}
    exec(finding.fix.lines, space)
    assert "IMB106" not in codes(space["df"])


def test_each_column_is_named_with_its_own_class():
    label = np.random.default_rng(0).choice(["low", "middle", "top"], 900)
    late = {f"is_{each}": label == each for each in ("top", "low")}
    frame = pd.DataFrame({"a": np.random.default_rng(1).normal(size=900), **late, "y": label})
    found = imb.leaks(frame, "y")
    (finding,) = (each for each in found.findings if each.code == "IMB106")
    assert "'is_top' (1.0000) for 'top'" in finding.message
    assert "'is_low' (1.0000) for 'low'" in finding.message
    assert found.columns.loc[["is_top", "is_low"], "label"].tolist() == ["top", "low"]


# ---------------------------------------------------------------- the figures


def in_order(found, frame, name):
    """The rows as the checks see them: the training set, then the test set."""
    rows = pd.concat([found.parts.train.X, found.parts.test.X])
    return rows[name].reset_index(drop=True), frame.loc[rows.index, "y"].reset_index(drop=True)


def best_by_hand(cells, label, wanted):
    """The best ROC-AUC and average precision over all cuts, each row scored from the other four folds by a loop."""
    place, fold = {}, [0] * len(label)
    for row in label.map(sorted(set(label)).index).sample(frac=1, random_state=0).index:
        fold[row] = place.get(label[row], 0) % 5
        place[label[row]] = place.get(label[row], 0) + 1
    y, fold = (label == wanted).to_numpy(), np.array(fold)
    cuts = [cells.isna().tolist()]
    if pd.api.types.is_numeric_dtype(cells):
        rows, n = cells.value_counts(dropna=False), len(cells)
        own = {value for value, count in rows.items() if count >= max(10, n / 64)}
        middle = cells.rank(method="average") - 0.5  # missing cells rank last, and are taken by themselves
        cuts.append([cell if cell in own else f"range {int(32 * at / n)}" if cell == cell else "missing"
                     for cell, at in zip(cells, middle, strict=True)])  # fmt: skip
        cuts.append([cell if cell == 0 or cell != cell else "other" for cell in cells.fillna("missing")])
        orders = [cells.fillna(end) for end in (-1e9, 1e9)]
    else:
        rows, orders = cells.value_counts(), []
        cuts.append([cell if cell is None or cell != cell or rows[cell] >= 10 else "rare" for cell in cells])
    scores = []
    for cut in (each for each in cuts if len({str(one) for one in each}) > 1):
        cut, score = np.array([str(each) for each in cut]), np.empty(len(y))
        for row in range(len(y)):
            others = fold != fold[row]
            alike = y[others & (cut == cut[row])]
            score[row] = alike.mean() if len(alike) else y[others].mean()
        scores.append(pd.Series(score).groupby(fold).rank(pct=True))
    for order in orders:
        rank = order.rank().to_numpy()
        sides = [np.sign((rank - rank.mean())[(fold != each) & y].sum() or 1) for each in range(5)]
        scores.append((rank - rank.mean()) * np.array(sides)[fold])
    return max(roc_auc_score(y, each) for each in scores), max(
        average_precision_score(y, each) for each in scores
    )


@pytest.mark.parametrize("seed", [3, 5])
def test_figures_are_those_of_a_loop_over_the_other_folds(seed):
    frame = noise(seed=seed)
    rng, y = np.random.default_rng(seed), positive(frame)
    signal = rng.random(N) < 0.5
    frame["b"] += 0.8 * y
    frame["word"] = np.where(y & signal, rng.choice(list("uv"), N), frame["word"])
    frame.loc[rng.random(N) < 0.1, "word"] = None
    frame["low"] = np.where(y, frame["a"] + 1, np.where(signal, np.nan, frame["a"]))
    frame["spent"] = np.where(signal, 0.0, np.round(rng.gamma(2, 10 + 9 * y), 1))
    found = imb.leaks(frame, "y")
    for name in ("a", "b", "k", "word", "low", "spent"):
        expected = best_by_hand(*in_order(found, frame, name), "leave")
        figures = found.columns.loc[name, ["roc_auc", "average_precision"]].tolist()
        assert figures == pytest.approx(expected, abs=1e-12), name


def test_a_truth_value_ranks_as_high_as_its_number():
    """A fold's share is the lower the more of the class the fold itself holds: pooled, that would cost 0.05."""
    y = np.arange(500) < 25
    for seed in range(8):
        told = np.random.default_rng(seed).random(500) < np.where(y, 0.7, 0.4)
        frame = pd.DataFrame({"told": told, "number": told.astype(int), "y": y})
        found = imb.leaks(frame, "y").columns["roc_auc"]
        assert found.to_dict() == pytest.approx(dict.fromkeys(found.index, either_way(y, told)), abs=0.015)


def test_of_several_classes_the_one_ranked_best_counts():
    rng = np.random.default_rng(0)
    label = rng.choice(["p", "q", "r"], 500, p=[0.5, 0.3, 0.2])
    frame = pd.DataFrame({"a": rng.normal(size=500) + (label == "q"), "b": rng.normal(size=500), "y": label})
    found = imb.leaks(frame, "y")
    for name in "ab":
        by_class = {each: best_by_hand(*in_order(found, frame, name), each) for each in ("p", "q", "r")}
        best = max(by_class, key=by_class.get)
        row = found.columns.loc[name]
        assert row["label"] == best
        assert row[["roc_auc", "average_precision"]].tolist() == pytest.approx(by_class[best], abs=1e-12)


@pytest.mark.slow
def test_of_many_rows_a_sample_keeps_every_rare_one():
    frame = noise(n=60_000, rare=300)
    frame["b"] += positive(frame)
    found = imb.leaks(frame, "y").columns.loc["b"]
    # the standard error of an AUC of some 0.76 with 300 positives is below 0.014; of the sampled common rows far less
    assert found["roc_auc"] == pytest.approx(roc_auc_score(positive(frame), frame["b"]), abs=0.005)
    assert found["roc_auc"] != roc_auc_score(positive(frame), frame["b"])
    precision = average_precision_score(positive(frame), frame["b"])
    assert found["average_precision"] == pytest.approx(
        precision, rel=0.15
    )  # at the frame's share, not the sample's
    frame.loc[positive(frame), "a"] = 99.0
    assert imb.leaks(frame, "y").columns.loc["a", "roc_auc"] == 1


def test_a_column_that_cannot_be_measured_is_no_half():
    frame = noise().assign(code=[f"k{row}" for row in range(N)])
    row = imb.leaks(frame, "y").columns.loc["code"]
    assert np.isnan(row["roc_auc"]) and np.isnan(row["average_precision"])
    words = np.char.add("w", np.random.default_rng(3).integers(0, 200, N).astype(str))
    found = imb.leaks(pd.DataFrame({"word": words, "y": frame["y"]}), "y")
    assert np.isnan(found.frame.loc["IMB106", "found"])
    assert "none could be measured" in repr(found)
