"""Frames of other libraries: each verb says the same of them as of pandas, and its code begins with the line that makes it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from alone import execute

import imbalance_accessor as imb
from imbalance_accessor.data import lines
from imbalance_accessor.data.frames import column_names, in_pandas, is_foreign, made_pandas

QUICK = {"cv": 2, "n_jobs": 1, "progress": False}
VERBS = {
    "overview": {},
    "counts": {},
    "weights": {},
    "split": {},
    "smote": {"impute": True},
    "leaks": {},
    "fit_eval": {"strategies": ["smote"], **QUICK},
    "best_threshold": QUICK,
    "reliability": {"calibrators": ["prior"], **QUICK},
}


def polars_of(frame):
    return pytest.importorskip("polars").from_pandas(frame)


def arrow_of(frame):
    return pytest.importorskip("pyarrow").Table.from_pandas(frame, preserve_index=False)


MADE = {"polars": polars_of, "pyarrow": arrow_of}


@pytest.mark.quick(6)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("library", MADE)
def test_a_verb_says_the_same(library, verb):
    df = imb.make_churn(300, 0.2)
    given = MADE[library](df)
    own, found = (getattr(imb, verb)(data, "churn", **VERBS[verb]) for data in (df, given))
    pd.testing.assert_frame_equal(found.frame, own.frame)
    assert found.findings.codes == own.findings.codes
    assert "df = df.to_pandas()\n" in found.snippet()
    if df["payment_method"].dtype != object:  # an object may be None there and nan here, which takes lines
        assert found.snippet().replace("df = df.to_pandas()\n", "").split() == own.snippet().split()
    execute(found.snippet(), df=given)
    assert f"The rows came as a {library} {type(given).__name__}." in found._repr_html_()
    assert "rows came as" not in own._repr_html_()


def test_labels_weights_and_a_test_frame_come_along():
    df = imb.make_churn(300, 0.2).assign(w=np.arange(300) % 3 + 1.0)
    given, test = polars_of(df), polars_of(df.tail(80))
    own = df.imb.fit_eval("churn", test=df.tail(80), sample_weight="w", strategies=[], **QUICK)
    found = given.imb.fit_eval("churn", test=test, sample_weight="w", strategies=[], **QUICK)
    pd.testing.assert_frame_equal(found.frame, own.frame)
    assert "df = df.to_pandas()\ntest = test.to_pandas()\n" in found.snippet()
    beside = given.drop("churn", "w").imb.counts(given["churn"], sample_weight=given["w"])
    pd.testing.assert_frame_equal(beside.frame, df.imb.counts("churn", sample_weight="w").frame)
    space = execute(beside.snippet(), df=given, y=given["churn"], sample_weight=given["w"])
    assert space["y"].equals(df["churn"])
    pd.testing.assert_frame_equal(given["churn"].imb.counts().frame, df["churn"].imb.counts().frame)


def test_what_a_result_hands_out_takes_them():
    df = imb.make_churn(300, 0.2)
    t = df.imb.best_threshold("churn", **QUICK)
    for made in MADE.values():
        given = made(df)
        assert t.apply(given).tolist() == t.apply(df).tolist()
        assert t.model().predict(given).tolist() == t.model().predict(df).tolist()


def test_a_fix_begins_with_the_line():
    given = polars_of(imb.make_churn(300, 0.2))
    with pytest.raises(imb.errors.TargetError) as caught:
        given.imb.counts("chrun")
    assert '    df = df.to_pandas()\n    df.imb.counts("churn")' in "\n".join(caught.value.__notes__)


@pytest.mark.parametrize("library", MADE)
def test_the_line_does_what_is_done(library):
    given = MADE[library](imb.make_churn(60, 0.2))
    read = in_pandas(["data", "target"], (given, "churn"), {})
    space = {"df": given, "pd": pd}
    exec(read.lines[0], space)
    pd.testing.assert_frame_equal(space["df"], read.args[0])


def test_without_pyarrow_polars_are_made_pandas_all_the_same(monkeypatch):
    given = polars_of(imb.make_churn(60, 0.2).drop(columns="signup_date"))
    monkeypatch.setattr(lines, "find_spec", lambda name: None)
    read = in_pandas(["data", "target"], (given, given["churn"]), {})
    assert read.lines == (
        "df = pd.DataFrame(df.to_dict(as_series=False))",
        "y = pd.Series(y.to_list(), name=y.name)",
    )
    frame, y = read.args
    assert frame["age"].tolist() == given["age"].to_list()
    assert (y.name, y.tolist()) == ("churn", given["churn"].to_list())
    assert imb.counts(given, "churn").snippet().startswith("import pandas as pd\n\ndf = pd.DataFrame(")


def test_cells_that_cannot_be_converted_are_one_sentence():
    polars = pytest.importorskip("polars")
    given = polars.DataFrame({"y": [0, 1] * 10, "a": range(20)})

    class Broken(type(given)):
        def to_pandas(self, *_, **__):
            raise TypeError("no such type")

    Broken.__module__ = "polars.dataframe"
    with pytest.raises(
        imb.FeatureError, match=r"polars Broken .* TypeError: no such type\. Cast that column, or drop it"
    ):
        imb.counts(Broken(given), "y")


def test_what_is_no_frame_stays_as_it_is():
    for value in ("churn", 3, None, [1, 2], np.arange(3), pd.Series([1])):
        assert not is_foreign(value)
        assert made_pandas(value) is value
        assert column_names(value) == []
    assert column_names(arrow_of(pd.DataFrame({"a": [1], "b": [2]}))) == ["a", "b"]


def test_a_frame_of_ours_stays_as_it_was():
    given = polars_of(imb.make_churn(100, 0.2))
    before = given.clone()
    given.imb.fit_eval("churn", strategies=["smote"], **QUICK)
    assert given.equals(before)


#: What is imported first, and what polars' frames are asked for then.
_ORDERS = {
    "only looked up": "import imbalance_accessor, importlib.util\nimportlib.util.find_spec('polars')\nimport polars as pl",
    "the package twice": (
        "import sys, warnings, imbalance_accessor\nwarnings.simplefilter('ignore')  # pandas warns\n"
        "for name in [each for each in sys.modules if each.startswith('imbalance')]:\n    del sys.modules[name]\n"
        "import imbalance_accessor\nimport polars as pl"
    ),
    "polars failed first": (
        "import sys, imbalance_accessor\nsys.modules['polars.api'] = None\n"
        "try:\n    import polars\nexcept ImportError:\n    pass\n"
        "for name in [each for each in sys.modules if each.startswith('polars')]:\n    del sys.modules[name]\n"
        "import polars as pl"
    ),
    "polars first": "import polars as pl\nimport imbalance_accessor",
    "polars later": "import imbalance_accessor\nimport polars as pl",
    "reloaded": "import importlib, imbalance_accessor\nimportlib.reload(imbalance_accessor)\nimport polars as pl",
    "polars alone later": "import imbalance_accessor\nimport polars.selectors\nimport polars as pl",
}
_ASKED = """
import sys
frame = pl.DataFrame({"a": range(40), "y": [0] * 30 + [1] * 10})
print(frame.imb.counts("y").minority, frame["y"].imb.counts().minority, hasattr(frame.lazy(), "imb"))
ours = [each.module for each in sys.meta_path if type(each).__module__.startswith("imbalance")]
print([each for each in ours if each == "polars"])
print(type(pl.__spec__.loader).__name__)
"""


@pytest.mark.slow
@pytest.mark.parametrize("order", _ORDERS)
def test_imb_is_there_whichever_library_comes_first(order):
    pytest.importorskip("polars")
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", _ORDERS[order] + _ASKED],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["1 1 True", "[]", "SourceFileLoader"], done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "polars",
    [
        "sys.modules['polars'] = None",
        "sys.modules['polars'] = types.ModuleType('polars')",
        "sys.path.insert(0, '.'); import polars; assert not hasattr(polars, 'DataFrame')",
    ],
)
def test_something_else_of_that_name_is_left_alone(polars, tmp_path):
    (tmp_path / "polars").mkdir()
    (tmp_path / "polars" / "__init__.py").touch()
    code = f"import sys, types\n{polars}\nimport imbalance_accessor as imb\nprint(imb.make_churn(50).imb)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout.startswith("df.imb: 50 rows"), done.stderr


def test_two_columns_of_one_name_are_said_as_ever():
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table([[1, 2] * 30, [0] * 48 + [1] * 12, [1, 2] * 30], names=["a", "y", "a"])
    with pytest.raises(imb.FeatureError, match="unique"):
        imb.split(table, "y")


def test_labels_are_not_read_twice_and_a_second_frame_is_none():
    given = polars_of(imb.make_churn(60, 0.2))
    y = given["churn"]
    for call in (lambda: y.imb.counts(y), lambda: given.imb.counts(given, "churn")):
        with pytest.raises(imb.ImbalanceError) as caught:
            call()
        fix = "\n".join(caught.value.__notes__)
        assert fix.count("to_pandas()") == 1


def test_a_lazy_frame_does_not_know_its_rows():
    lazy = polars_of(imb.make_churn(60, 0.2)).lazy()
    assert repr(lazy.imb).startswith(
        "df.imb: a table whose rows its engine counts; models are fitted on a sample. What"
    )


@pytest.mark.slow
@pytest.mark.parametrize("first", ["imbalance_accessor", "dask.dataframe"])
def test_imb_is_on_frames_of_dask_whichever_comes_first(first):
    pytest.importorskip("dask.dataframe")
    code = (
        f"import {first}, imbalance_accessor as imb, sys\nprint({first == 'dask.dataframe'} or 'dask' not in sys.modules)\n"
        "import dask.dataframe as dd\nprint(dd.from_pandas(imb.make_churn(50), npartitions=2).imb.counts('churn').minority)\n"
        "print(repr(dd.from_pandas(imb.make_churn(50), npartitions=2).imb)[:20])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["True", "yes", "df.imb: a table whos"], done.stderr


def test_a_name_that_is_taken_stays_taken():
    pytest.importorskip("polars")
    code = (
        "import polars as pl\npl.api.register_dataframe_namespace('imb')(lambda df: 'mine')\n"
        "import imbalance_accessor\nprint(pl.DataFrame().imb)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "mine\n"


@pytest.mark.slow
def test_importing_the_package_imports_none_of_them():
    code = "import sys, imbalance_accessor\nprint({'polars', 'narwhals', 'pyarrow', 'dask'} & set(sys.modules) - set(before))"
    code = "import sys, pandas\nbefore = list(sys.modules)\n" + code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
