"""Ids are known by what they name and how they lie; no model, no sampler and no snippet takes one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import imbalance_accessor as imb
from imbalance_accessor.data.column_kinds import sort_columns
from imbalance_accessor.data.features import read_features
from imbalance_accessor.data.ids import is_id_name, may_name_things

N = 300
RNG = np.random.default_rng(0)
SPREAD = np.sort(RNG.choice(10**6, N, replace=False))


def sorted_as(cells, name="x"):
    columns = sort_columns(pd.DataFrame({name: pd.Series(cells)}))
    return columns.kinds[name], columns.left_out.get(name, "")


@pytest.mark.parametrize(
    "name",
    [*("id", "ID", "Id", "customer_id", "customerID", "customerId", "patient id", "row-id", "EmployeeNumber"),
     *("employee_number", "patient_nbr", "invoice_no", "InvoiceNo", "account_key", "Unnamed: 0", "index", "rownum", "uuid",
       "id_customer", "user_ids", "SSN", "ticket number", "order_nr", "serial", "userid", "CUSTOMERID", "Kundennummer", "S.No.")],
)  # fmt: skip
def test_names_of_ids(name):
    assert is_id_name(name)
    assert sorted_as(SPREAD, name)[0] == "id"
    assert sorted_as(SPREAD.astype(str), name)[0] == "id"
    assert sorted_as(SPREAD / 2 + 0.25, name)[0] == "number"  # fractions name nothing


@pytest.mark.parametrize(
    "name",
    ["num", "paid", "VALID", "width", "humid", "idle", "numbers", "bid", "covid", "amount", "x", "age", 3, None, ("a", "b"), "",
     "number_of_calls", "num_calls", "keyboard", "nobody", "Casino"],
)  # fmt: skip
def test_names_of_other_things(name):
    assert not is_id_name(name)
    assert not may_name_things(name)
    assert sorted_as(SPREAD, name)[0] == "number"


@pytest.mark.parametrize("cells", [
    np.arange(N), np.arange(N)[::-1] - 40, RNG.permutation(N) + 5000, np.arange(N, dtype="uint16"),
    pd.array(np.arange(N), dtype="Int64"), np.arange(N) * 1.0,
    np.where(np.arange(N) % 60 == 0, np.nan, np.arange(N)), np.delete(np.arange(450), np.arange(0, 450, 3)),
    [str(i) for i in range(N)],
], ids=str)  # fmt: skip
def test_whole_numbers_that_count_the_rows_are_ids_whatever_their_name(cells):
    assert sorted_as(cells) == ("id", "counts the rows, like an id")


@pytest.mark.parametrize("cells", [
    2 * np.arange(N), np.arange(N) // 2, RNG.integers(0, N, N), np.arange(N) + 0.5, np.append(np.arange(N - 1), 10**6),
    np.arange(19), RNG.integers(-(2**62), 2**62, N), np.array([-(2**63), 2**63 - 1, *range(18)]),
], ids=str)  # fmt: skip
def test_other_whole_numbers_are_numbers(cells):
    assert sorted_as(cells) == ("number", "")


@pytest.mark.parametrize("as_text", [False, True])
def test_an_id_that_comes_again_is_one_for_groups(as_text):
    few = np.arange(N) % 50  # six rows each
    cells = [f"c{i}" for i in few] if as_text else few * 7
    assert sorted_as(cells, "customer_id") == ("repeated id", "an id with 50 values in 300 rows")
    assert sorted_as(cells, "customer")[0] == "repeated id"
    assert sorted_as(cells, "shop")[0] != "repeated id"
    many = np.arange(N) % 25  # twelve rows each: a code that is met again
    cells = [f"c{i}" for i in many] if as_text else many * 7
    assert sorted_as(cells, "customer_id")[0] in ("number", "category")
    frame = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in few], "z": RNG.normal(size=N), "y": np.arange(N) % 4 == 0}
    )
    (finding,) = read_features(frame, "y").findings
    assert finding.cure.endswith("groups='customer_id'.")
    ruled = read_features(frame, "y", groups="customer_id")
    assert ruled.columns.kinds["customer_id"] == "groups"
    assert "an id with" not in " ".join(each.message for each in ruled.findings)


@pytest.mark.parametrize("dtype", ["object", "str", "string", "category", "string[pyarrow]"])
@pytest.mark.parametrize("share", [1.0, 0.92])
def test_text_that_is_nearly_all_different_is_an_id(dtype, share):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    cells = pd.Series([f"C-{i if i < share * N else 0}" for i in range(N)], dtype=object).astype(dtype)
    assert sorted_as(cells) == ("id", "nearly all different, like an id")


def test_no_id_reaches_a_model_or_a_sampler_and_dropping_them_changes_nothing():
    y = np.arange(N) % 5 == 0
    frame = pd.DataFrame(RNG.normal(size=(N, 2)) + y[:, None], columns=["a", "b"]).assign(
        row=np.arange(N),
        EmployeeNumber=SPREAD,
        name=[f"n{i}" for i in range(N)],
        visit=[f"v{i % 60}" for i in range(N)],
    )
    frame = frame.rename(columns={"visit": "visit_id"}).assign(y=y)
    ids = ["row", "EmployeeNumber", "name", "visit_id"]
    (finding,) = [each for each in imb.smote(frame, "y").findings if each.code == "IMB202"]
    assert all(repr(name) in finding.message for name in ids)
    assert "categor" not in finding.cure
    made, without = imb.smote(frame, "y"), imb.smote(frame.drop(columns=ids), "y")
    pd.testing.assert_frame_equal(made.X_train, without.X_train)
    options = {"strategies": ["none", "smote"], "cv": 2, "n_jobs": 1, "progress": False}
    found, kept = imb.fit_eval(frame, "y", **options), imb.fit_eval(frame.drop(columns=ids), "y", **options)
    pd.testing.assert_frame_equal(found.frame, kept.frame)
    assert list(found.model("none")[0].transform(frame).columns) == ["a", "b"]


def test_dropping_ids_as_it_is_advised_clears_the_note():
    df = pd.DataFrame(
        {
            "a": RNG.normal(size=N),
            "row": np.arange(N),
            "who": [f"n{i}" for i in range(N)],
            "y": np.arange(N) % 5 == 0,
        }
    )
    (finding,) = read_features(df, "y").findings
    names = {"df": df}
    exec(finding.fix.lines, names)
    assert list(names["df"].columns) == ["a", "y"]
    assert read_features(names["df"], "y").findings == ()
