"""Values that stand beside a frame, a Series or an array of one cell for each row: how they come onto its rows, or into it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from imbalance_accessor.errors import IN_WORDS, Fix, change


def aligned(
    values: pd.Series, data: pd.DataFrame | pd.Series, name: str = "y", on: str = "df"
) -> tuple[str, str]:
    """Say how a Series comes onto the index of data, and write it: by its order, by its labels, or not at all."""
    named = values.index.is_unique and bool(data.index.isin(values.index).all())
    as_long = len(values) == len(data)
    # rows that are counted from 0 were once in the frame's order, and their labels would scramble them
    if as_long and (not named or _counts_from_zero(values.index)):
        said = "If its rows stand in the frame's order, give it the frame's index."
        other = f" If its labels name the frame's rows instead: {name}.reindex({on}.index)." if named else ""
        return said + other, f"{name} = {name}.set_axis({on}.index)"
    if named:
        return "If its labels name the frame's rows, take these.", f"{name} = {name}.reindex({on}.index)"
    one = {"y": "label", "sample_weight": "weight"}.get(name, "cell")
    return f"It needs one {one} for each row: take both from one frame.", ""


def _counts_from_zero(index: pd.Index) -> bool:
    return isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1


def beside(option: str, values: Any, data: pd.DataFrame) -> str:
    """Say how values that stand beside the frame, one for each row, become a column; nothing where they are none."""
    if not pd.api.types.is_list_like(values) or isinstance(values, set | dict | tuple | pd.DataFrame):
        return ""
    if np.ndim(values) != 1 or len(values) != len(data):
        return ""
    by_order = isinstance(values, pd.Series) and not values.index.equals(data.index)
    when, cells = (", if they stand in the same order", f"{option}.to_numpy()") if by_order else ("", option)
    return f" Put the values into the frame{when}: df = df.assign({option}={cells}), and name the column."


def put_beside(option: str, values: Any, data: pd.DataFrame) -> Fix:
    """Return the fix that puts such values into the frame, and names their column; empty where they are none."""
    if not beside(option, values, data):
        return IN_WORDS
    by_order = isinstance(values, pd.Series) and not values.index.equals(data.index)
    own = values.name if isinstance(values, pd.Series) else None
    if own is not None and own in data.columns and values.equals(data[own]):
        return change(**{option: own})
    name = free_column(option, data)
    return Fix(f"df = df.assign({name}={option}{'.to_numpy()' if by_order else ''})", {option: name})


def free_column(option: str, data: pd.DataFrame) -> str:
    """Return a name that no column has."""
    return option if option not in data.columns else free_column(f"{option}_", data)
