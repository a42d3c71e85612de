"""Rows that stand in a frame more than once: IMB102, IMB104 and IMB105 through `leaks` and `fit_eval`."""

import itertools
import re
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from imbalance_accessor.data.features import read_features
from imbalance_accessor.leakage.evidence import Evidence
from imbalance_accessor.leakage.run_checks import QUESTIONS
from imbalance_accessor.splitting.split import divide
from imbalance_accessor.verbs.fit_eval import fit_eval
from imbalance_accessor.verbs.leaks import leaks

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def numbers(n=600, shares=(0.9, 0.1), seed=0, columns=4):
    """Continuous features, so that no two rows are equal by chance."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(shares), n, p=shares)
    X = rng.normal(size=(n, columns)) + 0.4 * y[:, None]
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(columns)]).assign(y=y)


def oversampled(frame, seed=0, ratio="auto"):
    sampler = RandomOverSampler(sampling_strategy=ratio, random_state=seed)
    X, y = sampler.fit_resample(frame.drop(columns="y"), frame["y"])
    return X.assign(y=y).sample(frac=1, random_state=seed, ignore_index=True)


def said(frame, code, **options):
    """The check's row in `Leaks.frame`, and its finding or None."""
    found = leaks(frame, "y", **options)
    told = {finding.code: finding for finding in found.findings}
    row = found.frame.loc[code]
    assert (row["found"] == 1) == (code in told)
    return row, told.get(code)


def answered(frame, code, **options):
    """What one check says, without the others."""
    given = {"groups": options.pop("groups", None), "test": options.pop("test", None)}
    features = read_features(frame, "y", **given, for_models=True)
    evidence = Evidence(divide(features, **{"test_size": 0.2, "random_state": 0} | options))
    QUESTIONS[code].run(evidence)
    found = evidence.answers[code]
    return found, found.answer or {"found": "yes", "clear": "no"}.get(found.status, found.status)


def scans(seed=0, n=3000, rare=0.1):
    """Rounded columns that hang together, of which the typical row has four at their floor: many rows are alike."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rare).astype(int)
    size, bright = rng.normal(0.9 * y, 0.6), rng.normal(1.2 * y, 1)
    typical = rng.random(n) < np.where(y == 1, 0.1, 0.55)
    seen = [
        0.7 * bright + rng.normal(0, 0.5, n),
        np.exp(size),
        (bright + size) / 2,
        rng.normal(bright / 2, 0.4),
    ]
    columns = [size, bright, *(np.where(typical, -0.9, each) for each in seen)]
    return pd.DataFrame(np.round(columns, 1).T, columns=list("abcdef")).assign(y=y)


def answers_1_to_5(seed=0, n=2500, rare=0.1):
    """Twelve questions that one trait answers."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rare).astype(int)
    trait = rng.normal(y, 1)[:, None] + rng.normal(0, 0.4, (n, 12))
    return pd.DataFrame(np.clip(np.round(3 + trait), 1, 5)).rename(columns=str).assign(y=y)


def flags(seed=0, n=1000, rare=0.1):
    """Twenty flags in sixty patterns, some much more frequent than others."""
    rng = np.random.default_rng(seed)
    patterns = rng.random((60, 20)) < rng.random(20)
    at = rng.choice(60, n, p=rng.dirichlet(np.full(60, 0.5)))
    y = (rng.random(n) < rare).astype(int)
    return pd.DataFrame(patterns[at].astype(int)).rename(columns=str).assign(y=y)


def bills(seed=0, n=1000, rare=0.1):
    """A price, and a tax that says the same."""
    rng = np.random.default_rng(seed)
    price, y = np.round(np.exp(rng.normal(3, 0.8, n)), 1), (rng.random(n) < rare).astype(int)
    columns = {
        "price": price,
        "tax": np.round(price / 5, 2),
        "items": rng.geometric(0.6, n),
        "vip": rng.random(n) < 0.2,
    }
    return pd.DataFrame(columns).assign(y=y)


def few_levels(seed=0, n=1000, rare=0.1):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rare).astype(int)
    return pd.DataFrame(rng.binomial(3, 0.3 + 0.2 * y[:, None], (n, 5))).rename(columns=str).assign(y=y)


