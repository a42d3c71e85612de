"""Files in the magic: a folder or a pattern of them is scanned where a library can, and read where none can."""

from __future__ import annotations

import pandas as pd
import pytest
from IPython.core.error import UsageError
from lazy_tables import parts_of, rows_with_ids
from magic_shell import Shell

import imbalance_accessor as imb
from imbalance_accessor.ipython import files
from imbalance_accessor.ipython.completion import complete
from imbalance_accessor.ipython.magic import run_line

ROWS = rows_with_ids()


def executed(code):
    space = {}
    exec(code, space)
    return space


#: What the rows come as, by the libraries that scan files; None: pandas.
CAME_AS = {"polars": "polars LazyFrame", "duckdb": "DuckDB relation", None: ""}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow", exc_type=ImportError)
    monkeypatch.chdir(tmp_path)
    parts_of(ROWS, tmp_path / "events")
    (tmp_path / "texts").mkdir()
    for place, first in enumerate(range(0, len(ROWS), 1_000)):
        ROWS.iloc[first : first + 1_000].to_csv(f"texts/part{place}.csv", index=False)
    return tmp_path


@pytest.fixture(params=CAME_AS)
def scanner(request, monkeypatch):
    """Let one library be installed of those that scan files."""
    if request.param is not None:
        pytest.importorskip(request.param)
    found = files.find_spec
    monkeypatch.setattr(files, "find_spec", lambda name: found(name) if name == request.param else None)
    return request.param


@pytest.mark.parametrize("word", ['"events/*.parquet"', "events", "events/", "texts", '"texts/part?.csv"'])
def test_files_are_one_frame(folder, scanner, word):
    shell = Shell()
    found = run_line(shell, f"counts {word} y --snippet -o kept")
    pd.testing.assert_frame_equal(found.frame, imb.counts(ROWS, "y").frame)
    assert found._call.came_as == CAME_AS[scanner]
    assert shell.user_ns["kept"] is found
    rows = executed(shell.next[0])["rows"]
    assert rows.to_dict() == ROWS["y"].value_counts().to_dict()


def test_the_code_begins_with_the_line_that_scans_them(folder, monkeypatch):
    pytest.importorskip("polars")
    shell = Shell()
    run_line(shell, 'counts "events/*.parquet" y --snippet')
    assert shell.next[0].startswith('import polars as pl\n\ndf = pl.scan_parquet("events/*.parquet")\n')


@pytest.mark.slow
def test_models_are_fitted_on_files(folder, scanner):
    shell = Shell()
    found = run_line(shell, "fit_eval events y --strategies none --id key --snippet")
    wanted = imb.fit_eval(ROWS.sort_values("key"), "y", strategies=("none",), id="key")
    if scanner is None:
        wanted = imb.fit_eval(ROWS, "y", strategies=("none",), id="key")
    pd.testing.assert_frame_equal(found.frame, wanted.frame, check_index_type=False)
    executed(shell.next[0])


def test_folders_that_name_a_column_give_it(folder, scanner):
    for day in (1, 2):
        (folder / "days" / f"day={day}").mkdir(parents=True)
        ROWS.iloc[day - 1 :: 2].to_parquet(folder / "days" / f"day={day}" / "part.parquet", index=False)
    found = run_line(Shell(), "overview days y")
    assert "day" in found.columns.index
    assert found.counts.target.labelled == len(ROWS)


def test_a_large_file_is_scanned_and_a_small_one_read(folder, monkeypatch):
    pytest.importorskip("polars")
    assert run_line(Shell(), "counts events/part1.parquet y")._call.came_as == ""
    monkeypatch.setattr(files, "_LARGE", 10)
    assert run_line(Shell(), "counts events/part1.parquet y")._call.came_as == "polars LazyFrame"
    assert run_line(Shell(), "counts texts/part1.csv y")._call.came_as == "polars LazyFrame"


def test_a_variable_comes_before_files_of_its_name(folder):
    frame = ROWS.head(500)
    shell = Shell(events=frame)
    assert run_line(shell, "counts events y").target.labelled == 500


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'counts "nothing/*.parquet" y',
            r"'nothing/\*\.parquet' matches no file; looked for in .*give the whole path",
        ),
        ("counts bare y", "The folder 'bare' holds no Parquet or CSV file. Name the folder that does"),
        ("counts broken y", r"'broken/\*\.parquet' could not be read: .*\. Check that each file is Parquet"),
        (
            "counts broken/part.parquet y",
            r"'broken/part\.parquet' could not be read: .*\. Check that it is Parquet",
        ),
        ("counts events z", "'z' is (no column|not a column) of this"),
        ("counts events", r"Which column is the target\?"),
        ("counts events y --pos-label 7", "pos_label=7 is not a label of 'y'"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(folder, scanner, line, said):
    (folder / "bare").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "part.parquet").write_text("a, b")
    with pytest.raises(UsageError, match=said) as caught:
        run_line(Shell(), line)
    assert str(caught.value).partition("\nFix:")[0].count("\n") == 0


def test_the_reader_of_parquet_is_named_where_it_is_missing(folder, monkeypatch):
    def none(*_, **__):
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(files, "find_spec", lambda _: None)
    monkeypatch.setattr(pd, "read_parquet", none)
    with pytest.raises(
        UsageError, match=r"needs pyarrow .*python -m pip install 'imbalance_accessor\[parquet\]'"
    ):
        run_line(Shell(), "counts events y")


def test_a_fix_is_the_line_with_its_files(folder, scanner):
    with pytest.raises(UsageError) as caught:
        run_line(Shell(), 'counts "events/*.parquet" y --prevalence 2')
    line = str(caught.value).partition("Fix:\n")[2].strip().removeprefix("%imbalance ")
    assert run_line(Shell(), line).accuracy_always_majority == pytest.approx(0.98)


def test_a_lazy_frame_of_ones_own_has_its_columns_at_a_tab_and_is_not_read(folder):
    polars = pytest.importorskip("polars")
    lazy = polars.scan_parquet("events/*.parquet")
    names = {"lazy": lazy, "broken": polars.LazyFrame({"a": [1]}).map_batches(lambda _: 1 / 0)}
    assert complete("%imbalance counts ", names)[1] == ["lazy", "broken", "demo"]
    assert complete("%imbalance counts lazy ", names)[1] == list(ROWS.columns)
    assert complete("%imbalance counts lazy y --pos-label ", names)[1][:1] == ["--prevalence"]
    assert complete("%imbalance counts broken a --pos-label ", names) is not None
    assert complete('%imbalance counts "events/*.parquet" ', names)[1][:1] == ["--pos-label"]
    assert complete("lazy.imb.fit", names)[1] == ["fit_eval"]
    assert run_line(Shell(lazy=lazy), "counts lazy y").target.labelled == len(ROWS)
