"""Rows that belong together or follow each other in time are seen; columns that only look like it are not."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, chi2_contingency, gamma

import imbalance_accessor as imb
from imbalance_accessor.leakage import group_columns
from imbalance_accessor.leakage.statistics import chance_of_pairs, drift, same_label_pairs

pytestmark = pytest.mark.filterwarnings("error:::imbalance_accessor")

N = 600


def noise(seed=0, n=N):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"]).assign(word=rng.choice(list("pqr"), n))
    return frame.assign(y=np.where(rng.random(n) < 0.2, "yes", "no"))


def told(frame, code, target="y", **options):
    found = imb.leaks(frame, target, **options)
    (check,) = (each for each in found.checks if each.code == code)
    return [each for each in found.findings if each.code == code], check


def silent(frame, code, **options):
    findings, check = told(frame, code, **options)
    return not findings and check.status == "clear"


def followed(finding, frame, target="y"):
    """Run the lines of a fix as they stand, and fit with its options, quickly."""
    space = {"df": frame.copy(), "pd": pd}
    exec(finding.fix.lines, space)
    quick = {"strategies": ["none"], "model": "naive_bayes", "cv": 2, "n_jobs": 1, "progress": False}
    return space["df"].imb.fit_eval(target, **quick, **finding.fix.options)


# ---------------------------------------------------------------- groups


def patients(alike, rows=10, n=N, seed=1):
    """Rows of patients; with `alike` all rows of one have one label."""
    rng = np.random.default_rng(seed)
    frame = noise(seed, n)
    frame["patient_id"] = rng.permutation(np.arange(n) // rows) + 1000
    if alike:
        ill = rng.permutation(n // rows) < n // rows / 5
        frame["y"] = np.where(ill[frame["patient_id"] - 1000], "yes", "no")
    return frame


def agreeing(groups, labels):
    """The shares of pairs with one label, within groups and anyhow, by looking at every pair."""
    pairs = [(i, j) for i in range(len(labels)) for j in range(i)]
    within = [labels[i] == labels[j] for i, j in pairs if groups[i] == groups[j]]
    return np.mean(within), np.mean([labels[i] == labels[j] for i, j in pairs])


def test_pairs_are_those_counted_by_hand():
    rng = np.random.default_rng(0)
    groups, labels = rng.integers(0, 9, 80), rng.integers(0, 3, 80)
    assert same_label_pairs(groups, labels) == pytest.approx(agreeing(groups, labels), abs=1e-12)
    assert same_label_pairs(np.arange(4), np.array([0, 0, 1, 1])) == (0.0, pytest.approx(1 / 3))


def test_the_chance_of_pairs_has_the_moments_of_all_permutations():
    groups = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3])
    dealt = [np.isin(np.arange(10), each) for each in combinations(range(10), 4)]
    pairs = [sum(int(k * (k - 1) / 2) for k in np.bincount(groups[y])) for y in dealt]
    shape, scale = np.mean(pairs) ** 2 / np.var(pairs), np.var(pairs) / np.mean(pairs)
    for y, met in zip(dealt, pairs, strict=True):
        expected = gamma.sf(met - 0.5, shape, scale=scale) if met else 1
        assert chance_of_pairs(groups, y) == pytest.approx(expected, rel=1e-9)


def test_patients_with_ten_rows_each_are_a_likely_group():
    frame = patients(alike=True)
    findings, check = told(frame, "IMB108")
    (finding,) = findings
    within, anyhow = agreeing(frame["patient_id"].tolist(), frame["y"].tolist())
    assert within == 1
    assert finding.severity == "warning"
    assert finding.message == (
        "'patient_id' has 60 values on 600 rows, and the split puts rows of one value on both sides. Two rows of one value "
        f"have the same label in 100 % of the pairs, any two rows in {100 * anyhow:.0f} %."
    )
    assert (check.columns, check.rows, check.share) == (("patient_id",), N, 60 / N)


def test_patients_whose_rows_differ_in_their_labels_are_a_note():
    frame = patients(alike=False)
    within, anyhow = agreeing(frame["patient_id"].tolist(), frame["y"].tolist())
    assert within - anyhow < 0.05
    findings, _ = told(frame, "IMB108")
    assert [each.severity for each in findings] == ["note"]


def test_the_line_of_the_cure_runs_as_typed_and_heeds_the_groups():
    frame = patients(alike=True).rename(columns={"y": "it's ill"})
    findings, _ = told(frame, "IMB108", target="it's ill")
    assert str(findings[0].fix) == """df.imb.leaks("it's ill", groups="patient_id")"""
    found = followed(findings[0], frame, "it's ill")
    assert "IMB108" not in found.findings.codes
    by_part = {name: set(frame.loc[part.index, "patient_id"]) for name, part in found.scores.groupby("part")}
    assert not by_part["train"] & by_part["test"]


@pytest.mark.quick(2)
@pytest.mark.parametrize("name", ["patient", "Customer", "user_no", "client_ref", "deviceId", "household_id"])
def test_names_that_tell_are_known(name):
    frame = patients(alike=True).rename(columns={"patient_id": name})
    assert told(frame, "IMB108")[1].columns == (name,)
    as_text = frame.assign(**{name: "P" + frame[name].astype(str)})
    assert told(as_text, "IMB108")[1].columns == (name,)


def accounts(n=N, rows=6, name="reference"):
    """Text that names accounts without saying so; region and age stay the same within one."""
    rng = np.random.default_rng(2)
    who = rng.permutation(np.arange(n) // rows)
    region, age = rng.choice(list("nesw"), n), rng.integers(18, 80, n)
    frame = noise(2, n)
    frame[name] = [f"AC-{each:04d}" for each in who]
    return frame.assign(region=region[who], age=age[who])


def test_accounts_without_a_telling_name_are_known_by_what_stays_the_same():
    findings, check = told(accounts(), "IMB108")
    assert check.columns == ("reference",)
    assert findings[0].message.startswith("'reference' has 100 values on 600 rows")
    followed(findings[0], accounts())


def test_without_what_stays_the_same_a_code_is_no_group():
    frame = accounts()
    assert silent(frame.drop(columns="age"), "IMB108")  # one attribute alone may be a coincidence
    shuffled = np.random.default_rng(0).permutation(frame["region"])
    assert silent(frame.assign(region=shuffled), "IMB108")


@pytest.mark.parametrize("text", [False, True])
def test_labels_that_agree_tell_of_groups_where_no_name_does(text):
    frame = patients(alike=True, rows=4).rename(columns={"patient_id": "xk"})
    frame["xk"] = [f"X{each}" for each in frame["xk"]] if text else frame["xk"]
    assert (findings := told(frame, "IMB108")[0]) and findings[0].severity == "warning"
    assert silent(frame.assign(xk=np.random.default_rng(0).permutation(frame["xk"])), "IMB108")


def test_labels_that_agree_along_a_quantity_are_no_groups():
    score = np.random.default_rng(0).integers(0, 150, N)
    assert silent(noise().assign(score=score, y=score > 110), "IMB108")
    mixed = np.random.default_rng(1).permutation(150)[score]
    assert not silent(noise().assign(score=mixed, y=score > 110), "IMB108")


def test_a_number_in_ranges_and_other_units_is_no_group():
    age = np.random.default_rng(0).integers(18, 90, N)
    frame = noise().assign(
        age=age, months=12 * age, decade=[f"{each // 10}0s" for each in age], senior=age > 50
    )
    assert silent(frame, "IMB108")


def test_the_rare_label_of_few_groups_is_a_warning():
    """Five of 250 customers pay late: of all pairs 96 % have one label anyhow."""
    frame = patients(alike=False, rows=4, n=1000).rename(columns={"patient_id": "customer_id"})
    frame["y"] = np.where(frame["customer_id"] < 1005, "yes", "no")
    assert [each.severity for each in told(frame, "IMB108")[0]] == ["warning"]


def test_each_column_is_made_a_code_once(monkeypatch):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 50, (300, 40))).add_prefix("x").assign(y=rng.random(300) < 0.2)
    seen = []
    plain = pd.factorize
    monkeypatch.setattr(
        group_columns.pd, "factorize", lambda cells, **given: seen.append(1) or plain(cells, **given)
    )
    assert silent(frame, "IMB108")
    assert len(seen) <= 3 * 40  # 1,600 for each column beside each other one


def test_ids_that_are_all_different_are_no_groups():
    frame = noise().assign(patient_id=np.random.default_rng(0).permutation(N))
    assert silent(frame, "IMB108")
    assert silent(frame.assign(patient_id="P" + frame["patient_id"].astype(str)), "IMB108")


def test_few_values_are_no_groups():
    rng = np.random.default_rng(0)
    assert silent(noise().assign(store=rng.integers(0, 8, N)), "IMB108")
    assert silent(noise().assign(store_id=rng.integers(0, 8, N)), "IMB108")
    assert silent(noise().assign(store=rng.choice(["north", "south", "west"], N)), "IMB108")


def test_attributes_are_no_groups():
    rng = np.random.default_rng(0)
    frame = noise().assign(
        region=rng.choice([f"r{i}" for i in range(40)], N),
        age=rng.integers(18, 90, N),
        paid=rng.integers(0, 30, N),
    )
    assert silent(frame, "IMB108")
    assert silent(imb.make_churn(500).rename(columns={"churn": "y"}), "IMB108")


def test_groups_or_time_that_are_given_end_the_question():
    frame = patients(alike=True).assign(day=np.arange(N))
    for rule in ({"groups": "patient_id"}, {"time": "day"}):
        findings, check = told(frame, "IMB108", **rule)
        assert not findings
        assert check.saw == f"{next(iter(rule))}={next(iter(rule.values()))!r} rules the split"


# ---------------------------------------------------------------- time


def drifting(seed=3, n=1000):
    """Days, ten rows each, along which the rare label grows from 5 % to 45 %; rows are shuffled."""
    rng = np.random.default_rng(seed)
    day = rng.permutation(np.arange(n) // 10)
    frame = noise(seed, n).assign(day=day)
    return frame.assign(y=np.where(rng.random(n) < 0.05 + 0.4 * day / day.max(), "yes", "no"))


def dated(frame, name="when"):
    return frame.assign(**{name: pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")}).drop(
        columns="day"
    )


def written(frame):
    return dated(frame).assign(when=lambda f: f["when"].dt.strftime("%Y-%m-%d"))


def with_hours(frame):
    return dated(frame).assign(when=lambda f: f["when"].dt.strftime("%Y-%m-%dT%H:%M:%S"))


def zoned(frame):
    return dated(frame).assign(when=lambda f: f["when"].dt.tz_localize("Europe/Berlin"))


def periods(frame):
    return dated(frame).assign(when=lambda f: f["when"].dt.to_period("D"))


def seconds(frame):
    return frame.assign(timestamp=1_700_000_000 + 86_400 * frame["day"]).drop(columns="day")


TIMES = {
    "dates": dated,
    "ISO text": written,
    "ISO text with hours": with_hours,
    "zoned": zoned,
    "numbers": seconds,
}


@pytest.mark.parametrize("kind", [*TIMES, "periods"])
def test_classes_that_drift_in_time_are_seen(kind):
    frame = {**TIMES, "periods": periods}[kind](drifting())
    (name,) = {"when", "timestamp"} & set(frame.columns)
    findings, check = told(frame, "IMB109")
    (finding,) = findings
    tenths = (
        drifting()
        .assign(tenth=lambda f: f["day"] // 10)
        .groupby("tenth")["y"]
        .apply(lambda y: (y == "yes").mean())
    )
    low, high = (f"{share:.0%}" if share >= 0.1 else f"{share:.1%}" for share in (tenths.min(), tenths.max()))
    said = finding.message.replace(" %", "%")
    assert finding.severity == "warning"
    assert said.startswith(
        f"The share of 'yes' drifts along {name!r}, between {low} and {high} in tenths of the rows"
    )
    assert (check.columns, check.rows) == ((name,), 1000)
    assert check.share == pytest.approx(tenths.max(), abs=1e-12)


@pytest.mark.quick(1)
@pytest.mark.parametrize("kind", TIMES)
def test_the_line_of_the_cure_runs_as_typed_and_heeds_the_time(kind):
    frame = TIMES[kind](drifting())
    findings, check = told(frame, "IMB109")
    found = followed(findings[0], frame)
    assert found.scored.parts.split_by.time == check.columns[0]
    assert "IMB109" not in found.findings.codes
    day = drifting()["day"]
    days = {name: day[part.index] for name, part in found.scores.groupby("part")}
    assert days["train"].max() < days["test"].min()


def test_drift_is_the_chi_squared_test_of_scipy():
    frame = drifting()
    y = (frame["y"] == "yes").to_numpy()
    found = drift(frame["day"].to_numpy(float), y)
    table = pd.crosstab(frame["day"] // 10, y)
    assert found.p == pytest.approx(chi2_contingency(table, correction=False).pvalue, rel=1e-9)
    assert found.shares.tolist() == pytest.approx((table[True] / table.sum(axis=1)).tolist(), abs=1e-12)


def blocks_of(order):
    return pd.qcut(pd.Series(order).rank(), 10, labels=False).to_numpy()


def test_rows_that_are_copied_together_count_once():
    frame = drifting()
    order, y = frame["day"].to_numpy(float), (frame["y"] == "yes").to_numpy()
    times, rows = 5, np.arange(len(frame))
    copied = drift(np.repeat(order, times), np.repeat(y, times), kinds=np.repeat(rows, times))
    assert copied.p == pytest.approx(drift(order, y).p, rel=1e-9)


def test_equal_rows_add_what_their_pairs_in_one_block_add():
    rng = np.random.default_rng(2)
    n, order = 80, np.arange(80.0)
    kinds = np.sort(rng.integers(0, 30, n))
    kinds[::2] = rng.integers(0, 30, n // 2)
    y = rng.random(30)[kinds] < 0.4
    block, apart = blocks_of(order), y - y.mean()
    added = 0.0
    for kind in range(30):
        at = np.flatnonzero(kinds == kind)
        pairs = [(i, j) for i in at for j in at if i != j]
        if pairs:
            together = (np.mean([block[i] == block[j] for i, j in pairs]) - 0.1) / 0.9
            added += together * sum(apart[i] * apart[j] for i, j in pairs)
    inflation = 1 + added / (apart**2).sum()
    assert inflation > 1.1
    statistic = chi2_contingency(pd.crosstab(block, y), correction=False).statistic
    assert drift(order, y, kinds=kinds).p == pytest.approx(chi2.sf(statistic / inflation, 9), rel=1e-9)


def repeating(seed, n=2000, different=300):
    """Rows that come again with their day, hour and id, one with another; nothing drifts."""
    rng = np.random.default_rng(seed)
    pool = noise(seed, different).round({"a": 1, "b": 1})
    pool["seen_at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 200, different), unit="D")
    pool = pool.assign(
        timestamp=1_700_000_000 + 3600 * rng.permutation(different), case_id=rng.permutation(different) + 100
    )
    return pool, pool.sample(n, replace=True, random_state=seed, ignore_index=True)


def test_rows_that_repeat_by_nature_neither_drift_nor_belong_together():
    accused = 0
    for seed in range(4):
        pool, frame = repeating(seed)
        blocks, labels = blocks_of(frame["timestamp"]), frame["y"]
        accused += chi2_contingency(pd.crosstab(blocks, labels), correction=False).pvalue < 1e-6
        assert chi2_contingency(pd.crosstab(blocks_of(pool["timestamp"]), pool["y"])).pvalue > 1e-3
        found = imb.leaks(frame, "y")
        answers = {each.code: (each.status, each.saw) for each in found.checks}
        assert {answers[code][0] for code in ("IMB107", "IMB108", "IMB109")} == {"clear"}
        again = imb.leaks(frame.sample(frac=1, random_state=seed), "y")
        assert answers.items() >= {each.code: (each.status, each.saw) for each in again.checks[-3:]}.items()
    assert accused >= 2


def test_a_drift_of_rows_of_few_levels_is_seen():
    """Rows that are equal by chance lie together as any rows do, and take no power away."""
    frame = drifting(n=2000).assign(a=0, b=np.arange(2000) % 2)
    assert not silent(frame.assign(year=1900 + frame["day"]), "IMB109")
    assert not silent(dated(frame), "IMB109")


@pytest.mark.quick(2)
@pytest.mark.parametrize("kind", TIMES)
def test_no_drift_is_no_alarm(kind):
    for seed in range(3):
        frame = drifting(seed).assign(y=noise(seed, 1000)["y"])
        findings, check = told(TIMES[kind](frame), "IMB109")
        assert not findings
        assert check.saw.startswith("no drift along")


def test_numbers_without_a_name_of_time_and_words_are_no_time():
    frame = drifting()
    assert silent(frame.rename(columns={"day": "amount"}), "IMB109")
    assert silent(frame.rename(columns={"day": "sometimes"}), "IMB109")
    assert silent(frame.assign(day="day " + frame["day"].astype(str)), "IMB109")


@pytest.mark.parametrize(
    "name",
    [
        "lead_time",
        "wait time",
        "runTime",
        "time_to_sale",
        "time_in_hospital",
        "travel_time",
        "left_at",
        "year",
    ],
)
def test_a_duration_is_no_time(name):
    assert silent(drifting().rename(columns={"day": name}), "IMB109")


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("name", "as_written"),
    [
        ("event_time", lambda day: 1_700_000_000 + 86_400 * day),
        ("loggedAt", lambda day: 1_700_000_000_000 + 86_400_000 * day),
        ("year", lambda day: 1920 + day),
        ("month_year", lambda day: 100 * (2010 + day // 12) + day % 12 + 1),
        ("Time", lambda day: 60 * day),
    ],
)
def test_points_in_time_are_known_by_their_values(name, as_written):
    frame = drifting()
    findings, check = told(frame.drop(columns="day").assign(**{name: as_written(frame["day"])}), "IMB109")
    assert len(findings) == 1
    assert check.columns == (name,)


def test_a_birth_day_is_no_time():
    for name in ("birth_date", "date_of_birth", "DOB", "year_built"):
        assert silent(dated(drifting(), name), "IMB109")


def test_a_date_of_which_a_column_is_the_age_is_no_time():
    """All rows were taken on one day: the label follows the age, not the calendar."""
    frame = dated(drifting())
    age = (pd.Timestamp("2025-01-01") - frame["when"]).dt.days
    assert not silent(frame, "IMB109")
    assert silent(frame.assign(age=age), "IMB109")
    assert not silent(frame.assign(age=np.random.default_rng(0).permutation(age)), "IMB109")


def test_time_or_groups_that_are_given_end_the_question():
    frame = dated(drifting()).assign(who=np.arange(1000) % 50)
    for rule in ({"time": "when"}, {"groups": "who"}):
        findings, check = told(frame, "IMB109", **rule)
        assert not findings
        assert check.saw == f"{next(iter(rule))}={next(iter(rule.values()))!r} rules the split"


def test_missing_times_are_left_out():
    frame = dated(drifting())
    frame.loc[::5, "when"] = pd.NaT
    findings, check = told(frame, "IMB109")
    assert len(findings) == 1
    assert check.rows == 800