def whole_numbers(seed=0, n=1000, rare=0.1):
    """Whole numbers to 99, which are all met again, and no row of which is."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rare).astype(int)
    return pd.DataFrame(rng.integers(0, 100, (n, 6))).rename(columns=str).assign(y=y)


ALIKE = {"scans": scans, "answers": answers_1_to_5, "flags": flags, "bills": bills, "few levels": few_levels}


# ---------------------------------------------------------------- IMB102


@pytest.mark.quick(3)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("rare", [0.1, 0.5])
@pytest.mark.parametrize("kind", ALIKE)
def test_rows_that_repeat_by_nature_are_no_oversampling_nor_twins(kind, rare, seed):
    frame = ALIKE[kind](seed, rare=rare)
    for order in range(2):
        again = frame.sample(frac=1, random_state=order)
        copied, _ = answered(again, "IMB102")
        twins, answer = answered(again, "IMB104")
        assert (copied.status, copied.share > 0.03) == ("clear", True)
        assert (twins.status, answer) == ("clear", "as many as by chance")
        assert f"{twins.rows:,} of " in twins.saw
        assert "as many as chance gives" in twins.saw


@pytest.mark.quick(2)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["scans", "answers", "bills", "few levels"])
def test_a_class_grown_by_copying_is_named_where_rows_repeat_by_nature(kind, seed):
    frame = ALIKE[kind](seed, rare=0.05)
    for ratio in (0.6, 1.0):
        grown = oversampled(frame, seed, ratio)
        copied, _ = answered(grown, "IMB102")
        rare = grown.loc[grown["y"] == 1].drop(columns="y")
        assert (copied.status, copied.rows) == ("found", rare.duplicated().sum())
        assert answered(grown, "IMB104")[1] == "yes"


def test_a_rare_class_pasted_again_and_again_is_named_where_rows_repeat_by_nature():
    frame = answers_1_to_5()
    rare = frame[frame["y"] == 1]
    assert rare.duplicated().any()
    assert answered(pd.concat([frame] + [rare] * 3, ignore_index=True), "IMB102")[1] == "yes"


@pytest.mark.parametrize(("levels", "columns"), [(10, 2), (5, 3), (3, 4)])
def test_a_class_that_has_all_the_rows_its_cells_allow_was_not_grown(levels, columns):
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.integers(0, levels, (500, columns)), rng.integers(0, 60, (500, columns))])
    frame = pd.DataFrame(rows).rename(columns=str).assign(y=np.repeat([1, 0], 500))
    once = [(frame[frame["y"] == code].value_counts() == 1).mean() for code in (0, 1)]
    assert once[0] > once[1] + 0.3  # the rule of rows met once alone would name it
    assert answered(frame, "IMB102")[1] == "no"
    assert answered(oversampled(frame.drop(index=range(30, 500)), ratio=1.0), "IMB102")[1] == "yes"


@pytest.mark.quick(2)
@pytest.mark.parametrize("seed", range(12))
def test_a_class_grown_by_copying_is_named(seed):
    frame = numbers(seed=seed, shares=(0.88, 0.12))
    grown = oversampled(frame, seed)
    row, finding = said(grown, "IMB102", random_state=seed)
    copies = len(grown) - len(frame)
    assert (row["rows"], row["share"]) == (copies, pytest.approx(copies / (grown["y"] == 1).sum()))
    assert finding.severity == "error"
    assert f"{copies:,} of {(grown['y'] == 1).sum():,} rows of class 1 are copies" in finding.message


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", range(3))
def test_several_classes_grown_by_copying_are_named_by_the_most_copied(seed):
    frame = numbers(900, (0.7, 0.22, 0.08), seed)
    grown = oversampled(frame, seed)
    row, finding = said(grown, "IMB102")
    rarest = frame["y"].value_counts().idxmin()
    assert row["rows"] == (grown["y"] == rarest).sum() - (frame["y"] == rarest).sum()
    assert f" rows of class {rarest} are copies" in finding.message


def test_one_class_of_three_grown_to_the_largest_is_named():
    frame = numbers(900, (0.7, 0.22, 0.08))
    most = int((frame["y"] == 0).sum())
    row, _ = said(oversampled(frame, ratio={2: most}), "IMB102")
    assert row["rows"] == most - (frame["y"] == 2).sum()


@pytest.mark.parametrize("seed", range(3))
def test_a_class_grown_nearly_to_the_other_one_is_named(seed):
    assert said(oversampled(numbers(seed=seed), seed, ratio=0.85), "IMB102")[1] is not None


@pytest.mark.parametrize("times", [3, 5, 20])
def test_a_rare_class_pasted_again_and_again_is_named(times):
    frame = numbers()
    rare = frame[frame["y"] == 1]
    grown = pd.concat([frame] + [rare] * (times - 1), ignore_index=True)
    row, _ = said(grown, "IMB102")
    assert (row["found"], row["rows"]) == (1, (times - 1) * len(rare))
    assert row["share"] == pytest.approx(1 - 1 / times)


def test_a_rare_class_recorded_twice_is_left_to_the_rows_on_both_sides():
    frame = numbers()
    found = leaks(pd.concat([frame, frame[frame["y"] == 1]], ignore_index=True), "y")
    assert "IMB102" not in found.findings.codes
    assert "IMB104" in found.findings.codes


def test_copies_are_seen_behind_words_and_missing_cells():
    frame = numbers()
    frame["word"] = np.where(frame["x0"] > 0, "up", "down")
    frame.loc[frame.index[::7], "x1"] = np.nan
    assert said(oversampled(frame), "IMB102")[1] is not None
    assert said(frame, "IMB102")[1] is None


@pytest.mark.quick(1)
@pytest.mark.parametrize("seed", range(5))
def test_rows_that_were_never_copied_are_no_alarm(seed):
    for shares in ((0.9, 0.1), (0.5, 0.5), (0.6, 0.3, 0.1)):
        row, finding = said(numbers(shares=shares, seed=seed), "IMB102")
        assert (row["found"], row["share"], finding) == (0, 0, None)


@pytest.mark.parametrize("shares", [(0.9, 0.1), (0.5, 0.5)])
@pytest.mark.parametrize("times", [2, 10])
def test_each_patient_several_times_is_no_oversampling(shares, times):
    frame = numbers(200, shares)
    row, finding = said(pd.concat([frame] * times, ignore_index=True), "IMB102")
    assert (row["found"], finding) == (0, None)
    assert row["share"] == pytest.approx(1 - 1 / times)


@pytest.mark.quick(2)
@pytest.mark.parametrize("seed", range(5))
def test_honest_duplicates_in_both_classes_are_no_alarm(seed):
    frame = numbers(500, (0.6, 0.4), seed)
    again = frame.sample(150, random_state=seed)
    assert said(pd.concat([frame, again], ignore_index=True), "IMB102")[1] is None


@pytest.mark.parametrize("shares", [(0.9, 0.1), (0.5, 0.5), (0.97, 0.03)])
def test_frames_of_few_different_cells_are_no_alarm(shares):
    rng = np.random.default_rng(0)
    frame = numbers(1500, shares)
    cells = pd.DataFrame(rng.integers(0, 3, (1500, 4)), columns=list("abcd")) + frame[["y"]].to_numpy()
    row, finding = said(cells.assign(y=frame["y"]), "IMB102")
    assert finding is None
    assert row["share"] > 0.8  # there are many copies to be misread


def test_a_few_rows_that_come_up_all_the_time_are_no_oversampling():
    frame = numbers(400, (0.5, 0.5))
    rare = frame[frame["y"] == 1]
    usual = pd.concat([rare.iloc[[0]]] * 60)  # an empty form, say
    assert said(pd.concat([frame, usual], ignore_index=True), "IMB102")[1] is None


def test_the_finding_can_be_muted():
    grown = oversampled(numbers())
    assert "IMB102" not in leaks(grown, "y", ignore=("IMB102",)).findings.codes
    assert "IMB102" in fit_eval(grown, "y", strategies=[], cv=2, n_jobs=1, progress=False).findings.codes


# ---------------------------------------------------------------- IMB104


def test_test_rows_seen_in_train_are_counted_as_a_loop_counts_them():
    frame = numbers(200)
    frame = pd.concat([frame, frame.sample(60, random_state=1)], ignore_index=True)
    train, test = train_test_split(frame, test_size=0.2, stratify=frame["y"], random_state=0)
    known = {tuple(row) for row in train.drop(columns="y").to_numpy().tolist()}
    seen = [tuple(row) in known for row in test.drop(columns="y").to_numpy().tolist()]
    row, finding = said(frame, "IMB104", test_size=0.2, random_state=0)
    assert sum(seen) > 5
    assert (row["rows"], row["share"]) == (sum(seen), pytest.approx(np.mean(seen)))
    assert f"{sum(seen)} of {len(seen)} test rows have a twin in train" in finding.message
    assert finding.severity == "warning"


def test_the_score_with_and_without_seen_rows_is_that_of_scikit_learn():
    frame = numbers(700, (0.8, 0.2), seed=4)
    lucky = frame[(frame["y"] == 1) & (frame["x0"] > 0.8)]
    frame = pd.concat([frame] + [lucky] * 2 + [frame[frame["y"] == 0].head(60)] * 2, ignore_index=True)
    train, test = train_test_split(frame, test_size=0.3, stratify=frame["y"], random_state=3)
    known = {tuple(row) for row in train.drop(columns="y").to_numpy().tolist()}
    seen = np.array([tuple(row) in known for row in test.drop(columns="y").to_numpy().tolist()])
    model = LogisticRegression(max_iter=1000, random_state=3).fit(train.drop(columns="y"), train["y"])
    score = model.predict_proba(test.drop(columns="y"))[:, 1]
    y = test["y"].to_numpy()
    with_them = average_precision_score(y, score)
    without = average_precision_score(y[~seen], score[~seen])
    assert abs(with_them - without) > 0.02
    options = {"strategies": [], "preprocess": None, "cv": 2, "n_jobs": 1, "progress": False}
    own = LogisticRegression(max_iter=1000, random_state=3)
    found = fit_eval(frame, "y", model=own, test_size=0.3, random_state=3, **options)
    assert found.frame.loc["none", "average_precision"] == pytest.approx(with_them)
    (finding,) = [each for each in found.findings if each.code == "IMB104"]
    change = f"average precision is {with_them:.3f} with them, {without:.3f} without"
    assert f"{seen.sum()} of {len(seen)} test rows" in finding.message
    assert change in finding.message
    assert finding.severity == "warning"


def test_a_test_frame_of_ones_own_that_repeats_the_train_frame_is_named():
    frame = numbers(400)
    train, test = frame.iloc[:300], frame.iloc[250:]
    row, finding = said(train, "IMB104", test=test)
    assert (row["rows"], row["share"]) == (50, pytest.approx(1 / 3))
    assert "50 of 150" in finding.message
    row, finding = said(train, "IMB104", test=frame.iloc[300:])
    assert (row["rows"], finding) == (0, None)


def test_one_patient_ten_times_stands_on_both_sides_unless_kept_together():
    frame = pd.concat([numbers(60, (0.7, 0.3)).assign(patient=np.arange(60))] * 10, ignore_index=True)
    row, finding = said(frame, "IMB104")
    assert row["share"] == pytest.approx(1.0, abs=0.02)
    assert "groups=" in finding.cure
    row, finding = said(frame, "IMB104", groups="patient")
    assert (row["rows"], finding) == (0, None)


def test_twins_that_few_different_cells_make_likely_are_no_finding():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 3, (900, 3)), columns=list("abc")).assign(y=rng.random(900) < 0.2)
    row, finding = said(frame, "IMB104")
    assert row["share"] > 0.99  # 27 different rows
    assert finding is None


@pytest.mark.quick(4)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [numbers, whole_numbers, scans, answers_1_to_5])
def test_rows_recorded_twice_are_named_in_whatever_order_they_come(make, seed):
    frame = make(1000, seed=seed) if make is numbers else make(seed, 1000)
    rare, some = frame[frame["y"] == 1], frame.head(100)
    # where rows are dense, some that come again could be rows that look alike
    parts = {answers_1_to_5: [frame], scans: [frame, rare]}.get(make, [frame, rare, some])
    for part in parts:
        for order in range(2):
            again = pd.concat([frame, part]).sample(frac=1, random_state=order, ignore_index=True)
            assert answered(again, "IMB104")[1] == "yes"


def test_an_answer_says_no_only_where_no_row_is_met_twice():
    frame = numbers(1000)
    assert answered(frame, "IMB104")[1] == "no"
    twice = pd.concat([frame, frame.head(1)], ignore_index=True)
    saws = set()
    for order in range(6):
        found, answer = answered(twice.sample(frac=1, random_state=order), "IMB104")
        assert (found.status, answer) == ("clear", "few")
        saws.add(found.saw)
    chance = 2 * 0.2 * 0.8  # one of both in test, the other in train
    assert saws == {
        "1 of 201 test rows has a twin in train",
        f"0 of 201 test rows have a twin in train, where a random split gives {chance:.2g}",
    }


def test_a_test_frame_is_judged_by_what_is_in_it():
    frame = scans(n=2000)
    train, test = frame.iloc[:1500], frame.iloc[1500:].reset_index(drop=True)
    assert answered(train, "IMB104", test=test)[1] == "as many as by chance"
    held = numbers(400)
    assert answered(held.iloc[:300], "IMB104", test=held.iloc[299:])[1] == "few"
    assert answered(held.iloc[:300], "IMB104", test=held.iloc[300:])[1] == "no"


# ---------------------------------------------------------------- IMB105


@pytest.mark.parametrize("seed", range(3))
def test_the_best_accuracy_is_that_of_an_exhaustive_search(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(0, 2, (80, 3)), columns=list("abc"))
    frame["y"] = rng.random(80) < 0.15 + 0.3 * frame["a"]
    rows = list(zip(map(tuple, frame[["a", "b", "c"]].to_numpy().tolist()), frame["y"].tolist(), strict=True))
    kinds = sorted({cells for cells, _ in rows})
    best = max(
        sum(dict(zip(kinds, rule, strict=True))[cells] == label for cells, label in rows)
        for rule in itertools.product([False, True], repeat=len(kinds))
    )
    labels = defaultdict(set)
    for cells, label in rows:
        labels[cells].add(label)
    open_rows = [label for cells, label in rows if len(labels[cells]) > 1]
    row, finding = said(frame, "IMB105")
    assert (row["rows"], row["share"]) == (len(open_rows), pytest.approx(len(open_rows) / 80))
    assert f"{len(open_rows)} rows have a twin with another label" in finding.message
    assert f"{sum(open_rows)} of the {frame['y'].sum()} rows of class True among" in finding.message
    assert f"more accurate than {best / 80:.3f}" in finding.message


def test_the_best_accuracy_holds_for_several_classes():
    frame = numbers(400, (0.6, 0.3, 0.1))
    other = frame.head(50).assign(y=(frame["y"].head(50) + 1) % 3)
    row, finding = said(pd.concat([frame, other], ignore_index=True), "IMB105")
    assert row["rows"] == 100
    assert f"more accurate than {400 / 450:.3f}" in finding.message


def test_rows_that_agree_in_their_label_too_leave_nothing_open():
    frame = numbers(300)
    row, finding = said(pd.concat([frame] * 2, ignore_index=True), "IMB105")
    assert (row["rows"], finding) == (0, None)


def test_a_handful_of_open_labels_is_counted_and_not_made_much_of():
    frame = numbers(2000)
    common = frame[frame["y"] == 0].head(2)
    row, finding = said(pd.concat([frame, common.assign(y=1)], ignore_index=True), "IMB105")
    assert (row["rows"], row["found"], finding) == (4, 0, None)
    assert answered(pd.concat([frame, common.assign(y=1)], ignore_index=True), "IMB105")[1] == "few"
    assert answered(frame, "IMB105")[1] == "no"


def test_an_id_that_is_left_aside_is_named():
    rng = np.random.default_rng(0)
    twins = np.repeat(rng.normal(size=(150, 2)), 2, axis=0)
    frame = pd.DataFrame(twins, columns=["k", "m"]).assign(code=rng.permutation(300), y=rng.random(300) < 0.2)
    for code in ("IMB104", "IMB105"):
        _, finding = said(frame, code)
        assert "('code' aside, an id by the look)" in finding.message
    (copied,) = [check for check in leaks(frame, "y").checks if check.code == "IMB102"]
    assert copied.saw.endswith("of the rows repeat another one ('code' aside, an id by the look)")
    _, finding = said(frame.drop(columns="code"), "IMB105")
    assert "aside" not in finding.message


@pytest.mark.parametrize("kind", ["int64", "uint64", "Int64"])
def test_long_whole_numbers_are_told_apart_to_the_last_digit(kind):
    rng = np.random.default_rng(0)
    stamp = 1_700_000_000_000_000_000 + rng.permutation(300) * 100  # float64 tells every third apart
    word = rng.choice(list("abc"), 300)
    frame = pd.DataFrame({"ns": pd.array(stamp, dtype=kind), "word": word, "y": rng.random(300) < 0.2})
    assert len(np.unique(stamp.astype(float))) < 250
    assert not set(leaks(frame, "y").findings.codes) & {"IMB102", "IMB104", "IMB105"}
    again = pd.concat([frame.head(100), frame], ignore_index=True)
    row, _ = said(again, "IMB104")
    X_train, X_test = train_test_split(again, test_size=0.2, stratify=again["y"], random_state=0)
    seen = set(X_train[["ns", "word"]].itertuples(index=False, name=None))
    assert row["rows"] == sum(
        each in seen for each in X_test[["ns", "word"]].itertuples(index=False, name=None)
    )


def test_a_test_set_without_a_single_whole_number_is_looked_at():
    frame = numbers(300).assign(k=pd.array(np.arange(300) % 9, dtype="Int64"))
    assert leaks(frame, "y", test=frame.assign(k=pd.array([None] * 300, dtype="Int64"))).checks


# ---------------------------------------------------------------- a test frame that holds train rows, few columns


def one_number(n=800, seed=0, decimals=None):
    """One feature, continuous or rounded, beside the label."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.15
    x = rng.normal(size=n) + y
    return pd.DataFrame({"x": x if decimals is None else x.round(decimals), "y": y.astype(int)})


