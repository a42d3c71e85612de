"""Counts, weights and overview of tables: what pandas gives of the same rows, without the rows."""

from __future__ import annotations

import pickle
import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from alone import execute
from lazy_tables import ENGINES, opened, parts_of, rows_with_ids

import imbalance_accessor as imb
from imbalance_accessor import registry
from imbalance_accessor.data.lazy.tables import table_of


def labelled_rows() -> pd.DataFrame:
    """Rows with labels of several kinds, some missing, and weights."""
    rows, rng = rows_with_ids(), np.random.default_rng(1)
    words = np.where(rows["y"] == 1, "fraud", rng.choice(["ok", "it's fine"], len(rows)))
    return rows.assign(
        truth=rows["y"] == 1,
        text=pd.Series(words, dtype=object).mask(rng.random(len(rows)) < 0.01),
        holes=rows["y"].astype(float).mask(rng.random(len(rows)) < 0.02),
        several=pd.Categorical(words),
        w=rng.uniform(0.5, 3, len(rows)).round(3),
    )


ROWS = labelled_rows()
WEIGHED, USED = {"sample_weight": "w"}, {"used": True}
#: Every kind of labels, and every way of counting them.
PAIRS = [
    ("y", USED),
    ("truth", {}),
    ("truth", WEIGHED),
    ("text", {}),
    ("text", USED),
    ("holes", {}),
    ("several", WEIGHED),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return parts_of(ROWS, tmp_path_factory.mktemp("parts"))


@pytest.fixture(scope="module", params=ENGINES)
def table(request, folder):
    return opened(request.param, folder)


def options(target, **given):
    if given.pop("used", False):
        labels = ROWS[target].dropna().unique()
        given["prevalence"] = 0.01 if len(labels) == 2 else {"fraud": 0.02, "ok": 0.5, "it's fine": 0.48}
    return given


@pytest.mark.parametrize(("target", "given"), PAIRS)
def test_counts_are_those_of_pandas(table, target, given, monkeypatch):
    given = options(target, **given)
    monkeypatch.setattr(type(table_of(table)), "take", None)  # no row is asked for
    found, wanted = (imb.counts(each, target, cv=4, **given) for each in (table, ROWS))
    pd.testing.assert_frame_equal(found.frame, wanted.frame, rtol=1e-12, check_index_type=False)
    pd.testing.assert_frame_equal(found.always_majority, wanted.always_majority, rtol=1e-12)
    assert found.frame["rows"].to_dict() == Counter(ROWS[target].dropna())  # counted by Python itself
    assert str(found.explain()) == str(wanted.explain())
    assert found.findings.codes == wanted.findings.codes == (("IMB201",) if wanted.missing else ())
    assert "The rows came as a " in repr(found)


@pytest.mark.parametrize(("target", "given"), [each for each in PAIRS if each[1] is not USED])
def test_weights_are_those_of_pandas(table, target, given):
    found, wanted = (imb.weights(each, target, **given) for each in (table, ROWS))
    assert dict(found) == pytest.approx(dict(wanted), rel=1e-12)
    pd.testing.assert_frame_equal(found.frame, wanted.frame, rtol=1e-12, check_index_type=False)
    assert pickle.loads(pickle.dumps(found)).frame.equals(found.frame)


@pytest.mark.parametrize(("target", "given"), PAIRS)
def test_the_code_of_counts_lets_the_engine_count(table, target, given):
    found = imb.counts(table, target, **options(target, **given))
    assert len(str(found.snippet()).splitlines()) <= 15
    for style in ("short", "full"):
        code = str(found.snippet(style=style))
        assert "imbalance_accessor" not in code
        rows = execute(code, df=table)["rows"]
        wanted = found.frame["share"] * found.weighed.totals.sum()
        assert rows.to_dict() == pytest.approx(wanted.to_dict(), rel=1e-9)
        assert rows.is_monotonic_decreasing


@pytest.mark.parametrize(
    ("target", "library", "given"),
    [
        ("text", "sklearn", {}),
        ("truth", "keras", WEIGHED),
        ("text", "keras", {"method": "effective"}),
        ("y", "keras", {"method": "own"}),
        ("text", "keras", {"method": "own", "pos_label": "own"}),
        ("several", "sklearn", {}),
    ],
)
def test_the_code_of_weights_lets_the_engine_count(table, target, library, given):
    rare = {"y": 1, "truth": True}.get(target, "fraud")
    own = dict.fromkeys(ROWS[target].dropna().unique().tolist(), 1.0) | {rare: 7.5}
    given = {
        name: {"method": own, "pos_label": rare}[name] if value == "own" else value
        for name, value in given.items()
    }
    found = imb.weights(table, target, **given)
    for style in ("short", "full"):
        space = execute(str(found.snippet(library=library, style=style)), df=table)
        assert space["class_weight"] == pytest.approx(dict(found), rel=1e-12)
        assert list(space["class_weight"]) == list(found)
        if library == "keras" and found.target.is_binary:
            is_own = found.method == "own" and not found.target.is_one_vs_rest
            wanted = 7.5 if is_own else found.scale_pos_weight
            assert space["weight_by_code"] == {0: 1.0, 1: pytest.approx(wanted, rel=1e-12)}


def test_a_column_of_weights_is_added_by_the_engine(table):
    found = imb.weights(table, "text", sample_weight="w")
    with pytest.raises(imb.OptionError, match=f"would hold {len(ROWS):,} weights") as caught:
        _ = found.sample_weight
    code = str(caught.value).partition("Add a column: ")[2].removesuffix(".")
    imports = "import polars as pl\n" if "pl." in code else ""
    made = execute(f"{imports}made = {code}", df=table, weights=found)["made"]
    read = table_of(made).take(np.arange(len(ROWS)))
    wanted = imb.weights(ROWS, "text", sample_weight="w").sample_weight
    np.testing.assert_allclose(read["sample_weight"].to_numpy(float), wanted, rtol=1e-5)


@pytest.mark.parametrize(
    ("target", "given", "said"),
    [
        ("Y", {}, "no column of this .*Did you mean 'y'"),
        ("a", {}, "looks continuous"),
        (None, {}, "Which column|Name the target"),
        (ROWS["y"], {}, "must name a column of the .*Put the labels into the table"),
        ("y", {"pos_label": 2}, "pos_label=2 is not a label"),
        ("y", {"prevalence": 2}, "prevalence=2 must be a share"),
        ("y", {"sample_weight": "word"}, "holds text, and weights are numbers"),
        ("y", {"sample_weight": "b"}, r"is negative in 1,\d\d\d rows"),
        ("y", {"sample_weight": "a"}, r"has \d+ missing cells"),
        ("y", {"sample_weight": "y"}, "is the target"),
        ("y", {"sample_weight": "W"}, "Did you mean 'w'"),
        ("truth", {"sample_weight": "y"}, "is 0 in every row of class False"),
        ("y", {"sample_weight": ROWS["w"]}, "must name a column of the .*, not hold weights"),
    ],
)
def test_what_cannot_be_counted_is_one_sentence(table, target, given, said):
    with pytest.raises(imb.ImbalanceError, match=said) as caught:
        imb.counts(table, target, **given)
    assert "\n" not in str(caught.value)
    assert "df[" not in "".join(getattr(caught.value, "__notes__", []))  # no pandas for what is none


def test_one_label_is_refused_with_the_missing_ones_counted(folder, tmp_path):
    one = parts_of(ROWS.assign(one=pd.Series(1.0, ROWS.index).mask(ROWS.index < 100)), tmp_path)
    with pytest.raises(
        imb.TargetError, match=r"one class, 1.0, in all 2,900 labelled rows; 100 cells are missing"
    ):
        imb.counts(opened("dask", one), "one")


@pytest.fixture
def looked_at(monkeypatch):
    """Let an overview look at few rows."""
    monkeypatch.setattr(sys.modules[imb.overview.__module__], "LOOKED_AT", 400)


def test_an_overview_counts_all_rows_and_reads_columns_from_some(table, looked_at):
    found, wanted = (imb.overview(each, "holes", sample_weight="w") for each in (table, ROWS))
    pd.testing.assert_frame_equal(found.frame, wanted.frame, rtol=1e-12)
    assert dict(found.weights) == pytest.approx(dict(wanted.weights))
    assert len(found.features.X) == 400
    columns = found.columns
    assert columns["read_as"].to_dict() == wanted.columns["read_as"].to_dict()
    # all of the rare class, and some of the others, so that a mean of the sampled rows would be another one
    rows, missing = found.features.codes, found.features.X["a"].isna().to_numpy()
    shares = [missing[rows == code].mean() for code in (0, 1)]
    assert columns.loc["a", "missing_share"] == pytest.approx(
        np.average(shares, weights=found.counts.target.rows)
    )
    assert "Columns are as read from 400 sampled rows" in " ".join(repr(found).split())
    assert "IMB201" in found.findings.codes
    space = execute(str(found.snippet(style="full")), df=table)
    assert space["class_weight"] == pytest.approx(dict(found.weights))


def test_an_overview_of_a_table_is_the_same_for_every_engine(folder, looked_at):
    found = [imb.overview(opened(engine, folder), "y") for engine in ENGINES]
    for each in found[1:]:
        pd.testing.assert_frame_equal(each.columns, found[0].columns)
        assert each.next_calls == found[0].next_calls


def test_a_table_that_is_looked_at_whole_says_nothing_of_a_sample(table):
    found = imb.overview(table, "y")
    assert "sampled rows" not in repr(found)
    assert found.columns.equals(imb.overview(ROWS, "y").columns)
    assert found.next_calls
    assert all(
        call.startswith("df.imb.") and call.split("(")[0].removeprefix("df.imb.") in registry.VERBS
        for call in found.next_calls
    )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["duckdb", "dask"])
def test_the_calls_of_an_overview_run_on_the_table(folder, looked_at, engine):
    table = opened(engine, folder)
    (call,) = (each for each in imb.overview(table, "y", id="key").next_calls if "fit_eval" in each)
    assert call == 'df.imb.fit_eval("y", id="key")'
    assert eval(call, {"df": table}).frame.loc["none"].notna().any()


def test_levels_that_no_row_has_are_no_classes():
    dask = pytest.importorskip("dask.dataframe")
    rows = pd.DataFrame(
        {"y": pd.Categorical(["b", "a"] * 50 + ["b"] * 50, ["b", "a", "never"], ordered=True)}
    )
    table = dask.from_pandas(rows, npartitions=3)
    found = imb.weights(table, "y")
    assert list(execute(str(found.snippet()), df=table)["class_weight"].items()) == list(found.items())
    rows = execute(str(imb.counts(table, "y").snippet()), df=table)["rows"]
    assert rows.to_dict() == {"b": 100, "a": 50}
