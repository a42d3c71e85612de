"""Columns, labels, names and indexes of every kind that a new data set may bring, made from a seed."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Hashable
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

Rng = np.random.Generator
HAS_ARROW = find_spec("pyarrow") is not None
DAY = pd.Timestamp("2024-01-01")
#: Numbers with their bytes the other way round, as old files hold them; pandas 2 takes no columns out of such frames.
OTHER_ORDER = ">f8" if int(pd.__version__.split(".")[0]) >= 3 else "<f8"


def objects(cells: list[Any]) -> np.ndarray:
    """Return cells as they are, one a row, also where they are lists or tuples."""
    found = np.empty(len(cells), dtype=object)
    found[:] = [None] * len(cells)
    for place, cell in enumerate(cells):
        found[place] = cell
    return found


def of(*levels: Any) -> Callable[[Rng, int], Any]:
    """Return a maker of cells drawn from some levels."""
    return lambda rng, n: objects([levels[place] for place in rng.integers(0, len(levels), n)])


def holed(values: Any, rng: Rng, share: float = 0.2) -> pd.Series:
    return pd.Series(values).mask(rng.random(len(values)) < share)


#: What a feature may be made of.
FEATURES: dict[str, Callable[[Rng, int], Any]] = {
    "float": lambda rng, n: rng.normal(size=n),
    "float with holes": lambda rng, n: holed(rng.normal(size=n), rng),
    "float32": lambda rng, n: rng.normal(size=n).astype("float32"),
    "float16": lambda rng, n: rng.normal(size=n).astype("float16"),
    "longdouble": lambda rng, n: rng.normal(size=n).astype("longdouble"),
    "sparse float16": lambda rng, n: pd.arrays.SparseArray(rng.normal(size=n).astype("float16")),
    "another order of bytes": lambda rng, n: rng.normal(size=n).astype(OTHER_ORDER),
    "int": lambda rng, n: rng.integers(-5, 50, n),
    "int8": lambda rng, n: rng.integers(-100, 100, n).astype("int8"),
    "uint64": lambda rng, n: rng.integers(0, 9, n).astype("uint64") + np.uint64(2**63),
    "bool": lambda rng, n: rng.random(n) < 0.4,
    "Int64": lambda rng, n: holed(pd.array(rng.integers(0, 9, n), dtype="Int64"), rng),
    "Float64": lambda rng, n: holed(pd.array(rng.normal(size=n), dtype="Float64"), rng),
    "boolean": lambda rng, n: holed(pd.array(rng.random(n) < 0.4, dtype="boolean"), rng),
    "string[python]": lambda rng, n: pd.Series(of("a", "b", None)(rng, n), dtype="string[python]"),
    "text": of("red", "green", "blue"),
    "text with holes": of("red", "green", None),
    "text with nan and None": of("red", "green", None, np.nan, pd.NA),
    "category": lambda rng, n: pd.Categorical(of("a", "b", "c")(rng, n)),
    "category, ordered": lambda rng, n: pd.Categorical(
        of("lo", "hi")(rng, n), ["lo", "mid", "hi"], ordered=True
    ),
    "category, unused levels": lambda rng, n: pd.Categorical(
        of("a", "b", None)(rng, n), ["z", "b", "a", "q"]
    ),
    "category of numbers": lambda rng, n: pd.Categorical(rng.integers(0, 4, n)),
    "category of dates": lambda rng, n: pd.Categorical(DAY + pd.to_timedelta(rng.integers(0, 3, n), "D")),
    "category of everything": lambda rng, n: pd.Categorical(of(1, "1", 2.5, True)(rng, n)),
    "mixed": of(1, "1", 2.5, None, True, "x"),
    "mixed numbers": of(1, 2.5, None, 7),
    "objects of bool": of(True, False, None),
    "decimals": of(decimal.Decimal("1.5"), decimal.Decimal("2.25"), None),
    "fractions": lambda rng, n: objects([Fraction(int(each), 7) for each in rng.integers(0, 99, n)]),
    "numbers of all types": of(decimal.Decimal("0.5"), Fraction(1, 3), 0.25, 1, np.float16(0.75), None),
    "decimal scores": lambda rng, n: objects([decimal.Decimal(f"{each:.3f}") for each in rng.random(n)]),
    "no Unicode": lambda rng, n: pd.Series(of("a", "\ud800", None)(rng, n), dtype=object),
    "levels of 10 kB": of("a" * 10_000, "b" * 10_000),
    "big whole numbers": of(10**30, 10**29, 3),
    "bytes": of(b"a", b"b"),
    "tuples": of((1, 2), (3,), ()),
    "lists": of([1, 2], [3], []),
    "dicts": of({"a": 1}, {}),
    "sets": of({1}, frozenset({2})),
    "arrays": lambda rng, n: objects([np.arange(3.0) for _ in range(n)]),
    "ids": lambda rng, n: objects([str(uuid.UUID(int=int(place))) for place in rng.integers(0, 2**60, n)]),
    "sparse": lambda rng, n: pd.arrays.SparseArray(np.where(rng.random(n) < 0.8, 0.0, rng.normal(size=n))),
    "sparse int": lambda rng, n: pd.arrays.SparseArray(rng.integers(0, 2, n)),
    "sparse bool": lambda rng, n: pd.arrays.SparseArray(rng.random(n) < 0.3),
    "dates": lambda rng, n: DAY + pd.to_timedelta(rng.integers(0, 99, n), "D"),
    "dates with zone": lambda rng, n: (DAY + pd.to_timedelta(rng.integers(0, 99, n), "h")).tz_localize("UTC"),
    "timedeltas": lambda rng, n: pd.to_timedelta(rng.integers(0, 99, n), "h"),
    "periods": lambda rng, n: pd.PeriodIndex(DAY + pd.to_timedelta(rng.integers(0, 99, n), "D"), freq="M"),
    "intervals": lambda rng, n: pd.cut(rng.normal(size=n), [-9, 0, 1, 9]),
    "interval array": lambda rng, n: pd.arrays.IntervalArray.from_arrays(
        *(np.arange(n) % 3 + step for step in (0, 1))
    ),
    "plain dates": of(datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)),
    "times": of(datetime.time(1), datetime.time(2)),
    "complex": lambda rng, n: rng.normal(size=n) * 1j,
    "constant": lambda _, n: np.ones(n),
    "constant text": of("x"),
    "nan only": lambda _, n: np.full(n, np.nan),
    "None only": of(None),
    "one cell": lambda _, n: np.where(np.arange(n) == 0, 3.0, np.nan),
    "infinite": lambda rng, n: np.where(
        rng.random(n) < 0.1, rng.choice([np.inf, -np.inf], n), rng.normal(size=n)
    ),
    "huge": lambda rng, n: rng.uniform(-1, 1, size=n) * 1.7e308,
    "large": lambda rng, n: rng.normal(size=n) * 1e150,
    "denormal": lambda rng, n: rng.integers(0, 9, n) * 5e-324,
    "minus zero": lambda rng, n: rng.choice([0.0, -0.0, 1.0], n),
    "question marks": of("a", "b", "?"),
    "unknown": of("yes", "no", "unknown"),
    "blanks": of("a", "b", "", "  "),
    "-999": lambda rng, n: np.where(rng.random(n) < 0.3, -999.0, rng.normal(size=n)),
    "-1": lambda rng, n: np.where(rng.random(n) < 0.3, -1, rng.integers(0, 99, n)),
    "numbers as text": lambda rng, n: objects([str(each) for each in rng.integers(0, 6, n)]),
    "numbers as text, with ?": of("1", "2.5", "3", "?"),
    "one-letter words": lambda rng, n: objects([chr(97 + place) for place in rng.integers(0, 26, n)]),
    "a level a row": lambda _, n: pd.Categorical([f"level {place}" for place in range(n)]),
    "markup": of("<script>alert(1)</script>", '"; import os', "{{ 7 * 7 }}", "$x_1$", "\n"),
}
if HAS_ARROW:
    FEATURES |= {
        "pyarrow int": lambda rng, n: holed(pd.array(rng.integers(0, 9, n), dtype="int64[pyarrow]"), rng),
        "pyarrow float": lambda rng, n: holed(pd.array(rng.normal(size=n), dtype="double[pyarrow]"), rng),
        "pyarrow bool": lambda rng, n: holed(pd.array(rng.random(n) < 0.5, dtype="bool[pyarrow]"), rng),
        "pyarrow string": lambda rng, n: pd.Series(of("a", "b", None)(rng, n), dtype="string[pyarrow]"),
        "pyarrow text": lambda rng, n: pd.Series(of("a", "b", None)(rng, n)).astype(_arrow("string")),
        "pyarrow dates": lambda rng, n: pd.Series(DAY + pd.to_timedelta(rng.integers(0, 9, n), "D")).astype(
            "timestamp[ns][pyarrow]"
        ),
        "pyarrow date32": lambda rng, n: pd.Series(of(datetime.date(2024, 1, 1), None)(rng, n)).astype(
            _arrow("date32")
        ),
        "pyarrow decimal": lambda rng, n: pd.Series(
            of(decimal.Decimal("1.50"), decimal.Decimal("2.25"))(rng, n)
        ).astype(_arrow("decimal")),
        "pyarrow lists": lambda rng, n: pd.Series(of([1, 2], [3])(rng, n)).astype(_arrow("list")),
        "pyarrow dictionary": lambda rng, n: pd.Series(of("a", "b")(rng, n)).astype(_arrow("dictionary")),
        "pyarrow null": lambda _, n: pd.Series([None] * n, dtype="null[pyarrow]"),
    }


def _arrow(kind: str) -> Any:
    import pyarrow as pa

    kinds = {
        "string": pa.string(),
        "date32": pa.date32(),
        "decimal": pa.decimal128(6, 2),
        "list": pa.list_(pa.int64()),
        "dictionary": pa.dictionary(pa.int32(), pa.string()),
    }
    return pd.ArrowDtype(kinds[kind])


#: Labels of the classes, the largest first, and what the column is made of.
LABELS: dict[str, tuple[tuple[Hashable, ...], Callable[[np.ndarray], Any]]] = {
    "0 and 1": ((0, 1), lambda cells: cells.astype(int)),
    "text": (("no", "yes"), lambda cells: cells),
    "0 is rare": ((1, 0), lambda cells: cells.astype(int)),
    "bool": ((False, True), lambda cells: cells.astype(bool)),
    "False is rare": ((True, False), lambda cells: cells.astype(bool)),
    "0.0 and 1.0": ((0.0, 1.0), lambda cells: cells.astype(float)),
    "float16": ((0.0, 1.0), lambda cells: cells.astype("float16")),
    "longdouble": ((0.0, 1.0), lambda cells: cells.astype("longdouble")),
    "another order of bytes": ((0, 1), lambda cells: cells.astype(">i4")),
    "no Unicode": (("a", "\ud800"), lambda cells: pd.Series(cells, dtype=object)),
    "-1 and 1": ((-1, 1), lambda cells: cells.astype(int)),
    "no text is rare": (("x", ""), lambda cells: cells),
    "category": (("a", "b"), pd.Categorical),
    "category, ordered, unused levels": (
        ("hi", "lo"),
        lambda cells: pd.Categorical(cells, ["lo", "mid", "hi", "top"], ordered=True),
    ),
    "category of bool": ((False, True), pd.Categorical),
    "tuples": (((0, "a"), (1, "b")), lambda cells: cells),
    "Int64": ((0, 1), lambda cells: pd.array(cells, dtype="Int64")),
    "Float64": ((0.0, 1.0), lambda cells: pd.array(cells, dtype="Float64")),
    "boolean": ((False, True), lambda cells: pd.array(cells, dtype="boolean")),
    "string": (("no", "yes"), lambda cells: pd.array(cells, dtype="string[python]")),
    "bytes": ((b"no", b"yes"), lambda cells: cells),
    "1 and '1'": ((1, "1"), lambda cells: cells),
    "1 and True": ((0, True), lambda cells: cells),
    "mixed": ((0, "yes", 2.5), lambda cells: cells),
    "None as text": (("None", "nan"), lambda cells: cells),
    "markup": (("<script>alert(1)</script>", '"; import os'), lambda cells: cells),
    "dollars": (("$x_1$", "$\\frac{1}"), lambda cells: cells),
    "new lines": (("a\nb", "a\tb"), lambda cells: cells),
    "long": (("y" * 300, "n" * 300), lambda cells: cells),
    "100 kB": (("y" * 100_000, "n" * 100_000), lambda cells: cells),
    "unicode": (("läuft", "🔥"), lambda cells: cells),
    "int8": ((-128, 127), lambda cells: cells.astype("int8")),
    "large numbers": ((2**62, 2**62 + 1), lambda cells: cells.astype("int64")),
    "uint64": ((2**63, 2**63 + 1), lambda cells: cells.astype("uint64")),
    "sparse": ((0, 1), lambda cells: pd.arrays.SparseArray(cells.astype(int))),
    "three": (("a", "b", "c"), lambda cells: cells),
    "five numbers": ((0, 1, 2, 3, 4), lambda cells: cells.astype(int)),
    "thirty": (tuple(range(30)), lambda cells: cells.astype(int)),
    "intervals": ((pd.Interval(0, 1), pd.Interval(1, 2)), lambda cells: cells),
    "days": ((datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)), lambda cells: cells),
    "decimals": ((decimal.Decimal(0), decimal.Decimal(1)), lambda cells: cells),
    "ratios": ((Fraction(1, 2), Fraction(2, 3)), lambda cells: cells),
    "uuids": ((uuid.UUID(int=1), uuid.UUID(int=2)), lambda cells: cells),
    # what is no class
    "one class": (("no",), lambda cells: cells),
    "fractions": ((0.25, 0.5), lambda cells: cells.astype(float)),
    "infinite": ((0.0, np.inf), lambda cells: cells.astype(float)),
    "dates": ((DAY, DAY + pd.Timedelta("1D")), lambda cells: pd.to_datetime(pd.Series(cells))),
    "durations": ((pd.Timedelta("1D"), pd.Timedelta("2D")), lambda cells: pd.to_timedelta(pd.Series(cells))),
    "complex": ((1j, 2j), lambda cells: cells.astype(complex)),
    "nothing": ((None,), lambda cells: cells),
}
if HAS_ARROW:
    LABELS |= {
        "pyarrow int": ((0, 1), lambda cells: pd.array(cells, dtype="int64[pyarrow]")),
        "pyarrow bool": ((False, True), lambda cells: pd.array(cells, dtype="bool[pyarrow]")),
        "pyarrow string": (("no", "yes"), lambda cells: pd.Series(cells, dtype="string[pyarrow]")),
        "pyarrow text": (("no", "yes"), lambda cells: pd.Series(cells).astype(_arrow("string"))),
        "pyarrow dictionary": (("no", "yes"), lambda cells: pd.Series(cells).astype(_arrow("dictionary"))),
    }

_SPICE = ["", " ", "a'b", 'say "x"', "two\nlines", "naïve 🔥", "imb", "df", "index", "score", "<script>"]
_CODE = ['"; import os', "{{ 7 * 7 }}", "$x^2$", "np", "pd", "class", "probability", "__class__", "x[0]"]
#: Names of `k` columns, the target's last.
NAMES: dict[str, Callable[[int], list[Hashable] | pd.Index]] = {
    "plain": lambda k: [*(f"x{place}" for place in range(k - 1)), "y"],
    "spiced": lambda k: (_SPICE * 9)[:k] if k <= len(_SPICE) else [f"x {place}" for place in range(k)],
    "spiced, target first": lambda k: [f"{each} {place}" for place, each in enumerate((_SPICE * 9)[:k])][
        ::-1
    ],
    "code": lambda k: _CODE[:k] if k <= len(_CODE) else [f"x[{place}]" for place in range(k)],
    "numbers": lambda k: list(range(k)),
    "numbers and text": lambda k: [*range(k - 1), "y"],
    "text and a number": lambda k: [*(f"x{place}" for place in range(k - 1)), 7],
    "tuples": lambda k: pd.Index([("a", place) for place in range(k)], tupleize_cols=False),
    "levels": lambda k: pd.MultiIndex.from_tuples([("a", f"x{place}") for place in range(k)]),
    "dates": lambda k: list(pd.date_range("2024", periods=k)),
    "None and nan": lambda k: [*(f"x{place}" for place in range(k - 2)), *[None, np.nan][: k - 1], "y"][-k:],
    "bool": lambda k: [*(f"x{place}" for place in range(k - 2)), *[True, False][:k]],
    "twice": lambda k: ["x"] * (k - 1) + ["y"],
    "target twice": lambda k: [*(f"x{place}" for place in range(k - 2)), "y", "y"][:k] if k > 1 else ["y"],
    "long": lambda k: [f"{'name ' * 40}{place}" for place in range(k)],
    "no Unicode": lambda k: pd.Index([f"x\ud800{place}" for place in range(k)], dtype=object),
    "our words": lambda k: (
        (["rows", "share", "y_test", "X_train", "fold", "weight", "target", "label"] * 9)[:k]
        if k <= 8
        else [f"rows {place}" for place in range(k)]
    ),
}

#: What rows may be labelled with.
INDEXES: dict[str, Callable[[Rng, int], pd.Index]] = {
    "range": lambda _, n: pd.RangeIndex(n),
    "shuffled": lambda rng, n: pd.Index(rng.permutation(n)),
    "text": lambda _, n: pd.Index([f"<b>{place}</b>" for place in range(n)], name="y"),
    "twice": lambda _, n: pd.Index(np.arange(n) // 2),
    "all the same": lambda _, n: pd.Index(["same"] * n),
    "levels": lambda _, n: pd.MultiIndex.from_arrays(
        [np.arange(n) // 3, np.arange(n) % 3], names=["y", None]
    ),
    "dates": lambda _, n: pd.date_range("2024", periods=n, freq="h", tz="UTC"),
    "missing": lambda _, n: pd.Index([np.nan] * (n // 2) + list(range(n - n // 2)), dtype=object),
    "objects": lambda _, n: pd.Index(objects([(place,) for place in range(n)]), tupleize_cols=False),
    "categories": lambda _, n: pd.CategoricalIndex([f"c{place % 5}" for place in range(n)]),
}
