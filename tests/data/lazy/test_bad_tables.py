"""Tables that cannot be read, have no order, or hold odd labels: one sentence that says what to do, and nothing left open."""

from __future__ import annotations

import importlib
import sys
import threading

import numpy as np
import pandas as pd
import pytest
from alone import execute
from lazy_tables import ENGINES, opened, parts_of, rows_with_ids

import imbalance_accessor as imb
from imbalance_accessor.data.lazy.labels import count_labels
from imbalance_accessor.data.lazy.sample import draw_sample
from imbalance_accessor.data.lazy.tables import rows_of_piece, table_of
from imbalance_accessor.rendering.snippets.reading import read_first
from imbalance_accessor.rendering.snippets.writer import Snippet

ROWS = rows_with_ids(900, 30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return parts_of(ROWS, tmp_path_factory.mktemp("parts"))


def sample_of(given, target="y", *, id=None, most=100):
    table = table_of(given)
    return draw_sample(table, count_labels(table, target, None), most=most, seed=0, id=id)


def of(engine, frame, folder):
    return opened(engine, parts_of(frame, folder / "odd"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_that_is_no_column(engine, folder):
    with pytest.raises(imb.FeatureError, match=r"^'Y_' is no column of this .*\. Did you mean 'y'\?$"):
        sample_of(opened(engine, folder), "Y_")
    with pytest.raises(imb.FeatureError, match=r"^'nam' is no column of this .*\. Did you mean 'name'\?$"):
        sample_of(opened(engine, folder), id="nam")


@pytest.mark.parametrize(
    ("id", "said"),
    [
        (
            "word",
            r"names several rows: 'high' stands more than once\. Name a column that differs in every row\.$",
        ),
        ("b", r"holds floating, and ids are whole numbers or text\. Cast it, or name another column\.$"),
        (
            "a",
            r"has missing cells, and each row needs an id\. Leave those rows out, or name another column\.$",
        ),
        ("y", r"is the target\. Name a column that differs in every row\.$"),
    ],
)
def test_a_column_that_identifies_no_row(id, said, folder):
    with pytest.raises(imb.FeatureError, match=f"^id='{id}' {said}"):
        sample_of(opened("polars", folder), id=id)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_part_that_is_no_parquet_file(engine, tmp_path):
    parts_of(ROWS, tmp_path)
    last = tmp_path / "part2.parquet"
    last.write_bytes(last.read_bytes()[:200])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(imb.FeatureError) as caught:
        sample_of(opened(engine, tmp_path))
    said = str(caught.value)
    assert "could not be read" in said
    assert said.endswith(f"Mend what is named there: {engine} alone fails alike.")
    assert "\n" not in said
    assert sorted(tmp_path.iterdir()) == before


def breaking(engine, folder):
    """Return a table whose last rows raise when they are read."""
    given = opened(engine, folder)
    if engine == "polars":
        pl = importlib.import_module("polars")
        return given.with_columns(
            y=pl.when(pl.col("key") == ROWS["key"].iloc[-1]).then("name").otherwise("y").cast(int)
        )
    if engine == "duckdb":
        cell = f"case when key = {ROWS['key'].iloc[-1]} then name else y::varchar end"
        return given.project(f"* exclude (y), cast({cell} as int) as y")
    return given.map_partitions(_raising, meta=given._meta)


def _raising(part):
    if ROWS["key"].iloc[-1] in part["key"].to_numpy():
        raise ValueError("Conversion of é failed")
    return part


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_in_the_middle_of_a_pass_is_one_sentence(engine, folder):
    table = table_of(breaking(engine, folder))
    with pytest.raises(
        imb.FeatureError, match=r"(?i)could not be read: \w+: .*conver.*é.* alone fails alike\.$"
    ):
        list(table.mapped(_length, ["y"]))
    assert table_of(opened(engine, folder)).count("y").sum() == len(ROWS)


def _length(piece, first):
    return len(piece)


class Interrupted:
    """Stops at the second piece, as Ctrl-C does."""

    def __init__(self):
        self.seen = 0

    def __call__(self, piece, first):
        self.seen += 1
        if self.seen == 2:
            raise KeyboardInterrupt
        return len(piece)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_ctrl_c_in_a_pass_leaves_nothing_running(engine, folder, monkeypatch):
    table = table_of(opened(engine, folder))
    monkeypatch.setattr(importlib.import_module(type(table).__module__), "rows_of_piece", lambda *_: 100)
    threads = threading.active_count()
    interrupted = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        list(table.mapped(interrupted, ["y", "a"]))
    assert interrupted.seen == 2
    assert threading.active_count() <= threads
    assert table.count("y").sum() == len(ROWS)  # a connection with an open result answers nothing


def test_a_library_that_is_missing_is_named(folder, monkeypatch):
    given = opened("duckdb", folder)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        imb.FeatureError, match=r"cannot be read without pyarrow\. Install it: python -m pip install pyarrow"
    ):
        sample_of(given)


@pytest.mark.parametrize("missing", ["pyarrow", "collect_batches"])
def test_polars_without_what_newer_releases_or_arrow_bring(missing, folder, monkeypatch):
    wanted = sample_of(opened("polars", folder))
    if missing == "pyarrow":
        monkeypatch.setattr(
            importlib.import_module("imbalance_accessor.data.lines"), "find_spec", lambda name: None
        )
    else:
        monkeypatch.delattr(importlib.import_module("polars").LazyFrame, "collect_batches", raising=False)
    found = sample_of(opened("polars", folder))
    assert found.frame.astype(wanted.frame.dtypes).equals(wanted.frame)
    space = execute(read_first(Snippet(""), found.lines), df=opened("polars", folder))
    pd.testing.assert_frame_equal(space["df"], found.frame)


def test_pieces_are_bounded_by_their_cells():
    assert rows_of_piece(["y"]) == 500_000
    assert rows_of_piece(range(1_000)) == 5_000
    assert rows_of_piece(range(1_000), texts=1_000) == 500


@pytest.mark.quick(1)
@pytest.mark.parametrize("steps", ["group_by", "join", "unique"])
def test_rows_of_polars_without_an_order_need_an_id(steps, folder):
    lf = opened("polars", folder)
    pl = importlib.import_module("polars")
    given = {
        "group_by": lambda: lf.group_by("key").agg(pl.all().first()),
        "join": lambda: lf.join(lf.select("key"), on="key"),
        "unique": lambda: lf.unique("key"),
    }[steps]()
    with pytest.raises(
        imb.FeatureError, match=r"no order after .*Name a column that identifies a row: id=, or sort"
    ):
        sample_of(given)
    assert sample_of(given, id="key").frame.equals(sample_of(lf, id="key").frame)
    assert sample_of(given.sort("key")).taken == {0: 70, 1: 30}


@pytest.mark.quick(1)
@pytest.mark.parametrize("steps", ["group by", "join", "distinct"])
def test_rows_of_duckdb_without_an_order_need_an_id(steps, folder):
    given = opened("duckdb", folder)
    duckdb = importlib.import_module("duckdb")
    made = {
        "group by": "select key, any_value(y) as y, any_value(a) as a from given group by key",
        "join": "select given.* from given join (select key as other from given) on key = other",
        "distinct": "select distinct key, a, y from given",
    }[steps]
    made = duckdb.sql(made)
    with pytest.raises(
        imb.FeatureError, match=r"no order after .*Name a column that identifies a row: id=, or sort"
    ):
        sample_of(made)
    wanted = sample_of(given, id="key").frame
    assert sample_of(made, id="key").frame[["a", "y"]].equals(wanted[["a", "y"]])
    assert sample_of(made.order("key")).taken == {0: 70, 1: 30}


@pytest.mark.slow
def test_rows_of_dask_without_an_order_need_an_id(folder):
    given = opened("dask", folder)
    made = given.merge(given[["key"]], on="key")
    if hasattr(made, "expr"):
        with pytest.raises(imb.FeatureError, match="no order after a join"):
            sample_of(made)
    assert sample_of(made, id="key").frame.equals(sample_of(given, id="key").frame)
    assert sample_of(given.set_index("key")).taken == {0: 70, 1: 30}  # which sorts


def test_what_follows_from_a_scan_keeps_its_order(folder, tmp_path):
    lf = opened("polars", folder)
    pl = importlib.import_module("polars")
    ROWS.to_csv(tmp_path / "rows.csv", index=False)
    assert sample_of(pl.scan_csv(tmp_path / "rows.csv")).places.tolist() == sample_of(lf).places.tolist()
    filtered = lf.filter(pl.col("b") > 0).with_columns(c=pl.col("a") * 2)
    assert sample_of(filtered).frame["c"].equals(sample_of(filtered).frame["a"] * 2)
    assert sample_of(pl.concat([lf, lf])).labels.rows.tolist() == [1_740, 60]


def test_rows_that_differ_when_they_are_read_again_are_refused(folder):
    lf = opened("polars", folder)
    pl = importlib.import_module("polars")
    rng = np.random.default_rng(0)

    def turned(frame):
        return frame.with_columns(pl.Series("y", rng.permutation(frame["y"].to_numpy())))

    with pytest.raises(
        imb.FeatureError, match=r"gave other rows when it was read again .* Write it to files first"
    ):
        sample_of(lf.map_batches(turned))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["target", "groups", "sample_weight", "id", "scores"])
def test_cells_that_are_not_read_yet_name_no_column(engine, name, folder):
    table = opened(engine, folder)
    cells = {
        "polars": lambda: importlib.import_module("polars").col("y"),
        "duckdb": lambda: table.project("y"),
        "dask": lambda: table["y"],
    }[engine]()
    verb = imb.best_threshold if name == "scores" else imb.leaks
    for data in (table, ROWS):
        with pytest.raises(
            imb.OptionError, match=rf"^{name}= is a \S+ \S+, whose cells are not here\. Name a"
        ):
            verb(data, **{"target": "y", name: cells})


def test_ids_do_not_help_where_other_rows_are_read_again(folder):
    lf, pl = opened("polars", folder), importlib.import_module("polars")
    rng = np.random.default_rng(0)
    halved = lf.map_batches(lambda frame: frame.filter(pl.Series(rng.random(len(frame)) < 0.5)))
    with pytest.raises(imb.FeatureError, match=r"gave other rows .*\. Write it to files first\.$"):
        sample_of(halved, id="key")


def test_relations_of_a_connection_that_is_closed_or_keeps_no_order_or_has_tables_of_any_name(folder):
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as own:
        own.execute(
            f"create table rows as select * from '{folder}/*.parquet' order by key; create table kept as from rows"
        )
        relation = own.table("rows")
        assert sample_of(relation).frame.equals(sample_of(opened("duckdb", folder).order("key")).frame)
        own.execute("set preserve_insertion_order = false")
        with pytest.raises(imb.FeatureError, match="no order after SET preserve_insertion_order = false, so"):
            sample_of(relation)
        assert len(sample_of(relation.order("key")).frame) == 100
    with pytest.raises(imb.FeatureError, match=r"could not be read: .*[Cc]onnection.* alone fails alike\.$"):
        imb.counts(relation, "y")


#: What labels may be, by what they are made of; and how a class is called then.
_LABELS = {
    "truths": lambda y: y == 1,
    "truths, some missing": lambda y: (y == 1).astype("boolean").where(ROWS["b"] > -1),
    "text": lambda y: y.map({0: "no", 1: '"; import os'}),
    "categories": lambda y: y.map({0: "no", 1: "yes"}).astype("category"),
    "missing in the first parts": lambda y: y.astype("Int64").where(ROWS.index > 500),
}


@pytest.mark.quick(5)
@pytest.mark.parametrize("labels", _LABELS)
@pytest.mark.parametrize("engine", ENGINES)
def test_labels_of_any_kind(engine, labels, tmp_path):
    y = _LABELS[labels](ROWS["y"])
    sample = sample_of(of(engine, ROWS.assign(y=y), tmp_path))
    counted = y.value_counts()
    assert sample.rows == {label: int(rows) for label, rows in counted.items()}
    assert sample.labels.missing == y.isna().sum()
    assert sum(sample.taken.values()) == 100
    assert {type(label) for label in sample.taken} == {type(label) for label in counted.index.tolist()}
    assert {type(label) for label in sample.frame["y"].tolist()} == {type(label) for label in sample.taken}
    drawn = y.iloc[sample.places].reset_index(drop=True)
    assert (sample.frame["y"].astype(object) == drawn.astype(object)).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_names_of_any_kind(engine, tmp_path):
    odd = {"y": '"; import os', "a": "place", "b": "PLACE_", "word": "*", "key": "^b.*$"}
    found = sample_of(of(engine, ROWS.rename(columns=odd), tmp_path), odd["y"], id=odd["key"])
    wanted = sample_of(of(engine, ROWS, tmp_path), id="key")
    assert found.frame.equals(wanted.frame.rename(columns=odd))
    assert sample_of(of(engine, ROWS.rename(columns={"y": "*"}), tmp_path), "*").taken == {0: 70, 1: 30}


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (lambda y: y * 0, r"^'y' has one class, 0, in all 900 labelled rows\."),
        (
            lambda y: y.astype(float) * np.nan,
            r"^'y' has no labels: all 900 cells are missing\. Name another column\.$",
        ),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_labels_of_no_or_one_class(engine, y, said, tmp_path):
    with pytest.raises(imb.TargetError, match=said):
        sample_of(of(engine, ROWS.assign(y=y(ROWS["y"])), tmp_path))


def test_a_table_without_rows_says_so(tmp_path):
    with pytest.raises(imb.TargetError, match=r"^'y' has no rows\. Pass a table that holds some\.$"):
        sample_of(of("polars", ROWS.iloc[:0], tmp_path))


class TestDask:
    """Frames of Dask, whose partitions may be anything."""

    @pytest.fixture()
    def given(self, folder):
        return opened("dask", folder)

    @pytest.mark.parametrize("column", ["a", "y"])
    def test_a_column_of_text_in_one_partition_and_numbers_in_another(self, given, column):
        made = given.map_partitions(_with_text, column, meta=given._meta)
        with pytest.raises(
            imb.FeatureError,
            match=rf"^'{column}' of this Dask DataFrame holds numbers in one partition, text in another\. Give it one type",
        ):
            sample_of(made)
        given = made.astype({column: str})
        assert sum(sample_of(given).taken.values()) >= 99

    def test_unknown_categories(self, given):
        made = given.assign(word=given["word"].astype("category"), y=given["y"].astype("category"))
        assert sample_of(made).frame["word"].astype(str).equals(sample_of(given).frame["word"].astype(str))

    @pytest.mark.parametrize("parts", ["one", "some empty"])
    def test_partitions_of_any_size(self, given, parts):
        made = given.repartition(npartitions=1)
        if parts == "some empty":
            made = importlib.import_module("dask.dataframe").concat(
                [given[given["key"] > 1e9], given, given[given["key"] > 1e9]]
            )
        assert sample_of(made).frame.equals(sample_of(given).frame)

    def test_names_that_are_no_text(self):
        dd = pytest.importorskip("dask.dataframe")
        frame = ROWS.rename(columns={"a": 0, "b": ("x", 1)})
        sample = sample_of(dd.from_pandas(frame, npartitions=3, sort=False))
        pd.testing.assert_series_equal(sample.frame[0], frame[0].iloc[sample.places].reset_index(drop=True))


def _with_text(part, column):
    return part.assign(**{column: "x"}) if len(part) > 350 else part


def test_releases_of_duckdb_that_give_wrong_cells_are_refused(folder, monkeypatch):
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.setattr(duckdb, "__version__", "1.4.1")
    table = table_of(opened("duckdb", folder))
    with pytest.raises(imb.FeatureError, match=r"DuckDB 1\.4\.1 returns wrong cells .*'duckdb>=2'"):
        table.computed(len, ["a"], {"flag": "bool"})
