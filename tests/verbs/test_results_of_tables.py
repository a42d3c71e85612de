"""Results of a table that is read piece by piece: figures of the rows that were drawn, at the table's shares, and said so."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from lazy_tables import ENGINES, opened, parts_of
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import imbalance_accessor as imb
from imbalance_accessor.errors import OptionError
from imbalance_accessor.metrics.bootstrap import Resamples, draws_at_most
from imbalance_accessor.metrics.calibration import calibration_line
from imbalance_accessor.metrics.counted_shares import interval_of_shares
from imbalance_accessor.metrics.figures import ClassScores, Scores
from imbalance_accessor.metrics.measure import points_of
from imbalance_accessor.metrics.weights import Weights

N, DRAWN = 6_000, 1_000
FIT = {"strategies": ["class_weight"], "max_rows": DRAWN, "progress": False}


def rows(seed: int = 0) -> pd.DataFrame:
    """Rows of two numbers with signal and a word, some 4 % of them positive, and of three classes."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, N)).round(6)
    y = (rng.random(N) < 1 / (1 + np.exp(-(1.2 * a - 4)))).astype(int)
    three = np.where(y == 1, "rare", np.where(rng.random(N) < 0.1, "some", "most"))
    return pd.DataFrame({"a": a, "b": b, "word": rng.choice(["low", "high"], N), "three": three, "y": y})


ROWS = rows()
TWO = ROWS.drop(columns="three")
POSITIVES = int(TWO["y"].sum())


@pytest.fixture(scope="module", autouse=True)
def _few_draws():
    with draws_at_most(30):
        yield


