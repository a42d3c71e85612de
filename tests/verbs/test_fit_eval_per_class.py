"""Several classes one by one: the table of the rarest, and the classes that are taken for each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.rendering.cells import text

QUICK = {"cv": 3, "progress": False, "strategies": ["class_weight"], "n_jobs": 1}
SHARES = {"ant": 0.4, "bee": 0.25, "cat": 0.12, "dog": 0.1, "elk": 0.08, "fox": 0.05}


def frame(n: int = 600, classes: int = 6, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = list(SHARES)[:classes]
    shares = np.array([SHARES[name] for name in names])
    y = rng.choice(classes, n, p=shares / shares.sum())
    middles = np.array([[0, 0], [2, 0], [0, 2], [2.4, 0.6], [3, 3], [-2, 1]])[:classes]
    X = middles[y] + rng.normal(size=(n, 2))
    return pd.DataFrame(X, columns=["a", "b"]).assign(animal=np.array(names)[y], w=rng.uniform(0.5, 3, n))


def looped(found: imb.Evaluation, strategy: str, part: str) -> dict[str, dict[str, object]]:
    """Count by hand, row by row, from the scores that the evaluation hands out."""
    rows = found.scores.query("strategy == @strategy and part == @part")
    kinds = [name.removeprefix("probability_") for name in rows.columns if name.startswith("probability_")]
    told: dict[str, dict[str, object]] = {kind: {"of": 0, "as": 0, "hits": 0, "wrong": {}} for kind in kinds}
    for _, row in rows.iterrows():
        said = max(kinds, key=lambda kind: row[f"probability_{kind}"])
        told[row["animal"]]["of"] += 1
        told[said]["as"] += 1
        if said == row["animal"]:
            told[said]["hits"] += 1
        else:
            wrong = told[row["animal"]]["wrong"]
            wrong[said] = wrong.get(said, 0) + 1
    return told


def wilson(hits: int, of: int) -> list[float]:
    ends = stats.binomtest(hits, of).proportion_ci(0.95, method="wilson")
    return [hits / of, ends.low, ends.high]


@pytest.fixture(scope="module", params=[0.2, 0])
def found(request):
    return frame().imb.fit_eval("animal", test_size=request.param, **QUICK)


def test_each_class_is_counted_as_by_hand(found):
    part = "test" if found.held_out else "train"
    for strategy in ("none", "class_weight"):
        cells, trained = looped(found, strategy, part), looped(found, strategy, "train")
        for name, row in found.per_class.loc[strategy].iterrows():
            by_hand, wrong = cells[name], cells[name]["wrong"]
            assert (row["rows"], row["predicted"]) == (by_hand["of"], by_hand["as"])
            got = row[["recall", "recall_low", "recall_high"]].tolist()
            assert got == pytest.approx(wilson(by_hand["hits"], by_hand["of"]), abs=1e-9)
            if by_hand["as"]:
                got = row[["precision", "precision_low", "precision_high"]].tolist()
                assert got == pytest.approx(wilson(by_hand["hits"], by_hand["as"]), abs=1e-9)
            else:
                assert row[["precision", "precision_low", "precision_high"]].isna().all()
            assert row["recall_cv"] == pytest.approx(trained[name]["hits"] / trained[name]["of"])
            assert row["confused_rows"] == max(wrong.values(), default=0)
            assert wrong.get(row["confused_with"], 0) == row["confused_rows"]
    recalls = found.frame.drop("dummy").filter(regex=r"^recall\[[a-z]+\]$")
    ours = [found.per_class["recall"].xs(name).loc[[*SHARES]].tolist() for name in recalls.index]
    assert np.array(ours) == pytest.approx(recalls.to_numpy())


def test_the_card_has_the_five_rarest_classes_of_the_best_strategy(found):
    card = found._card()
    (table,) = card.more_tables
    counted = found.per_class.loc[found.best].sort_values("rows", kind="stable")
    assert list(table.index) == list(counted.index[:5]) and len(counted) == 6
    assert table.index.name == f"class, by {found.best}"
    for name, row in table.iterrows():
        line = counted.loc[name]
        assert row[f"rows {found.reported_on}"] == line["rows"]
        for metric in ("recall", "precision"):
            assert text(row[metric]).startswith("–" if np.isnan(line[metric]) else f"{line[metric]:.3f} [")
    assert ("recall out of fold" in table) == found.held_out
    assert all(name in repr(found) and name in found._repr_html_() for name in table.index)


def test_confused_classes_are_named_with_their_rows(found):
    said = dict(found._card().figures)["most confused"]
    cells = looped(found, found.best, "test" if found.held_out else "train")
    pairs = [
        (count / cell["of"], cell["of"], name, other, count)
        for name, cell in cells.items()
        for other, count in cell["wrong"].items()
        if count == max(cell["wrong"].values()) and count >= 2
    ]
    first = max(pairs)
    how = "mostly" if first[0] > 0.5 else "also"
    assert said.startswith(f"'{first[2]}' is {how} predicted as '{first[3]}' ({first[4]} of {first[1]} rows)")
    assert said.count("predicted as") == min(2, len({pair[2] for pair in pairs}))


def test_classes_that_are_numbers_are_not_taken_for_counts():
    df = frame().assign(animal=lambda df: df["animal"].map({name: i for i, name in enumerate(SHARES)}))
    said = dict(df.imb.fit_eval("animal", **QUICK)._card().figures)["most confused"]
    assert said.startswith("class ") and " rows); class " in said


def test_no_class_is_confused_where_all_are_told():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], [60, 30, 15])
    df = pd.DataFrame({"a": 20 * (y == 1) + rng.normal(size=105), "b": 20 * (y == 2) + rng.normal(size=105)})
    found = df.assign(y=y).imb.fit_eval("y", **QUICK)
    assert found.per_class["confused_rows"].eq(0).all() and found.per_class["confused_with"].isna().all()
    assert "most confused" not in dict(found._card().figures)


def test_deals_are_averaged_and_weights_leave_the_rows_as_they_are():
    df = frame(300, classes=3)
    dealt = df.drop(columns="w").imb.fit_eval("animal", test_size=0, repeats=2, **QUICK)
    each = dealt.per_class.loc["none"]
    assert each["predicted"].sum() == pytest.approx(300) and each["rows"].sum() == 300
    # the shares are those of the mean counts, which are of two deals
    assert (2 * each["predicted"] % 1 == 0).all()
    weighed = df.imb.fit_eval("animal", sample_weight="w", **QUICK)
    rows = weighed.scores.query("strategy == 'none' and part == 'test'")
    said = rows.filter(like="probability_").to_numpy().argmax(axis=1)
    w, y = df.loc[rows.index, "w"].to_numpy(), np.searchsorted(["ant", "bee", "cat"], rows["animal"])
    for code, name in enumerate(("ant", "bee", "cat")):
        row, as_it = weighed.per_class.loc[("none", name)], said == code
        assert row["rows"] == (y == code).sum()
        share = w[as_it & (y == code)].sum() / w[as_it].sum()
        assert row["precision"] == pytest.approx(share)
        kish = w[as_it].sum() ** 2 / (w[as_it] ** 2).sum()  # as many rows of one weight tell as much
        z2 = stats.norm.ppf(0.975) ** 2
        middle, half = (
            share + z2 / (2 * kish),
            np.sqrt(z2 * (share * (1 - share) / kish + z2 / (4 * kish**2))),
        )
        ends = [(middle + sign * half) / (1 + z2 / kish) for sign in (-1, 1)]
        assert row[["precision_low", "precision_high"]].tolist() == pytest.approx(ends)


def test_one_class_against_the_rest_has_no_such_table():
    found = frame(300, classes=3).imb.fit_eval("animal", pos_label="cat", **QUICK)
    assert found._card().more_tables == () and "most confused" not in dict(found._card().figures)
    with pytest.raises(
        OptionError, match=r"^per_class is of several classes\. One class against the rest is in \.frame\.$"
    ):
        _ = found.per_class
