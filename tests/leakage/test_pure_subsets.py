"""Values whose rows are of one class, against counting by hand; honest features are no alarm."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import imbalance_accessor as imb

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

N = 2000


def noise(seed=0, share=0.1, n=N):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) < round(share * n))
    frame = pd.DataFrame({"a": rng.normal(size=n), "word": rng.choice(list("pqr"), n)})
    return frame.assign(k=rng.integers(0, 6, n), y=np.where(y, "bad", "good"))


def bad(frame):
    return (frame["y"] == "bad").to_numpy()


def some(frame, share, seed=7):
    """A part of the bad rows."""
    return bad(frame) & (np.random.default_rng(seed).random(len(frame)) < share)


def told(frame, **options):
    found = imb.leaks(frame, "y", **options)
    (check,) = (each for each in found.checks if each.code == "IMB112")
    return next((each for each in found.findings if each.code == "IMB112"), None), check


def draw(frame):
    return np.random.default_rng(3)


PLANTED = {
    "= 'refunded'": lambda frame: np.where(some(frame, 0.3), "refunded", frame["word"]),
    "> 0": lambda frame: np.where(some(frame, 0.4), draw(frame).integers(5, 900, len(frame)), 0),
    "is not missing": lambda frame: np.where(some(frame, 0.4), draw(frame).normal(size=len(frame)), np.nan),
    "is missing": lambda frame: np.where(some(frame, 0.4), np.nan, draw(frame).normal(size=len(frame))),
    "= 0": lambda frame: np.where(some(frame, 0.4), 0.0, draw(frame).gamma(2, 50, len(frame))),
    "is not -1": lambda frame: np.where(some(frame, 0.4), draw(frame).integers(1, 900, len(frame)), -1),
    "is not 'open'": lambda frame: np.where(
        some(frame, 0.4), [f"case {v} closed" for v in draw(frame).integers(1, 10**6, len(frame))], "open"
    ),
    "= 3": lambda frame: np.where(some(frame, 0.4), 3, draw(frame).choice([1, 2, 4, 5], len(frame))),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_rule_is_named_with_its_rows_and_class(rule):
    frame = noise()
    frame["late"] = PLANTED[rule](frame)
    cells = frame["late"]
    takes = {
        "= 'refunded'": cells == "refunded", "> 0": cells.map(lambda cell: isinstance(cell, int | float) and cell > 0),
        "is missing": cells.isna(), "is not missing": cells.notna(), "= 0": cells == 0, "= 3": cells == 3,
        "is not -1": cells != -1, "is not 'open'": cells != "open",
    }[rule].to_numpy()  # fmt: skip
    assert bad(frame)[takes].all()
    finding, check = told(frame)
    assert finding.message.startswith(f"All {takes.sum()} rows where 'late' {rule} are of class 'bad'.")
    assert finding.message.endswith("Of all 2,000 rows 10 % are of class 'bad'.")
    assert (check.rows, check.columns) == (takes.sum(), ("late",))
    assert check.share == pytest.approx(takes.mean())
    space = {"df": frame}
    exec(finding.fix.lines, space)  # the cure, to the letter
    assert told(space["df"])[0] is None


def test_one_row_of_the_other_class_in_a_hundred_is_let_pass_and_more_is_not():
    frame = noise(share=0.2)
    pure = np.flatnonzero(bad(frame))[:200]
    for wrong, is_named in ((2, True), (3, False)):
        level = np.array(["open"] * N, dtype=object)
        level[pure] = "closed"
        level[np.flatnonzero(~bad(frame))[:wrong]] = "closed"
        finding, _ = told(frame.assign(late=level))
        assert (finding is not None) == is_named
    assert finding is None


def test_dates_and_text_money_are_cut_as_their_owner_would():
    frame = noise()
    days = draw(frame).integers(0, 300, N)
    frame["closed"] = pd.Series(np.where(some(frame, 0.5), days, np.nan)).map(
        lambda day: None if day != day else f"{pd.Timestamp('2024-01-01') + pd.Timedelta(days=day):%Y-%m-%d}"
    )
    frame["paid"] = [
        f"${v:,}" if one else "$0" for one, v in zip(some(frame, 0.6, 1), 1000 + days, strict=True)
    ]
    finding, check = told(frame)
    assert set(check.columns) == {"closed", "paid"}
    assert "rows where 'paid' > 0 are of class 'bad'" in finding.message
    assert "rows where 'closed' is not missing are of class 'bad'" in finding.message


def test_a_value_of_the_commoner_class_counts_where_the_rest_is_of_the_rarer():
    frame = noise()
    for extra, is_named in ((10, True), (200, False)):  # good rows that are not 'settled' either
        settled = ~bad(frame)
        settled[np.flatnonzero(settled)[:extra]] = False
        rest = np.where(np.arange(N) % 2 == 0, "open", "late")
        finding, _ = told(frame.assign(state=np.where(settled, "settled", rest)))
        assert (finding is not None) == is_named
        if is_named:
            said = f"All {settled.sum():,} rows where 'state' = 'settled' are of class 'good', and 200 of 210 others"
            assert finding.message.startswith(f"{said} are of class 'bad'.")


def test_a_threshold_counts_only_with_two_pure_sides():
    rng = np.random.default_rng(0)
    frame = noise(share=0.1)
    both = np.where(bad(frame), 10 + rng.random(N), 9.9 * rng.random(N))
    both[np.flatnonzero(bad(frame))[:9]] = 1.0  # 9 of 1,809 below: above 99 % good
    finding, check = told(frame.assign(size=both))
    assert check.columns == ("size",)
    assert finding.message.startswith("All 191 rows where 'size' > ")
    cut = float(finding.message.split("> ")[1].split(" ")[0])
    assert (both > cut).sum() == 191 == (bad(frame) & (both > cut)).sum()
    # a tail of a few bad rows: the other side holds the class too
    tail = np.where(some(frame, 0.3), 10 + rng.random(N), 9.9 * rng.random(N))
    assert told(frame.assign(size=tail))[0] is None


@pytest.mark.parametrize(("rows", "share"), [(9, 0.1), (10, 0.1), (10, 0.45), (20, 0.45)])
def test_ten_rows_that_chance_does_not_explain(rows, share):
    frame = noise(share=share)
    level = np.where(np.arange(N) % 2 == 0, "x", "y").astype(object)
    level[np.flatnonzero(bad(frame))[:rows]] = "z"
    finding, check = told(frame.assign(state=level))
    tried = 20  # about as many subsets: levels of two columns, sides of two numbers
    expected = rows >= 10 and binom.sf(rows - 1, rows, share) * tried < 1e-4
    assert (finding is not None) == expected, check.saw


def test_ids_and_row_counters_have_no_levels():
    frame = noise(share=0.3)
    who = np.random.default_rng(0).integers(0, 60, N)
    ruled = np.where(np.isin(who, np.arange(18)), "bad", "good")  # each customer's rows share their label
    found = imb.leaks(frame.assign(customer_id=[f"C-{each:05d}" for each in who], y=ruled), "y")
    assert "IMB112" not in found.findings.codes


def test_an_id_that_is_filled_for_one_class_alone_is_named():
    frame = noise()
    refund = np.where(some(frame, 0.5), [f"R{row:06d}" for row in range(N)], None)
    finding, _ = told(frame.assign(refund_id=refund))
    assert "'refund_id' is not missing" in finding.message


def test_what_gives_the_answer_away_is_said_once():
    frame = noise().assign(late=lambda each: bad(each) * 5.0)
    found = imb.leaks(frame, "y")
    assert "IMB106" in found.findings.codes
    assert "IMB112" not in found.findings.codes


def test_of_several_classes_the_rarest_is_asked_about():
    rng = np.random.default_rng(0)
    label = rng.choice(["low", "middle", "top"], N, p=[0.6, 0.3, 0.1])
    part = (label == "top") & (rng.random(N) < 0.5)
    finding, _ = told(
        pd.DataFrame({"a": rng.normal(size=N), "state": np.where(part, "won", "open"), "y": label})
    )
    assert finding.message.startswith(f"All {part.sum()} rows where 'state' = 'won' are of class 'top'.")


def test_verbs_that_fit_ask_of_the_columns_that_the_model_sees():
    frame = noise()
    frame["closed"] = pd.Series(np.where(some(frame, 0.5), pd.date_range("2024", periods=N), None))
    frame["part"] = np.where(some(frame, 0.4, 2), 5.5, 0.0)
    given = {"strategies": [], "model": "naive_bayes", "cv": 3, "progress": False}
    found = imb.fit_eval(frame, "y", **given)
    (finding,) = (each for each in found.findings if each.code == "IMB112")
    assert "'part'" in finding.message
    assert "'closed'" not in finding.message


@pytest.mark.slow
def test_counts_are_of_all_rows_where_a_sample_was_looked_at():
    frame = noise(share=0.02, n=80_000)
    frame["part"] = np.where(some(frame, 0.4), 5.5, 0.0)
    frame["mixed"] = np.where(
        some(frame, 0.4) | (np.arange(80_000) % 997 == 0), "x", "y"
    )  # 81 rows that are not
    finding, check = told(frame)
    assert finding.message.startswith(
        f"All {(frame['part'] > 0).sum()} rows where 'part' > 0 are of class 'bad'."
    )
    assert check.columns == ("part",)


@pytest.mark.parametrize("n", [40, 400])
def test_honest_features_are_no_alarm(n):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        signal = rng.normal(size=n)
        y = rng.random(n) < 1 / (1 + np.exp(3 - 2.5 * signal))
        frame = pd.DataFrame({
            "x": signal, "few": np.clip(np.round(signal * 2), -3, 4), "spent": np.where(signal > 0, np.exp(signal), 0.0),
            "level": pd.cut(signal, 6, labels=list("abcdef")).astype(str), "flag": (signal > 1.5) * 1, "y": y,
        })  # fmt: skip
        if y.sum() > 3:
            assert told(frame)[0] is None, seed