def drawn(table, target="y", most=DRAWN, **options):
    """Return the rows that a verb drew."""
    return imb.fit_eval(
        table, target, strategies=[], max_rows=most, progress=False, **options
    ).scored.parts.features.sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return parts_of(TWO, tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def table(folder):
    return opened("polars", folder)


@pytest.fixture(scope="module")
def evaluation(table):
    return imb.fit_eval(table, "y", **FIT)


@pytest.fixture(scope="module")
def in_pandas(evaluation):
    """The same rows in pandas, told the table's share by hand."""
    frame = evaluation.scored.parts.features.sample.frame
    return frame, {"prevalence": POSITIVES / N, "progress": False}


def test_a_verb_is_the_same_as_on_the_drawn_rows_at_the_share_that_a_count_gives(evaluation, in_pandas):
    frame, told = in_pandas
    assert frame["y"].value_counts().to_dict() == {0: DRAWN - POSITIVES, 1: POSITIVES}
    there = imb.fit_eval(frame, "y", strategies=["class_weight"], **told)
    chosen = [name for name in there.frame.columns if name.endswith("_cv")] + ["threshold"]
    pd.testing.assert_frame_equal(evaluation.frame[chosen], there.frame[chosen])
    assert evaluation.best == there.best


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_results(engine, folder, evaluation):
    table = opened(engine, folder)
    there = imb.fit_eval(table, "y", **FIT)
    pd.testing.assert_frame_equal(there.frame, evaluation.frame)
    for verb in (imb.leaks, imb.split, imb.smote):
        frames = [verb(each, "y").frame for each in (table, opened("polars", folder))]
        pd.testing.assert_frame_equal(*frames)


@pytest.mark.slow
def test_a_fitted_model_is_taken_as_it_is_where_no_other_share_is_asked_for(table):
    model = make_pipeline(
        ColumnTransformer([("numbers", "passthrough", ["a", "b"])]),
        LogisticRegression(class_weight="balanced"),
    ).fit(TWO.drop(columns="y"), TWO["y"])  # its probabilities are far above the table's share
    options = {"model": model, "fitted": True, "max_rows": DRAWN, "progress": False}
    t = imb.best_threshold(table, "y", **options)
    parts = imb.fit_eval(table, "y", **options).scored.parts
    drawn, y = parts.features.sample.frame["y"].mean(), parts.test.y.to_numpy()
    flagged = model.predict_proba(parts.test.X)[:, 1] >= t.value
    w = np.where(y == 1, POSITIVES / N / drawn, (1 - POSITIVES / N) / (1 - drawn))
    assert t.report.loc["chosen", "precision"] == pytest.approx(np.average(y[flagged], weights=w[flagged]))
    with pytest.raises(OptionError, match="at which share they were trained is not known"):
        imb.best_threshold(table, "y", **options, prevalence=0.1)


@pytest.mark.slow
def test_what_follows_from_it_has_the_same_figures(evaluation, in_pandas):
    frame, told = in_pandas
    there = imb.fit_eval(frame, "y", strategies=["class_weight"], test_size=0, **told)
    here = imb.fit_eval(opened_again(evaluation), "y", **FIT, test_size=0)
    points = [name for name in there.frame if not name.endswith(("_low", "_high"))]
    pd.testing.assert_frame_equal(here.frame[points], there.frame[points])
    assert here.best_threshold().value == there.best_threshold().value
    points = [name for name in there.reliability().frame if not name.endswith(("_low", "_high"))]
    pd.testing.assert_frame_equal(here.reliability().frame[points], there.reliability().frame[points])


def opened_again(evaluation):
    return evaluation.scored.parts.features.sample.table.frame


def test_intervals_know_that_the_share_of_a_table_varies(table):
    """The weight of a class's rows hangs on its share alone, which varies as a binomial does."""
    y = np.arange(1_000) < 250
    share, n = 0.01, 40_000
    factors = np.array([(1 - share) / 0.75, share / 0.25])
    there = Weights(None, factors, table_rows=n)
    drawn = Resamples(y, weights=there, stratified=True, n_draws=1_000)
    weights = np.concatenate(list(drawn.blocks()))
    found = weights[:, y].sum(axis=1) / weights.sum(axis=1)
    assert found.mean() == pytest.approx(share, rel=0.01)
    assert found.std() == pytest.approx(np.sqrt(share * (1 - share) / n), rel=0.08)
    # so does the level of probabilities that are the same in every row: of N rows by 1 / (N π (1 − π)), as of all of them
    line = calibration_line(y, np.full(1_000, share), there)
    assert line.intercept_high == pytest.approx(1.96 / np.sqrt(n * share * (1 - share)), rel=0.01)
    of_table = drawn_of(table)
    assert of_table.frame_rows == N
    assert drawn_of(table, prevalence=0.2).frame_rows is None  # a share that was given is known


@pytest.mark.slow
@pytest.mark.quick(1)
@pytest.mark.parametrize(("several", "recall"), [(False, 0.05), (False, 0.95), (True, 0.05)])
def test_shares_of_all_rows_hold_what_tables_of_one_population_have(several, recall):
    """Tables of 50,000 rows, 0.4 % of them positive, of which all negatives and half the positives are held out."""
    rng, n, share, passed = np.random.default_rng(0), 50_000, 0.004, 0.9998
    truth = {"accuracy": share * recall + (1 - share) * passed}
    truth |= {} if several else {"flag_rate": share * recall + (1 - share) * (1 - passed)}
    codes, told = np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])
    held = dict.fromkeys(truth, 0)
    for _ in range(150):
        table = rng.binomial(n, share)
        rows = n - table, table // 2
        alarms, hits = rng.binomial(rows, [1 - passed, recall])
        copies = np.array([hits, rows[1] - hits, alarms, rows[0] - alarms])
        factors = np.array([n - table, table]) / n / (np.array(rows) / sum(rows))
        weights = Weights(None, factors, copies, n)
        scores = Scores(codes == 1, flags={"": told == 1}, weights=weights)
        if several:
            scores = ClassScores(codes, np.eye(2)[told], False, ("a", "b"), weights=weights)
        shares = scores.shares(points_of(scores, weights.of(codes)[None]))
        for name, wanted in truth.items():
            low, high = interval_of_shares("wilson", shares[name])
            held[name] += low <= wanted <= high
    assert all(0.9 <= each / 150 <= 0.99 for each in held.values()), held


def drawn_of(table, **options):
    return imb.fit_eval(
        table, "y", strategies=[], max_rows=DRAWN, progress=False, test_size=0, **options
    ).scored.oof_resamples


def test_a_number_of_rows_to_flag_is_one_of_the_table(evaluation):
    t = evaluation.best_threshold(top_k=60)
    assert t.asked.objective.constraints[-1].bound == 60 / N


# ---------------------------------------------------------------- words

TAKEN = f"{POSITIVES} of {POSITIVES} positives and {DRAWN - POSITIVES} of {N - POSITIVES:,} negatives"


def flat(text: object) -> str:
    return " ".join(str(text).split())


def spoken(result, audience: str = "colleague") -> str:
    return flat(re.sub(r"\*\*", "", str(result.explain(audience=audience))))


def test_cards_say_how_many_rows_were_drawn(evaluation, table):
    for result in (evaluation, evaluation.best_threshold(), evaluation.reliability()):
        card = flat(result)
        assert f"sample {TAKEN}, weighted to the table's {100 * POSITIVES / N:.1f} %" in card
        assert "where the model is used" not in card
        assert TAKEN in result._repr_html_()
        assert f"Fitted on {TAKEN}; figures are weighted to the whole table." in spoken(result)
        assert len(spoken(result).split()) <= 90
        first, *_ = spoken(result, "interview").split(". ")
        assert first == f"I fit on {TAKEN}, and weight the figures to the whole table"
        assert all(len(each.split()) <= 22 for each in spoken(result, "interview").split(". "))


