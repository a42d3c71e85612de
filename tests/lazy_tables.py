"""Tables that are read piece by piece, over Parquet parts: the same rows in each engine."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

#: The engines, by the modules that they need.
ENGINES = {
    "polars": ("polars", "pyarrow"),
    "duckdb": ("duckdb", "pyarrow"),
    "dask": ("dask.dataframe", "pyarrow"),
}


def rows_with_ids(rows: int = 3_000, positives: int = 60) -> pd.DataFrame:
    """Rows of two numbers with signal, a few missing, a word, labels, and ids that are no places."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat([0, 1], [rows - positives, positives]))
    a, b = rng.normal(size=(2, rows)).round(6)
    return pd.DataFrame(
        {
            "a": np.where(rng.random(rows) < 0.02, np.nan, a + 2 * y),
            "b": b,
            "word": rng.choice(["low", "mid", "high"], rows),
            "key": rng.permutation(rows) * 7 - rows,
            "name": [f"é{each}" for each in rng.permutation(rows)],
            "y": y,
        }
    )


def parts_of(frame: pd.DataFrame, folder: Path, parts: int = 3) -> Path:
    """Write a frame as Parquet parts of unequal lengths, in order; without pyarrow nobody can, and the test is skipped."""
    pytest.importorskip("pyarrow")
    folder.mkdir(exist_ok=True)
    ends = np.linspace(0, len(frame) ** 0.5, parts + 1) ** 2
    for place, (first, end) in enumerate(
        zip(ends.astype(int)[:-1], [*ends.astype(int)[1:-1], len(frame)], strict=True)
    ):
        frame.iloc[first:end].to_parquet(folder / f"part{place}.parquet", index=False)
    return folder


def opened(engine: str, folder: Path) -> Any:
    """Open Parquet parts with an engine, which is skipped where it is not installed."""
    for needed in ENGINES[engine]:
        pytest.importorskip(needed)
    library = importlib.import_module(ENGINES[engine][0])
    if engine == "polars":
        return library.scan_parquet(folder / "*.parquet")
    return library.read_parquet(f"{folder}/*.parquet") if engine == "duckdb" else library.read_parquet(folder)