DECIMALS = (None, 2, 1, 0)
HELD_AGAIN = {
    "the whole frame": lambda frame: frame,
    "its first rows": lambda frame: frame.head(200),
    "its last rows": lambda frame: frame.tail(200),
    "rows drawn from it": lambda frame: frame.sample(200, random_state=1),
    "with new rows behind": lambda frame: pd.concat([frame, one_number(200, 9)], ignore_index=True),
}


@pytest.mark.parametrize(
    ("kind", "decimals"), [(kind, each) for i, kind in enumerate(HELD_AGAIN) for each in DECIMALS[i % 2 :: 2]]
)
def test_train_rows_in_a_test_frame_of_one_feature_are_named(kind, decimals):
    frame = one_number(decimals=decimals)
    test = HELD_AGAIN[kind](frame)
    row, finding = said(frame, "IMB104", test=test)
    assert (row["found"], finding.severity) == (1, "warning")
    assert row["rows"] == test["x"].isin(frame["x"]).sum()
    assert re.match(rf"\d+ of {len(test):,} test rows", finding.message)
    # fit_eval says so, too, and no longer once its cure is taken
    found = frame.imb.fit_eval("y", test=test, strategies=[], cv=2, progress=False)
    assert "IMB104" in found.findings.codes
    own = frame.imb.fit_eval("y", strategies=[], cv=2, progress=False)
    assert "IMB104" not in own.findings.codes