@pytest.mark.slow
def test_a_prevalence_of_the_users_own_is_said_beside_it(table):
    result = imb.fit_eval(table, "y", strategies=[], max_rows=DRAWN, prevalence=0.2, progress=False)
    card, here = flat(result), f"{100 * POSITIVES / N:.1f} %"
    assert f"sample {TAKEN} prevalence 20.0 % where the model is used; {here} in this table" in card
    assert f"Fitted on {TAKEN}. In this table {here} are y=1; where you will use it, 20.0 %." in spoken(
        result
    )
    assert "In this table" in spoken(result, "interview")


@pytest.mark.slow
def test_a_table_that_is_drawn_whole_is_a_frame(table):
    result = imb.fit_eval(table, "y", strategies=[], progress=False)
    assert f"rows all {N:,} rows of the table" in flat(result)
    there = imb.fit_eval(TWO, "y", strategies=[], progress=False)
    pd.testing.assert_frame_equal(result.frame, there.frame)


@pytest.mark.slow
def test_rows_that_are_handed_out_are_said_to_be_a_sample(table, monkeypatch):
    from imbalance_accessor.data.lazy import door

    monkeypatch.setattr(door, "MOST_ROWS", DRAWN)
    for result in (imb.split(table, "y"), imb.smote(table, "y", max_rows=DRAWN)):
        assert f"sample {TAKEN}" in flat(result)
        assert "IMB316" in result.findings.codes
        assert f"These rows are {TAKEN} of the table." in spoken(result)
    # after SMOTE classes are even, and the table's odds are what they are held against
    times = float(re.search(r"now ([\d.]+) times the real ones", spoken(result)).group(1))
    assert times == pytest.approx((N - POSITIVES) / POSITIVES, rel=0.01)
    report = imb.report(table, "y", strategies=[], max_rows=DRAWN, progress=False)
    assert f"report on {N:,} rows" in flat(report)
    assert TAKEN in flat(report)


@pytest.mark.slow
def test_of_several_classes_each_is_named(tmp_path):
    given = ROWS.drop(columns="y")
    table, rows = opened("polars", parts_of(given, tmp_path)), given["three"].value_counts()
    result = imb.fit_eval(table, "three", strategies=[], max_rows=DRAWN, progress=False)
    sample = result.scored.parts.features.sample
    for label in rows.index:
        assert f"{sample.taken[label]:,} of {rows[label]:,} rows of class '{label}'" in flat(result)
    assert result.scored.parts.features.is_of_table
    # one class against the rest: the rest is drawn as one, and keeps its shares
    sample = drawn(table, "three", pos_label="rare")
    rest = sum(sample.taken[label] for label in ("most", "some"))
    assert sample.taken["some"] / rest == pytest.approx(rows["some"] / (N - rows["rare"]), abs=0.03)
    assert f"of {N - rows['rare']:,} negatives" in flat(
        imb.fit_eval(table, "three", pos_label="rare", strategies=[], max_rows=DRAWN, progress=False)
    )


# ---------------------------------------------------------------- leaks


@pytest.fixture
def leaks_of(tmp_path, monkeypatch):
    """Look for leaks in a table, of which some rows are drawn."""

    def found(frame, most=DRAWN):
        monkeypatch.setattr("imbalance_accessor.data.lazy.door.MOST_ROWS", most)
        result = imb.leaks(opened("polars", parts_of(frame, tmp_path / str(len(frame)))), "y")
        assert result.parts.features.is_sampled
        return result

    return found