@pytest.mark.parametrize("kind", ["two flags", "words"])
def test_train_rows_are_named_where_few_cells_differ(kind):
    frame = one_number()
    if kind == "words":
        frame["x"] = np.where(frame["x"] > 0.5, "high", "low")
    else:
        frame = frame.assign(x=(frame["x"] > 0.5).astype(int), z=(frame["x"] < 0).astype(int))
    for part in (frame, frame.tail(100)):
        assert said(frame, "IMB104", test=part)[1] is not None


def test_copies_under_other_index_labels_are_named_by_their_numbers():
    frame = one_number()
    test = frame.sample(200, random_state=1).reset_index(drop=True)
    row, finding = said(frame, "IMB104", test=test)
    assert (row["rows"], row["share"], finding.severity) == (200, 1, "warning")


@pytest.mark.quick(2)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("decimals", [None, 3, 2, 1, 0])
def test_an_honest_frame_of_one_feature_is_no_alarm(decimals, seed):
    """Its rows repeat by chance, under the same index labels too."""
    whole = one_number(1600, seed, decimals)
    for threshold in (800, 1400):
        train, test = whole.iloc[:threshold], whole.iloc[threshold:]
        for given in (test, test.reset_index(drop=True), test.sort_values("x", ignore_index=True)):
            assert said(train, "IMB104", test=given)[1] is None
        by_number = train.sort_values("x", ignore_index=True)
        assert said(by_number, "IMB104", test=test.sort_values("x", ignore_index=True))[1] is None
    assert said(whole, "IMB104", random_state=seed)[1] is None


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_a_value_that_comes_up_more_often_in_test_is_no_alarm(share):
    """Half of the train rows are zero, and more of the test rows."""
    frames = [one_number(800, seed) for seed in (1, 2)]
    for frame, zeros in zip(frames, (0.2, share), strict=True):
        frame.loc[np.random.default_rng(0).random(800) < zeros, "x"] = 0.0
    assert said(frames[0], "IMB104", test=frames[1])[1] is None


def test_rows_in_the_order_of_their_labels_are_no_alarm():
    """Both frames are sorted alike, so that most rows agree under their labels of the index."""
    train, test = (
        one_number(800, seed, 0).clip(0, 1).sort_values(["y", "x"], ignore_index=True) for seed in (1, 2)
    )
    assert (train == test).all(axis=1).mean() > 0.7
    assert said(train, "IMB104", test=test)[1] is None
    even = pd.DataFrame({"x": np.repeat([0, 1], [400, 100]), "y": np.repeat([0, 1], [300, 200])})
    assert said(even, "IMB104", test=even.copy())[1] is None  # three runs could be anybody's