def test_a_level_that_is_only_rarer_among_sampled_negatives_gives_nothing_away(leaks_of):
    """A level of which the table has many negatives too, and the sample none."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=60_000), "y": (np.arange(60_000) % 300 == 0).astype(int)})
    lifted = rng.random(60_000) < np.where(frame["y"] == 1, 0.3, 0.0003)
    frame["word"] = np.where(lifted, "odd", rng.choice(["low", "high"], 60_000))
    found = leaks_of(frame)
    sampled = found.parts.features.sample.frame
    assert (sampled.loc[sampled["word"] == "odd", "y"] == 1).all()
    assert (frame.loc[lifted, "y"] == 1).mean() < 0.9
    assert "IMB112" not in found.findings.codes


def test_a_level_that_only_one_class_has_is_found(leaks_of):
    frame = TWO.assign(word=np.where((TWO["y"] == 1) & (TWO["a"] > 0), "known", TWO["word"]))
    assert "IMB112" in leaks_of(frame, N - 100).findings.codes


def test_what_a_sample_cannot_tell_is_not_answered(leaks_of):
    found = leaks_of(TWO)
    unknown = [check.code for check in found.checks if check.status == "cannot tell"]
    # the first for two numeric columns, as in pandas
    assert unknown == ["IMB103", "IMB104", "IMB105", "IMB108"]
    # positives that stand there twice: their copies are all drawn, those of the others are not
    twice = pd.concat([TWO, TWO[TWO["y"] == 1]]).sample(frac=1, random_state=0, ignore_index=True)
    found = leaks_of(twice)
    assert "IMB102" in [check.code for check in found.checks if check.status == "cannot tell"]
    assert "IMB104" in found.findings.codes  # twins on both sides of the split are there to see


def test_shares_along_time_are_those_of_the_table(leaks_of):
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N) // 60, unit="D")
    later = np.random.default_rng(0).random(N) < np.linspace(0.005, 0.08, N)
    frame = TWO.assign(y=later.astype(int), day=days)
    found = leaks_of(frame)
    (drift,) = [each for each in found.findings if each.code == "IMB109"]
    last = frame["y"].iloc[-N // 10 :].mean()
    said = float(re.search(r"([\d.]+) % in the last", drift.message).group(1)) / 100
    assert said == pytest.approx(last, rel=0.3)


# ---------------------------------------------------------------- fixes and code


@pytest.mark.quick(1)
@pytest.mark.parametrize("engine", ["polars", "duckdb", "dask"])
def test_a_fix_leaves_columns_out_of_the_table_itself(tmp_path, engine):
    frame = TWO.assign(**{'le"ak': TWO["y"] * 1.0 + 0.001 * TWO["b"]})
    table = opened(engine, parts_of(frame, tmp_path))
    result = imb.fit_eval(table, "y", strategies=[], max_rows=DRAWN, progress=False)
    (leak,) = [each for each in result.findings if each.code == "IMB106"]
    code = str(leak.fix)
    assert f"max_rows={DRAWN}" in code
    assert "prevalence" not in code
    *lines, _ = code.split("\n")
    space: dict[str, object] = {"df": table}
    exec("\n".join(lines), space)
    again = eval(code.split("\n")[-1], space)
    assert "IMB106" not in again.findings.codes


@pytest.mark.slow
def test_fixes_call_the_table_and_lines_of_pandas_its_sample(tmp_path, run):
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N) // 60, unit="D")
    table = opened("polars", parts_of(TWO.assign(day=day), tmp_path))
    result = imb.fit_eval(table, "y", strategies=[], max_rows=DRAWN, progress=False)
    (dates,) = [each for each in result.findings if each.code == "IMB209"]
    code = str(dates.fix)
    assert '\nlabels = df.select("y")' in code
    assert "max_rows" not in code
    assert f"prevalence={POSITIVES / N!r}" in code
    space: dict[str, object] = {"df": table, "np": np, "pd": pd, "pl": __import__("polars")}
    lines, last = code.split("\ndf.imb")
    exec(lines, space)
    again = eval(f"df.imb{last}", space)
    assert "IMB209" not in again.findings.codes
    few = imb.fit_eval(table, "y", strategies=[], max_rows=DRAWN, progress=False, test_size=0.1)
    (fix,) = [str(each.fix) for each in few.findings if each.code == "IMB401"]
    assert "max_rows=1000" in fix
    assert "prevalence" not in fix
    assert "IMB401" not in eval(fix, {"df": table}).findings.codes


def test_fixes_call_the_accessor_of_relations_too(folder):
    table = opened("duckdb", folder)
    with pytest.raises(OptionError) as error:
        imb.split(table, "y", test_size=20)
    assert str(error.value.fix) == 'df.imb.split("y", test_size=0.2)'


@pytest.mark.quick(1)
@pytest.mark.parametrize("engine", ENGINES)
def test_code_draws_the_same_rows_and_gives_the_same_figures(engine, folder, evaluation, run):
    table = opened(engine, folder)
    code = evaluation.snippet() if engine == "polars" else imb.split(table, "y").snippet()
    names = run(code, df=table)
    if engine != "polars":
        return
    found = pd.DataFrame(names["rows"]).T
    wanted = evaluation.frame.loc[found.index, "average_precision_cv"]
    assert found["average_precision_cv"].tolist() == pytest.approx(wanted.tolist(), abs=1e-12)
